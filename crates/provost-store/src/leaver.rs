//! People who leave: their accounts keep neither memberships nor licences until that is ended.

use crate::connection::Connection;
use crate::directory::{self, Object};
use crate::{Error, Result, Row, Tx, audit, revisit};
use provost_engine::object::Kind;
use serde_json::Value;
use std::collections::HashSet;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "v.object, COALESCE(o.id, d.id), COALESCE(o.label, d.label, ''), v.heir, v.created, v.actor, v.state, v.steps \
         FROM leaver v LEFT JOIN object o ON o.key = v.object LEFT JOIN deleted_object d ON d.key = v.object"
    };
}

crate::statements! {
    INSERT = "INSERT INTO leaver (connection, object, heir, created, actor, state, steps) VALUES ($1, $2, $3, $4, $5, $6, '[]') \
              ON CONFLICT (connection, object) DO UPDATE SET heir = excluded.heir, state = excluded.state, steps = excluded.steps";
    GET = concat!("SELECT ", columns!(), " WHERE v.connection = $1 AND v.object = $2");
    AFTER = concat!("SELECT ", columns!(), " WHERE v.connection = $1 AND v.object > $2 ORDER BY v.object LIMIT $3");
    OF_OBJECT = "SELECT connection FROM leaver WHERE object = $1 ORDER BY connection";
    KEYS = "SELECT object FROM leaver WHERE connection = $1";
    SET_STEPS = "UPDATE leaver SET state = $1, steps = $2 WHERE connection = $3 AND object = $4";
    DELETE = "DELETE FROM leaver WHERE connection = $1 AND object = $2";
    FORGET = "DELETE FROM leaver WHERE object = $1";
    COUNT = "SELECT COUNT(*) FROM leaver WHERE connection = $1";
}

crate::word::words! {
    /// How far the run for a person has come.
    State, "state of a leaver":
    /// It has begun; steps are left.
    Open = "open",
    /// Every step was done.
    Done = "done",
    /// A step failed.
    Failed = "failed",
}

/// A person who leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaver {
    /// The person's key.
    pub object: i64,
    /// The public id; none once the person is gone for good.
    pub id: Option<Uuid>,
    /// What the person is called.
    pub label: String,
    /// Who takes over what the person owns; none for nobody.
    pub heir: Option<i64>,
    /// When it began.
    pub created: i64,
    /// Who began it.
    pub actor: String,
    /// How far it has come.
    pub state: State,
    /// What was done, with a result each: a list, as whoever does it writes it.
    pub steps: Value,
}

fn read(row: &Row) -> Result<Leaver> {
    let steps = serde_json::from_str(row.str(7)?);
    Ok(Leaver {
        object: row.int(0)?,
        id: row.uuid_or_null(1)?,
        label: row.text(2)?,
        heir: Some(row.int(3)?).filter(|key| *key != 0),
        created: row.int(4)?,
        actor: row.text(5)?,
        state: row.str(6)?.parse()?,
        steps: steps.map_err(|e| Error::Damaged(format!("the steps of a leaver: {e}")))?,
    })
}

/// Notes that a person leaves, and has the person looked at. Done again, the heir is the new one and the steps
/// begin anew.
///
/// # Errors
/// [`Error::Refused`] (`PRV-LEAVER`) for a group, somebody of another workspace, and an heir who is no other
/// person of the same workspace.
pub fn add(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    person: &Object,
    heir: Option<&Object>,
) -> Result<()> {
    refuse_wrong(connection, person, heir)?;
    let params = [
        connection.key.into(),
        person.key.into(),
        heir.map_or(0, |one| one.key).into(),
        now.into(),
        actor.into(),
        State::Open.as_str().into(),
    ];
    tx.execute(INSERT, &params)?;
    revisit::ask(tx, connection.key, person.key, 0, now, "leaves")?;
    let heir = heir.map_or_else(|| "nobody".to_owned(), |one| one.id.to_string());
    let detail = format!("in {}, handed over to {heir}", connection.name);
    audit::append(
        tx,
        connection.workspace,
        now,
        actor,
        "leaver.add",
        person.id,
        &detail,
    )
}

fn refuse_wrong(connection: &Connection, person: &Object, heir: Option<&Object>) -> Result<()> {
    let is_person = |one: &Object| one.kind == Kind::Person && one.workspace == connection.workspace;
    let refuse = |sentence: String| {
        let hint = "Name a person of the connection's workspace.";
        Err(Error::refused("PRV-LEAVER", sentence, hint))
    };
    if !is_person(person) {
        return refuse(format!("{} is no person who could leave", person.label));
    }
    match heir {
        Some(one) if !is_person(one) || one.key == person.key => {
            refuse(format!("{} cannot take over from {}", one.label, person.label))
        }
        _ => Ok(()),
    }
}

/// A person who leaves, as a connection knows it.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, connection: i64, person: i64) -> Result<Option<Leaver>> {
    tx.first(GET, &[connection.into(), person.into()], read)
}

/// Who leaves in a connection, with keys above `after`.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64, after: i64, limit: i64) -> Result<Vec<Leaver>> {
    tx.query(AFTER, &[connection.into(), after.into(), limit.into()], read)
}

/// The keys of everybody who leaves in a connection.
///
/// # Errors
/// Any error of the database.
pub fn set(tx: &mut Tx, connection: i64) -> Result<HashSet<i64>> {
    let mut keys = HashSet::new();
    tx.for_each(KEYS, &[connection.into()], |r| {
        keys.insert(r.int(0)?);
        Ok(true)
    })?;
    Ok(keys)
}

/// The keys of the connections that a person leaves in.
///
/// # Errors
/// Any error of the database.
pub fn connections(tx: &mut Tx, person: i64) -> Result<Vec<i64>> {
    tx.query(OF_OBJECT, &[person.into()], |r| r.int(0))
}

/// How many people leave in a connection.
///
/// # Errors
/// Any error of the database.
pub fn count(tx: &mut Tx, connection: i64) -> Result<i64> {
    Ok(tx.first(COUNT, &[connection.into()], |r| r.int(0))?.unwrap_or(0))
}

/// Keeps what was done so far. `false`: the person does not leave (any more).
///
/// # Errors
/// Any error of the database.
pub fn set_steps(tx: &mut Tx, connection: i64, person: i64, state: State, steps: &Value) -> Result<bool> {
    let text = steps.to_string();
    let params = [
        state.as_str().into(),
        (&text).into(),
        connection.into(),
        person.into(),
    ];
    Ok(tx.execute(SET_STEPS, &params)? > 0)
}

/// The person stays after all: memberships and licences come back with the next cycle. `false`: the person did
/// not leave.
///
/// # Errors
/// Any error of the database.
pub fn end(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, person: i64) -> Result<bool> {
    if tx.execute(DELETE, &[connection.key.into(), person.into()])? == 0 {
        return Ok(false);
    }
    revisit::ask(tx, connection.key, person, 0, now, "stays")?;
    let found = directory::by_key(tx, person)?;
    let subject = found.map_or_else(|| format!("object {person}"), |one| one.id.to_string());
    let detail = format!("in {}", connection.name);
    audit::append_named(
        tx,
        connection.workspace,
        now,
        actor,
        "leaver.end",
        &subject,
        &detail,
    )?;
    Ok(true)
}

/// Forgets a person who is gone for good.
pub(crate) fn forget(tx: &mut Tx, object: i64) -> Result<()> {
    tx.execute(FORGET, &[object.into()])?;
    Ok(())
}
