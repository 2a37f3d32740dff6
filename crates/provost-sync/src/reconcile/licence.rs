//! Comparing the licences that accounts show with those that Provost gave. One that is gone is given again, as the
//! mapping's drift policy says; one that somebody gave by hand is left alone.

use super::Reading;
use crate::Result;
use crate::licence::found_in;
use crate::open::{ActiveRule, Open};
use provost_connect::Licence;
use provost_engine::mapping::Drift;
use provost_engine::object::Record;
use provost_engine::rule::LICENCES;
use provost_store::drift::{self, Seen, State};
use provost_store::link;
use provost_store::link_licence::{self, Given, Origin};
use provost_store::{Tx, lease, revisit};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An account and the licences that it shows.
#[derive(Clone)]
pub(crate) struct Shown {
    pub rule: Arc<ActiveRule>,
    pub object: i64,
    pub licences: Vec<Licence>,
}

impl Shown {
    /// What an account shows; `None` where it says nothing of licences, or nobody deals with them.
    pub fn of(open: &Open, rule: &Arc<ActiveRule>, object: i64, record: &Record) -> Option<Self> {
        let licences = found_in(record).filter(|_| open.licences.is_used)?;
        Some(Self {
            rule: rule.clone(),
            object,
            licences,
        })
    }
}

/// Notes what is missing, in one commit.
pub(super) async fn note(reading: &mut Reading<'_>, shown: Vec<Shown>) -> Result<()> {
    let (open, began) = (reading.open.clone(), reading.began);
    let mut by_rule: BTreeMap<i64, Vec<Shown>> = BTreeMap::new();
    for one in shown {
        by_rule.entry(one.rule.key).or_default().push(one);
    }
    for (rule, shown) in by_rule {
        let keys: Vec<i64> = shown.iter().map(|one| one.object).collect();
        let given = reading
            .engine
            .db
            .read(move |tx| link_licence::of_many(tx, rule, &keys))
            .await?;
        let differing: Vec<(Shown, Vec<Given>)> = shown
            .into_iter()
            .filter_map(|one| {
                let lost = lost(&open, &one.licences, given.get(&one.object)?);
                (!lost.is_empty()).then_some((one, lost))
            })
            .collect();
        if differing.is_empty() {
            continue;
        }
        let (open, lease) = (open.clone(), reading.lease);
        let count = reading
            .engine
            .db
            .write(move |tx| {
                lease::prove(tx, lease)?;
                let mut count = 0;
                for (one, lost) in &differing {
                    count += note_lost(tx, &open, one, lost, began)?;
                }
                Ok::<_, provost_store::Error>(count)
            })
            .await?;
        reading.observed.drift += count;
    }
    Ok(())
}

/// What was given and is not there as it was given. What a lost answer may have left says nothing.
fn lost(open: &Open, shown: &[Licence], given: &[Given]) -> Vec<Given> {
    let is_there = |one: &&Given| {
        let Some(row) = open.licences.product(one.product) else {
            return true;
        };
        let found = shown
            .iter()
            .find(|l| l.sku.eq_ignore_ascii_case(&row.product.sku));
        found.is_some_and(|l| l.disabled_plans == one.disabled_plans)
    };
    let is_ours = |one: &&Given| matches!(one.origin, Origin::Mapping | Origin::Group | Origin::Found);
    given
        .iter()
        .filter(is_ours)
        .filter(|one| !is_there(one))
        .cloned()
        .collect()
}

/// One account. Answers how many licences are not let stand as they are.
pub(crate) fn note_lost(
    tx: &mut Tx,
    open: &Open,
    one: &Shown,
    lost: &[Given],
    now: i64,
) -> provost_store::Result<u64> {
    let rule = &one.rule;
    let policy = |given: &Given| match given.origin {
        Origin::Mapping => drift_policy(rule),
        // Groups have no policy of their own: what they bring is to be there. What was only found may be gone.
        Origin::Group | Origin::Begun => Drift::Repair,
        Origin::Found => Drift::Accept,
    };
    let accepted = drift::of_object(tx, rule.key, one.object)?;
    let stands = accepted
        .iter()
        .any(|d| d.attribute == LICENCES && d.state == State::Accepted);
    let (mut repairs, mut reports) = (Vec::new(), Vec::new());
    for given in lost {
        match policy(given) {
            Drift::Repair if !stands => repairs.push(given),
            Drift::Repair | Drift::Report => reports.push(given),
            Drift::Accept => {}
        }
    }
    for given in lost.iter().filter(|g| g.origin == Origin::Found) {
        link_licence::remove(tx, rule.key, one.object, given.product)?;
    }
    if repairs.is_empty() && reports.is_empty() {
        return Ok(0);
    }
    see(tx, open, one, repairs.iter().chain(&reports).copied(), now)?;
    for given in &repairs {
        // From now on the list knows that it is not there, and the next look plans it.
        link_licence::remove(tx, rule.key, one.object, given.product)?;
    }
    if !repairs.is_empty() {
        revisit::ask(tx, open.connection.key, one.object, 0, now, "drift")?;
    }
    Ok((repairs.len() + reports.len()) as u64)
}

fn drift_policy(rule: &ActiveRule) -> Drift {
    let mappings = &rule.compiled.rule().mappings;
    let mapping = mappings.iter().find(|m| m.target == LICENCES);
    mapping.map_or(Drift::Repair, |m| m.drift)
}

/// Keeps the names: expected is what should be there and is not.
fn see<'a>(
    tx: &mut Tx,
    open: &Open,
    one: &Shown,
    lost: impl Iterator<Item = &'a Given>,
    now: i64,
) -> provost_store::Result<()> {
    let rule = one.rule.key;
    let label = link::get(tx, rule, one.object)?
        .map(|link| link.label)
        .unwrap_or_default();
    let expected: Value = lost
        .map(|g| open.licences.name(g.product, &g.disabled_plans))
        .collect::<Vec<_>>()
        .into();
    let found: Value = one
        .licences
        .iter()
        .filter_map(|l| {
            Some(
                open.licences
                    .name(open.licences.key_of(&l.sku)?, &l.disabled_plans),
            )
        })
        .collect::<Vec<_>>()
        .into();
    let seen = Seen {
        rule,
        object: one.object,
        attribute: LICENCES,
        label: &label,
        expected: &expected,
        found: &found,
    };
    drift::see(tx, now, &[seen])
}
