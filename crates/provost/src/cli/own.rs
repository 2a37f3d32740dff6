//! People and groups of the directory's own: what an administrator keeps, and no inbound provider pushes.

use super::{Place, who};
use crate::cli::setting::Setting;
use crate::failure::{self, Failure};
use crate::hub::{self, Hub};
use crate::{clock, output};
use anyhow::{Context as _, Result};
use provost_engine::object::Kind;
use provost_store::directory::{self, Change, Object, Owner, Placement};
use provost_store::provider::State;
use provost_store::{Tx, extension, provider};
use provost_web::own;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// Attributes of a person or a group, as in SCIM.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Attributes {
    /// An attribute, such as title=Cook or name.givenName=Ada; one of an extension with its schema before it, as
    /// in urn:…:User:department=Sales; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<Setting>,
    /// A JSON file with attributes, in the form of a SCIM resource
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Attributes {
    /// Whether nothing was named.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.file.is_none()
    }

    /// The attributes of the file, and those that were named one by one above them.
    ///
    /// # Errors
    /// When the file cannot be read or is no JSON object.
    pub fn read(&self) -> Result<Map<String, Value>> {
        let mut all = match &self.file {
            Some(path) => {
                let name = path.display();
                let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
                serde_json::from_str(&text).with_context(|| format!("{name} is no JSON object"))?
            }
            None => Map::new(),
        };
        for one in &self.set {
            put(&mut all, &one.name, one.value.clone());
        }
        Ok(all)
    }
}

/// Puts a value at a path: `name.givenName`, or `urn:…:User:department`.
pub(super) fn put(all: &mut Map<String, Value>, path: &str, value: Value) {
    let (schema, name) = match path.rsplit_once(':').filter(|_| path.starts_with("urn:")) {
        Some((schema, name)) => (Some(schema), name),
        None => (None, path),
    };
    let mut place = all;
    let outer = name.rsplit_once('.').map_or("", |(outer, _)| outer);
    for part in schema
        .into_iter()
        .chain(outer.split('.').filter(|part| !part.is_empty()))
    {
        let slot = place.entry(part).or_insert_with(|| json!({}));
        if !slot.is_object() {
            *slot = json!({});
        }
        match slot.as_object_mut() {
            Some(inner) => place = inner,
            None => return,
        }
    }
    let last = name.rsplit_once('.').map_or(name, |(_, last)| last);
    place.insert(last.to_owned(), value);
}

/// Makes a person or a group in the directory, in one transaction with whatever `then` does.
///
/// # Errors
/// What the schema does not allow, a name that is taken, and what `then` fails with.
pub(super) async fn create<T: Send + 'static>(
    hub: &Hub,
    kind: Kind,
    attributes: Map<String, Value>,
    placed: directory::Placed,
    then: impl Fn(&mut Tx, &Change, &Object) -> Result<T> + Send + 'static,
) -> Result<(Object, T)> {
    let workspace = hub.workspace.key;
    hub.db
        .write(move |tx| {
            let actor = hub::actor();
            let owner = Owner {
                workspace,
                key: workspace,
            };
            let change = Change {
                owner,
                actor: &actor,
                now: clock::now(),
            };
            let placement = Placement {
                role: placed.role.as_deref().unwrap_or("user"),
                team: placed.team.as_deref(),
                permission: placed.permission.as_deref(),
            };
            let catalogue = extension::catalogue(tx, workspace)?;
            let made = own::create(tx, &catalogue, &change, kind, &attributes, &placement).map_err(told)?;
            let more = then(tx, &change, &made)?;
            Ok((made, more))
        })
        .await
}

/// Changes attributes. `None`: they were so already.
///
/// # Errors
/// As [`create`]; when an inbound provider keeps the object.
pub(super) async fn change(hub: &Hub, key: i64, attributes: Map<String, Value>) -> Result<Option<Object>> {
    let workspace = hub.workspace.key;
    hub.db
        .write(move |tx| {
            let actor = hub::actor();
            let found = kept_here(tx, key)?;
            let change = Change {
                owner: found.owned_by(),
                actor: &actor,
                now: clock::now(),
            };
            let catalogue = extension::catalogue(tx, workspace)?;
            own::change(tx, &catalogue, &change, &found, &attributes).map_err(told)
        })
        .await
}

/// Moves a person or a group to the recycle bin.
///
/// # Errors
/// When an inbound provider keeps it.
pub(super) async fn delete(hub: &Hub, key: i64) -> Result<Object> {
    hub.db
        .write(move |tx| {
            let actor = hub::actor();
            let found = kept_here(tx, key)?;
            let change = Change {
                owner: found.owned_by(),
                actor: &actor,
                now: clock::now(),
            };
            directory::delete(tx, &change, &found)?;
            Ok::<_, anyhow::Error>(found)
        })
        .await
}

/// The object, unless an inbound provider keeps it: its next request would be about something else than it believes.
///
/// # Errors
/// When it is gone or another's.
pub(super) fn kept_here(tx: &mut Tx, key: i64) -> Result<Object> {
    let found = directory::by_key(tx, key)?.context("it was deleted a moment ago")?;
    let owner = provider::by_key(tx, found.owner)?.filter(|one| one.state == State::Saved);
    let Some(owner) = owner else {
        return Ok(found);
    };
    let sentence = format!(
        "{} is kept by the inbound provider \"{}\"",
        found.label, owner.name
    );
    let hint = "Change it there. To take access away at once: provost person block";
    Err(Failure::new(sentence, hint).into())
}

/// The one of this kind that is meant.
///
/// # Errors
/// When nobody is, several are, or it is of the other kind.
pub(super) async fn find(hub: &Hub, kind: Kind, text: &str) -> Result<who::Named> {
    let found = who::present(hub, text).await?;
    if found.kind == kind {
        return Ok(found);
    }
    let hint = match found.kind {
        Kind::Person => "The commands of `provost person` are about people.",
        Kind::Group => "The commands of `provost group` are about groups.",
    };
    Err(Failure::new(format!("\"{text}\" is a {}", found.kind), hint).into())
}

/// Nothing was named that could be changed.
pub(super) fn nothing_named() -> anyhow::Error {
    let hint = "Name what changes with --set or --file.";
    Failure::new("nothing to change was named", hint)
        .with_status(failure::USAGE)
        .into()
}

/// Tells what became of a change.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn tell(place: &Place, label: &str, after: Option<&Object>) -> Result<()> {
    let answer = json!({
        "label": after.map_or(label, |one| &one.label), "changed": after.is_some(),
        "document": after.map(Object::value).transpose()?,
    });
    output::either(place.json, &answer, || match after {
        Some(after) => format!(
            "{} is changed. The next cycle of each connection carries it out.",
            after.label
        ),
        None => format!("{label} is so already; nothing was changed."),
    })
}

/// The store's refusals keep their hints; those of the schema get one.
fn told(error: provost_web::Error) -> anyhow::Error {
    match error {
        provost_web::Error::Store(inner) => inner.into(),
        other => Failure::new(other.to_string(), "Correct what is named; nothing was changed.").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_into_the_document() {
        let mut all = Map::new();
        put(&mut all, "title", json!("Cook"));
        put(&mut all, "name.givenName", json!("Ada"));
        put(&mut all, "name.familyName", json!("Contoso"));
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        put(&mut all, &format!("{enterprise}:department"), json!("Sales"));
        assert_eq!(
            Value::Object(all),
            json!({
                "title": "Cook", "name": {"givenName": "Ada", "familyName": "Contoso"},
                enterprise: {"department": "Sales"},
            })
        );
    }
}
