//! Runs that brought a source's records into the directory.

use crate::provider::Provider;
use crate::{Error, Result, Row, Tx, audit};
use serde_json::Value;

macro_rules! columns {
    () => {
        "key, provider, started, finished, actor, mode, state, counts, digest"
    };
}

crate::statements! {
    BEGIN = "INSERT INTO import_run (key, provider, started, actor, mode, state, counts, digest) \
             VALUES ($1, $2, $3, $4, $5, 'running', $6, '')";
    ABANDON = "UPDATE import_run SET finished = $1, state = 'stopped' \
               WHERE provider = $2 AND state = 'running' AND mode <> $3 AND key <> $4";
    SUPERSEDE = "UPDATE import_run SET state = 'superseded' WHERE provider = $1 AND state = 'held' AND key <> $2";
    NOTE = "UPDATE import_run SET counts = $1 WHERE key = $2";
    SETTLE = "UPDATE import_run SET finished = $1, state = $2, counts = $3, digest = $4 WHERE key = $5";
    UNFINISHED = concat!("SELECT ", columns!(), " FROM import_run WHERE state = 'running' AND mode = $1 ORDER BY key");
    FORGET = "DELETE FROM import_run WHERE key IN (SELECT key FROM import_run \
              WHERE started < $1 AND state NOT IN ('running', 'held') ORDER BY key LIMIT $2)";
    GET = concat!("SELECT ", columns!(), " FROM import_run WHERE key = $1");
    LIST = concat!("SELECT ", columns!(), " FROM import_run WHERE provider = $1 AND key < $2 ORDER BY key DESC LIMIT $3");
}

crate::word::words! {
    /// How a run stands.
    State, "import state":
    /// It runs.
    Running = "running",
    /// It is through.
    Done = "done",
    /// It is through, but the absences that it found wait for a decision.
    Held = "held",
    /// A person decided that the absences are not carried out.
    Rejected = "rejected",
    /// A later run took the place of what it held.
    Superseded = "superseded",
    /// A part of the input could not be read, so nobody counts as missing.
    Incomplete = "incomplete",
    /// It ended with an error.
    Failed = "failed",
    /// It was cut short.
    Stopped = "stopped",
}

/// The mode of a run that only keeps what it received, to be carried out afterwards.
pub const RECEIVED: &str = "received";

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The inside key: what records note as their run.
    pub key: i64,
    /// The provider.
    pub provider: i64,
    /// When it began.
    pub started: i64,
    /// When it ended; none while it runs, or when its node was killed.
    pub finished: Option<i64>,
    /// Who began it.
    pub actor: String,
    /// `delta`, `full` or [`RECEIVED`].
    pub mode: String,
    /// How it stands.
    pub state: State,
    /// What it did, as JSON counts.
    pub counts: Value,
    /// The digest of what is held; empty where nothing is.
    pub digest: String,
}

fn read(row: &Row) -> Result<Run> {
    Ok(Run {
        key: row.int(0)?,
        provider: row.int(1)?,
        started: row.int(2)?,
        finished: row.int_or_null(3)?,
        actor: row.text(4)?,
        mode: row.text(5)?,
        state: row.str(6)?.parse()?,
        counts: serde_json::from_str(row.str(7)?)
            .map_err(|e| Error::Damaged(format!("the counts of an import: {e}")))?,
        digest: row.text(8)?,
    })
}

/// Notes that a run begins, and answers its key.
///
/// # Errors
/// Any error of the database.
pub fn begin(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    provider: &Provider,
    mode: &str,
    counts: &Value,
) -> Result<i64> {
    let key = tx.key();
    let text = counts.to_string();
    let params = [
        key.into(),
        provider.key.into(),
        now.into(),
        actor.into(),
        mode.into(),
        (&text).into(),
    ];
    tx.execute(BEGIN, &params)?;
    let detail = format!("run {key}, {mode}");
    audit::append(
        tx,
        provider.workspace,
        now,
        actor,
        "import.begin",
        provider.id,
        &detail,
    )?;
    Ok(key)
}

/// Ends the other runs of a provider that are still noted as running: they were cut short. What was received is
/// not: it is carried out.
///
/// # Errors
/// Any error of the database.
pub fn abandon(tx: &mut Tx, now: i64, provider: i64, but: i64) -> Result<()> {
    tx.execute(
        ABANDON,
        &[now.into(), provider.into(), RECEIVED.into(), but.into()],
    )?;
    Ok(())
}

/// What other runs of the provider held is held no more: this one says anew who is missing.
///
/// # Errors
/// Any error of the database.
pub fn supersede(tx: &mut Tx, provider: i64, by: i64) -> Result<()> {
    tx.execute(SUPERSEDE, &[provider.into(), by.into()])?;
    Ok(())
}

/// Notes how far a run has come.
///
/// # Errors
/// Any error of the database.
pub fn note(tx: &mut Tx, key: i64, counts: &Value) -> Result<()> {
    let text = counts.to_string();
    tx.execute(NOTE, &[(&text).into(), key.into()])?;
    Ok(())
}

/// How a run ended, or what was decided about what it held.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// How it stands now.
    pub state: State,
    /// What it did.
    pub counts: &'a Value,
    /// The digest of what is held; empty where nothing is.
    pub digest: &'a str,
    /// What it is called in the audit log.
    pub action: &'a str,
}

/// Notes how a run ended, with an audit row.
///
/// # Errors
/// Any error of the database.
pub fn settle(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    provider: &Provider,
    key: i64,
    ending: &Ending,
) -> Result<()> {
    let text = ending.counts.to_string();
    let params = [
        now.into(),
        ending.state.as_str().into(),
        (&text).into(),
        ending.digest.into(),
        key.into(),
    ];
    tx.execute(SETTLE, &params)?;
    let detail = format!("run {key}, {}", ending.state);
    audit::append(
        tx,
        provider.workspace,
        now,
        actor,
        ending.action,
        provider.id,
        &detail,
    )
}

/// The received runs of all providers that are still being carried out.
///
/// # Errors
/// Any error of the database.
pub fn unfinished(tx: &mut Tx) -> Result<Vec<Run>> {
    tx.query(UNFINISHED, &[RECEIVED.into()], read)
}

/// Deletes runs that began before `before` and are over, at most `limit`. Answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget(tx: &mut Tx, before: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[before.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}

/// One run.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, key: i64) -> Result<Option<Run>> {
    tx.first(GET, &[key.into()], read)
}

/// A provider's runs with keys below `before` (none: from the newest), newest first.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, provider: i64, before: Option<i64>, limit: i64) -> Result<Vec<Run>> {
    let params = [provider.into(), before.unwrap_or(i64::MAX).into(), limit.into()];
    tx.query(LIST, &params, read)
}
