//! The requests of Entra and Okta, and the lines that an administrator reads about them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::json;

use super::*;
use crate::leniency::{Habits, Leniency};
use crate::schema::{BULK_REQUEST, ENTERPRISE_USER, GROUP, PATCH_OP, USER, group, user};

fn patched(rt: &ResourceType, operations: &Value) -> String {
    let body = json!({"schemas": [PATCH_OP], "Operations": operations});
    let request = patch::parse(rt, body, &Leniency::default()).unwrap();
    of(rt, Asked::Patch(&request))
}

#[test]
fn what_entra_does_with_people() {
    let department = format!("{ENTERPRISE_USER}:department");
    let manager = format!("{ENTERPRISE_USER}:manager");
    for (operations, line) in [
        (
            json!([{"op": "Replace", "path": "active", "value": "False"}]),
            "deactivate",
        ),
        (
            json!([{"op": "Replace", "path": "active", "value": "True"}]),
            "activate",
        ),
        (
            json!([{"op": "replace", "path": "active", "value": false}]),
            "deactivate",
        ),
        (
            json!([
                {"op": "Replace", "path": "displayName", "value": "Lotte M."},
                {"op": "Replace", "path": "name.familyName", "value": "Claes"},
                {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "lc@contoso.com"},
                {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+32470112244"},
                {"op": "Add", "path": "preferredLanguage", "value": "fr-BE"},
                {"op": "Replace", "path": department, "value": "Ops"},
                {"op": "Replace", "path": "active", "value": "False"},
            ]),
            "deactivate; set displayName, name.familyName, emails[type eq \"work\"].value, \
             phoneNumbers[type eq \"mobile\"].value, preferredLanguage, department",
        ),
        (
            json!([
                {"op": "Replace", "path": "title", "value": "Boss"},
                {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "x@contoso.com"},
                {"op": "Remove", "path": manager},
            ]),
            "set title, emails[type eq \"work\"].value; clear manager",
        ),
        (
            json!([{"op": "Add", "path": manager, "value": "7c2"}]),
            "set manager",
        ),
        (
            json!([{"op": "Add", "path": "manager", "value": [{"$ref": null, "value": "7c2"}]}]),
            "set manager",
        ),
        (
            json!([{"op": "Replace", "path": manager, "value": ""}]),
            "clear manager",
        ),
        (
            json!([{"op": "replace", "value": {"displayName": "x", "name.givenName": "y", department: "z"}}]),
            "set displayName, name.givenName, department",
        ),
        (
            json!([{"op": "Add", "path": "roles", "value": [{"value": "{\"id\":\"1\"}"}]}]),
            "add 1 to roles",
        ),
        (
            json!([{"op": "Remove", "path": "emails", "value": [{"value": "a@contoso.com"}]}]),
            "remove 1 from emails",
        ),
        (json!([{"op": "Remove", "path": "emails"}]), "clear emails"),
        (
            json!([{"op": "Remove", "path": ENTERPRISE_USER}]),
            "clear EnterpriseUser",
        ),
        (
            json!([{"op": "Replace", "path": "emails[value eq \"ada@contoso.com\"].display", "value": "x"}]),
            "set emails[value eq \"a…(15)\"].display",
        ),
        (
            json!([{"op": "Replace", "path": "title", "value": "a"}, {"op": "Replace", "path": "title", "value": "b"}]),
            "set title",
        ),
        (json!([{"op": "add", "value": {"id": "x"}}]), "change nothing"),
    ] {
        assert_eq!(patched(user(), &operations), line, "{operations}");
    }
}

#[test]
fn what_entra_and_okta_do_with_groups() {
    for (operations, line) in [
        (
            json!([{"op": "Replace", "path": "displayName", "value": "Crew"}]),
            "set displayName",
        ),
        (
            json!([{"op": "replace", "value": {"id": "g1", "displayName": "Crew"}}]),
            "set displayName",
        ),
        (
            json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "a"}, {"$ref": null, "value": "b"}]}]),
            "add 2 members",
        ),
        (
            json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "a"}]}]),
            "remove 1 member",
        ),
        (
            json!([{"op": "remove", "path": "members[value eq \"a\"]"}]),
            "remove 1 member",
        ),
        (
            json!([
                {"op": "remove", "path": "members[value eq \"a\"]"},
                {"op": "add", "path": "members", "value": [{"value": "b", "display": "Ada"}, {"value": "c"}]},
            ]),
            "add 2 members, remove 1 member",
        ),
        (
            json!([{"op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]"}]),
            "remove 2 members",
        ),
        (
            json!([{"op": "replace", "path": "members", "value": [{"value": "a"}]}]),
            "replace the members with 1",
        ),
        (json!([{"op": "remove", "path": "members"}]), "remove all members"),
        (
            json!([{"op": "replace", "value": {"displayName": "Crew"}}, {"op": "add", "path": "members", "value": "a"}]),
            "set displayName; add 1 member",
        ),
    ] {
        assert_eq!(patched(group(), &operations), line, "{operations}");
    }
}

