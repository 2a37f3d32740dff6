//! Names of groups: a group that is found by its name alone is not taken over, a name that is taken is not given
//! twice, and many such questions are answered in one act.

use crate::model::Fault;
use crate::world::{GUARD_OFF, HOUR, World, group_rule, people_rule};
use provost_connect::Kind;
use provost_store::directory::Object;
use provost_store::doubt::{Decision, Doubt};
use provost_store::link;
use provost_sync::Error;
use provost_sync::doubt::Many;
use provost_sync::setup::Confirm;
use serde_json::json;

async fn world() -> World {
    World::with(&[people_rule(), group_rule()], json!({}), GUARD_OFF).await
}

async fn doubts(world: &World) -> Vec<Doubt> {
    world.engine.doubts(world.connection, true, 0, 500).await.unwrap()
}

async fn decide(world: &World, decision: Decision) {
    let doubt = doubts(world).await.remove(0);
    let confirm = Confirm {
        understood: true,
        ..Confirm::default()
    };
    let (connection, engine) = (world.connection, &world.engine);
    engine
        .decide_doubt(connection, doubt.key, decision, None, "owner", &confirm)
        .await
        .unwrap();
}

fn name_of(world: &World, id: &str) -> String {
    world.held().groups[id]["displayName"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Sales, which is ours, and Marketing, which somebody made in the target.
async fn two() -> (World, Object, String, String) {
    let world = world().await;
    let people = world.people(1).await;
    let sales = world.group("Sales", &[&people[0]]).await;
    world.run().await;
    let ours = world.held().groups.keys().next().unwrap().clone();
    let theirs = world
        .held()
        .plant(Kind::Group, json!({"displayName": "Marketing"}));
    (world, sales, ours, theirs)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_lost_create_has_left_behind_is_no_question() {
    let world = world().await;
    world.group("Sales", &[]).await;
    let next = world.held().writes.len() + 1;
    world.held().faults.insert(next, Fault::Lost);
    for _ in 0..2 {
        world.run().await;
        world.pass(2 * HOUR);
    }
    assert!(doubts(&world).await.is_empty());
    assert_eq!(
        world.held().groups.len(),
        1,
        "it is found again, and not made twice"
    );
    assert_eq!(world.run().await.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_found_again_by_our_key_whatever_it_is_called_now() {
    let (world, sales, ours, _) = two().await;
    let rule = group_rule_key(&world).await;
    let key = sales.key;
    world.write(move |tx| link::remove(tx, rule, key)).await;
    world
        .held()
        .groups
        .get_mut(&ours)
        .unwrap()
        .insert("displayName".into(), json!("Sales of old"));
    world.set(&sales, "displayName", json!("Selling")).await;
    world.run().await;
    assert!(doubts(&world).await.is_empty());
    assert_eq!(name_of(&world, &ours), "Selling");
}

async fn group_rule_key(world: &World) -> i64 {
    let connection = world.connection;
    let rules = world
        .read(move |tx| provost_store::rule::of_connection(tx, connection))
        .await;
    rules[1].key
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_does_not_get_the_name_of_another_one_silently() {
    let (world, sales, ours, theirs) = two().await;
    world.set(&sales, "displayName", json!("Marketing")).await;
    let writes = world.held().writes.len();
    let report = world.run().await;
    assert_eq!((report.failed, report.writes()), (1, 0), "{report:?}");
    assert_eq!(world.held().writes.len(), writes);
    let doubt = doubts(&world).await.remove(0);
    assert_eq!(doubt.code, "PRV-GROUP-RENAMED");
    assert_eq!(doubt.candidates.len(), 1);
    assert_eq!(doubt.candidates[0].target_id, theirs);
    assert_eq!(
        (name_of(&world, &ours), name_of(&world, &theirs)),
        ("Sales".into(), "Marketing".into())
    );

    // Left alone, it keeps its old name, and nobody is asked again.
    decide(&world, Decision::Skip).await;
    for _ in 0..2 {
        world.run().await;
        world.pass(2 * HOUR);
    }
    assert_eq!(world.held().writes.len(), writes);
    assert!(doubts(&world).await.is_empty());

    // Under a name that nobody has it goes on, as the same group.
    world.set(&sales, "displayName", json!("Selling")).await;
    world.run().await;
    assert_eq!(name_of(&world, &ours), "Selling");
    let left = world.engine.doubts(world.connection, false, 0, 10).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_groups_have_one_name_once_somebody_wants_it_so() {
    let (world, sales, ours, theirs) = two().await;
    world.set(&sales, "displayName", json!("Marketing")).await;
    world.run().await;
    decide(&world, Decision::Beside).await;
    world.run().await;
    assert_eq!(
        (name_of(&world, &ours), name_of(&world, &theirs)),
        ("Marketing".into(), "Marketing".into())
    );
    assert!(
        world
            .held()
            .members
            .get(&theirs)
            .is_none_or(|members| members.is_empty())
    );
    world.pass(HOUR);
    assert_eq!(world.run().await.writes(), 0);
    assert_eq!(world.reconcile().await.writes(), 0);
    assert!(doubts(&world).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doubt_ends_with_the_name_that_the_group_had() {
    let (world, sales, ours, _) = two().await;
    world.set(&sales, "displayName", json!("Marketing")).await;
    world.run().await;
    assert_eq!(doubts(&world).await.len(), 1);
    world.set(&sales, "displayName", json!("Sales")).await;
    world.run().await;
    world.pass(2 * HOUR);
    world.run().await;
    assert!(doubts(&world).await.is_empty());
    assert_eq!(name_of(&world, &ours), "Sales");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_groups_change_names_without_a_question() {
    let world = world().await;
    let (sales, marketing) = (
        world.group("Sales", &[]).await,
        world.group("Marketing", &[]).await,
    );
    world.run().await;
    let before = world.held().groups.clone();
    // The directory keeps names apart, so one of them has a third name for a moment.
    world.set(&sales, "displayName", json!("Between")).await;
    world.set(&marketing, "displayName", json!("Sales")).await;
    world.set(&sales, "displayName", json!("Marketing")).await;
    world.run().await;
    assert!(doubts(&world).await.is_empty());
    for (id, record) in before {
        assert_ne!(world.held().groups[&id]["displayName"], record["displayName"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_groups_are_taken_over_in_one_act() {
    const COUNT: usize = 30;
    let world = world().await;
    for number in 0..COUNT {
        let name = format!("Team {number}");
        world.group(&name, &[]).await;
        world.held().plant(Kind::Group, json!({"displayName": name}));
    }
    // One of them is there twice: nobody can be taken over without a choice.
    world.held().plant(Kind::Group, json!({"displayName": "Team 0"}));
    let report = world.run().await;
    assert_eq!(
        (report.failed, report.writes(), report.adopted),
        (COUNT as u64, 0, 0),
        "{report:?}"
    );
    let (engine, connection) = (&world.engine, world.connection);
    let reasons = engine.doubt_reasons(connection).await.unwrap();
    assert_eq!(reasons, [("PRV-GROUP-NAME".to_owned(), COUNT as i64 - 1)]);

    let many = async |decision, confirm: Confirm| {
        engine
            .decide_doubts(connection, "PRV-GROUP-NAME", decision, "owner", &confirm)
            .await
    };
    let refused = many(Decision::Purge, Confirm::default()).await.unwrap_err();
    assert_eq!(refused.code(), Some("PRV-DOUBT-DECISION"));
    let Err(Error::Confirm {
        code,
        digest,
        list,
        sentence,
        ..
    }) = many(Decision::Merge, Confirm::default()).await
    else {
        panic!("it has to be confirmed");
    };
    assert_eq!((code, list.len()), ("PRV-DOUBT-UNDERSTAND", COUNT - 1));
    assert!(sentence.contains("29 people or groups"), "{sentence}");
    let unread = Confirm {
        understood: true,
        ..Confirm::default()
    };
    assert!(
        many(Decision::Merge, unread).await.is_err(),
        "understood, but not what"
    );
    let hasty = Confirm {
        digest: Some(digest.clone()),
        ..Confirm::default()
    };
    assert!(
        many(Decision::Merge, hasty).await.is_err(),
        "seen, but not understood"
    );
    assert_eq!(doubts(&world).await.len(), COUNT);
    let confirm = Confirm {
        digest: Some(digest),
        understood: true,
        ..Confirm::default()
    };
    let done = many(Decision::Merge, confirm).await.unwrap();
    assert_eq!(
        done,
        Many {
            decided: COUNT as u64 - 1,
            left: 0
        }
    );
    let report = world.run().await;
    assert_eq!(report.adopted, COUNT as u64 - 1, "{report:?}");
    assert_eq!(world.held().groups.len(), COUNT + 1, "none was made beside them");
    let left: Vec<String> = doubts(&world).await.into_iter().map(|one| one.code).collect();
    assert_eq!(left, ["PRV-MATCH-SEVERAL"]);
    let unknown = many(Decision::Merge, Confirm::default()).await.unwrap_err();
    assert_eq!(unknown.code(), Some("PRV-DOUBT-UNKNOWN"));
}
