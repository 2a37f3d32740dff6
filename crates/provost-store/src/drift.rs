//! Drift: what a reconcile found changed in the target, attribute by attribute.

use crate::connection::Connection;
use crate::{Error, Result, Row, Tx, audit};
use serde_json::Value;

macro_rules! columns {
    () => {
        "rule, object, attribute, label, expected, found, state, first_seen, last_seen"
    };
}

crate::statements! {
    RULES = "SELECT key FROM rule WHERE connection = $1 ORDER BY key";
    AFTER = concat!("SELECT ", columns!(), " FROM drift WHERE rule = $1 AND (object, attribute) > ($2, $3) \
             ORDER BY object, attribute LIMIT $4");
    AFTER_IN = concat!("SELECT ", columns!(), " FROM drift WHERE rule = $1 AND state = $2 AND (object, attribute) > ($3, $4) \
                ORDER BY object, attribute LIMIT $5");
    OF_OBJECT = concat!("SELECT ", columns!(), " FROM drift WHERE rule = $1 AND object = $2 ORDER BY attribute");
    COUNT = "SELECT COUNT(*) FROM drift WHERE rule = $1 AND state = $2";
    ACCEPT = "UPDATE drift SET state = 'accepted' WHERE rule = $1 AND object = $2 AND attribute = $3 AND state = 'open' \
              AND rule IN (SELECT key FROM rule WHERE connection = $4)";
    REPAIRED = "UPDATE drift SET state = 'repaired', last_seen = $1 WHERE rule = $2 AND object = $3 AND state <> 'repaired'";
    REPAIRED_ONE = "UPDATE drift SET state = 'repaired', last_seen = $1 WHERE rule = $2 AND object = $3 AND attribute = $4 \
                    AND state <> 'repaired'";
    UNSEEN = "UPDATE drift SET state = 'repaired' WHERE rule = $1 AND state IN ('open', 'accepted') AND last_seen < $2";
    SWEEP = "DELETE FROM drift WHERE (rule, object, attribute) IN (SELECT rule, object, attribute FROM drift \
             WHERE state = 'repaired' AND last_seen < $1 LIMIT $2)";
}

crate::word::words! {
    /// What became of a difference.
    State, "drift state":
    /// It stands in the target.
    Open = "open",
    /// It is gone: we wrote our value again, or it went by itself.
    Repaired = "repaired",
    /// A person lets it stand, for as long as the target keeps that very value.
    Accepted = "accepted",
}

/// A difference between what we last wrote and what the target has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// The target attribute.
    pub attribute: String,
    /// What the object is called.
    pub label: String,
    /// What we wrote. Redacted where the attribute is sensitive.
    pub expected: Value,
    /// What the target has. Redacted where the attribute is sensitive.
    pub found: Value,
    /// What became of it.
    pub state: State,
    /// When it was seen first.
    pub first_seen: i64,
    /// When it was seen last, or repaired.
    pub last_seen: i64,
}

fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|e| Error::Damaged(format!("a difference in a target: {e}")))
}

fn read(row: &Row) -> Result<Drift> {
    Ok(Drift {
        rule: row.int(0)?,
        object: row.int(1)?,
        attribute: row.text(2)?,
        label: row.text(3)?,
        expected: json(row.str(4)?)?,
        found: json(row.str(5)?)?,
        state: row.str(6)?.parse()?,
        first_seen: row.int(7)?,
        last_seen: row.int(8)?,
    })
}

/// A difference that was just seen.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// The target attribute.
    pub attribute: &'a str,
    /// What the object is called.
    pub label: &'a str,
    /// What we wrote.
    pub expected: &'a Value,
    /// What the target has.
    pub found: &'a Value,
}

/// Notes differences by few statements; no two of the same attribute. One that a person accepted stays accepted
/// while the target has the same value; one that was repaired is open again.
///
/// # Errors
/// Any error of the database.
pub fn see(tx: &mut Tx, now: i64, seen: &[Seen]) -> Result<()> {
    let rows: Vec<(&Seen, String, String)> = seen
        .iter()
        .map(|one| (one, one.expected.to_string(), one.found.to_string()))
        .collect();
    tx.batches(
        &[],
        &rows,
        |(one, expected, found)| {
            [
                one.rule.into(),
                one.object.into(),
                one.attribute.into(),
                one.label.into(),
                expected.into(),
                found.into(),
                State::Open.as_str().into(),
                now.into(),
                now.into(),
            ]
        },
        |list| {
            format!(
                "INSERT INTO drift ({}) VALUES {list} ON CONFLICT (rule, object, attribute) DO UPDATE SET \
                 state = CASE WHEN drift.state = 'accepted' AND drift.found = excluded.found THEN 'accepted' ELSE 'open' END, \
                 first_seen = CASE WHEN drift.state = 'repaired' THEN excluded.first_seen ELSE drift.first_seen END, \
                 label = excluded.label, expected = excluded.expected, found = excluded.found, last_seen = excluded.last_seen",
                columns!()
            )
        },
        |_| Ok(()),
    )
}

