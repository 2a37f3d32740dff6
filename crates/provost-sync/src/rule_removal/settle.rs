//! The end of a rule that is taken away: once nothing of it is left to do, it is dropped.

use crate::Result;
use crate::apply::Run;
use crate::draft::RuleDraft;
use crate::open::{ActiveRule, Open};
use crate::work::{Mode, Work};
use provost_engine::object::Kind;
use provost_engine::plan::Reason;
use provost_engine::rule::RemoveAction;
use provost_store::directory::Range;
use provost_store::staged::{self, Decision};
use provost_store::{Tx, lease, link, retry, rule};
use std::sync::Arc;

/// Retries that are looked through.
const RETRIES: i64 = 100_000;

/// Drops the rules that are settled, after a cycle that came to its end.
pub(crate) async fn settle(run: &Run, work: &Work, drafts: &[RuleDraft]) -> Result<()> {
    let removing = run.open.rules.iter().filter(|r| r.compiled.rule().removing);
    let ended: Vec<(Arc<ActiveRule>, Option<bool>)> = removing
        .map(|active| {
            let draft = drafts.iter().find(|d| d.rule.key == active.key);
            (
                active.clone(),
                draft.filter(|_| work.mode == Mode::Initial).map(is_through),
            )
        })
        .collect();
    if ended.is_empty() || work.is_urgent || work.is_on_demand {
        return Ok(());
    }
    let (open, lease) = (run.open.clone(), run.lease);
    run.db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            for (active, whole) in &ended {
                if is_settled(tx, &open, active, *whole)? {
                    rule::remove(tx, "provost", open.now(), &open.connection, &active.name)?;
                }
            }
            Ok::<_, provost_store::Error>(())
        })
        .await?;
    Ok(())
}

/// Whether a look at everybody left nothing to wait for: what could be done is done.
fn is_through(draft: &RuleDraft) -> bool {
    let is_waited_for = draft.skipped.contains_key(&Reason::Waiting);
    draft.failures.is_empty() && draft.held.is_empty() && !is_waited_for
}

/// `whole` says whether a look at everybody left nothing to wait for; none when not everybody was looked at.
fn is_settled(
    tx: &mut Tx,
    open: &Open,
    active: &ActiveRule,
    whole: Option<bool>,
) -> provost_store::Result<bool> {
    let connection = open.connection.key;
    let waits = |step: &staged::StagedStep| step.rule == active.key && step.decision != Decision::Rejected;
    if staged::list(tx, connection, i64::MAX)?.iter().any(waits) {
        return Ok(false);
    }
    if retry::list(tx, connection, RETRIES)?
        .iter()
        .any(|one| one.rule == active.key)
    {
        return Ok(false);
    }
    match whole {
        Some(is_through) => Ok(is_through),
        None => Ok(!has_open_links(tx, active)?),
    }
}

/// Whether an account is linked that is still to be closed or deleted.
fn has_open_links(tx: &mut Tx, active: &ActiveRule) -> provost_store::Result<bool> {
    let deletes = active.kind == Kind::Group || active.compiled.remove_action() == RemoveAction::Delete;
    if deletes {
        return Ok(link::count(tx, active.key)? > 0);
    }
    let everybody = Range {
        after: 0,
        upto: i64::MAX,
    };
    let links = link::in_range(tx, active.key, everybody)?;
    Ok(links.iter().any(|link| link.enabled))
}
