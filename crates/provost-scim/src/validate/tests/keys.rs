//! Keys that are paths: what PATCH understands as the key of a value without path, POST and PUT understand
//! as the key of a resource.

use super::*;

/// The body's part, what is kept of it, and the habit; strict refuses each.
#[test]
fn keys_that_are_paths_are_understood() {
    let urn = |name: &str| format!("{ENTERPRISE_USER}:{name}");
    let core = |name: &str| format!("{USER}:{name}");
    let extended = |value: Value| json!({ (ENTERPRISE_USER): value });
    let cases = [
        (
            json!({"name.givenName": "A"}),
            json!({"name": {"givenName": "A"}}),
            Habit::DottedKey,
        ),
        (
            json!({"NAME.givenname": "A", "name": {"familyName": "B"}}),
            json!({"name": {"givenName": "A", "familyName": "B"}}),
            Habit::DottedKey,
        ),
        (
            extended(json!({"manager.value": "7c2", "department": "D"})),
            extended(json!({"manager": {"value": "7c2"}, "department": "D"})),
            Habit::DottedKey,
        ),
        (
            json!({(urn("department")): "D"}),
            extended(json!({"department": "D"})),
            Habit::UrnKey,
        ),
        (
            json!({(urn("manager")): "7c2"}),
            extended(json!({"manager": {"value": "7c2"}})),
            Habit::UrnKey,
        ),
        (
            json!({(core("title")): "T"}),
            json!({"title": "T"}),
            Habit::UrnKey,
        ),
        (
            json!({(USER): {"title": "T", "name": {"givenName": "A"}}}),
            json!({"title": "T", "name": {"givenName": "A"}}),
            Habit::UrnKey,
        ),
        (
            json!({"department": "D"}),
            extended(json!({"department": "D"})),
            Habit::BareExtensionName,
        ),
        (
            json!({"manager": "7c2", (ENTERPRISE_USER): {"department": "D"}}),
            extended(json!({"manager": {"value": "7c2"}, "department": "D"})),
            Habit::BareExtensionName,
        ),
        (
            json!({"manager": [{"value": "7c2"}]}),
            extended(json!({"manager": {"value": "7c2"}})),
            Habit::BareExtensionName,
        ),
        (
            json!({"emails[type eq \"work\"].value": "w", "emails": [{"type": "home", "value": "h"}]}),
            json!({"emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "w"}]}),
            Habit::ValuePathKey,
        ),
        (
            json!({"ims[type eq \"xmpp\"].value": "a", "ims[type eq \"xmpp\"].primary": "True"}),
            json!({"ims": [{"type": "xmpp", "value": "a", "primary": true}]}),
            Habit::ValuePathKey,
        ),
        // No value, a password, and what only the server writes: understood, and nothing is kept.
        (json!({"name.givenName": null}), json!({}), Habit::DottedKey),
        (json!({(core("password")): "p"}), json!({}), Habit::UrnKey),
        (
            json!({"meta.version": "x", (core("groups")): [{"value": "g"}]}),
            json!({}),
            Habit::UrnKey,
        ),
    ];
    for (mut body, mut kept, habit) in cases {
        body["userName"] = json!("a");
        body["schemas"] = json!([USER, ENTERPRISE_USER]);
        kept["userName"] = json!("a");
        kept["active"] = json!(true);
        let mut used = Habits::default();
        let made = create(user(), body.clone(), &Leniency::default(), &mut used);
        let made = made.unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(Value::Object(made.document.clone()), kept, "{body}");
        assert!(used.contains(habit), "{body}: {used:?}");
        let put = replace(
            user(),
            &made.document,
            body.clone(),
            &Leniency::default(),
            &mut used,
        );
        assert_eq!(put.unwrap().document, made.document, "{body}");
        for leniency in [Leniency::strict(), Leniency::default().without(habit)] {
            let error = create(user(), body.clone(), &leniency, &mut used).expect_err(&body.to_string());
            assert_eq!(error.status, 400, "{body}");
        }
    }
}

#[test]
fn members_may_be_named_by_their_urn() {
    let post = |body: Value| create(group(), body, &Leniency::default(), &mut Habits::default());
    let members = format!("{GROUP}:members");
    let made = post(json!({"displayName": "Crew", (members.clone()): [{"value": "a"}]})).unwrap();
    assert_eq!(made.members, Some(vec![Member::new("a")]));
    let twice = json!({"displayName": "Crew", "members": [], (members): [{"value": "a"}]});
    assert_eq!(post(twice).unwrap_err().detail, "members is given twice");
}

#[test]
fn keys_that_are_paths_and_wrong_are_refused() {
    let title = format!("{USER}:title");
    let rows = [
        (
            json!({"title": "a", (title.clone()): "b"}),
            "title is given twice",
        ),
        (
            json!({"name": {"givenName": "a"}, "name.givenName": "b"}),
            "name.givenName is given twice",
        ),
        (json!({(title): 5}), "title: expected text, found a number"),
        (
            json!({"name.nick": "b"}),
            "name.nick is not an attribute of a User",
        ),
        (
            json!({"emails[type eq work].value": "b"}),
            "the filter cannot be read",
        ),
        (
            json!({"emails[type ne \"work\"].value": "b"}),
            "emails.value: the path selects no element",
        ),
        (
            json!({(USER): "x"}),
            "urn:ietf:params:scim:schemas:core:2.0:User: expected an object",
        ),
        (
            json!({"enabled": false}),
            "enabled is not an attribute here, and it reads as if",
        ),
        (
            json!({(ENTERPRISE_USER): {"status": "inactive"}}),
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:status is not",
        ),
    ];
    for (mut body, sentence) in rows {
        body["userName"] = json!("a");
        let error = lenient(body.clone()).unwrap_err();
        assert_eq!(error.status, 400);
        assert!(error.detail.starts_with(sentence), "{body}: {error}");
    }
    let harmless = json!({"userName": "a", "enabled": true, "status": "ACTIVE"});
    assert_eq!(document(harmless), json!({"userName": "a", "active": true}));
}

/// Keys that select elements look at the whole list, each of them: together they have a limit.
#[test]
fn many_keys_on_a_long_list_are_refused_before_they_take_long() {
    let roles: Vec<Value> = (0..1000)
        .map(|n| json!({"value": n.to_string(), "type": "x"}))
        .collect();
    let mut body = json!({"userName": "a", "roles": roles});
    for n in 0..5000 {
        body[format!("roles[type eq \"x\" or value eq \"{n}\"].display")] = json!("d");
    }
    assert_eq!(lenient(body).unwrap_err().status, 413);
}

/// Okta: the whole person, with what only the server writes and a password; Entra's default create is in the
/// tests of POST.
#[test]
fn okta_creates_and_replaces_a_person() {
    let body = json!({
        "schemas": [USER], "userName": "ann@contoso.example", "name": {"givenName": "Ann", "familyName": "Berg"},
        "emails": [{"primary": true, "value": "ann@contoso.example", "type": "work"}], "displayName": "Ann Berg",
        "locale": "en-US", "externalId": "00u1", "groups": [], "password": "not kept", "active": true
    });
    let mut used = Habits::default();
    let okta = Leniency::of(Dialect::Okta);
    let made = create(user(), body.clone(), &okta, &mut used).unwrap().document;
    assert_eq!(made.len(), 7);
    let mut whole = body;
    whole["id"] = json!("u1");
    whole["active"] = json!(false);
    whole["meta"] =
        json!({"resourceType": "User", "location": "https://hub.contoso.example/scim/v2/Users/u1"});
    let put = replace(user(), &made, whole, &Leniency::strict(), &mut used).unwrap();
    assert_eq!(put.document["active"], false);
    assert!(used.is_empty(), "all of it is the RFC");
}
