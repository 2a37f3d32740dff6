//! What Okta's client sends, and what Okta's published test collection asserts.

use super::harness::{Hub, both};
use super::http::{Client, ERROR, LIST, USER};
use serde_json::{Value, json};

const AGENT: &[(&str, &str)] = &[
    ("Content-Type", "application/scim+json; charset=utf-8"),
    ("Accept", "application/scim+json"),
    ("User-Agent", "Okta SCIM Client 1.0.0"),
];

fn okta(hub: &Hub) -> Client {
    hub.entra.with_headers(AGENT)
}

fn person() -> Value {
    json!({
        "schemas": [USER], "userName": "test.user@contoso.example", "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": true, "value": "test.user@contoso.example", "type": "work"}], "displayName": "Test User",
        "locale": "en-US", "externalId": "00ujl29u0le5T6Aj10h7", "groups": [], "password": "1mz050nq", "active": true,
    })
}

both! {
    fn a_person_is_looked_for_and_created(hub) {
        let client = okta(hub);
        let none = client.read("/Users?filter=userName%20eq%20%22test.user%40contoso.example%22&startIndex=1&count=100");
        assert_eq!((&none["totalResults"], &none["startIndex"], &none["itemsPerPage"]), (&json!(0), &json!(1), &json!(0)));
        let created = client.post("/Users", &person());
        assert_eq!(created.status, 201, "{}", created.text);
        let body = created.json();
        for (name, value) in person().as_object().unwrap() {
            match name.as_str() {
                "password" => assert!(!created.text.contains("1mz050nq"), "a password comes back"),
                "groups" => assert!(body.get("groups").is_none_or(|groups| groups == &json!([]))),
                _ => assert_eq!(&body[name], value),
            }
        }
        let found = client.read("/Users?filter=userName%20eq%20%22Test.User%40contoso.example%22&startIndex=1&count=100");
        assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &body["id"]));
        assert_eq!(client.post("/Users", &person()).error(409).0, "uniqueness");
    }

    fn a_profile_is_read_and_put_back_whole(hub) {
        let client = okta(hub);
        let path = format!("/Users/{}", client.make("/Users", &person()));
        let mut whole = client.read(&path);
        assert!(whole.get("password").is_none());
        whole["name"]["familyName"] = json!("Changed");
        whole["password"] = json!("t1meMa$heen");
        let put = client.put(&path, &whole);
        assert_eq!(put.status, 200, "{}", put.text);
        let body = put.json();
        assert_eq!((&body["name"]["familyName"], &body["locale"], &body["id"]), (&json!("Changed"), &json!("en-US"), &whole["id"]));
        assert_eq!(body["meta"]["created"], whole["meta"]["created"]);
        assert!(!put.text.contains("t1meMa$heen"));
    }

    fn a_person_is_switched_off_by_a_patch_and_by_a_put(hub) {
        let client = okta(hub);
        let path = format!("/Users/{}", client.make("/Users", &person()));
        for active in [false, true] {
            let answer = client.patch(&path, json!([{"op": "replace", "value": {"active": active}}]));
            assert!(answer.status == 204 || answer.json()["active"] == active);
            assert_eq!(client.read(&path)["active"], active);
        }
        let mut whole = client.read(&path);
        for active in [false, true] {
            whole["active"] = json!(active);
            assert_eq!(client.put(&path, &whole).json()["active"], active);
            assert_eq!(client.read(&path)["active"], active);
        }
        client.patch(&path, json!([{"op": "replace", "value": {"password": "n3wPassw0rd"}}]));
        assert!(!client.get(&path).text.contains("n3wPassw0rd"));
    }

    fn a_put_that_does_not_mention_active_enables_nobody(hub) {
        let client = okta(hub);
        let path = format!("/Users/{}", client.make("/Users", &person()));
        client.patch(&path, json!([{"op": "replace", "value": {"active": false}}]));
        let mut whole = client.read(&path);
        whole.as_object_mut().unwrap().remove("active");
        assert_eq!(client.put(&path, &whole).status, 200);
        assert_eq!(client.read(&path)["active"], false);
    }

    fn everybody_is_imported_page_by_page_in_a_stable_order(hub) {
        let client = okta(hub);
        let ids = client.people(7);
        for endpoint in ["/Users", "/Groups"] {
            let expected = if endpoint == "/Users" { ids.clone() } else { (0..7).map(|i| client.make("/Groups", &json!({"displayName": format!("G{i}")}))).collect() };
            let mut seen = Vec::new();
            while seen.len() < 7 {
                let page = client.read(&format!("{endpoint}?startIndex={}&count=3", seen.len() + 1));
                assert!(page["totalResults"].is_u64() && page["startIndex"].is_u64() && page["itemsPerPage"].is_u64(), "{page}");
                assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(7), &json!(seen.len() + 1)));
                seen.extend(page["Resources"].as_array().unwrap().iter().map(|each| each["id"].as_str().unwrap().to_owned()));
            }
            assert_eq!(seen.len(), 7);
            seen.sort();
            let mut expected = expected;
            expected.sort();
            assert_eq!(seen, expected, "{endpoint}: nobody twice, nobody left out");
        }
    }

    fn a_group_is_pushed_empty_and_then_filled(hub) {
        let client = okta(hub);
        let ids = client.people(2);
        let none = client.read("/Groups?filter=displayName%20eq%20%22Pushed%22&startIndex=1&count=100");
        assert_eq!(none["totalResults"], 0);
        let group = client.make("/Groups", &json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Pushed", "members": []}));
        let path = format!("/Groups/{group}");
        client.patch(&path, json!([{"op": "add", "path": "members", "value": [{"value": ids[0], "display": "u0@contoso.example"}]}]));
        assert_eq!(client.members(&group), ids[..1]);
        client.patch(&path, json!([
            {"op": "remove", "path": format!(r#"members[value eq "{}"]"#, ids[0])},
            {"op": "add", "path": "members", "value": [{"value": ids[1], "display": "u1@contoso.example"}]},
        ]));
        assert_eq!(client.members(&group), ids[1..]);
        client.patch(&path, json!([{"op": "replace", "path": "members", "value": [{"value": ids[0], "display": "a"}, {"value": ids[1], "display": "b"}]}]));
        assert_eq!(client.members(&group), ids);
    }

    fn a_group_is_renamed_with_its_id_again_and_again(hub) {
        let client = okta(hub);
        let ids = client.people(2);
        let group = client.make("/Groups", &json!({"displayName": "Pushed", "members": [{"value": ids[0]}, {"value": ids[1]}]}));
        let path = format!("/Groups/{group}");
        for name in ["Renamed", "Renamed", "Other"] {
            let answer = client.patch(&path, json!([{"op": "replace", "value": {"id": group, "displayName": name}}]));
            assert!(matches!(answer.status, 200 | 204));
            assert_eq!((&client.read(&path)["displayName"], &client.read(&path)["id"]), (&json!(name), &json!(group)));
            assert_eq!(client.members(&group), ids, "a rename loses nobody");
        }
    }

    fn a_wizards_group_is_put_with_all_its_members(hub) {
        let client = okta(hub);
        let ids = client.people(3);
        let group = client.make("/Groups", &json!({"displayName": "Pushed", "members": [{"value": ids[0]}]}));
        let path = format!("/Groups/{group}");
        let all = |ids: &[String]| -> Vec<Value> { ids.iter().map(|id| json!({"value": id, "display": "u"})).collect() };
        let put = client.put(&path, &json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": group, "displayName": "Pushed", "members": all(&ids)}));
        assert_eq!(put.status, 200, "{}", put.text);
        assert_eq!(client.members(&group), ids);
        client.put(&path, &json!({"id": group, "displayName": "Pushed", "members": all(&ids[1..])}));
        assert_eq!(client.members(&group), ids[1..]);
        assert_eq!(client.delete(&path).status, 204);
        client.get(&path).error(404);
    }

    fn errors_are_final_and_say_why(hub) {
        let client = okta(hub);
        let (kind, detail) = client.post("/Users", &json!({"schemas": [USER], "name": {"givenName": "Nameless"}})).error(400);
        assert!(kind == "invalidValue" && detail.contains("userName"), "{detail}");
        let path = format!("/Users/{}", client.make("/Users", &person()));
        let (_, detail) = client.try_patch(&path, json!([{"op": "replace", "value": {"active": "perhaps"}}])).error(400);
        assert!(detail.contains("active"), "{detail}");
    }

    fn too_many_requests_are_told_when_to_come_back_in_whole_seconds(hub) {
        let client = hub.provider("Okta --rate 1 --burst 2").with_headers(AGENT);
        let answers: Vec<_> = (0..4).map(|_| client.get("/Users?startIndex=1&count=1")).collect();
        let refused = answers.iter().find(|answer| answer.status != 200).expect("one of four is refused");
        refused.error(429);
        assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=5).contains(&seconds)), "{:?}", refused.headers);
    }

    fn what_the_published_test_collection_asserts(hub) {
        let client = hub.entra.with_headers(&[("Content-Type", "application/json"), ("Accept", "application/scim+json"), ("User-Agent", "Okta SCIM Client 1.0.0")]);
        let existing = client.make("/Users", &person());
        // 1, 2: the list has people with everything that the collection reads, and each is read by id.
        let list = client.get("/Users?count=1&startIndex=1");
        assert_eq!(list.status, 200);
        let body = list.json();
        assert!(body["itemsPerPage"].is_u64() && body["startIndex"].is_u64() && body["totalResults"].is_u64());
        assert_eq!(body["schemas"], json!([LIST]));
        has_what_is_read(&body["Resources"][0]);
        let read = client.read(&format!("/Users/{existing}"));
        has_what_is_read(&read);
        // 3, 4: nobody has this name.
        let none = client.read("/Users?filter=userName%20eq%20%22abcdefgh%40atko.com%22");
        assert_eq!((&none["schemas"], &none["totalResults"]), (&json!([LIST]), &json!(0)));
        // 5: an id that does not exist.
        let (_, detail) = client.get("/Users/010101001010101011001010101011").error(404);
        assert!(!detail.is_empty());
        // 6, 7: a person is created and is there.
        let new = json!({"schemas": [USER], "userName": "Runscope@contoso.example", "name": {"givenName": "Run", "familyName": "Scope"}, "emails": [{"primary": true, "value": "runscope@contoso.example", "type": "work"}], "displayName": "Run Scope", "active": true});
        let created = client.post("/Users", &new);
        assert_eq!(created.status, 201);
        let made = created.json();
        assert_eq!(made["schemas"], json!([USER]));
        for body in [&made, &client.read(&format!("/Users/{}", made["id"].as_str().unwrap()))] {
            assert_eq!((&body["active"], &body["userName"]), (&json!(true), &json!("Runscope@contoso.example")));
            assert_eq!((&body["name"]["givenName"], &body["name"]["familyName"]), (&json!("Run"), &json!("Scope")));
        }
        // 8, 9: not a second time; and the name has no letter case.
        client.post("/Users", &new).error(409);
        assert_eq!(client.read("/Users?filter=userName%20eq%20%22RUNSCOPE%40contoso.example%22")["totalResults"], 1);
        // 10, 11: groups answer; a list answers with the media type of SCIM.
        assert_eq!(client.get("/Groups").status, 200);
        assert_eq!(list.header("content-type"), "application/scim+json");
        // 12: a token that is none.
        let answer = client.with_token("non-token").get("/Users");
        answer.error(401);
        assert_eq!(answer.json()["schemas"], json!([ERROR]));
    }
}

fn has_what_is_read(person: &Value) {
    for pointer in [
        "/id",
        "/name/givenName",
        "/name/familyName",
        "/userName",
        "/emails/0/value",
    ] {
        assert!(
            person
                .pointer(pointer)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty()),
            "{pointer}: {person}"
        );
    }
    assert!(person["active"].is_boolean(), "{person}");
}
