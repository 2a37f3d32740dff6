//! Carrying licence steps out: some people at a time, each with one change, and the list of what was given in the
//! commit of the outcomes.
//!
//! What is about to be given is noted before it is sent. A process that ends in between leaves a note that it may be
//! there: a later cycle gives it again if it is wanted still, and takes it back if not. Both do no harm where they
//! are not needed.

use super::catalogue::read_seats;
use super::record::{self, Change, Doing};
use super::wanted::{self, Aim, Wanted};
use crate::apply::{Failed, Run, look_again, version};
use crate::open::ActiveRule;
use crate::progress::{Counter, Phase};
use crate::{Error, Result};
use futures::{StreamExt as _, TryStreamExt as _};
use provost_connect::{Error as TargetError, Licence, LicenceChange};
use provost_engine::plan::{Action, Plan, Step};
use provost_engine::rule::{Evaluation, LICENCES};
use provost_store::directory;
use provost_store::link::{self, Link};
use provost_store::link_licence::{self, Given, Origin};
use provost_store::{Tx, lease};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// The attribute without which nobody gets a licence (Microsoft Graph, `user: assignLicense`).
const LOCATION: &str = "usageLocation";
/// People whose change is handed over together when the target has no batches.
const GROUP: usize = 20;

/// Which people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// Those who only lose licences.
    Taking,
    /// Those who get one, and what they lose with it: both at once, so that no data is lost in between.
    Giving,
}

