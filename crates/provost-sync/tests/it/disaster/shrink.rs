//! The target has lost its accounts, or is another one: nothing is forgotten, nothing is made anew, nobody is
//! written to by an old id, until a person says what is true.

use super::moody::Moody;
use super::{Having, assert_healed, town, waiting, writes};
use crate::model::Model;
use crate::world::{DAY, World};
use provost_engine::plan::Action;
use provost_store::connection::{self, Condition, Reset, State};
use provost_store::{link, revisit};
use serde_json::json;
use std::mem::take;
use std::sync::Arc;

const SHRANK: &str = "PRV-TARGET-SHRANK";

async fn links(world: &World) -> i64 {
    let key = super::rule_key(world, "People").await;
    world.read(move |tx| link::count(tx, key)).await
}

/// The connection is in quarantine for it, and says what next.
async fn assert_shrank(world: &World, linked: i64) {
    let connection = world.connection().await;
    assert_eq!(
        (connection.state, connection.code.as_str()),
        (State::Quarantine, SHRANK),
        "{}",
        connection.reason
    );
    assert!(
        connection.reason.contains("right target"),
        "{}",
        connection.reason
    );
    assert!(connection.reason.contains("full reset"), "{}", connection.reason);
    assert_eq!(links(world).await, linked, "nothing is forgotten");
}

async fn full_reset(world: &World) {
    let (connection, now) = (world.connection().await, world.now());
    world
        .write(move |tx| connection::restart(tx, "owner", now, &connection, &[Reset::Full]))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_empty_at_a_reconcile_is_not_filled_again() {
    let (world, ..) = town(60).await;
    let count = writes(&world);
    let kept = {
        let mut held = world.held();
        let held = &mut *held;
        let (people, groups) = (take(&mut held.people), take(&mut held.groups));
        (people, groups, take(&mut held.members))
    };
    world.person("joiner", json!({})).await;
    let report = world.reconcile().await;
    assert_eq!((report.state, report.writes()), ("failed", 0), "{report:?}");
    assert!(report.reason.starts_with(SHRANK), "{}", report.reason);
    assert_shrank(&world, 60).await;
    assert_eq!(writes(&world), count, "not even the joiner is made there");
    // The accounts are back; the next try looks at them again before anything else.
    {
        let mut held = world.held();
        (held.people, held.groups, held.members) = kept;
    }
    let before = Having::of(&world);
    world.pass(DAY);
    let report = world.run().await;
    assert_eq!(
        (report.mode, report.state, report.applied.get(&Action::Create)),
        ("reconcile", "done", Some(&1))
    );
    assert_healed(&world, &before).await;
}

/// The list is empty, but the accounts answer: the list lies, and nothing follows from it.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_shows_nobody_although_they_are_there_is_not_believed() {
    let (world, ..) = town(60).await;
    let (before, count) = (Having::of(&world), writes(&world));
    {
        let mut held = world.held();
        let everybody: Vec<String> = held.people.keys().cloned().collect();
        held.hidden.extend(everybody);
    }
    world.person("joiner", json!({})).await;
    let report = world.reconcile().await;
    assert_eq!(
        (report.state, report.applied.get(&Action::Create)),
        ("done", Some(&1)),
        "{report:?}"
    );
    assert!(
        report.reason.starts_with("PRV-RECONCILE-INCOMPLETE"),
        "{}",
        report.reason
    );
    let connection = world.connection().await;
    assert_eq!(
        (connection.state, connection.code.as_str()),
        (State::Active, "PRV-RECONCILE-INCOMPLETE")
    );
    assert_eq!(
        writes(&world),
        count + 1,
        "the joiner is made, and nothing else is written"
    );
    before.assert_kept(&world);
    assert_eq!(links(&world).await, 61);
    world.held().hidden.clear();
    world.reconcile().await;
    assert_healed(&world, &before).await;
}

