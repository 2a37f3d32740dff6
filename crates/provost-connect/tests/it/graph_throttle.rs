//! The budget of a tenant: what is counted, what is refused, and what a bad page costs.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use m365_sim::{Effect, Fault, FaultKind, Model, RetryAfter, Rule, Settings, Throttle, When};
use provost_connect::http::{Deadlines, Factory};
use provost_connect::{Error, Kind, Licence, LicenceChange, Record, Target, Write};
use serde_json::json;

use crate::conformance::add;
use crate::graph::{Microsoft, person};

const E3: &str = "05e9a617-0261-4cee-bb44-138d3ef5d965";

async fn people(target: &dyn Target, count: usize) -> Vec<String> {
    let writes: Vec<Write> = (0..count)
        .map(|number| Write::Create {
            kind: Kind::Person,
            key: number.to_string(),
            record: person(number),
        })
        .collect();
    let made = target.apply(&writes).await;
    made.into_iter().map(|made| made.unwrap().unwrap().id).collect()
}

/// Everything in a list, in order.
async fn everybody(target: &dyn Target) -> Result<Vec<String>, Error> {
    let (mut ids, mut page) = (Vec::new(), None);
    loop {
        let this = target.list(Kind::Person, page.as_deref(), &[]).await?;
        ids.extend(this.accounts.into_iter().map(|account| account.id));
        page = this.next;
        if page.is_none() {
            return Ok(ids);
        }
    }
}

/// Accounts with licence, manager and three memberships: one call for twenty of each, and no more.
#[tokio::test]
async fn calls_are_few() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let target = target.as_ref();
    let mut groups = Vec::new();
    for name in ["a", "b", "c"] {
        let record = Record::from([("displayName".to_owned(), json!(name))]);
        groups.push(target.create(Kind::Group, name, &record).await.unwrap().id);
    }
    let http = |microsoft: &Microsoft| {
        let calls = microsoft.simulator.calls();
        calls.iter().filter(|call| !call.in_batch).count()
    };
    let before = http(&microsoft);
    let ids = people(target, 20).await;
    let licences: Vec<LicenceChange> = ids
        .iter()
        .map(|id| LicenceChange {
            id: id.clone(),
            add: vec![Licence {
                sku: E3.to_owned(),
                disabled_plans: Vec::new(),
            }],
            remove: Vec::new(),
        })
        .collect();
    assert!(target.change_licences(&licences).await.iter().all(Result::is_ok));
    let managers: Vec<Write> = ids
        .iter()
        .map(|id| Write::SetReference {
            id: id.clone(),
            attribute: "manager".to_owned(),
            target_id: Some(ids[usize::from(*id == ids[0])].clone()),
        })
        .collect();
    assert!(target.apply(&managers).await.iter().all(Result::is_ok));
    let members: Vec<_> = ids.iter().map(|id| add(id)).collect();
    for group in &groups {
        assert!(
            target
                .change_members(group, &members)
                .await
                .iter()
                .all(Result::is_ok)
        );
        assert_eq!(microsoft.simulator.members(group).len(), 20);
    }
    assert!(http(&microsoft) - before <= 6, "{}", http(&microsoft) - before);
}

/// What we think that a request costs is what the service counts.
#[tokio::test]
async fn units_agree_with_the_service() {
    let mut settings = Settings {
        throttle: Throttle {
            model: Model::SlidingWindow,
            units: Some(60),
            unit_window: Duration::from_secs(600),
            ..Throttle::default()
        },
        ..Settings::contoso()
    };
    settings.applications[0]
        .roles
        .push("Directory.Read.All".to_owned());
    let microsoft = Microsoft::start(settings).await;
    let target = microsoft.connect(&Factory::new());
    let id = people(target.as_ref(), 1).await.remove(0);
    target.products().await.unwrap();
    target.licences(&id).await.unwrap();
    target.groups_of(&id).await.unwrap();
    target
        .standing(Kind::Person, std::slice::from_ref(&id))
        .await
        .unwrap();
    target.changes(Kind::Person, None, &[]).await.unwrap();
    everybody(target.as_ref()).await.unwrap();
    let counted: Vec<(String, u32)> = microsoft
        .simulator
        .calls()
        .into_iter()
        .rev()
        .map(|call| (call.operation, call.units))
        .filter(|(operation, _)| !operation.contains("token") && !operation.contains("batch"))
        .collect();
    let wanted = [
        ("POST /users", 1),
        ("GET /subscribedSkus", 3),
        ("GET /users/*", 1),
        ("GET /users/*/memberOf", 1),
        ("GET /users/*", 1),
        ("GET /users/*/memberOf", 1),
        ("GET /users/delta", 1),
        ("GET /users", 1),
    ];
    let mut counted: Vec<(&str, u32)> = counted
        .iter()
        .map(|(name, units)| (name.as_str(), *units))
        .collect();
    let mut wanted = wanted.to_vec();
    counted.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(counted, wanted);
}

#[tokio::test]
async fn reads_beyond_the_budget_wait_and_lose_nothing() {
    for retry_after in [
        RetryAfter::Whole,
        RetryAfter::Fractional,
        RetryAfter::Missing,
        RetryAfter::Date,
    ] {
        let settings = Settings {
            throttle: Throttle {
                model: Model::TokenBucket,
                units: Some(20),
                unit_window: Duration::from_secs(1),
                retry_after,
                ..Throttle::default()
            },
            ..Settings::contoso()
        };
        let microsoft = Microsoft::start(settings).await;
        let target = microsoft.connect(&Factory::new());
        let ids = people(target.as_ref(), 30).await;
        let found = target.standing(Kind::Group, &ids).await.unwrap();
        assert_eq!(found.len(), 30, "{retry_after:?}");
        assert!(microsoft.simulator.counters().throttled > 0, "{retry_after:?}");
    }
}

