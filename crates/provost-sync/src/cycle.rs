//! One cycle, as the algorithm tells it.

use crate::apply::{self, Run, Totals};
use crate::draft::{self, RuleDraft};
use crate::engine::Options;
use crate::open::{self, Open};
use crate::progress::Phase;
use crate::report::{self, Report};
use crate::work::{self, Work};
use crate::{Engine, Error, Result, clock};
use provost_engine::object::Kind;
use provost_engine::plan::Action;
use provost_engine::quarantine;
use provost_store::connection::{self, Condition, State};
use provost_store::lease::{self, Lease};
use provost_store::staged::{self, Decision, StagedStep};
use provost_store::{cycle, link, retry};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

/// Who does what the engine does by itself, in the audit log.
const ACTOR: &str = "provost";

/// Runs a cycle under a lease that is held.
pub(crate) async fn run(engine: &Engine, lease: Lease, options: &Options) -> Result<Report> {
    let started = Instant::now();
    let open = open::open(&engine.db, &engine.key, &engine.http, lease.connection).await?;
    if open.connection.state == State::Paused {
        return Err(Error::Paused(open.connection.name.clone()));
    }
    // What changed since the watermark; everything, when there has been no initial cycle.
    let work = work::read(&engine.db, &open, clock::now()).await?;
    if work.is_empty() {
        return idle(engine, &open, &work, started).await;
    }
    // In scope? Matched? What should it look like? And what may be done about it?
    let drafts = draft::make(&engine.db, &open, &work, options.progress.as_ref()).await?;
    let run = begin(engine, lease, &open, &work, &drafts, options).await?;
    // People before groups before memberships, removals last.
    let totals = apply_all(&run, &drafts).await?;
    finish(&run, &work, &drafts, &totals, started).await
}

/// Nothing to do: the watermark follows, without a row for the cycle.
async fn idle(engine: &Engine, open: &Open, work: &Work, started: Instant) -> Result<Report> {
    let (key, upto) = (open.connection.key, work.upto);
    if open.connection.watermark < upto {
        engine
            .db
            .write(move |tx| connection::set_watermark(tx, key, upto))
            .await?;
    }
    Ok(Report {
        connection: open.connection.name.clone(),
        mode: work.mode(),
        state: "done",
        looked: 0,
        applied: Default::default(),
        adopted: 0,
        failed: 0,
        skipped: 0,
        held: Vec::new(),
        reason: String::new(),
        millis: started.elapsed().as_millis() as u64,
    })
}

/// Notes the cycle, stages what the guard holds, and drops staged steps that nobody wants any more.
async fn begin(
    engine: &Engine,
    lease: Lease,
    open: &Open,
    work: &Work,
    drafts: &[RuleDraft],
    options: &Options,
) -> Result<Run> {
    let (mode, watermark, connection) = (work.mode(), open.connection.watermark, open.connection.clone());
    let staged: Vec<StagedStep> = drafts.iter().flat_map(staged_steps).collect();
    let outdated: Vec<StagedStep> = drafts.iter().flat_map(|d| d.outdated.iter().cloned()).collect();
    let settled = settled(work, drafts);
    let key = engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            for (rule, object, member) in &settled {
                retry::settle(tx, *rule, *object, *member)?;
            }
            let now = clock::now();
            for step in &staged {
                let named = StagedStep {
                    label: label(tx, step)?,
                    ..step.clone()
                };
                staged::put(tx, connection.key, now, &named)?;
            }
            for s in &outdated {
                staged::remove(tx, connection.key, s.rule, s.object, s.member, &s.action)?;
            }
            cycle::start(tx, lease, mode, now, watermark)
        })
        .await?;
    Ok(Run::new(engine.db.clone(), open.clone(), lease, key, options))
}

/// Retries whose step is not wanted any more, by any plan: there is nothing left to try.
fn settled(work: &Work, drafts: &[RuleDraft]) -> Vec<(i64, i64, i64)> {
    let wanted: HashSet<(i64, i64, i64)> = drafts
        .iter()
        .flat_map(|draft| {
            let steps = draft
                .plan
                .steps
                .iter()
                .map(|s| (draft.rule.key, s.object, s.member));
            steps.chain(draft.failures.iter().map(|f| (draft.rule.key, f.object, 0)))
        })
        .collect();
    work.due
        .iter()
        .filter(|one| !wanted.contains(*one))
        .copied()
        .collect()
}

fn staged_steps(draft: &RuleDraft) -> Vec<StagedStep> {
    let Some(part) = &draft.held else {
        return Vec::new();
    };
    let step = |s: &provost_engine::plan::Step| StagedStep {
        key: 0,
        rule: draft.rule.key,
        object: s.object,
        member: s.member,
        action: s.action.to_string(),
        label: String::new(),
        digest: part.digest.clone(),
        decision: Decision::Pending,
        created: 0,
    };
    part.steps.iter().map(step).collect()
}

/// The name of a step's object, which may be known only from its link.
fn label(tx: &mut provost_store::Tx, step: &StagedStep) -> provost_store::Result<String> {
    Ok(match link::get(tx, step.rule, step.object)? {
        Some(link) => link.label,
        None => provost_store::directory::by_key(tx, step.object)?
            .map(|o| o.label)
            .unwrap_or_default(),
    })
}

