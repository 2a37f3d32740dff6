//! Reconcile: what was changed in the target is found and, as its mapping wants, repaired, reported or accepted.

use crate::world::{GUARD_OFF, HOUR, World, group_rule, people_rule};
use provost_connect::Kind;
use provost_engine::plan::Action;
use provost_store::drift::{self, Asked, Drift, State};
use provost_store::unowned;
use serde_json::{Value, json};

async fn kept(world: &World) -> Vec<Drift> {
    let asked = Asked {
        connection: world.connection,
        ..Asked::default()
    };
    world.read(move |tx| drift::list(tx, &asked, 100)).await
}

/// People whose title has this policy.
fn titles(policy: &str) -> Value {
    let mut rule = people_rule();
    rule["mappings"][3]["drift"] = json!(policy);
    rule
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconcile_of_an_untouched_target_writes_and_finds_nothing() {
    let world = World::new().await;
    let people = world.people(250).await;
    world
        .group("Sales", &people.iter().take(20).collect::<Vec<_>>())
        .await;
    world.run().await;
    let writes = world.held().writes.len();
    world.held().reads.clear();
    let report = world.reconcile().await;
    assert_eq!(
        (report.mode, report.state, report.drift, report.writes()),
        ("reconcile", "done", 0, 0),
        "{report:?}"
    );
    assert_eq!(world.held().writes.len(), writes);
    assert_eq!(
        world.held().reads.len(),
        3 + 1 + 1,
        "three pages of people, one of groups, one group's members"
    );
    assert!(kept(&world).await.is_empty());
    assert!(world.connection().await.reconciled >= world.now());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_repaired_is_written_again_and_what_nobody_maps_is_never_touched() {
    let world = World::new().await;
    let ann = world.person("ann", json!({"title": "Boss"})).await;
    world.run().await;
    world.held().tamper("ann", "title", json!("Clerk"));
    world.held().tamper("ann", "phone", json!("by hand"));
    assert_eq!(
        world.run().await.writes(),
        0,
        "an incremental cycle does not look"
    );
    let report = world.reconcile().await;
    assert_eq!(
        (report.drift, report.applied.get(&Action::Update)),
        (1, Some(&1)),
        "{report:?}"
    );
    assert_eq!(world.held().get("ann", "title"), json!("Boss"));
    assert_eq!(world.held().get("ann", "phone"), json!("by hand"));
    let kept = kept(&world).await;
    assert_eq!(
        (
            kept.len(),
            kept[0].state,
            &kept[0].expected,
            &kept[0].found,
            kept[0].object
        ),
        (1, State::Repaired, &json!("Boss"), &json!("Clerk"), ann.key)
    );
    assert_eq!(world.reconcile().await.drift, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_reported_stays_until_the_directory_changes() {
    let world = World::with(&[titles("report")], json!({}), GUARD_OFF).await;
    let ann = world.person("ann", json!({"title": "Boss"})).await;
    world.run().await;
    world.held().tamper("ann", "title", json!("Clerk"));
    for _ in 0..2 {
        let report = world.reconcile().await;
        assert_eq!((report.drift, report.writes()), (1, 0), "{report:?}");
    }
    assert_eq!(kept(&world).await[0].state, State::Open);
    world.set(&ann, "title", json!("Chief")).await;
    world.run().await;
    assert_eq!(world.held().get("ann", "title"), json!("Chief"));
    world.pass(1);
    assert_eq!(world.reconcile().await.drift, 0);
    assert_eq!(kept(&world).await[0].state, State::Repaired);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_accepted_is_not_even_told_of() {
    let world = World::with(&[titles("accept")], json!({}), GUARD_OFF).await;
    world.person("ann", json!({"title": "Boss"})).await;
    world.run().await;
    world.held().tamper("ann", "title", json!("Clerk"));
    let report = world.reconcile().await;
    assert_eq!((report.drift, report.writes()), (0, 0), "{report:?}");
    assert!(kept(&world).await.is_empty());
    assert_eq!(world.held().get("ann", "title"), json!("Clerk"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_let_one_difference_stand() {
    let world = World::new().await;
    let ann = world.person("ann", json!({"title": "Boss"})).await;
    let mut off = people_rule();
    off["actions"] = json!({"update": false});
    world.run().await;
    world.set_rule(1, off).await;
    world.run().await;
    world.held().tamper("ann", "title", json!("Clerk"));
    assert_eq!(world.reconcile().await.writes(), 0, "the rule may not update");
    let (connection, now, key) = (world.connection().await, world.now(), ann.key);
    let rule = kept(&world).await[0].rule;
    let place = move |tx: &mut provost_store::Tx| {
        let place = drift::Place {
            rule,
            object: key,
            attribute: "title",
        };
        drift::accept(tx, "owner", now, &connection, &place)
    };
    assert!(world.write(place).await);
    let report = world.reconcile().await;
    assert_eq!(report.drift, 0, "{report:?}");
    assert_eq!(kept(&world).await[0].state, State::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_switched_on_by_hand_is_disabled_again() {
    let world = World::new().await;
    let ann = world.person("ann", json!({})).await;
    world.run().await;
    world.set(&ann, "active", json!(false)).await;
    world.run().await;
    world.held().tamper("ann", "active", json!(true));
    let report = world.reconcile().await;
    assert_eq!(report.applied.get(&Action::Disable), Some(&1), "{report:?}");
    assert_eq!(world.held().get("ann", "active"), json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_went_come_back_and_members_that_came_go_but_strangers_stay() {
    let world = World::new().await;
    let people = world.people(4).await;
    world.group("Sales", &[&people[0], &people[1]]).await;
    world.run().await;
    {
        let mut held = world.held();
        let (group, gone, extra) = (held.id("Sales"), held.id("user0"), held.id("user3"));
        let stranger = held.plant(Kind::Person, json!({"userName": "stranger"}));
        let members = held.members.get_mut(&group).unwrap();
        members.remove(&gone);
        members.extend([extra, stranger]);
    }
    let report = world.reconcile().await;
    assert_eq!(report.drift, 2, "{report:?}");
    let members = world.held().members_of("Sales");
    assert_eq!(
        members.into_iter().collect::<Vec<_>>(),
        ["stranger", "user0", "user1"]
    );
    let kept = kept(&world).await;
    assert_eq!(
        (kept[0].attribute.as_str(), &kept[0].expected, &kept[0].found),
        ("members", &json!(["user0"]), &json!(["user3"]))
    );
    assert_eq!(world.reconcile().await.drift, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_does_not_tell_members_loses_none() {
    let world = World::new().await;
    let people = world.people(2).await;
    world.group("Sales", &people.iter().collect::<Vec<_>>()).await;
    world.run().await;
    world.held().hides_members = true;
    let report = world.reconcile().await;
    assert_eq!(
        (report.state, report.drift, report.writes()),
        ("done", 0, 0),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vanished_account_follows_the_policy_of_its_rule() {
    for (policy, found, creates) in [
        ("match_again", true, 0),
        ("match_again", false, 1),
        ("create_again", false, 1),
        ("fail", false, 0),
    ] {
        let mut rule = people_rule();
        rule["vanished"] = json!(policy);
        let world = World::with(&[rule], json!({}), GUARD_OFF).await;
        world.people(3).await;
        world.run().await;
        world.held().lose("user1");
        if found {
            // Somebody made it again under another id.
            world
                .held()
                .plant(Kind::Person, json!({"userName": "USER1", "active": true}));
        }
        let report = world.reconcile().await;
        let made = report.applied.get(&Action::Create).copied().unwrap_or(0);
        let fails = u64::from(policy == "fail");
        assert_eq!(
            (made, report.adopted, report.failed),
            (creates, u64::from(found), fails),
            "{policy} {report:?}"
        );
        let is_there = world.held().people.len() == 3;
        assert_eq!(is_there, policy != "fail", "{policy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incomplete_list_says_nothing_about_who_is_missing() {
    let world = World::new().await;
    world.people(50).await;
    world.run().await;
    {
        let mut held = world.held();
        held.page = 10;
        held.broken_list = Some(3);
        held.lose("user7");
    }
    let report = world.reconcile().await;
    assert_eq!((report.drift, report.writes()), (0, 0), "{report:?}");
    assert!(
        report.reason.starts_with("PRV-RECONCILE-INCOMPLETE"),
        "{}",
        report.reason
    );
    assert_eq!(world.connection().await.code, "PRV-RECONCILE-INCOMPLETE");
    // A list that leaves out people who are there is not believed either.
    {
        let mut held = world.held();
        held.broken_list = None;
        let hidden = ["user1", "user2"].map(|name| held.id(name));
        held.hidden.extend(hidden);
    }
    let report = world.reconcile().await;
    assert_eq!(
        (report.drift, report.applied.get(&Action::Create)),
        (1, Some(&1)),
        "{report:?}"
    );
    assert_eq!(
        world.held().people.len(),
        50,
        "only the one who was lost was made again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_lost_everybody_is_not_filled_again_without_a_person() {
    let world = World::with(&[people_rule()], json!({}), "{}").await;
    world.people(60).await;
    world.run().await;
    world.held().people.clear();
    let report = world.reconcile().await;
    assert_eq!(report.writes(), 0, "{report:?}");
    assert!(
        report.reason.starts_with("PRV-TARGET-SHRANK: 60 of 60"),
        "{}",
        report.reason
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_nobody_owns_are_listed() {
    let world = World::with(&[people_rule(), group_rule()], json!({}), GUARD_OFF).await;
    world.people(2).await;
    world.run().await;
    world
        .held()
        .plant(Kind::Person, json!({"userName": "local", "displayName": "Local"}));
    world.reconcile().await;
    let connection = world.connection;
    let list = move |tx: &mut provost_store::Tx| unowned::list(tx, connection, None, None, 10);
    let found = world.read(list).await;
    assert_eq!((found.len(), found[0].label.as_str()), (1, "local"));
    world.held().lose("local");
    world.pass(1);
    world.reconcile().await;
    assert!(world.read(list).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn links_of_an_earlier_version_are_compared_and_then_known() {
    let world = World::new().await;
    world.people(3).await;
    world.run().await;
    let path = world.folder.path().join("provost.db");
    tokio::task::spawn_blocking(move || {
        let raw = rusqlite::Connection::open(path).unwrap();
        raw.execute("UPDATE link SET hash = 0", []).unwrap();
    })
    .await
    .unwrap();
    world.pass(HOUR);
    assert_eq!(world.reconcile().await.drift, 0);
    let path = world.folder.path().join("provost.db");
    let unknown: i64 = tokio::task::spawn_blocking(move || {
        let raw = rusqlite::Connection::open(path).unwrap();
        raw.query_row("SELECT COUNT(*) FROM link WHERE hash = 0", [], |r| r.get(0))
            .unwrap()
    })
    .await
    .unwrap();
    assert_eq!(unknown, 0);
}
