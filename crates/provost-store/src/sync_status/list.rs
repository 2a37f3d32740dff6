//! The lists behind the numbers.

use super::State;
use crate::{Param, Result, Row, Tx};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

crate::statements! {
    LINKED = "SELECT object FROM link WHERE rule = $1 AND object > $2 ORDER BY object LIMIT $3";
    ANY = "SELECT object FROM sync_status WHERE rule = $1 AND object > $2 ORDER BY object LIMIT $3";
    BETWEEN = "SELECT object FROM sync_status WHERE rule = $1 AND object > $2 AND object <= $3";
    IN_STATE = "SELECT object FROM sync_status WHERE rule = $1 AND state = $2 AND object > $3 ORDER BY object LIMIT $4";
}

/// Rows that are read at once.
const CHUNK: usize = 500;
/// Rows that one search looks at; the answer says where to go on.
const LOOKED_AT: usize = 20_000;

crate::word::words! {
    /// Which number's list is asked for.
    Asked, "synchronisation status":
    /// Everybody.
    Impacted = "impacted",
    /// Who is as the rule wants.
    Success = "success",
    /// Who has no account.
    Unsynced = "unsynced",
    /// Whose account is not wholly as it should be.
    PartiallySynced = "partially_synced",
    /// Whose last try failed.
    Failed = "failed",
}

impl Asked {
    /// The state that rows of this list have; none for a list that is not made of rows.
    fn state(self) -> Option<State> {
        match self {
            Asked::Impacted | Asked::Success => None,
            Asked::Unsynced => Some(State::Unsynced),
            Asked::PartiallySynced => Some(State::Partial),
            Asked::Failed => Some(State::Failed),
        }
    }
}

impl From<Option<State>> for Asked {
    fn from(state: Option<State>) -> Self {
        match state {
            None => Asked::Success,
            Some(State::Unsynced) => Asked::Unsynced,
            Some(State::Partial) => Asked::PartiallySynced,
            Some(State::Failed) => Asked::Failed,
        }
    }
}

/// An object as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The object's key.
    pub object: i64,
    /// Its public id; none once it is gone from the directory and was never linked.
    pub id: Option<Uuid>,
    /// What to call it.
    pub label: String,
    /// The account's id in the target; empty without one.
    pub target_id: String,
    /// How it stands; never [`Asked::Impacted`].
    pub status: Asked,
    /// The stable word for the reason; empty for a success.
    pub code: String,
    /// Why, for people; empty for a success.
    pub reason: String,
    /// Since when; for a success, when the account was last written.
    pub since: i64,
}

/// A page of a list, in the order of the objects' keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The objects.
    pub objects: Vec<Listed>,
    /// Where to go on (`after`); none at the end. A page may have fewer objects than were asked for, even none,
    /// and still go on: one search looks at 20,000 rows at most.
    pub next: Option<i64>,
}

/// A page of a rule's objects in a state, with keys above `after`.
///
/// # Errors
/// [`crate::Error::Timeout`]; any error of the database.
pub fn list(tx: &mut Tx, rule: i64, asked: Asked, after: Option<i64>, limit: usize) -> Result<Page> {
    let limit = limit.max(1);
    let mut place = after.unwrap_or(i64::MIN);
    // Most lists begin with what is asked for: the first look is no larger than the page.
    let (mut keys, mut looked_at, mut size) = (Vec::new(), 0, CHUNK.min(limit + 1));
    let next = loop {
        tx.keep_time()?;
        let found = stretch(tx, rule, asked, place, size)?;
        let is_last = found.len() < size;
        looked_at += found.len();
        let last = found.last().copied().unwrap_or(place);
        keys.extend(fitting(tx, rule, asked, (place, last), found)?);
        if keys.len() > limit {
            keys.truncate(limit);
            break keys.last().copied();
        }
        if is_last {
            break None;
        }
        place = last;
        if looked_at >= LOOKED_AT {
            break Some(place);
        }
        size = CHUNK;
    };
    Ok(Page {
        objects: describe(tx, rule, &keys)?.into_values().collect(),
        next,
    })
}

