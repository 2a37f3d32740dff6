//! Comparing accounts with what was written to them.

use super::Reading;
use super::ledger::Ledger;
use super::licence::{self, Shown};
use crate::apply::shown;
use crate::open::{ActiveRule, Open};
use crate::{Result, known};
use provost_connect::Account;
use provost_engine::drift::{self, Difference};
use provost_engine::mapping::Drift;
use provost_engine::object::{Kind, Record};
use provost_engine::rule::ENABLED_ATTRIBUTES;
use provost_store::drift::{self as kept, Seen, State};
use provost_store::link::{self, Link};
use provost_store::{Tx, lease, revisit};
use serde_json::Value;
use std::sync::Arc;

/// Differing accounts that are noted in one commit.
const CHUNK: usize = 200;
/// The name under which it is kept that somebody switched an account on or off.
const ENABLED: &str = "enabled";

/// An account that may differ.
#[derive(Clone)]
pub(super) struct Suspect {
    pub rule: Arc<ActiveRule>,
    pub object: i64,
    pub found: Record,
    pub enabled: Option<bool>,
}

/// Compares one page; answers the accounts that no link names.
pub(crate) async fn compare(
    reading: &mut Reading<'_>,
    kind: Kind,
    ledger: &mut Ledger,
    accounts: Vec<Account>,
) -> Result<Vec<Account>> {
    let (mut strangers, mut suspects, mut licensed) = (Vec::new(), Vec::new(), Vec::new());
    for mut account in accounts {
        let Some(entry) = ledger.find(&account.id) else {
            strangers.push(account);
            continue;
        };
        entry.seen = true;
        let Some(rule) = reading.open.rule(entry.rule) else {
            continue;
        };
        licensed.extend(Shown::of(&reading.open, rule, entry.object, &account.record));
        reading.open.target.normalize(kind, &mut account.record);
        if !is_as_written(&reading.open, rule, &account, entry.hash) {
            suspects.push(Suspect {
                rule: rule.clone(),
                object: entry.object,
                found: account.record,
                enabled: account.enabled,
            });
        }
    }
    note(reading, suspects).await?;
    licence::note(reading, licensed).await?;
    Ok(strangers)
}

/// Whether the account has the hash of what was written. Where the target does not tell whether it is enabled,
/// it counts as it was left.
pub(crate) fn is_as_written(open: &Open, rule: &ActiveRule, account: &Account, hash: i64) -> bool {
    let with = |enabled| known::hash(open, rule, account.record.clone(), enabled) == hash;
    match account.enabled.filter(|_| rule.kind == Kind::Person) {
        Some(enabled) => with(enabled),
        None => with(true) || with(false),
    }
}

/// Looks closely at accounts that may differ, and notes what does.
pub(super) async fn note(reading: &mut Reading<'_>, suspects: Vec<Suspect>) -> Result<()> {
    for chunk in suspects.chunks(CHUNK) {
        let (chunk, lease, began) = (chunk.to_vec(), reading.lease, reading.began);
        let open = reading.open.clone();
        let count = reading
            .engine
            .db
            .write(move |tx| {
                lease::prove(tx, lease)?;
                let mut count = 0;
                for suspect in &chunk {
                    if let Some(link) = link::get(tx, suspect.rule.key, suspect.object)? {
                        count += one(tx, &open, suspect, link, began)?;
                    }
                }
                Ok::<_, provost_store::Error>(count)
            })
            .await?;
        reading.observed.drift += count;
    }
    Ok(())
}

/// One account. Answers how many of its attributes differ and were not let stand.
fn one(tx: &mut Tx, open: &Open, suspect: &Suspect, mut link: Link, now: i64) -> provost_store::Result<u64> {
    let rule = &suspect.rule;
    let accepted = kept::of_object(tx, rule.key, suspect.object)?;
    let is_accepted = |difference: &Difference| {
        let found = shown(rule, &difference.attribute, &difference.found);
        accepted
            .iter()
            .any(|d| d.state == State::Accepted && d.attribute == difference.attribute && d.found == found)
    };
    let differences: Vec<Difference> = differences(open, suspect, &link);
    let (mut repairs, mut reports) = (Vec::new(), Vec::new());
    let mut stands = Vec::new();
    for difference in differences {
        match difference.policy {
            _ if is_accepted(&difference) => stands.push(difference),
            Drift::Accept => {}
            Drift::Report => reports.push(difference),
            Drift::Repair => repairs.push(difference),
        }
    }
    let noted: Vec<&Difference> = repairs.iter().chain(&reports).chain(&stands).collect();
    see(tx, rule, &link, &noted, now)?;
    for difference in &repairs {
        learn(&mut link, suspect, difference);
    }
    if !repairs.is_empty() {
        revisit::ask(tx, open.connection.key, suspect.object, 0, now, "drift")?;
    }
    if reports.is_empty() && stands.is_empty() {
        // The target is as it is known to be, until somebody changes it again.
        let enabled = suspect.enabled.unwrap_or(link.enabled);
        link.hash = known::hash(open, rule, suspect.found.clone(), enabled);
    }
    link::put(tx, now, &link)?;
    Ok((repairs.len() + reports.len()) as u64)
}

/// What differs: attributes, and whether the account is enabled where no mapping says so.
fn differences(open: &Open, suspect: &Suspect, link: &Link) -> Vec<Difference> {
    let rule = &suspect.rule;
    let comparable = |record: &Record| {
        let mut record = record.clone();
        open.target.comparable(rule.kind, &mut record);
        record
    };
    let (written, found) = (comparable(&link.written), comparable(&suspect.found));
    let mut differences = drift::compare(&rule.compiled, &written, &found);
    for difference in &mut differences {
        // What is kept and repaired is what is really there, not its form for comparing.
        let name = &difference.attribute;
        difference.found = suspect.found.get(name).cloned().unwrap_or_default();
    }
    let is_mapped = rule.compiled.enabled_target().is_some();
    if let Some(found) = suspect.enabled
        && rule.kind == Kind::Person
        && !is_mapped
        && found != link.enabled
    {
        differences.push(Difference {
            attribute: ENABLED.to_owned(),
            expected: Value::Bool(link.enabled),
            found: Value::Bool(found),
            policy: Drift::Repair,
        });
    }
    differences
}

/// From now on the link knows what the target holds, and the next look plans the repair.
fn learn(link: &mut Link, suspect: &Suspect, difference: &Difference) {
    let attribute = difference.attribute.as_str();
    if attribute == ENABLED || ENABLED_ATTRIBUTES.contains(&attribute) {
        link.enabled = suspect.enabled.unwrap_or(difference.found == Value::Bool(true));
    }
    if attribute != ENABLED {
        if difference.found.is_null() {
            link.written.remove(attribute);
        } else {
            link.written
                .insert(attribute.to_owned(), difference.found.clone());
        }
    }
}

fn see(
    tx: &mut Tx,
    rule: &ActiveRule,
    link: &Link,
    differences: &[&Difference],
    now: i64,
) -> provost_store::Result<()> {
    let values: Vec<(Value, Value)> = differences
        .iter()
        .map(|d| {
            let show = |value| shown(rule, &d.attribute, value);
            (show(&d.expected), show(&d.found))
        })
        .collect();
    let seen: Vec<Seen> = differences
        .iter()
        .zip(&values)
        .map(|(d, (expected, found))| Seen {
            rule: rule.key,
            object: link.object,
            attribute: &d.attribute,
            label: &link.label,
            expected,
            found,
        })
        .collect();
    kept::see(tx, now, &seen)
}
