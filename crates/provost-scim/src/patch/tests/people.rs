//! Operations on people that succeed.

use super::*;

/// Every row: operations, what differs afterwards from `bob`.
fn table(document: fn() -> Value, rows: Vec<(Value, Value)>) {
    for (operations, changes) in rows {
        let shown = operations.to_string();
        assert_eq!(
            after(document(), operations),
            with(document(), changes),
            "{shown}"
        );
    }
}

const MOBILE: &str = "phoneNumbers[type eq \"mobile\"].value";

fn enterprise(attribute: &str) -> String {
    format!("{ENTERPRISE_USER}:{attribute}")
}

#[test]
fn the_vectors() {
    table(
        bob,
        vec![
            (
                json!([{"op": "Add", "path": MOBILE, "value": "+1"}]),
                json!({"phoneNumbers": [{"type": "mobile", "value": "+1"}]}),
            ),
            (
                json!([{"op": "Add", "path": "emails[type eq \"home\"].value", "value": "b@b.test"},
                   {"op": "Add", "path": "emails[type eq \"home\"].primary", "value": "true"}]),
                json!({"emails": [{"type": "work", "value": "bob@a.test"}, {"type": "home", "value": "b@b.test", "primary": true}]}),
            ),
            (
                json!([{"op": "Replace", "path": "active", "value": "True"}]),
                json!({"active": true}),
            ),
            (
                json!([{"op": "replace", "value": {"name.givenName": "B", (enterprise("department")): "D"}}]),
                json!({"name": {"givenName": "B"}, (ENTERPRISE_USER): {"department": "D"}}),
            ),
            (
                json!([{"op": "Add", "path": enterprise("manager"), "value": "7c2"}]),
                json!({(ENTERPRISE_USER): {"manager": {"value": "7c2"}}}),
            ),
            (
                json!([{"op": "replace", "value": {"id": "zz", "displayName": "N"}}]),
                json!({"displayName": "N"}),
            ),
            (
                json!([{"op": "remove", "path": "emails[type eq \"fax\"]"}]),
                json!({}),
            ),
        ],
    );
}

/// The default shapes of Entra: section "update" of its guide, one request.
#[test]
fn entra_updates_a_person() {
    let used = &mut Habits::default();
    let operations = json!([
        {"op": "Replace", "path": "displayName", "value": "Lotte M."},
        {"op": "Replace", "path": "name.familyName", "value": "Claes"},
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "lc@a.test"},
        {"op": "Add", "path": MOBILE, "value": "+32470112244"},
        {"op": "Add", "path": "preferredLanguage", "value": "fr-BE"},
        {"op": "Replace", "path": enterprise("department"), "value": "Ops"},
        {"op": "Replace", "path": "active", "value": "False"}
    ]);
    let outcome = run(user(), bob(), operations, &Leniency::of(Dialect::Entra), used).unwrap();
    let expected = json!({
        "userName": "bob", "active": false, "displayName": "Lotte M.", "name": {"familyName": "Claes"},
        "emails": [{"type": "work", "value": "lc@a.test"}], "preferredLanguage": "fr-BE",
        "phoneNumbers": [{"type": "mobile", "value": "+32470112244"}], (ENTERPRISE_USER): {"department": "Ops"}
    });
    assert_eq!(Value::Object(outcome.document), expected);
    assert_eq!(
        (used.count(Habit::OpLetterCase), used.count(Habit::BooleanText)),
        (7, 1)
    );
}

/// The same with the flag `aadOptscim062020`: one value without path, element paths apart.
#[test]
fn entra_updates_a_person_with_its_flag() {
    let operations = json!([
        {"op": "replace", "value": {"displayName": "x", "name.givenName": "y", "active": true, (enterprise("employeeNumber")): "z"}},
        {"op": "add", "path": "emails[type eq \"home\"].value", "value": "h@a.test"}
    ]);
    let expected = json!({
        "displayName": "x", "name": {"givenName": "y"}, "active": true, (ENTERPRISE_USER): {"employeeNumber": "z"},
        "emails": [{"type": "work", "value": "bob@a.test"}, {"type": "home", "value": "h@a.test"}]
    });
    assert_eq!(after(bob(), operations), with(bob(), expected));
}

#[test]
fn several_operations_on_a_missing_element_make_one() {
    let path = |sub: &str| format!("emails[type eq \"home\"].{sub}");
    let operations = json!([
        {"op": "Add", "path": path("type"), "value": "home"},
        {"op": "Add", "path": path("primary"), "value": "True"},
        {"op": "Add", "path": path("value"), "value": "h@a.test"}
    ]);
    let home = json!({"type": "home", "primary": true, "value": "h@a.test"});
    let work = json!({"type": "work", "value": "bob@a.test"});
    assert_eq!(
        after(bob(), operations),
        with(bob(), json!({"emails": [work, home]}))
    );
}

