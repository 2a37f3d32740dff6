//! Objects that a cycle has to look at although the change log does not name them: because somebody was
//! assigned, a link was broken, or a time has come.

use crate::{Param, Result, Tx};

crate::statements! {
    DUE = "SELECT object, member FROM revisit WHERE connection = $1 AND due <= $2 ORDER BY due, object, member LIMIT $3";
    SETTLE = "DELETE FROM revisit WHERE connection = $1 AND object = $2 AND member = $3 AND due <= $4";
    SETTLE_DUE = "DELETE FROM revisit WHERE connection = $1 AND due <= $2";
    NEXT = "SELECT due FROM revisit WHERE connection = $1 ORDER BY due LIMIT 1";
    COUNT = "SELECT COUNT(*) FROM (SELECT 1 FROM revisit WHERE connection = $1 AND due <= $2 LIMIT $3) d";
}

/// In the place of a member: the object is looked at with everything about it, its memberships too.
pub const WHOLE: i64 = -1;

/// Asks for an object (member 0, or [`WHOLE`]) or a membership to be looked at from `due` on. Asked twice, the sooner time
/// holds.
///
/// # Errors
/// Any error of the database.
pub fn ask(tx: &mut Tx, connection: i64, object: i64, member: i64, due: i64, reason: &str) -> Result<()> {
    write(tx, connection, &[(object, member)], due, reason)
}

/// Asks for many objects by few statements.
///
/// # Errors
/// Any error of the database.
pub fn ask_all(tx: &mut Tx, connection: i64, objects: &[i64], due: i64, reason: &str) -> Result<()> {
    let mut pairs: Vec<(i64, i64)> = objects.iter().map(|object| (*object, 0)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    write(tx, connection, &pairs, due, reason)
}

/// Asks for many objects to be looked at with everything about them, by few statements.
///
/// # Errors
/// Any error of the database.
pub fn ask_whole(tx: &mut Tx, connection: i64, objects: &[i64], due: i64, reason: &str) -> Result<()> {
    let mut pairs: Vec<(i64, i64)> = objects.iter().map(|object| (*object, WHOLE)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    write(tx, connection, &pairs, due, reason)
}

fn write(tx: &mut Tx, connection: i64, pairs: &[(i64, i64)], due: i64, reason: &str) -> Result<()> {
    let rows: Vec<(i64, i64, &str)> = pairs
        .iter()
        .map(|(object, member)| (*object, *member, reason))
        .collect();
    tx.batches(
        &[],
        &rows,
        |(object, member, reason)| {
            [
                connection.into(),
                Param::Int(*object),
                Param::Int(*member),
                due.into(),
                Param::Text(reason),
            ]
        },
        |list| {
            format!(
                "INSERT INTO revisit (connection, object, member, due, reason) VALUES {list} \
                 ON CONFLICT (connection, object, member) DO UPDATE SET \
                 reason = CASE WHEN excluded.due < revisit.due THEN excluded.reason ELSE revisit.reason END, \
                 due = CASE WHEN excluded.due < revisit.due THEN excluded.due ELSE revisit.due END"
            )
        },
        |_| Ok(()),
    )
}

/// What is to be looked at by `now`, as (object, member), the longest waiting first.
///
/// # Errors
/// Any error of the database.
pub fn due(tx: &mut Tx, connection: i64, now: i64, limit: i64) -> Result<Vec<(i64, i64)>> {
    let params = [connection.into(), now.into(), limit.into()];
    tx.query(DUE, &params, |r| Ok((r.int(0)?, r.int(1)?)))
}

/// How much is to be looked at by `now`; counted up to `most`.
///
/// # Errors
/// Any error of the database.
pub fn count_due(tx: &mut Tx, connection: i64, now: i64, most: i64) -> Result<i64> {
    let params = [connection.into(), now.into(), most.into()];
    Ok(tx.first(COUNT, &params, |r| r.int(0))?.unwrap_or(0))
}

/// It was looked at, by somebody who asked for what was due by `upto_due`: what was asked for later stays.
///
/// # Errors
/// Any error of the database.
pub fn settle(tx: &mut Tx, connection: i64, object: i64, member: i64, upto_due: i64) -> Result<()> {
    let params = [connection.into(), object.into(), member.into(), upto_due.into()];
    tx.execute(SETTLE, &params)?;
    Ok(())
}

/// Many were looked at, as (object, member); objects by one statement, members by one for each group.
///
/// # Errors
/// Any error of the database.
pub fn settle_all(tx: &mut Tx, connection: i64, pairs: &[(i64, i64)], upto_due: i64) -> Result<()> {
    for group in crate::steps::grouped(pairs) {
        let (alike, listed) = (group.alike, group.listed);
        let text = |list: &str| {
            format!(
                "DELETE FROM revisit WHERE connection = $1 AND {alike} = $2 AND due <= $3 AND {listed} IN ({list})"
            )
        };
        let params = [connection.into(), group.value.into(), upto_due.into()];
        tx.batches(&params, &group.keys, |key| [Param::Int(*key)], text, |_| Ok(()))?;
    }
    Ok(())
}

/// Everything that was due by `upto_due` was looked at: what an initial cycle or a reconcile says.
///
/// # Errors
/// Any error of the database.
pub fn settle_due(tx: &mut Tx, connection: i64, upto_due: i64) -> Result<()> {
    tx.execute(SETTLE_DUE, &[connection.into(), upto_due.into()])?;
    Ok(())
}

/// When the next one is due.
///
/// # Errors
/// Any error of the database.
pub fn next(tx: &mut Tx, connection: i64) -> Result<Option<i64>> {
    tx.first(NEXT, &[connection.into()], |r| r.int(0))
}
