//! What is not understood, or not allowed, is refused with the right word; strict refuses every habit.

use super::*;

#[test]
fn operations_that_cannot_be_carried_out() {
    let manager = format!("{ENTERPRISE_USER}:manager.displayName");
    let rows = [
        (json!([{"op": "remove"}]), "noTarget"),
        (json!([{"op": "remove", "value": {"title": "x"}}]), "noTarget"),
        (
            json!([{"op": "remove", "path": "urn:ietf:params:scim:schemas:core:2.0:User"}]),
            "noTarget",
        ),
        (json!([{"op": "remove", "path": "userName"}]), "mutability"),
        (
            json!([{"op": "replace", "path": "userName", "value": null}]),
            "invalidValue",
        ),
        (
            json!([{"op": "replace", "path": "userName", "value": " "}]),
            "invalidValue",
        ),
        (
            json!([{"op": "replace", "path": "id", "value": "x"}]),
            "mutability",
        ),
        (json!([{"op": "remove", "path": "id"}]), "mutability"),
        (
            json!([{"op": "add", "path": "groups", "value": [{"value": "g"}]}]),
            "mutability",
        ),
        (
            json!([{"op": "add", "path": "meta.version", "value": "x"}]),
            "mutability",
        ),
        (
            json!([{"op": "add", "path": "groups[value eq \"g\"].display", "value": "x"}]),
            "mutability",
        ),
        (
            json!([{"op": "replace", "path": manager, "value": "x"}]),
            "mutability",
        ),
        (json!([{"op": "remove", "path": "schemas"}]), "mutability"),
        (
            json!([{"op": "replace", "path": "schemas", "value": 5}]),
            "invalidValue",
        ),
        (json!([{"op": "move", "path": "title"}]), "invalidSyntax"),
        (json!([{"path": "title", "value": "x"}]), "invalidSyntax"),
        (json!([{"op": 5, "path": "title", "value": "x"}]), "invalidSyntax"),
        (json!(["add"]), "invalidSyntax"),
        (json!([]), "invalidSyntax"),
        (json!({"op": "add"}), "invalidSyntax"),
        (json!(null), "invalidSyntax"),
        (json!([{"op": "add", "path": "title"}]), "invalidValue"),
        (json!([{"op": "replace", "path": "title"}]), "invalidValue"),
        (
            json!([{"op": "add", "path": "title", "value": null}]),
            "invalidValue",
        ),
        (
            json!([{"op": "add", "path": "title", "value": []}]),
            "invalidValue",
        ),
        (
            json!([{"op": "add", "path": "name", "value": [null]}]),
            "invalidValue",
        ),
        (
            json!([{"op": "add", "path": "title", "value": 5}]),
            "invalidValue",
        ),
        (
            json!([{"op": "add", "path": "active", "value": "yes"}]),
            "invalidValue",
        ),
        (json!([{"op": "add", "value": "x"}]), "invalidValue"),
        (json!([{"op": "add"}]), "invalidValue"),
        (
            json!([{"op": "replace", "value": [{"title": "x"}]}]),
            "invalidValue",
        ),
        (json!([{"op": "add", "path": ENTERPRISE_USER}]), "invalidValue"),
        (
            json!([{"op": "add", "path": ENTERPRISE_USER, "value": "x"}]),
            "invalidValue",
        ),
        (
            json!([{"op": "add", "path": "badge", "value": "x"}]),
            "invalidPath",
        ),
        (
            json!([{"op": "remove", "path": "urn:contoso:Badge:number"}]),
            "invalidPath",
        ),
        (
            json!([{"op": "add", "path": "title.x", "value": "x"}]),
            "invalidPath",
        ),
        (
            json!([{"op": "add", "path": "name.nick", "value": "x"}]),
            "invalidPath",
        ),
        (
            json!([{"op": "add", "path": "emails[type eq \"work\"].nick", "value": "x"}]),
            "invalidPath",
        ),
        (json!([{"op": "add", "path": "", "value": {}}]), "invalidPath"),
        (json!([{"op": "add", "path": 5, "value": {}}]), "invalidPath"),
        (
            json!([{"op": "add", "path": "emails[0].value", "value": "x"}]),
            "invalidFilter",
        ),
        (
            json!([{"op": "add", "path": "emails[type eq \"work\"", "value": "x"}]),
            "invalidFilter",
        ),
        (
            json!([{"op": "add", "path": "emails[nick eq \"work\"].value", "value": "x"}]),
            "invalidFilter",
        ),
        (
            json!([{"op": "add", "path": "emails[type eq \"work\"].value.x", "value": "x"}]),
            "invalidPath",
        ),
        (
            json!([{"op": "add", "path": "name[givenName eq \"x\"].familyName", "value": "x"}]),
            "invalidPath",
        ),
        (
            json!([{"op": "add", "path": "title[value eq \"x\"]", "value": "x"}]),
            "invalidPath",
        ),
        (
            json!([{"op": "add", "path": "addresses.locality", "value": "x"}]),
            "noTarget",
        ),
        (
            json!([{"op": "add", "path": "emails[type ne \"work\"].value", "value": "x"}]),
            "noTarget",
        ),
        (
            json!([{"op": "add", "path": "emails[type eq \"a\" or type eq \"b\"].value", "value": "x"}]),
            "noTarget",
        ),
        (
            json!([{"op": "add", "path": "emails[type eq \"a\" and type eq \"b\"].value", "value": "x"}]),
            "noTarget",
        ),
        (
            json!([{"op": "replace", "path": "emails[value eq \"gone\"].value", "value": "x"}]),
            "noTarget",
        ),
        (
            json!([{"op": "add", "path": "emails[type eq \"home\"]", "value": {"type": "other"}}]),
            "noTarget",
        ),
        (
            json!([{"op": "replace", "path": "emails[type co \"z\"].value", "value": "x"}]),
            "noTarget",
        ),
        (
            json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": {}}]),
            "invalidValue",
        ),
        (
            json!([{"op": "replace", "path": "emails[type eq \"work\"]", "value": [1, 2]}]),
            "invalidValue",
        ),
        (
            json!([{"op": "replace", "path": "emails", "value": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}]),
            "invalidValue",
        ),
        (
            json!([{"op": "add", "path": "emails", "value": [{"value": "z"}]}, {"op": "add", "path": "emails.primary", "value": true}]),
            "invalidValue",
        ),
        (
            json!([{"op": "replace", "value": {"emails[type eq": "x"}}]),
            "invalidFilter",
        ),
        // Nothing of it is understood: no success.
        (json!([{"op": "replace", "value": {"badge": 1}}]), "invalidPath"),
        (
            json!([{"op": "add", "value": {(ENTERPRISE_USER): {"badge": 1}}}]),
            "invalidPath",
        ),
        (
            json!([{"op": "add", "path": ENTERPRISE_USER, "value": {"badge": 1}}]),
            "invalidPath",
        ),
        (
            json!([{"op": "replace", "value": {"title": "x"}}, {"op": "replace", "value": {"badge": 1}}]),
            "invalidPath",
        ),
        (
            json!([{"op": "replace", "path": "active", "value": null}]),
            "invalidValue",
        ),
        (
            json!([{"op": "replace", "value": {"active": null, "title": "x"}}]),
            "invalidValue",
        ),
        (json!([{"op": "add", "value": {"active": null}}]), "invalidValue"),
        (
            json!([{"op": "replace", "value": {"active": []}}]),
            "invalidValue",
        ),
        (
            json!([{"op": "replace", "value": {"title": "x", "enabled": false}}]),
            "invalidValue",
        ),
    ];
    for (operations, expected) in rows {
        let error = patch(bob(), operations.clone()).expect_err(&operations.to_string());
        assert_eq!(kind(&error), expected, "{operations}: {error}");
    }
}

