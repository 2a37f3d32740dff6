//! Objects whose last step failed: each is tried again by itself, later and later, and blocks no other. After
//! 28 days it is given up; it stays in the list, and a person can have it tried again.

mod list;

pub(crate) use list::STATEMENTS as LIST_STATEMENTS;
pub use list::{Asked, Page, list, page};

use crate::connection::Connection;
use crate::{Param, Result, Tx, audit};
use std::collections::{BTreeMap, HashMap, HashSet};

crate::statements! {
    COUNTED = "SELECT attempts, first FROM retry WHERE rule = $1 AND object = $2 AND member = $3";
    REMOVE = "DELETE FROM retry WHERE rule = $1 AND object = $2 AND member = $3";
    DUE = "SELECT object, member FROM retry WHERE rule = $1 AND next_try <= $2 ORDER BY next_try LIMIT $3";
    NEXT = "SELECT next_try FROM retry WHERE rule = $1 ORDER BY next_try LIMIT 1";
    RULES = "SELECT key FROM rule WHERE connection = $1 ORDER BY key";
    NOW = "UPDATE retry SET next_try = $1, attempts = CASE WHEN code = $2 THEN 0 ELSE attempts END, \
           first = CASE WHEN code = $3 THEN $4 ELSE first END WHERE rule IN (SELECT key FROM rule WHERE connection = $5)";
    NOW_OBJECT = "UPDATE retry SET next_try = $1, attempts = CASE WHEN code = $2 THEN 0 ELSE attempts END, \
                  first = CASE WHEN code = $3 THEN $4 ELSE first END \
                  WHERE rule IN (SELECT key FROM rule WHERE connection = $5) AND object = $6";
    GIVEN_UP = "SELECT COUNT(*) FROM retry WHERE rule = $1 AND next_try = $2";
    BY_MEMBER = "SELECT t.member, COUNT(*) FROM retry t JOIN rule r ON r.key = t.rule WHERE r.connection = $1 AND t.code = $2 \
                 GROUP BY t.member";
    PARTS = "SELECT object, code, reason FROM retry WHERE rule = $1 AND member <> 0 AND object > $2 \
             ORDER BY object, member LIMIT $3";
}

/// The code of a step that is not tried again by itself.
pub const GIVEN_UP_CODE: &str = "PRV-RETRY-GIVEN-UP";
/// The time of the next try of a step that is given up.
pub const NEVER: i64 = i64::MAX;

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;
/// How long to wait after the first failure, the second, and so on: the next cycle, then longer gaps, at last
/// a day each.
const WAITS: [i64; 6] = [2 * SECOND, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR];
/// How long after its first failure a step is given up.
const PATIENCE: i64 = 28 * 24 * HOUR;

/// A step that waits for its next try.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waiting {
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// The member, the product of a licence, or 0.
    pub member: i64,
    /// Tries so far.
    pub attempts: i64,
    /// When it is tried again; [`NEVER`] once it is given up.
    pub next_try: i64,
    /// The stable word for the reason; [`GIVEN_UP_CODE`] once it is given up.
    pub code: String,
    /// Why it failed.
    pub reason: String,
    /// When it failed for the first time.
    pub first: i64,
    /// What the object is called; empty when it is gone and was never linked.
    pub label: String,
    /// The product's short name when the step is about a licence; else empty.
    pub product: String,
}

/// A step that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure<'a> {
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// The member, the product of a licence, or 0.
    pub member: i64,
    /// Milliseconds to wait, where the target named a time; none: longer with each failure.
    pub wait: Option<i64>,
    /// The stable word for the reason, `PRV-…`.
    pub code: &'a str,
    /// Why, for people.
    pub reason: &'a str,
}

/// Notes a failure and answers when the step is tried again ([`NEVER`]: it is given up): after the time that
/// the target named; else in the next cycle, then after 1, 3, 6, 12 and 24 hours, then daily, until 28 days
/// after the first failure.
///
/// # Errors
/// Any error of the database.
pub fn note(tx: &mut Tx, now: i64, failure: &Failure) -> Result<i64> {
    let key = [failure.rule.into(), failure.object.into(), failure.member.into()];
    let before = tx.first(COUNTED, &key, |r| Ok((r.int(0)?, r.int(1)?)))?;
    let row = Row::of(now, failure, before);
    write(tx, std::slice::from_ref(&row))?;
    Ok(row.next_try)
}

