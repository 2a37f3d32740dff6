//! How far each object of a rule is synchronised, in PingOne's words: impacted, success, unsynced, partially
//! synced, failed. Only what is not as the rule wants it has a row; a linked object without one is a success. So
//! the numbers always add up, and a cycle in which all is well writes nothing here.

mod list;

pub(crate) use list::STATEMENTS as LIST_STATEMENTS;
pub use list::{Asked, Listed, Page, list};

use crate::{Param, Result, Row, Tx};
use serde::{Deserialize, Serialize};

macro_rules! columns {
    () => {
        "rule, object, state, code, reason, since"
    };
}

crate::statements! {
    OF_OBJECT = concat!("SELECT ", columns!(), " FROM sync_status WHERE object = $1 ORDER BY rule");
    GET = concat!("SELECT ", columns!(), " FROM sync_status WHERE rule = $1 AND object = $2");
    CLEAR = "DELETE FROM sync_status WHERE rule = $1 AND object = $2";
    CLEAR_RULE = "DELETE FROM sync_status WHERE rule = $1";
    FORGET = "DELETE FROM sync_status WHERE object = $1";
    COUNT = "SELECT s.state, COUNT(*), COUNT(l.object) FROM sync_status s \
             LEFT JOIN link l ON l.rule = s.rule AND l.object = s.object WHERE s.rule = $1 GROUP BY s.state";
    LINKS = "SELECT COUNT(*) FROM link WHERE rule = $1";
    OBJECTS = "SELECT object FROM sync_status WHERE rule = $1 AND object > $2 ORDER BY object LIMIT $3";
}

crate::word::words! {
    /// Why an object is not, or not wholly, as the rule wants it.
    State, "synchronisation state":
    /// It has no account, because the connection or the rule may not create one, or somebody has to decide first.
    Unsynced = "unsynced",
    /// It has an account, but a part of what it should be may not be written, or waits.
    Partial = "partial",
    /// The last try failed; it is tried again.
    Failed = "failed",
}

/// What stands about one object under a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// What is the matter.
    pub state: State,
    /// The stable word for the reason, `PRV-…`.
    pub code: String,
    /// Why, for people.
    pub reason: String,
    /// Since when it is in this state; [`put`] keeps the time while the state stays.
    pub since: i64,
}

fn read(row: &Row) -> Result<Entry> {
    Ok(Entry {
        rule: row.int(0)?,
        object: row.int(1)?,
        state: row.str(2)?.parse()?,
        code: row.text(3)?,
        reason: row.text(4)?,
        since: row.int(5)?,
    })
}

/// Notes that objects are not as the rule wants them, by few statements; no two of the same rule and object.
/// [`Entry::since`] is not read.
///
/// # Errors
/// Any error of the database.
pub fn put(tx: &mut Tx, now: i64, entries: &[Entry]) -> Result<()> {
    tx.batches(
        &[],
        entries,
        |entry| {
            [
                entry.rule.into(),
                entry.object.into(),
                entry.state.as_str().into(),
                (&entry.code).into(),
                (&entry.reason).into(),
                now.into(),
            ]
        },
        |list| {
            format!(
                "INSERT INTO sync_status ({}) VALUES {list} ON CONFLICT (rule, object) DO UPDATE SET \
                 since = CASE WHEN sync_status.state = excluded.state THEN sync_status.since ELSE excluded.since END, \
                 state = excluded.state, code = excluded.code, reason = excluded.reason",
                columns!()
            )
        },
        |_| Ok(()),
    )
}

/// Objects are as the rule wants them, or it is not meant for them any more.
///
/// # Errors
/// Any error of the database.
pub fn clear(tx: &mut Tx, rule: i64, objects: &[i64]) -> Result<()> {
    if let [object] = objects {
        tx.execute(CLEAR, &[rule.into(), (*object).into()])?;
        return Ok(());
    }
    tx.batches(
        &[rule.into()],
        objects,
        |object| [Param::Int(*object)],
        |list| format!("DELETE FROM sync_status WHERE rule = $1 AND object IN ({list})"),
        |_| Ok(()),
    )
}

/// Forgets what stands about a rule's objects: before a cycle looks at all of them anew.
///
/// # Errors
/// Any error of the database.
pub fn clear_rule(tx: &mut Tx, rule: i64) -> Result<()> {
    tx.execute(CLEAR_RULE, &[rule.into()])?;
    Ok(())
}

/// What stands about one object under a rule; none for a success, and for who is not meant.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, rule: i64, object: i64) -> Result<Option<Entry>> {
    tx.first(GET, &[rule.into(), object.into()], read)
}

/// What stands about one object under every rule.
///
/// # Errors
/// Any error of the database.
pub fn of_object(tx: &mut Tx, object: i64) -> Result<Vec<Entry>> {
    tx.query(OF_OBJECT, &[object.into()], read)
}

/// Which of these objects have a row, so that a success writes only where something stood.
///
/// # Errors
/// Any error of the database.
pub fn among(tx: &mut Tx, rule: i64, objects: &[i64]) -> Result<std::collections::HashSet<i64>> {
    let mut found = std::collections::HashSet::new();
    tx.batches(
        &[rule.into()],
        objects,
        |object| [Param::Int(*object)],
        |list| format!("SELECT object FROM sync_status WHERE rule = $1 AND object IN ({list})"),
        |row| {
            found.insert(row.int(0)?);
            Ok(())
        },
    )?;
    Ok(found)
}

/// A stretch of the objects of a rule that have a row, with keys above `after`, in their order.
///
/// # Errors
/// Any error of the database.
pub fn objects(tx: &mut Tx, rule: i64, after: i64, limit: i64) -> Result<Vec<i64>> {
    tx.query(OBJECTS, &[rule.into(), after.into(), limit.into()], |r| r.int(0))
}

/// How many objects of a rule are in each state. `impacted` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Everybody the rule is meant for, as far as cycles have come.
    pub impacted: i64,
    /// Linked, and as the rule wants them.
    pub success: i64,
    /// Without an account although they should have one.
    pub unsynced: i64,
    /// With an account that is not wholly as it should be.
    pub partially_synced: i64,
    /// The last try failed.
    pub failed: i64,
}

/// Counts the objects of a rule. The links are counted in an index, without a look at the rows, and only objects
/// with a row here are looked up among them, in the index too. A million links take about 50 ms on SQLite and 95 ms
/// on PostgreSQL (2 cores); each row here half a microsecond, or two.
///
/// # Errors
/// Any error of the database.
pub fn counts(tx: &mut Tx, rule: i64) -> Result<Counts> {
    let links = tx.first(LINKS, &[rule.into()], |r| r.int(0))?.unwrap_or(0);
    let mut counts = Counts {
        success: links,
        ..Counts::default()
    };
    tx.for_each(COUNT, &[rule.into()], |r| {
        let (rows, linked) = (r.int(1)?, r.int(2)?);
        match r.str(0)?.parse()? {
            State::Unsynced => counts.unsynced = rows,
            State::Partial => counts.partially_synced = rows,
            State::Failed => counts.failed = rows,
        }
        counts.success -= linked;
        Ok(true)
    })?;
    counts.impacted = counts.success + counts.unsynced + counts.partially_synced + counts.failed;
    Ok(counts)
}

/// Forgets an object that is gone for good.
pub(crate) fn forget(tx: &mut Tx, object: i64) -> Result<()> {
    tx.execute(FORGET, &[object.into()])?;
    Ok(())
}
