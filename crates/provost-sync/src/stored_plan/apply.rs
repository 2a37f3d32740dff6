//! Applying a kept plan: look again, compare, and only then write.

use super::basis::{self, Basis};
use super::fingerprint::RuleNames;
use super::make;
use super::moved::{self, Moved};
use super::pages::Walk;
use crate::cycle;
use crate::draft::{self, RuleDraft};
use crate::engine::Options;
use crate::open::{self, Open};
use crate::proposal::Proposal;
use crate::report::Report;
use crate::work::{Mode, Work};
use crate::{Engine, Error, Result, licence, reconcile};
use provost_engine::plan::Action;
use provost_store::connection;
use provost_store::lease::{self, Lease};
use provost_store::plan::{self, Plan};
use provost_store::{assignment, config_version, directory, member, revisit, rule};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Differences that the plan's own row names; all that are found stand in the error.
const KEPT: usize = 3;
/// People and groups whose memberships are asked for in one commit.
const CHUNK: usize = 200;

/// Whether the plan may be applied now.
pub(super) fn check(plan: &Plan) -> Result<()> {
    if plan.digest.is_empty() && plan.is_waiting() {
        return Err(unfinished(plan));
    }
    if plan.is_ready() {
        return Ok(());
    }
    if plan.is_waiting() {
        return Err(Error::NeedsApproval(plan.id));
    }
    Err(Error::PlanState {
        id: plan.id,
        state: plan.state.to_string(),
        reason: plan.reason.clone(),
    })
}

/// The plan whose last step is not kept yet, or never will be, because its maker was cut short.
pub(super) fn unfinished(plan: &Plan) -> Error {
    Error::PlanState {
        id: plan.id,
        state: "unfinished".to_owned(),
        reason: "it is still being made, or whoever made it was stopped".to_owned(),
    }
}

/// Applies a plan under the connection's lease.
pub(super) async fn run(
    engine: &Engine,
    lease: Lease,
    workspace: i64,
    id: Uuid,
    actor: &str,
    options: &Options,
) -> Result<Report> {
    // Somebody else may have applied it while the lease was waited for.
    let plan = engine.kept_plan(workspace, id).await?;
    check(&plan)?;
    let basis = Basis::from_value(&plan.scope)?;
    let mut open = open::open_with(engine, plan.connection, &basis.proposal).await?;
    cycle::runs(&open.connection)?;
    open = licence::refreshed(engine, open).await?;
    let connection = plan.connection;
    let stored = engine
        .db
        .read(move |tx| rule::of_connection(tx, connection))
        .await?;
    let stored_names = basis::rule_names(stored, &basis.proposal);
    let mut work = basis.to_work(&open);
    if work.mode == Mode::Reconcile {
        work.observed = Some(reconcile::observe(engine, lease, &open, options).await?);
    }
    let mut drafts = draft::make(&engine.db, &open, &work, options.progress.as_ref()).await?;
    let versions = compare(engine, &open, &plan, &drafts, &stored_names, actor).await?;
    work.pinned = Some(Arc::new(versions));
    if !basis.proposal.is_empty() {
        let saved = save(engine, lease, &open, &basis.proposal, actor, &plan).await;
        engine
            .told(&open.connection, actor, "microsoft_365.plan", saved)
            .await?;
        open = open::open_with(engine, plan.connection, &Proposal::default()).await?;
        open = licence::refreshed(engine, open).await?;
        adopt(&open, &mut work, &mut drafts);
    }
    let held = held_creates(&drafts);
    release(&mut drafts);
    let options = Options {
        initiator: options.initiator.clone().or_else(|| Some(actor.to_owned())),
        ..options.clone()
    };
    let report = cycle::carry_out(engine, lease, &open, &work, &drafts, &options).await?;
    look_at_memberships(engine, plan.connection, held).await?;
    close(engine, &plan, actor).await?;
    Ok(report)
}

/// People and groups whose create waited for the plan's approval: their memberships could not be planned with it,
/// because nobody knew whether they would ever be there.
fn held_creates(drafts: &[RuleDraft]) -> Vec<i64> {
    let held = drafts.iter().flat_map(RuleDraft::held_steps);
    held.filter(|step| step.action == Action::Create)
        .map(|step| step.object)
        .collect()
}

