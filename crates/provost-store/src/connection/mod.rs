//! Connections: a provider's provisioning half.

mod edit;
mod preferences;
mod remove;
mod restart;

pub use edit::{configure, leads_elsewhere, rename, set_guard, set_preferences, set_settings};
pub use preferences::{Assignment, LeaverPolicy, Mode, Preferences};
pub use remove::remove;
pub(crate) use remove::remove_owned;
pub use restart::{Reset, restart};

pub(crate) use edit::STATEMENTS as EDIT_STATEMENTS;
pub(crate) use remove::STATEMENTS as REMOVE_STATEMENTS;
pub(crate) use restart::STATEMENTS as RESTART_STATEMENTS;
pub(crate) use restart::reset_watermark;

use crate::{Result, Tx, audit, config_version};
use serde_json::Value;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "key, id, workspace, name, connector, settings, guard, state, reason, failures, next_try, watermark, since, \
         preferences, code, wanted, reconciled, timed, last_run, people, tested, checks"
    };
}

crate::statements! {
    INSERT = "INSERT INTO connection (key, id, workspace, name, connector, settings, guard, state, reason, failures, \
              next_try, watermark, since, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', 0, 0, -1, $9, $10)";
    BY_NAME = concat!("SELECT ", columns!(), " FROM connection WHERE workspace = $1 AND name = $2");
    BY_KEY = concat!("SELECT ", columns!(), " FROM connection WHERE key = $1");
    ALL = concat!("SELECT ", columns!(), " FROM connection WHERE workspace = $1 ORDER BY name");
    EVERY = concat!("SELECT ", columns!(), " FROM connection ORDER BY key");
    SET_STATE = "UPDATE connection SET since = CASE WHEN state = $1 THEN since ELSE $2 END, state = $3, reason = $4, \
                 code = $5, failures = $6, next_try = $7 WHERE key = $8";
    SET_WATERMARK = "UPDATE connection SET watermark = $1 WHERE key = $2";
    ADVANCE = "UPDATE connection SET watermark = $1 WHERE key = $2 AND watermark = $3";
    WANT = "UPDATE connection SET wanted = $1 WHERE key = $2";
    SET_MARKS = "UPDATE connection SET reconciled = COALESCE($1, reconciled), timed = COALESCE($2, timed), \
                 last_run = COALESCE($3, last_run), people = COALESCE($4, people) WHERE key = $5";
    SET_CHECKED = "UPDATE connection SET checks = $1, tested = COALESCE($2, tested) WHERE key = $3";
}

/// The one state that a connection is in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Cycles run.
    #[default]
    Active,
    /// Stopped by a person.
    Paused,
    /// Stopped by the guard: removals wait for a person's decision. Creates and updates go on.
    Held,
    /// Slowed down by failures.
    Quarantine,
    /// It was saved although its test failed, or its credential is refused: no cycle runs, and nothing is
    /// removed. A test that succeeds makes it active ([`set_checked`]).
    Invalid,
}

impl State {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            State::Active => "active",
            State::Paused => "paused",
            State::Held => "held",
            State::Quarantine => "quarantine",
            State::Invalid => "invalid",
        }
    }

    fn of(text: &str) -> Self {
        match text {
            "active" => State::Active,
            "held" => State::Held,
            "quarantine" => State::Quarantine,
            "invalid" => State::Invalid,
            _ => State::Paused,
        }
    }
}

/// A connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// The inside key.
    pub key: i64,
    /// The public id.
    pub id: Uuid,
    /// Whose people it provisions.
    pub workspace: i64,
    /// Its name, unique in the workspace.
    pub name: String,
    /// Which code speaks to the target: `scim`, `graph`.
    pub connector: String,
    /// The connector's settings, without secrets.
    pub settings: Value,
    /// The deletion guard's settings.
    pub guard: Value,
    /// Its state.
    pub state: State,
    /// Why it is in that state, for people.
    pub reason: String,
    /// Failed cycles in a row.
    pub failures: i64,
    /// In quarantine: the time of the next try.
    pub next_try: i64,
    /// The change-log position that its last cycle finished; −1 before the initial cycle is through.
    pub watermark: i64,
    /// When it came into its state.
    pub since: i64,
    /// How it runs.
    pub preferences: Preferences,
    /// The stable word (`PRV-…`) for [`Connection::reason`]; empty where there is none.
    pub code: String,
    /// The cycle that a person or the schedule asked for: empty, or `reconcile`.
    pub wanted: String,
    /// When the last reconcile ended; 0 for never.
    pub reconciled: i64,
    /// When rules that depend on the time were last evaluated; 0 for never.
    pub timed: i64,
    /// When the last cycle ended; 0 for never.
    pub last_run: i64,
    /// How many people the directory had at the end of the last cycle.
    pub people: i64,
    /// When it was last tried out with success; 0 for never since its settings changed.
    pub tested: i64,
    /// What the last try found, as whoever tried it wrote it; null where there was none.
    pub checks: Value,
}

