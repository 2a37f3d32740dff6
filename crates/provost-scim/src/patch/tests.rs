//! PATCH by table: each case is a document, operations, and what must be there afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::{Value, json};

use super::*;
use crate::leniency::{Dialect, Habit, Leniency};
use crate::schema::{ENTERPRISE_USER, PATCH_OP, ResourceType, group, user};
use crate::{Error, Result, ScimType};

mod activation;
mod custom;
mod groups;
mod people;
mod refusals;

/// The people of the vectors.
fn bob() -> Value {
    json!({"userName": "bob", "active": false, "emails": [{"type": "work", "value": "bob@a.test"}]})
}

fn ann() -> Value {
    json!({
        "userName": "Ann", "title": "Boss", "active": true, "externalId": "X1",
        "emails": [{"type": "work", "value": "ann@a.test", "primary": true}, {"type": "home", "value": "a@b.test"}]
    })
}

fn object(value: Value) -> Document {
    let Value::Object(document) = value else {
        panic!("an object")
    };
    document
}

fn run(
    rt: &ResourceType,
    document: Value,
    operations: Value,
    leniency: &Leniency,
    used: &mut Habits,
) -> Result<Outcome> {
    let body = json!({"schemas": [PATCH_OP], "Operations": operations});
    let request = parse(rt, body, leniency)?;
    apply(rt, &object(document), &request, leniency, used)
}

fn patch(document: Value, operations: Value) -> Result<Outcome> {
    run(
        user(),
        document,
        operations,
        &Leniency::default(),
        &mut Habits::default(),
    )
}

fn strictly(document: Value, operations: Value) -> Result<Outcome> {
    run(
        user(),
        document,
        operations,
        &Leniency::strict(),
        &mut Habits::default(),
    )
}

/// The document afterwards, and that `changed` tells the truth.
fn after(document: Value, operations: Value) -> Value {
    let shown = operations.to_string();
    let outcome = patch(document.clone(), operations).unwrap_or_else(|error| panic!("{shown}: {error}"));
    let after = Value::Object(outcome.document);
    assert_eq!(outcome.changed, after != document, "{shown}");
    after
}

/// The parts that `changes` names, laid over `document`; `null` takes a part away.
fn with(mut document: Value, changes: Value) -> Value {
    for (key, value) in object(changes) {
        match value {
            Value::Null => document.as_object_mut().unwrap().remove(&key),
            value => document.as_object_mut().unwrap().insert(key, value),
        };
    }
    document
}

fn kind(error: &Error) -> &'static str {
    assert_eq!(error.status, 400, "{error}");
    error.scim_type.map_or("none", ScimType::as_str)
}
