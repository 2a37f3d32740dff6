//! The end of a cycle: its counts, the connection's condition, the watermark and the marks, in one commit.

use crate::apply::shrink::SHRANK;
use crate::apply::{Run, Totals};
use crate::draft::RuleDraft;
use crate::report::{self, Report};
use crate::work::{Mode, Work};
use crate::{Result, setup, stage, stop_cycle};
use provost_engine::object::Kind;
use provost_engine::quarantine;
use provost_store::connection::{self, Condition, Connection, Marks, State};
use provost_store::staged::{self, Decision};
use provost_store::{Tx, connection_day, cycle, directory, lease, reference, revisit};
use std::sync::Arc;
use std::time::Instant;

/// Who does what the engine does by itself, in the audit log.
const ACTOR: &str = "provost";
/// The stable word for a connection whose removals wait for a person.
pub(crate) const HELD: &str = "PRV-GUARD-HELD";

/// In one commit: how the cycle ended, the connection's condition, and the watermark.
pub(crate) async fn finish(run: &Run, work: &Work, drafts: &[RuleDraft], started: Instant) -> Result<Report> {
    let totals = run.totals();
    let mut report = report(run, work, drafts, &totals, started);
    let is_complete = matches!(report.state, "done" | "held");
    let condition = match work.is_on_demand {
        true => unchanged(&run.open.connection),
        false => condition(run, work, &totals, &report),
    };
    let open = run.open.clone();
    let rules: Vec<i64> = open.rules.iter().map(|r| r.key).collect();
    report.unresolved = run
        .db
        .read(move |tx| {
            let mut sum = 0;
            for rule in &rules {
                sum += reference::waiting(tx, *rule)?;
            }
            Ok::<_, provost_store::Error>(sum)
        })
        .await? as u64;
    let counts = serde_json::to_string(&report).unwrap_or_default();
    let figures = figures(&report);
    let (lease, key, connection) = (run.lease, run.cycle, Arc::clone(&open.connection));
    let (now, state, work) = (open.now(), report.state, work.clone());
    let is_held = !report.held.is_empty();
    let followed: Vec<(i64, i64)> = run.followed().iter().map(|o| (*o, revisit::WHOLE)).collect();
    let again: Vec<(i64, i64)> = drafts.iter().flat_map(|d| d.again.iter().copied()).collect();
    run.db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            let mut to = condition.clone();
            if to.state == State::Active {
                hold_while_steps_wait(tx, &connection, &mut to)?;
            }
            // Whoever paused the connection while the cycle ran has the last word.
            let found = connection::by_key(tx, connection.key)?;
            let is_off = found.is_some_and(|c| matches!(c.state, State::Paused | State::Invalid));
            if state == "stopped" && !work.is_on_demand && cycle::is_stopping(tx, key)? {
                to = stop_cycle::resting(to, now);
            }
            if !is_off {
                connection::set_state(tx, ACTOR, now, &connection, &to)?;
            }
            let mut watermark = connection.watermark;
            if is_complete && !work.is_urgent && !work.is_on_demand {
                // Whoever asked for a restart meanwhile has the last word as well.
                connection::advance(tx, connection.key, connection.watermark, work.upto)?;
                watermark = work.upto;
                let people = match is_held {
                    true => None,
                    false => Some(directory::count(tx, connection.workspace, Kind::Person)?),
                };
                connection::set_marks(tx, connection.key, marks(&work, now, people))?;
                stage::settle_revisits(tx, connection.key, &work)?;
                revisit::settle_all(tx, connection.key, &followed, work.at)?;
                stage::look_again(tx, connection.key, &again, now)?;
                if work.mode == Mode::Reconcile {
                    connection::want(tx, connection.key, "")?;
                }
            }
            connection_day::add(tx, connection.key, connection_day::day_of(now), figures)?;
            cycle::finish(tx, key, now, state, watermark, &counts)
        })
        .await?;
    Ok(report)
}

fn report(run: &Run, work: &Work, drafts: &[RuleDraft], totals: &Totals, started: Instant) -> Report {
    let (halted, shrunk) = (run.halted(), run.shrunk());
    let held: Vec<_> = drafts.iter().flat_map(report::held).collect();
    let state = match (&halted, run.is_stopped()) {
        (Some(_), _) => "failed",
        _ if shrunk.is_some() => "failed",
        (None, true) => "stopped",
        (None, false) if !held.is_empty() => "held",
        (None, false) => "done",
    };
    let observed = work.observed.as_ref();
    let reason = match &halted {
        Some(e) => format!("{e}. {}", e.hint()),
        None => shrunk
            .or_else(|| observed.map(|o| o.trouble.clone()))
            .unwrap_or_default(),
    };
    Report {
        connection: run.open.connection.name.clone(),
        mode: work.mode.word(),
        state,
        looked: drafts.iter().map(|d| d.looked).sum(),
        applied: totals.applied.clone(),
        adopted: totals.adopted,
        failed: totals.failed,
        skipped: drafts.iter().flat_map(|d| d.skipped.values()).sum::<u64>() + totals.skipped,
        held,
        drift: observed.map_or(0, |o| o.drift),
        unresolved: 0,
        reason,
        millis: started.elapsed().as_millis() as u64,
    }
}

