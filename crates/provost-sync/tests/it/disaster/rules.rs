//! An administrator slips: a filter, a mapping, a rule that goes, an older configuration, an approval of something
//! else.

use super::{
    Having, assert_healed, assert_held, decide, only, removals_since, rule_key, town, with_mapping, writes,
};
use crate::world::{World, group_rule, people_rule};
use provost_engine::plan::{Action, Reason};
use provost_engine::rule::Rule;
use provost_store::connection::State;
use provost_store::staged::{self, Decision};
use provost_store::{config_version, connection, link, rule};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_with_a_typo_that_matches_nobody_is_held() {
    let (world, ..) = town(60).await;
    let before = Having::of(&world);
    world.set_rule(1, only("userType", "EQUALS", "Emploee")).await;
    let report = world.run().await;
    assert_eq!(report.mode, "initial");
    assert_held(&world, &report, &before, 60, "would delete or disable 60 of 60").await;
    world.set_rule(1, people_rule()).await;
    world.run().await;
    assert_healed(&world, &before).await;
}

/// The mapping of the matching attribute reads an attribute that nobody has.
#[tokio::test(flavor = "multi_thread")]
async fn a_matching_attribute_without_a_value_leaves_the_linked_alone_and_makes_nobody() {
    let (world, ..) = town(40).await;
    let before = Having::of(&world);
    let count = writes(&world);
    world
        .set_rule(
            1,
            with_mapping(0, json!({"target": "userName", "direct": "usrName"})),
        )
        .await;
    world.person("joiner", json!({})).await;
    let preview = world.engine.plan(world.connection, 10, None).await.unwrap();
    assert_eq!(
        preview.rules[0].skipped.get(&Reason::NoMatchingValue),
        Some(&1),
        "{preview:?}"
    );
    let report = world.run().await;
    assert_eq!(
        (report.state, report.writes(), report.skipped),
        ("done", 0, 1),
        "{report:?}"
    );
    assert_eq!((Having::of(&world), writes(&world)), (before.clone(), count));
    world.set_rule(1, people_rule()).await;
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Create), Some(&1), "{report:?}");
    assert_healed(&world, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn active_mapped_to_false_for_everybody_is_held() {
    let (world, ..) = town(60).await;
    let before = Having::of(&world);
    world
        .set_rule(1, with_mapping(2, json!({"target": "active", "constant": false})))
        .await;
    let report = world.run().await;
    assert_held(&world, &report, &before, 60, "would delete or disable 60 of 60").await;
    world.set_rule(1, people_rule()).await;
    world.run().await;
    assert_healed(&world, &before).await;
}

/// That takes nobody's access, so the guard does not hold it; the plan shows it before it happens.
#[tokio::test(flavor = "multi_thread")]
async fn an_attribute_cleared_for_everybody_is_counted_before_it_happens() {
    let world = World::with(&[people_rule(), group_rule()], json!({}), "{}").await;
    for i in 0..40 {
        world.person(&format!("user{i}"), json!({"title": "Clerk"})).await;
    }
    world.run().await;
    let before = Having::of(&world);
    let typo = with_mapping(3, json!({"target": "title", "direct": "titel", "null": "clear"}));
    world.set_rule(1, typo).await;
    let preview = world.engine.plan(world.connection, 5, None).await.unwrap();
    let people = &preview.rules[0];
    assert_eq!(
        (people.counts.people.update, people.counts.object_removals()),
        (40, 0),
        "{people:?}"
    );
    assert_eq!(people.steps.len(), 5, "and it names whom it would change");
    assert_eq!(
        world.held().get("user0", "title"),
        json!("Clerk"),
        "nothing was written by looking"
    );
    // The mapping is deleted instead: the target keeps what it has.
    let mut without = people_rule();
    without["mappings"].as_array_mut().unwrap().remove(3);
    world.set_rule(1, without).await;
    let report = world.run().await;
    assert_eq!(report.writes(), 0, "{report:?}");
    assert_eq!(world.held().get("user0", "title"), json!("Clerk"));
    assert_healed(&world, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_removed_leaves_the_accounts_and_finds_them_again() {
    let (world, ..) = town(40).await;
    let (before, count) = (Having::of(&world), writes(&world));
    let (connection, now) = (world.connection().await, world.now());
    world
        .write(move |tx| rule::remove(tx, "owner", now, &connection, "People").map(drop))
        .await;
    let report = world.run().await;
    assert_eq!(
        (report.failed, removals_since(&world, count)),
        (0, Vec::new()),
        "{report:?}"
    );
    before.assert_kept(&world);
    world.set_rule(1, people_rule()).await;
    let report = world.run().await;
    assert_eq!(
        (report.adopted, report.applied.get(&Action::Create)),
        (40, None),
        "{report:?}"
    );
    assert_eq!(Having::of(&world), before);
    let key = rule_key(&world, "People").await;
    assert_eq!(world.read(move |tx| link::count(tx, key)).await, 40);
    assert_healed(&world, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_switched_off_changes_nothing_until_it_is_on_again() {
    let (world, people, group) = town(40).await;
    let (before, count) = (Having::of(&world), writes(&world));
    let mut off = people_rule();
    off["enabled"] = json!(false);
    world.set_rule(1, off).await;
    world.set(&people[3], "active", json!(false)).await;
    world.leave(&group, &[&people[0]]).await;
    let report = world.run().await;
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    // The group's rule is on, and does what it was asked to: one member left.
    assert_eq!(
        removals_since(&world, count).len(),
        1,
        "{:?}",
        removals_since(&world, count)
    );
    assert_eq!(Having::of(&world).accounts, before.accounts);
    world.set_rule(1, people_rule()).await;
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Disable), Some(&1), "{report:?}");
}

/// An older version of the configuration comes back, in which fewer people were meant.
#[tokio::test(flavor = "multi_thread")]
async fn a_roll_back_to_a_narrower_scope_is_held() {
    let world = World::with(
        &[only("userType", "EQUALS", "Employee"), group_rule()],
        json!({}),
        "{}",
    )
    .await;
    for i in 0..10 {
        world
            .person(&format!("staff{i}"), json!({"userType": "Employee"}))
            .await;
    }
    for i in 0..30 {
        world
            .person(&format!("guest{i}"), json!({"userType": "Guest"}))
            .await;
    }
    world.run().await;
    let key = world.connection;
    let narrow = world.read(move |tx| config_version::current(tx, key)).await;
    world.set_rule(1, people_rule()).await;
    world.run().await;
    let before = Having::of(&world);
    assert_eq!(before.accounts.len(), 40);
    let (connection, now) = (world.connection().await, world.now());
    world
        .write(move |tx| connection::configure(tx, "owner", now, &connection, &narrow, "roll back").map(drop))
        .await;
    let report = world.run().await;
    assert_held(&world, &report, &before, 30, "would delete or disable 30 of 40").await;
    let wide: Rule = serde_json::from_value(people_rule()).unwrap();
    let (connection, now) = (world.connection().await, world.now());
    let group: Rule = serde_json::from_value(group_rule()).unwrap();
    world
        .write(move |tx| {
            rule::replace_all(
                tx,
                "owner",
                now,
                &connection,
                &[wide.clone(), group.clone()],
                "roll forward",
            )
        })
        .await;
    world.run().await;
    assert_healed(&world, &before).await;
}

/// More people leave after somebody read what waits: the approval covers what was read.
#[tokio::test(flavor = "multi_thread")]
async fn an_approval_covers_only_what_was_read() {
    let (world, people, _) = town(60).await;
    let before = Having::of(&world);
    for person in &people[..10] {
        world.set(person, "active", json!(false)).await;
    }
    let first = world.run().await;
    let digest = first.held[0].digest.clone();
    assert_eq!(
        decide(
            &world,
            &digest.replace(|c: char| c.is_ascii_digit(), "f"),
            Decision::Approved
        )
        .await,
        0
    );
    // Everybody else leaves before the approval comes.
    for person in &people[10..] {
        world.set(person, "active", json!(false)).await;
    }
    let second = world.run().await;
    assert_ne!(second.held[0].digest, digest, "{second:?}");
    before.assert_kept(&world);
    assert_eq!(decide(&world, &digest, Decision::Approved).await, 10);
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Disable), Some(&10), "{report:?}");
    let enabled = Having::of(&world).accounts.values().filter(|on| **on).count();
    assert_eq!(enabled, 50, "the others wait still");
    let connection = world.connection().await;
    assert_eq!(
        (connection.state, connection.code.as_str()),
        (State::Held, "PRV-GUARD-HELD")
    );
    let key = world.connection;
    let pending = world
        .read(move |tx| staged::count(tx, key, Decision::Pending))
        .await;
    assert_eq!(pending, 50);
}