/// Somebody entered another tenant's address under the same settings: every account answers 404.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_tenant_is_noticed_at_the_first_missing_account() {
    let (mut world, people, _) = town(60).await;
    let moody = Moody::between(&mut world);
    let before = Having::of(&world);
    let wrong = Arc::new(Model::default());
    moody.lead_to(wrong.clone());
    for person in &people {
        world.set(person, "title", json!("Boss")).await;
    }
    let report = world.run().await;
    assert_eq!((report.state, report.writes()), ("failed", 0), "{report:?}");
    assert_shrank(&world, 60).await;
    assert!(wrong.world().people.is_empty());
    // One change a day does not slip through either.
    for person in &people[..3] {
        world.pass(DAY);
        world.set(person, "title", json!("Chief")).await;
        let report = world.run().await;
        assert_eq!((report.mode, report.writes()), ("reconcile", 0), "{report:?}");
    }
    assert_shrank(&world, 60).await;
    assert!(wrong.world().people.is_empty());
    // The right address is back.
    moody.lead_to(world.model.clone());
    world.pass(DAY);
    let report = world.run().await;
    assert_eq!(
        (report.state, report.applied.get(&Action::Update)),
        ("done", Some(&60)),
        "{report:?}"
    );
    assert_eq!(world.held().get("user50", "title"), json!("Boss"));
    assert_healed(&world, &before).await;
}

/// In the wrong tenant a delete finds nobody, which looks like success: the leaver would stay in the right one.
#[tokio::test(flavor = "multi_thread")]
async fn leavers_are_not_forgotten_in_a_wrong_tenant() {
    let (mut world, people, _) = town(60).await;
    let moody = Moody::between(&mut world);
    let before = Having::of(&world);
    let wrong = Arc::new(Model::default());
    moody.lead_to(wrong.clone());
    for person in &people[20..23] {
        world.delete(person).await;
    }
    let report = world.run().await;
    assert_eq!((report.state, report.writes()), ("failed", 0), "{report:?}");
    assert_shrank(&world, 60).await;
    assert_eq!(wrong.world().writes.len(), 0);
    moody.lead_to(world.model.clone());
    world.pass(DAY);
    let report = world.run().await;
    assert_eq!(
        (report.state, report.applied.get(&Action::Delete)),
        ("done", Some(&3)),
        "{report:?}"
    );
    assert_eq!(world.held().people.len(), before.accounts.len() - 3);
}

/// Whoever says that it is right, by a full reset, gets everybody made there.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_reset_says_that_the_new_target_is_the_right_one() {
    let (mut world, people, _) = town(60).await;
    let moody = Moody::between(&mut world);
    let new = Arc::new(Model::default());
    moody.lead_to(new.clone());
    world.set(&people[0], "title", json!("Boss")).await;
    world.run().await;
    assert_shrank(&world, 60).await;
    full_reset(&world).await;
    let report = world.run().await;
    assert_eq!(
        (report.mode, report.state, report.applied.get(&Action::Create)),
        ("initial", "done", Some(&61)),
        "{report:?}"
    );
    let members = new.world().members_of("Everybody").len();
    assert_eq!((new.world().people.len(), members), (60, 12));
    assert_eq!(world.connection().await.state, State::Active);
}

/// A single account that somebody deleted in the target is one account, and is made again.
#[tokio::test(flavor = "multi_thread")]
async fn one_lost_account_is_no_sign_of_another_target() {
    let (world, people, _) = town(60).await;
    world.held().lose("user30");
    world.set(&people[30], "title", json!("Boss")).await;
    world.run().await;
    let report = world.run().await;
    assert_eq!(
        (report.state, report.applied.get(&Action::Create)),
        ("done", Some(&1)),
        "{report:?}"
    );
    assert_eq!(world.held().get("user30", "title"), json!("Boss"));
    assert_eq!(
        (world.connection().await.state, links(&world).await),
        (State::Active, 60)
    );
}

/// A rule that makes vanished accounts again at once does not do it for everybody.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_rule_says_of_vanished_accounts_everybody_is_not_made_again() {
    for policy in ["create_again", "fail"] {
        let (mut world, people, _) = town(40).await;
        let mut rule = crate::world::people_rule();
        rule["vanished"] = json!(policy);
        world.set_rule(1, rule).await;
        world.run().await;
        let moody = Moody::between(&mut world);
        let wrong = Arc::new(Model::default());
        moody.lead_to(wrong.clone());
        for person in &people {
            world.set(person, "title", json!("Boss")).await;
        }
        world.run().await;
        assert_shrank(&world, 40).await;
        assert!(wrong.world().people.is_empty(), "{policy}");
    }
}

