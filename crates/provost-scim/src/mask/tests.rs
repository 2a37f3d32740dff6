//! The requests that Entra and Okta really send, and what of them stays.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::schema::{BULK_REQUEST, ENTERPRISE_USER, GROUP, LIST_RESPONSE, PATCH_OP, USER, group, user};

fn patch(operations: Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

#[test]
fn a_text_becomes_its_first_letter_and_its_length() {
    for (sent, shown) in [("Lovelace", "L…(8)"), ("Åsa", "Å…(3)"), ("A", "…(1)"), ("", "")] {
        assert_eq!(text(sent), shown);
    }
}

#[test]
fn a_person_is_recognised_by_name_only() {
    let sent = json!({
        "schemas": [USER, ENTERPRISE_USER], "id": "01J9Z", "userName": "ada@contoso.com", "externalId": "a91f",
        "active": true, "displayName": "Ada Lovelace", "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"type": "work", "value": "ada@contoso.com", "primary": true}],
        "phoneNumbers": [{"type": "mobile", "value": "+32470112233"}], "password": "correct horse",
        "roles": [], "groups": [{"value": "7c2", "display": "Crew"}], "meta": {"resourceType": "User", "version": "W/\"1\""},
        ENTERPRISE_USER: {"department": "Field", "employeeNumber": 42, "manager": {"value": "7c2", "displayName": "Bob"}},
        "urn:contoso:2.0:User": {"apiKey": {"id": "1"}, "accessToken": ["x"], "PIN": 1234, "note": null},
    });
    assert_eq!(
        body(&sent),
        json!({
            "schemas": [USER, ENTERPRISE_USER], "id": "01J9Z", "userName": "ada@contoso.com", "externalId": "a91f",
            "active": true, "displayName": "A…(12)", "name": {"givenName": "A…(3)", "familyName": "L…(8)"},
            "emails": [{"type": "work", "value": "a…(15)", "primary": true}],
            "phoneNumbers": [{"type": "mobile", "value": "+…(12)"}], "password": "…",
            "roles": [], "groups": [{"value": "7c2", "display": "C…(4)"}], "meta": {"resourceType": "User", "version": "W/\"1\""},
            ENTERPRISE_USER: {"department": "F…(5)", "employeeNumber": 42, "manager": {"value": "7c2", "displayName": "B…(3)"}},
            "urn:contoso:2.0:User": {"apiKey": "…", "accessToken": "…", "PIN": "…", "note": null},
        })
    );
}

#[test]
fn a_group_keeps_its_name_where_it_is_known_to_be_one() {
    let sent =
        json!({"schemas": [GROUP], "displayName": "Crew", "members": [{"value": "01J9Z", "display": "Ada"}]});
    let shown = json!({"schemas": [GROUP], "displayName": "Crew", "members": [{"value": "01J9Z", "display": "A…(3)"}]});
    assert_eq!(body(&sent), shown);
    let rename = patch(json!([{"op": "Replace", "path": "displayName", "value": "Crew"}]));
    assert_eq!(body(&rename)["Operations"][0]["value"], "C…(4)");
    assert_eq!(body_of(group(), &rename), rename);
    assert_eq!(body_of(user(), &rename)["Operations"][0]["value"], "C…(4)");
}

#[test]
fn operations_follow_the_attribute_of_their_path() {
    let manager = format!("{ENTERPRISE_USER}:manager");
    for (path, value, shown) in [
        ("displayName", json!("Ada"), json!("A…(3)")),
        ("name.familyName", json!("Claes"), json!("C…(5)")),
        ("userName", json!("ada@contoso.com"), json!("ada@contoso.com")),
        ("externalId", json!("a91f"), json!("a91f")),
        ("active", json!("False"), json!("False")),
        (
            "emails[type eq \"work\"].value",
            json!("ada@contoso.com"),
            json!("a…(15)"),
        ),
        ("emails[type eq \"work\"].primary", json!("true"), json!("true")),
        ("emails[type eq \"work\"].type", json!("home"), json!("home")),
        ("password", json!("correct horse"), json!("…")),
        (&manager, json!("7c2"), json!("7c2")),
        (
            &manager,
            json!([{"$ref": "../Users/7c2", "value": "7c2"}]),
            json!([{"$ref": "../Users/7c2", "value": "7c2"}]),
        ),
        ("manager", json!("Ada Lovelace"), json!("A…(12)")),
        ("manager.value", json!("7c2"), json!("7c2")),
        (
            "members",
            json!([{"$ref": null, "value": "01J9Z"}]),
            json!([{"$ref": null, "value": "01J9Z"}]),
        ),
        ("members", json!(["ada@contoso.com"]), json!(["a…(15)"])),
        (
            "roles",
            json!([{"value": "{\"id\":\"1\"}"}]),
            json!([{"value": "{…(10)"}]),
        ),
    ] {
        let sent = patch(json!([{"op": "Add", "path": path, "value": value}]));
        let expected = patch(json!([{"op": "Add", "path": path, "value": shown}]));
        assert_eq!(body(&sent), expected, "{path}");
    }
}

#[test]
fn operations_without_a_path_are_masked_by_key() {
    let sent = patch(json!([{"op": "replace", "value": {
        "id": "g1", "displayName": "Crew", "name.givenName": "Ada", "active": false,
        format!("{ENTERPRISE_USER}:employeeNumber"): "z-1", format!("{ENTERPRISE_USER}:manager"): "7c2",
        "emails[value eq \"ada@contoso.com\"].value": "new@contoso.com",
    }}]));
    let shown = &body(&sent)["Operations"][0]["value"];
    assert_eq!(
        *shown,
        json!({
            "id": "g1", "displayName": "C…(4)", "name.givenName": "A…(3)", "active": false,
            format!("{ENTERPRISE_USER}:employeeNumber"): "z…(3)", format!("{ENTERPRISE_USER}:manager"): "7c2",
            "emails[value eq \"a…(15)\"].value": "n…(15)",
        })
    );
}

#[test]
fn a_bulk_request_is_masked_inside() {
    let sent = json!({"schemas": [BULK_REQUEST], "failOnErrors": 1, "Operations": [
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "Crew", "members": [{"value": "bulkId:u"}]}},
        {"method": "PATCH", "path": "/Users/01J9Z", "version": "W/\"4\"", "data": patch(json!([{"op": "add", "path": "title", "value": "Boss"}]))},
        {"method": "DELETE", "path": "/Users/Ada Lovelace"},
    ]});
    let mut expected = sent.clone();
    expected["Operations"][1]["data"]["Operations"][0]["value"] = json!("B…(4)");
    expected["Operations"][2]["path"] = json!("/…(19)");
    assert_eq!(body(&sent), expected);
}

