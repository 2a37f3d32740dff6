//! Plans that are kept: read, exported, approved by a second person where a rule asks for it, then applied as
//! they are, or refused because the world moved.

mod step;

pub(crate) use step::STATEMENTS as STEP_STATEMENTS;
pub use step::{Change, PlanStep, append_steps, steps};

use crate::connection::{self, Connection};
use crate::{Error, Result, Row, Tx, audit};
use serde_json::Value;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "key, id, workspace, connection, mode, state, approval, digest, watermark, scope, counts, created, created_by, \
         decided, decided_by, applied, cycle, reason"
    };
}

crate::statements! {
    INSERT = "INSERT INTO plan (key, id, workspace, connection, mode, state, approval, digest, watermark, scope, counts, \
              created, created_by, reason) VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8, $9, $10, $11, $12, '')";
    GET = concat!("SELECT ", columns!(), " FROM plan WHERE id = $1 AND workspace = $2");
    BY_KEY = concat!("SELECT ", columns!(), " FROM plan WHERE key = $1");
    LIST = concat!("SELECT ", columns!(), " FROM plan WHERE connection = $1 AND key < $2 ORDER BY key DESC LIMIT $3");
    DECIDE = "UPDATE plan SET state = $1, decided = $2, decided_by = $3, reason = $4 WHERE key = $5";
    APPLIED = "UPDATE plan SET state = 'applied', applied = $1, cycle = $2 WHERE key = $3 AND state IN ('open', 'approved')";
    MOVED = "UPDATE plan SET state = 'moved', decided = $1, reason = $2 WHERE key = $3 AND state IN ('open', 'approved')";
    SUPERSEDE = "UPDATE plan SET state = 'superseded', decided = $1 WHERE connection = $2 AND state IN ('open', 'approved')";
    SEAL = "UPDATE plan SET digest = $1 WHERE key = $2 AND digest = '' AND state = 'open'";
    WAITING = concat!("SELECT ", columns!(), " FROM plan WHERE connection = $1 AND state IN ('open', 'approved') \
               ORDER BY key DESC LIMIT 1");
    OVER = "SELECT key FROM plan WHERE created < $1 AND state NOT IN ('open', 'approved') ORDER BY key LIMIT $2";
    COUNT_STEPS = "SELECT COUNT(*) FROM plan_step WHERE plan = $1";
    DROP_STEPS = "DELETE FROM plan_step WHERE (plan, position) IN \
                  (SELECT plan, position FROM plan_step WHERE plan = $1 ORDER BY position LIMIT $2)";
    DROP = "DELETE FROM plan WHERE key = $1";
}

crate::word::words! {
    /// What became of a plan.
    State, "plan state":
    /// It waits: for approval where it needs one, else to be applied.
    Open = "open",
    /// A second person approved it.
    Approved = "approved",
    /// It was carried out.
    Applied = "applied",
    /// A person said no.
    Rejected = "rejected",
    /// The world moved: what it says is no longer what would be done.
    Moved = "moved",
    /// A newer plan, or a cycle, took its place.
    Superseded = "superseded",
}

/// A kept plan, without its steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The inside key.
    pub key: i64,
    /// The public id.
    pub id: Uuid,
    /// The workspace.
    pub workspace: i64,
    /// The connection.
    pub connection: i64,
    /// `initial`, `incremental` or `reconcile`.
    pub mode: String,
    /// What became of it.
    pub state: State,
    /// Whether a second person has to approve it.
    pub approval: bool,
    /// The digest over every step and its after-values.
    pub digest: String,
    /// The change-log position up to which it looked.
    pub watermark: i64,
    /// What it looked at, and the change that it was made for, as JSON.
    pub scope: Value,
    /// Its counts, as JSON.
    pub counts: Value,
    /// When it was made.
    pub created: i64,
    /// Who made it.
    pub created_by: String,
    /// When it was decided, or ceased to hold.
    pub decided: Option<i64>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When it was applied.
    pub applied: Option<i64>,
    /// The cycle that applied it.
    pub cycle: Option<i64>,
    /// Why it was rejected, or what moved.
    pub reason: String,
}

impl Plan {
    /// Whether it can still be decided or applied.
    pub fn is_waiting(&self) -> bool {
        matches!(self.state, State::Open | State::Approved)
    }

