//! What goes wrong in real life: a source, a rule, a target, a clock or a machine that breaks. Each test breaks one
//! thing and asserts that the connection stops with the right reason, that nothing was taken from anybody, and that
//! it goes on when the thing is mended.

mod input;
mod meaning;
mod moody;
mod nodes;
mod outage;
mod rules;
mod shrink;
mod source;
mod target;
mod time;
mod twins;

use crate::world::{World, group_rule, people_rule};
use provost_store::connection::{Connection, State};
use provost_store::directory::Object;
use provost_store::provisioning_log::{self, Entry};
use provost_store::retry;
use provost_store::staged::{self, Decision};
use provost_store::{recycle, rule};
use provost_sync::Report;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A directory with people and one group of the first twelve of them, in a target, behind the guard as it is
/// delivered.
async fn town(people: usize) -> (World, Vec<Object>, Object) {
    let world = World::with(&[people_rule(), group_rule()], json!({}), "{}").await;
    let people = world.people(people).await;
    let group = world
        .group("Everybody", &people.iter().take(12).collect::<Vec<_>>())
        .await;
    let report = world.run().await;
    assert_eq!((report.state, report.failed), ("done", 0), "{report:?}");
    (world, people, group)
}

/// What people have in the target: accounts and whether they are enabled, and members of groups, by ids.
#[derive(Debug, Clone, PartialEq)]
struct Having {
    accounts: BTreeMap<String, bool>,
    groups: BTreeSet<String>,
    members: BTreeSet<(String, String)>,
}

impl Having {
    fn of(world: &World) -> Self {
        let held = world.held();
        let is_enabled = |record: &provost_connect::Record| record.get("active") != Some(&json!(false));
        let members = held.members.iter();
        Self {
            accounts: held
                .people
                .iter()
                .map(|(id, r)| (id.clone(), is_enabled(r)))
                .collect(),
            groups: held.groups.keys().cloned().collect(),
            members: members
                .flat_map(|(group, ids)| ids.iter().map(|id| (group.clone(), id.clone())))
                .collect(),
        }
    }

    /// Nobody lost an account, the use of it, or a membership since then; also nothing was taken and given back.
    fn assert_kept(&self, world: &World) {
        let now = Self::of(world);
        for (id, enabled) in &self.accounts {
            let left = now
                .accounts
                .get(id)
                .unwrap_or_else(|| panic!("the account {id} is gone"));
            assert!(!enabled || *left, "the account {id} was disabled");
        }
        assert!(
            self.groups.is_subset(&now.groups),
            "{:?}",
            self.groups.difference(&now.groups)
        );
        let lost: Vec<_> = self.members.difference(&now.members).collect();
        assert!(lost.is_empty(), "memberships ended: {lost:?}");
    }
}

/// Writes to the target since a moment, that take something away.
fn removals_since(world: &World, writes: usize) -> Vec<String> {
    let takes = |w: &&String| {
        ["disable", "delete", "remove"]
            .iter()
            .any(|word| w.starts_with(word))
    };
    world.held().writes[writes..]
        .iter()
        .filter(takes)
        .cloned()
        .collect()
}

fn writes(world: &World) -> usize {
    world.held().writes.len()
}

/// The guard holds: the connection says so with its code and this sentence, and everything is as before.
async fn assert_held(
    world: &World,
    report: &Report,
    before: &Having,
    steps: u64,
    sentence: &str,
) -> Connection {
    assert_eq!(report.state, "held", "{report:?}");
    let held: u64 = report.held.iter().map(|h| h.steps).sum();
    assert_eq!(held, steps, "{report:?}");
    before.assert_kept(world);
    let connection = world.connection().await;
    assert_eq!(
        (connection.state, connection.code.as_str()),
        (State::Held, "PRV-GUARD-HELD"),
        "{}",
        connection.reason
    );
    assert!(connection.reason.contains(sentence), "{}", connection.reason);
    connection
}

/// The thing was mended: nothing waits, nothing is written any more, and nothing was ever taken.
async fn assert_healed(world: &World, before: &Having) {
    let report = world.run().await;
    assert_eq!(report.state, "done", "{report:?}");
    before.assert_kept(world);
    let connection = world.connection().await;
    assert_eq!(
        (connection.state, connection.code.as_str()),
        (State::Active, ""),
        "{}",
        connection.reason
    );
    let key = world.connection;
    assert!(
        world
            .read(move |tx| staged::list(tx, key, 10_000))
            .await
            .is_empty()
    );
    let count = writes(world);
    assert_eq!(world.run().await.writes(), 0);
    assert_eq!(writes(world), count);
}

async fn decide(world: &World, digest: &str, decision: Decision) -> u64 {
    let (connection, now, digest) = (world.connection().await, world.now(), digest.to_owned());
    world
        .write(move |tx| staged::decide(tx, "owner", now, &connection, &digest, decision))
        .await
}

/// Brings somebody back from the recycle bin.
async fn restore(world: &World, object: &Object) {
    let (now, key) = (world.now(), object.key);
    world
        .write(move |tx| recycle::restore(tx, "owner", now, key).map(drop))
        .await;
}

async fn rule_key(world: &World, name: &'static str) -> i64 {
    let key = world.connection;
    let rules = world.read(move |tx| rule::of_connection(tx, key)).await;
    rules.iter().find(|r| r.name == name).unwrap().key
}

/// Codes of the failed steps that wait for their next try.
async fn waiting(world: &World) -> BTreeSet<String> {
    let key = world.connection;
    let rows = world.read(move |tx| retry::list(tx, key, 10_000)).await;
    rows.into_iter().map(|row| row.code).collect()
}

/// Lines of the provisioning log with this code.
async fn lines(world: &World, code: &'static str) -> Vec<Entry> {
    let (workspace, key) = (world.owner.workspace, world.connection);
    let asked = provisioning_log::Asked {
        connection: Some(key),
        code: Some(code.to_owned()),
        limit: 10_000,
        ..provisioning_log::Asked::default()
    };
    world
        .read(move |tx| provisioning_log::search(tx, workspace, &asked))
        .await
        .entries
}

/// Runs a statement on the database file, past everything that would refuse it.
async fn raw(world: &World, sql: &'static str) -> usize {
    let path = world.folder.path().join("provost.db");
    tokio::task::spawn_blocking(move || {
        let raw = rusqlite::Connection::open(path).unwrap();
        raw.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
        raw.execute(sql, []).unwrap()
    })
    .await
    .unwrap()
}

/// The people rule with one of its mappings in another form.
fn with_mapping(place: usize, mapping: Value) -> Value {
    let mut rule = people_rule();
    rule["mappings"][place] = mapping;
    rule
}

/// The people rule for those of whom a clause is true.
fn only(attribute: &str, operator: &str, value: &str) -> Value {
    let mut rule = people_rule();
    let clause = json!({"attribute": attribute, "operator": operator, "value": value});
    rule["scope"] = json!({"filters": [{"name": "Those", "clauses": [clause]}]});
    rule
}
