#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use provost_engine::object::Source;
use provost_engine::rule::{Env, Evaluation};
use serde_json::json;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn evaluate(template: &str, kind: Kind, document: &Value) -> Evaluation {
    let template = Template::named(template).unwrap();
    let rule = template.rules.iter().find(|rule| rule.object == kind).unwrap();
    let source = Source {
        kind,
        id: "0198c2d4-0000-7000-8000-000000000001",
        document,
        assigned: true,
    };
    rule.compile()
        .unwrap()
        .evaluate(&source, &Env::default())
        .unwrap()
}

fn person() -> Value {
    json!({
        "userName": "Zoë.Müller@contoso.example", "externalId": "e-7", "displayName": "Zoë Müller", "title": "Buyer",
        "active": true, "name": {"givenName": "Zoë", "familyName": "Müller"}, "preferredLanguage": "de-DE",
        "emails": [{"type": "work", "value": "zoe@contoso.example", "primary": true}],
        "phoneNumbers": [{"type": "mobile", "value": "+49 170 0000000"}],
        "addresses": [{"type": "work", "locality": "Bonn", "country": "DE"}],
        ENTERPRISE: {"department": "Purchasing", "employeeNumber": "7", "manager": {"value": "boss"}}
    })
}

#[test]
fn every_template_compiles_without_a_warning() {
    for name in names() {
        let template = Template::named(name).unwrap();
        let kinds: Vec<Kind> = template.rules.iter().map(|rule| rule.object).collect();
        let wanted: &[Kind] = match name {
            "connecter" => &[Kind::Person],
            _ => &[Kind::Person, Kind::Group],
        };
        assert_eq!(kinds, wanted, "{name}");
        for rule in &template.rules {
            assert!(rule.compile().unwrap().warnings().is_empty(), "{name}");
        }
    }
    assert!(Template::named("nobody").is_err());
}

#[test]
fn rules_keep_to_the_attribute_table() {
    for name in names() {
        let template = Template::named(name).unwrap();
        let line = |object: Kind, target: &str| {
            let mut lines = template.attributes.iter();
            lines
                .find(|line| line.object == object && line.name == target)
                .cloned()
        };
        for rule in &template.rules {
            for mapping in &rule.mappings {
                let line = line(rule.object, &mapping.target);
                let line = line.unwrap_or_else(|| panic!("{name}: {} is in no table", mapping.target));
                assert_eq!(
                    line.kind == AttributeType::Reference,
                    mapping.reference,
                    "{name}: {}",
                    line.name
                );
            }
            for matching in &rule.matching {
                assert!(
                    line(rule.object, &matching.target).unwrap().filterable,
                    "{name}: {}",
                    matching.target
                );
            }
            let made = evaluate(name, rule.object, &person()).create;
            let mut required = template
                .attributes
                .iter()
                .filter(|l| l.object == rule.object && l.required);
            assert!(
                required.all(|line| made.contains_key(&line.name)),
                "{name}: {made:?}"
            );
        }
    }
}

#[test]
fn the_tables_are_the_sheets_that_our_own_service_has() {
    for name in provost_scim::sheet::Sheet::TEMPLATES {
        let sheet = provost_scim::sheet::Sheet::template(name).unwrap();
        let template = Template::named(name).unwrap();
        let people = template
            .attributes
            .into_iter()
            .filter(|line| line.object == Kind::Person);
        let found: Vec<_> = people
            .map(|l| (l.name, l.kind, l.required, l.filterable))
            .collect();
        let wanted: Vec<_> = sheet
            .attributes
            .into_iter()
            .map(|l| (l.name, l.kind, l.required, l.filterable))
            .collect();
        assert_eq!(found, wanted, "{name}");
    }
}

#[test]
fn a_person_in_connecter_and_in_peripass() {
    let made = evaluate("connecter", Kind::Person, &person());
    assert_eq!(
        serde_json::to_value(&made.create).unwrap(),
        json!({"userName": "Zoë.Müller@contoso.example", "active": true, "displayName": "Zoë Müller",
            "externalId": "0198c2d4-0000-7000-8000-000000000001"})
    );
    let mut document = person();
    document.as_object_mut().unwrap().remove("displayName");
    document.as_object_mut().unwrap().remove("phoneNumbers");
    let made = evaluate("peripass", Kind::Person, &document);
    assert_eq!(made.create["displayName"], json!("Zoë Müller"), "required");
    assert!(
        made.create
            .get("phoneNumbers[type eq \"mobile\"].value")
            .is_none_or(Value::is_null)
    );
    assert_eq!(
        made.create["emails[type eq \"work\"].value"],
        json!("zoe@contoso.example")
    );
}

