//! The urgent lane: who loses access by an explicit change loses it within seconds, while a long cycle runs and
//! while a connection waits for its interval. Only what takes away is carried out, judged by the same guard; the
//! watermark stays, and the next cycle looks at the same changes again.

use crate::apply::{Lane, Run};
use crate::draft::{self, RuleDraft};
use crate::engine::Options;
use crate::open::{self, Open};
use crate::proposal::Proposal;
use crate::weigh::UnderWay;
use crate::work::{Mode, Work};
use crate::{Engine, Report, Result, cycle, touched};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use provost_engine::plan::{Action, Plan, Step};
use provost_store::lease::Lease;
use provost_store::{Db, change_log};
use std::collections::HashSet;

/// Carries out the urgent changes that came since the lane was last looked at.
pub(crate) fn pass<'a>(run: &'a Run, lane: &'a Lane) -> BoxFuture<'a, Result<()>> {
    async move {
        let from = lane.position();
        let upto = run.db.read(change_log::last_position).await?;
        if upto <= from {
            return Ok(());
        }
        let drafts = drafts(&run.db, &run.open, from, upto, run.planned).await?;
        if !drafts.is_empty() {
            let _alone = lane.alone().await;
            cycle::take_access(&run.urgently(), &drafts).await?;
        }
        lane.reach(upto);
        Ok(())
    }
    .boxed()
}

/// An urgent pass of its own, over the changes after `from`: for a connection that waits. `None`: nothing takes
/// access away. Answers the position it looked up to as well.
pub(crate) async fn alone(
    engine: &Engine,
    lease: Lease,
    from: i64,
    options: &Options,
) -> Result<(Option<Report>, i64)> {
    let open = open::open_with(engine, lease.connection, &Proposal::default()).await?;
    let upto = engine.db.read(change_log::last_position).await?;
    let drafts = drafts(&engine.db, &open, from, upto, UnderWay::default()).await?;
    if drafts.is_empty() {
        return Ok((None, upto));
    }
    let mut work = Work::over(Mode::Incremental, touched::Touched::default(), upto, open.now());
    work.is_urgent = true;
    let report = cycle::carry_out(engine, lease, &open, &work, &drafts, options).await?;
    Ok((Some(report), upto))
}

/// What of the changes takes access away, and may be done.
async fn drafts(db: &Db, open: &Open, from: i64, upto: i64, under_way: UnderWay) -> Result<Vec<RuleDraft>> {
    let changed = touched::since(db, open, from, upto).await?;
    let mut work = Work::over(Mode::Incremental, changed.touched, upto, open.now());
    work.under_way = under_way;
    if work.is_empty() {
        return Ok(Vec::new());
    }
    let mut drafts = draft::make(db, open, &work, None).await?;
    for draft in &mut drafts {
        let mut plan = Plan::new();
        // Who gets one licence for another gets both at once, so that no data is lost in between: in the cycle.
        let swaps: HashSet<i64> = draft
            .plan
            .steps
            .iter()
            .filter(|s| s.action == Action::AddLicence)
            .map(|s| s.object)
            .collect();
        let is_urgent = |step: &&Step| {
            step.action.is_removal() && !(step.action.is_licence() && swaps.contains(&step.object))
        };
        for step in draft.plan.steps.iter().filter(is_urgent) {
            plan.push(*step);
        }
        draft.plan = plan;
        draft.held.clear();
        draft.outdated.clear();
        draft.failures.clear();
        draft.again.clear();
    }
    drafts.retain(|draft| !draft.plan.is_empty());
    Ok(drafts)
}
