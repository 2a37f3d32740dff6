//! People who leave: one run with a result for each step, and nothing comes back before somebody says so.

use crate::licences::{has, licensed_rule, world};
use crate::model::Fault;
use crate::world::{World, group_rule};
use provost_connect::{ReadOnly, Standing};
use provost_store::directory::Object;
use provost_sync::{LeaverRun, StepStatus};
use serde_json::{Value, json};

/// Ann with a licence, in two groups of which she owns one, and her boss.
async fn contoso() -> (World, Object, Object) {
    let world = world(&[licensed_rule(), group_rule()], json!({})).await;
    let ann = world.person("ann", json!({"nickName": "E3"})).await;
    let boss = world.person("boss", json!({})).await;
    world.group("Staff", &[&ann, &boss]).await;
    world.run().await;
    let mut held = world.held();
    let (id, staff) = (held.id("ann"), held.id("Staff"));
    held.owners.entry(staff).or_default().insert(id.clone());
    let own = held.plant(provost_connect::Kind::Group, json!({"displayName": "Theirs"}));
    held.members.entry(own).or_default().insert(id.clone());
    held.estate
        .held
        .get_mut(&id)
        .unwrap()
        .insert("sku-E5".into(), Vec::new());
    drop(held);
    (world, ann, boss)
}

fn statuses(run: &LeaverRun) -> Vec<(&str, u64, StepStatus)> {
    run.steps
        .iter()
        .map(|s| (s.name.as_str(), s.count, s.status))
        .collect()
}

#[tokio::test]
async fn a_preview_writes_nothing_and_says_what_would_be_done() {
    let (world, ann, boss) = contoso().await;
    let writes = world.held().writes.len();
    let run = world
        .engine
        .leave(world.connection, ann.key, Some(boss.key), "owner", false)
        .await
        .unwrap();
    assert!(!run.applied);
    let planned = StepStatus::Planned;
    let expected = [
        ("end_sessions", 1, planned),
        ("disable", 1, planned),
        ("groups", 2, planned),
        ("licences", 2, planned),
        ("owned_groups", 1, planned),
    ];
    assert_eq!(statuses(&run), expected);
    assert!(run.steps[3].detail.contains("E3, E5"), "{run:?}");
    assert_eq!(world.held().writes.len(), writes);
}

#[tokio::test]
async fn a_run_does_it_all_and_cycles_give_nothing_back_until_the_person_stays() {
    let (world, ann, boss) = contoso().await;
    let leave = || {
        world
            .engine
            .leave(world.connection, ann.key, Some(boss.key), "owner", true)
    };
    let run = leave().await.unwrap();
    assert!(run.is_done(), "{run:?}");
    let done = StepStatus::Done;
    let expected = [
        ("end_sessions", 1, done),
        ("disable", 1, done),
        ("groups", 2, done),
        ("licences", 2, done),
        ("owned_groups", 1, done),
    ];
    assert_eq!(statuses(&run), expected);
    assert_eq!(world.held().get("ann", "active"), json!(false));
    assert!(has(&world, "ann").is_empty());
    {
        let held = world.held();
        let (boss_id, staff) = (held.id("boss"), held.id("Staff"));
        assert_eq!(held.owners[&staff].iter().collect::<Vec<_>>(), [&boss_id]);
        assert_eq!(held.members_of("Staff").into_iter().collect::<Vec<_>>(), ["boss"]);
    }
    // The directory knows nothing of it.
    world.set(&ann, "title", json!("Boss")).await;
    world.run().await;
    world.restart().await;
    assert_eq!(world.run().await.failed, 0);
    assert_eq!(world.held().get("ann", "active"), json!(false));
    assert!(has(&world, "ann").is_empty());
    assert_eq!(world.held().members_of("Staff").len(), 1);
    let again = leave().await.unwrap();
    let nothing = (
        again.steps[2].status,
        again.steps[3].status,
        again.steps[4].status,
    );
    assert_eq!(
        nothing,
        (StepStatus::Nothing, StepStatus::Nothing, StepStatus::Nothing)
    );
    // Ann stays after all.
    assert!(
        world
            .engine
            .end_leave(world.connection, ann.key, "owner")
            .await
            .unwrap()
    );
    assert!(
        !world
            .engine
            .end_leave(world.connection, ann.key, "owner")
            .await
            .unwrap()
    );
    world.run().await;
    assert_eq!(world.held().get("ann", "active"), json!(true));
    assert_eq!(has(&world, "ann"), ["E3"]);
    assert_eq!(world.held().members_of("Staff").len(), 2);
}

#[tokio::test]
async fn a_step_that_fails_stops_no_other_and_is_done_by_running_it_again() {
    let (world, ann, boss) = contoso().await;
    let next = world.held().writes.len() + 2;
    world.held().faults.insert(next, Fault::Refused);
    let run = world
        .engine
        .leave(world.connection, ann.key, Some(boss.key), "owner", true)
        .await
        .unwrap();
    assert_eq!((run.is_done(), run.steps[1].status), (false, StepStatus::Failed));
    assert_eq!(run.steps[3].status, StepStatus::Done);
    let run = world
        .engine
        .leave(world.connection, ann.key, Some(boss.key), "owner", true)
        .await
        .unwrap();
    assert!(run.is_done(), "{run:?}");
    assert_eq!(world.held().get("ann", "active"), json!(false));
}

#[tokio::test]
async fn an_administrator_a_protected_and_a_foreign_account_do_not_leave_like_this() {
    let (world, ann, _) = contoso().await;
    let id = world.held().id("ann");
    let code = async || {
        let result = world
            .engine
            .leave(world.connection, ann.key, None, "owner", true)
            .await;
        result.unwrap_err().code().unwrap().to_owned()
    };
    let standing = |change: &dyn Fn(&mut Standing)| {
        let mut one = Standing::default();
        change(&mut one);
        world.held().standing.insert(id.clone(), one);
    };
    let writes = world.held().writes.len();
    standing(&|s| s.roles = vec!["Global Administrator".into()]);
    assert_eq!(code().await, "PRV-TARGET-PRIVILEGED");
    standing(&|s| {
        s.read_only = Some(ReadOnly {
            code: "PRV-TARGET-SYNCED".into(),
            reason: "it is synchronised from elsewhere".into(),
        });
    });
    assert_eq!(code().await, "PRV-TARGET-READ-ONLY");
    world.held().standing.clear();
    world
        .set_preferences(json!({"protected_accounts": ["ANN"]}))
        .await;
    assert_eq!(code().await, "PRV-TARGET-PROTECTED");
    assert_eq!(world.held().writes.len(), writes);
}

#[tokio::test]
async fn without_an_heir_what_is_owned_is_named_and_left() {
    let (world, ann, _) = contoso().await;
    let run = world
        .engine
        .leave(world.connection, ann.key, None, "owner", true)
        .await
        .unwrap();
    let last = run.steps.last().unwrap();
    assert_eq!((last.status, last.count), (StepStatus::Skipped, 1));
    let kept = {
        let (connection, key) = (world.connection, ann.key);
        world
            .read(move |tx| provost_store::leaver::get(tx, connection, key))
            .await
            .unwrap()
    };
    assert_eq!(kept.steps.as_array().map(Vec::len), Some(5));
    assert_ne!(kept.steps, Value::Null);
}