/// Carries out the licence steps of a plan.
pub(crate) async fn licences(run: &Run, rule: &Arc<ActiveRule>, plan: &Plan, pass: Pass) -> Result<()> {
    let mut people = BTreeMap::<i64, Vec<Step>>::new();
    for step in plan.steps.iter().filter(|s| s.action.is_licence()) {
        people.entry(step.object).or_default().push(*step);
    }
    people.retain(|_, steps| {
        let gets = steps.iter().any(|s| s.action == Action::AddLicence);
        gets == (pass == Pass::Giving)
    });
    if people.is_empty() {
        return Ok(());
    }
    let description = run.open.target.describe();
    let size = match description.batch_size {
        0 | 1 => GROUP,
        size => size,
    };
    let phase = match pass {
        Pass::Taking => Phase::Removals,
        Pass::Giving => Phase::People,
    };
    let counter = &Counter::new(&run.open, run.watcher.as_ref(), phase, people.len() as u64);
    let people: Vec<Vec<Step>> = people.into_values().collect();
    let chunks: Vec<Vec<Vec<Step>>> = people.chunks(size).map(<[Vec<Step>]>::to_vec).collect();
    let chunks = chunks.into_iter().map(|chunk| async move {
        let _turn = run.turn().await?;
        if run.may_write().await? {
            change(run, rule, &chunk).await?;
            counter.add(chunk.len() as u64);
        }
        Ok::<(), Error>(())
    });
    futures::stream::iter(chunks)
        .buffer_unordered(description.concurrency.max(1))
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

/// One chunk: looked at again, noted, sent, and recorded.
async fn change(run: &Run, rule: &Arc<ActiveRule>, people: &[Vec<Step>]) -> Result<()> {
    let started = Instant::now();
    let mut changes = load(run, rule, people).await?;
    for change in &mut changes {
        refuse(run, change).await?;
    }
    begin(run, rule, &changes).await?;
    send(run, &mut changes).await?;
    let micros = started.elapsed().as_micros() as i64;
    record::record(run, rule, changes, micros).await
}

/// Looks at each person again: a step that is not wanted any more is dropped.
async fn load(run: &Run, rule: &Arc<ActiveRule>, people: &[Vec<Step>]) -> Result<Vec<Change>> {
    let (run, rule, people) = (run.clone(), rule.clone(), people.to_vec());
    run.db
        .clone()
        .read(move |tx| {
            let mut changes = Vec::new();
            for steps in &people {
                let Some(first) = steps.first() else { continue };
                changes.extend(one(tx, &run, &rule, first.object, steps)?);
            }
            Ok(changes)
        })
        .await
}

fn one(tx: &mut Tx, run: &Run, rule: &ActiveRule, key: i64, steps: &[Step]) -> Result<Option<Change>> {
    let Some(link) = link::get(tx, rule.key, key)? else {
        return Ok(None);
    };
    let object = directory::by_key(tx, key)?;
    let pinned = run.pinned.as_ref();
    if pinned.is_some_and(|p| p.get(&key) != Some(&version(object.as_ref()))) {
        return Ok(None);
    }
    let Some(look) = look_again(tx, &run.open, rule, key, object.as_ref(), &link)? else {
        return Ok(None);
    };
    let given = link_licence::of(tx, rule.key, key)?;
    let open = &run.open;
    let Some(aim) = wanted::aim_of(tx, open, rule, key, &look, Some(&link))? else {
        return Ok(None);
    };
    let wanted = aim.steps(key, &given);
    let doing: Vec<Doing> = steps
        .iter()
        .filter(|step| wanted.contains(step))
        .filter_map(|step| {
            doing(
                open.licences.product(step.member)?.product.sku.clone(),
                step,
                &aim,
                &given,
            )
        })
        .collect();
    let label = object.map_or_else(|| link.label.clone(), |o| o.label);
    let has_location = has_location(rule, look.evaluation.as_ref(), &link);
    Ok((!doing.is_empty()).then_some(Change {
        key,
        id: link.object_id,
        label,
        target_id: link.target_id.clone(),
        is_untouchable: open.is_untouchable(&link.target_id, &link.written),
        has_location,
        doing,
    }))
}

fn doing(sku: String, step: &Step, aim: &Aim, given: &[Given]) -> Option<Doing> {
    let known = given.iter().find(|g| g.product == step.member);
    let before = known.map(|g| g.disabled_plans.clone());
    let wanted = match step.action {
        Action::AddLicence => Some(aim.wanted.get(&step.member)?.clone()),
        _ => None,
    };
    Some(Doing {
        product: step.member,
        sku,
        action: step.action,
        wanted,
        before,
        was_begun: known.is_some_and(|g| g.origin == Origin::Begun),
        failed: None,
        may_be_done: false,
    })
}

/// Whether the account has a usage location, or nobody knows because the rule does not write it.
fn has_location(rule: &ActiveRule, evaluation: Option<&Evaluation>, link: &Link) -> bool {
    if !rule.attributes.iter().any(|name| name == LOCATION) {
        return true;
    }
    let is_text = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let wanted = evaluation.and_then(|e| e.update.get(LOCATION));
    match wanted {
        Some(value) if !value.is_null() => is_text(Some(value)),
        Some(_) => false,
        None => is_text(link.written.get(LOCATION)),
    }
}

/// Finds what cannot be given, before the target is asked.
async fn refuse(run: &Run, change: &mut Change) -> Result<()> {
    if change.is_untouchable {
        return Ok(());
    }
    let (target_id, has_location) = (change.target_id.clone(), change.has_location);
    for doing in &mut change.doing {
        if doing.action != Action::AddLicence {
            continue;
        }
        let row = run.open.licences.product(doing.product);
        let failed = match row {
            Some(row) if row.seen == 0 => {
                let (code, sentence) = wanted::unowned(&row.product.name);
                Some(Failed::plain(&code, &sentence))
            }
            _ if !has_location => Some(Failed::plain(
                "PRV-LICENCE-LOCATION",
                "nobody gets a licence without a usage location, because the services depend on the country. Give the \
                 person a country, or map usageLocation to a value that is always there.",
            )),
            Some(row)
                if doing.needs_seat() && !seat(run, doing.product, &target_id, &row.product.sku).await? =>
            {
                Some(no_seat(&row.product.name))
            }
            _ => None,
        };
        doing.failed = failed;
    }
    Ok(())
}

fn no_seat(name: &str) -> Failed {
    let sentence = format!(
        "no seat of {name} is free. Buy seats, or take the licence from somebody who does not need it; it is tried \
         again by itself."
    );
    Failed::plain("PRV-LICENCE-SEATS", &sentence)
}

/// Takes a seat. When none is left, whether the account has the licence already is asked, and how many there are now.
async fn seat(run: &Run, product: i64, target_id: &str, sku: &str) -> Result<bool> {
    if run.seats.take(product) {
        return Ok(true);
    }
    match run.open.target.licences(target_id).await {
        Ok(held)
            if held
                .iter()
                .any(|h| h.from_group.is_none() && h.licence.sku == sku) =>
        {
            return Ok(true);
        }
        Ok(_) => {}
        Err(error) => run.stop_at(&error),
    }
    if run.may_read_seats() {
        let open = read_seats(run.db.clone(), run.open.clone()).await?;
        run.seats.reset(&open.licences);
        return Ok(run.seats.take(product));
    }
    Ok(false)
}

/// Notes what is about to be given and does not stand in the list yet.
async fn begin(run: &Run, rule: &Arc<ActiveRule>, changes: &[Change]) -> Result<()> {
    let begun: Vec<Given> = changes
        .iter()
        .filter(|change| !change.is_untouchable)
        .flat_map(|change| {
            let fresh = change.doing.iter().filter(|d| d.is_sent() && d.before.is_none());
            fresh.filter_map(|d| {
                Some(Given {
                    rule: rule.key,
                    object: change.key,
                    product: d.product,
                    disabled_plans: d.wanted.as_ref()?.plans.clone(),
                    modified: 0,
                    origin: Origin::Begun,
                })
            })
        })
        .collect();
    if begun.is_empty() {
        return Ok(());
    }
    let (lease, now) = (run.lease, run.open.now());
    run.db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            link_licence::put_all(tx, now, &begun)
        })
        .await?;
    Ok(())
}

