//! References: a manager who is not linked yet is written once he is, without a new initial cycle. A reference that
//! was written is kept, so that it is written anew when the other end is linked to another account.

use crate::directory::Range;
use crate::{Param, Result, Tx};
use std::collections::BTreeMap;
use uuid::Uuid;

crate::statements! {
    PUT = "INSERT INTO pending_reference (rule, object, attribute, wanted) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (rule, object, attribute) DO UPDATE SET wanted = excluded.wanted, written = 0";
    KEEP = "UPDATE pending_reference SET written = 1 WHERE rule = $1 AND object = $2 AND attribute = $3";
    FORGET = "DELETE FROM pending_reference WHERE rule = $1 AND object = $2";
    REMOVE = "DELETE FROM pending_reference WHERE rule = $1 AND object = $2 AND attribute = $3";
    READY = "SELECT p.object, p.attribute, p.wanted, (SELECT l.target_id FROM link l JOIN rule r ON r.key = l.rule \
             WHERE l.object_id = p.wanted AND r.connection = m.connection ORDER BY l.rule LIMIT 1) FROM pending_reference p \
             JOIN rule m ON m.key = p.rule WHERE p.rule = $1 AND p.written = 0 AND (p.wanted = $2 OR EXISTS (SELECT 1 FROM link l \
             JOIN rule r ON r.key = l.rule WHERE l.object_id = p.wanted AND r.connection = m.connection)) \
             ORDER BY p.object LIMIT $3";
    WITHDRAW = "UPDATE pending_reference SET wanted = $1 WHERE rule = $2 AND object = $3 AND attribute = $4 \
                AND written = 0 AND wanted <> $5 AND EXISTS (SELECT 1 FROM link l JOIN rule r ON r.key = l.rule \
                JOIN rule m ON m.connection = r.connection WHERE m.key = pending_reference.rule AND l.object_id = pending_reference.wanted)";
    WAITS_FOR = "SELECT wanted FROM pending_reference \
                 WHERE rule = $1 AND object = $2 AND attribute = $3 AND written = 0";
    IN_RANGE = "SELECT object, attribute, wanted FROM pending_reference \
                WHERE rule = $1 AND object > $2 AND object <= $3 AND written = 0";
    WAITING = "SELECT COUNT(*) FROM pending_reference WHERE rule = $1 AND written = 0";
}

/// A reference whose other end is linked now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// The object that refers.
    pub object: i64,
    /// The target attribute.
    pub attribute: String,
    /// The directory object referred to; nil when the reference is to be removed.
    pub wanted: Uuid,
    /// Its id in the target; none when the reference is to be removed.
    pub target_id: Option<String>,
}

/// Notes that an attribute waits for an object to be linked; the nil id waits for nobody and is removed in
/// the next pass.
///
/// # Errors
/// Any error of the database.
pub fn wait_for(tx: &mut Tx, rule: i64, object: i64, attribute: &str, wanted: Uuid) -> Result<()> {
    tx.execute(
        PUT,
        &[rule.into(), object.into(), attribute.into(), wanted.into()],
    )?;
    Ok(())
}

/// The wait is over, or pointless.
///
/// # Errors
/// Any error of the database.
pub fn settle(tx: &mut Tx, rule: i64, object: i64, attribute: &str) -> Result<()> {
    tx.execute(REMOVE, &[rule.into(), object.into(), attribute.into()])?;
    Ok(())
}

/// Nobody wants the reference any more. One that could be written may have been, without the answer being heard: it is
/// removed in the next pass. One that waited for its other end ends.
///
/// # Errors
/// Any error of the database.
pub fn withdraw(tx: &mut Tx, rule: i64, object: i64, attribute: &str) -> Result<()> {
    let nobody = Uuid::nil();
    let params = [
        nobody.into(),
        rule.into(),
        object.into(),
        attribute.into(),
        nobody.into(),
    ];
    if tx.execute(WITHDRAW, &params)? == 0 {
        settle(tx, rule, object, attribute)?;
    }
    Ok(())
}

/// The reference is written: it waits no more, and is remembered.
///
/// # Errors
/// Any error of the database.
pub fn keep(tx: &mut Tx, rule: i64, object: i64, attribute: &str) -> Result<()> {
    tx.execute(KEEP, &[rule.into(), object.into(), attribute.into()])?;
    Ok(())
}

/// The object has no account any more, and so none that refers to anybody.
///
/// # Errors
/// Any error of the database.
pub fn forget(tx: &mut Tx, rule: i64, object: i64) -> Result<()> {
    tx.execute(FORGET, &[rule.into(), object.into()])?;
    Ok(())
}

/// These directory objects are linked to other accounts now: what a connection has written to refer to them waits
/// to be written again.
///
/// # Errors
/// Any error of the database.
pub fn renew(tx: &mut Tx, connection: i64, objects: &[Uuid]) -> Result<()> {
    tx.batches(
        &[connection.into()],
        objects,
        |id| [Param::from(*id)],
        |list| {
            // The sum keeps the database from looking through the rule instead of for the few who are wanted.
            format!(
                "UPDATE pending_reference SET written = 0 WHERE rule + 0 IN (SELECT key FROM rule WHERE connection = $1) \
                 AND written = 1 AND wanted IN ({list})"
            )
        },
        |_| Ok(()),
    )
}

/// References that can be written, or removed, now; at most `limit`. The other end may be linked under any rule of
/// the same connection.
///
/// # Errors
/// Any error of the database.
pub fn ready(tx: &mut Tx, rule: i64, limit: i64) -> Result<Vec<Ready>> {
    tx.query(READY, &[rule.into(), Uuid::nil().into(), limit.into()], |r| {
        Ok(Ready {
            object: r.int(0)?,
            attribute: r.text(1)?,
            wanted: r.uuid(2)?,
            target_id: r.text_or_null(3)?,
        })
    })
}

/// Which object an attribute waits for.
///
/// # Errors
/// Any error of the database.
pub fn waits_for(tx: &mut Tx, rule: i64, object: i64, attribute: &str) -> Result<Option<Uuid>> {
    tx.first(WAITS_FOR, &[rule.into(), object.into(), attribute.into()], |r| {
        r.uuid(0)
    })
}

/// How many references of a rule wait.
///
/// # Errors
/// Any error of the database.
pub fn waiting(tx: &mut Tx, rule: i64) -> Result<i64> {
    Ok(tx.first(WAITING, &[rule.into()], |r| r.int(0))?.unwrap_or(0))
}

/// What the references of the objects in a range of keys wait for, by object and attribute.
///
/// # Errors
/// Any error of the database.
pub fn in_range(tx: &mut Tx, rule: i64, range: Range) -> Result<BTreeMap<(i64, String), Uuid>> {
    let params = [rule.into(), range.after.into(), range.upto.into()];
    let waiting = tx.query(IN_RANGE, &params, |r| Ok(((r.int(0)?, r.text(1)?), r.uuid(2)?)))?;
    Ok(waiting.into_iter().collect())
}