#[test]
fn a_manager_comes_and_goes_in_every_form() {
    let managed = |manager: Value| json!({(ENTERPRISE_USER): {"manager": manager}});
    let id = managed(json!({"value": "7c2"}));
    let full = enterprise("manager");
    table(
        bob,
        vec![
            (
                json!([{"op": "Replace", "path": full, "value": "7c2"}]),
                id.clone(),
            ),
            (
                json!([{"op": "Add", "path": "manager", "value": "7c2"}]),
                id.clone(),
            ),
            (
                json!([{"op": "Add", "path": full, "value": {"value": "7c2"}}]),
                id.clone(),
            ),
            (
                json!([{"op": "Add", "path": full, "value": [{"$ref": null, "value": "7c2"}]}]),
                id.clone(),
            ),
            (
                json!([{"op": "Add", "path": full, "value": [{"$ref": "../Users/7c2", "value": "7c2"}]}]),
                managed(json!({"value": "7c2", "$ref": "../Users/7c2"})),
            ),
            (
                json!([{"op": "add", "path": format!("{full}.value"), "value": "7c2"}]),
                id.clone(),
            ),
            (json!([{"op": "add", "value": {"manager": "7c2"}}]), id.clone()),
            (
                json!([{"op": "add", "value": {(ENTERPRISE_USER): {"manager": {"value": "7c2", "displayName": "A"}}}}]),
                id.clone(),
            ),
            (
                json!([{"op": "add", "path": ENTERPRISE_USER, "value": {"manager": "7c2"}}]),
                id,
            ),
        ],
    );
    let directed = || {
        with(
            bob(),
            json!({(ENTERPRISE_USER): {"manager": {"value": "7c2", "$ref": "../Users/7c2"}}}),
        )
    };
    let gone = json!({(ENTERPRISE_USER): null});
    table(
        directed,
        vec![
            (json!([{"op": "Remove", "path": full}]), gone.clone()),
            (
                json!([{"op": "remove", "path": format!("{full}.value")}]),
                gone.clone(),
            ),
            (
                json!([{"op": "Replace", "path": full, "value": ""}]),
                gone.clone(),
            ),
            (
                json!([{"op": "Replace", "path": full, "value": null}]),
                gone.clone(),
            ),
            (
                json!([{"op": "Replace", "path": full, "value": {"VALUE": ""}}]),
                gone.clone(),
            ),
            (
                json!([{"op": "Replace", "path": full, "value": {"value": null}}]),
                gone.clone(),
            ),
            (
                json!([{"op": "Replace", "path": format!("{full}.value"), "value": ""}]),
                gone.clone(),
            ),
            (
                json!([{"op": "Replace", "value": {(ENTERPRISE_USER): {"manager": ""}}}]),
                gone.clone(),
            ),
            (
                json!([{"op": "replace", "value": {(ENTERPRISE_USER): null}}]),
                gone.clone(),
            ),
            (json!([{"op": "remove", "path": ENTERPRISE_USER}]), gone),
            // Another person's address must not stay behind.
            (
                json!([{"op": "replace", "path": full, "value": "8d3"}]),
                managed(json!({"value": "8d3"})),
            ),
            (
                json!([{"op": "replace", "path": format!("{full}.value"), "value": "8d3"}]),
                managed(json!({"value": "8d3"})),
            ),
            (
                json!([{"op": "replace", "path": full, "value": {"value": "7c2"}}]),
                json!({}),
            ),
        ],
    );
}