/// Carries the drafts out in the order that keeps every reference resolvable and takes away last.
async fn apply_all(run: &Run, drafts: &[RuleDraft]) -> Result<Totals> {
    let of = |kind: Kind| drafts.iter().filter(move |d| d.rule.kind == kind);
    let shaping = [Action::Create, Action::Update, Action::Restore];
    for draft in drafts {
        apply::note_failures(run, draft).await?;
    }
    for draft in of(Kind::Person) {
        apply::objects(run, &draft.rule, &draft.plan, &shaping, Phase::People).await?;
    }
    for draft in of(Kind::Person) {
        apply::references(run, &draft.rule).await?;
    }
    for draft in of(Kind::Group) {
        apply::objects(run, &draft.rule, &draft.plan, &shaping, Phase::Groups).await?;
    }
    for draft in of(Kind::Group) {
        apply::members(run, &draft.rule, &draft.plan).await?;
    }
    for draft in drafts {
        apply::objects(
            run,
            &draft.rule,
            &draft.plan,
            &[Action::Disable, Action::Delete],
            Phase::Removals,
        )
        .await?;
    }
    Ok(run.totals())
}

/// In one commit: how the cycle ended, the connection's condition, and the watermark.
async fn finish(
    run: &Run,
    work: &Work,
    drafts: &[RuleDraft],
    totals: &Totals,
    started: Instant,
) -> Result<Report> {
    let halted = run.halted();
    let held: Vec<_> = drafts.iter().filter_map(report::held).collect();
    let state = match (&halted, run.is_stopped()) {
        (Some(_), _) => "failed",
        (None, true) => "stopped",
        (None, false) if !held.is_empty() => "held",
        (None, false) => "done",
    };
    let reason = halted
        .as_ref()
        .map(|e| format!("{e}. {}", e.hint()))
        .unwrap_or_default();
    let report = Report {
        connection: run.open.connection.name.clone(),
        mode: work.mode(),
        state,
        looked: drafts.iter().map(|d| d.looked).sum(),
        applied: totals.applied.clone(),
        adopted: totals.adopted,
        failed: totals.failed,
        skipped: drafts.iter().flat_map(|d| d.skipped.values()).sum(),
        held,
        reason,
        millis: started.elapsed().as_millis() as u64,
    };
    let complete = matches!(state, "done" | "held");
    let watermark = if complete {
        work.upto
    } else {
        run.open.connection.watermark
    };
    let counts = serde_json::to_string(&report).unwrap_or_default();
    let condition = condition(run, work, totals, &report);
    let (lease, key, connection) = (run.lease, run.cycle, Arc::clone(&run.open.connection));
    run.db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            let now = clock::now();
            let mut to = condition.clone();
            if to.state == State::Active {
                hold_while_steps_wait(tx, &connection, &mut to)?;
            }
            // Whoever paused the connection while the cycle ran has the last word.
            let is_paused = connection::by_key(tx, connection.key)?.is_some_and(|c| c.state == State::Paused);
            if !is_paused {
                connection::set_state(tx, ACTOR, now, &connection, &to)?;
            }
            connection::set_watermark(tx, connection.key, watermark)?;
            cycle::finish(tx, key, now, state, watermark, &counts)
        })
        .await?;
    Ok(report)
}

/// A connection is held for as long as staged steps wait for a decision.
fn hold_while_steps_wait(
    tx: &mut provost_store::Tx,
    connection: &connection::Connection,
    to: &mut Condition,
) -> provost_store::Result<()> {
    let waiting = staged::count(tx, connection.key, Decision::Pending)?;
    if waiting > 0 {
        to.state = State::Held;
        if to.reason.is_empty() {
            to.reason = if connection.reason.is_empty() {
                format!("{waiting} removals wait for a decision.")
            } else {
                connection.reason.clone()
            };
        }
    }
    Ok(())
}

/// The quarantine decision.
fn condition(run: &Run, work: &Work, totals: &Totals, report: &Report) -> Condition {
    let now = clock::now();
    let tally = quarantine::Tally {
        succeeded: report.writes(),
        failed: totals.failed,
        failed_references: totals.failed_references,
        refused: report.state == "failed",
        initial: work.mode() == "initial",
    };
    let before = &run.open.connection;
    let series = (before.state == State::Quarantine).then(|| quarantine::Series {
        failures: u32::try_from(before.failures).unwrap_or(u32::MAX),
        lasting: now - before.since,
    });
    match quarantine::decide(&tally, series.as_ref()) {
        quarantine::State::Healthy => {
            let reason = report
                .held
                .iter()
                .map(|h| h.sentence.as_str())
                .collect::<Vec<_>>()
                .join(" ");
            Condition {
                state: State::Active,
                reason,
                failures: 0,
                next_try: 0,
            }
        }
        quarantine::State::Quarantined {
            next_try_after_ms,
            reason,
        } => Condition {
            state: State::Quarantine,
            reason: if report.reason.is_empty() {
                reason.to_string()
            } else {
                report.reason.clone()
            },
            failures: before.failures + 1,
            next_try: now + run.patience(before.failures).unwrap_or(next_try_after_ms),
        },
        quarantine::State::Disabled { reason } => Condition {
            state: State::Paused,
            reason: reason.to_string(),
            failures: before.failures + 1,
            next_try: 0,
        },
    }
}