#[test]
fn the_connectors_take_the_settings_of_the_templates() {
    use provost_connect::{Secrets, http, open};
    for name in names() {
        let template = Template::named(name).unwrap();
        template.preferences.check().unwrap();
        let mut settings = template.settings.clone();
        let (needed, secret) = match template.connector.as_str() {
            "graph" => (
                json!({"tenant": "contoso.onmicrosoft.com", "client_id": "c"}),
                "client_secret",
            ),
            _ => (json!({"url": "https://app.contoso.example/scim/v2"}), "token"),
        };
        settings.extend(needed.as_object().unwrap().clone());
        let secrets = Secrets::new().with(secret, "s");
        let opened = open(
            &template.connector,
            &settings.into(),
            &secrets,
            &http::Factory::new(),
        );
        assert!(opened.is_ok(), "{name}: {:?}", opened.err());
    }
}

#[test]
fn a_person_in_microsoft_365() {
    let made = evaluate("microsoft-365", Kind::Person, &person());
    let mut expected = json!({
        "accountEnabled": true, "city": "Bonn", "country": "DE", "department": "Purchasing",
        "displayName": "Zoë Müller", "employeeId": "7", "givenName": "Zoë", "jobTitle": "Buyer",
        "mail": "zoe@contoso.example", "mailNickname": "Zoe.Muller", "mobilePhone": "+49 170 0000000",
        "preferredLanguage": "de-DE", "onPremisesImmutableId": "0198c2d4-0000-7000-8000-000000000001",
        "surname": "Müller", "usageLocation": "DE", "userPrincipalName": "Zoe.Muller@contoso.example",
    });
    expected["passwordProfile.password"] = json!("[Generated]");
    expected["passwordProfile.forceChangePasswordNextSignIn"] = json!(true);
    let created = |record: &provost_engine::object::Record| {
        let with_value = record.iter().filter(|(_, value)| !value.is_null());
        with_value
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<Map<_, _>>()
    };
    assert_eq!(Value::from(created(&made.create)), expected);
    assert_eq!(made.references["manager"].as_deref(), Some("boss"));
    for once in [
        "onPremisesImmutableId",
        "mailNickname",
        "mail",
        "passwordProfile.password",
    ] {
        assert!(!made.update.contains_key(once), "{once}");
    }
    assert_eq!(
        made.licences, None,
        "licences are left alone until they are mapped"
    );
}

#[test]
fn a_country_by_name_becomes_its_code() {
    let mut document = person();
    document["addresses"][0]["country"] = json!("Germany");
    let made = evaluate("microsoft-365", Kind::Person, &document);
    assert_eq!(
        (&made.create["usageLocation"], &made.create["country"]),
        (&json!("DE"), &json!("Germany"))
    );
}

#[test]
fn the_template_of_microsoft_365_is_one_that_microsoft_365_takes() {
    use provost_connect::{Secrets, http, open};
    let template = Template::named("microsoft-365").unwrap();
    let settings = json!({"tenant": "contoso.onmicrosoft.com", "client_id": "c"});
    let secrets = Secrets::new().with("client_secret", "s");
    let target = open("graph", &settings, &secrets, &http::Factory::new()).unwrap();
    let found = target.review(&[], &template.rules);
    assert!(found.is_empty(), "{found:?}");
    let mut made = evaluate("microsoft-365", Kind::Person, &person()).create;
    target.normalize(Kind::Person, &mut made);
    assert_eq!(target.faults(Kind::Person, &made, true), []);
    let shown = template
        .attributes
        .iter()
        .filter(|line| line.object == Kind::Person);
    let described = shown
        .clone()
        .filter(|line| !line.description.is_empty() && !line.example.is_empty());
    assert_eq!(shown.count(), described.count());
}

#[test]
fn what_is_emptied_in_the_directory_is_cleared_in_the_target() {
    let made = evaluate(
        "microsoft-365",
        Kind::Person,
        &json!({"userName": "a@contoso.example", "displayName": "A"}),
    );
    assert_eq!(made.update["department"], Value::Null);
    assert_eq!(made.references["manager"], None);
    assert!(
        !made.update.contains_key("usageLocation"),
        "Graph cannot clear it"
    );
    let made = evaluate("scim", Kind::Person, &json!({"userName": "a@contoso.example"}));
    assert_eq!(made.update["title"], Value::Null);
}

#[test]
fn a_leaver_is_disabled_in_both() {
    let mut document = person();
    document["active"] = json!(false);
    assert_eq!(
        evaluate("microsoft-365", Kind::Person, &document).update["accountEnabled"],
        json!(false)
    );
    assert_eq!(
        evaluate("scim", Kind::Person, &document).update["active"],
        json!(false)
    );
}

#[test]
fn a_group_in_each() {
    let group = json!({"displayName": "Sales & Café", "externalId": "g-1"});
    let made = evaluate("microsoft-365", Kind::Group, &group);
    assert_eq!(made.create["securityEnabled"], json!(true));
    assert_eq!(made.create["mailEnabled"], json!(false));
    assert_eq!(made.update.keys().collect::<Vec<_>>(), ["displayName"]);
    let made = evaluate("scim", Kind::Group, &group);
    assert_eq!(made.update["displayName"], json!("Sales & Café"));
}