#[test]
fn add_merges_sets_and_appends() {
    let emails = |more: Value| {
        let mut list = ann()["emails"].clone();
        list.as_array_mut().unwrap().push(more);
        json!({"emails": list})
    };
    table(
        ann,
        vec![
            (
                json!([{"op": "add", "path": "title", "value": "Chief"}]),
                json!({"title": "Chief"}),
            ),
            (
                json!([{"op": "add", "path": "name", "value": {"givenName": "A"}}, {"op": "add", "path": "name", "value": {"familyName": "B"}}]),
                json!({"name": {"givenName": "A", "familyName": "B"}}),
            ),
            (
                json!([{"op": "add", "path": "emails", "value": {"value": "new@a.test"}}]),
                emails(json!({"value": "new@a.test"})),
            ),
            (
                json!([{"op": "add", "path": "emails", "value": [{"value": "new@a.test", "type": "other"}]}]),
                emails(json!({"value": "new@a.test", "type": "other"})),
            ),
            (
                json!([{"op": "add", "path": "emails", "value": ["new@a.test"]}]),
                emails(json!({"value": "new@a.test"})),
            ),
            (
                json!([{"op": "add", "value": {"emails": [{"value": "new@a.test"}], "title": null}}]),
                emails(json!({"value": "new@a.test"})),
            ),
            // Already there: in any letter case, with the type or without it.
            (
                json!([{"op": "add", "path": "emails", "value": [{"value": "ANN@a.test", "type": "Work"}]}]),
                json!({}),
            ),
            (
                json!([{"op": "add", "path": "emails", "value": [{"value": "ann@a.test"}]}]),
                json!({}),
            ),
            (json!([{"op": "add", "path": "emails", "value": []}]), json!({})),
            (
                json!([{"op": "add", "path": "title", "value": "Boss"}]),
                json!({}),
            ),
            (json!([{"op": "add", "path": "name", "value": {}}]), json!({})),
            (
                json!([{"op": "add", "path": "emails.display", "value": "D"}]),
                json!({"emails": [
            {"type": "work", "value": "ann@a.test", "primary": true, "display": "D"}, {"type": "home", "value": "a@b.test", "display": "D"}]}),
            ),
            (
                json!([{"op": "add", "path": "emails[type eq \"home\"]", "value": {"display": "D"}}]),
                json!({"emails": [
            {"type": "work", "value": "ann@a.test", "primary": true}, {"type": "home", "value": "a@b.test", "display": "D"}]}),
            ),
            (
                json!([{"op": "add", "path": "addresses[type eq \"work\" and country eq \"BE\"].locality", "value": "Gent"}]),
                json!({"addresses": [{"type": "work", "country": "BE", "locality": "Gent"}]}),
            ),
            (
                json!([{"op": "add", "path": "addresses[type eq \"work\"]", "value": {"locality": "Gent"}}]),
                json!({"addresses": [{"type": "work", "locality": "Gent"}]}),
            ),
            (
                json!([{"op": "add", "path": "password", "value": "kept nowhere"}]),
                json!({}),
            ),
            (
                json!([{"op": "add", "path": "schemas", "value": [ENTERPRISE_USER]}]),
                json!({}),
            ),
            (
                json!([{"op": "add", "value": {"schemas": ["x"], "meta": {"version": "1"}, "groups": [], "badge": 1}}]),
                json!({}),
            ),
        ],
    );
}

#[test]
fn one_element_is_preferred() {
    let emails = |work: bool, home: bool| {
        json!({"emails": [
        {"type": "work", "value": "ann@a.test", "primary": work}, {"type": "home", "value": "a@b.test", "primary": home}]})
    };
    table(
        ann,
        vec![
            (
                json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]),
                emails(false, true),
            ),
            (
                json!([{"op": "add", "path": "emails", "value": [{"value": "a@b.test", "primary": true}]}]),
                emails(false, true),
            ),
            (
                json!([{"op": "add", "path": "emails[type eq \"home\"]", "value": {"primary": "True"}}]),
                emails(false, true),
            ),
            (
                json!([{"op": "replace", "path": "emails[primary eq \"True\"].value", "value": "ann@a.test"}]),
                json!({}),
            ),
        ],
    );
    let roles = json!([{"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "{\"id\":\"r\"}"}]);
    assert_eq!(
        after(bob(), roles)["roles"],
        json!([{"primary": true, "value": "{\"id\":\"r\"}"}])
    );
}

#[test]
fn remove_takes_away_what_is_named() {
    let work = json!({"emails": [{"type": "work", "value": "ann@a.test", "primary": true}]});
    table(
        ann,
        vec![
            (json!([{"op": "remove", "path": "title"}]), json!({"title": null})),
            (
                json!([{"op": "remove", "path": "title", "value": null}]),
                json!({"title": null}),
            ),
            (json!([{"op": "remove", "path": "nickName"}]), json!({})),
            (json!([{"op": "remove", "path": "name.givenName"}]), json!({})),
            (
                json!([{"op": "remove", "path": "emails"}]),
                json!({"emails": null}),
            ),
            (
                json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]),
                work.clone(),
            ),
            (
                json!([{"op": "remove", "path": "emails[value ew \"b.test\"]"}]),
                work.clone(),
            ),
            (
                json!([{"op": "remove", "path": "emails[type eq \"home\"].value"}]),
                work.clone(),
            ),
            (
                json!([{"op": "remove", "path": "emails[type eq \"work\" or type eq \"home\"]"}]),
                json!({"emails": null}),
            ),
            (
                json!([{"op": "remove", "path": "emails.value"}]),
                json!({"emails": null}),
            ),
            (
                json!([{"op": "remove", "path": "emails[type eq \"fax\"].value"}]),
                json!({}),
            ),
            (
                json!([{"op": "Remove", "path": "emails", "value": [{"value": "A@b.test"}]}]),
                work.clone(),
            ),
            (
                json!([{"op": "Remove", "path": "emails", "value": {"value": "a@b.test", "type": "home"}}]),
                work,
            ),
            (
                json!([{"op": "Remove", "path": "emails", "value": [{"value": "a@b.test", "type": "work"}]}]),
                json!({}),
            ),
            (
                json!([{"op": "Remove", "path": "emails", "value": []}]),
                json!({}),
            ),
            (
                json!([{"op": "remove", "path": enterprise("department")}]),
                json!({}),
            ),
            (json!([{"op": "remove", "path": "password"}]), json!({})),
        ],
    );
    let named = || with(bob(), json!({"name": {"givenName": "B", "familyName": "C"}}));
    table(
        named,
        vec![
            (
                json!([{"op": "remove", "path": "name.givenName"}]),
                json!({"name": {"familyName": "C"}}),
            ),
            (
                json!([{"op": "remove", "path": "name.givenName"}, {"op": "remove", "path": "name.familyName"}]),
                json!({"name": null}),
            ),
            (json!([{"op": "remove", "path": "name"}]), json!({"name": null})),
        ],
    );
}

