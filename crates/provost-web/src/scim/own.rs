//! People and groups of the directory itself: those that no provider pushes and administrators keep. They are held to
//! the same schema as everybody else.

use super::{resource_type, write};
use crate::error::Result;
use provost_engine::object::Kind;
use provost_scim::leniency::{Habits, Leniency};
use provost_scim::resource::Document;
use provost_scim::schema::Catalogue;
use provost_scim::validate;
use provost_store::Tx;
use provost_store::directory::{self, Change, Object, Placement};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Makes a person or a group of what was entered: attributes as in SCIM, without `schemas`.
///
/// # Errors
/// 400 for what the schema does not allow, 409 for a name that is taken.
pub fn create(
    tx: &mut Tx,
    catalogue: &Catalogue,
    change: &Change,
    kind: Kind,
    entered: &Map<String, Value>,
    placement: &Placement,
) -> Result<Object> {
    let rt = resource_type(catalogue, kind);
    let sent = with_schemas(rt.schema.id.as_str(), entered);
    let accepted = validate::create(rt, sent, &Leniency::strict(), &mut Habits::default())?;
    write::check_lengths(&accepted.document)?;
    directory::create(tx, change, kind, Uuid::now_v7(), &accepted.document, placement)
        .map_err(|error| write::conflict(error, kind, &accepted.document))
}

/// Changes attributes; `null` takes one away, and what is left out stays (RFC 7396). `None`: it is so already.
///
/// # Errors
/// As [`create`].
pub fn change(
    tx: &mut Tx,
    catalogue: &Catalogue,
    change: &Change,
    current: &Object,
    entered: &Map<String, Value>,
) -> Result<Option<Object>> {
    let rt = resource_type(catalogue, current.kind);
    let before: Document = write::document(current)?;
    let mut merged = Value::Object(before.clone());
    merge(&mut merged, &Value::Object(entered.clone()));
    let sent = match merged {
        Value::Object(fields) => with_schemas(rt.schema.id.as_str(), &fields),
        other => other,
    };
    let accepted = validate::replace(rt, &before, sent, &Leniency::strict(), &mut Habits::default())?;
    if accepted.document == before {
        return Ok(None);
    }
    write::check_lengths(&accepted.document)?;
    directory::replace(tx, change, current, &accepted.document)
        .map_err(|error| write::conflict(error, current.kind, &accepted.document))
}

/// SCIM asks for `schemas`; whoever enters a person in a form or by our interface need not.
fn with_schemas(core: &str, entered: &Map<String, Value>) -> Value {
    let mut sent = entered.clone();
    if !sent.contains_key("schemas") {
        let mut urns = vec![Value::from(core)];
        urns.extend(
            entered
                .keys()
                .filter(|name| name.starts_with("urn:"))
                .map(|urn| urn.as_str().into()),
        );
        sent.insert("schemas".to_owned(), Value::Array(urns));
    }
    Value::Object(sent)
}

/// RFC 7396 section 2.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            fields.remove(name);
        } else {
            merge(fields.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_left_out_stays_and_null_takes_away() {
        let mut person =
            json!({"title": "Cook", "name": {"givenName": "Ann", "familyName": "Lee"}, "emails": [1]});
        merge(
            &mut person,
            &json!({"title": null, "name": {"givenName": "Anna"}, "emails": [2, 3]}),
        );
        assert_eq!(
            person,
            json!({"name": {"givenName": "Anna", "familyName": "Lee"}, "emails": [2, 3]})
        );
    }
}
