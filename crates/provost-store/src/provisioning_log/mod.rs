//! The provisioning log: what happened to each object in each target, step by step.

mod search;
mod trace;

pub(crate) use search::STATEMENTS as SEARCH_STATEMENTS;
pub use search::{Asked, Page, search};
pub use trace::{Modified, RECEIPTS, Receipt, Step, Trace};

use crate::directory::{kind_number, kind_of};
use crate::{Error, Param, Result, Tx, retention};
use provost_engine::object::Kind;
use uuid::Uuid;

/// The columns of [`Entry`], in its order.
macro_rules! columns {
    () => {
        "key, at, connection, cycle, kind, object, object_id, label, action, status, reason, detail, code, target_id, \
         change_id, micros, initiator, trace"
    };
}
use columns;

crate::statements! {
    OF_CONNECTION = concat!("SELECT ", columns!(), " FROM provisioning_log WHERE connection = $1 ORDER BY key DESC LIMIT $2");
    OF_OBJECT = concat!("SELECT ", columns!(), " FROM provisioning_log WHERE object = $1 ORDER BY key DESC LIMIT $2");
    OF_CYCLE = concat!("SELECT ", columns!(), " FROM provisioning_log WHERE cycle = $1 AND key > $2 ORDER BY key LIMIT $3");
    REMOVALS = "SELECT action, COUNT(*) FROM provisioning_log WHERE connection = $1 AND at > $2 \
                AND action IN ('delete', 'disable', 'remove member', 'remove licence') AND status = 'success' GROUP BY action";
    BY_HAND = "SELECT at, label, action FROM provisioning_log WHERE connection = $1 AND initiator <> 'provost' \
               ORDER BY key DESC LIMIT 1";
    OLDEST = "SELECT key, at FROM provisioning_log WHERE workspace = $1 ORDER BY key LIMIT $2";
    DELETE = "DELETE FROM provisioning_log WHERE workspace = $1 AND key <= $2";
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The inside key; rises with time. 0 before it is stored.
    pub key: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The connection.
    pub connection: i64,
    /// The cycle it happened in; 0 outside of one.
    pub cycle: i64,
    /// Person or group.
    pub kind: Kind,
    /// The object's key; 0 where it has none.
    pub object: i64,
    /// The object's public id.
    pub object_id: Uuid,
    /// What to call it.
    pub label: String,
    /// The step's action, in the engine's words: `create`, `add member`, `remove licence`, and so on.
    pub action: String,
    /// `success`, `failure`, `skipped` or `warning`.
    pub status: String,
    /// Why, for people.
    pub reason: String,
    /// The modified attributes' names, or the name of the member or of the licence's product. Never a secret.
    pub detail: String,
    /// The stable word for a failure, `PRV-…`; empty where there is none.
    pub code: String,
    /// The object's id in the target; empty where it is not known.
    pub target_id: String,
    /// One id for everything that was done to an object at once.
    pub change_id: Option<Uuid>,
    /// How long it took, in microseconds.
    pub micros: i64,
    /// Who began it: `provost` for what runs by itself, else a person or a token.
    pub initiator: String,
    /// The steps, and what was modified.
    pub trace: Trace,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            key: 0,
            at: 0,
            connection: 0,
            cycle: 0,
            kind: Kind::Person,
            object: 0,
            object_id: Uuid::nil(),
            label: String::new(),
            action: String::new(),
            status: String::new(),
            reason: String::new(),
            detail: String::new(),
            code: String::new(),
            target_id: String::new(),
            change_id: None,
            micros: 0,
            initiator: "provost".to_owned(),
            trace: Trace::default(),
        }
    }
}

/// Writes a line.
///
/// # Errors
/// Any error of the database.
pub fn append(tx: &mut Tx, workspace: i64, entry: &Entry) -> Result<()> {
    append_all(tx, workspace, std::slice::from_ref(entry))
}

/// Writes many lines by few statements, in their order.
///
/// # Errors
/// Any error of the database.
pub fn append_all(tx: &mut Tx, workspace: i64, entries: &[Entry]) -> Result<()> {
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let trace = serde_json::to_string(entry.trace.bounded().as_ref())
            .map_err(|e| Error::Damaged(e.to_string()))?;
        rows.push((tx.key(), entry, trace));
    }
    tx.batches(
        &[],
        &rows,
        |(key, entry, trace)| params(*key, workspace, entry, trace),
        |list| {
            format!(
                "INSERT INTO provisioning_log ({}, workspace) VALUES {list}",
                columns!()
            )
        },
        |_| Ok(()),
    )
}