/// JSON that may be missing: then null.
fn json_or_null(text: &str) -> Result<Value> {
    if text.is_empty() {
        Ok(Value::Null)
    } else {
        json(text)
    }
}

fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|e| crate::Error::Damaged(e.to_string()))
}

fn read(row: &crate::Row) -> Result<Connection> {
    Ok(Connection {
        key: row.int(0)?,
        id: row.uuid(1)?,
        workspace: row.int(2)?,
        name: row.text(3)?,
        connector: row.text(4)?,
        settings: json(row.str(5)?)?,
        guard: json(row.str(6)?)?,
        state: State::of(row.str(7)?),
        reason: row.text(8)?,
        failures: row.int(9)?,
        next_try: row.int(10)?,
        watermark: row.int(11)?,
        since: row.int(12)?,
        preferences: Preferences::of_text(row.str(13)?)?,
        code: row.text(14)?,
        wanted: row.text(15)?,
        reconciled: row.int(16)?,
        timed: row.int(17)?,
        last_run: row.int(18)?,
        people: row.int(19)?,
        tested: row.int(20)?,
        checks: json_or_null(row.str(21)?)?,
    })
}

/// What a new connection is made of.
#[derive(Debug, Clone)]
pub struct New<'a> {
    /// The public id to give it.
    pub id: Uuid,
    /// The workspace's key.
    pub workspace: i64,
    /// Its name.
    pub name: &'a str,
    /// `scim` or `graph`.
    pub connector: &'a str,
    /// The connector's settings, without secrets.
    pub settings: &'a Value,
    /// The deletion guard's settings.
    pub guard: &'a Value,
}

/// Makes a connection; it is active at once.
///
/// # Errors
/// [`crate::Error::Conflict`] when the name is taken in the workspace.
pub fn create(tx: &mut Tx, actor: &str, now: i64, new: &New) -> Result<Connection> {
    let key = tx.key();
    let (settings, guard) = (new.settings.to_string(), new.guard.to_string());
    tx.execute(
        INSERT,
        &[
            key.into(),
            new.id.into(),
            new.workspace.into(),
            new.name.into(),
            new.connector.into(),
            (&settings).into(),
            (&guard).into(),
            State::Active.name().into(),
            now.into(),
            now.into(),
        ],
    )?;
    audit::append_named(
        tx,
        new.workspace,
        now,
        actor,
        "connection.create",
        new.name,
        &settings,
    )?;
    let made = Connection {
        key,
        id: new.id,
        workspace: new.workspace,
        name: new.name.to_owned(),
        connector: new.connector.to_owned(),
        settings: new.settings.clone(),
        guard: new.guard.clone(),
        state: State::Active,
        reason: String::new(),
        failures: 0,
        next_try: 0,
        watermark: -1,
        since: now,
        preferences: Preferences::default(),
        code: String::new(),
        wanted: String::new(),
        reconciled: 0,
        timed: 0,
        last_run: 0,
        people: 0,
        tested: 0,
        checks: Value::Null,
    };
    config_version::append(tx, actor, now, &made, "made")?;
    Ok(made)
}

/// The workspace's connection of this name.
///
/// # Errors
/// Any error of the database.
pub fn by_name(tx: &mut Tx, workspace: i64, name: &str) -> Result<Option<Connection>> {
    tx.first(BY_NAME, &[workspace.into(), name.into()], read)
}

/// The connection with this key.
///
/// # Errors
/// Any error of the database.
pub fn by_key(tx: &mut Tx, key: i64) -> Result<Option<Connection>> {
    tx.first(BY_KEY, &[key.into()], read)
}

