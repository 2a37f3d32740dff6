//! What is judged before it is sent, and what Microsoft 365 says of the same.

use m365_sim::{Domain, Settings};
use provost_connect::http::Factory;
use provost_connect::{Kind, Record};
use provost_engine::rule::Rule;
use serde_json::{Value, json};

use super::{canary, connect};
use crate::graph::{Microsoft, person};

fn with(more: Value) -> Record {
    let mut record = person(1);
    for (name, value) in more.as_object().unwrap() {
        record.insert(name.clone(), value.clone());
    }
    record
}

#[tokio::test]
async fn what_is_a_fault_here_is_refused_there_and_nothing_else_is() {
    let mut settings = Settings::contoso();
    settings.domains.push(Domain::federated("sign.contoso.example"));
    let microsoft = Microsoft::start(settings).await;
    let target = microsoft.connect(&Factory::new());
    target.prepare().await.unwrap();
    for (more, code) in [
        (
            json!({"userPrincipalName": "a@elsewhere.example"}),
            "PRV-UPN-SUFFIX",
        ),
        (
            json!({"userPrincipalName": "zoë@contoso.example"}),
            "PRV-UPN-CHARACTERS",
        ),
        (
            json!({"userPrincipalName": "a@sign.contoso.example"}),
            "PRV-IMMUTABLE-ID-EMPTY",
        ),
        (json!({"usageLocation": "Germany"}), "PRV-USAGE-LOCATION"),
        (json!({"mailNickname": "a b"}), "PRV-VALUE-CHARACTERS"),
        (json!({"onPremisesImmutableId": "a_b"}), "PRV-VALUE-CHARACTERS"),
        (json!({"passwordProfile.password": "short"}), "PRV-PASSWORD-WEAK"),
        (json!({"favouriteColour": "blue"}), "PRV-MAPPING-UNKNOWN"),
        (json!({"userType": "Robot"}), "PRV-VALUE-KIND"),
        (json!({"jobTitle": ["a"]}), "PRV-VALUE-KIND"),
    ] {
        let record = with(more);
        let codes: Vec<String> = target
            .faults(Kind::Person, &record, true)
            .into_iter()
            .map(|f| f.code)
            .collect();
        assert_eq!(codes, [code]);
        assert!(
            target.create(Kind::Person, code, &record).await.is_err(),
            "{code}"
        );
    }
    let good = with(json!({
        "userPrincipalName": "a@sign.contoso.example", "onPremisesImmutableId": "0198c2d4-0000-7000-8000-000000000001",
        "passwordProfile.password": "Winter-mead 77 boats", "usageLocation": "DE",
    }));
    assert_eq!(target.faults(Kind::Person, &good, true), []);
    target.create(Kind::Person, "good", &good).await.unwrap();
}

#[tokio::test]
async fn domains_come_from_whatever_the_application_may_read() {
    let mut settings = Settings::contoso();
    let pending = Domain {
        verified: false,
        ..Domain::managed("new.contoso.example")
    };
    settings
        .domains
        .extend([Domain::federated("sign.contoso.example"), pending]);
    let rules: Vec<Rule> = serde_json::from_value(json!([
        {"name": "people", "object": "person", "enabled": false, "matching": [{"target": "userPrincipalName", "precedence": 1}],
         "mappings": [{"target": "onPremisesImmutableId", "direct": "id", "apply": "on_create"}]},
    ]))
    .unwrap();
    let mut changed = rules.clone();
    changed[0].mappings.clear();
    for more in [None, Some("Domain.Read.All")] {
        let mut settings = settings.clone();
        settings.applications[0].roles.extend(more.map(str::to_owned));
        let microsoft = Microsoft::start(settings).await;
        let target = microsoft.connect(&Factory::new());
        assert!(target.review(&rules, &changed).is_empty(), "nothing is known yet");
        target.prepare().await.unwrap();
        let codes: Vec<String> = target
            .review(&rules, &changed)
            .into_iter()
            .map(|f| f.code)
            .collect();
        assert_eq!(codes, ["PRV-IMMUTABLE-ID-FROZEN"], "{more:?}");
        let suffix = target.faults(
            Kind::Person,
            &with(json!({"userPrincipalName": "a@new.contoso.example"})),
            true,
        );
        assert_eq!(suffix[0].code, "PRV-UPN-SUFFIX");
        let asked = microsoft.simulator.counters();
        target.prepare().await.unwrap();
        assert_eq!(
            format!("{asked:?}"),
            format!("{:?}", microsoft.simulator.counters()),
            "kept for a while"
        );
    }
}

#[tokio::test]
async fn names_of_other_products_lead_to_graphs() {
    let target = connect("http://127.0.0.1:9", json!({}), &canary());
    assert_eq!(target.own_name(Kind::Person, "skuId"), Some("assignedLicenses"));
    assert_eq!(
        target.own_name(Kind::Person, "ImmutableID"),
        Some("onPremisesImmutableId")
    );
    assert_eq!(target.own_name(Kind::Group, "skuId"), None);
}
