//! Whom an assignment reaches: through assigned groups, and where it is wanted through groups inside them.

use crate::directory::kind_of;
use crate::{Result, Tx};
use provost_engine::object::Kind;

crate::statements! {
    EFFECTIVE = "SELECT object FROM assignment WHERE connection = $1 UNION SELECT m.member_key FROM assignment a \
                 JOIN member m ON m.group_key = a.object JOIN object o ON o.key = m.member_key AND o.kind = 0 \
                 WHERE a.connection = $2 ORDER BY 1";
    EFFECTIVE_NESTED = "WITH RECURSIVE reached (key) AS (SELECT object FROM assignment WHERE connection = $1 \
                        UNION SELECT m.member_key FROM reached r JOIN member m ON m.group_key = r.key) \
                        SELECT object FROM assignment WHERE connection = $2 UNION \
                        SELECT r.key FROM reached r JOIN object o ON o.key = r.key AND o.kind = 0 ORDER BY 1";
    PEOPLE = "SELECT m.member_key FROM member m JOIN object o ON o.key = m.member_key AND o.kind = 0 \
              WHERE m.group_key = $1 ORDER BY m.member_key";
    PEOPLE_NESTED = "WITH RECURSIVE reached (key) AS (SELECT member_key FROM member WHERE group_key = $1 \
                     UNION SELECT m.member_key FROM reached r JOIN member m ON m.group_key = r.key) \
                     SELECT r.key FROM reached r JOIN object o ON o.key = r.key AND o.kind = 0 ORDER BY r.key";
    INSIDE = "SELECT o.kind FROM member m JOIN object o ON o.key = m.member_key WHERE m.group_key = $1 LIMIT $2";
    COVERS = "SELECT 1 FROM assignment WHERE connection = $1 AND object = $2 UNION ALL SELECT 1 FROM member m \
              JOIN assignment a ON a.object = m.group_key AND a.connection = $3 \
              JOIN object o ON o.key = m.member_key AND o.kind = 0 WHERE m.member_key = $4 LIMIT 1";
    COVERS_NESTED = "WITH RECURSIVE above (key) AS (SELECT group_key FROM member WHERE member_key = $1 \
                     UNION SELECT m.group_key FROM above u JOIN member m ON m.member_key = u.key) \
                     SELECT 1 FROM above u JOIN assignment a ON a.object = u.key WHERE a.connection = $2 LIMIT 1";
}

/// The keys of everybody who is meant by a connection's assignments, in order: what is assigned directly, and
/// the people in assigned groups; with `nested` also those in groups inside these. A group inside an assigned
/// group is not itself meant.
///
/// # Errors
/// Any error of the database.
pub fn effective(tx: &mut Tx, connection: i64, nested: bool) -> Result<Vec<i64>> {
    let sql = if nested { EFFECTIVE_NESTED } else { EFFECTIVE };
    tx.query(sql, &[connection.into(), connection.into()], |r| r.int(0))
}

/// The keys of a group's people, in order; with `nested` also of those in groups inside it.
///
/// # Errors
/// Any error of the database.
pub fn people_of(tx: &mut Tx, group: i64, nested: bool) -> Result<Vec<i64>> {
    let sql = if nested { PEOPLE_NESTED } else { PEOPLE };
    tx.query(sql, &[group.into()], |r| r.int(0))
}

/// Members that [`inside`] counts: a list of groups is not to wait for the largest.
const COUNTED: i64 = 10_000;

/// What is directly in a group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Inside {
    /// People.
    pub people: i64,
    /// Groups: their people are reached only where groups inside groups count.
    pub groups: i64,
    /// Whether there are more members than were counted.
    pub is_more: bool,
}

/// Counts a group's direct members by what they are, the first 10,000 of them.
///
/// # Errors
/// Any error of the database.
pub fn inside(tx: &mut Tx, group: i64) -> Result<Inside> {
    let kinds = tx.query(INSIDE, &[group.into(), COUNTED.into()], |r| {
        Ok(kind_of(r.int(0)?))
    })?;
    let groups = kinds.iter().filter(|kind| **kind == Kind::Group).count() as i64;
    let people = kinds.len() as i64 - groups;
    Ok(Inside {
        people,
        groups,
        is_more: people + groups >= COUNTED,
    })
}

/// Whether one person or group is meant by a connection's assignments, as [`effective`] says. With `nested` it
/// also answers for a group whether its people are meant, because it stands inside an assigned one.
///
/// # Errors
/// Any error of the database.
pub fn covers(tx: &mut Tx, connection: i64, object: i64, nested: bool) -> Result<bool> {
    let (c, o) = (connection.into(), object.into());
    if tx.first(COVERS, &[c, o, c, o], |_| Ok(()))?.is_some() {
        return Ok(true);
    }
    Ok(nested && tx.first(COVERS_NESTED, &[o, c], |_| Ok(()))?.is_some())
}
