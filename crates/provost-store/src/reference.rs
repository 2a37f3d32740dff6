//! References that wait: a manager who is not linked yet is written once he is, without a new initial cycle.

use crate::{Result, Tx};
use uuid::Uuid;

crate::statements! {
    PUT = "INSERT INTO pending_reference (rule, object, attribute, wanted) VALUES ($1, $2, $3, $4) \
           ON CONFLICT (rule, object, attribute) DO UPDATE SET wanted = excluded.wanted";
    REMOVE = "DELETE FROM pending_reference WHERE rule = $1 AND object = $2 AND attribute = $3";
    READY = "SELECT p.object, p.attribute, p.wanted, l.target_id FROM pending_reference p \
             LEFT JOIN link l ON l.rule = p.rule AND l.object_id = p.wanted \
             WHERE p.rule = $1 AND (l.target_id IS NOT NULL OR p.wanted = $2) ORDER BY p.object LIMIT $3";
    WAITS_FOR = "SELECT wanted FROM pending_reference WHERE rule = $1 AND object = $2 AND attribute = $3";
    WAITING = "SELECT COUNT(*) FROM pending_reference WHERE rule = $1";
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

/// References that can be written, or removed, now; at most `limit`.
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
