//! Comparing the members of linked groups, where the target tells them. Only linked people count: who is in a group
//! of the target and is nobody of ours is left alone.

use super::ledger::{Entry, Ledger};
use super::{MEMBERS, Reading};
use crate::Result;
use crate::membership;
use crate::open::Open;
use provost_connect::Error as TargetError;
use provost_engine::object::Kind;
use provost_store::drift::{self, Seen};
use provost_store::link::{self, Link};
use provost_store::{Tx, directory, lease, revisit};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

/// How long the look at one group may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Compares every group that was listed; `false`: not to the end.
pub(super) async fn compare(reading: &mut Reading<'_>, ledger: &Ledger) -> Result<bool> {
    if !reading.open.target.describe().tells_members {
        return Ok(true);
    }
    let groups: Vec<Entry> = ledger.iter(true).copied().collect();
    for entry in groups {
        if reading.is_stopped() {
            return Ok(false);
        }
        reading.let_urgent_in().await?;
        let (rule, group) = (entry.rule, entry.object);
        let Some(link) = reading
            .engine
            .db
            .read(move |tx| link::get(tx, rule, group))
            .await?
        else {
            continue;
        };
        if !look_at(reading, link).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Compares one group; `false`: the target could not be asked.
pub(crate) async fn look_at(reading: &mut Reading<'_>, link: Link) -> Result<bool> {
    match members(&reading.open, &link.target_id).await {
        Ok(found) => note(reading, link, found).await.map(|()| true),
        // The target does not tell members, or the group went while the lists were read: the next reconcile will
        // not see it.
        Err(TargetError::Unsupported { .. } | TargetError::NotFound { .. }) => Ok(true),
        Err(e) => Ok(reading.gave_up(e)),
    }
}

/// All members of a group, by the target's ids.
async fn members(open: &Open, group: &str) -> provost_connect::Result<HashSet<String>> {
    let (mut found, mut next) = (HashSet::new(), None::<String>);
    loop {
        let page = open.target.members(group, next.as_deref()).await?;
        let people = page.members.into_iter().filter(|m| m.kind != Some(Kind::Group));
        found.extend(people.map(|m| m.id));
        match page.next {
            Some(following) => next = Some(following),
            None => return Ok(found),
        }
    }
}

/// What is not as it was left, as keys of people.
#[derive(Default)]
struct Different {
    missing: Vec<i64>,
    extra: Vec<i64>,
}

/// From now on the link knows who is in the group; what is not as it should be is looked at again.
async fn note(reading: &mut Reading<'_>, link: Link, found: HashSet<String>) -> Result<()> {
    let (open, group) = (reading.open.clone(), link.clone());
    let different = reading
        .engine
        .db
        .read_within(LIMIT, move |tx| difference(tx, &open, &group, &found))
        .await?;
    if different.missing.is_empty() && different.extra.is_empty() {
        return Ok(());
    }
    let (open, lease, now) = (reading.open.clone(), reading.lease, reading.began);
    let count = reading
        .engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            link::drop_members(tx, link.rule, link.object, &different.missing)?;
            link::add_members(tx, link.rule, link.object, &different.extra)?;
            let missing = wrong(tx, &open, &link, &different.missing, true)?;
            let extra = wrong(tx, &open, &link, &different.extra, false)?;
            for key in missing.keys().chain(extra.keys()) {
                revisit::ask(tx, open.connection.key, link.object, *key, now, "drift")?;
            }
            let count = missing.len() + extra.len();
            if count > 0 {
                see(tx, &link, &missing, &extra, now)?;
            }
            Ok::<_, provost_store::Error>(count)
        })
        .await?;
    reading.observed.drift += count as u64;
    Ok(())
}

fn difference(
    tx: &mut Tx,
    open: &Open,
    group: &Link,
    found: &HashSet<String>,
) -> provost_store::Result<Different> {
    let connection = open.connection.key;
    let written: BTreeSet<i64> = link::members(tx, group.rule, group.object)?.into_iter().collect();
    let mut there = BTreeSet::new();
    for rule in open.rules.iter().filter(|r| r.kind == Kind::Person) {
        let ids: Vec<&str> = found.iter().map(String::as_str).collect();
        there.extend(link::objects_of_targets(tx, rule.key, &ids)?.into_values());
    }
    let mut different = Different::default();
    for key in written.difference(&there) {
        // Somebody who has no account any more is missing for another reason.
        if link::is_linked(tx, connection, *key)? {
            different.missing.push(*key);
        }
    }
    different.extra = there.difference(&written).copied().collect();
    Ok(different)
}

/// Those of the people whose place is not as the directory wants it, with their names.
fn wrong(
    tx: &mut Tx,
    open: &Open,
    group: &Link,
    keys: &[i64],
    wanted: bool,
) -> provost_store::Result<HashMap<i64, String>> {
    let mut wrong = HashMap::new();
    for key in keys {
        if membership::is_member(tx, open, group.object, *key)? == wanted {
            let label = directory::by_key(tx, *key)?.map(|o| o.label).unwrap_or_default();
            wrong.insert(*key, label);
        }
    }
    Ok(wrong)
}

/// Keeps the names: expected are those who should be there and are not, found are those who should not.
fn see(
    tx: &mut Tx,
    group: &Link,
    missing: &HashMap<i64, String>,
    extra: &HashMap<i64, String>,
    now: i64,
) -> provost_store::Result<()> {
    let names = |people: &HashMap<i64, String>| {
        let names: BTreeSet<&String> = people.values().collect();
        Value::from_iter(names.into_iter().cloned())
    };
    let (expected, found) = (names(missing), names(extra));
    let seen = Seen {
        rule: group.rule,
        object: group.object,
        attribute: MEMBERS,
        label: &group.label,
        expected: &expected,
        found: &found,
    };
    drift::see(tx, now, &[seen])
}
