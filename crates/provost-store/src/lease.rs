//! Leases: the right to run a connection. Each taking raises the epoch, and every write of a cycle carries
//! its epoch, so a node that was thought dead cannot write over its successor.

use crate::{Error, Result, Tx};

crate::statements! {
    READ = "SELECT holder, epoch, expires FROM lease WHERE connection = $1";
    TAKE = "INSERT INTO lease (connection, holder, epoch, expires) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (connection) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch, \
            expires = excluded.expires";
    EXTEND = "UPDATE lease SET expires = $1 WHERE connection = $2 AND epoch = $3";
    RELEASE = "UPDATE lease SET expires = 0 WHERE connection = $1 AND epoch = $2";
}

/// A lease that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The connection's key.
    pub connection: i64,
    /// The fencing number.
    pub epoch: i64,
}

/// Takes the lease of a connection, unless another holder's has not run out. `is_gone` may know that a
/// holder has ended without giving its lease back; there is no need to wait for such a one.
///
/// # Errors
/// Any error of the database.
pub fn take(
    tx: &mut Tx,
    connection: i64,
    holder: &str,
    now: i64,
    until: i64,
    is_gone: &dyn Fn(&str) -> bool,
) -> Result<Option<Lease>> {
    let found = tx
        .first(READ, &[connection.into()], |r| {
            Ok((r.text(0)?, r.int(1)?, r.int(2)?))
        })?
        .unwrap_or_default();
    let (before, epoch, expires) = found;
    if expires > now && !is_gone(&before) {
        return Ok(None);
    }
    tx.execute(
        TAKE,
        &[connection.into(), holder.into(), (epoch + 1).into(), until.into()],
    )?;
    Ok(Some(Lease {
        connection,
        epoch: epoch + 1,
    }))
}

/// Whether somebody holds the lease of a connection at `now`. One that is gone without having given it back counts
/// until it has run out.
///
/// # Errors
/// Any error of the database.
pub fn is_held(tx: &mut Tx, connection: i64, now: i64) -> Result<bool> {
    let expires = tx.first(READ, &[connection.into()], |r| r.int(2))?;
    Ok(expires.is_some_and(|expires| expires > now))
}

/// Proves that the lease is still this holder's; called inside every transaction of a cycle.
///
/// # Errors
/// [`Error::LeaseLost`] when another holder has taken it.
pub fn prove(tx: &mut Tx, lease: Lease) -> Result<()> {
    let current = tx
        .first(READ, &[lease.connection.into()], |r| r.int(1))?
        .unwrap_or(0);
    if current == lease.epoch {
        Ok(())
    } else {
        Err(Error::LeaseLost {
            held: lease.epoch,
            current,
        })
    }
}

/// Makes the lease last longer.
///
/// # Errors
/// [`Error::LeaseLost`] when another holder has taken it.
pub fn extend(tx: &mut Tx, lease: Lease, until: i64) -> Result<()> {
    prove(tx, lease)?;
    tx.execute(
        EXTEND,
        &[until.into(), lease.connection.into(), lease.epoch.into()],
    )?;
    Ok(())
}

/// Gives the lease back. A lost one is nothing to give back.
///
/// # Errors
/// Any error of the database.
pub fn release(tx: &mut Tx, lease: Lease) -> Result<()> {
    tx.execute(RELEASE, &[lease.connection.into(), lease.epoch.into()])?;
    Ok(())
}
