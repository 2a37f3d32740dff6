//! Mail about causes: one a cause and connection, until the cause is over.

use crate::{Result, Row, Tx};

macro_rules! columns {
    () => {
        "key, workspace, connection, cause, subject, body, state, created, sent, attempts, next_try, error"
    };
}

crate::statements! {
    INSERT = "INSERT INTO notice (key, workspace, connection, cause, subject, body, state, created, attempts, next_try, error) \
              VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, 0, $8, '')";
    STANDING = "SELECT key FROM notice WHERE connection = $1 AND cause = $2 AND workspace = $3 AND state <> 'over' LIMIT 1";
    DUE = concat!("SELECT ", columns!(), " FROM notice WHERE state = 'waiting' AND next_try <= $1 ORDER BY next_try, key LIMIT $2");
    SENT = "UPDATE notice SET state = 'sent', sent = $1, attempts = attempts + 1, error = '' WHERE key = $2 AND state <> 'over'";
    AGAIN = "UPDATE notice SET attempts = attempts + 1, next_try = $1, error = $2 WHERE key = $3 AND state <> 'over'";
    FAILED = "UPDATE notice SET state = 'failed', attempts = attempts + 1, error = $1 WHERE key = $2 AND state <> 'over'";
    OVER = "UPDATE notice SET state = 'over' WHERE connection = $1 AND cause = $2 AND workspace = $3 AND state <> 'over'";
    STANDING_ALL = concat!("SELECT ", columns!(), " FROM notice WHERE state IN ('waiting', 'sent', 'failed') \
                    AND workspace = $1 AND key > $2 ORDER BY key LIMIT $3");
    LATEST = concat!("SELECT ", columns!(), " FROM notice WHERE workspace = $1 AND key < $2 ORDER BY key DESC LIMIT $3");
    SWEEP = "DELETE FROM notice WHERE key IN (SELECT key FROM notice WHERE state = 'over' AND created < $1 LIMIT $2)";
}

crate::word::words! {
    /// What became of a notice.
    State, "notice state":
    /// It is to be sent.
    Waiting = "waiting",
    /// It was sent, and its cause still holds.
    Sent = "sent",
    /// It could not be sent, and is not tried any more.
    Failed = "failed",
    /// Its cause is over.
    Over = "over",
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The inside key.
    pub key: i64,
    /// The workspace.
    pub workspace: i64,
    /// The connection it is about; 0 for none.
    pub connection: i64,
    /// The stable word for its cause.
    pub cause: String,
    /// The mail's subject.
    pub subject: String,
    /// The mail's text.
    pub body: String,
    /// What became of it.
    pub state: State,
    /// When the cause came up.
    pub created: i64,
    /// When it was sent.
    pub sent: Option<i64>,
    /// How often it was tried to send it.
    pub attempts: i64,
    /// When it is tried next.
    pub next_try: i64,
    /// Why the last try failed; empty where it did not.
    pub error: String,
}

fn read(row: &Row) -> Result<Notice> {
    Ok(Notice {
        key: row.int(0)?,
        workspace: row.int(1)?,
        connection: row.int(2)?,
        cause: row.text(3)?,
        subject: row.text(4)?,
        body: row.text(5)?,
        state: row.str(6)?.parse()?,
        created: row.int(7)?,
        sent: row.int_or_null(8)?,
        attempts: row.int(9)?,
        next_try: row.int(10)?,
        error: row.text(11)?,
    })
}

/// What a new notice is made of.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The workspace.
    pub workspace: i64,
    /// The connection it is about; 0 for none.
    pub connection: i64,
    /// The stable word for its cause, with whatever tells two of them apart.
    pub cause: &'a str,
    /// The mail's subject.
    pub subject: &'a str,
    /// The mail's text.
    pub body: &'a str,
}

/// Raises a notice, to be sent from `due` on, unless one for the same cause stands already. Answers whether it
/// was raised.
///
/// # Errors
/// Any error of the database.
pub fn raise(tx: &mut Tx, now: i64, due: i64, new: &New) -> Result<bool> {
    let cause = [new.connection.into(), new.cause.into(), new.workspace.into()];
    if tx.first(STANDING, &cause, |_| Ok(()))?.is_some() {
        return Ok(false);
    }
    let key = tx.key();
    let params = [
        key.into(),
        new.workspace.into(),
        new.connection.into(),
        new.cause.into(),
        new.subject.into(),
        new.body.into(),
        now.into(),
        due.into(),
    ];
    tx.execute(INSERT, &params)?;
    Ok(true)
}

/// A cause is over: its notice stands no more, and the next one is raised anew. Answers whether one stood.
///
/// # Errors
/// Any error of the database.
pub fn over(tx: &mut Tx, workspace: i64, connection: i64, cause: &str) -> Result<bool> {
    let params = [connection.into(), cause.into(), workspace.into()];
    Ok(tx.execute(OVER, &params)? > 0)
}

/// Notices that are to be sent by `now`, the longest waiting first.
///
/// # Errors
/// Any error of the database.
pub fn due(tx: &mut Tx, now: i64, limit: i64) -> Result<Vec<Notice>> {
    tx.query(DUE, &[now.into(), limit.into()], read)
}

/// It was sent.
///
/// # Errors
/// Any error of the database.
pub fn sent(tx: &mut Tx, now: i64, key: i64) -> Result<()> {
    tx.execute(SENT, &[now.into(), key.into()])?;
    Ok(())
}

/// It could not be sent: it is tried again at `next_try`, or (none) not any more.
///
/// # Errors
/// Any error of the database.
pub fn failed(tx: &mut Tx, key: i64, error: &str, next_try: Option<i64>) -> Result<()> {
    match next_try {
        Some(at) => tx.execute(AGAIN, &[at.into(), error.into(), key.into()])?,
        None => tx.execute(FAILED, &[error.into(), key.into()])?,
    };
    Ok(())
}

/// A workspace's notices whose cause still holds, with keys above `after`, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn standing(tx: &mut Tx, workspace: i64, after: i64, limit: i64) -> Result<Vec<Notice>> {
    tx.query(
        STANDING_ALL,
        &[workspace.into(), after.into(), limit.into()],
        read,
    )
}

/// A workspace's notices with keys below `before` (none: from the newest), newest first.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, workspace: i64, before: Option<i64>, limit: i64) -> Result<Vec<Notice>> {
    let params = [workspace.into(), before.unwrap_or(i64::MAX).into(), limit.into()];
    tx.query(LATEST, &params, read)
}

/// Deletes notices that were raised before `before` and are over, at most `limit`. Answers how many.
pub(crate) fn sweep(tx: &mut Tx, before: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(SWEEP, &[before.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
