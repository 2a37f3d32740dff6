//! Sync status: impacted, success, unsynced, partially synced, failed, each with its list, and numbers that add up.

use crate::model::Fault;
use crate::world::{DAY, GUARD_OFF, HOUR, World, group_rule, people_rule};
use provost_store::directory::Object;
use provost_store::sync_status::{Asked, Counts};
use provost_sync::setup::{Confirm, PreferencesSaved};
use serde_json::{Value, json};

async fn counts(world: &World, rule: &str) -> Counts {
    let all = world.engine.sync_status(world.connection).await.unwrap();
    all.into_iter().find(|one| one.rule == rule).unwrap().counts
}

/// impacted, success, unsynced, partially synced, failed
async fn numbers(world: &World, rule: &str) -> [i64; 5] {
    let c = counts(world, rule).await;
    [c.impacted, c.success, c.unsynced, c.partially_synced, c.failed]
}

async fn names(world: &World, rule: &str, asked: Asked) -> Vec<String> {
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = world
            .engine
            .sync_status_list(world.connection, rule, asked, after, 2)
            .await
            .unwrap();
        names.extend(page.objects.into_iter().map(|one| one.label));
        match page.next {
            Some(next) => after = Some(next),
            None => return names,
        }
    }
}

async fn allow(world: &World, allowed: Value) -> PreferencesSaved {
    let mut preferences = world.connection().await.preferences;
    preferences.allowed = serde_json::from_value(allowed).unwrap();
    world
        .engine
        .save_preferences(world.connection, preferences, "owner", &Confirm::default())
        .await
        .unwrap()
}