/// Notes many failures by few statements; for each, when it is tried again, in their order. A step that is
/// named twice is noted once.
///
/// # Errors
/// Any error of the database.
pub fn note_all(tx: &mut Tx, now: i64, failures: &[Failure]) -> Result<Vec<i64>> {
    let before = counted(tx, failures)?;
    let mut times = Vec::with_capacity(failures.len());
    let mut rows: Vec<Row> = Vec::with_capacity(failures.len());
    let mut seen = HashMap::new();
    for failure in failures {
        let key = (failure.rule, failure.object, failure.member);
        let row = Row::of(now, failure, before.get(&key).copied());
        let next = *seen.entry(key).or_insert(row.next_try);
        if seen.len() > rows.len() {
            rows.push(row);
        }
        times.push(next);
    }
    write(tx, &rows)?;
    Ok(times)
}

/// Tries and first failure of steps that failed before.
fn counted(tx: &mut Tx, failures: &[Failure]) -> Result<HashMap<Key, (i64, i64)>> {
    let mut found = HashMap::new();
    for group in failures.chunk_by(|one, other| one.rule == other.rule) {
        let rule = group.first().map_or(0, |failure| failure.rule);
        tx.batches(
            &[rule.into()],
            group,
            |failure| [Param::Int(failure.object)],
            |list| {
                format!(
                    "SELECT object, member, attempts, first FROM retry WHERE rule = $1 AND object IN ({list})"
                )
            },
            |row| {
                let key = (rule, row.int(0)?, row.int(1)?);
                found.insert(key, (row.int(2)?, row.int(3)?));
                Ok(())
            },
        )?;
    }
    Ok(found)
}

/// Rule, object and member.
type Key = (i64, i64, i64);

/// A row as it is written.
struct Row<'a> {
    failure: &'a Failure<'a>,
    attempts: i64,
    first: i64,
    next_try: i64,
    code: &'a str,
}

impl<'a> Row<'a> {
    fn of(now: i64, failure: &'a Failure<'a>, before: Option<(i64, i64)>) -> Self {
        let (attempts, first) = before.unwrap_or((0, 0));
        let first = if first == 0 { now } else { first };
        let given_up = now - first >= PATIENCE;
        let usual = usize::try_from(attempts).ok().and_then(|n| WAITS.get(n).copied());
        let wait = failure.wait.or(usual).unwrap_or(24 * HOUR).max(0);
        Self {
            failure,
            attempts: attempts + 1,
            first,
            next_try: if given_up { NEVER } else { now.saturating_add(wait) },
            code: if given_up { GIVEN_UP_CODE } else { failure.code },
        }
    }
}

fn write(tx: &mut Tx, rows: &[Row]) -> Result<()> {
    tx.batches(
        &[],
        rows,
        |row| {
            [
                row.failure.rule.into(),
                row.failure.object.into(),
                row.failure.member.into(),
                row.attempts.into(),
                row.next_try.into(),
                row.code.into(),
                row.failure.reason.into(),
                row.first.into(),
            ]
        },
        |list| {
            format!(
                "INSERT INTO retry (rule, object, member, attempts, next_try, code, reason, first) VALUES {list} \
                 ON CONFLICT (rule, object, member) DO UPDATE SET attempts = excluded.attempts, \
                 next_try = excluded.next_try, code = excluded.code, reason = excluded.reason, first = excluded.first"
            )
        },
        |_| Ok(()),
    )
}

/// The step has succeeded, or has no longer a reason to be tried.
///
/// # Errors
/// Any error of the database.
pub fn settle(tx: &mut Tx, rule: i64, object: i64, member: i64) -> Result<()> {
    tx.execute(REMOVE, &[rule.into(), object.into(), member.into()])?;
    Ok(())
}

/// Many steps of a rule, as (object, member), have succeeded. Steps of one group stand together, or this takes
/// more statements than it needs.
///
/// # Errors
/// Any error of the database.
pub fn settle_all(tx: &mut Tx, rule: i64, steps: &[(i64, i64)]) -> Result<()> {
    for group in crate::steps::grouped(steps) {
        let (alike, listed) = (group.alike, group.listed);
        let text = |list: &str| {
            format!("DELETE FROM retry WHERE rule = $1 AND {alike} = $2 AND {listed} IN ({list})")
        };
        let params = [rule.into(), group.value.into()];
        tx.batches(&params, &group.keys, |key| [Param::Int(*key)], text, |_| Ok(()))?;
    }
    Ok(())
}