#[test]
fn replace_sets_one_part_and_leaves_the_rest() {
    let named = || with(ann(), json!({"name": {"givenName": "A", "familyName": "B"}}));
    let email = |value: &str| json!({"type": "home", "value": value});
    let work = json!({"type": "work", "value": "ann@a.test", "primary": true});
    table(
        named,
        vec![
            (
                json!([{"op": "replace", "path": "name", "value": {"givenName": "X"}}]),
                json!({"name": {"givenName": "X", "familyName": "B"}}),
            ),
            (
                json!([{"op": "replace", "path": "name", "value": {"givenName": null}}]),
                json!({"name": {"familyName": "B"}}),
            ),
            (
                json!([{"op": "replace", "value": {"name": {"givenName": "X"}}}]),
                json!({"name": {"givenName": "X", "familyName": "B"}}),
            ),
            (
                json!([{"op": "replace", "path": "name", "value": null}]),
                json!({"name": null}),
            ),
            (json!([{"op": "replace", "path": "name", "value": {}}]), json!({})),
            (
                json!([{"op": "replace", "path": "title", "value": null}]),
                json!({"title": null}),
            ),
            (
                json!([{"op": "replace", "path": "nickName", "value": "A"}]),
                json!({"nickName": "A"}),
            ),
            (
                json!([{"op": "replace", "path": "displayName", "value": [{"value": "A"}]}]),
                json!({"displayName": "A"}),
            ),
            (
                json!([{"op": "replace", "path": "emails", "value": [email("h")]}]),
                json!({"emails": [email("h")]}),
            ),
            (
                json!([{"op": "replace", "path": "emails", "value": email("h")}]),
                json!({"emails": [email("h")]}),
            ),
            (
                json!([{"op": "replace", "path": "emails", "value": []}]),
                json!({"emails": null}),
            ),
            (
                json!([{"op": "replace", "path": "emails", "value": null}]),
                json!({"emails": null}),
            ),
            (
                json!([{"op": "replace", "path": "emails[type eq \"home\"]", "value": {"value": "h"}}]),
                json!({"emails": [work, email("h")]}),
            ),
            (
                json!([{"op": "replace", "path": "emails[type eq \"home\"].value", "value": "h"}]),
                json!({"emails": [work, email("h")]}),
            ),
            (
                json!([{"op": "replace", "value": {"emails[type eq \"home\"].value": "h"}}]),
                json!({"emails": [work, email("h")]}),
            ),
            (
                json!([{"op": "replace", "path": "emails[type eq \"home\"]", "value": null}]),
                json!({"emails": [work]}),
            ),
            (
                json!([{"op": "replace", "path": "emails[type eq \"home\"].value", "value": null}]),
                json!({"emails": [work]}),
            ),
            (
                json!([{"op": "replace", "path": "emails[type eq \"other\"].value", "value": "o"}]),
                json!({"emails": [work, email("a@b.test"), {"type": "other", "value": "o"}]}),
            ),
            (
                json!([{"op": "replace", "path": "EXTERNALID", "value": "X2"}]),
                json!({"externalId": "X2"}),
            ),
            (
                json!([{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:title", "value": "T"}]),
                json!({"title": "T"}),
            ),
            (
                json!([{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User", "value": {"title": "T"}}]),
                json!({"title": "T"}),
            ),
            (
                json!([{"op": "replace", "path": ENTERPRISE_USER, "value": {"department": "D"}}]),
                json!({(ENTERPRISE_USER): {"department": "D"}}),
            ),
            (
                json!([{"op": "replace", "value": {(ENTERPRISE_USER): {"manager.value": "m"}}}]),
                json!({(ENTERPRISE_USER): {"manager": {"value": "m"}}}),
            ),
            (
                json!([{"op": "Replace", "path": "roles", "value": [{"value": "r", "display": "R"}]}]),
                json!({"roles": [{"value": "r", "display": "R"}]}),
            ),
        ],
    );
}
