//! Definitions: what is read, what is refused and in which words, and that they come out as they went in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;

use super::*;
use crate::schema::{AttributeType, Mutability, Returned};

const URN: &str = "urn:contoso:scim:schemas:badge:1.0:User";

fn with(attributes: Value) -> Value {
    json!({"id": URN, "resource": "User", "attributes": attributes})
}

fn refusal(definition: &Value) -> String {
    let error = Extension::parse(definition).expect_err(&definition.to_string());
    assert_eq!(error.status, 400);
    error.detail
}

#[test]
fn a_definition_is_read_with_the_defaults_of_the_rfc() {
    let definition = json!({
        "schemas": [crate::schema::SCHEMA], "id": URN, "name": "Badge", "description": "A badge",
        "resource": "User", "required": true, "meta": {"resourceType": "Schema"},
        "attributes": [
            {"name": "number"},
            {"name": "issued", "type": "dateTime", "mutability": "immutable", "returned": "request"},
            {"name": "pin", "mutability": "writeOnly"},
            {"name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
                {"name": "value", "caseExact": true, "required": true}, {"name": "$ref", "type": "reference",
                 "referenceTypes": ["external"]}]}
        ]
    });
    let read = Extension::parse(&definition).unwrap();
    assert_eq!((read.resource.as_str(), read.required), ("User", true));
    let attribute = |name: &str| read.schema.attribute(name).unwrap();
    assert_eq!(attribute("NUMBER").kind, AttributeType::String);
    assert!(!attribute("number").case_exact && !attribute("number").required);
    assert_eq!(attribute("issued").returned, Returned::Request);
    assert_eq!(
        (attribute("pin").mutability, attribute("pin").returned),
        (Mutability::WriteOnly, Returned::Never)
    );
    assert!(attribute("doors").sub_attribute("value").unwrap().case_exact);
    assert!(attribute("doors").sub_attribute("$ref").unwrap().case_exact);
    assert_eq!(Extension::parse(&read.to_json()).unwrap(), read);
    let least = Extension::parse(&with(json!([{"name": "a"}]))).unwrap();
    assert_eq!((least.schema.name.as_str(), least.required), ("User", false));
}

#[test]
fn a_urn_is_checked() {
    for urn in [
        "",
        "urn",
        "urn:contoso",
        "urn:c:badge",
        "contoso:badge:1",
        "urn:contoso:",
        "urn:contoso:a::b",
        "urn:contoso:a b",
        "urn:contoso:\u{fc}",
        "urn:contoso:\"a\"",
        "urn:-contoso:a",
        "http://contoso.example",
    ] {
        let detail = refusal(&json!({"id": urn, "resource": "User", "attributes": [{"name": "a"}]}));
        assert!(detail.contains("no URN"), "{urn}: {detail}");
    }
    for urn in [
        crate::schema::USER,
        "URN:IETF:params:scim:schemas:extension:contoso:2.0:User",
    ] {
        let detail = refusal(&json!({"id": urn, "resource": "User", "attributes": [{"name": "a"}]}));
        assert!(detail.contains("SCIM's own"), "{detail}");
    }
    assert!(refusal(&json!({"resource": "User", "attributes": []})).contains("id is missing"));
}