#[test]
fn a_search_is_masked_as_an_address_is() {
    let sent = json!({"filter": "emails eq \"ada@contoso.com\"", "attributes": ["userName", "Ada"], "sortBy": "name.familyName",
                      "sortOrder": "ascending", "startIndex": 1, "cursor": "abc"});
    assert_eq!(
        body(&sent),
        json!({"filter": "emails eq \"a…(15)\"", "attributes": ["userName", "A…(3)"], "sortBy": "name.familyName",
               "sortOrder": "ascending", "startIndex": 1, "cursor": "…"})
    );
}

#[test]
fn literals_are_kept_for_what_identifies_an_object() {
    for (sent, shown) in [
        (
            "userName eq \"ada@contoso.com\"",
            "userName eq \"ada@contoso.com\"",
        ),
        (
            "USERNAME Eq \"ada\" and active eq true",
            "USERNAME Eq \"ada\" and active eq true",
        ),
        ("externalId eq \"a91f\"", "externalId eq \"a91f\""),
        (
            "id eq \"u\" and manager eq \"m\"",
            "id eq \"u\" and manager eq \"m\"",
        ),
        (
            "members[value eq \"01J9Z\" or display eq \"Ada\"]",
            "members[value eq \"01J9Z\" or display eq \"A…(3)\"]",
        ),
        (
            "emails[type eq \"work\"].value eq \"a@b\"",
            "emails[type eq \"work\"].value eq \"a…(3)\"",
        ),
        (
            "emails[type eq \"work\" and value co \"x\\\"y\"]",
            "emails[type eq \"work\" and value co \"x…(3)\"]",
        ),
        (
            "name.familyName sw \"Lo\" or not (title pr)",
            "name.familyName sw \"L…(2)\" or not (title pr)",
        ),
        (
            "meta.lastModified ge \"2020-01-01T00:00:00Z\"",
            "meta.lastModified ge \"2020-01-01T00:00:00Z\"",
        ),
        (
            "urn:contoso:2.0:User:badge eq \"K-77\"",
            "urn:contoso:2.0:User:badge eq \"K…(4)\"",
        ),
        (
            "roles[primary eq \"True\"].value pr",
            "roles[primary eq \"True\"].value pr",
        ),
        ("password eq \"hunter2\"", "password eq \"…\""),
        ("userName eq ada@contoso.com", "userName eq a…(15)"),
        ("userName eq 'ada' or x.y lt 5", "userName eq '…(5) or x…(3) lt 5"),
        ("title eq \"unfinished", "title eq \"u…(10)"),
    ] {
        let shown = shown.replace("\"u…(10)", "u…(10)");
        assert_eq!(expression(None, sent), shown, "{sent}");
    }
    assert_eq!(
        expression(Some(group()), "displayName eq \"Crew\""),
        "displayName eq \"Crew\""
    );
    assert_eq!(
        expression(Some(user()), "displayName eq \"Ada\""),
        "displayName eq \"A…(3)\""
    );
}

