use crate::world::{World, group_rule, people_rule};
use provost_connect::Kind;
use provost_store::connection::{self, State};
use provost_store::{lease, protection};
use provost_sync::{Error, MOST_MEMBERS, Outcome, Provisioned};
use serde_json::json;
use std::time::Duration;

async fn provision(world: &World, object: i64, members: &[i64]) -> provost_sync::Result<Provisioned> {
    let (engine, connection, members) = (world.engine.clone(), world.connection, members.to_vec());
    tokio::spawn(async move { engine.provision(connection, object, &members, "Ada").await })
        .await
        .unwrap()
}

fn names(told: &Provisioned) -> Vec<&'static str> {
    told.steps.iter().map(|s| s.name).collect()
}

async fn set_state(world: &World, state: State) {
    let (connection, now) = (world.connection().await, world.now());
    let to = connection::Condition {
        state,
        reason: "the test wants it".into(),
        code: "PRV-QUARANTINE-TEST".into(),
        failures: 3,
        next_try: now + 1_000_000,
    };
    world
        .write(move |tx| connection::set_state(tx, "owner", now, &connection, &to))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_provisioned_now_with_every_step_shown() {
    let world = World::new().await;
    let people = world.people(3).await;
    let told = provision(&world, people[1].key, &[]).await.unwrap();
    assert_eq!(told.outcome, Outcome::Success, "{told:?}");
    assert_eq!(names(&told), ["import", "scope", "match", "mapping", "action"]);
    let wanted = &told.steps[3].details["wanted"];
    assert_eq!(wanted["userName"], "user1", "{told:?}");
    assert!(
        told.steps[4].description.ends_with("It is linked to t1."),
        "{told:?}"
    );
    assert_eq!(told.steps[0].details["attributes"]["userName"], "user1");
    assert_eq!(told.steps[1].details["assigned"], true);
    let asked = told.steps[2].details["asked"].as_array().unwrap();
    assert_eq!(
        (&asked[1]["attribute"], &asked[1]["found"]),
        (&json!("userName"), &json!(0))
    );
    let modified = told.steps[4].details["modified"].as_array().unwrap();
    let name = modified.iter().find(|m| m["name"] == "userName").unwrap();
    assert_eq!((&name["old"], &name["new"]), (&json!(null), &json!("user1")));
    assert_eq!(world.held().people.len(), 1, "nobody else");
    assert_eq!(
        world.connection().await.watermark,
        -1,
        "the initial cycle is still to come"
    );
    // What is changed later is written with its old value shown; what is equal is a success.
    world.set(&people[1], "title", json!("Boss")).await;
    let told = provision(&world, people[1].key, &[]).await.unwrap();
    assert_eq!(
        told.steps[3].details["changes"],
        json!({"title": "Boss"}),
        "{told:?}"
    );
    assert_eq!(
        told.steps[4].details["modified"],
        json!([{"name": "title", "old": null, "new": "Boss"}])
    );
    let told = provision(&world, people[1].key, &[]).await.unwrap();
    assert_eq!((told.outcome, told.cycle), (Outcome::Success, None), "{told:?}");
    assert!(told.steps[4].description.contains("equal already"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_whatever_state_the_connection_is_in_and_leaves_that_alone() {
    let world = World::new().await;
    for (person, state) in world
        .people(3)
        .await
        .iter()
        .zip([State::Paused, State::Quarantine, State::Held])
    {
        set_state(&world, state).await;
        let told = provision(&world, person.key, &[]).await.unwrap();
        assert_eq!(told.outcome, Outcome::Success, "{state:?}: {told:?}");
        let after = world.connection().await;
        assert_eq!((after.state, after.failures), (state, 3));
    }
    assert_eq!(world.held().people.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_meant_is_told_by_which_condition() {
    let mut rule = people_rule();
    rule["scope"] = json!({"filters": [{"name": "Sellers", "clauses": [
        {"attribute": "title", "operator": "EQUALS", "value": "Sales"},
        {"attribute": "active", "operator": "IS TRUE"}]}]});
    let world = World::with(&[rule], json!({}), "{}").await;
    let cook = world.person("cook", json!({"title": "Cook"})).await;
    let told = provision(&world, cook.key, &[]).await.unwrap();
    assert_eq!(told.outcome, Outcome::Skipped, "{told:?}");
    let conditions = told.steps[1].details["conditions"].as_array().unwrap();
    assert_eq!(
        (&conditions[0]["holds"], &conditions[1]["holds"]),
        (&json!(false), &json!(true))
    );
    assert!(world.held().writes.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_also_reaches_people_who_are_disabled_or_gone() {
    let world = World::new().await;
    let people = world.people(2).await;
    world.run().await;
    world.set(&people[0], "active", json!(false)).await;
    let told = provision(&world, people[0].key, &[]).await.unwrap();
    assert_eq!(
        (told.outcome, world.held().get("user0", "active")),
        (Outcome::Success, json!(false))
    );
    world.delete(&people[1]).await;
    let told = provision(&world, people[1].key, &[]).await.unwrap();
    assert_eq!(told.outcome, Outcome::Success, "{told:?}");
    assert_eq!(names(&told), ["import", "scope", "match", "mapping", "action"]);
    assert!(
        told.steps[1].description.contains("gone from the directory"),
        "{told:?}"
    );
    assert!(world.held().named("user1").is_none());
    let unknown = provision(&world, 987_654_321, &[]).await;
    assert!(matches!(
        unknown,
        Err(Error::Refused {
            code: "PRV-OBJECT-UNKNOWN",
            ..
        })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_do_not_hold_one_person_but_protection_does() {
    let guard = r#"{"minimum": 0, "percent": 0.0, "per_day_percent": 0.0}"#;
    let world = World::with(&[people_rule()], json!({}), guard).await;
    let people = world.people(3).await;
    world.run().await;
    world.set(&people[0], "active", json!(false)).await;
    assert_eq!(
        provision(&world, people[0].key, &[]).await.unwrap().outcome,
        Outcome::Success
    );
    assert_eq!(world.held().get("user0", "active"), json!(false));
    let (connection, chief, now) = (world.connection().await, people[1].clone(), world.now());
    world
        .write(move |tx| protection::add(tx, "owner", now, Some(&connection), &chief, "break glass"))
        .await;
    world.set(&people[1], "active", json!(false)).await;
    let told = provision(&world, people[1].key, &[]).await.unwrap();
    assert_eq!(told.outcome, Outcome::Held, "{told:?}");
    let again = provision(&world, people[1].key, &[]).await.unwrap();
    assert_eq!(again.outcome, Outcome::Held, "it is staged by now: {again:?}");
    assert_eq!(world.held().get("user1", "active"), json!(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_group_only_the_chosen_members_come() {
    let world = World::with(&[people_rule(), group_rule()], json!({}), "{}").await;
    let people = world.people(4).await;
    let group = world.group("Sales", &people.iter().collect::<Vec<_>>()).await;
    let chosen = [people[0].key, people[2].key];
    let told = provision(&world, group.key, &chosen).await.unwrap();
    assert_eq!(told.outcome, Outcome::Success, "{told:?}");
    let members: Vec<String> = world.held().members_of("Sales").into_iter().collect();
    assert_eq!(
        (members.as_slice(), world.held().people.len()),
        (["user0".to_owned(), "user2".to_owned()].as_slice(), 2)
    );
    let many: Vec<i64> = (0..=MOST_MEMBERS as i64).collect();
    for refused in [
        provision(&world, group.key, &many).await,
        provision(&world, people[0].key, &chosen).await,
    ] {
        assert!(matches!(
            refused,
            Err(Error::Refused {
                code: "PRV-DEMAND-MEMBERS",
                ..
            })
        ));
    }
    world.run().await;
    assert_eq!(world.held().members_of("Sales").len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_that_match_are_named_and_nobody_is_guessed() {
    let world = World::new().await;
    for _ in 0..2 {
        world.held().plant(Kind::Person, json!({"userName": "ada"}));
    }
    let ada = world.person("ada", json!({})).await;
    let told = provision(&world, ada.key, &[]).await.unwrap();
    assert_eq!(told.outcome, Outcome::Failure, "{told:?}");
    assert_eq!(told.steps[2].details["asked"][1]["ids"], json!(["t1", "t2"]));
    assert!(world.held().writes.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_that_runs_is_waited_for() {
    let world = World::new().await;
    let people = world.people(1).await;
    let (connection, now) = (world.connection, world.now());
    let taken = world
        .write(move |tx| lease::take(tx, connection, "another", now, now + 60_000, &|_| false))
        .await
        .unwrap();
    let waiting = provision(&world, people[0].key, &[]);
    let db = world.db.clone();
    let release = async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        db.write(move |tx| lease::release(tx, taken)).await.unwrap();
    };
    let (told, ()) = tokio::join!(waiting, release);
    assert_eq!(told.unwrap().outcome, Outcome::Success);
}