/// Each fault with the words that name it.
#[test]
fn a_fault_is_named_with_its_attribute() {
    let rows = [
        (
            json!([{"name": "a", "type": "text"}]),
            "attribute a: \"text\" is no type: expected string",
        ),
        (
            json!([{"name": "a", "mutability": "readwrite"}]),
            "attribute a: \"readwrite\" is no mutability",
        ),
        (
            json!([{"name": "a", "returned": "often"}]),
            "attribute a: \"often\" is no returned",
        ),
        (
            json!([{"name": "a", "uniqueness": "local"}]),
            "attribute a: \"local\" is no uniqueness",
        ),
        (
            json!([{"name": "a", "uniqueness": "server"}]),
            "attribute a: uniqueness is none",
        ),
        (
            json!([{"name": "a", "multivalued": true}]),
            "attribute a: \"multivalued\" is not known here",
        ),
        (
            json!([{"name": "a", "required": "yes"}]),
            "attribute a: required is true or false",
        ),
        (
            json!([{"name": "a", "canonicalValues": "x"}]),
            "attribute a: canonicalValues is a list",
        ),
        (
            json!([{"name": "a", "canonicalValues": [1]}]),
            "attribute a: canonicalValues is a list",
        ),
        (json!([{"name": 5}]), "name is text"),
        (json!([{"type": "string"}]), "an attribute has no name"),
        (json!(["a"]), "an attribute is a JSON object"),
        (json!([{"name": "1a"}]), "attribute 1a: a name is a letter"),
        (json!([{"name": "a.b"}]), "attribute a.b: a name is a letter"),
        (json!([{"name": "$ref"}]), "attribute $ref: a name is a letter"),
        (json!([{"name": "a"}, {"name": "A"}]), "a is defined twice"),
        (
            json!([{"name": "a", "type": "complex"}]),
            "attribute a: a complex attribute needs",
        ),
        (
            json!([{"name": "a", "subAttributes": [{"name": "b"}]}]),
            "attribute a: only a complex",
        ),
        (
            json!([{"name": "a", "type": "complex", "subAttributes": [{"name": "b", "type": "complex"}]}]),
            "attribute a.b: a sub-attribute cannot be complex",
        ),
        (
            json!([{"name": "a", "type": "complex", "subAttributes": [{"name": "b"}, {"name": "B"}]}]),
            "attribute a: b is defined twice",
        ),
        (
            json!([{"name": "a", "type": "complex", "subAttributes": [{"name": "b", "returned": "never"}]}]),
            "attribute a.b: a sub-attribute is returned with its attribute",
        ),
        (
            json!([{"name": "a", "type": "complex", "subAttributes": [{"name": "b", "multiValued": true}]}]),
            "attribute a.b: a sub-attribute has one value",
        ),
        (
            json!([{"name": "a", "mutability": "writeOnly", "returned": "default"}]),
            "attribute a: what is writeOnly is returned never",
        ),
        (
            json!([{"name": "a", "mutability": "readOnly", "required": true}]),
            "attribute a: what is readOnly cannot be required",
        ),
        (
            json!([{"name": "a", "referenceTypes": ["User"]}]),
            "attribute a: only a reference",
        ),
        (json!([]), "attributes is a list of at least one"),
        (json!({}), "attributes is a list of at least one"),
    ];
    for (attributes, words) in rows {
        let detail = refusal(&with(attributes));
        assert!(detail.starts_with(words), "{detail}");
    }
    let many: Vec<Value> = (0..=MAX_ATTRIBUTES)
        .map(|n| json!({"name": format!("a{n}")}))
        .collect();
    assert_eq!(refusal(&with(many.into())), "more than 100 attributes");
    for (key, value, words) in [
        ("resource", json!("Person"), "resource says what is extended"),
        ("resource", json!(null), "resource says what is extended"),
        ("required", json!(1), "required is true or false"),
        ("owner", json!("x"), "\"owner\" is not known here"),
        ("name", json!("x".repeat(501)), "name is text of at most"),
    ] {
        let mut definition = with(json!([{"name": "a"}]));
        definition[key] = value;
        assert!(refusal(&definition).starts_with(words), "{key}");
    }
    assert!(refusal(&json!([])).contains("JSON object"));
}

fn attribute(depth: usize) -> BoxedStrategy<Value> {
    let name = "[a-z][a-zA-Z0-9_-]{0,8}";
    let kind = prop::sample::select(vec![
        "string", "boolean", "decimal", "integer", "dateTime", "binary",
    ]);
    let mutability = prop::sample::select(vec!["readWrite", "readOnly", "immutable"]);
    let plain = (name, kind, mutability, any::<bool>(), any::<bool>()).prop_map(
        move |(name, kind, mutability, exact, many)| {
            json!({"name": name, "type": kind, "mutability": mutability, "caseExact": exact,
                   "multiValued": many && depth == 0, "canonicalValues": ["x"]})
        },
    );
    if depth == 1 {
        return plain.boxed();
    }
    let parts = prop::collection::vec(attribute(1), 1..4);
    let complex = (name, parts, any::<bool>()).prop_map(|(name, mut parts, many)| {
        let mut seen = std::collections::BTreeSet::new();
        parts.retain(|part| seen.insert(part["name"].as_str().unwrap().to_ascii_lowercase()));
        json!({"name": name, "type": "complex", "multiValued": many, "subAttributes": parts})
    });
    prop_oneof![3 => plain, 1 => complex].boxed()
}

proptest! {
    #[test]
    fn a_definition_comes_out_as_it_went_in(mut attributes in prop::collection::vec(attribute(0), 1..8), required: bool) {
        let mut seen = std::collections::BTreeSet::new();
        attributes.retain(|one| seen.insert(one["name"].as_str().unwrap().to_ascii_lowercase()));
        let mut definition = with(attributes.into());
        definition["required"] = required.into();
        let read = Extension::parse(&definition).unwrap();
        prop_assert_eq!(Extension::parse(&read.to_json()).unwrap(), read);
    }

    #[test]
    fn any_definition_is_read_or_refused(definition in crate::validate::tests::any_json()) {
        if let Err(error) = Extension::parse(&definition) {
            prop_assert_eq!(error.status, 400);
        }
    }
}