#[test]
fn a_body_that_is_no_patch() {
    for body in [
        json!(null),
        json!([]),
        json!("x"),
        json!({}),
        json!({"Operations": {}}),
        json!({"schemas": [PATCH_OP]}),
    ] {
        assert_eq!(
            kind(&parse(user(), body, &Leniency::default()).unwrap_err()),
            "invalidSyntax"
        );
    }
    let body = json!({"operations": [{"OP": "add", "Path": "title", "VALUE": "x"}], "SCHEMAS": [PATCH_OP]});
    assert_eq!(
        parse(user(), body, &Leniency::strict()).unwrap().operations.len(),
        1
    );
}

/// All or nothing: the error of the second operation undoes the first, and says which one it was.
#[test]
fn an_error_names_its_operation() {
    let operations = json!([{"op": "replace", "path": "title", "value": "T"}, {"op": "replace", "path": "id", "value": "x"}]);
    let error = patch(bob(), operations).unwrap_err();
    assert_eq!(
        error.detail,
        "operation 2: id is read-only: only the server sets it"
    );
    let operations =
        json!([{"op": "replace", "path": "title", "value": "T"}, {"op": "remove", "path": "userName"}]);
    assert_eq!(
        patch(bob(), operations).unwrap_err().detail,
        "operation 2: userName is required and cannot be removed"
    );
}

