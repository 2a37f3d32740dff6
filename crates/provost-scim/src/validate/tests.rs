//! POST and PUT bodies: shapes, habits, and what is wrong with a wrong one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::ScimType;
use crate::leniency::{Dialect, Habit};
use crate::schema::{AttributeType, ENTERPRISE_USER, GROUP, Schema, USER, group, user};

fn lenient(body: Value) -> Result<Accepted> {
    create(user(), body, &Leniency::default(), &mut Habits::default())
}

fn document(body: Value) -> Value {
    Value::Object(lenient(body).unwrap().document)
}

/// What a strict server says to the body, which has the right `schemas` already.
fn strict(mut body: Value) -> Result<Value> {
    body["schemas"] = json!([USER]);
    let accepted = create(user(), body, &Leniency::strict(), &mut Habits::default())?;
    Ok(Value::Object(accepted.document))
}

fn habits(body: Value) -> Vec<&'static str> {
    let mut used = Habits::default();
    create(user(), body, &Leniency::default(), &mut used).unwrap();
    used.iter().map(|(habit, _)| habit.name()).collect()
}

/// A body as Entra sends it, section "create" of its guide for SCIM endpoints.
fn entra_create() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE_USER],
        "externalId": "a91f", "userName": "Lotte@Contoso.example", "active": "True",
        "displayName": "Lotte Maes", "title": null, "roles": [],
        "name": {"givenName": "Lotte", "familyName": "Maes", "formatted": null},
        "emails": [{"type": "work", "value": "lotte@contoso.example", "primary": "true"}],
        "meta": {"resourceType": "User"}, "id": "client-chosen", "groups": [{"value": "g"}],
        "password": "not kept",
        (ENTERPRISE_USER): {"department": "Field", "manager": {"value": "7c2", "displayName": "Ann"}}
    })
}

#[test]
fn a_create_keeps_what_may_be_written_in_canonical_shape() {
    let accepted = lenient(entra_create()).unwrap();
    assert_eq!(
        Value::Object(accepted.document),
        json!({
            "externalId": "a91f", "userName": "Lotte@Contoso.example", "active": true,
            "displayName": "Lotte Maes", "name": {"givenName": "Lotte", "familyName": "Maes"},
            "emails": [{"type": "work", "value": "lotte@contoso.example", "primary": true}],
            (ENTERPRISE_USER): {"department": "Field", "manager": {"value": "7c2"}}
        })
    );
    assert!(accepted.members.is_none());
    assert_eq!(habits(entra_create()), ["boolean-text"]);
}

#[test]
fn names_are_found_in_any_letter_case() {
    let urn = ENTERPRISE_USER.to_uppercase();
    assert_eq!(
        document(
            json!({"USERNAME": "a", "Emails": [{"VALUE": "x", "TYPE": "work"}], (urn): {"COSTCENTER": "1"}})
        ),
        json!({"active": true, "userName": "a", "emails": [{"value": "x", "type": "work"}],
               (ENTERPRISE_USER): {"costCenter": "1"}})
    );
    let twice = lenient(json!({"userName": "a", "USERNAME": "b"})).unwrap_err();
    assert_eq!(twice.scim_type, Some(ScimType::InvalidSyntax));
}

#[test]
fn a_person_is_active_unless_the_body_says_otherwise() {
    assert_eq!(document(json!({"userName": "a"}))["active"], true);
    assert_eq!(document(json!({"userName": "a", "active": null}))["active"], true);
    assert_eq!(
        document(json!({"userName": "a", "active": "FALSE"}))["active"],
        false
    );
    let team = create(
        group(),
        json!({"displayName": "Crew"}),
        &Leniency::default(),
        &mut Habits::default(),
    );
    assert_eq!(
        Value::Object(team.unwrap().document),
        json!({"displayName": "Crew"})
    );
}

