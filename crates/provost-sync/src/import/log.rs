//! Lines of the provisioning log about records that came in. They stand under the provider's key where a line
//! about a target has the connection's, and under the import run's key where that has the cycle's.

use super::source::Prepared;
use super::write::{Hand, Outcome};
use provost_engine::object::Kind;
use provost_scim::resource::Document;
use provost_store::directory::Object;
use provost_store::provisioning_log::{self, Entry, Modified, Step, Trace};
use provost_store::source_record::SourceRecord;
use provost_store::{Error as Store, Tx};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The stable word for a record of which nothing could be made.
pub(super) const FAILED: &str = "PRV-IMPORT-RECORD";

/// What a line tells.
struct Told<'a> {
    /// Whom it is about; nobody when nothing could be made of the record.
    person: Option<&'a Object>,
    action: &'static str,
    reason: &'a str,
    modified: Vec<Modified>,
}

/// Writes the line of a record that changed somebody, or of which nothing could be made. A failure that was told
/// before is not told again.
pub(super) fn write(
    tx: &mut Tx,
    prepared: &Prepared,
    anchor: &str,
    known: Option<&SourceRecord>,
    outcome: &Outcome,
    hand: &Hand,
) -> Result<(), Store> {
    let Some(told) = told(prepared, known, outcome) else {
        return Ok(());
    };
    let person = told.person;
    let (status, code) = match person {
        Some(_) => ("success", ""),
        None => ("failure", FAILED),
    };
    let entry = Entry {
        at: hand.now,
        connection: prepared.provider.key,
        cycle: hand.run,
        kind: Kind::Person,
        object: person.map_or(0, |person| person.key),
        object_id: person.map(|person| person.id).unwrap_or_default(),
        label: person.map_or_else(|| anchor.to_owned(), |person| person.label.clone()),
        action: told.action.to_owned(),
        status: status.to_owned(),
        reason: told.reason.to_owned(),
        code: code.to_owned(),
        target_id: anchor.to_owned(),
        initiator: hand.actor.clone(),
        trace: Trace {
            steps: vec![import_step(prepared, anchor)],
            modified: told.modified,
            receipts: Vec::new(),
        },
        ..Entry::default()
    };
    provisioning_log::append(tx, prepared.provider.workspace, &entry)
}

/// What there is to tell of an outcome.
fn told<'a>(prepared: &Prepared, known: Option<&SourceRecord>, outcome: &'a Outcome) -> Option<Told<'a>> {
    let about = |person: &'a Object, action, modified| {
        Some(Told {
            person: Some(person),
            action,
            reason: "",
            modified,
        })
    };
    match outcome {
        Outcome::Skipped | Outcome::Unchanged | Outcome::Moved => None,
        Outcome::Failed(reason) if known.is_some_and(|known| known.error == *reason) => None,
        Outcome::Failed(reason) => Some(Told {
            person: None,
            action: "import",
            reason,
            modified: Vec::new(),
        }),
        Outcome::Created(person) => about(person, "create", modified(prepared, None, Some(person))),
        Outcome::Restored(person) => about(person, "restore", Vec::new()),
        Outcome::Deleted(person) => about(person, "delete", Vec::new()),
        Outcome::Changed(both) => {
            let (before, after) = &**both;
            about(
                after,
                verb(before, after),
                modified(prepared, Some(before), Some(after)),
            )
        }
    }
}

fn import_step(prepared: &Prepared, anchor: &str) -> Step {
    Step {
        name: "import".to_owned(),
        status: "success".to_owned(),
        description: format!("a record of the source \"{}\" was read", prepared.provider.name),
        details: BTreeMap::from([(prepared.source.anchor.clone(), anchor.to_owned())]),
    }
}

/// What a change is called: whether somebody may work is more than any other attribute.
pub(super) fn verb(before: &Object, after: &Object) -> &'static str {
    match (before.active, after.active) {
        (true, false) => "disable",
        (false, true) => "restore",
        _ => "update",
    }
}

/// The attributes that differ.
fn modified(prepared: &Prepared, before: Option<&Object>, after: Option<&Object>) -> Vec<Modified> {
    let read = |person: Option<&Object>| -> Document {
        person
            .and_then(|person| serde_json::from_str(&person.document).ok())
            .unwrap_or_default()
    };
    let (before, after) = (read(before), read(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| Modified {
            name: name.clone(),
            old: shown(prepared, name, before.get(name)),
            new: shown(prepared, name, after.get(name)),
        })
        .collect()
}

/// A value as the log may hold it.
fn shown(prepared: &Prepared, name: &str, value: Option<&Value>) -> Value {
    match value {
        Some(value) if !prepared.rule.is_sensitive(name) => value.clone(),
        Some(_) => Value::from("[Redact]"),
        None => Value::Null,
    }
}