/// Which differences are asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The connection's key.
    pub connection: i64,
    /// Of this rule.
    pub rule: Option<i64>,
    /// In this state.
    pub state: Option<State>,
    /// Only after this one (rule, object, attribute): the last of the page before.
    pub after: Option<(i64, i64, String)>,
}

/// A connection's differences, at most `limit`, in the order of rule, object and attribute. Fewer than `limit`:
/// nothing follows.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, asked: &Asked, limit: usize) -> Result<Vec<Drift>> {
    let start = (i64::MIN, i64::MIN, String::new());
    let after = asked.after.as_ref().unwrap_or(&start);
    let mut found: Vec<Drift> = Vec::new();
    for rule in tx.query(RULES, &[asked.connection.into()], |r| r.int(0))? {
        let left = limit.saturating_sub(found.len());
        if left == 0 || rule < after.0 || asked.rule.is_some_and(|one| one != rule) {
            continue;
        }
        let (object, attribute) = if rule == after.0 {
            (after.1, after.2.as_str())
        } else {
            (i64::MIN, "")
        };
        let (rule, place, most) = (
            rule.into(),
            (object.into(), attribute.into()),
            (left as i64).into(),
        );
        found.extend(match asked.state {
            None => tx.query(AFTER, &[rule, place.0, place.1, most], read)?,
            Some(state) => tx.query(
                AFTER_IN,
                &[rule, state.as_str().into(), place.0, place.1, most],
                read,
            )?,
        });
    }
    Ok(found)
}

/// The differences of one object under a rule.
///
/// # Errors
/// Any error of the database.
pub fn of_object(tx: &mut Tx, rule: i64, object: i64) -> Result<Vec<Drift>> {
    tx.query(OF_OBJECT, &[rule.into(), object.into()], read)
}

/// How many differences of a connection are in a state.
///
/// # Errors
/// Any error of the database.
pub fn count(tx: &mut Tx, connection: i64, state: State) -> Result<i64> {
    let mut sum = 0;
    for rule in tx.query(RULES, &[connection.into()], |r| r.int(0))? {
        sum += tx
            .first(COUNT, &[rule.into(), state.as_str().into()], |r| r.int(0))?
            .unwrap_or(0);
    }
    Ok(sum)
}

/// One attribute of one object.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The rule.
    pub rule: i64,
    /// The object.
    pub object: i64,
    /// The target attribute.
    pub attribute: &'a str,
}

/// Lets a difference stand for as long as the target keeps that value. `false`: the connection has no such open
/// difference.
///
/// # Errors
/// Any error of the database.
pub fn accept(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, place: &Place) -> Result<bool> {
    let params = [
        place.rule.into(),
        place.object.into(),
        place.attribute.into(),
        connection.key.into(),
    ];
    let done = tx.execute(ACCEPT, &params)? > 0;
    if done {
        let detail = format!("{} of object {}", place.attribute, place.object);
        let (workspace, name) = (connection.workspace, &connection.name);
        audit::append_named(tx, workspace, now, actor, "drift.accept", name, &detail)?;
    }
    Ok(done)
}

/// Our value stands in the target again: of this attribute, or (none) of all of the object's.
///
/// # Errors
/// Any error of the database.
pub fn repaired(tx: &mut Tx, now: i64, rule: i64, object: i64, attribute: Option<&str>) -> Result<()> {
    let (now, rule, object) = (now.into(), rule.into(), object.into());
    match attribute {
        None => tx.execute(REPAIRED, &[now, rule, object])?,
        Some(attribute) => tx.execute(REPAIRED_ONE, &[now, rule, object, attribute.into()])?,
    };
    Ok(())
}

/// What a complete reconcile that began at `began` has not seen is gone by itself. Answers how many there were.
///
/// # Errors
/// Any error of the database.
pub fn settle_unseen(tx: &mut Tx, rule: i64, began: i64) -> Result<u64> {
    tx.execute(UNSEEN, &[rule.into(), began.into()])
}

/// Deletes what was repaired before `before`, at most `limit`. Answers how many.
pub(crate) fn sweep(tx: &mut Tx, before: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(SWEEP, &[before.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