/// What the cycle adds to its day.
fn figures(report: &Report) -> connection_day::Figures {
    let removals = report.applied.iter().filter(|(action, _)| action.is_removal());
    let removed: u64 = removals.map(|(_, steps)| steps).sum();
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    connection_day::Figures {
        cycles: 1,
        written: number(report.writes() - removed),
        removed: number(removed),
        failed: number(report.failed),
    }
}

/// What the schedule and the guard measure by. An incomplete reconcile is tried again within the hour. The
/// people are counted only when no removal waits: else a second look would find nothing odd any more.
fn marks(work: &Work, now: i64, people: Option<i64>) -> Marks {
    Marks {
        reconciled: match work.mode {
            Mode::Initial => Some(now),
            Mode::Reconcile if work.observed.as_ref().is_some_and(|o| o.is_complete) => Some(now),
            Mode::Reconcile => work.observed.as_ref().map(|o| o.again),
            Mode::Incremental => None,
        },
        timed: (work.timed || work.mode == Mode::Initial).then_some(work.at),
        last_run: Some(now),
        people,
    }
}

/// A connection is held for as long as staged steps wait for a decision.
fn hold_while_steps_wait(
    tx: &mut Tx,
    connection: &Connection,
    to: &mut Condition,
) -> provost_store::Result<()> {
    let waiting = staged::count(tx, connection.key, Decision::Pending)?;
    if waiting > 0 {
        to.state = State::Held;
        to.code = HELD.to_owned();
        if to.reason.is_empty() {
            to.reason = if connection.reason.is_empty() {
                let steps = if waiting == 1 {
                    "one step waits".to_owned()
                } else {
                    format!("{waiting} steps wait")
                };
                format!(
                    "{HELD}: {steps} for a person's decision. Look at what is staged, then approve or reject it."
                )
            } else {
                connection.reason.clone()
            };
        }
    }
    Ok(())
}

/// What one object did says nothing about the connection.
fn unchanged(connection: &Connection) -> Condition {
    Condition {
        state: connection.state,
        reason: connection.reason.clone(),
        code: connection.code.clone(),
        failures: connection.failures,
        next_try: connection.next_try,
    }
}

/// The quarantine decision.
fn condition(run: &Run, work: &Work, totals: &Totals, report: &Report) -> Condition {
    let now = run.open.now();
    let tally = quarantine::Tally {
        succeeded: report.writes(),
        failed: totals.failed,
        failed_references: totals.failed_references,
        refused: report.state == "failed",
        initial: work.mode == Mode::Initial,
    };
    let before = &run.open.connection;
    // Only a person can mend it: nothing is tried any more, and nothing follows for anybody's account.
    if let Some(error) = run.halted().filter(setup::is_refused) {
        return setup::invalid(&error, before, now + setup::CHECK_AGAIN);
    }
    let series = (before.state == State::Quarantine).then(|| quarantine::Series {
        failures: u32::try_from(before.failures).unwrap_or(u32::MAX),
        lasting: now - before.since,
    });
    match quarantine::decide(&tally, series.as_ref()) {
        quarantine::State::Healthy => {
            let held = report.held.iter().map(|h| h.sentence.as_str());
            let trouble = (!report.reason.is_empty()).then_some(report.reason.as_str());
            Condition {
                state: State::Active,
                reason: held.chain(trouble).collect::<Vec<_>>().join(" "),
                code: code_of(&report.reason),
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
            code: run.shrunk().map_or(reason.code(), |_| SHRANK).to_owned(),
            failures: before.failures + 1,
            next_try: now + run.patience(before.failures).unwrap_or(next_try_after_ms),
        },
        quarantine::State::Disabled { reason } => Condition {
            state: State::Paused,
            reason: reason.to_string(),
            code: reason.code().to_owned(),
            failures: before.failures + 1,
            next_try: 0,
        },
    }
}

/// The stable word at the begin of a sentence.
fn code_of(sentence: &str) -> String {
    match sentence.split_once(':') {
        Some((code, _)) if code.starts_with("PRV-") => code.to_owned(),
        _ => String::new(),
    }
}