/// The next cycle plans the memberships of those who were made only now.
async fn look_at_memberships(engine: &Engine, connection: i64, made: Vec<i64>) -> Result<()> {
    for chunk in made.chunks(CHUNK) {
        let (chunk, now) = (chunk.to_vec(), engine.now());
        engine
            .db
            .write(move |tx| {
                for key in &chunk {
                    for group in member::groups_of(tx, *key)? {
                        revisit::ask(tx, connection, group.key, *key, now, "plan")?;
                    }
                    for member in member::keys(tx, *key)? {
                        revisit::ask(tx, connection, *key, member, now, "plan")?;
                    }
                }
                Ok::<_, provost_store::Error>(())
            })
            .await?;
    }
    Ok(())
}

/// Refuses when anything else would be done now than what was planned. Times that mappings write are those of the
/// plan, so that a clock alone moves nothing; whom a date concerns is decided by the time of now. Answers the
/// versions of the objects that were compared: one that changes while the plan is carried out is left alone.
async fn compare(
    engine: &Engine,
    open: &Open,
    plan: &Plan,
    drafts: &[RuleDraft],
    stored_names: &RuleNames,
    actor: &str,
) -> Result<HashMap<i64, i64>> {
    let walk = Walk {
        db: &engine.db,
        open,
        drafts,
        now: plan.created,
    };
    let (digest, versions) = make::digest(&walk).await?;
    if digest == plan.digest {
        return Ok(versions);
    }
    let moved = moved::differences(&walk, plan.key, stored_names).await?;
    let first: Vec<String> = moved.iter().take(KEPT).map(Moved::to_string).collect();
    let (reason, kept, actor, now) = (first.join(" "), plan.clone(), actor.to_owned(), engine.now());
    engine
        .db
        .write(move |tx| plan::set_moved(tx, &actor, now, &kept, &reason))
        .await?;
    Err(Error::PlanMoved { id: plan.id, moved })
}

/// Saves the change of the configuration that the plan was made for.
async fn save(
    engine: &Engine,
    lease: Lease,
    open: &Open,
    proposal: &Proposal,
    actor: &str,
    plan: &Plan,
) -> Result<()> {
    let (connection, proposal, actor) = (open.connection.key, proposal.clone(), actor.to_owned());
    let (note, now) = (format!("plan {}", plan.id), engine.now());
    engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            // As it is stored: what is open has the proposal in it.
            let Some(stored) = connection::by_key(tx, connection)? else {
                return Err(Error::NoConnection(connection));
            };
            let mut to = config_version::current(tx, connection)?;
            if let Some(rules) = &proposal.rules {
                to.rules.clone_from(rules);
            }
            if let Some(preferences) = &proposal.preferences {
                to.preferences.clone_from(preferences);
            }
            if let Some(guard) = proposal.guard {
                to.guard = guard;
            }
            connection::configure(tx, &actor, now, &stored, &to, &note)?;
            for key in &proposal.assign {
                // Who is gone since cannot be assigned, and has no step either.
                if let Some(object) = directory::by_key(tx, *key)? {
                    assignment::add(tx, &actor, now, &stored, &object)?;
                }
            }
            for key in &proposal.unassign {
                assignment::remove(tx, &actor, now, &stored, *key)?;
            }
            Ok(())
        })
        .await
}

/// Gives the drafts the rules as they are saved now: a new one has its key only since.
fn adopt(open: &Open, work: &mut Work, drafts: &mut Vec<RuleDraft>) {
    let saved = |name: &str| open.rules.iter().find(|r| r.name == name).cloned();
    drafts.retain_mut(|draft| match saved(&draft.rule.name) {
        Some(rule) => {
            draft.rule = rule;
            true
        }
        None => false,
    });
    // Everything was looked at, so that the watermark may follow.
    work.whole.clear();
}

/// What was held is part of what a second person approved.
fn release(drafts: &mut [RuleDraft]) {
    for draft in drafts {
        let held: Vec<_> = draft.held_steps().collect();
        draft.held.clear();
        for step in held {
            draft.plan.push(step);
        }
    }
}

/// Notes by which cycle the plan was carried out: the connection's newest, since the lease is still held.
async fn close(engine: &Engine, plan: &Plan, actor: &str) -> Result<()> {
    let (plan, actor, now) = (plan.clone(), actor.to_owned(), engine.now());
    engine
        .db
        .write(move |tx| {
            let newest = provost_store::cycle::latest(tx, plan.connection, 1)?;
            let cycle = newest.first().map_or(0, |c| c.key);
            plan::set_applied(tx, &actor, now, &plan, cycle)
        })
        .await?;
    Ok(())
}