/// One habit each: the body's part, what is kept of it, and the habit's name.
#[test]
fn habits_are_understood_by_default_and_refused_by_strict() {
    let cases = [
        (
            json!({"active": "False"}),
            json!({"active": false}),
            Habit::BooleanText,
        ),
        (
            json!({"emails": {"value": "x"}}),
            json!({"emails": [{"value": "x"}]}),
            Habit::SingleElement,
        ),
        (
            json!({"emails": ["x"]}),
            json!({"emails": [{"value": "x"}]}),
            Habit::BareElement,
        ),
        (
            json!({"title": ["Boss"]}),
            json!({"title": "Boss"}),
            Habit::ListOfOne,
        ),
        (
            json!({"title": [{"value": "Boss"}]}),
            json!({"title": "Boss"}),
            Habit::ListOfOne,
        ),
        (
            json!({"name": [{"givenName": "A"}]}),
            json!({"name": {"givenName": "A"}}),
            Habit::ListOfOne,
        ),
        (
            json!({"badge": 5, "emails": []}),
            json!({}),
            Habit::UnknownAttribute,
        ),
        (
            json!({"name": {"nick": "A", "givenName": "B"}}),
            json!({"name": {"givenName": "B"}}),
            Habit::UnknownAttribute,
        ),
        (json!({"profileUrl": ""}), json!({}), Habit::EmptyReference),
        (
            json!({(ENTERPRISE_USER): {"manager": "7c2"}}),
            json!({(ENTERPRISE_USER): {"manager": {"value": "7c2"}}}),
            Habit::BareReference,
        ),
        (
            json!({(ENTERPRISE_USER): {"manager": [{"value": "7c2", "$ref": null}]}}),
            json!({(ENTERPRISE_USER): {"manager": {"value": "7c2"}}}),
            Habit::ListOfOne,
        ),
        (
            json!({(ENTERPRISE_USER): {"manager": ""}}),
            json!({}),
            Habit::EmptyReference,
        ),
        (
            json!({(ENTERPRISE_USER): {"manager": {"value": ""}}}),
            json!({}),
            Habit::EmptyReference,
        ),
        (
            json!({(ENTERPRISE_USER): {"badge": 1}}),
            json!({}),
            Habit::UnknownAttribute,
        ),
    ];
    for (mut body, mut kept, habit) in cases {
        body["userName"] = json!("a");
        kept["userName"] = json!("a");
        if kept["active"].is_null() {
            kept["active"] = json!(true);
        }
        let mut used = Habits::default();
        body["schemas"] = json!([USER, ENTERPRISE_USER]);
        let accepted = create(user(), body.clone(), &Leniency::default(), &mut used).unwrap();
        assert_eq!(Value::Object(accepted.document), kept, "{body}");
        assert!(used.contains(habit), "{body}: {habit} not counted, but {used:?}");
        let refused = create(user(), body.clone(), &Leniency::strict(), &mut used).unwrap_err();
        assert_eq!(refused.status, 400, "{body}");
        let without = Leniency::default().without(habit);
        assert!(
            create(user(), body.clone(), &without, &mut used).is_err(),
            "{body}: {habit} is not what allows it"
        );
    }
}

#[test]
fn schemas_are_checked_in_strict_mode_and_counted_otherwise() {
    let cases = [
        (json!({}), Habit::MissingSchemas),
        (json!({"schemas": []}), Habit::MissingSchemas),
        (json!({"schemas": null}), Habit::MissingSchemas),
        (
            json!({"schemas": [USER, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User"]}),
            Habit::UnknownSchema,
        ),
        (
            json!({"schemas": [USER], (ENTERPRISE_USER): {"department": "D"}}),
            Habit::UndeclaredExtension,
        ),
    ];
    for (mut body, habit) in cases {
        body["userName"] = json!("a");
        assert_eq!(habits(body.clone()), [habit.name()], "{body}");
        let error = create(user(), body, &Leniency::strict(), &mut Habits::default()).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax));
    }
    assert!(habits(json!({"schemas": [USER.to_uppercase()], "userName": "a"})).is_empty());
    for wrong in [json!(USER), json!([1]), json!({})] {
        let error = lenient(json!({"schemas": wrong, "userName": "a"})).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax));
    }
}