#[test]
fn parameters_come_as_one_line() {
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    };
    let sent = pairs(&[
        ("filter", "userName eq \"ada@contoso.com\""),
        ("startIndex", "1"),
        ("count", "100"),
        ("attributes", "id, emails.value,Ada"),
        ("aadOptscim062020", ""),
        ("cursor", "abc"),
        ("token", "t"),
        ("who", "Ada"),
        ("a b", "c"),
    ]);
    assert_eq!(
        query(&sent),
        "filter=userName eq \"ada@contoso.com\"&startIndex=1&count=100&attributes=id,emails.value,A…(3)\
         &aadOptscim062020=&cursor=…&token=…&who=A…(3)&a…(3)=…(1)"
    );
    let crew = pairs(&[
        ("excludedAttributes", "members"),
        ("filter", "displayName eq \"Crew\""),
    ]);
    assert_eq!(
        query_of(group(), &crew),
        "excludedAttributes=members&filter=displayName eq \"Crew\""
    );
    assert_eq!(
        query(&crew),
        "excludedAttributes=members&filter=displayName eq \"C…(4)\""
    );
}

#[test]
fn what_does_not_fit_is_said_to_be_missing() {
    let members: Vec<Value> = (0..10_000)
        .map(|n| json!({"value": format!("member-{n}")}))
        .collect();
    let shown = body(&json!({"schemas": [GROUP], "displayName": "Crew", "members": members}));
    let list = shown["members"].as_array().unwrap();
    let last = list.last().unwrap().as_str().unwrap();
    assert_eq!(last, format!("… {} more", 10_000 - (list.len() - 1)));
    assert!(list.len() > 50 && shown.to_string().len() <= MAX_BYTES);
    let wide: serde_json::Map<String, Value> = (0..5_000).map(|n| (format!("key{n}"), json!(n))).collect();
    let shown = body(&Value::Object(wide));
    assert!(shown.get("…").is_some() && shown.to_string().len() <= MAX_BYTES);
}

/// A text that can be found again in any output.
fn marked() -> impl Strategy<Value = String> {
    "Zq[a-z]{6}( [a-z@.]{1,6})?"
}

fn private_key() -> impl Strategy<Value = String> {
    let names = vec![
        "displayName",
        "title",
        "givenName",
        "value",
        "display",
        "password",
        "department",
        "nickName",
        "formatted",
        "name.familyName",
        "urn:contoso:2.0:User:badge",
        "locale",
        "version",
        "resourceType",
        "x",
    ];
    prop::sample::select(names).prop_map(str::to_owned)
}

/// Bodies in which every text is personal: none stands under an attribute that is kept.
fn private_body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        marked().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null)
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let list = prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from);
        let map = prop::collection::btree_map(private_key(), inner.clone(), 0..5);
        let holder = prop::sample::select(vec!["emails", "name", "data", "Operations", "addresses"]);
        let held = (holder, inner.clone()).prop_map(|(holder, value)| json!({holder: value}));
        let target = prop::sample::select(vec![
            "title",
            "emails[type eq \"work\"].value",
            "name",
            "displayName",
            "x",
        ]);
        let operation =
            (target, inner).prop_map(|(path, value)| json!({"op": "Add", "path": path, "value": value}));
        prop_oneof![list, map.prop_map(|map| json!(map)), held, operation]
    })
}

proptest! {
    #[test]
    fn nothing_personal_survives(sent in private_body()) {
        // As data of a person's bulk operation, too, where more words are kept.
        let bulk = json!({"method": "POST", "path": "/Users", "bulkId": "b", "data": {"content": sent}});
        for sent in [sent, bulk] {
            let shown = body(&sent).to_string();
            prop_assert!(!shown.contains("Zq"), "{}", shown);
            prop_assert!(shown.len() <= MAX_BYTES);
        }
    }

    #[test]
    fn no_literal_or_stray_word_survives(
        name in prop::sample::select(vec!["title", "emails.value", "emails[value", "nobody", "displayName", "members.display"]),
        op in prop::sample::select(vec!["eq", "CO", "regex", "pr", ""]),
        quote in prop::sample::select(vec!["\"", "'", "", "\\\""]),
        literal in marked(),
        tail in prop::sample::select(vec!["", "]", ")", "\" and title pr", "\\"]),
    ) {
        let text = format!("{name} {op} {quote}{literal}{quote}{tail}");
        for shown in [expression(None, &text), query(&[("filter".to_owned(), text.clone()), ("who".to_owned(), literal)])] {
            prop_assert!(!shown.contains("Zq"), "{text}: {shown}");
        }
    }

    #[test]
    fn the_result_is_bounded(key in "\\PC{0,40}", value in "\\PC{0,400}", count in 0..100usize, times in 0..100usize) {
        let list = vec![json!({&key: value.repeat(times / 10), "userName": value}); count];
        prop_assert!(body(&json!(list)).to_string().len() <= MAX_BYTES);
        let search = json!({"filter": value.repeat(times), "schemas": list});
        prop_assert!(body(&search).to_string().len() <= MAX_BYTES);
        prop_assert!(query(&vec![(key, value.repeat(times)); count]).len() <= MAX_BYTES);
    }
}

#[test]
fn an_answer_is_masked_as_well() {
    let sent = json!({"schemas": [LIST_RESPONSE], "totalResults": 1, "Resources": [{"userName": "ada", "title": "Boss"}]});
    let shown = json!({"schemas": [LIST_RESPONSE], "totalResults": 1, "Resources": [{"userName": "ada", "title": "B…(4)"}]});
    assert_eq!(body(&sent), shown);
}