/// The next keys, in order, those among them that may not fit. Two sorted stretches are put together here, because
/// a database may sort the whole of both.
fn stretch(tx: &mut Tx, rule: i64, asked: Asked, after: i64, size: usize) -> Result<Vec<i64>> {
    let (rule, after, most) = (Param::Int(rule), Param::Int(after), Param::Int(size as i64));
    if let Some(state) = asked.state() {
        return tx.query(IN_STATE, &[rule, state.as_str().into(), after, most], |r| {
            r.int(0)
        });
    }
    let mut keys = tx.query(LINKED, &[rule, after, most], |r| r.int(0))?;
    if asked == Asked::Impacted {
        keys.extend(tx.query(ANY, &[rule, after, most], |r| r.int(0))?);
        keys.sort_unstable();
        keys.dedup();
        keys.truncate(size);
    }
    Ok(keys)
}

/// Those of a stretch (after, up to) that fit: of linked objects, the ones of which nothing stands here.
fn fitting(tx: &mut Tx, rule: i64, asked: Asked, range: (i64, i64), mut keys: Vec<i64>) -> Result<Vec<i64>> {
    if asked == Asked::Success {
        let params = [rule.into(), range.0.into(), range.1.into()];
        let marked: HashSet<i64> = tx.query(BETWEEN, &params, |r| r.int(0))?.into_iter().collect();
        keys.retain(|key| !marked.contains(key));
    }
    Ok(keys)
}

/// What there is to say of each of these objects.
fn describe(tx: &mut Tx, rule: i64, keys: &[i64]) -> Result<BTreeMap<i64, Listed>> {
    let mut found: BTreeMap<i64, Listed> = keys.iter().map(|key| (*key, unknown(*key))).collect();
    let mut each = |tx: &mut Tx, sql: fn(&str) -> String, add: fn(&Row, &mut Listed) -> Result<()>| {
        tx.batches(
            &[rule.into()],
            keys,
            |key| [Param::Int(*key)],
            sql,
            |row| {
                found
                    .get_mut(&row.int(0)?)
                    .map_or(Ok(()), |listed| add(row, listed))
            },
        )
    };
    each(tx, link_text, add_link)?;
    each(tx, object_text, add_object)?;
    each(tx, status_text, add_status)?;
    Ok(found)
}

fn unknown(object: i64) -> Listed {
    Listed {
        object,
        id: None,
        label: String::new(),
        target_id: String::new(),
        status: Asked::Success,
        code: String::new(),
        reason: String::new(),
        since: 0,
    }
}

fn link_text(list: &str) -> String {
    format!(
        "SELECT object, object_id, label, target_id, modified FROM link WHERE rule = $1 AND object IN ({list})"
    )
}

fn add_link(row: &Row, listed: &mut Listed) -> Result<()> {
    listed.id = Some(row.uuid(1)?);
    listed.label = row.text(2)?;
    listed.target_id = row.text(3)?;
    listed.since = row.int(4)?;
    Ok(())
}

/// The name in the directory is newer than the link's. (The first parameter has to stand in every text.)
fn object_text(list: &str) -> String {
    format!("SELECT o.key, o.id, o.label FROM object o JOIN rule r ON r.key = $1 WHERE o.key IN ({list})")
}

fn add_object(row: &Row, listed: &mut Listed) -> Result<()> {
    listed.id = Some(row.uuid(1)?);
    listed.label = row.text(2)?;
    Ok(())
}

fn status_text(list: &str) -> String {
    format!(
        "SELECT object, state, code, reason, since FROM sync_status WHERE rule = $1 AND object IN ({list})"
    )
}

fn add_status(row: &Row, listed: &mut Listed) -> Result<()> {
    let state: State = row.str(1)?.parse()?;
    listed.status = Some(state).into();
    listed.code = row.text(2)?;
    listed.reason = row.text(3)?;
    listed.since = row.int(4)?;
    Ok(())
}
