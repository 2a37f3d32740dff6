//! Keys and rendering.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::schema::{Catalogue, ENTERPRISE_USER, Extension, USER, user};

fn meta(rt: &ResourceType) -> Meta<'_> {
    Meta {
        rt,
        created: 1_767_603_600_000,
        modified: 1_767_603_600_123,
        location: "https://hub.contoso.example/scim/v2/Users/u1",
        version: 5.into(),
    }
}

fn document(value: Value) -> Document {
    value.as_object().unwrap().clone()
}

fn rendered(document: &Document, extra: Option<(&str, &str)>) -> Value {
    let mut out = String::new();
    render(&mut out, &to_text(document), "u1", &meta(user()), extra);
    serde_json::from_str(&out).unwrap()
}

#[test]
fn folding_is_caseless_and_composed() {
    assert_eq!(fold("Ann@Contoso.Example"), "ann@contoso.example");
    assert_eq!(fold("STRASSE"), fold("straße"));
    assert_eq!(fold("E\u{301}ric"), "éric");
    assert_eq!(fold("\u{1fb4}"), fold("\u{3b1}\u{301}\u{345}"));
    assert!(matches!(folded("ann"), Cow::Borrowed("ann")));
    assert_eq!(folded("ÅSA"), "åsa");
}

#[test]
fn accessors_read_what_is_there() {
    let person = document(json!({"userName": "Ann", "externalId": "X1", "active": false,
        "emails": [{"value": "ann@contoso.example"}, {"type": "home"}, {"value": "a@contoso.example"}]}));
    assert_eq!(
        (user_name(&person), external_id(&person), display_name(&person)),
        (Some("Ann"), Some("X1"), None)
    );
    assert!(!active(&person));
    assert!(active(&Document::new()));
    assert_eq!(
        emails(&person).collect::<Vec<_>>(),
        ["ann@contoso.example", "a@contoso.example"]
    );
    assert_eq!(emails(&Document::new()).count(), 0);
}

#[test]
fn times_are_rfc_3339_with_milliseconds() {
    assert_eq!(rfc3339(1_767_603_600_000), "2026-01-05T09:00:00.000Z");
    assert_eq!(rfc3339(-1), "1969-12-31T23:59:59.999Z");
    assert!(rfc3339(i64::MAX).starts_with("9999-12-"));
}

#[test]
fn a_rendered_document_reads_as_published() {
    let person = document(json!({"userName": "ann", ENTERPRISE_USER: {"department": "Field"}}));
    let mut out = String::new();
    render(
        &mut out,
        &to_text(&person),
        "u1",
        &meta(user()),
        Some(("groups", r#"[{"value":"g1"}]"#)),
    );
    insta::assert_snapshot!(out);
    assert_eq!(
        serde_json::from_str::<Value>(&out).unwrap(),
        to_value(
            &person,
            "u1",
            &meta(user()),
            Some(("groups", json!([{"value": "g1"}])))
        )
    );
}

#[test]
fn an_empty_document_renders() {
    assert_eq!(
        rendered(&Document::new(), None),
        to_value(&Document::new(), "u1", &meta(user()), None)
    );
}

/// The extension's URN inside a value must not add it to `schemas`, however it is dressed up.
#[test]
fn schemas_cannot_be_spoofed_by_a_value() {
    let fakes = [
        format!("\"{ENTERPRISE_USER}\":{{"),
        format!("{ENTERPRISE_USER}\":{{"),
        format!("\\\"{ENTERPRISE_USER}\\\":{{"),
        ENTERPRISE_USER.to_owned(),
    ];
    for fake in fakes {
        let person = document(json!({"userName": "ann", "title": fake}));
        assert_eq!(rendered(&person, None)["schemas"], json!([USER]), "{fake}");
    }
}

#[test]
fn a_password_in_a_stored_document_is_not_rendered() {
    let person = document(json!({"userName": "ann", "password": "s3cret", "title": "a \"password\": note"}));
    for resource in [
        rendered(&person, None),
        to_value(&person, "u1", &meta(user()), None),
    ] {
        assert!(resource.get("password").is_none());
        assert_eq!(resource["title"], "a \"password\": note");
    }
}

#[test]
fn awkward_identifiers_are_escaped() {
    let mut out = String::new();
    render(&mut out, "{}", "a\"b\\\u{1}", &meta(user()), None);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["id"], "a\"b\\\u{1}");
}

proptest! {
    #[test]
    fn folding_twice_is_folding_once(text in "\\PC{0,20}") {
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
        prop_assert_eq!(folded(&text).into_owned(), fold(&text));
    }

    /// Greek with its iota subscript is where composing before folding goes wrong.
    #[test]
    fn folding_greek_twice_is_folding_once(text in "[\u{370}-\u{3ff}\u{1f00}-\u{1fff}\u{300}-\u{345}]{0,12}") {
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
    }

    #[test]
    fn splicing_equals_building(title in any::<String>(), id in any::<String>(), version in any::<i64>()) {
        let person = document(json!({"userName": title, "title": title}));
        let meta = Meta { version: version.into(), ..meta(user()) };
        let mut out = String::new();
        render(&mut out, &to_text(&person), &id, &meta, None);
        prop_assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), to_value(&person, &id, &meta, None));
    }
}

fn hiding() -> Catalogue {
    let badge = json!({"id": BADGE, "resource": "User", "attributes": [
        {"name": "number"}, {"name": "pin", "returned": "never"}, {"name": "photoId", "returned": "request"}]});
    Catalogue::with(&[Extension::parse(&badge).unwrap()]).unwrap()
}

const BADGE: &str = "urn:contoso:scim:schemas:badge:1.0:User";

#[test]
fn custom_extensions_are_listed_and_their_hidden_attributes_stay_inside() {
    let catalogue = hiding();
    let meta = meta(catalogue.user());
    let shown_of = |document: &Document| {
        let mut out = String::new();
        render(&mut out, &to_text(document), "u1", &meta, None);
        serde_json::from_str::<Value>(&out).unwrap()
    };
    let full = document(json!({"userName": "ann", BADGE: {"number": "7", "pin": "1234", "photoId": "p"}}));
    let shown = shown_of(&full);
    assert_eq!(shown[BADGE], json!({"number": "7"}));
    assert_eq!(shown["schemas"], json!([USER, BADGE]));
    // A projection may ask for what is returned on request, never for the rest.
    assert_eq!(
        to_value(&full, "u1", &meta, None)[BADGE],
        json!({"number": "7", "photoId": "p"})
    );
    let secret = document(json!({"userName": "ann", BADGE: {"pin": "1234"}}));
    for shown in [shown_of(&secret), to_value(&secret, "u1", &meta, None)] {
        assert!(
            shown.get(BADGE).is_none() && shown["schemas"] == json!([USER]),
            "{shown}"
        );
    }
}

#[test]
fn a_removed_active_is_shown_by_no_answer_and_lets_nobody_in() {
    let removed = document(json!({"userName": "ann", "active": null}));
    assert!(!active(&removed));
    assert!(active(&document(json!({"userName": "ann"}))));
    assert!(rendered(&removed, None).get("active").is_none());
    assert!(
        to_value(&removed, "u1", &meta(user()), None)
            .get("active")
            .is_none()
    );
    let quoted = document(json!({"userName": "ann", "title": "\"active\":null"}));
    assert_eq!(rendered(&quoted, None)["title"], "\"active\":null");
}
