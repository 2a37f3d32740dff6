//! Bad days of Microsoft 365, and the error or the patience they must meet.

use std::collections::BTreeSet;
use std::time::Duration;

use m365_sim::{Fault, FaultKind, Model, RetryAfter, Settings, Throttle};
use provost_connect::http::{Deadlines, Factory};
use provost_connect::{Error, Kind, Record, Retry, Write};
use serde_json::json;

use crate::conformance::{Server, add};
use crate::graph::{Microsoft, person};

fn factory() -> Factory {
    Factory::new().with_deadlines(Deadlines {
        call: Duration::from_secs(2),
        ..Deadlines::default()
    })
}

fn fault(method: &str, path: &str, kind: FaultKind) -> Fault {
    Fault {
        method: Some(method.to_owned()),
        path: path.to_owned(),
        skip: 0,
        times: 1,
        kind,
    }
}

fn creates(numbers: std::ops::Range<usize>) -> Vec<Write> {
    numbers
        .map(|number| Write::Create {
            kind: Kind::Person,
            key: format!("key-{number}"),
            record: person(number),
        })
        .collect()
}

#[tokio::test]
async fn a_lost_create_is_told_and_found_and_a_repeat_makes_no_twin() {
    for kind in [FaultKind::LoseAnswer, FaultKind::Truncate(40)] {
        let microsoft = Microsoft::start(Settings::contoso()).await;
        let target = microsoft.connect(&factory());
        microsoft.simulator.fail(fault("POST", "/users", kind.clone()));
        let error = target.create(Kind::Person, "k", &person(1)).await.unwrap_err();
        assert!(matches!(error, Error::AnswerLost { .. }), "{kind:?}: {error:?}");
        let name = json!("person1@contoso.example");
        let found = target
            .find(Kind::Person, "userPrincipalName", &name)
            .await
            .unwrap();
        assert_eq!(found.len(), 1, "{kind:?}");
        let error = target.create(Kind::Person, "k", &person(1)).await.unwrap_err();
        assert!(
            matches!(&error, Error::Conflict { existing: Some(id), .. } if *id == found[0].id),
            "{error:?}"
        );
        assert_eq!(microsoft.simulator.creations().len(), 1);
    }
}

#[tokio::test]
async fn a_lost_batch_leaves_every_create_in_doubt_and_every_change_repeatable() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&factory());
    let id = target.create(Kind::Person, "k", &person(100)).await.unwrap().id;
    let mut writes = creates(1..4);
    writes.push(Write::Update {
        kind: Kind::Person,
        id,
        changes: Record::from([("jobTitle".to_owned(), json!("Chief"))]),
    });
    microsoft
        .simulator
        .fail(fault("POST", "/$batch", FaultKind::LoseAnswer));
    let outcomes = target.apply(&writes).await;
    for outcome in &outcomes[..3] {
        assert!(matches!(outcome, Err(Error::AnswerLost { .. })), "{outcome:?}");
    }
    assert!(
        matches!(outcomes[3], Err(Error::Interrupted { .. })),
        "{:?}",
        outcomes[3]
    );
}

#[tokio::test]
async fn a_group_is_made_once_however_often_its_answer_is_lost() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&factory());
    let crew = Record::from([("displayName".to_owned(), json!("Crew"))]);
    microsoft
        .simulator
        .fail(fault("PATCH", "/groups", FaultKind::LoseAnswer));
    let error = target.create(Kind::Group, "g", &crew).await.unwrap_err();
    assert!(matches!(error, Error::Interrupted { .. }), "{error:?}");
    let made = target.create(Kind::Group, "g", &crew).await.unwrap();
    assert_eq!(microsoft.groups(), 1);
    assert_eq!(microsoft.simulator.groups()[0]["id"], json!(made.id));
}