async fn status_of(world: &World, object: &Object) -> Vec<(String, Asked, String)> {
    let found = world
        .engine
        .sync_status_of(world.owner.workspace, object.key)
        .await
        .unwrap();
    found
        .into_iter()
        .map(|one| (one.rule, one.status, one.code))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_people_who_may_not_be_created_are_unsynced() {
    let world = World::new().await;
    world.person("ann", json!({})).await;
    world.run().await;
    assert_eq!(numbers(&world, "People").await, [1, 1, 0, 0, 0]);
    allow(&world, json!({"create": false})).await;
    let people = world.people(5).await;
    let report = world.run().await;
    assert_eq!(report.writes(), 0, "{report:?}");
    assert_eq!(numbers(&world, "People").await, [6, 1, 5, 0, 0]);
    assert_eq!(
        names(&world, "People", Asked::Unsynced).await,
        ["user0", "user1", "user2", "user3", "user4"]
    );
    assert_eq!(names(&world, "People", Asked::Success).await, ["ann"]);
    assert_eq!(names(&world, "People", Asked::Impacted).await.len(), 6);
    assert_eq!(
        status_of(&world, &people[0]).await,
        [("People".to_owned(), Asked::Unsynced, "PRV-CREATE-OFF".to_owned())]
    );

    let saved = allow(&world, json!({})).await;
    assert_eq!((saved.unsynced, saved.partially_synced), (5, 0));
    assert!(saved.resync.unwrap().contains("full resync"));
    assert_eq!(world.run().await.writes(), 0, "nothing happens by itself");
    world.engine.resync(world.connection, "owner").await.unwrap();
    assert_eq!(world.run().await.writes(), 5);
    assert_eq!(numbers(&world, "People").await, [6, 6, 0, 0, 0]);
    assert_eq!(allow(&world, json!({})).await, PreferencesSaved::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_six_who_may_not_be_updated_is_partially_synced() {
    let world = World::new().await;
    let people = world.people(6).await;
    world.run().await;
    allow(&world, json!({"update": false})).await;
    world.set(&people[2], "title", json!("Boss")).await;
    world.run().await;
    assert_eq!(numbers(&world, "People").await, [6, 5, 0, 1, 0]);
    assert_eq!(names(&world, "People", Asked::PartiallySynced).await, ["user2"]);
    assert_eq!(status_of(&world, &people[2]).await[0].2, "PRV-ACTION-OFF");
    let saved = allow(&world, json!({})).await;
    assert_eq!((saved.unsynced, saved.partially_synced), (0, 1));
    world.engine.resync(world.connection, "owner").await.unwrap();
    world.run().await;
    assert_eq!(numbers(&world, "People").await, [6, 6, 0, 0, 0]);
    assert_eq!(world.held().get("user2", "title"), json!("Boss"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disable_is_carried_out_although_updates_are_not_allowed() {
    let world = World::new().await;
    let ann = world.person("ann", json!({})).await;
    world.run().await;
    allow(&world, json!({"update": false})).await;
    world.set(&ann, "active", json!(false)).await;
    world.run().await;
    assert_eq!(world.held().get("ann", "active"), json!(false));
    assert_eq!(numbers(&world, "People").await, [1, 1, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_failed_until_it_succeeds_or_goes() {
    let world = World::new().await;
    let people = world.people(3).await;
    world
        .held()
        .faults
        .extend([(1, Fault::Refused), (2, Fault::Refused)]);
    world.run().await;
    assert_eq!(numbers(&world, "People").await, [3, 1, 0, 0, 2]);
    let failed = names(&world, "People", Asked::Failed).await;
    let gone = people.iter().find(|one| one.label == failed[0]).unwrap();
    world.delete(gone).await;
    world.pass(2 * HOUR);
    world.run().await;
    assert_eq!(numbers(&world, "People").await, [2, 2, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_with_a_member_that_failed_is_partially_synced() {
    let world = World::new().await;
    let people = world.people(2).await;
    world.run().await;
    world.group("Sales", &[&people[0], &people[1]]).await;
    let next = world.held().writes.len() + 2;
    world.held().faults.insert(next, Fault::Refused);
    world.run().await;
    assert_eq!(numbers(&world, "Groups").await, [1, 0, 0, 1, 0]);
    assert_eq!(names(&world, "Groups", Asked::PartiallySynced).await, ["Sales"]);
    world.pass(HOUR);
    world.run().await;
    assert_eq!(numbers(&world, "Groups").await, [1, 1, 0, 0, 0]);
    assert_eq!(numbers(&world, "People").await, [2, 2, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_person_is_partially_synced() {
    let mut rule = people_rule();
    rule["approval"] = json!("removals");
    let world = World::with(&[rule, group_rule()], json!({}), GUARD_OFF).await;
    let people = world.people(3).await;
    world.run().await;
    world.set(&people[0], "active", json!(false)).await;
    world.run().await;
    assert_eq!(numbers(&world, "People").await, [3, 2, 0, 1, 0]);
    assert_eq!(status_of(&world, &people[0]).await[0].2, "PRV-STAGED");
    world.run().await;
    assert_eq!(
        numbers(&world, "People").await,
        [3, 2, 0, 1, 0],
        "until somebody decides"
    );
    world.set(&people[0], "active", json!(true)).await;
    world.run().await;
    assert_eq!(numbers(&world, "People").await, [3, 3, 0, 0, 0]);
}

/// Numbers of the same sequence always, so that a failure can be repeated by its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }
}

/// The numbers add up, and each is as long as its list.
async fn assert_adds_up(world: &World, case: &str) {
    for rule in ["People", "Groups"] {
        let c = counts(world, rule).await;
        assert_eq!(
            c.impacted,
            c.success + c.unsynced + c.partially_synced + c.failed,
            "{case}: {c:?}"
        );
        let lists = [
            (Asked::Impacted, c.impacted),
            (Asked::Success, c.success),
            (Asked::Unsynced, c.unsynced),
            (Asked::PartiallySynced, c.partially_synced),
            (Asked::Failed, c.failed),
        ];
        for (asked, number) in lists {
            assert!(number >= 0, "{case}: {c:?}");
            assert_eq!(
                names(world, rule, asked).await.len() as i64,
                number,
                "{case}, {rule}: {asked} of {c:?}"
            );
        }
    }
}

async fn history(seed: u64) {
    let world = World::new().await;
    let mut dice = Dice(seed);
    let mut people = world.people(4).await;
    let group = world.group("Sales", &[&people[0]]).await;
    for round in 0..8 {
        for _ in 0..1 + dice.below(3) {
            let place = dice.below(people.len());
            match dice.below(7) {
                0 => people.push(world.person(&format!("late-{:x}", dice.0), json!({})).await),
                1 if people.len() > 2 => world.delete(&people.remove(place)).await,
                2 => {
                    world
                        .set(&people[place], "title", json!(format!("T{round}")))
                        .await
                }
                3 => {
                    world
                        .set(&people[place], "active", json!(dice.below(2) == 0))
                        .await
                }
                4 => world.join(&group, &[&people[place]]).await,
                5 => world.leave(&group, &[&people[place]]).await,
                _ => {
                    let flag = |dice: &mut Dice| dice.below(3) > 0;
                    let (create, update, disable) = (flag(&mut dice), flag(&mut dice), flag(&mut dice));
                    allow(
                        &world,
                        json!({"create": create, "update": update, "disable": disable}),
                    )
                    .await;
                }
            }
        }
        let at = world.held().writes.len();
        let faults = [Fault::Refused, Fault::Lost, Fault::Down, Fault::Locked];
        for _ in 0..dice.below(3) {
            let fault = faults[dice.below(4)];
            world.held().faults.insert(at + 1 + dice.below(6), fault);
        }
        if dice.below(4) == 0 {
            world.engine.resync(world.connection, "owner").await.unwrap();
        }
        world.run().await;
        assert_adds_up(&world, &format!("seed {seed}, round {round}")).await;
        world.pass(2 * HOUR);
    }
    // With everything allowed and nothing failing, everybody is a success.
    world.held().faults.clear();
    allow(&world, json!({})).await;
    world.engine.resync(world.connection, "owner").await.unwrap();
    for _ in 0..4 {
        world.run().await;
        world.pass(2 * DAY);
    }
    assert_adds_up(&world, &format!("seed {seed}, end")).await;
    for rule in ["People", "Groups"] {
        let c = counts(&world, rule).await;
        assert_eq!(c.impacted, c.success, "seed {seed}, {rule}: {c:?}");
    }
    // Whoever was switched off before they had an account has none, and is not meant to.
    let accounts = world.held().people.len() as i64;
    assert_eq!(counts(&world, "People").await.success, accounts, "seed {seed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_add_up_whatever_happens() {
    for seed in 1..=24 {
        history(seed).await;
    }
}
