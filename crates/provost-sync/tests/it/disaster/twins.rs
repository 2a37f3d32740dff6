//! Values that should be one person's alone and are not: in the source, in the target, and in two connections.

use super::{Having, lines, removals_since, waiting, writes};
use crate::world::{World, group_rule, people_rule};
use provost_connect::Kind;
use provost_engine::plan::Action;
use provost_engine::rule::Rule;
use provost_store::connection::{self, New, State};
use provost_store::doubt::Decision;
use provost_store::{link, rule};
use provost_sync::setup::Confirm;
use provost_sync::{Mode, Options, Report};
use serde_json::{Value, json};
use uuid::Uuid;

/// People are recognised by their title here, of which the source gives some twice.
fn by_title() -> Value {
    let mut rule = people_rule();
    rule["matching"] = json!([{"target": "title", "precedence": 1}]);
    rule
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_with_the_same_matching_value_never_share_an_account() {
    let world = World::with(&[by_title()], json!({}), "{}").await;
    let id = world.held().plant(
        Kind::Person,
        json!({"userName": "old", "displayName": "Old", "title": "4711"}),
    );
    let ann = world.person("ann", json!({"title": "4711"})).await;
    world.run().await;
    assert_eq!(
        world.held().get("ann", "displayName"),
        json!("ann"),
        "the account is hers"
    );
    // Another one comes with the same number.
    let bob = world.person("bob", json!({"title": "4711"})).await;
    let report = world.run().await;
    assert_eq!((report.adopted, report.failed), (0, 1), "{report:?}");
    assert_eq!(waiting(&world).await, ["PRV-LINK-TAKEN".to_owned()].into());
    let reason = lines(&world, "PRV-LINK-TAKEN").await[0].reason.clone();
    assert!(reason.contains("belongs to another object"), "{reason}");
    {
        let held = world.held();
        assert_eq!(held.people.len(), 1);
        assert_eq!(
            (&held.people[&id]["userName"], &held.people[&id]["displayName"]),
            (&json!("ann"), &json!("ann")),
            "nothing of his was written into her account"
        );
    }
    // When he leaves, she stays; when the number is put right, he comes.
    world.set(&bob, "active", json!(false)).await;
    world.run().await;
    assert_eq!(world.held().get("ann", "active"), json!(true));
    world.set(&bob, "active", json!(true)).await;
    world.set(&bob, "title", json!("4712")).await;
    world.run().await;
    assert!(world.held().named("bob").is_some());
    let held = world.held();
    assert_ne!(held.id("ann"), held.id("bob"));
    assert_eq!(ann.label, "ann");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_with_the_same_matching_value_in_one_cycle_never_share_an_account() {
    let world = World::with(&[by_title()], json!({}), "{}").await;
    let id = world.held().plant(
        Kind::Person,
        json!({"userName": "old", "displayName": "Old", "title": "4711"}),
    );
    for name in ["ann", "bob", "cid"] {
        world.person(name, json!({"title": "4711"})).await;
    }
    let report = world.run().await;
    assert_eq!(
        (report.adopted, report.failed, report.writes()),
        (1, 2, 0),
        "{report:?}"
    );
    let held = world.held();
    assert_eq!(held.people.len(), 1);
    let account = &held.people[&id];
    assert_eq!(
        account["userName"], account["displayName"],
        "of one of them, and whole: {account:?}"
    );
    assert_eq!(held.writes.len(), 1, "{:?}", held.writes);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_hits_in_the_target_are_never_guessed() {
    let world = World::with(&[people_rule(), group_rule()], json!({}), "{}").await;
    for (kind, name) in [(Kind::Person, "userName"), (Kind::Group, "displayName")] {
        for _ in 0..2 {
            world.held().plant(kind, json!({name: "twin", "note": "theirs"}));
        }
    }
    world.person("twin", json!({})).await;
    world.group("twin", &[]).await;
    let of_target = |world: &World| {
        let held = world.held();
        (held.people.clone(), held.groups.clone())
    };
    let before = of_target(&world);
    let report = world.run().await;
    assert_eq!(
        (report.state, report.failed, report.adopted, report.writes()),
        ("done", 2, 0, 0),
        "{report:?}"
    );
    assert_eq!(of_target(&world), before);
    assert_eq!(waiting(&world).await, ["PRV-MATCH-SEVERAL".to_owned()].into());
    let reason = lines(&world, "PRV-MATCH-SEVERAL").await[0].reason.clone();
    assert!(reason.contains("does not guess"), "{reason}");
    // One of the two goes: the account is theirs. Of the group nothing is known but its name, so a person says it.
    for id in ["t1", "t3"] {
        world.held().people.remove(id);
        world.held().groups.remove(id);
    }
    world.pass(2 * crate::world::HOUR);
    let report = world.run().await;
    assert_eq!((report.adopted, report.failed), (1, 1), "{report:?}");
    assert_eq!(waiting(&world).await, ["PRV-GROUP-NAME".to_owned()].into());
    merge(&world).await;
    let report = world.run().await;
    assert_eq!((report.adopted, report.failed), (1, 0), "{report:?}");
}

/// Decides that the only doubtful group is the one there.
async fn merge(world: &World) {
    let doubts = world.engine.doubts(world.connection, true, 0, 9).await.unwrap();
    let understood = Confirm {
        understood: true,
        ..Confirm::default()
    };
    let (connection, key) = (world.connection, doubts[0].key);
    world
        .engine
        .decide_doubt(connection, key, Decision::Merge, None, "owner", &understood)
        .await
        .unwrap();
}

/// Adds a second connection to the same target, over other people or the same.
async fn second(world: &World, people: Value) -> i64 {
    let (workspace, now) = (world.owner.workspace, world.now());
    let rules: Vec<Rule> = [people, group_rule()]
        .map(|r| serde_json::from_value(r).unwrap())
        .into();
    world
        .write(move |tx| {
            let new = New {
                id: Uuid::from_u128(2),
                workspace,
                name: "Model again",
                connector: "scim",
                settings: &json!({}),
                guard: &json!({}),
            };
            let connection = connection::create(tx, "test", now, &new)?;
            rule::replace_all(tx, "test", now, &connection, &rules, "made")?;
            Ok(connection.key)
        })
        .await
}

async fn run_of(world: &World, connection: i64, mode: Option<Mode>) -> Report {
    let options = Options {
        mode,
        ..Options::default()
    };
    world.engine.run_cycle(connection, &options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_connections_to_one_target_double_nobody_and_do_not_fight() {
    let (world, people, _) = super::town(40).await;
    let before = Having::of(&world);
    let other = second(&world, people_rule()).await;
    let report = run_of(&world, other, None).await;
    assert_eq!(
        (report.adopted, report.applied.get(&Action::Create), report.failed),
        (41, None, 0),
        "{report:?}"
    );
    assert_eq!(Having::of(&world), before, "the same accounts, no others");
    let count = writes(&world);
    for _ in 0..2 {
        assert_eq!(world.reconcile().await.writes(), 0);
        assert_eq!(run_of(&world, other, Some(Mode::Reconcile)).await.writes(), 0);
    }
    assert_eq!(writes(&world), count);
    // Somebody leaves: it is done once, and the other connection finds it done.
    world.delete(&people[20]).await;
    for _ in 0..2 {
        let report = world.run().await;
        assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
        let report = run_of(&world, other, None).await;
        assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    }
    assert_eq!(world.held().people.len(), 39);
    // One of them is set to mean nobody: its guard holds, also for those whom the other one means.
    let now = world.now();
    let narrow: Rule = serde_json::from_value(super::only("userType", "EQUALS", "Nobody")).unwrap();
    let before = Having::of(&world);
    let count = writes(&world);
    world
        .write(move |tx| {
            let found = connection::by_key(tx, other)?.unwrap();
            rule::put(tx, "owner", now, &found, 0, &narrow)
        })
        .await;
    let report = run_of(&world, other, None).await;
    assert_eq!(report.state, "held", "{report:?}");
    before.assert_kept(&world);
    assert_eq!(removals_since(&world, count), Vec::<String>::new());
    let held = world.read(move |tx| connection::by_key(tx, other)).await.unwrap();
    assert_eq!((held.state, held.code.as_str()), (State::Held, "PRV-GUARD-HELD"));
    assert_eq!(world.run().await.writes(), 0, "the first one has nothing to mend");
    let key = super::rule_key(&world, "People").await;
    assert_eq!(world.read(move |tx| link::count(tx, key)).await, 39);
}