#[tokio::test]
async fn answers_that_are_none_become_the_right_error() {
    let cases = [
        (FaultKind::Html, "PRV-CONNECT-UNINTELLIGIBLE"),
        (FaultKind::Drop, "PRV-CONNECT-INTERRUPTED"),
        (FaultKind::Hang, "PRV-CONNECT-INTERRUPTED"),
        (FaultKind::Truncate(10), "PRV-CONNECT-INTERRUPTED"),
        (FaultKind::Status(500), "PRV-CONNECT-UNAVAILABLE"),
        (FaultKind::Status(503), "PRV-CONNECT-UNAVAILABLE"),
        (FaultKind::Status(403), "PRV-CONNECT-FORBIDDEN"),
    ];
    for (kind, code) in cases {
        let microsoft = Microsoft::start(Settings::contoso()).await;
        let target = microsoft.connect(&factory());
        target.create(Kind::Person, "k", &person(1)).await.unwrap();
        // A page is read four times before it counts as failed.
        microsoft.simulator.fail(Fault {
            times: 10,
            ..fault("GET", "/users", kind.clone())
        });
        let error = target.list(Kind::Person, None, &[]).await.unwrap_err();
        assert_eq!(error.code(), code, "{kind:?}: {error:?}");
        assert_ne!(error.retry(), Retry::StopConnection, "{kind:?}");
    }
}

/// Small limits in both models: everything arrives, nothing fails, nobody is made twice.
#[tokio::test]
async fn throttling_costs_time_and_nothing_else() {
    let mut runs = Vec::new();
    for model in [Model::TokenBucket, Model::SlidingWindow] {
        for retry_after in [RetryAfter::Whole, RetryAfter::Fractional, RetryAfter::Missing] {
            runs.push(throttled(model, retry_after));
        }
    }
    futures::future::join_all(runs).await;
}

async fn throttled(model: Model, retry_after: RetryAfter) {
    let settings = Settings {
        throttle: Throttle {
            model,
            writes: 40,
            window: Duration::from_secs(2),
            retry_after,
            ..Throttle::default()
        },
        ..Settings::contoso()
    };
    let microsoft = Microsoft::start(settings).await;
    let target = microsoft.connect(&Factory::new());
    let outcomes = target.apply(&creates(0..100)).await;
    let failed: Vec<_> = outcomes.iter().filter(|outcome| outcome.is_err()).collect();
    assert!(failed.is_empty(), "{model:?} {retry_after:?}: {failed:?}");
    let made = microsoft.simulator.creations();
    let distinct: BTreeSet<_> = made.iter().collect();
    assert_eq!(
        (made.len(), distinct.len()),
        (100, 100),
        "{model:?} {retry_after:?}"
    );
    assert!(
        microsoft.simulator.counters().throttled > 0,
        "{model:?} {retry_after:?}"
    );
}

#[tokio::test]
async fn an_expired_token_is_replaced_without_a_word() {
    let settings = Settings {
        token_lifetime_s: 1,
        ..Settings::contoso()
    };
    let microsoft = Microsoft::start(settings).await;
    let target = microsoft.connect(&Factory::new());
    target.create(Kind::Person, "k1", &person(1)).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1200)).await;
    target.create(Kind::Person, "k2", &person(2)).await.unwrap();
    microsoft
        .simulator
        .fail(fault("GET", "/users", FaultKind::Status(401)));
    assert_eq!(
        target.list(Kind::Person, None, &[]).await.unwrap().accounts.len(),
        2
    );
}

#[tokio::test]
async fn a_refused_chunk_of_members_is_added_one_by_one() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&factory());
    let crew = Record::from([("displayName".to_owned(), json!("Crew"))]);
    let crew = target.create(Kind::Group, "g", &crew).await.unwrap().id;
    let one = target.create(Kind::Person, "k1", &person(1)).await.unwrap().id;
    let two = target.create(Kind::Person, "k2", &person(2)).await.unwrap().id;
    assert!(target.change_members(&crew, &[add(&one)]).await[0].is_ok());
    let outcomes = target.change_members(&crew, &[add(&one), add(&two)]).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(microsoft.members(&crew).len(), 2);
}
