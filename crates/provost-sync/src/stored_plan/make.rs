//! Making a plan: the draft of a cycle, then every step with its values, page by page.

use super::PlanSummary;
use super::basis::Basis;
use super::fingerprint::Digest;
use super::pages::Walk;
use crate::draft::{self, RuleDraft};
use crate::engine::Options;
use crate::open::{self, Open};
use crate::progress::{Counter, Phase, Watcher};
use crate::proposal::Proposal;
use crate::work::{self, Mode, Scope, Work};
use crate::{Engine, Result, licence, reconcile, report};
use provost_engine::rule::Approval;
use provost_store::lease::Lease;
use provost_store::plan::{self, NewPlan, PlanStep};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Instant;
use uuid::Uuid;

/// Failures of mappings that a summary names for each rule.
const NAMED: usize = 100;

/// Plans, and keeps the plan when `keeper` says who made it.
pub(super) async fn make(
    engine: &Engine,
    lease: Option<Lease>,
    connection: i64,
    mode: Option<Mode>,
    proposal: &Proposal,
    keeper: Option<&str>,
    watcher: Option<&Watcher>,
) -> Result<PlanSummary> {
    let started = Instant::now();
    engine.refuse_faults(connection, proposal).await?;
    let open = open::open_with(engine, connection, proposal).await?;
    let open = licence::refreshed(engine, open).await?;
    let observed = match (work::mode(&open, mode), lease) {
        (Mode::Reconcile, Some(lease)) => {
            let options = Options {
                progress: watcher.cloned(),
                ..Options::default()
            };
            Some(reconcile::observe(engine, lease, &open, &options).await?)
        }
        _ => None,
    };
    // After the target was read: what it has changed is to be looked at.
    let mut work = read(engine, &open, mode, proposal).await?;
    work.observed = observed;
    let drafts = if work.is_empty() {
        Vec::new()
    } else {
        draft::make(&engine.db, &open, &work, watcher).await?
    };
    let seats = licence::of_drafts(&engine.db, &open, &drafts).await?;
    let held = drafts.iter().map(|d| d.held_steps().count() as u64).sum();
    let mut summary = PlanSummary {
        id: None,
        connection: open.connection.name.clone(),
        mode: work.mode.word(),
        approval: held > 0 || drafts.iter().any(asks_for_approval),
        digest: String::new(),
        steps: 0,
        held,
        rules: drafts
            .iter()
            .map(|d| report::rule_preview(d, Vec::new(), NAMED))
            .collect(),
        warnings: licence::short(&seats),
        seats,
        millis: 0,
    };
    let walk = Walk {
        db: &engine.db,
        open: &open,
        drafts: &drafts,
        now: work.at,
    };
    summary.steps = walk.total();
    let kept = match keeper {
        Some(actor) => Some(create(engine, &open, &work, proposal, &mut summary, actor).await?),
        None => None,
    };
    summary.digest = describe(&walk, kept, watcher).await?;
    if let Some(key) = kept {
        let digest = summary.digest.clone();
        engine.db.write(move |tx| plan::seal(tx, key, &digest)).await?;
    }
    summary.millis = started.elapsed().as_millis() as u64;
    Ok(summary)
}

/// What is looked at: a change of the configuration concerns everybody.
async fn read(engine: &Engine, open: &Open, mode: Option<Mode>, proposal: &Proposal) -> Result<Work> {
    let mut work = work::read(&engine.db, open, mode).await?;
    if !proposal.is_empty() {
        work.mode = Mode::Initial;
        work.scope = Scope::Everything;
    }
    Ok(work)
}

/// A rule may ask for a second person although no step of it is held just now.
fn asks_for_approval(draft: &RuleDraft) -> bool {
    match draft.rule.compiled.rule().approval {
        Approval::Never => false,
        Approval::Removals => draft.plan.steps.iter().any(|s| s.action.is_removal()),
        Approval::Always => !draft.plan.steps.is_empty(),
    }
}

/// Keeps the plan without its steps. It has no digest before the last step is kept, and cannot be used until then.
async fn create(
    engine: &Engine,
    open: &Open,
    work: &Work,
    proposal: &Proposal,
    summary: &mut PlanSummary,
    actor: &str,
) -> Result<i64> {
    let id = Uuid::now_v7();
    summary.id = Some(id);
    let scope = Basis::of(open, work, proposal).to_value()?;
    let counts = counts(summary);
    let (connection, actor, now) = (open.connection.clone(), actor.to_owned(), work.at);
    let (mode, approval, upto) = (summary.mode, summary.approval, work.upto);
    let key = engine
        .db
        .write(move |tx| {
            plan::supersede(tx, now, connection.key)?;
            let new = NewPlan {
                id,
                mode,
                approval,
                digest: "",
                watermark: upto,
                scope: &scope,
                counts: &counts,
            };
            plan::create(tx, &actor, now, &connection, &new)
        })
        .await?;
    Ok(key)
}

fn counts(summary: &PlanSummary) -> Value {
    json!({
        "steps": summary.steps, "held": summary.held, "rules": summary.rules, "seats": summary.seats,
        "warnings": summary.warnings,
    })
}

/// Walks over all steps, keeps them when there is a plan to keep them in, and adds up the digest.
async fn describe(walk: &Walk<'_>, kept: Option<i64>, watcher: Option<&Watcher>) -> Result<String> {
    let names = walk.names();
    let counter = Counter::new(walk.open, watcher, Phase::Plan, walk.total());
    let (mut digest, mut position) = (Digest::default(), 0_i64);
    for page in walk.pages() {
        let page: Vec<PlanStep> = walk.read(page).await?.into_iter().map(|(step, _)| step).collect();
        for step in &page {
            digest.add(&names, step);
        }
        counter.add(page.len() as u64);
        if let Some(plan) = kept {
            let (first, length) = (position, page.len() as i64);
            walk.db
                .write(move |tx| plan::append_steps(tx, plan, first, &page))
                .await?;
            position += length;
        }
    }
    Ok(digest.text())
}

/// The digest of a draft that is to be compared with a kept plan, and the version of each object in it.
pub(super) async fn digest(walk: &Walk<'_>) -> Result<(String, HashMap<i64, i64>)> {
    let names = walk.names();
    let (mut digest, mut versions) = (Digest::default(), HashMap::new());
    for page in walk.pages() {
        for (step, version) in walk.read(page).await? {
            digest.add(&names, &step);
            versions.insert(step.object, version);
        }
    }
    Ok((digest.text(), versions))
}