#[test]
fn what_is_created_and_replaced() {
    let person = json!({"schemas": [USER], "userName": "ada@contoso.com", "active": true, "roles": []});
    assert_eq!(of(user(), Asked::Create(&person)), "create ada@contoso.com");
    assert_eq!(of(user(), Asked::Replace(&person)), "replace");
    let leaver = json!({"USERNAME": "ada@contoso.com", "Active": "False"});
    assert_eq!(
        of(user(), Asked::Create(&leaver)),
        "create ada@contoso.com, deactivated"
    );
    assert_eq!(of(user(), Asked::Replace(&leaver)), "replace; deactivate");
    let crew =
        json!({"schemas": [GROUP], "displayName": "Crew", "members": [{"value": "a"}, {"value": "b"}]});
    assert_eq!(
        of(group(), Asked::Create(&crew)),
        "create group \"Crew\" with 2 members"
    );
    assert_eq!(of(group(), Asked::Replace(&crew)), "replace with 2 members");
    let empty = json!({"displayName": "Crew", "members": null});
    assert_eq!(of(group(), Asked::Create(&empty)), "create group \"Crew\"");
    assert_eq!(of(group(), Asked::Replace(&empty)), "replace with 0 members");
    assert_eq!(
        of(group(), Asked::Replace(&json!({"displayName": "Crew"}))),
        "replace without members"
    );
    for (rt, line) in [(user(), "create a person"), (group(), "create a group")] {
        assert_eq!(of(rt, Asked::Create(&json!({}))), line);
        assert_eq!(of(rt, Asked::Create(&json!([1]))), line);
    }
    assert_eq!(of(user(), Asked::Delete), "delete");
    assert_eq!(of(user(), Asked::Read), "read");
}

#[test]
fn what_is_looked_for() {
    let rt = user();
    for (filter, line) in [
        (
            "userName eq \"ada@contoso.com\"",
            "find userName eq \"ada@contoso.com\"",
        ),
        (
            "id eq \"u\" and manager eq \"m\"",
            "find id eq \"u\" and manager eq \"m\"",
        ),
        (
            "emails[type eq \"work\"].value eq \"ada@contoso.com\"",
            "find emails[type eq \"work\"].value eq \"a…(15)\"",
        ),
    ] {
        let filter = crate::filter::parse(filter, rt, &Leniency::default(), &mut Habits::default()).unwrap();
        let query = ListQuery {
            filter: Some(filter),
            ..ListQuery::default()
        };
        assert_eq!(of(rt, Asked::List(&query)), line);
    }
    assert_eq!(of(rt, Asked::List(&ListQuery::default())), "list");
    let later = ListQuery {
        start_index: 101,
        count: Some(100),
        ..ListQuery::default()
    };
    assert_eq!(of(rt, Asked::List(&later)), "list from 101");
    let cursor = |text: &str| ListQuery {
        cursor: Some(text.to_owned()),
        ..ListQuery::default()
    };
    assert_eq!(of(rt, Asked::List(&cursor(""))), "list");
    assert_eq!(of(rt, Asked::List(&cursor("x"))), "list, next page");
    let sort = crate::page::Sort::parse(rt, Some("department"), None).unwrap();
    let sorted = ListQuery {
        sort,
        ..ListQuery::default()
    };
    assert_eq!(of(rt, Asked::List(&sorted)), "list by department");
}

#[test]
fn what_a_bulk_request_holds() {
    let of_method = |method: &str| json!({"method": method, "path": "/Users", "bulkId": "a", "data": {}});
    let operations: Vec<Value> = ["POST", "DELETE", "POST", "PATCH", "PUT", "GET"]
        .iter()
        .map(|method| of_method(method))
        .collect();
    let request = bulk::parse(json!({"schemas": [BULK_REQUEST], "Operations": operations}), 10).unwrap();
    assert_eq!(
        of_bulk(&request),
        "bulk: 2 creates, 1 replace, 1 change, 1 delete, 1 unknown"
    );
}

#[test]
fn a_line_is_bounded() {
    let long = "ü".repeat(5_000);
    let name = of(user(), Asked::Create(&json!({"userName": long})));
    assert!(name.chars().count() <= MAX_LENGTH);
    let operations: Vec<Value> = (0..100)
        .map(|n| json!({"op": "add", "path": format!("emails[type eq \"t{n}\"].value"), "value": "x"}))
        .collect();
    let line = patched(user(), &Value::from(operations));
    assert_eq!(line.chars().count(), MAX_LENGTH);
    assert!(line.ends_with('…'));
}
