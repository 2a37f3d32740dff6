//! The Graph connector against the simulated Microsoft 365.

use std::collections::BTreeSet;
use std::sync::Arc;

use m365_sim::{Settings, Simulator};
use provost_connect::{Error, Kind, Record, Secrets, Target, http, open};
use serde_json::{Value, json};

use crate::conformance::{self, Server, Subject};

pub struct Microsoft {
    pub simulator: Simulator,
    pub url: String,
}

impl Microsoft {
    pub async fn start(settings: Settings) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let simulator = Simulator::new(settings).unwrap();
        let serving = simulator.clone();
        tokio::spawn(async move { serving.serve(listener).await });
        Self { simulator, url }
    }

    pub fn connect(&self, factory: &http::Factory) -> Arc<dyn Target> {
        self.connect_with(json!({}), factory)
    }

    pub fn connect_with(&self, extra: Value, factory: &http::Factory) -> Arc<dyn Target> {
        let mut settings = json!({
            "tenant": Settings::CONTOSO_TENANT, "client_id": Settings::CONTOSO_CLIENT_ID,
            "graph_url": self.url, "login_url": self.url, "allow_private_network": true,
            "fresh_retry_ms": [50, 100, 200, 400],
        });
        settings
            .as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        let secrets = Secrets::new().with("client_secret", Settings::CONTOSO_CLIENT_SECRET);
        open("graph", &settings, &secrets, factory).unwrap()
    }
}

pub fn person(number: usize) -> Record {
    serde_json::from_value(json!({
        "userPrincipalName": format!("person{number}@contoso.example"),
        "mailNickname": format!("person{number}"), "displayName": format!("Person {number}"),
        "givenName": "Person", "surname": number.to_string(), "jobTitle": "Engineer",
        "usageLocation": "NO", "businessPhones": ["+47 1"], "accountEnabled": true,
        "onPremisesExtensionAttributes.extensionAttribute1": "one",
    }))
    .unwrap()
}

fn group(number: usize) -> Record {
    Record::from([("displayName".to_owned(), json!(format!("Group {number}")))])
}

impl Server for Microsoft {
    fn person(&self, id: &str, attribute: &str) -> Option<Value> {
        let users = self.simulator.users();
        let user = users.iter().find(|user| user["id"] == id)?;
        user.get(attribute).filter(|value| !value.is_null()).cloned()
    }

    fn people(&self) -> usize {
        self.simulator.users().len()
    }

    fn groups(&self) -> usize {
        self.simulator.groups().len()
    }

    fn members(&self, group: &str) -> BTreeSet<String> {
        self.simulator.members(group).into_iter().collect()
    }
}

async fn conforms(settings: Settings) -> Microsoft {
    let microsoft = Microsoft::start(settings).await;
    let target = microsoft.connect(&http::Factory::new());
    let subject = Subject {
        target: target.as_ref(),
        person,
        group,
        name: "userPrincipalName",
        text: "jobTitle",
        manager: "manager",
        enabled: "accountEnabled",
        server: &microsoft,
    };
    conformance::run(&subject).await;
    microsoft
}

#[tokio::test]
async fn a_tenant_at_its_best() {
    let microsoft = conforms(Settings::contoso()).await;
    let made = microsoft.simulator.creations();
    let distinct: BTreeSet<_> = made.iter().collect();
    assert_eq!(made.len(), distinct.len(), "nobody was created twice");
}

#[tokio::test]
async fn a_tenant_that_shows_new_objects_late() {
    let settings = Settings {
        read_delay_ms: 150,
        ..Settings::contoso()
    };
    let microsoft = Microsoft::start(settings).await;
    let target = microsoft.connect(&http::Factory::new());
    let one = target.create(Kind::Person, "k1", &person(1)).await.unwrap().id;
    let two = target.create(Kind::Person, "k2", &person(2)).await.unwrap().id;
    let crew = target.create(Kind::Group, "g1", &group(1)).await.unwrap().id;
    target.set_reference(&one, "manager", Some(&two)).await.unwrap();
    let outcomes = target
        .change_members(&crew, &[conformance::add(&one), conformance::add(&two)])
        .await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(microsoft.members(&crew).len(), 2);
    assert_eq!(microsoft.person(&one, "manager"), Some(json!(two)));
    let three = target.create(Kind::Person, "k3", &person(3)).await.unwrap().id;
    let read = target
        .get(Kind::Person, &three, &["displayName".to_owned()])
        .await
        .unwrap();
    assert_eq!(read.unwrap().record["displayName"], "Person 3");
    let four = target.create(Kind::Person, "k4", &person(4)).await.unwrap().id;
    target.disable(Kind::Person, &four).await.unwrap();
    assert_eq!(microsoft.person(&four, "accountEnabled"), Some(json!(false)));
}

