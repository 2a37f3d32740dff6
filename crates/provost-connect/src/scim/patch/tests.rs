#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;

const RFC: Style = Style {
    dialect: Dialect::Rfc,
    value_paths: false,
    one_value: false,
    by_element: false,
};
const RFC_PATHS: Style = Style {
    value_paths: true,
    ..RFC
};
const ENTRA: Style = Style {
    dialect: Dialect::Entra,
    value_paths: true,
    one_value: false,
    by_element: false,
};

fn operations(changes: Value, current: Value, style: Style) -> Value {
    let changes: Record = serde_json::from_value(changes).unwrap();
    let current = current.as_object().unwrap();
    let mut body = body(&changes, current, style).unwrap().unwrap();
    body["Operations"].take()
}

#[test]
fn one_operation_for_each_attribute() {
    let found = operations(
        json!({"active": false, "displayName": "Ada", "title": null, "name.givenName": "A",
            "manager": "m1"}),
        json!({}),
        RFC,
    );
    assert_eq!(
        found,
        json!([
            {"op": "replace", "path": "active", "value": false},
            {"op": "replace", "path": "displayName", "value": "Ada"},
            {"op": "replace", "path": format!("{}:manager", crate::scim::ENTERPRISE), "value": {"value": "m1"}},
            {"op": "replace", "path": "name.givenName", "value": "A"},
            {"op": "remove", "path": "title"}])
    );
}

#[test]
fn without_value_paths_the_whole_attribute_goes() {
    let current = json!({"emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "w"}],
        "phoneNumbers": [{"type": "mobile", "value": "1"}]});
    let found = operations(
        json!({"emails[type eq \"work\"].value": "w2", "phoneNumbers[type eq \"mobile\"].value": null}),
        current,
        RFC,
    );
    assert_eq!(
        found,
        json!([
            {"op": "replace", "path": "emails", "value": [{"type": "home", "value": "h"}, {"type": "work", "value": "w2"}]},
            {"op": "remove", "path": "phoneNumbers"}])
    );
}

#[test]
fn with_value_paths_what_is_missing_is_added() {
    let changes = json!({"emails[type eq \"work\"].value": "w2",
        "phoneNumbers[type eq \"fax\"].value": null,
        "phoneNumbers[type eq \"mobile\"].value": "1", "ims[type eq \"x\"].value": null});
    let current = json!({"emails": [{"type": "work", "value": "w"}],
        "phoneNumbers": [{"type": "fax", "value": "9"}, {"type": "home", "value": "8"}]});
    assert_eq!(
        operations(changes.clone(), current.clone(), RFC_PATHS),
        json!([
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "w2"},
            {"op": "remove", "path": "phoneNumbers[type eq \"fax\"]"},
            {"op": "add", "path": "phoneNumbers", "value": [{"type": "mobile", "value": "1"}]}])
    );
    assert_eq!(
        operations(changes, current, ENTRA)[2],
        json!({"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "1"})
    );
}

#[test]
fn the_entra_dialect_speaks_as_entra_does() {
    let found = operations(json!({"active": false, "manager": "m1"}), json!({}), ENTRA);
    assert_eq!(
        found,
        json!([
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Add", "path": format!("{}:manager", crate::scim::ENTERPRISE), "value": "m1"}])
    );
}
