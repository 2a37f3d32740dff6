//! The begin of a cycle: its row, the steps that wait for a person, and what nobody wants any more. And the looks
//! that somebody asked for: which are done, and which come later.

use crate::draft::{RuleDraft, Stale};
use crate::open::Open;
use crate::preview;
use crate::work::{Mode, Work};
use crate::{Engine, Result};
use provost_store::lease::{self, Lease};
use provost_store::provisioning_log::{self, Entry};
use provost_store::staged::{self, Decision, StagedStep};
use provost_store::{Tx, cycle, link, reference, retry, revisit};
use std::collections::HashSet;

/// A step that is to wait, with the sentence that says why.
#[derive(Clone)]
struct Waiting {
    step: StagedStep,
    kind: provost_engine::object::Kind,
    sentence: String,
}

/// Notes the cycle, stages what waits for a person, and drops what nobody wants any more. Answers the cycle's
/// key.
pub(crate) async fn begin(
    engine: &Engine,
    lease: Lease,
    open: &Open,
    work: &Work,
    drafts: &[RuleDraft],
) -> Result<i64> {
    let (mode, now, connection) = (work.mode.word(), open.now(), open.connection.clone());
    let waiting: Vec<Waiting> = drafts.iter().flat_map(waiting).collect();
    let outdated: Vec<StagedStep> = drafts.iter().flat_map(|d| d.outdated.iter().cloned()).collect();
    let settled = settled(work, drafts);
    let stale: Vec<(i64, Stale)> = drafts
        .iter()
        .flat_map(|draft| draft.stale.iter().map(|one| (draft.rule.key, one.clone())))
        .collect();
    let key = engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            for (rule, object, member) in &settled {
                retry::settle(tx, *rule, *object, *member)?;
            }
            for (rule, one) in &stale {
                let drop = match one.is_in_scope {
                    true => reference::withdraw,
                    false => reference::settle,
                };
                drop(tx, *rule, one.object, &one.attribute)?;
            }
            let cycle = cycle::start(tx, lease, mode, now, connection.watermark)?;
            for one in &waiting {
                stage(tx, &connection, cycle, now, one)?;
            }
            for s in &outdated {
                staged::remove(tx, connection.key, s.rule, s.object, s.member, &s.action)?;
            }
            Ok::<_, provost_store::Error>(cycle)
        })
        .await?;
    Ok(key)
}

/// The objects of a cycle were looked at; what was asked for later stays.
pub(crate) fn settle_revisits(tx: &mut Tx, connection: i64, work: &Work) -> provost_store::Result<()> {
    if work.mode == Mode::Initial {
        return revisit::settle_due(tx, connection, work.at);
    }
    revisit::settle_all(tx, connection, &work.revisits, work.at)
}

/// Asks for looks at the end of grace periods. What was due by `now` is done: else the sooner time would hold.
pub(crate) fn look_again(
    tx: &mut Tx,
    connection: i64,
    again: &[(i64, i64)],
    now: i64,
) -> provost_store::Result<()> {
    let objects: Vec<(i64, i64)> = again.iter().map(|(object, _)| (*object, 0)).collect();
    revisit::settle_all(tx, connection, &objects, now)?;
    for (object, due) in again {
        revisit::ask(tx, connection, *object, 0, *due, "grace")?;
    }
    Ok(())
}

/// Stages a step, and says so in the log the first time.
fn stage(
    tx: &mut Tx,
    connection: &provost_store::connection::Connection,
    cycle: i64,
    now: i64,
    one: &Waiting,
) -> provost_store::Result<()> {
    let known = link::get(tx, one.step.rule, one.step.object)?;
    let step = StagedStep {
        label: preview::name(tx, one.step.rule, one.step.object)?,
        ..one.step.clone()
    };
    let is_new = staged::decision(tx, connection.key, &step)?.is_none();
    staged::put(tx, connection.key, now, &step)?;
    if !is_new {
        return Ok(());
    }
    let object_id = match &known {
        Some(link) => link.object_id,
        None => provost_store::directory::by_key(tx, step.object)?
            .map(|o| o.id)
            .unwrap_or_default(),
    };
    let entry = Entry {
        at: now,
        connection: connection.key,
        cycle,
        kind: one.kind,
        object: step.object,
        object_id,
        action: format!("staged {}", step.action),
        status: "skipped".into(),
        code: "PRV-STAGED".into(),
        reason: one.sentence.clone(),
        target_id: known.map(|l| l.target_id).unwrap_or_default(),
        label: step.label,
        ..Entry::default()
    };
    provisioning_log::append(tx, connection.workspace, &entry)
}

/// Retries whose step is not wanted any more, by any plan: there is nothing left to try.
fn settled(work: &Work, drafts: &[RuleDraft]) -> Vec<(i64, i64, i64)> {
    if work.due.is_empty() {
        return Vec::new();
    }
    let wanted: HashSet<(i64, i64, i64)> = drafts
        .iter()
        .flat_map(|draft| {
            let steps = draft.plan.steps.iter().copied().chain(draft.held_steps());
            let steps = steps.map(|s| (draft.rule.key, s.object, s.member));
            steps.chain(draft.failures.iter().map(|f| (draft.rule.key, f.object, 0)))
        })
        .collect();
    work.due
        .iter()
        .filter(|one| !wanted.contains(*one))
        .copied()
        .collect()
}

fn waiting(draft: &RuleDraft) -> Vec<Waiting> {
    let mut all = Vec::new();
    for part in &draft.held {
        all.extend(part.steps.iter().map(|s| Waiting {
            kind: s.kind,
            sentence: part.sentence.clone(),
            step: StagedStep {
                key: 0,
                rule: draft.rule.key,
                object: s.object,
                member: s.member,
                action: s.action.to_string(),
                label: String::new(),
                digest: part.digest.clone(),
                decision: Decision::Pending,
                created: 0,
            },
        }));
    }
    all
}