    /// Whether it may be applied now.
    pub fn is_ready(&self) -> bool {
        self.state == State::Approved || (self.state == State::Open && !self.approval)
    }
}

fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|e| Error::Damaged(format!("a kept plan: {e}")))
}

fn read(row: &Row) -> Result<Plan> {
    Ok(Plan {
        key: row.int(0)?,
        id: row.uuid(1)?,
        workspace: row.int(2)?,
        connection: row.int(3)?,
        mode: row.text(4)?,
        state: row.str(5)?.parse()?,
        approval: row.bool(6)?,
        digest: row.text(7)?,
        watermark: row.int(8)?,
        scope: json(row.str(9)?)?,
        counts: json(row.str(10)?)?,
        created: row.int(11)?,
        created_by: row.text(12)?,
        decided: row.int_or_null(13)?,
        decided_by: row.text_or_null(14)?,
        applied: row.int_or_null(15)?,
        cycle: row.int_or_null(16)?,
        reason: row.text(17)?,
    })
}

/// What a new plan is made of.
#[derive(Debug, Clone)]
pub struct NewPlan<'a> {
    /// The public id to give it.
    pub id: Uuid,
    /// `initial`, `incremental` or `reconcile`.
    pub mode: &'a str,
    /// Whether a second person has to approve it.
    pub approval: bool,
    /// The digest over every step and its after-values.
    pub digest: &'a str,
    /// The change-log position up to which it looked.
    pub watermark: i64,
    /// What it looked at, and the change that it was made for, as JSON.
    pub scope: &'a Value,
    /// Its counts, as JSON.
    pub counts: &'a Value,
}

/// Keeps a plan and answers its key; its steps follow by [`append_steps`].
///
/// # Errors
/// Any error of the database.
pub fn create(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, new: &NewPlan) -> Result<i64> {
    let key = tx.key();
    let (scope, counts) = (new.scope.to_string(), new.counts.to_string());
    let params = [
        key.into(),
        new.id.into(),
        connection.workspace.into(),
        connection.key.into(),
        new.mode.into(),
        new.approval.into(),
        new.digest.into(),
        new.watermark.into(),
        (&scope).into(),
        (&counts).into(),
        now.into(),
        actor.into(),
    ];
    tx.execute(INSERT, &params)?;
    let (workspace, name) = (connection.workspace, &connection.name);
    let detail = format!("plan {}, digest {}", new.id, new.digest);
    audit::append_named(tx, workspace, now, actor, "plan.create", name, &detail)?;
    Ok(key)
}

/// Gives a plan its digest once its last step is kept: one that was created without is not to be used before.
/// `false`: it has one, or a newer plan took its place meanwhile.
///
/// # Errors
/// Any error of the database.
pub fn seal(tx: &mut Tx, key: i64, digest: &str) -> Result<bool> {
    Ok(tx.execute(SEAL, &[digest.into(), key.into()])? > 0)
}

/// The workspace's plan with this public id.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, workspace: i64, id: Uuid) -> Result<Option<Plan>> {
    tx.first(GET, &[id.into(), workspace.into()], read)
}

/// The plan with this key.
///
/// # Errors
/// Any error of the database.
pub fn by_key(tx: &mut Tx, key: i64) -> Result<Option<Plan>> {
    tx.first(BY_KEY, &[key.into()], read)
}

/// A connection's plans with keys below `before` (none: from the newest), newest first.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64, before: Option<i64>, limit: i64) -> Result<Vec<Plan>> {
    let params = [connection.into(), before.unwrap_or(i64::MAX).into(), limit.into()];
    tx.query(LIST, &params, read)
}

/// The newest plan of a connection that waits to be decided or applied.
///
/// # Errors
/// Any error of the database.
pub fn waiting(tx: &mut Tx, connection: i64) -> Result<Option<Plan>> {
    tx.first(WAITING, &[connection.into()], read)
}

