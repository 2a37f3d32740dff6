//! What is read, and what is refused where.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::ScimType;

fn refused(text: &str) -> Error {
    parse(text.as_bytes()).unwrap_err()
}

fn sentence(text: &str) -> String {
    let error = refused(text);
    assert_eq!(
        (error.status, error.scim_type),
        (400, Some(ScimType::InvalidSyntax)),
        "{text}"
    );
    error.detail
}

#[test]
fn ordinary_json_is_read_as_it_is() {
    let text = r#" {"a":[1,-2,3.5,1e2,true,false,null,"x\u00e9\n"],"b":{"A":{}}} "#;
    assert_eq!(
        parse(text.as_bytes()).unwrap(),
        serde_json::from_str::<Value>(text).unwrap()
    );
}

#[test]
fn a_key_twice_is_refused_with_its_place() {
    let detail = sentence("{\"userName\":\"ann\",\n \"userName\":\"bob\"}");
    assert!(detail.contains("\"userName\" stands twice"), "{detail}");
    assert!(detail.contains("line 2 column 11"), "{detail}");
    sentence(r#"{"a":{"b":1,"b":1}}"#);
    sentence(r#"{"a":1,"\u0061":2}"#);
}

#[test]
fn keys_that_differ_in_letter_case_are_refused() {
    assert!(sentence(r#"{"userName":1,"USERNAME":2}"#).contains("letter case"));
    sentence(r#"{"straße":1,"STRASSE":2}"#);
    sentence("{\"k\":1,\"\u{212a}\":2}");
    assert!(parse(r#"{"userName":1,"userType":2,"a":{"username":1}}"#.as_bytes()).is_ok());
}

#[test]
fn keys_of_large_objects_are_compared_too() {
    let mut entries: Vec<String> = (0..5_000).map(|n| format!("\"key{n}\":{n}")).collect();
    assert!(parse(format!("{{{}}}", entries.join(",")).as_bytes()).is_ok());
    entries.push("\"KEY7\":0".to_owned());
    assert!(sentence(&format!("{{{}}}", entries.join(","))).contains("\"key7\" and \"KEY7\""));
}

#[test]
fn depth_ends_at_the_limit() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    assert!(sentence(&nested(MAX_DEPTH + 1)).contains("levels"));
    assert!(sentence(&"[".repeat(15_000)).contains("column 33"));
    assert!(sentence(&"{\"a\":".repeat(15_000)).contains("levels"));
}

#[test]
fn nul_is_refused_as_a_value() {
    for text in [r#"{"userName":"a\u0000"}"#, r#"{"a\u0000":1}"#, r#"["\u0000"]"#] {
        assert_eq!(refused(text).scim_type, Some(ScimType::InvalidValue), "{text}");
    }
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    assert!(sentence("").contains("empty"));
    assert!(sentence(" \n").contains("empty"));
    assert!(sentence("\u{feff}{}").contains("byte order mark"));
    assert!(sentence("{} x").contains("line 1 column 4"));
    assert!(sentence("{\"a\":\n1,}").contains("line 2"));
    for text in [
        "{",
        "[1,]",
        "{a:1}",
        "'a'",
        "01",
        "1e999",
        "\"\\ud800\"",
        "nul",
        "[1] [2]",
        "\"\u{1}\"",
    ] {
        sentence(text);
    }
    assert!(parse(b"\"\xff\"").is_err());
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        "[^\u{0}]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            // Lower-case ASCII keys are unique in any letter case.
            prop::collection::btree_map("[a-z]{0,6}", inner, 0..40)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_serde_json_where_keys_are_unique(value in value()) {
        let text = value.to_string();
        prop_assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    }

    #[test]
    fn a_repeated_key_never_passes(value in value(), key in "[a-zA-Zé]{1,8}", upper in any::<bool>()) {
        let again = if upper { key.to_uppercase() } else { key.clone() };
        let text = format!("{{{}:1,\"other-\":{value},{}:2}}", json!(key), json!(again));
        prop_assert!(parse(text.as_bytes()).is_err());
    }

    #[test]
    fn no_input_ends_in_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let ours = parse(&bytes);
        if let Ok(value) = &ours {
            prop_assert_eq!(value, &serde_json::from_slice::<Value>(&bytes).unwrap());
        }
    }

    #[test]
    fn no_brackets_end_in_a_panic(text in "[\\[\\]{}:,\"a1 ]{0,80}") {
        let _ = parse(text.as_bytes());
    }
}