/// Wrong values, each with the beginning of the sentence: it names the place, never the value.
#[test]
fn wrong_values_are_named_by_place() {
    let cases = [
        (json!({}), "userName is required"),
        (json!({"userName": null}), "userName is required"),
        (json!({"userName": ""}), "userName must not be empty"),
        (json!({"userName": " \t"}), "userName must not be empty"),
        (json!({"userName": 5}), "userName: expected text, found a number"),
        (
            json!({"userName": ["a", "b"]}),
            "userName: expected text, found a list of 2",
        ),
        (
            json!({"userName": {"a": 1}}),
            "userName: expected text, found an object",
        ),
        (
            json!({"active": "maybe"}),
            "active: expected true or false, found text",
        ),
        (
            json!({"active": 1}),
            "active: expected true or false, found a number",
        ),
        (json!({"name": "Lotte"}), "name: expected an object, found text"),
        (
            json!({"name": {"givenName": 1}}),
            "name.givenName: expected text, found a number",
        ),
        (
            json!({"emails": [{"value": "x"}, {"value": 5}]}),
            "emails[1].value: expected text, found a number",
        ),
        (
            json!({"emails": [5]}),
            "emails[0]: expected an object, found a number",
        ),
        (
            json!({"emails": [["x"]]}),
            "emails[0]: expected an object, found a list",
        ),
        (
            json!({"addresses": ["Main Street"]}),
            "addresses[0]: expected an object, found text",
        ),
        (
            json!({"emails": [{"value": "x", "primary": true}, {"value": "y", "primary": "True"}]}),
            "emails: 2 elements are primary",
        ),
        (
            json!({"x509Certificates": [{"value": "no base64!"}]}),
            "x509Certificates[0].value: expected base64 text",
        ),
        (json!({"password": 5}), "password: expected text, found a number"),
        (
            json!({(ENTERPRISE_USER): "x"}),
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User: expected an object",
        ),
        (
            json!({(ENTERPRISE_USER): {"department": 7}}),
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department: expected text, found a number",
        ),
    ];
    for (mut body, sentence) in cases {
        if body.get("userName").is_none() && sentence != "userName is required" {
            body["userName"] = json!("a");
        }
        let error = lenient(body.clone()).unwrap_err();
        assert_eq!(
            (error.status, error.scim_type),
            (400, Some(ScimType::InvalidValue)),
            "{body}"
        );
        assert!(error.detail.starts_with(sentence), "{body}: {error}");
    }
    for body in [json!(null), json!([]), json!("x"), json!(5)] {
        assert_eq!(
            lenient(body).unwrap_err().scim_type,
            Some(ScimType::InvalidSyntax)
        );
    }
}

#[test]
fn a_list_has_a_limit() {
    let list: Vec<Value> = (0..=coerce::MAX_ELEMENTS)
        .map(|n| json!({"value": n.to_string()}))
        .collect();
    let error = lenient(json!({"userName": "a", "roles": list})).unwrap_err();
    assert!(error.detail.starts_with("roles: more than"), "{error}");
}

#[test]
fn strict_ignores_read_only_attributes_too() {
    let kept =
        strict(json!({"userName": "a", "id": "x", "meta": {"version": 1}, "groups": "nonsense"})).unwrap();
    assert_eq!(kept, json!({"userName": "a", "active": true}));
    assert!(
        strict(json!({"userName": "a", "badge": 1}))
            .unwrap_err()
            .detail
            .contains("badge")
    );
}

#[test]
fn values_are_kept_as_they_were_sent() {
    let role = "{\"id\":\"r\",\"value\":\"Admin\"}";
    let body = json!({"userName": " Ann ", "active": true, "locale": "nl_BE", "title": "",
                      "phoneNumbers": [{"value": "+32 (470) 11", "type": "Werk"}], "roles": [{"value": role}]});
    assert_eq!(document(body.clone()), body);
}

fn put(current: Value, body: Value) -> Result<Accepted> {
    let Value::Object(current) = current else {
        panic!("a document")
    };
    let rt = if body.get("userName").is_some() {
        user()
    } else {
        group()
    };
    replace(rt, &current, body, &Leniency::default(), &mut Habits::default())
}