/// One refusal inside a batch: that one is sent again, the others are not.
#[tokio::test]
async fn only_the_refused_entry_of_a_batch_is_repeated() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    let throttled = Effect::Answer {
        error: "throttled".to_owned(),
        after: false,
        retry_after: Some(RetryAfter::Fractional),
        wait_s: 0.2,
        shape: Default::default(),
    };
    let rule = Rule {
        operation: "POST /users".to_owned(),
        when: When {
            skip: 4,
            ..When::next(1)
        },
        effect: throttled,
    };
    microsoft.simulator.inject(rule).unwrap();
    let start = Instant::now();
    assert_eq!(people(target.as_ref(), 10).await.len(), 10);
    assert!(
        start.elapsed() >= Duration::from_millis(200),
        "the pause was kept"
    );
    let answered = microsoft.simulator.answered();
    let creates: u64 = answered
        .iter()
        .filter(|(operation, ..)| operation == "POST /users")
        .map(|(.., count)| count)
        .sum();
    assert_eq!(creates, 11, "{answered:?}");
    let made = microsoft.simulator.creations();
    assert_eq!(made.iter().collect::<BTreeSet<_>>().len(), made.len());
}

/// A tenant that wants to be left alone for a day is told at once, also to those who come later.
#[tokio::test]
async fn nobody_waits_for_a_day() {
    let factory = Factory::new().with_deadlines(Deadlines {
        patience: Duration::from_secs(5),
        ..Deadlines::default()
    });
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&factory);
    let for_a_day = Effect::Answer {
        error: "throttled".to_owned(),
        after: false,
        retry_after: Some(RetryAfter::Huge),
        wait_s: 1.0,
        shape: Default::default(),
    };
    microsoft
        .simulator
        .inject(Rule::next("POST /users", 1, for_a_day))
        .unwrap();
    let start = Instant::now();
    for key in ["k1", "k2"] {
        let error = target.create(Kind::Person, key, &person(1)).await.unwrap_err();
        assert!(
            matches!(&error, Error::Throttled { after: Some(after), .. } if after.as_secs() > 80_000),
            "{error:?}"
        );
    }
    let error = everybody(target.as_ref()).await.unwrap_err();
    assert!(matches!(error, Error::Throttled { .. }), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// 2,500 people are three pages; each page request fails once, and its retry's link is no good.
#[tokio::test]
async fn a_link_from_a_retry_is_not_followed() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    for number in 0..2500 {
        let user = json!({"displayName": format!("Person {number}"), "accountEnabled": true,
            "userPrincipalName": format!("p{number}@contoso.example"), "mailNickname": format!("p{number}")});
        microsoft.simulator.plant_user(user).unwrap();
    }
    let target = microsoft.connect(&Factory::new());
    let rule = Rule {
        operation: "GET /users".to_owned(),
        when: When::default(),
        effect: Effect::LostTokenAfterRetry,
    };
    microsoft.simulator.inject(rule).unwrap();
    let ids = everybody(target.as_ref()).await.unwrap();
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (2500, 2500));
}

#[tokio::test]
async fn a_page_token_that_is_lost_all_the_same_ends_the_read_as_incomplete() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    for number in 0..1100 {
        let user = json!({"displayName": format!("Person {number}"), "accountEnabled": true,
            "userPrincipalName": format!("p{number}@contoso.example"), "mailNickname": format!("p{number}")});
        microsoft.simulator.plant_user(user).unwrap();
    }
    let target = microsoft.connect(&Factory::new());
    microsoft
        .simulator
        .inject(Rule::next("GET /users", 1, Effect::LostPageToken))
        .unwrap();
    let error = everybody(target.as_ref()).await.unwrap_err();
    assert!(matches!(error, Error::Paging { .. }), "{error:?}");
    assert_eq!(everybody(target.as_ref()).await.unwrap().len(), 1100);
}

/// A short failure in the middle costs a moment, not the whole read.
#[tokio::test]
async fn a_page_that_fails_is_read_again() {
    let microsoft = Microsoft::start(Settings::contoso()).await;
    let target = microsoft.connect(&Factory::new());
    people(target.as_ref(), 3).await;
    for kind in [
        FaultKind::Status(503),
        FaultKind::Status(500),
        FaultKind::Drop,
        FaultKind::Truncate(60),
    ] {
        microsoft.simulator.fail(Fault {
            method: Some("GET".to_owned()),
            path: "/users".to_owned(),
            skip: 0,
            times: 1,
            kind: kind.clone(),
        });
        assert_eq!(everybody(target.as_ref()).await.unwrap().len(), 3, "{kind:?}");
    }
}

/// Who reads in bulk says so, and is shed first; who writes is not.
#[tokio::test]
async fn bulk_reads_make_way_for_writes() {
    let settings = Settings {
        throttle: Throttle {
            model: Model::SlidingWindow,
            units: Some(100),
            unit_window: Duration::from_secs(3600),
            shed_low_priority: true,
            ..Throttle::default()
        },
        ..Settings::contoso()
    };
    let factory = Factory::new().with_deadlines(Deadlines {
        patience: Duration::from_millis(200),
        ..Deadlines::default()
    });
    let microsoft = Microsoft::start(settings).await;
    let writer = microsoft.connect(&factory);
    people(writer.as_ref(), 92).await;
    // A connection of its own, so that the pause of one does not hold the other.
    let reader = microsoft.connect(&Factory::new().with_deadlines(factory.deadlines()));
    let error = everybody(reader.as_ref()).await.unwrap_err();
    assert!(matches!(error, Error::Throttled { .. }), "{error:?}");
    let record = person(500);
    assert!(writer.create(Kind::Person, "500", &record).await.is_ok());
}
