//! The source breaks: it is empty, half of it is gone, everybody is inactive, ids and names are other ones.

use super::{Having, assert_healed, assert_held, decide, removals_since, restore, town, writes};
use crate::world::{World, group_rule, people_rule};
use provost_engine::plan::{Action, Why};
use provost_store::protection;
use provost_store::staged::Decision;
use serde_json::json;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_source_is_held_and_heals_when_it_is_back() {
    let (world, people, group) = town(60).await;
    let before = Having::of(&world);
    for person in &people {
        world.delete(person).await;
    }
    let report = world.run().await;
    assert_held(&world, &report, &before, 60, "The directory lost 60 of 60 people").await;
    // It stays so however often the cycle runs, and whatever else happens.
    world.set(&group, "displayName", json!("All")).await;
    world.run().await;
    before.assert_kept(&world);
    for person in &people {
        restore(&world, person).await;
    }
    world.run().await;
    assert_healed(&world, &before).await;
    assert_eq!(removals_since(&world, 0), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_source_gone_is_held_while_joiners_still_come() {
    let (world, people, _) = town(60).await;
    let before = Having::of(&world);
    for person in &people[..30] {
        world.delete(person).await;
    }
    world.person("joiner", json!({})).await;
    let report = world.run().await;
    assert_held(&world, &report, &before, 30, "The directory lost 29 of 60 people").await;
    assert_eq!(report.applied.get(&Action::Create), Some(&1), "{report:?}");
    for person in &people[..30] {
        restore(&world, person).await;
    }
    world.run().await;
    assert_healed(&world, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_inactive_is_held() {
    let (world, people, _) = town(60).await;
    let before = Having::of(&world);
    for person in &people {
        world.set(person, "active", json!(false)).await;
    }
    let report = world.run().await;
    assert_held(&world, &report, &before, 60, "would delete or disable 60 of 60").await;
    for person in &people {
        world.set(person, "active", json!(true)).await;
    }
    world.run().await;
    assert_healed(&world, &before).await;
}

/// The source was set up anew: the same people by name, with other ids.
#[tokio::test(flavor = "multi_thread")]
async fn when_all_ids_change_nobody_is_removed_and_nobody_gets_a_second_account() {
    let (world, people, _) = town(40).await;
    let before = Having::of(&world);
    for person in &people {
        world.delete(person).await;
    }
    for i in 0..40 {
        world.person(&format!("user{i}"), json!({})).await;
    }
    let report = world.run().await;
    assert_held(&world, &report, &before, 40, "would delete or disable 40 of 40").await;
    assert_eq!(Having::of(&world), before, "nothing new was made either");
    assert_eq!(super::waiting(&world).await, ["PRV-LINK-TAKEN".to_owned()].into());
    // A person approves it: the accounts pass on to the new people, or are made anew, each exactly once.
    decide(&world, &report.held[0].digest, Decision::Approved).await;
    world.run().await;
    world.pass(2 * crate::world::HOUR);
    let report = world.run().await;
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    let held = world.held();
    assert_eq!(held.people.len(), 40);
    assert!((0..40).all(|i| held.named(&format!("user{i}")).is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_anchor_renames_accounts_and_makes_no_twins() {
    let (world, people, _) = town(40).await;
    let before = Having::of(&world);
    for (i, person) in people.iter().enumerate() {
        world
            .set(
                person,
                "userName",
                json!(format!("user{i}@contoso.onmicrosoft.com")),
            )
            .await;
    }
    let report = world.run().await;
    assert_eq!(
        (report.state, report.applied.get(&Action::Update), report.writes()),
        ("done", Some(&40), 40),
        "{report:?}"
    );
    assert_eq!(Having::of(&world), before, "the same accounts, no others");
    assert!(world.held().named("user7@contoso.onmicrosoft.com").is_some());
    assert_healed(&world, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_person_among_few_who_leave_stays() {
    let (world, people, _) = town(60).await;
    let (now, boss) = (world.now(), people[20].clone());
    world
        .write(move |tx| protection::add(tx, "owner", now, None, &boss, "break glass"))
        .await;
    let before = Having::of(&world);
    for person in &people[20..23] {
        world.delete(person).await;
    }
    let report = world.run().await;
    assert_eq!(
        (
            report.state,
            report.held.len(),
            report.held[0].why,
            report.held[0].steps
        ),
        ("held", 1, Why::Protected, 1),
        "{report:?}"
    );
    assert!(report.held[0].sentence.contains("protected"), "{report:?}");
    assert_eq!(report.applied.get(&Action::Delete), Some(&2), "the others leave");
    assert!(world.held().named("user20").is_some());
    assert_eq!(Having::of(&world).accounts.len(), before.accounts.len() - 2);
    assert_eq!(world.connection().await.code, "PRV-GUARD-HELD");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_everybody_that_is_emptied_is_held() {
    let (world, people, group) = town(60).await;
    let before = Having::of(&world);
    let members: Vec<_> = people.iter().take(12).collect();
    world.leave(&group, &members).await;
    let report = world.run().await;
    assert_held(&world, &report, &before, 12, "12 of 12 memberships").await;
    world.join(&group, &members).await;
    world.run().await;
    assert_healed(&world, &before).await;
}

/// So few groups pass by their number; what they hold does not.
#[tokio::test(flavor = "multi_thread")]
async fn all_groups_deleted_is_held_also_when_they_are_few() {
    let world = World::with(&[people_rule(), group_rule()], json!({}), "{}").await;
    let people = world.people(36).await;
    let mut groups = Vec::new();
    for (i, members) in people.chunks(12).enumerate() {
        groups.push(
            world
                .group(&format!("Team {i}"), &members.iter().collect::<Vec<_>>())
                .await,
        );
    }
    world.run().await;
    let before = Having::of(&world);
    for group in &groups {
        world.delete(group).await;
    }
    let report = world.run().await;
    assert_held(
        &world,
        &report,
        &before,
        3,
        "empty or delete 3 group(s) with ten or more members",
    )
    .await;
    for group in &groups {
        restore(&world, group).await;
    }
    world.run().await;
    assert_healed(&world, &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn managers_in_a_circle_and_a_manager_who_is_deleted_harm_nobody() {
    let (world, people, _) = town(30).await;
    let before = Having::of(&world);
    for (i, person) in people[..3].iter().enumerate() {
        let manager = people[(i + 1) % 3].id.to_string();
        world
            .set(person, ENTERPRISE, json!({"manager": {"value": manager}}))
            .await;
    }
    let report = world.run().await;
    assert_eq!(
        (report.state, report.failed, report.unresolved),
        ("done", 0, 0),
        "{report:?}"
    );
    {
        let held = world.held();
        let ids = ["user0", "user1", "user2"].map(|name| held.id(name));
        assert_eq!(held.get("user0", "manager"), json!(ids[1]));
        assert_eq!(
            held.get("user2", "manager"),
            json!(ids[0]),
            "the circle is closed"
        );
    }
    assert_eq!(world.run().await.writes(), 0, "and it does not turn for ever");
    // Their manager is deleted: the manager goes, and nobody else.
    world.delete(&people[1]).await;
    let count = writes(&world);
    let report = world.run().await;
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    assert_eq!(
        removals_since(&world, count).len(),
        1,
        "{:?}",
        removals_since(&world, count)
    );
    let left = Having::of(&world);
    assert_eq!(left.accounts.len(), before.accounts.len() - 1);
    assert!(left.accounts.values().all(|enabled| *enabled));
}

/// What waits in one group is no reason to hold the deletion of another that nobody needs any more.
#[tokio::test(flavor = "multi_thread")]
async fn memberships_that_wait_do_not_hold_a_group_that_is_deleted() {
    let (world, people, group) = town(60).await;
    let old = world.group("Old", &[]).await;
    world.run().await;
    let before = Having::of(&world);
    world
        .leave(&group, &people.iter().take(12).collect::<Vec<_>>())
        .await;
    let report = world.run().await;
    assert_held(&world, &report, &before, 12, "12 of 12 memberships").await;
    world.delete(&old).await;
    let report = world.run().await;
    assert_eq!(report.applied.get(&Action::Delete), Some(&1), "{report:?}");
    let now = Having::of(&world);
    assert_eq!(
        (now.groups.len(), now.members),
        (1, before.members),
        "and what waited waits still"
    );
}