/// The target was restored from an older backup: the newest accounts are gone, and attributes are old.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_of_the_target_is_brought_up_to_date() {
    let (world, people, group) = town(60).await;
    let people_then = world.held().people.clone();
    let members_then = world.held().members.clone();
    for i in 0..5 {
        world.person(&format!("new{i}"), json!({})).await;
    }
    world.set(&people[40], "title", json!("Boss")).await;
    world.set(&people[41], "active", json!(false)).await;
    world.join(&group, &[&people[50]]).await;
    world.leave(&group, &[&people[0]]).await;
    world.run().await;
    let wanted = Having::of(&world);
    {
        let mut held = world.held();
        (held.people, held.members) = (people_then, members_then);
    }
    let report = world.reconcile().await;
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    {
        let held = world.held();
        assert_eq!(held.people.len(), 65, "nobody twice");
        assert_eq!(
            (held.get("user40", "title"), held.get("user41", "active")),
            (json!("Boss"), json!(false))
        );
        assert_eq!(held.get("new3", "displayName"), json!("new3"));
        let members = held.members_of("Everybody");
        assert!(
            members.contains("user50") && !members.contains("user0"),
            "{members:?}"
        );
    }
    let disabled = Having::of(&world).accounts.values().filter(|on| !**on).count();
    assert_eq!((disabled, wanted.accounts.len()), (1, 65));
    let report = world.reconcile().await;
    assert_eq!((report.drift, report.writes()), (0, 0), "{report:?}");
}

/// A backup so old that a third of the accounts is missing: a person decides.
#[tokio::test(flavor = "multi_thread")]
async fn a_very_old_backup_of_the_target_waits_for_a_person() {
    let (world, ..) = town(90).await;
    for i in 60..90 {
        world.held().lose(&format!("user{i}"));
    }
    let count = writes(&world);
    let report = world.reconcile().await;
    assert!(
        report.reason.starts_with("PRV-TARGET-SHRANK: 30 of 90"),
        "{report:?}"
    );
    assert_eq!(writes(&world), count);
    assert_shrank(&world, 90).await;
    full_reset(&world).await;
    let report = world.run().await;
    assert_eq!(
        (report.adopted, report.applied.get(&Action::Create)),
        (61, Some(&30)),
        "{report:?}"
    );
    assert_eq!(world.held().people.len(), 90);
    assert_eq!(waiting(&world).await.len(), 0);
}

/// The connection is pointed at another host. There the old ids are other people's, or nobody's.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_leads_to_another_host_writes_nothing_before_a_person_has_looked() {
    let (mut world, people, _) = town(40).await;
    let moody = Moody::between(&mut world);
    // Ids are small numbers there as well, and belong to other people.
    let other = Arc::new(Model::default());
    for i in 0..50 {
        let name = format!("other{i}");
        other.world().plant(
            provost_connect::Kind::Person,
            json!({"userName": name, "displayName": name}),
        );
    }
    let theirs = other.world().people.clone();
    lead(&world, "https://one.contoso.example").await;
    resume(&world).await;
    world.run().await;
    lead(&world, "https://two.contoso.example").await;
    moody.lead_to(other.clone());
    let connection = world.connection().await;
    assert_eq!(
        (connection.state, connection.code.as_str()),
        (State::Paused, "PRV-TARGET-MOVED"),
        "{}",
        connection.reason
    );
    assert!(connection.reason.contains("full reset"), "{}", connection.reason);
    world.set(&people[0], "title", json!("Boss")).await;
    world.delete(&people[1]).await;
    let refused = world
        .engine
        .run_cycle(world.connection, &provost_sync::Options::default())
        .await;
    assert!(
        matches!(refused, Err(provost_sync::Error::Paused(_))),
        "{refused:?}"
    );
    full_reset(&world).await;
    resume(&world).await;
    let report = world.run().await;
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    let now = other.world().people.clone();
    for (id, record) in &theirs {
        assert_eq!(&now[id], record, "somebody else's account was touched");
    }
    assert_eq!(now.len(), 50 + 39, "everybody who is here was made there");
    // The same address in another spelling moves nobody; another path may be another tenant.
    lead(&world, "https://two.contoso.example/").await;
    assert_eq!(world.connection().await.state, State::Active);
    lead(&world, "https://two.contoso.example/scim/tenant-2").await;
    assert_eq!(world.connection().await.code, "PRV-TARGET-MOVED");
    let key = world.connection;
    assert!(world.read(move |tx| revisit::next(tx, key)).await.is_none());
}

async fn lead(world: &World, url: &str) {
    let (connection, now) = (world.connection().await, world.now());
    let settings = json!({"url": url});
    world
        .write(move |tx| connection::set_settings(tx, "owner", now, &connection, &settings).map(drop))
        .await;
}

async fn resume(world: &World) {
    let (connection, now) = (world.connection().await, world.now());
    let active = Condition {
        state: State::Active,
        ..Condition::default()
    };
    world
        .write(move |tx| connection::set_state(tx, "owner", now, &connection, &active))
        .await;
}
