//! Every place in which a name may stand.

use super::*;

/// The data and path of the last of these operations, when its turn comes.
fn last_call(operations: &[Value]) -> Call {
    let mut run = Run::new(request(operations));
    let mut last = None;
    while let Some(call) = run.next() {
        let id = format!("id-{}", call.bulk_id.clone().unwrap_or_default());
        let done = Answer {
            status: 201,
            id: Some(id),
            ..Answer::default()
        };
        run.record(call.index, done);
        if call.index == operations.len() - 1 {
            last = Some(call);
        }
    }
    last.expect("the last operation is carried out")
}

#[test]
fn names_are_replaced_wherever_a_reference_may_stand() {
    let manager = format!("{ENTERPRISE_USER}:manager");
    for (sent, expected) in [
        (
            json!({"members": [{"value": "bulkId:a", "type": "User"}]}),
            json!({"members": [{"value": "id-a", "type": "User"}]}),
        ),
        (
            json!({"members": ["bulkId:a", "7c2"]}),
            json!({"members": ["id-a", "7c2"]}),
        ),
        (
            json!({"Members": {"VALUE": "BULKID:a"}}),
            json!({"Members": {"VALUE": "id-a"}}),
        ),
        (
            json!({"members": [{"value": "bulkId:a", "$ref": format!("{BASE}/Users/bulkId:a")}]}),
            json!({"members": [{"value": "id-a", "$ref": format!("{BASE}/Users/id-a")}]}),
        ),
        (
            json!({"members": [{"value": "bulkId:a", "$ref": "../Users/bulkId%3Aa"}]}),
            json!({"members": [{"value": "id-a", "$ref": "../Users/id-a"}]}),
        ),
        (
            json!({ENTERPRISE_USER: {"manager": {"value": "bulkId:a"}}}),
            json!({ENTERPRISE_USER: {"manager": {"value": "id-a"}}}),
        ),
        (
            json!({ENTERPRISE_USER: {"manager": "bulkId:a"}}),
            json!({ENTERPRISE_USER: {"manager": "id-a"}}),
        ),
        (json!({&manager: "bulkId:a"}), json!({&manager: "id-a"})),
        (
            json!({"urn:contoso:2.0:User": {"mentor": "bulkId:a"}}),
            json!({"urn:contoso:2.0:User": {"mentor": "id-a"}}),
        ),
        (
            json!({"members": [{"value": "bulkId:b ü/é"}]}),
            json!({"members": [{"value": "id-b ü/é"}]}),
        ),
    ] {
        let data = sent.clone();
        let last = json!({"method": "PUT", "path": "/Groups/1", "data": data});
        assert_eq!(
            last_call(&[person("a"), person("b ü/é"), last]).data,
            expected,
            "{sent}"
        );
    }
}

#[test]
fn names_are_replaced_in_patches() {
    for (sent, expected) in [
        (
            json!({"op": "add", "path": "members", "value": [{"value": "bulkId:a"}]}),
            json!({"op": "add", "path": "members", "value": [{"value": "id-a"}]}),
        ),
        (
            json!({"op": "Add", "path": "manager", "value": "bulkId:a"}),
            json!({"op": "Add", "path": "manager", "value": "id-a"}),
        ),
        (
            json!({"op": "remove", "path": "members[value eq \"bulkId:a\" or value eq \"x\\\"y\"]"}),
            json!({"op": "remove", "path": "members[value eq \"id-a\" or value eq \"x\\\"y\"]"}),
        ),
        (
            json!({"op": "replace", "value": {"manager": {"value": "bulkId:a"}, "title": "x"}}),
            json!({"op": "replace", "value": {"manager": {"value": "id-a"}, "title": "x"}}),
        ),
        (
            json!({"op": "add", "value": {"members[value eq \"bulkId:a\"].display": "x"}}),
            json!({"op": "add", "value": {"members[value eq \"id-a\"].display": "x"}}),
        ),
        (
            json!({"op": "add", "path": "urn:contoso:2.0:User:mentor", "value": "bulkId:a"}),
            json!({"op": "add", "path": "urn:contoso:2.0:User:mentor", "value": "id-a"}),
        ),
    ] {
        let last = patch_of("/Groups/1", sent.clone());
        assert_eq!(
            last_call(&[person("a"), last]).data["Operations"][0],
            expected,
            "{sent}"
        );
    }
}

#[test]
fn names_are_replaced_in_addresses() {
    for path in [
        "/Users/bulkId:a",
        "/users//bulkid:a",
        "https://hub.contoso.example/v2/Users/bulkId%3Aa",
    ] {
        for method in ["PUT", "PATCH", "DELETE"] {
            let last = json!({"method": method, "path": path, "data": {"userName": "x"}});
            assert_eq!(
                last_call(&[person("a"), last]).path,
                "/Users/id-a",
                "{method} {path}"
            );
        }
    }
}

#[test]
fn text_that_looks_like_a_name_is_only_text() {
    let data = json!({"displayName": "bulkId:nobody", "title": "bulkId:", "nickName": "see bulkId:a",
                      "emails": [{"type": "bulkId:nobody", "value": "x"}]});
    let last = json!({"method": "PUT", "path": "/Users/1", "data": data});
    assert_eq!(last_call(&[person("a"), last]).data, data);
    let rename = json!({"op": "replace", "path": "displayName", "value": "bulkId:nobody"});
    assert_eq!(
        last_call(&[patch_of("/Groups/1", rename.clone())]).data["Operations"][0],
        rename
    );
}

#[test]
fn a_name_that_no_post_has_fails_its_operation() {
    let remove = json!({"op": "remove", "path": "members[value eq \"bulkId:x\"]"});
    let put_a = json!({"method": "PUT", "path": "/Users/1", "bulkId": "x", "data": {"userName": "a"}});
    for operation in [
        group_of("g", &["x"]),
        person_with_manager("p", "x"),
        patch_of("/Groups/1", remove),
        patch_of(
            "/Users/1",
            json!({"op": "add", "path": "manager", "value": "bulkId:x"}),
        ),
        json!({"method": "DELETE", "path": "/Users/bulkId:x"}),
        json!({"method": "PUT", "path": "/Groups/1", "data": {"members": [{"$ref": "/Users/bulkId:x"}]}}),
    ] {
        let mut world = World::default();
        // A bulkId on anything but POST names nothing.
        let results = run_in(&mut world, &[put_a.clone(), operation.clone()]);
        assert_eq!(statuses(&results), ["200", "400"], "{operation}");
        assert_eq!(results[1]["response"]["scimType"], "invalidValue");
        assert!(
            detail(&results[1]).starts_with("bulkId:x cannot be resolved"),
            "{}",
            detail(&results[1])
        );
    }
}

#[test]
fn what_depends_on_a_failed_post_fails() {
    let mut world = World {
        refused: vec!["u".to_owned()],
        ..World::default()
    };
    let results = run_in(
        &mut world,
        &[
            group_of("top", &["g"]),
            group_of("g", &["u", "v"]),
            person("u"),
            person("v"),
            json!({"method": "DELETE", "path": "/Users/bulkId:u"}),
            json!({"method": "DELETE", "path": "/Users/bulkId:v"}),
        ],
    );
    assert_eq!(statuses(&results), ["400", "400", "409", "201", "400", "200"]);
    assert_eq!(results[1]["response"]["scimType"], "invalidValue");
    assert_eq!(
        detail(&results[1]),
        "bulkId:u cannot be resolved: its POST was answered with 409 and gave no id"
    );
    assert_eq!(world.calls, ["POST /Users", "POST /Users", "DELETE /Users/1"]);
}