/// Approves or rejects a plan, with a reason for people. A plan that was approved can still be rejected.
///
/// # Errors
/// [`Error::Refused`]: `PRV-PLAN-SAME-PERSON` when who approves it also made it and a second person is asked
/// for; `PRV-PLAN-DECIDED` when it was decided, applied or replaced before.
pub fn decide(tx: &mut Tx, actor: &str, now: i64, key: i64, approve: bool, reason: &str) -> Result<()> {
    let plan = undecided(tx, key, approve)?;
    if approve && plan.approval && plan.created_by == actor {
        return Err(Error::refused(
            "PRV-PLAN-SAME-PERSON",
            format!("{actor} made this plan and cannot approve it"),
            "Ask a second person to approve it.",
        ));
    }
    let state = if approve { State::Approved } else { State::Rejected };
    let params = [
        state.as_str().into(),
        now.into(),
        actor.into(),
        reason.into(),
        key.into(),
    ];
    tx.execute(DECIDE, &params)?;
    let action = if approve { "plan.approve" } else { "plan.reject" };
    note(tx, actor, now, &plan, action, reason)
}

fn undecided(tx: &mut Tx, key: i64, approve: bool) -> Result<Plan> {
    let refused = |sentence: String| {
        let hint = "Make a new plan with `provost plan`.";
        Error::refused("PRV-PLAN-DECIDED", sentence, hint)
    };
    let plan = by_key(tx, key)?.ok_or_else(|| refused("this plan is no longer kept".into()))?;
    match (plan.state, approve) {
        (State::Open, _) | (State::Approved, false) => Ok(plan),
        (state, _) => Err(refused(format!("the plan {} is {state} already", plan.id))),
    }
}

fn note(tx: &mut Tx, actor: &str, now: i64, plan: &Plan, action: &str, reason: &str) -> Result<()> {
    let name = connection::by_key(tx, plan.connection)?
        .map(|c| c.name)
        .unwrap_or_default();
    let joint = if reason.is_empty() { "" } else { ": " };
    let detail = format!("plan {}, digest {}{joint}{reason}", plan.id, plan.digest);
    audit::append_named(tx, plan.workspace, now, actor, action, &name, &detail)
}

/// Notes that a plan was carried out by a cycle. `false`: it did not wait any more.
///
/// # Errors
/// Any error of the database.
pub fn set_applied(tx: &mut Tx, actor: &str, now: i64, plan: &Plan, cycle: i64) -> Result<bool> {
    let done = tx.execute(APPLIED, &[now.into(), cycle.into(), plan.key.into()])? > 0;
    if done {
        note(tx, actor, now, plan, "plan.apply", "")?;
    }
    Ok(done)
}

/// Notes that a plan was refused because the world moved, and what moved. `false`: it did not wait any more.
///
/// # Errors
/// Any error of the database.
pub fn set_moved(tx: &mut Tx, actor: &str, now: i64, plan: &Plan, reason: &str) -> Result<bool> {
    let done = tx.execute(MOVED, &[now.into(), reason.into(), plan.key.into()])? > 0;
    if done {
        note(tx, actor, now, plan, "plan.moved", reason)?;
    }
    Ok(done)
}

/// No plan of the connection waits any more, because a newer one or a cycle took its place. Answers how many
/// did.
///
/// # Errors
/// Any error of the database.
pub fn supersede(tx: &mut Tx, now: i64, connection: i64) -> Result<u64> {
    tx.execute(SUPERSEDE, &[now.into(), connection.into()])
}

/// Deletes plans that were made before `before` and wait for nothing, with at most `limit` steps or plans.
/// Answers how many rows went.
pub(crate) fn forget(tx: &mut Tx, before: i64, limit: i64) -> Result<i64> {
    let mut left = limit;
    for key in tx.query(OVER, &[before.into(), limit.into()], |r| r.int(0))? {
        let gone = tx.execute(DROP_STEPS, &[key.into(), left.into()])?;
        left -= i64::try_from(gone).unwrap_or(left);
        if left <= 0 {
            return Ok(limit);
        }
        tx.execute(DROP, &[key.into()])?;
        left -= 1;
    }
    Ok(limit - left)
}

/// How many steps a plan has.
///
/// # Errors
/// Any error of the database.
pub fn count_steps(tx: &mut Tx, plan: i64) -> Result<i64> {
    Ok(tx.first(COUNT_STEPS, &[plan.into()], |r| r.int(0))?.unwrap_or(0))
}