/// The workspace's connections by name.
///
/// # Errors
/// Any error of the database.
pub fn all(tx: &mut Tx, workspace: i64) -> Result<Vec<Connection>> {
    tx.query(ALL, &[workspace.into()], read)
}

/// Every connection of every workspace: what the scheduler looks at.
///
/// # Errors
/// Any error of the database.
pub fn every(tx: &mut Tx) -> Result<Vec<Connection>> {
    tx.query(EVERY, &[], read)
}

/// What [`set_state`] writes. The default is: active, all is well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition {
    /// The new state.
    pub state: State,
    /// Why, for people; empty when all is well.
    pub reason: String,
    /// The stable word (`PRV-…`) for the reason; empty when all is well.
    pub code: String,
    /// Failed cycles in a row.
    pub failures: i64,
    /// The time of the next try.
    pub next_try: i64,
}

/// Changes a connection's state, with an audit row when the word for it changes.
///
/// # Errors
/// Any error of the database.
pub fn set_state(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, to: &Condition) -> Result<()> {
    let params = [
        to.state.name().into(),
        now.into(),
        to.state.name().into(),
        (&to.reason).into(),
        (&to.code).into(),
        to.failures.into(),
        to.next_try.into(),
        connection.key.into(),
    ];
    tx.execute(SET_STATE, &params)?;
    if to.state != connection.state {
        let action = format!("connection.{}", to.state.name());
        audit::append_named(
            tx,
            connection.workspace,
            now,
            actor,
            &action,
            &connection.name,
            &to.reason,
        )?;
    }
    Ok(())
}

/// Keeps what a try of the connection found. After a success (`ok`) an invalid connection is active, with an audit
/// row; any other state stays: a paused connection is resumed by a person. A failure changes no state here.
///
/// # Errors
/// Any error of the database.
pub fn set_checked(tx: &mut Tx, key: i64, now: i64, checks: &Value, ok: bool) -> Result<()> {
    let text = checks.to_string();
    let tested = ok.then_some(now);
    tx.execute(SET_CHECKED, &[(&text).into(), tested.into(), key.into()])?;
    match by_key(tx, key)? {
        Some(found) if ok && found.state == State::Invalid => {
            set_state(tx, "provost", now, &found, &Condition::default())
        }
        _ => Ok(()),
    }
}

/// Notes how far the change log has been carried to the target.
///
/// # Errors
/// Any error of the database.
pub fn set_watermark(tx: &mut Tx, key: i64, watermark: i64) -> Result<()> {
    tx.execute(SET_WATERMARK, &[watermark.into(), key.into()])?;
    Ok(())
}

/// Moves the watermark on from `from`, unless somebody reset it meanwhile; then the next cycle starts where
/// they said. Answers whether it was moved. What a cycle calls at its end.
///
/// # Errors
/// Any error of the database.
pub fn advance(tx: &mut Tx, key: i64, from: i64, to: i64) -> Result<bool> {
    Ok(tx.execute(ADVANCE, &[to.into(), key.into(), from.into()])? > 0)
}

/// Asks for a cycle: `reconcile`, or nothing (an empty text) once it has run.
///
/// # Errors
/// [`crate::Error::Refused`] (`PRV-WORD`) for any other word.
pub fn want(tx: &mut Tx, key: i64, cycle: &str) -> Result<()> {
    if !matches!(cycle, "" | "reconcile") {
        return Err(crate::word::unknown(
            "cycle that can be asked for",
            cycle,
            &["reconcile"],
        ));
    }
    tx.execute(WANT, &[cycle.into(), key.into()])?;
    Ok(())
}

/// What [`set_marks`] writes; what is none stays as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// When a reconcile ended.
    pub reconciled: Option<i64>,
    /// When rules that depend on the time were evaluated.
    pub timed: Option<i64>,
    /// When a cycle ended.
    pub last_run: Option<i64>,
    /// How many people the directory has.
    pub people: Option<i64>,
}

/// Notes what the schedule and the guard measure by.
///
/// # Errors
/// Any error of the database.
pub fn set_marks(tx: &mut Tx, key: i64, marks: Marks) -> Result<()> {
    let params = [
        marks.reconciled.into(),
        marks.timed.into(),
        marks.last_run.into(),
        marks.people.into(),
        key.into(),
    ];
    tx.execute(SET_MARKS, &params)?;
    Ok(())
}
