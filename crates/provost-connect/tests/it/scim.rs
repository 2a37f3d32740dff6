//! The SCIM connector against applications with every habit.

use std::collections::BTreeSet;
use std::sync::Arc;

use provost_connect::{Kind, Record, Secrets, Target, http, open};
use serde_json::{Value, json};

use crate::application::{Application, Quirks, TOKEN};
use crate::conformance::{self, Server, Subject};

const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

pub fn connect(application: &Application, extra: Value, factory: &http::Factory) -> Arc<dyn Target> {
    let mut settings = json!({"url": application.url, "allow_private_network": true});
    settings
        .as_object_mut()
        .unwrap()
        .extend(extra.as_object().unwrap().clone());
    let secrets = Secrets::new().with("token", TOKEN);
    open("scim", &settings, &secrets, factory).unwrap()
}

pub fn person(number: usize) -> Record {
    serde_json::from_value(json!({
        "userName": format!("person{number}@contoso.example"),
        "displayName": format!("Person {number}"),
        "name.givenName": "Person", "name.familyName": number.to_string(),
        "emails[type eq \"work\"].value": format!("person{number}@contoso.example"),
        "emails[type eq \"work\"].primary": true,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Ops",
        "title": "Engineer", "active": true,
    }))
    .unwrap()
}

fn group(number: usize) -> Record {
    Record::from([("displayName".to_owned(), json!(format!("Group {number}")))])
}

impl Server for Application {
    fn person(&self, id: &str, attribute: &str) -> Option<Value> {
        let store = self.store();
        let person = store.users.get(id)?;
        if attribute == MANAGER {
            let (urn, _) = MANAGER.rsplit_once(':').unwrap();
            return person[urn]["manager"]["value"].as_str().map(Value::from);
        }
        person.get(attribute).filter(|value| !value.is_null()).cloned()
    }

    fn people(&self) -> usize {
        self.store().users.len()
    }

    fn groups(&self) -> usize {
        self.store().groups.len()
    }

