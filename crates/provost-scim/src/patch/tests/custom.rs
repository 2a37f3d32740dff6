//! Operations on attributes that a workspace defined itself.

use std::sync::LazyLock;

use super::*;
use crate::schema::{Catalogue, Extension};

const BADGE: &str = "urn:contoso:scim:schemas:badge:1.0:User";

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let badge = json!({
        "id": BADGE, "resource": "User", "attributes": [
            {"name": "number", "type": "string", "mutability": "immutable"},
            {"name": "floors", "type": "integer", "multiValued": true},
            {"name": "vip", "type": "boolean"},
            {"name": "secret", "type": "string", "returned": "never", "mutability": "writeOnly"},
            {"name": "photoId", "type": "string", "returned": "request"},
            {"name": "manager", "type": "string"},
            {"name": "office", "type": "complex", "subAttributes": [
                {"name": "city", "type": "string", "required": true}, {"name": "desk", "type": "string"}]},
            {"name": "keys", "type": "complex", "multiValued": true, "subAttributes": [
                {"name": "value", "type": "string", "mutability": "immutable"}, {"name": "type", "type": "string"}]}
        ]
    });
    Catalogue::with(&[Extension::parse(&badge).unwrap()]).unwrap()
});

fn holder() -> Value {
    with(
        bob(),
        json!({(BADGE): {"number": "7", "keys": [{"value": "k1", "type": "door"}]}}),
    )
}

fn patched(operations: Value) -> Result<Outcome> {
    run(
        CATALOGUE.user(),
        holder(),
        operations,
        &Leniency::default(),
        &mut Habits::default(),
    )
}

fn badge_after(operations: Value) -> Value {
    let shown = operations.to_string();
    let outcome = patched(operations).unwrap_or_else(|error| panic!("{shown}: {error}"));
    outcome.document[BADGE].clone()
}

#[test]
fn every_target_form_reaches_a_custom_attribute() {
    for operations in [
        json!([{"op": "add", "path": format!("{BADGE}:vip"), "value": true}]),
        json!([{"op": "Replace", "path": format!("{}:VIP", BADGE.to_uppercase()), "value": "True"}]),
        json!([{"op": "replace", "path": BADGE, "value": {"vip": true}}]),
        json!([{"op": "replace", "value": {(BADGE): {"vip": true}}}]),
        json!([{"op": "replace", "value": {(format!("{BADGE}:vip")): true}}]),
        json!([{"op": "replace", "value": {"vip": true}}]),
        json!([{"op": "replace", "path": "vip", "value": true}]),
    ] {
        assert_eq!(badge_after(operations.clone())["vip"], true, "{operations}");
    }
    let floors = badge_after(json!([{"op": "add", "path": "floors", "value": [1, 2]}]));
    assert_eq!(floors["floors"], json!([1, 2]));
    let desk = json!([{"op": "add", "value": {"office.city": "Gent", "office.desk": "4"}}]);
    assert_eq!(badge_after(desk)["office"], json!({"city": "Gent", "desk": "4"}));
}

#[test]
fn a_bare_name_that_two_extensions_define_is_refused() {
    for operation in [
        json!({"op": "add", "path": "manager", "value": "7c2"}),
        json!({"op": "add", "value": {"manager": "7c2"}}),
        json!({"op": "add", "value": {"manager.value": "7c2", "title": "x"}}),
    ] {
        let error = patched(json!([operation])).unwrap_err();
        assert!(
            kind(&error) == "invalidPath" && error.detail.contains("several extensions"),
            "{error}"
        );
    }
}

#[test]
fn what_is_set_once_stays() {
    let number = format!("{BADGE}:number");
    for operation in [
        json!({"op": "replace", "path": number, "value": "8"}),
        json!({"op": "remove", "path": number}),
        json!({"op": "replace", "value": {(BADGE): {"number": null}}}),
        json!({"op": "replace", "path": format!("{BADGE}:keys[type eq \"door\"].value"), "value": "k2"}),
        json!({"op": "replace", "path": format!("{BADGE}:keys[type eq \"door\"]"), "value": {"type": "gate"}}),
    ] {
        let error = patched(json!([operation])).unwrap_err();
        assert_eq!(kind(&error), "mutability", "{operation}: {error}");
    }
    let same = patched(json!([{"op": "replace", "path": number, "value": "7"}])).unwrap();
    assert!(!same.changed);
    let other = json!([{"op": "replace", "path": format!("{BADGE}:keys"), "value": [{"value": "k2"}]}]);
    assert_eq!(badge_after(other)["keys"], json!([{"value": "k2"}]));
    let gone = json!([{"op": "remove", "path": format!("{BADGE}:keys[type eq \"door\"]")}]);
    assert!(badge_after(gone).get("keys").is_none());
}

#[test]
fn a_part_that_is_required_is_there_afterwards() {
    let error =
        patched(json!([{"op": "add", "path": format!("{BADGE}:office.desk"), "value": "4"}])).unwrap_err();
    assert_eq!(kind(&error), "invalidValue");
    assert_eq!(error.detail, format!("{BADGE}:office.city is required"));
}

#[test]
fn what_is_returned_on_request_is_named_in_the_outcome() {
    let outcome = patched(json!([
        {"op": "add", "path": "photoId", "value": "p"}, {"op": "add", "path": "secret", "value": "s"},
        {"op": "add", "path": "vip", "value": true}
    ]))
    .unwrap();
    let requested: Vec<_> = outcome.requested.iter().map(ToString::to_string).collect();
    assert_eq!(requested, [format!("{BADGE}:photoId")]);
    assert_eq!(outcome.document[BADGE]["secret"], "s");
}