/// Hands the changes to the target, and notes the answer with each.
async fn send(run: &Run, changes: &mut [Change]) -> Result<()> {
    let sent: Vec<usize> = (0..changes.len())
        .filter(|i| changes.get(*i).is_some_and(Change::is_sent))
        .collect();
    let requests: Vec<LicenceChange> = sent.iter().filter_map(|i| changes.get(*i)).map(request).collect();
    if requests.is_empty() {
        return Ok(());
    }
    let answers = run.open.target.change_licences(&requests).await;
    let mut refused = BTreeSet::new();
    for (i, answer) in sent.iter().zip(answers) {
        let Some(change) = changes.get_mut(*i) else {
            continue;
        };
        match answer {
            Ok(()) => {
                run.reached();
                let given = change.doing.iter().filter(|d| d.is_sent() && d.needs_seat());
                given.for_each(|d| run.seats.settle(d.product, true));
            }
            Err(error) => {
                run.consider(&error);
                let failed = Failed::of(&error);
                let may_be_done = wanted::may_be_done(&error);
                for doing in change.doing.iter_mut().filter(|d| d.is_sent()) {
                    doing.failed = Some(failed.clone());
                    doing.may_be_done = may_be_done;
                    if doing.needs_seat() {
                        run.seats.settle(doing.product, may_be_done);
                    }
                    if doing.action == Action::AddLicence && is_refused(&error) {
                        refused.insert(doing.product);
                    }
                }
            }
        }
    }
    explain_refusals(run, changes, &refused).await
}

fn is_refused(error: &TargetError) -> bool {
    matches!(
        error,
        TargetError::Rejected { .. } | TargetError::QuotaExceeded { .. }
    )
}

/// A refusal may mean that somebody else took the last seat: the seats are read again, and where none is left, the
/// failure says so.
async fn explain_refusals(run: &Run, changes: &mut [Change], refused: &BTreeSet<i64>) -> Result<()> {
    if refused.is_empty() || !run.may_read_seats() {
        return Ok(());
    }
    let open = read_seats(run.db.clone(), run.open.clone()).await?;
    run.seats.reset(&open.licences);
    for doing in changes.iter_mut().flat_map(|c| &mut c.doing) {
        let is_full = |row: &provost_store::product::Row| row.product.free() == 0;
        let row = open.licences.product(doing.product).filter(|row| is_full(row));
        let is_concerned = refused.contains(&doing.product) && doing.needs_seat();
        if let (Some(row), Some(failed)) = (row.filter(|_| is_concerned), &mut doing.failed)
            && failed.error.as_ref().is_some_and(is_refused)
        {
            *failed = no_seat(&row.product.name);
        }
    }
    Ok(())
}

fn request(change: &Change) -> LicenceChange {
    let sent = || change.doing.iter().filter(|d| d.is_sent());
    let add = sent().filter_map(|d| {
        d.wanted.as_ref().map(|Wanted { plans, .. }| Licence {
            sku: d.sku.clone(),
            disabled_plans: plans.clone(),
        })
    });
    let remove = sent().filter(|d| d.action == Action::RemoveLicence);
    LicenceChange {
        id: change.target_id.clone(),
        add: add.collect(),
        remove: remove.map(|d| d.sku.clone()).collect(),
    }
}

/// The attribute under which a change of licences is shown.
pub(super) const ATTRIBUTE: &str = LICENCES;