    fn members(&self, group: &str) -> BTreeSet<String> {
        let store = self.store();
        let members = store.groups[group]["members"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        members
            .iter()
            .map(|m| m["value"].as_str().unwrap().to_owned())
            .collect()
    }
}

pub async fn conforms(quirks: Quirks, extra: Value) -> Application {
    let application = Application::start(quirks).await;
    let target = connect(&application, extra, &http::Factory::new());
    let subject = Subject {
        target: target.as_ref(),
        person,
        group,
        name: "userName",
        text: "title",
        manager: MANAGER,
        enabled: "active",
        server: &application,
    };
    conformance::run(&subject).await;
    application
}

#[tokio::test]
async fn an_application_that_follows_the_rfc() {
    let application = conforms(Quirks::default(), json!({})).await;
    assert_eq!(application.count("PUT", ""), 0);
    assert_eq!(application.count("GET", "ServiceProviderConfig"), 1);
}

#[tokio::test]
async fn an_application_built_for_entra() {
    conforms(Quirks::default(), json!({"dialect": "entra"})).await;
}

#[tokio::test]
async fn an_application_without_patch() {
    for status in [405, 501] {
        let quirks = Quirks {
            patch_status: Some(status),
            ..Quirks::default()
        };
        let application = conforms(quirks, json!({})).await;
        assert_eq!(application.count("PATCH", ""), 1, "tried once, then PUT");
    }
}

#[tokio::test]
async fn an_application_without_patch_that_checks_versions() {
    let quirks = Quirks {
        patch_status: Some(501),
        wants_version: true,
        ..Quirks::default()
    };
    conforms(quirks, json!({})).await;
}

#[tokio::test]
async fn an_application_that_ignores_filters() {
    let quirks = Quirks {
        ignores_filter: true,
        page_limit: Some(7),
        ..Quirks::default()
    };
    conforms(quirks, json!({})).await;
}

#[tokio::test]
async fn an_application_that_refuses_filters_and_tells_nothing() {
    let quirks = Quirks {
        refuses_filter: true,
        no_discovery: true,
        ..Quirks::default()
    };
    conforms(quirks, json!({"page_size": 10})).await;
}

#[tokio::test]
async fn an_application_with_odd_pages() {
    let quirks = Quirks {
        total_is_page: true,
        ..Quirks::default()
    };
    conforms(quirks, json!({"page_size": 5})).await;
    let quirks = Quirks {
        ignores_start: true,
        ..Quirks::default()
    };
    conforms(quirks, json!({})).await;
}

#[tokio::test]
async fn an_application_that_drops_external_ids_and_answers_creates_with_nothing() {
    let quirks = Quirks {
        empty_create: true,
        names_unknown: true,
        ..Quirks::default()
    };
    conforms(quirks, json!({})).await;
    let quirks = Quirks {
        empty_create: true,
        no_location: true,
        drops_external_id: true,
        ..Quirks::default()
    };
    conforms(quirks, json!({"external_id": false})).await;
}

#[tokio::test]
async fn elements_are_changed_in_every_way_an_application_takes() {
    let work = "emails[type eq \"work\"].value";
    for (quirks, extra) in [
        (Quirks::default(), json!({})),
        (Quirks::default(), json!({"value_paths": true})),
        (Quirks::default(), json!({"dialect": "entra"})),
        (
            Quirks {
                refuses_value_paths: true,
                ..Quirks::default()
            },
            json!({"dialect": "entra"}),
        ),
        (
            Quirks {
                patch_status: Some(501),
                ..Quirks::default()
            },
            json!({}),
        ),
    ] {
        let label = format!("{quirks:?} {extra}");
        let application = Application::start(quirks).await;
        let target = connect(&application, extra, &http::Factory::new());
        let id = target.create(Kind::Person, "k", &person(1)).await.unwrap().id;
        let changes: Record = serde_json::from_value(json!({
            work: "new@contoso.example", "phoneNumbers[type eq \"mobile\"].value": "+47 1"}))
        .unwrap();
        target.update(Kind::Person, &id, &changes).await.unwrap();
        let held = application.store().users[&id].clone();
        assert_eq!(
            held["emails"],
            json!([{"type": "work", "value": "new@contoso.example", "primary": true}]),
            "{label}"
        );
        assert_eq!(
            held["phoneNumbers"],
            json!([{"type": "mobile", "value": "+47 1"}]),
            "{label}"
        );
        assert_eq!(held["title"], "Engineer", "{label}");
        let found = target
            .find(Kind::Person, work, &json!("new@contoso.example"))
            .await
            .unwrap();
        assert_eq!(found.len(), 1, "{label}");
        let clear = Record::from([(work.to_owned(), Value::Null)]);
        target.update(Kind::Person, &id, &clear).await.unwrap();
        let held = application.store().users[&id].clone();
        assert_eq!(held.get("emails"), None, "{label}");
        assert_eq!(held["phoneNumbers"][0]["value"], "+47 1", "{label}");
    }
}

#[tokio::test]
async fn members_travel_in_chunks_of_a_hundred() {
    let application = Application::start(Quirks::default()).await;
    let target = connect(&application, json!({}), &http::Factory::new());
    let group = target.create(Kind::Group, "g", &group(1)).await.unwrap().id;
    let ids: Vec<String> = (0..250).map(|n| format!("u{n}")).collect();
    for id in &ids {
        application
            .store()
            .users
            .insert(id.clone(), json!({"id": id, "userName": id}));
    }
    let adds: Vec<_> = ids.iter().map(|id| conformance::add(id)).collect();
    assert!(
        target
            .change_members(&group, &adds)
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(application.members(&group).len(), 250);
    assert_eq!(application.count("PATCH", "Groups"), 3);
    let removes: Vec<_> = ids.iter().map(|id| conformance::remove(id)).collect();
    assert!(
        target
            .change_members(&group, &removes)
            .await
            .iter()
            .all(Result::is_ok)
    );
    assert_eq!(application.members(&group).len(), 0);
}
