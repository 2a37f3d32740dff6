//! Objects in the target that no link names: discovered by a reconcile, listed for a person.

use crate::directory::{kind_number, kind_of};
use crate::{Param, Result, Row, Tx};
use provost_engine::object::Kind;
use std::collections::BTreeMap;

macro_rules! columns {
    () => {
        "connection, kind, target_id, label, sort, object, enabled, seen"
    };
}

crate::statements! {
    AFTER = concat!("SELECT ", columns!(), " FROM unowned WHERE connection = $1 AND (kind, target_id) > ($2, $3) \
             ORDER BY kind, target_id LIMIT $4");
    AFTER_OF = concat!("SELECT ", columns!(), " FROM unowned WHERE connection = $1 AND sort = $2 \
                AND (kind, target_id) > ($3, $4) ORDER BY kind, target_id LIMIT $5");
    GET = concat!("SELECT ", columns!(), " FROM unowned WHERE connection = $1 AND kind = $2 AND target_id = $3");
    COUNTS = "SELECT sort, COUNT(*) FROM unowned WHERE connection = $1 GROUP BY sort";
    REMOVE = "DELETE FROM unowned WHERE connection = $1 AND kind = $2 AND target_id = $3";
    CLEAR = "DELETE FROM unowned WHERE connection = $1 AND seen < $2";
}

crate::word::words! {
    /// Who in the directory an unowned object may belong to.
    Sort, "sort of unowned object":
    /// Nobody in the directory matches.
    Local = "local",
    /// Somebody matches who is not meant by the connection.
    Unassigned = "unassigned",
    /// Somebody matches who is meant: the next cycle adopts it.
    Assigned = "assigned",
}

/// An object in the target that no link names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unowned {
    /// The connection.
    pub connection: i64,
    /// Person or group.
    pub kind: Kind,
    /// Its id in the target.
    pub target_id: String,
    /// What to call it.
    pub label: String,
    /// Who it may belong to.
    pub sort: Sort,
    /// The directory object that matches; 0 for nobody.
    pub object: i64,
    /// Whether the account is enabled; none where the target does not say.
    pub enabled: Option<bool>,
    /// When a reconcile saw it last.
    pub seen: i64,
}

fn read(row: &Row) -> Result<Unowned> {
    Ok(Unowned {
        connection: row.int(0)?,
        kind: kind_of(row.int(1)?),
        target_id: row.text(2)?,
        label: row.text(3)?,
        sort: row.str(4)?.parse()?,
        object: row.int(5)?,
        enabled: row.bool_or_null(6)?,
        seen: row.int(7)?,
    })
}

/// Notes what was found, by few statements; no target object twice.
///
/// # Errors
/// Any error of the database.
pub fn put(tx: &mut Tx, found: &[Unowned]) -> Result<()> {
    tx.batches(
        &[],
        found,
        |one| {
            [
                Param::Int(one.connection),
                kind_number(one.kind).into(),
                one.target_id.as_str().into(),
                one.label.as_str().into(),
                one.sort.as_str().into(),
                one.object.into(),
                one.enabled.into(),
                one.seen.into(),
            ]
        },
        |list| {
            format!(
                "INSERT INTO unowned ({}) VALUES {list} ON CONFLICT (connection, kind, target_id) DO UPDATE SET \
                 label = excluded.label, sort = excluded.sort, object = excluded.object, enabled = excluded.enabled, \
                 seen = excluded.seen",
                columns!()
            )
        },
        |_| Ok(()),
    )
}

/// A connection's unowned objects, of one sort or (none) of all, after one of them (kind and target id), people
/// before groups, by target id.
///
/// # Errors
/// Any error of the database.
pub fn list(
    tx: &mut Tx,
    connection: i64,
    sort: Option<Sort>,
    after: Option<(Kind, &str)>,
    limit: i64,
) -> Result<Vec<Unowned>> {
    let (kind, id) = after.map_or((-1, ""), |(kind, id)| (kind_number(kind), id));
    let (c, kind, id, limit) = (connection.into(), kind.into(), id.into(), limit.into());
    match sort {
        None => tx.query(AFTER, &[c, kind, id, limit], read),
        Some(sort) => tx.query(AFTER_OF, &[c, sort.as_str().into(), kind, id, limit], read),
    }
}

/// One unowned object.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, connection: i64, kind: Kind, target_id: &str) -> Result<Option<Unowned>> {
    tx.first(
        GET,
        &[connection.into(), kind_number(kind).into(), target_id.into()],
        read,
    )
}

/// How many unowned objects of each sort a connection has.
///
/// # Errors
/// Any error of the database.
pub fn counts(tx: &mut Tx, connection: i64) -> Result<BTreeMap<&'static str, i64>> {
    let mut counts: BTreeMap<&'static str, i64> = Sort::ALL.iter().map(|sort| (sort.as_str(), 0)).collect();
    tx.for_each(COUNTS, &[connection.into()], |r| {
        let sort: Sort = r.str(0)?.parse()?;
        counts.insert(sort.as_str(), r.int(1)?);
        Ok(true)
    })?;
    Ok(counts)
}

/// It belongs to somebody now, or is gone.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, connection: i64, kind: Kind, target_id: &str) -> Result<()> {
    tx.execute(
        REMOVE,
        &[connection.into(), kind_number(kind).into(), target_id.into()],
    )?;
    Ok(())
}

/// Forgets what a complete reconcile that began at `before` has not seen any more. Answers how many.
///
/// # Errors
/// Any error of the database.
pub fn clear_unseen(tx: &mut Tx, connection: i64, before: i64) -> Result<u64> {
    tx.execute(CLEAR, &[connection.into(), before.into()])
}
