//! A tenant that holds everybody already: they are recognised from its list, and only who is not certain is asked for.

use crate::harness::Hub;
use m365_sim::Settings;
use provost_engine::plan::Action;
use serde_json::{Value, json};

/// An account as somebody else made it, without a link key.
fn plant(hub: &Hub, name: &str, more: &Value) {
    let mut account = json!({
        "userPrincipalName": format!("{name}@contoso.example"), "displayName": name, "mailNickname": name,
        "accountEnabled": true, "userType": "Member",
    });
    let properties = account.as_object_mut().unwrap();
    properties.extend(more.as_object().unwrap().clone());
    hub.simulator.plant_user(account).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_tenant_is_matched_from_its_list() {
    let hub = Hub::with(Settings::contoso(), "{}").await;
    hub.people(200).await;
    for number in 0..190 {
        let more = match number {
            7 => json!({"userType": "Guest"}),
            8 => json!({"onPremisesSyncEnabled": true}),
            9 => json!({"userPrincipalName": "USER9@contoso.example"}),
            10 => json!({"jobTitle": "Left over"}),
            11 => json!({"accountEnabled": false}),
            _ => json!({}),
        };
        plant(&hub, &format!("user{number}"), &more);
    }
    let report = hub.run().await;
    // The guest and the synchronised account are left alone.
    assert_eq!(
        (report.state, report.failed, report.adopted),
        ("done", 0, 188),
        "{report:?}"
    );
    assert_eq!(report.applied[&Action::Create], 10);
    let counters = hub.simulator.counters();
    // Ten creates, and what differs: the letter case, the title, the switch.
    assert_eq!(counters.writes, 13, "{counters:?}");
    // One page, what the connection asks about the organisation, and a few reads for the three who are not certain.
    assert!(counters.requests < 45, "{counters:?}");
    let users = hub.users();
    assert!(
        users["user10@contoso.example"]
            .get("jobTitle")
            .is_none_or(Value::is_null)
    );
    assert_eq!(users["user11@contoso.example"]["accountEnabled"], json!(true));
    assert_eq!(
        users["user8@contoso.example"]["onPremisesSyncEnabled"],
        json!(true)
    );
    let again = hub.run().await;
    assert_eq!((again.looked, again.writes()), (0, 0));
    assert_eq!(hub.simulator.counters().writes, counters.writes);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_one_name_in_the_list_are_never_guessed_between() {
    let hub = Hub::with(Settings::contoso(), "{}").await;
    hub.people(120).await;
    // Two accounts answer to one name in the list of this tenant: nobody guesses between them.
    for _ in 0..2 {
        plant(&hub, "user5", &json!({}));
    }
    let report = hub.run().await;
    assert_eq!((report.failed, report.adopted), (1, 0), "{report:?}");
    assert_eq!(report.applied[&Action::Create], 119);
    let doubts = hub.engine.doubts(hub.connection.key, true, 0, 10).await.unwrap();
    let found: Vec<_> = doubts
        .iter()
        .map(|doubt| (doubt.code.as_str(), doubt.candidates.len()))
        .collect();
    assert_eq!(found, [("PRV-MATCH-SEVERAL", 2)]);
}
