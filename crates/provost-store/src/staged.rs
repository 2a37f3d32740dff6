//! Staged steps: what the guard holds until a person decides.

use crate::{Result, Tx, audit};

crate::statements! {
    PUT = "INSERT INTO staged_step (key, connection, rule, object, member, action, label, digest, decision, created) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', $9) \
           ON CONFLICT (connection, rule, object, member, action) DO UPDATE SET \
           decision = CASE WHEN staged_step.digest = excluded.digest THEN staged_step.decision ELSE 'pending' END, \
           digest = excluded.digest, label = excluded.label";
    LIST = "SELECT key, rule, object, member, action, label, digest, decision, created FROM staged_step \
            WHERE connection = $1 ORDER BY key LIMIT $2";
    APPROVED = "SELECT rule, object, member, action FROM staged_step WHERE connection = $1 AND decision = 'approved' ORDER BY key";
    READY = "SELECT COUNT(*) FROM staged_step s WHERE s.connection = $1 AND s.decision = 'approved' AND NOT EXISTS \
             (SELECT 1 FROM retry r WHERE r.rule = s.rule AND r.object = s.object AND r.member = s.member)";
    COUNT = "SELECT COUNT(*) FROM staged_step WHERE connection = $1 AND decision = $2";
    DECIDE_ALL = "UPDATE staged_step SET decision = $1 WHERE connection = $2 AND digest = $3 AND decision = 'pending'";
    DECISION = "SELECT decision, digest FROM staged_step WHERE connection = $1 AND rule = $2 AND object = $3 \
                AND member = $4 AND action = $5";
    REMOVE = "DELETE FROM staged_step WHERE connection = $1 AND rule = $2 AND object = $3 AND member = $4 AND action = $5";
    CLEAR = "DELETE FROM staged_step WHERE connection = $1";
}

/// What a person has said of a staged step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    Pending,
    /// Do it.
    Approved,
    /// Do not do it.
    Rejected,
}

impl Decision {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Decision::Pending => "pending",
            Decision::Approved => "approved",
            Decision::Rejected => "rejected",
        }
    }

    fn of(text: &str) -> Self {
        match text {
            "approved" => Decision::Approved,
            "rejected" => Decision::Rejected,
            _ => Decision::Pending,
        }
    }
}

/// A step that the guard holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedStep {
    /// The inside key; 0 before it is stored.
    pub key: i64,
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// The member, or 0.
    pub member: i64,
    /// What would be done.
    pub action: String,
    /// To whom.
    pub label: String,
    /// The digest of the plan it belongs to: an approval is bound to it.
    pub digest: String,
    /// What a person has said.
    pub decision: Decision,
    /// When it was first held.
    pub created: i64,
}

/// Holds a step. A decision that was made for the same plan stays; a changed plan needs a new one.
///
/// # Errors
/// Any error of the database.
pub fn put(tx: &mut Tx, connection: i64, now: i64, step: &StagedStep) -> Result<()> {
    let key = tx.key();
    let params = [
        key.into(),
        connection.into(),
        step.rule.into(),
        step.object.into(),
        step.member.into(),
        (&step.action).into(),
        (&step.label).into(),
        (&step.digest).into(),
        now.into(),
    ];
    tx.execute(PUT, &params)?;
    Ok(())
}

/// A connection's staged steps, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64, limit: i64) -> Result<Vec<StagedStep>> {
    tx.query(LIST, &[connection.into(), limit.into()], |r| {
        Ok(StagedStep {
            key: r.int(0)?,
            rule: r.int(1)?,
            object: r.int(2)?,
            member: r.int(3)?,
            action: r.text(4)?,
            label: r.text(5)?,
            digest: r.text(6)?,
            decision: Decision::of(r.str(7)?),
            created: r.int(8)?,
        })
    })
}

/// An approved step, to be carried out by the next cycle.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Approved {
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// The member, or 0.
    pub member: i64,
    /// What is to be done.
    pub action: String,
}

/// A connection's approved steps.
///
/// # Errors
/// Any error of the database.
pub fn approved(tx: &mut Tx, connection: i64) -> Result<Vec<Approved>> {
    tx.query(APPROVED, &[connection.into()], |r| {
        Ok(Approved {
            rule: r.int(0)?,
            object: r.int(1)?,
            member: r.int(2)?,
            action: r.text(3)?,
        })
    })
}

/// How many approved steps can be carried out now: those that have not failed since.
///
/// # Errors
/// Any error of the database.
pub fn ready(tx: &mut Tx, connection: i64) -> Result<i64> {
    Ok(tx.first(READY, &[connection.into()], |r| r.int(0))?.unwrap_or(0))
}

/// How many steps have this decision.
///
/// # Errors
/// Any error of the database.
pub fn count(tx: &mut Tx, connection: i64, decision: Decision) -> Result<i64> {
    Ok(tx
        .first(COUNT, &[connection.into(), decision.name().into()], |r| r.int(0))?
        .unwrap_or(0))
}

/// Decides every pending step of the plan with this digest, and answers how many there were.
///
/// # Errors
/// Any error of the database.
pub fn decide(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &crate::connection::Connection,
    digest: &str,
    decision: Decision,
) -> Result<u64> {
    let rows = tx.execute(
        DECIDE_ALL,
        &[decision.name().into(), connection.key.into(), digest.into()],
    )?;
    let action = format!("staged.{}", decision.name());
    let detail = format!("plan {digest}, {rows} steps");
    audit::append_named(
        tx,
        connection.workspace,
        now,
        actor,
        &action,
        &connection.name,
        &detail,
    )?;
    Ok(rows)
}

/// What was decided about one step, and for which plan.
///
/// # Errors
/// Any error of the database.
pub fn decision(tx: &mut Tx, connection: i64, step: &StagedStep) -> Result<Option<(Decision, String)>> {
    let params = [
        connection.into(),
        step.rule.into(),
        step.object.into(),
        step.member.into(),
        (&step.action).into(),
    ];
    tx.first(DECISION, &params, |r| Ok((Decision::of(r.str(0)?), r.text(1)?)))
}

/// The step has been carried out, or is no longer wanted.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, connection: i64, rule: i64, object: i64, member: i64, action: &str) -> Result<()> {
    tx.execute(
        REMOVE,
        &[
            connection.into(),
            rule.into(),
            object.into(),
            member.into(),
            action.into(),
        ],
    )?;
    Ok(())
}

/// Nothing is held any more.
///
/// # Errors
/// Any error of the database.
pub fn clear(tx: &mut Tx, connection: i64) -> Result<()> {
    tx.execute(CLEAR, &[connection.into()])?;
    Ok(())
}