#[test]
fn the_number_of_operations_has_a_limit() {
    let one = json!({"op": "add", "path": "title", "value": "x"});
    let error = patch(bob(), Value::Array(vec![one; MAX_OPERATIONS + 1])).unwrap_err();
    assert_eq!(error.status, 413);
}

#[test]
fn a_list_does_not_grow_without_limit() {
    let roles: Vec<Value> = (0..1001).map(|n| json!({"value": n.to_string()})).collect();
    let error = patch(bob(), json!([{"op": "add", "path": "roles", "value": roles}])).unwrap_err();
    assert!(
        kind(&error) == "invalidValue" && error.detail.contains("1000"),
        "{error}"
    );
}

/// Each operation looks at the whole list: what that amounts to has a limit, far above what clients send.
#[test]
fn many_operations_on_a_long_list_are_refused_before_they_take_long() {
    let roles = |range: std::ops::Range<usize>| -> Vec<Value> {
        range.map(|n| json!({"value": n.to_string()})).collect()
    };
    let long = || with(bob(), json!({"roles": roles(0..1000)}));
    let again = json!({"op": "add", "path": "roles", "value": roles(0..1000)});
    assert!(patch(long(), json!([again])).is_ok_and(|outcome| !outcome.changed));
    let gone = json!({"op": "remove", "path": "roles", "value": roles(1..1000)});
    assert_eq!(after(long(), json!([gone]))["roles"], json!([{"value": "0"}]));
    let error = patch(long(), Value::Array(vec![again; 10])).unwrap_err();
    assert_eq!(error.status, 413, "{error}");
}

