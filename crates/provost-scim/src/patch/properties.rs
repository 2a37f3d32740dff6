//! Properties of PATCH over random documents, operations and nonsense.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::leniency::Leniency;
use crate::schema::{ENTERPRISE_USER, PATCH_OP, ResourceType, group, user};
use crate::validate;
use crate::validate::tests::any_json;

fn text() -> impl Strategy<Value = Value> {
    prop::sample::select(vec!["a", "A", "work", "home", "b@a.test", "7c2", ""]).prop_map(Value::from)
}

/// A path and a value that go together more often than not.
fn target() -> impl Strategy<Value = (String, Value)> {
    let simple = prop::sample::select(vec![
        "title",
        "displayName",
        "userName",
        "externalId",
        "name.givenName",
        "department",
    ]);
    let simple = (simple, prop_oneof![4 => text(), 1 => Just(Value::Null)])
        .prop_map(|(path, value)| (path.to_owned(), value));
    let types = prop::sample::select(vec!["work", "home", "other"]);
    let subs = prop::sample::select(vec!["value", "type", "display"]);
    let part = (types.clone(), subs, text())
        .prop_map(|(kind, sub, value)| (format!("emails[type eq \"{kind}\"].{sub}"), value));
    let whole = (types.clone(), text())
        .prop_map(|(kind, value)| (format!("emails[type eq \"{kind}\"]"), json!({"display": value})));
    let primary = types.prop_map(|kind| (format!("emails[type eq \"{kind}\"].primary"), json!("True")));
    let element = (text(), text(), any::<bool>())
        .prop_map(|(value, kind, primary)| json!({"value": value, "type": kind, "primary": primary}));
    let list =
        prop::collection::vec(element, 0..3).prop_map(|list| ("emails".to_owned(), Value::Array(list)));
    let manager = text().prop_map(|id| (format!("{ENTERPRISE_USER}:manager"), id));
    let active = any::<bool>().prop_map(|active| ("active".to_owned(), Value::from(active.to_string())));
    prop_oneof![simple, part, whole, primary, list, manager, active]
}

fn operation() -> impl Strategy<Value = Value> {
    (prop::sample::select(vec!["add", "Replace", "remove"]), target()).prop_map(|(op, (path, value))| {
        if op == "remove" {
            json!({"op": op, "path": path})
        } else {
            json!({"op": op, "path": path, "value": value})
        }
    })
}

fn run(rt: &ResourceType, document: &Document, body: Value, leniency: &Leniency) -> crate::Result<Outcome> {
    let request = parse(rt, body, leniency)?;
    apply(rt, document, &request, leniency, &mut Habits::default())
}

fn person() -> Document {
    let body = json!({
        "userName": "ann", "active": true, "title": "Boss", "name": {"familyName": "B"},
        "emails": [{"type": "work", "value": "ann@a.test", "primary": true}, {"type": "home", "value": "b@a.test"}]
    });
    validate::create(user(), body, &Leniency::default(), &mut Habits::default())
        .unwrap()
        .document
}

/// Accepted again by the strictest reader, and unchanged by it.
fn is_valid(document: &Document) -> bool {
    let mut body = document.clone();
    body.insert(
        "schemas".to_owned(),
        user().all_schemas().map(|schema| schema.id.clone()).collect(),
    );
    let body = Value::Object(body);
    let accepted = validate::replace(
        user(),
        document,
        body,
        &Leniency::strict(),
        &mut Habits::default(),
    );
    accepted.is_ok_and(|accepted| accepted.document == *document)
}

proptest! {
    #[test]
    fn one_operation_twice_is_the_operation_once(first in prop::collection::vec(operation(), 0..4), last in operation()) {
        let patch = |document: &Document, operations: Vec<Value>| {
            run(user(), document, json!({"schemas": [PATCH_OP], "Operations": operations}), &Leniency::default())
        };
        let start = match first.is_empty() {
            true => person(),
            false => patch(&person(), first).map_or_else(|_| person(), |outcome| outcome.document),
        };
        if let Ok(once) = patch(&start, vec![last.clone()]) {
            prop_assert!(is_valid(&once.document), "{:?}", once.document);
            match patch(&once.document, vec![last]) {
                Ok(twice) => {
                    prop_assert_eq!(&twice.document, &once.document);
                    prop_assert!(!twice.changed);
                }
                // It renamed the very element that its path selects: there is nothing left to rename.
                Err(error) => prop_assert_eq!(error.scim_type, Some(crate::ScimType::NoTarget)),
            }
        }
    }

    #[test]
    fn several_operations_leave_a_valid_document(operations in prop::collection::vec(operation(), 1..8)) {
        let body = json!({"schemas": [PATCH_OP], "Operations": operations});
        if let Ok(outcome) = run(user(), &person(), body, &Leniency::default()) {
            prop_assert!(is_valid(&outcome.document), "{:?}", outcome.document);
            prop_assert_eq!(outcome.changed, outcome.document != person());
        }
    }

    #[test]
    fn any_operation_is_carried_out_or_refused(
        op in prop::sample::select(vec!["add", "REPLACE", "remove"]),
        path in prop_oneof![Just(None), target().prop_map(|(path, _)| Some(path)), ".{0,12}".prop_map(Some)],
        value in any_json(),
        strict in any::<bool>(),
    ) {
        let mut operation = json!({"op": op, "value": value});
        if let Some(path) = path {
            operation["path"] = Value::from(path);
        }
        let body = json!({"schemas": [PATCH_OP], "Operations": [operation]});
        let leniency = if strict { Leniency::strict() } else { Leniency::default() };
        match run(user(), &person(), body.clone(), &leniency) {
            Ok(outcome) => prop_assert!(is_valid(&outcome.document), "{:?}", outcome.document),
            Err(error) => prop_assert_eq!(error.status, 400),
        }
        let team = json!({"displayName": "Crew"});
        if let Err(error) = run(group(), team.as_object().unwrap(), body, &leniency) {
            prop_assert_eq!(error.status, 400);
        }
    }

    #[test]
    fn any_body_is_read_or_refused(body in any_json()) {
        if let Err(error) = parse(user(), body, &Leniency::default()) {
            prop_assert_eq!(error.status, 400);
        }
    }
}
