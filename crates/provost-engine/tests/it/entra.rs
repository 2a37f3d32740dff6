//! A synchronization schema of Entra's, imported and planned with.

use provost_engine::import;
use provost_engine::object::{Kind, Source};
use provost_engine::plan::{Decision, Known, decide};
use provost_engine::rule::{Compiled, Env, Evaluation};
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("entra_schema.json");
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn rule(kind: Kind) -> Compiled {
    let import = import::parse(SCHEMA).unwrap();
    let rule = import.rules.into_iter().find(|rule| rule.object == kind).unwrap();
    rule.compile().unwrap()
}

fn evaluate(rule: &Compiled, document: &Value, assigned: bool) -> Evaluation {
    let source = Source {
        kind: rule.object(),
        id: "0198c2d4-0000-7000-8000-000000000001",
        document,
        assigned,
    };
    rule.evaluate(&source, &Env::default()).unwrap()
}

fn person() -> Value {
    json!({
        "userName": "zoe.mueller@contoso.example", "externalId": "zoe.mueller", "displayName": "Zoë Müller",
        "title": "Buyer", "active": true, "userType": "Contractor",
        "name": {"givenName": "Zoë", "familyName": "Müller"},
        "emails": [{"type": "work", "value": "zoe@contoso.example"}],
        "phoneNumbers": [{"type": "mobile", "value": "0031600000001"}, {"type": "work", "value": "+31 20 000 0000"}],
        "addresses": [{"type": "work", "locality": "Utrecht", "country": "NL", "postalCode": "3511"}],
        "roles": [{"value": "buyer", "display": "Buyer"}],
        ENTERPRISE: {"employeeNumber": "4711", "organization": "Contoso", "manager": {"value": "id-of-the-manager"}}
    })
}

#[test]
fn a_person_gets_what_the_schema_says() {
    let rule = rule(Kind::Person);
    let evaluation = evaluate(&rule, &person(), true);
    assert_eq!(decide(&rule, Some(&evaluation), None, 0), Decision::Create);
    let mut create = serde_json::to_value(&evaluation.create).unwrap();
    let roles = create.as_object_mut().unwrap().remove("roles").unwrap();
    assert_eq!(roles[0]["value"], "buyer");
    assert_eq!(
        create,
        json!({
            "userName": "zoe.mueller@contoso.example", "active": true, "displayName": "Zoë Müller", "title": "Buyer",
            "preferredLanguage": "nl-NL", "name.givenName": "Zoë", "name.familyName": "Müller",
            "name.formatted": "Zoë Müller", "nickName": "zoe.muller", "userType": "External", "locale": "nl-NL",
            "externalId": "zoe.mueller", "timezone": "Europe/Amsterdam",
            "profileUrl": "https://people.contoso.example/zoe.mueller",
            "emails[type eq \"work\"].value": "zoe@contoso.example",
            "phoneNumbers[type eq \"mobile\"].value": "+31600000001",
            "phoneNumbers[type eq \"work\"].value": "+31 20 000 0000",
            "addresses[type eq \"work\"].locality": "Utrecht", "addresses[type eq \"work\"].country": "NL",
            "addresses[type eq \"work\"].postalCode": "3511",
            format!("{ENTERPRISE}:employeeNumber"): "4711", format!("{ENTERPRISE}:organization"): "Contoso",
            format!("{ENTERPRISE}:department"): "Unassigned"
        })
    );
    let manager = evaluation.references[&format!("{ENTERPRISE}:manager")].as_deref();
    assert_eq!(manager, Some("id-of-the-manager"));
    let matching: Vec<_> = evaluation
        .matching
        .iter()
        .map(|(target, _)| target.as_str())
        .collect();
    assert_eq!(matching, ["userName", "emails[type eq \"work\"].value"]);
}

/// Losing the assignment, the scope or the account in the directory each disables once, with `active`.
#[test]
fn whoever_leaves_is_disabled_and_nothing_else_is_written() {
    let rule = rule(Kind::Person);
    let known = Known {
        written: evaluate(&rule, &person(), true).update,
        enabled: true,
        disabled_since: None,
    };
    assert_eq!(
        decide(&rule, Some(&evaluate(&rule, &person(), true)), Some(&known), 0),
        Decision::Nothing
    );
    let mut inactive = person();
    inactive["active"] = json!(false);
    let mut abroad = person();
    abroad["addresses"][0]["country"] = json!("BE");
    abroad["active"] = json!(false);
    for (document, assigned) in [(person(), false), (inactive, true), (abroad, true)] {
        let evaluation = evaluate(&rule, &document, assigned);
        let Decision::Disable(changes) = decide(&rule, Some(&evaluation), Some(&known), 0) else {
            panic!("{document} stays enabled")
        };
        assert_eq!(changes.get("active"), Some(&json!(false)));
    }
}

#[test]
fn a_group_is_named_and_known_by_the_directorys_id() {
    let rule = rule(Kind::Group);
    let group = evaluate(&rule, &json!({"displayName": "App readers"}), true);
    assert_eq!(decide(&rule, Some(&group), None, 0), Decision::Create);
    assert_eq!(
        serde_json::to_value(&group.create).unwrap(),
        json!({"displayName": "App readers", "externalId": "0198c2d4-0000-7000-8000-000000000001"})
    );
    let other = evaluate(&rule, &json!({"displayName": "Board"}), true);
    assert!(!other.in_scope);
    assert_eq!(
        other.scope_reason,
        "scoping filter \"Application groups\" needs displayName INCLUDES \"App\""
    );
}