#[tokio::test]
async fn what_microsoft_refuses_is_told_precisely() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&http::Factory::new());
    let mut stranger = person(1);
    stranger.insert("userPrincipalName".to_owned(), json!("ada@unverified.example"));
    let error = target.create(Kind::Person, "k", &stranger).await.unwrap_err();
    assert!(matches!(error, Error::Rejected { .. }), "{error:?}");
    let mut odd = person(1);
    odd.insert("favouriteColour".to_owned(), json!("blue"));
    let error = target.create(Kind::Person, "k", &odd).await.unwrap_err();
    assert!(
        matches!(&error, Error::Rejected { reason, .. } if reason.contains("favouriteColour")),
        "{error:?}"
    );
    assert_eq!(microsoft.people(), 0);
}

#[tokio::test]
async fn a_wrong_secret_stops_the_connection_and_is_shown_nowhere() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let settings = json!({
        "tenant": Settings::CONTOSO_TENANT, "client_id": Settings::CONTOSO_CLIENT_ID,
        "graph_url": microsoft.url, "login_url": microsoft.url, "allow_private_network": true});
    let secrets = Secrets::new().with("client_secret", "canary-wrong");
    let target = open("graph", &settings, &secrets, &http::Factory::new()).unwrap();
    let error = target.create(Kind::Person, "k", &person(1)).await.unwrap_err();
    assert!(matches!(error, Error::Credential { .. }), "{error:?}");
    assert!(error.to_string().contains("client secret is wrong"), "{error}");
    assert!(!format!("{error} {error:?}").contains("canary-wrong"));
    let checks = target.test().await;
    let names: Vec<&str> = checks.iter().map(|check| check.name).collect();
    assert_eq!(names, ["name resolution", "TLS", "sign-in"]);
    assert!(checks[2].outcome.is_err());
}

#[tokio::test]
async fn missing_permissions_are_told_by_the_connection_test() {
    let mut settings = Settings::contoso();
    settings.applications[0].roles = vec!["User.Read.All".to_owned(), "Organization.Read.All".to_owned()];
    let microsoft = Microsoft::start(settings).await;
    let target = microsoft.connect(&http::Factory::new());
    let checks = target.test().await;
    let check = checks.last().unwrap();
    let error = check.outcome.as_ref().unwrap_err();
    assert_eq!(
        (check.name, error.code()),
        ("permissions", "PRV-M365-PERMISSION-MISSING")
    );
    for needed in [
        "people need User.ReadWrite.All",
        "groups need Group.ReadWrite.All",
    ] {
        assert!(error.to_string().contains(needed), "{error}");
    }
    let error = target.create(Kind::Person, "k", &person(1)).await.unwrap_err();
    assert!(matches!(error, Error::Forbidden { .. }), "{error:?}");
}

#[tokio::test]
async fn connections_to_one_tenant_share_their_pace() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let factory = http::Factory::new();
    let slow = json!({"write_burst": 2, "writes_per_second": 4.0});
    let one = microsoft.connect_with(slow.clone(), &factory);
    let two = microsoft.connect_with(slow, &factory);
    let start = std::time::Instant::now();
    for (number, target) in [&one, &two, &one, &two].into_iter().enumerate() {
        target
            .create(Kind::Person, &number.to_string(), &person(number))
            .await
            .unwrap();
    }
    assert!(start.elapsed().as_millis() >= 490, "{:?}", start.elapsed());
}