#[test]
fn a_put_clears_what_it_leaves_out_but_never_enables_anyone() {
    let current =
        json!({"userName": "a", "active": false, "title": "Boss", (ENTERPRISE_USER): {"department": "D"}});
    for body in [
        json!({"userName": "b"}),
        json!({"userName": "b", "active": null, "title": []}),
    ] {
        let accepted = put(current.clone(), body).unwrap();
        assert_eq!(
            Value::Object(accepted.document),
            json!({"userName": "b", "active": false})
        );
    }
    let enabled = put(current, json!({"userName": "b", "active": true})).unwrap();
    assert_eq!(enabled.document["active"], true);
    assert!(
        !put(json!({"userName": "a"}), json!({"userName": "a"}))
            .unwrap()
            .document
            .contains_key("active")
    );
}

#[test]
fn a_put_without_members_empties_the_group() {
    let accepted = put(json!({"displayName": "Crew"}), json!({"displayName": "Crew"})).unwrap();
    assert_eq!(accepted.members, Some(Vec::new()));
    let body =
        json!({"displayName": "Crew", "members": [{"value": "a", "display": "Ann"}, "b", {"value": "a"}]});
    let ids: Vec<_> = put(json!({}), body)
        .unwrap()
        .members
        .unwrap()
        .into_iter()
        .map(|m| m.value)
        .collect();
    assert_eq!(ids, ["a", "b"]);
}

#[test]
fn a_group_as_entra_and_okta_create_it() {
    let body = json!({"schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
                      "displayName": "Crew", "externalId": "o1", "meta": {"resourceType": "Group"}});
    let entra = Leniency::of(Dialect::Entra);
    let accepted = create(group(), body, &entra, &mut Habits::default()).unwrap();
    assert_eq!(
        Value::Object(accepted.document),
        json!({"displayName": "Crew", "externalId": "o1"})
    );
    assert_eq!(accepted.members, None);
    let body = json!({"schemas": [GROUP], "displayName": "Crew", "members": []});
    let okta = create(
        group(),
        body,
        &Leniency::of(Dialect::Okta),
        &mut Habits::default(),
    )
    .unwrap();
    assert_eq!(okta.members, Some(Vec::new()));
    let error = create(group(), json!({"members": []}), &entra, &mut Habits::default()).unwrap_err();
    assert_eq!(error.detail, "displayName is required");
}

#[test]
fn members_have_a_limit_of_their_own() {
    let group_of = |count: usize| {
        let members: Vec<Value> = (0..count).map(|n| json!({"value": n.to_string()})).collect();
        let body = json!({"schemas": [GROUP], "displayName": "Crew", "members": members});
        create(group(), body, &Leniency::strict(), &mut Habits::default())
    };
    assert_eq!(group_of(MAX_MEMBERS).unwrap().members.unwrap().len(), MAX_MEMBERS);
    let error = group_of(MAX_MEMBERS + 1).unwrap_err();
    assert_eq!(error.detail, "members: more than 100000 elements");
}

/// A resource type with what the built-in ones lack: an immutable attribute, numbers, dates, a required
/// extension.
fn badge() -> ResourceType {
    let mut rt = group().clone();
    rt.schema
        .attributes
        .push(Attribute::string("serial", "").mutability(Mutability::Immutable));
    rt.schema
        .attributes
        .push(Attribute::new("floor", AttributeType::Integer, ""));
    rt.schema
        .attributes
        .push(Attribute::new("weight", AttributeType::Decimal, ""));
    rt.schema
        .attributes
        .push(Attribute::new("issued", AttributeType::DateTime, ""));
    let colour = Attribute::string("colour", "").required();
    let extension = Schema {
        id: "urn:contoso:Badge".to_owned(),
        name: "Badge".to_owned(),
        description: String::new(),
        attributes: vec![colour],
    };
    rt.extensions.push((extension, true));
    rt
}

