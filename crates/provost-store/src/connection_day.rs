//! What each day brought to a connection, for the charts. Days are counted since 1970, in UTC.

use crate::{Result, Tx};

crate::statements! {
    ADD = "INSERT INTO connection_day (connection, day, cycles, written, removed, failed) VALUES ($1, $2, $3, $4, $5, $6) \
           ON CONFLICT (connection, day) DO UPDATE SET cycles = connection_day.cycles + excluded.cycles, \
           written = connection_day.written + excluded.written, removed = connection_day.removed + excluded.removed, \
           failed = connection_day.failed + excluded.failed";
    SINCE = "SELECT day, cycles, written, removed, failed FROM connection_day WHERE connection = $1 AND day >= $2 \
             ORDER BY day LIMIT 1000";
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// What happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Cycles that ended.
    pub cycles: i64,
    /// Steps that were carried out and took nothing away.
    pub written: i64,
    /// Steps that were carried out and took something away: accounts disabled or deleted, memberships, licences.
    pub removed: i64,
    /// Steps that failed.
    pub failed: i64,
}

/// The day of a moment.
pub fn day_of(now: i64) -> i64 {
    now.div_euclid(DAY)
}

/// Adds to a day. What is counted here has its own rows in the provisioning log.
///
/// # Errors
/// Any error of the database.
pub fn add(tx: &mut Tx, connection: i64, day: i64, figures: Figures) -> Result<()> {
    let params = [
        connection.into(),
        day.into(),
        figures.cycles.into(),
        figures.written.into(),
        figures.removed.into(),
        figures.failed.into(),
    ];
    tx.execute(ADD, &params)?;
    Ok(())
}

/// The days from `day` on that brought something, at most 1,000.
///
/// # Errors
/// Any error of the database.
pub fn since(tx: &mut Tx, connection: i64, day: i64) -> Result<Vec<(i64, Figures)>> {
    tx.query(SINCE, &[connection.into(), day.into()], |r| {
        let figures = Figures {
            cycles: r.int(1)?,
            written: r.int(2)?,
            removed: r.int(3)?,
            failed: r.int(4)?,
        };
        Ok((r.int(0)?, figures))
    })
}