/// Each habit of a PATCH: tolerated by default and counted, refused without it.
#[test]
fn every_habit_is_one_of_leniency() {
    let urn_key = format!("{ENTERPRISE_USER}:department");
    let rows = [
        (
            Habit::OpLetterCase,
            json!([{"op": "Add", "path": "title", "value": "x"}]),
        ),
        (
            Habit::BooleanText,
            json!([{"op": "add", "path": "active", "value": "True"}]),
        ),
        (
            Habit::BooleanText,
            json!([{"op": "add", "path": "emails[primary eq \"True\"].value", "value": "x"}]),
        ),
        (
            Habit::EmptyReference,
            json!([{"op": "replace", "path": format!("{ENTERPRISE_USER}:manager"), "value": ""}]),
        ),
        (
            Habit::EmptyReference,
            json!([{"op": "replace", "path": format!("{ENTERPRISE_USER}:manager.value"), "value": ""}]),
        ),
        (
            Habit::BareReference,
            json!([{"op": "replace", "path": format!("{ENTERPRISE_USER}:manager"), "value": "7c2"}]),
        ),
        (
            Habit::BareElement,
            json!([{"op": "add", "path": "emails", "value": ["x"]}]),
        ),
        (
            Habit::SingleElement,
            json!([{"op": "replace", "path": "emails", "value": {"value": "x"}}]),
        ),
        (
            Habit::ListOfOne,
            json!([{"op": "add", "path": "name", "value": [{"givenName": "x"}]}]),
        ),
        (
            Habit::DottedKey,
            json!([{"op": "add", "value": {"name.givenName": "x"}}]),
        ),
        (
            Habit::DottedKey,
            json!([{"op": "add", "path": ENTERPRISE_USER, "value": {"manager.value": "x"}}]),
        ),
        (Habit::UrnKey, json!([{"op": "add", "value": {(urn_key): "x"}}])),
        (
            Habit::UrnKey,
            json!([{"op": "add", "value": {"urn:ietf:params:scim:schemas:core:2.0:User": {"title": "x"}}}]),
        ),
        (
            Habit::FilterSpacing,
            json!([{"op": "add", "path": " title", "value": "x"}]),
        ),
        (
            Habit::FilterSpacing,
            json!([{"op": "add", "path": "emails[ type eq \"work\" ].value", "value": "x"}]),
        ),
        (
            Habit::ValuePathKey,
            json!([{"op": "add", "value": {"emails[type eq \"work\"].value": "x"}}]),
        ),
        (
            Habit::BareExtensionName,
            json!([{"op": "add", "path": "department", "value": "x"}]),
        ),
        (
            Habit::BareExtensionName,
            json!([{"op": "add", "value": {"department": "x"}}]),
        ),
        (
            Habit::RemoveByValue,
            json!([{"op": "remove", "path": "emails", "value": [{"value": "bob@a.test"}]}]),
        ),
        (
            Habit::ReplaceCreates,
            json!([{"op": "replace", "path": "emails[type eq \"home\"].value", "value": "x"}]),
        ),
        (
            Habit::ReplaceCreates,
            json!([{"op": "replace", "path": "emails[type eq \"home\"]", "value": {"value": "x"}}]),
        ),
        (
            Habit::ReadOnlyKey,
            json!([{"op": "replace", "value": {"id": "x"}}]),
        ),
        (
            Habit::UnknownAttribute,
            json!([{"op": "replace", "value": {"badge": "x", "title": "y"}}]),
        ),
        (
            Habit::UnknownAttribute,
            json!([{"op": "replace", "path": "title", "value": "x", "note": "y"}]),
        ),
    ];
    for (habit, operations) in rows {
        let mut used = Habits::default();
        run(user(), bob(), operations.clone(), &Leniency::default(), &mut used).unwrap();
        assert_eq!(used.iter().collect::<Vec<_>>(), [(habit, 1)], "{operations}");
        let without = Leniency::default().without(habit);
        let error =
            run(user(), bob(), operations.clone(), &without, &mut used).expect_err(&operations.to_string());
        kind(&error);
        assert!(strictly(bob(), operations).is_err());
    }
    let mut used = Habits::default();
    let body = json!({"Operations": [{"op": "add", "path": "title", "value": "x"}]});
    used.merge(&parse(user(), body.clone(), &Leniency::default()).unwrap().used);
    assert!(used.contains(Habit::MissingSchemas));
    assert_eq!(
        kind(&parse(user(), body, &Leniency::strict()).unwrap_err()),
        "invalidSyntax"
    );
}

/// Strict still does all of the RFC: an addition creates what its filter describes.
#[test]
fn strict_adds_what_does_not_exist() {
    let operations = json!([{"op": "add", "path": "emails[type eq \"home\"].value", "value": "h"}]);
    let outcome = strictly(bob(), operations).unwrap();
    assert_eq!(
        outcome.document["emails"][1],
        json!({"type": "home", "value": "h"})
    );
    let operations = json!([{"op": "replace", "path": "emails[type eq \"home\"].value", "value": "h"}]);
    assert_eq!(kind(&strictly(bob(), operations).unwrap_err()), "noTarget");
}