#[test]
fn immutable_attributes_are_set_once() {
    let rt = badge();
    let colour = json!({"colour": "red"});
    let current = json!({"displayName": "B", "serial": "1", "urn:contoso:Badge": colour});
    let current = current.as_object().unwrap();
    let put = |serial: Value| {
        let body = json!({"displayName": "B", "serial": serial, "urn:contoso:Badge": colour});
        replace(&rt, current, body, &Leniency::default(), &mut Habits::default())
    };
    assert_eq!(put(json!("1")).unwrap().document["serial"], "1");
    assert_eq!(put(json!(null)).unwrap().document["serial"], "1");
    assert_eq!(put(json!("2")).unwrap_err().scim_type, Some(ScimType::Mutability));
}

#[test]
fn numbers_dates_and_required_extensions() {
    let rt = badge();
    let post = |key: &str, value: Value| {
        let mut body = json!({"displayName": "B", "urn:contoso:Badge": {"colour": "red"}});
        body[key] = value;
        create(&rt, body, &Leniency::default(), &mut Habits::default())
            .map(|accepted| accepted.document[key].clone())
    };
    assert_eq!(post("floor", json!(3)).unwrap(), 3);
    assert_eq!(post("weight", json!(3.5)).unwrap(), 3.5);
    assert_eq!(
        post("issued", json!("2026-01-05T09:00:00+02:00")).unwrap(),
        "2026-01-05T09:00:00+02:00"
    );
    for (key, value) in [
        ("floor", json!(3.5)),
        ("floor", json!("3")),
        ("weight", json!(true)),
        ("issued", json!("yesterday")),
    ] {
        assert_eq!(
            post(key, value).unwrap_err().scim_type,
            Some(ScimType::InvalidValue),
            "{key}"
        );
    }
    let missing = post("urn:contoso:Badge", json!(null)).unwrap_err();
    assert!(
        missing.detail.contains("urn:contoso:Badge is required"),
        "{missing}"
    );
    let empty = post("urn:contoso:Badge", json!({"colour": ""})).unwrap_err();
    assert_eq!(empty.detail, "urn:contoso:Badge:colour must not be empty");
}

/// JSON made of words that mean something here, so that random bodies reach every branch.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "userName",
        "displayName",
        "emails",
        "value",
        "type",
        "primary",
        "work",
        "true",
        "False",
        "active",
        "name",
        "givenName",
        "manager",
        "$ref",
        "members",
        "id",
        "meta",
        "schemas",
        "groups",
        "roles",
        "",
        "x509Certificates",
        ENTERPRISE_USER,
        USER,
        "add",
        "Replace",
        "remove",
        "op",
        "path",
        "Operations",
        "emails[type eq \"work\"].value",
        "name.givenName",
        "password",
        "addresses",
        "locality",
        "profileUrl",
        "photos",
        "display",
        "department",
        "enabled",
        "urn:ietf:params:scim:schemas:core:2.0:User:title",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((word.clone(), inner), 0..7).prop_map(|pairs| pairs
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

mod custom;
mod keys;

proptest! {
    #[test]
    fn any_body_is_accepted_or_refused_with_400(mut body in any_json(), named in any::<bool>()) {
        if named && let Some(body) = body.as_object_mut() {
            body.insert("userName".to_owned(), json!("ann"));
        }
        for (rt, leniency) in [(user(), Leniency::default()), (group(), Leniency::default()), (user(), Leniency::strict())] {
            match create(rt, body.clone(), &leniency, &mut Habits::default()) {
                Err(error) => prop_assert_eq!(error.status, 400),
                // What is kept is accepted again, even by the strictest reader, and stays as it is.
                Ok(accepted) => {
                    let mut again = accepted.document.clone();
                    again.insert("schemas".to_owned(), rt.all_schemas().map(|s| s.id.clone()).collect());
                    let mut used = Habits::default();
                    let second = create(rt, Value::Object(again), &Leniency::strict(), &mut used).unwrap();
                    prop_assert_eq!(second.document, accepted.document);
                    prop_assert!(used.is_empty());
                }
            }
        }
    }
}