fn params<'a>(key: i64, workspace: i64, entry: &'a Entry, trace: &'a str) -> [Param<'a>; 19] {
    [
        key.into(),
        entry.at.into(),
        entry.connection.into(),
        entry.cycle.into(),
        kind_number(entry.kind).into(),
        entry.object.into(),
        entry.object_id.into(),
        entry.label.as_str().into(),
        entry.action.as_str().into(),
        entry.status.as_str().into(),
        entry.reason.as_str().into(),
        entry.detail.as_str().into(),
        entry.code.as_str().into(),
        entry.target_id.as_str().into(),
        entry.change_id.into(),
        entry.micros.into(),
        entry.initiator.as_str().into(),
        trace.into(),
        workspace.into(),
    ]
}

fn read(row: &crate::Row) -> Result<Entry> {
    Ok(Entry {
        key: row.int(0)?,
        at: row.int(1)?,
        connection: row.int(2)?,
        cycle: row.int(3)?,
        kind: kind_of(row.int(4)?),
        object: row.int(5)?,
        object_id: row.uuid_or_null(6)?.unwrap_or_default(),
        label: row.text(7)?,
        action: row.text(8)?,
        status: row.text(9)?,
        reason: row.text(10)?,
        detail: row.text(11)?,
        code: row.text(12)?,
        target_id: row.text(13)?,
        change_id: row.uuid_or_null(14)?,
        micros: row.int(15)?,
        initiator: row.text(16)?,
        trace: serde_json::from_str(row.str(17)?).map_err(|e| Error::Damaged(e.to_string()))?,
    })
}

/// A connection's newest lines, newest first.
///
/// # Errors
/// Any error of the database.
pub fn of_connection(tx: &mut Tx, connection: i64, limit: i64) -> Result<Vec<Entry>> {
    tx.query(OF_CONNECTION, &[connection.into(), limit.into()], read)
}

/// What a person, or another program, did last in a connection; the engine's own lines are passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// Milliseconds since 1970.
    pub at: i64,
    /// What the object is called.
    pub label: String,
    /// The step's action.
    pub action: String,
}

/// The newest line of a connection that the engine did not begin by itself.
///
/// # Errors
/// Any error of the database.
pub fn newest_by_hand(tx: &mut Tx, connection: i64) -> Result<Option<ByHand>> {
    tx.first(BY_HAND, &[connection.into()], |row| {
        Ok(ByHand {
            at: row.int(0)?,
            label: row.text(1)?,
            action: row.text(2)?,
        })
    })
}

/// An object's newest lines in every target, newest first, also when it is gone.
///
/// # Errors
/// Any error of the database.
pub fn of_object(tx: &mut Tx, object: i64, limit: i64) -> Result<Vec<Entry>> {
    tx.query(OF_OBJECT, &[object.into(), limit.into()], read)
}

/// A cycle's lines with keys above `after`, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn of_cycle(tx: &mut Tx, cycle: i64, after: i64, limit: i64) -> Result<Vec<Entry>> {
    tx.query(OF_CYCLE, &[cycle.into(), after.into(), limit.into()], read)
}

/// How many objects, memberships and licences were taken away in the target since a moment: the guard's rolling counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removals {
    /// Accounts and groups that were deleted or disabled.
    pub objects: i64,
    /// Memberships that were removed.
    pub members: i64,
    /// Licences that were taken back.
    pub licences: i64,
}

/// Counts the removals of a connection after `since`, across cycles and restarts. What was restored since
/// still counts: it was taken away.
///
/// # Errors
/// Any error of the database.
pub fn removals_since(tx: &mut Tx, connection: i64, since: i64) -> Result<Removals> {
    let mut removals = Removals::default();
    tx.for_each(REMOVALS, &[connection.into(), since.into()], |r| {
        let rows = r.int(1)?;
        match r.str(0)? {
            "remove member" => removals.members += rows,
            "remove licence" => removals.licences += rows,
            _ => removals.objects += rows,
        }
        Ok(true)
    })?;
    Ok(removals)
}

/// Deletes the workspace's oldest lines that were written before `before`, at most `limit`. Answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget(tx: &mut Tx, workspace: i64, before: i64, limit: i64) -> Result<i64> {
    retention::forget_oldest(tx, (OLDEST, DELETE), workspace, before, limit)
}