/// Steps of a rule that are due, as (object, member), the longest waiting first.
///
/// # Errors
/// Any error of the database.
pub fn due(tx: &mut Tx, rule: i64, now: i64, limit: i64) -> Result<Vec<(i64, i64)>> {
    let params = [rule.into(), now.min(NEVER - 1).into(), limit.into()];
    tx.query(DUE, &params, |r| Ok((r.int(0)?, r.int(1)?)))
}

fn rules(tx: &mut Tx, connection: i64) -> Result<Vec<i64>> {
    tx.query(RULES, &[connection.into()], |r| r.int(0))
}

/// How many steps of a connection wait with this code, for each member (of a licence: the product).
///
/// # Errors
/// Any error of the database.
pub fn by_member(tx: &mut Tx, connection: i64, code: &str) -> Result<BTreeMap<i64, i64>> {
    let rows = tx.query(BY_MEMBER, &[connection.into(), code.into()], |r| {
        Ok((r.int(0)?, r.int(1)?))
    })?;
    Ok(rows.into_iter().collect())
}

/// Objects of a rule of which a part waits, a membership or a licence, with the code and the reason of the first
/// one: a stretch of the waiting steps of objects above `after`.
///
/// # Errors
/// Any error of the database.
pub fn parts(tx: &mut Tx, rule: i64, after: i64, limit: i64) -> Result<Vec<(i64, String, String)>> {
    let params = [rule.into(), after.into(), limit.into()];
    let mut rows: Vec<(i64, String, String)> =
        tx.query(PARTS, &params, |r| Ok((r.int(0)?, r.text(1)?, r.text(2)?)))?;
    rows.dedup_by_key(|row| row.0);
    Ok(rows)
}

/// Which of these objects wait themselves, not only a membership or a licence of theirs.
///
/// # Errors
/// Any error of the database.
pub fn among(tx: &mut Tx, rule: i64, objects: &[i64]) -> Result<HashSet<i64>> {
    let mut found = HashSet::new();
    tx.batches(
        &[rule.into()],
        objects,
        |object| [Param::Int(*object)],
        |list| format!("SELECT object FROM retry WHERE rule = $1 AND member = 0 AND object IN ({list})"),
        |row| {
            found.insert(row.int(0)?);
            Ok(())
        },
    )?;
    Ok(found)
}

/// When the next step of a connection is due; none when nothing waits, or only what is given up.
///
/// # Errors
/// Any error of the database.
pub fn next(tx: &mut Tx, connection: i64) -> Result<Option<i64>> {
    let mut soonest = NEVER;
    for rule in rules(tx, connection)? {
        let next = tx.first(NEXT, &[rule.into()], |r| r.int(0))?;
        soonest = soonest.min(next.unwrap_or(NEVER));
    }
    Ok((soonest < NEVER).then_some(soonest))
}

/// How many steps of a connection are given up.
///
/// # Errors
/// Any error of the database.
pub fn given_up(tx: &mut Tx, connection: i64) -> Result<i64> {
    let mut sum = 0;
    for rule in rules(tx, connection)? {
        let rows = tx.first(GIVEN_UP, &[rule.into(), NEVER.into()], |r| r.int(0))?;
        sum += rows.unwrap_or(0);
    }
    Ok(sum)
}

/// Has a connection's waiting steps, or those of one object, tried in the next cycle, also those that are
/// given up; these have their 28 days again. Answers how many there are.
///
/// # Errors
/// Any error of the database.
pub fn now(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, object: Option<i64>) -> Result<u64> {
    let code = || Param::Text(GIVEN_UP_CODE);
    let mut params = vec![now.into(), code(), code(), now.into(), connection.key.into()];
    let rows = match object {
        None => tx.execute(NOW, &params)?,
        Some(object) => {
            params.push(object.into());
            tx.execute(NOW_OBJECT, &params)?
        }
    };
    if rows > 0 {
        let whose = object.map_or_else(String::new, |key| format!(" of object {key}"));
        let detail = format!("{rows} steps{whose}");
        let (workspace, name) = (connection.workspace, &connection.name);
        audit::append_named(tx, workspace, now, actor, "retry.now", name, &detail)?;
    }
    Ok(rows)
}
