//! The ids under which Microsoft finds what we asked.

use m365_sim::{FaultKind, Settings};
use provost_connect::http::{Deadlines, Factory};
use provost_connect::{Kind, Record, Write};
use serde_json::json;

use crate::conformance::add;
use crate::graph::{Microsoft, person};

fn title(id: &str, title: &str) -> Write {
    Write::Update {
        kind: Kind::Person,
        id: id.to_owned(),
        changes: Record::from([("jobTitle".to_owned(), json!(title))]),
    }
}

#[tokio::test]
async fn every_write_leaves_the_ids_that_the_service_wrote_down() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let mut ids = Vec::new();
    for number in 0..3 {
        let key = format!("key-{number}");
        let id = target
            .create(Kind::Person, &key, &person(number))
            .await
            .unwrap()
            .id;
        let made = target.receipts(&key);
        assert_eq!(made.len(), 1, "{made:?}");
        assert_eq!(
            (made[0].operation.as_str(), made[0].status),
            ("creating the account", 201)
        );
        assert!(target.receipts(&key).is_empty(), "each is handed out once");
        ids.push(id);
    }
    // Inside a batch, one of them refused.
    let mut writes: Vec<Write> = ids.iter().map(|id| title(id, "Chief")).collect();
    writes[1] = title(&ids[1], &"x".repeat(500));
    assert!(target.apply(&writes).await[1].is_err());
    let seen = microsoft.simulator.calls();
    for (index, id) in ids.iter().enumerate() {
        let receipts = target.receipts(id);
        assert_eq!(receipts.len(), 1, "{receipts:?}");
        let receipt = &receipts[0];
        // A refused entry tells its own id, the others that of their batch.
        let known = seen
            .iter()
            .find(|call| call.request_id == receipt.request_id)
            .unwrap();
        assert_eq!(known.in_batch, index == 1, "{known:?}");
        assert!(
            !known.in_batch || known.address.contains(id.as_str()),
            "{known:?}"
        );
        assert_eq!(receipt.client_request_id, known.client_request_id);
        assert_eq!(receipt.status, if index == 1 { 400 } else { 204 });
        assert_eq!(receipt.reason.is_empty(), index != 1, "{receipt:?}");
    }
}

#[tokio::test]
async fn a_group_is_filed_under_its_key_and_its_members_under_the_group() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let crew = Record::from([("displayName".to_owned(), json!("Crew"))]);
    for statuses in [&[201_u16][..], &[204, 200]] {
        target.create(Kind::Group, "g", &crew).await.unwrap();
        let told: Vec<u16> = target
            .receipts("g")
            .iter()
            .map(|receipt| receipt.status)
            .collect();
        assert_eq!(told, statuses);
    }
    let id = target.create(Kind::Group, "g", &crew).await.unwrap().id;
    let person = target.create(Kind::Person, "p", &person(1)).await.unwrap().id;
    assert!(target.change_members(&id, &[add(&person)]).await[0].is_ok());
    assert_eq!(target.receipts(&id)[0].operation, "adding the member");
    target.disable(Kind::Person, &person).await.unwrap();
    let told: Vec<String> = target
        .receipts(&person)
        .into_iter()
        .map(|receipt| receipt.operation)
        .collect();
    assert_eq!(told, ["changing the account", "ending the account's sessions"]);
}

#[tokio::test]
async fn a_lost_answer_leaves_our_own_id() {
    let factory = Factory::new().with_deadlines(Deadlines {
        call: std::time::Duration::from_secs(2),
        ..Deadlines::default()
    });
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&factory);
    microsoft.simulator.fail(m365_sim::Fault {
        method: Some("POST".to_owned()),
        path: "/users".to_owned(),
        skip: 0,
        times: 1,
        kind: FaultKind::LoseAnswer,
    });
    assert!(target.create(Kind::Person, "k", &person(1)).await.is_err());
    let receipts = target.receipts("k");
    assert_eq!((receipts.len(), receipts[0].status), (1, 0));
    assert!(receipts[0].request_id.is_empty() && !receipts[0].reason.is_empty());
    let seen = microsoft.simulator.calls();
    let ours = &receipts[0].client_request_id;
    assert!(seen.iter().any(|call| call.client_request_id == *ours), "{ours}");
}
