//! In which order, and how soon: who loses access goes first, a long cycle lets them in between, a stopped cycle goes
//! on where it was, and references wait for their other end.

use crate::world::{GUARD_OFF, HOUR, World, group_rule, people_rule};
use provost_engine::plan::Action;
use provost_store::directory::{self, Change};
use provost_sync::{Options, Phase, Progress};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_access_loses_it_before_anything_is_made() {
    let world = World::new().await;
    let people = world.people(4).await;
    let sales = world.group("Sales", &people.iter().collect::<Vec<_>>()).await;
    world.run().await;
    let before = world.held().writes.len();
    world.person("joiner", json!({})).await;
    world.set(&people[3], "title", json!("Boss")).await;
    world.set(&people[0], "active", json!(false)).await;
    world.leave(&sales, &[&people[1]]).await;
    world.delete(&people[2]).await;
    world.run().await;
    let verbs: Vec<String> = world.held().writes[before..]
        .iter()
        .map(|w| w.split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(verbs, ["disable", "remove", "delete", "update", "create"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_initial_cycle_takes_away_last() {
    let world = World::new().await;
    let people = world.people(2).await;
    world.run().await;
    world.restart().await;
    world.set(&people[0], "active", json!(false)).await;
    world.person("joiner", json!({})).await;
    let before = world.held().writes.len();
    let report = world.run().await;
    assert_eq!((report.mode, report.adopted), ("initial", 0));
    let verbs: Vec<String> = world.held().writes[before..].to_vec();
    assert!(
        verbs[0].starts_with("create") && verbs[1].starts_with("disable"),
        "{verbs:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_cycle_lets_a_leaver_in_between() {
    let world = World::new().await;
    let leaver = world.person("leaver", json!({})).await;
    world.run().await;
    world.people(300).await;
    // After the hundredth write somebody is disabled, and more time passes than anybody should wait.
    let (db, owner, clock, key) = (world.db.clone(), world.owner, world.clock.clone(), leaver.key);
    let (seen, runtime) = (Arc::new(Mutex::new(false)), tokio::runtime::Handle::current());
    let start = world.held().writes.len();
    world.model.on_write(Arc::new(move |number| {
        if number < start + 100 || std::mem::replace(&mut *seen.lock().unwrap(), true) {
            return;
        }
        let db = db.clone();
        tokio::task::block_in_place(|| {
            runtime
                .block_on(db.write(move |tx| {
                    let found = directory::by_key(tx, key)?.unwrap();
                    let mut document: Value = serde_json::from_str(&found.document).unwrap();
                    document["active"] = json!(false);
                    let change = Change {
                        owner,
                        actor: "test",
                        now: 1,
                    };
                    directory::replace(tx, &change, &found, document.as_object().unwrap()).map(drop)
                }))
                .unwrap();
        });
        clock.fetch_add(20_000, Ordering::Relaxed);
    }));
    let report = world.run().await;
    assert_eq!(
        (report.state, report.applied[&Action::Create]),
        ("done", 300),
        "{report:?}"
    );
    let writes = world.held().writes[start..].to_vec();
    let place = writes
        .iter()
        .position(|w| w.starts_with("disable"))
        .expect("it came in between");
    assert!((100..250).contains(&place), "{place}");
    assert_eq!(writes.iter().filter(|w| w.starts_with("disable")).count(), 1);
    // The next cycle looks at the same change again and finds nothing left to do.
    assert_eq!(
        (world.run().await.writes(), world.held().get("leaver", "active")),
        (0, json!(false))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_initial_cycle_goes_on_where_it_was() {
    let world = World::new().await;
    world.people(200).await;
    let (stop, stopped) = watch::channel(false);
    world.model.on_write(Arc::new(move |number| {
        if number == 80 {
            stop.send_replace(true);
        }
    }));
    let options = Options {
        stop: Some(stopped),
        ..Options::default()
    };
    let report = world.engine.run_cycle(world.connection, &options).await.unwrap();
    let made = world.held().people.len() as u64;
    assert_eq!((report.state, report.applied[&Action::Create]), ("stopped", made));
    assert!((80..200).contains(&made), "{made}");
    world.model.on_write(Arc::new(|_| {}));
    world.held().reads.clear();
    let report = world.run().await;
    assert_eq!(
        (report.mode, report.adopted),
        ("initial", 0),
        "who is linked is not matched again"
    );
    assert_eq!(report.applied[&Action::Create], 200 - made);
    let searches = world
        .held()
        .reads
        .iter()
        .filter(|r| r.starts_with("find"))
        .count() as u64;
    assert!(searches <= 2 * (200 - made), "{searches}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_target_is_asked_once_and_not_for_every_person() {
    let world = World::new().await;
    world.people(300).await;
    world.run().await;
    let reads = world.held().reads.clone();
    assert_eq!(reads, ["list person"], "one list in the place of 600 searches");
    // Two people with the same name do not become two accounts.
    let again = World::new().await;
    again.people(150).await;
    again.held().plant(
        provost_connect::Kind::Person,
        json!({"userName": "USER7", "hubKey": "other"}),
    );
    let report = again.run().await;
    assert_eq!(
        (report.adopted, report.applied[&Action::Create]),
        (1, 149),
        "{report:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_waits_for_its_other_end_and_says_so() {
    let mut staff = people_rule();
    staff["scope"] = json!({"filters": [{"name": "staff", "clauses": [
        {"attribute": "userType", "operator": "EQUALS", "value": "Employee"}]}]});
    let mut guests = people_rule();
    guests["name"] = json!("Guests");
    guests["scope"] = json!({"filters": [{"name": "guests", "clauses": [
        {"attribute": "userType", "operator": "EQUALS", "value": "Guest"}]}]});
    let world = World::with(&[staff, guests, group_rule()], json!({}), GUARD_OFF).await;
    let boss = world.person("boss", json!({"userType": "Nobody"})).await;
    let manager = json!({"manager": {"value": boss.id.to_string()}});
    let ann = world
        .person("ann", json!({"userType": "Employee", ENTERPRISE: manager}))
        .await;
    world.group("Sales", &[&ann, &boss]).await;
    let report = world.run().await;
    assert_eq!((report.failed, report.unresolved), (0, 1), "{report:?}");
    assert_eq!(world.held().members_of("Sales").len(), 1);
    // The other end appears under another rule of the connection.
    world.set(&boss, "userType", json!("Guest")).await;
    let report = world.run().await;
    assert_eq!(report.unresolved, 0, "{report:?}");
    let id = world.held().id("boss");
    assert_eq!(world.held().get("ann", "manager"), json!(id));
    assert_eq!(world.held().members_of("Sales").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_comes_by_object_with_a_pace() {
    let world = World::new().await;
    world.people(150).await;
    let clock = world.clock.clone();
    world.model.on_write(Arc::new(move |_| {
        clock.fetch_add(10, Ordering::Relaxed);
    }));
    let seen: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let kept = seen.clone();
    let options = Options {
        progress: Some(Arc::new(move |p| kept.lock().unwrap().push(p))),
        ..Options::default()
    };
    world.engine.run_cycle(world.connection, &options).await.unwrap();
    let seen = seen.lock().unwrap();
    let people: Vec<&Progress> = seen.iter().filter(|p| p.phase == Phase::People).collect();
    let last = people.last().unwrap();
    assert_eq!(
        (last.done, last.total, last.per_second, last.seconds_left),
        (150, 150, 100, Some(0))
    );
    assert!(
        people
            .iter()
            .any(|p| p.done > 0 && p.done < 150 && p.per_second == 100)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_depend_on_the_time_are_evaluated_by_time() {
    let mut rule = people_rule();
    rule["mappings"][1] = json!({"target": "displayName",
        "expression": "FormatDateTime(Now(), , \"M/d/yyyy h:mm:ss tt\", \"yyyy-MM-dd\")"});
    let world = World::with(&[rule], json!({"clock_minutes": 60}), GUARD_OFF).await;
    world.person("ann", json!({})).await;
    world.run().await;
    let first = world.held().get("ann", "displayName");
    assert_eq!((world.run().await.looked, world.run().await.writes()), (0, 0));
    world.pass(25 * HOUR);
    let report = world.run().await;
    assert_eq!((report.mode, report.writes()), ("incremental", 1), "{report:?}");
    assert_ne!(world.held().get("ann", "displayName"), first);
    assert_eq!(world.run().await.looked, 0, "until it is time again");
}
