//! Staged steps: what the guard holds until a person decides.

use crate::{Param, Result, Tx, audit};

macro_rules! columns {
    () => {
        "key, rule, object, member, action, label, digest, decision, created"
    };
}

crate::statements! {
    LIST = concat!("SELECT ", columns!(), " FROM staged_step WHERE connection = $1 ORDER BY key LIMIT $2");
    APPROVED = "SELECT rule, object, member, action FROM staged_step WHERE connection = $1 AND decision = 'approved' ORDER BY key";
    READY = "SELECT COUNT(*) FROM staged_step s WHERE s.connection = $1 AND s.decision = 'approved' AND NOT EXISTS \
             (SELECT 1 FROM retry r WHERE r.rule = s.rule AND r.object = s.object AND r.member = s.member)";
    COUNT = "SELECT COUNT(*) FROM staged_step WHERE connection = $1 AND decision = $2";
    DECIDE_ALL = "UPDATE staged_step SET decision = $1 WHERE connection = $2 AND digest = $3 AND decision = 'pending'";
    DECIDE_PENDING = "UPDATE staged_step SET decision = $1 WHERE connection = $2 AND decision = 'pending'";
    DECIDE_ONE = "UPDATE staged_step SET decision = $1 WHERE connection = $2 AND key = $3";
    AFTER = concat!("SELECT ", columns!(), " FROM staged_step WHERE connection = $1 AND key > $2 ORDER BY key LIMIT $3");
    GET = concat!("SELECT ", columns!(), " FROM staged_step WHERE connection = $1 AND key = $2");
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
    /// The member, the product of a licence, or 0.
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

fn read(row: &crate::Row) -> Result<StagedStep> {
    Ok(StagedStep {
        key: row.int(0)?,
        rule: row.int(1)?,
        object: row.int(2)?,
        member: row.int(3)?,
        action: row.text(4)?,
        label: row.text(5)?,
        digest: row.text(6)?,
        decision: Decision::of(row.str(7)?),
        created: row.int(8)?,
    })
}

/// Holds a step. A decision that was made for the same plan stays; a changed plan needs a new one.
///
/// # Errors
/// Any error of the database.
pub fn put(tx: &mut Tx, connection: i64, now: i64, step: &StagedStep) -> Result<()> {
    put_all(tx, connection, now, std::slice::from_ref(step))
}

/// Holds many steps by few statements. No two of them may be the same step.
///
/// # Errors
/// Any error of the database.
pub fn put_all(tx: &mut Tx, connection: i64, now: i64, steps: &[StagedStep]) -> Result<()> {
    let rows: Vec<(i64, &StagedStep)> = steps.iter().map(|step| (tx.key(), step)).collect();
    tx.batches(
        &[],
        &rows,
        |(key, step)| {
            [
                Param::Int(*key),
                connection.into(),
                step.rule.into(),
                step.object.into(),
                step.member.into(),
                step.action.as_str().into(),
                step.label.as_str().into(),
                step.digest.as_str().into(),
                Decision::Pending.name().into(),
                now.into(),
            ]
        },
        |list| {
            format!(
                "INSERT INTO staged_step (key, connection, rule, object, member, action, label, digest, decision, created) \
                 VALUES {list} ON CONFLICT (connection, rule, object, member, action) DO UPDATE SET \
                 decision = CASE WHEN staged_step.digest = excluded.digest THEN staged_step.decision ELSE 'pending' END, \
                 digest = excluded.digest, label = excluded.label"
            )
        },
        |_| Ok(()),
    )
}

/// A connection's staged steps, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64, limit: i64) -> Result<Vec<StagedStep>> {
    tx.query(LIST, &[connection.into(), limit.into()], read)
}

/// A connection's staged steps with keys above `after`, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn page(tx: &mut Tx, connection: i64, after: i64, limit: i64) -> Result<Vec<StagedStep>> {
    tx.query(AFTER, &[connection.into(), after.into(), limit.into()], read)
}

/// One staged step of a connection.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, connection: i64, key: i64) -> Result<Option<StagedStep>> {
    tx.first(GET, &[connection.into(), key.into()], read)
}

/// An approved step, to be carried out by the next cycle.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Approved {
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// The member, the product of a licence, or 0.
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

/// Decides one step; a decision can be changed until the step is carried out. `false`: the connection has no
/// such step.
///
/// # Errors
/// Any error of the database.
pub fn decide_one(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &crate::connection::Connection,
    key: i64,
    decision: Decision,
) -> Result<bool> {
    let Some(step) = get(tx, connection.key, key)? else {
        return Ok(false);
    };
    let params = [decision.name().into(), connection.key.into(), key.into()];
    tx.execute(DECIDE_ONE, &params)?;
    let action = format!("staged.{}", decision.name());
    let detail = format!("{} {} (object {})", step.action, step.label, step.object);
    let (workspace, name) = (connection.workspace, &connection.name);
    audit::append_named(tx, workspace, now, actor, &action, name, &detail)?;
    Ok(true)
}

/// Decides every pending step, of whichever plan, and answers how many there were.
///
/// # Errors
/// Any error of the database.
pub fn decide_all(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &crate::connection::Connection,
    decision: Decision,
) -> Result<u64> {
    let rows = tx.execute(DECIDE_PENDING, &[decision.name().into(), connection.key.into()])?;
    let action = format!("staged.{}", decision.name());
    let detail = format!("all {rows} steps");
    let (workspace, name) = (connection.workspace, &connection.name);
    audit::append_named(tx, workspace, now, actor, &action, name, &detail)?;
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

/// Many steps of a rule, as (object, member), have been carried out or are no longer wanted, whatever the
/// action.
///
/// # Errors
/// Any error of the database.
pub fn remove_all(tx: &mut Tx, connection: i64, rule: i64, steps: &[(i64, i64)]) -> Result<()> {
    for group in crate::steps::grouped(steps) {
        let (alike, listed) = (group.alike, group.listed);
        let text = |list: &str| {
            format!(
                "DELETE FROM staged_step WHERE connection = $1 AND rule = $2 AND {alike} = $3 AND {listed} IN ({list})"
            )
        };
        let params = [connection.into(), rule.into(), group.value.into()];
        tx.batches(&params, &group.keys, |key| [Param::Int(*key)], text, |_| Ok(()))?;
    }
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
