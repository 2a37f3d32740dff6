//! Plans that are kept: made, read, exported, approved by a second person where that is asked for, and then
//! applied exactly as they were read, or refused with what moved.

mod apply;
mod basis;
mod export;
mod fingerprint;
mod make;
mod moved;
mod pages;

pub use export::Format;
pub use moved::{Moved, Side};

use crate::engine::Options;
use crate::licence::Seats;
use crate::progress::Watcher;
use crate::proposal::Proposal;
use crate::report::{Report, RulePreview};
use crate::work::Mode;
use crate::{Engine, Error, Result};
use futures::Stream;
use provost_store::plan::{self, Plan};
use serde::Serialize;
use uuid::Uuid;

/// A plan in numbers.
#[derive(Debug, Clone, Serialize)]
pub struct PlanSummary {
    /// The plan's id; none when it was not kept.
    pub id: Option<Uuid>,
    /// The connection's name.
    pub connection: String,
    /// `initial`, `incremental` or `reconcile`.
    pub mode: &'static str,
    /// Whether a second person has to approve it before it is applied.
    pub approval: bool,
    /// What an approval is bound to: XXH3 over every step and the values it leaves behind.
    pub digest: String,
    /// Steps in all, those that wait for a person included.
    pub steps: u64,
    /// How many of them wait for a person.
    pub held: u64,
    /// Each rule's part: counts, what was left alone, failures, and what is held.
    pub rules: Vec<RulePreview>,
    /// The seats that it needs of each product that it gives.
    pub seats: Vec<Seats>,
    /// What should be known before it is applied, a sentence each, with its stable word in front.
    pub warnings: Vec<String>,
    /// Milliseconds it took to plan.
    pub millis: u64,
}

impl Engine {
    /// Plans what a cycle would do, as the connection would be with `proposal`, with every value before and after.
    /// A plan that is to be kept (`save`) takes the place of the connection's older ones that wait. Nothing is
    /// written to the target; a reconcile reads it.
    ///
    /// A step that is staged already is not part of the plan: it waits for its own decision.
    ///
    /// # Errors
    /// [`Error::Rules`] when a rule does not compile; [`Error::Running`] when a reconcile is planned while a cycle
    /// runs; [`Error::Target`]; any error of the store.
    pub async fn make_plan(
        &self,
        connection: i64,
        mode: Option<Mode>,
        proposal: &Proposal,
        actor: &str,
        save: bool,
        watcher: Option<&Watcher>,
    ) -> Result<PlanSummary> {
        let keeper = save.then_some(actor);
        if mode != Some(Mode::Reconcile) {
            return make::make(self, None, connection, mode, proposal, keeper, watcher).await;
        }
        let options = Options {
            progress: watcher.cloned(),
            ..Options::default()
        };
        self.with_lease(connection, &options, |lease| {
            make::make(self, Some(lease), connection, mode, proposal, keeper, watcher)
        })
        .await
    }

    /// Applies a kept plan: the same objects are looked at again, and when exactly the same would be done, that is
    /// done, what the guard holds included when a second person approved it. A change of the configuration that
    /// the plan was made for is saved first.
    ///
    /// # Errors
    /// [`Error::NoPlan`]; [`Error::PlanState`] when it was applied, rejected or replaced; [`Error::NeedsApproval`];
    /// [`Error::PlanMoved`] with what moved, and nothing was changed; [`Error::Running`]; [`Error::Paused`].
    pub async fn apply_plan(
        &self,
        workspace: i64,
        id: Uuid,
        actor: &str,
        options: &Options,
    ) -> Result<Report> {
        let plan = self.kept_plan(workspace, id).await?;
        apply::check(&plan)?;
        self.with_lease(plan.connection, options, |lease| {
            apply::run(self, lease, workspace, id, actor, options)
        })
        .await
    }

    /// Approves a kept plan; it still has to be applied.
    ///
    /// # Errors
    /// [`Error::NoPlan`]; the store's `PRV-PLAN-SAME-PERSON` when `actor` made it, `PRV-PLAN-DECIDED`.
    pub async fn approve_plan(&self, workspace: i64, id: Uuid, actor: &str) -> Result<()> {
        self.decide_plan(workspace, id, actor, true, "").await
    }

    /// Rejects a kept plan, with a reason for people.
    ///
    /// # Errors
    /// [`Error::NoPlan`]; the store's `PRV-PLAN-DECIDED`.
    pub async fn reject_plan(&self, workspace: i64, id: Uuid, actor: &str, reason: &str) -> Result<()> {
        self.decide_plan(workspace, id, actor, false, reason).await
    }

    async fn decide_plan(
        &self,
        workspace: i64,
        id: Uuid,
        actor: &str,
        approve: bool,
        reason: &str,
    ) -> Result<()> {
        let plan = self.kept_plan(workspace, id).await?;
        if approve && plan.digest.is_empty() {
            return Err(apply::unfinished(&plan));
        }
        let (actor, reason, now) = (actor.to_owned(), reason.to_owned(), self.now());
        self.db
            .write(move |tx| plan::decide(tx, &actor, now, plan.key, approve, &reason))
            .await?;
        Ok(())
    }

    /// A kept plan's steps, piece by piece: as JSON lines for programs, or as CSV for people. Each piece is a few
    /// hundred whole lines.
    ///
    /// # Errors
    /// [`Error::NoPlan`]; in the stream, any error of the store.
    pub async fn export_plan(
        &self,
        workspace: i64,
        id: Uuid,
        format: Format,
    ) -> Result<impl Stream<Item = Result<String>> + Send + use<>> {
        let plan = self.kept_plan(workspace, id).await?;
        export::stream(self.db.clone(), plan, format).await
    }

    async fn kept_plan(&self, workspace: i64, id: Uuid) -> Result<Plan> {
        let found = self.db.read(move |tx| plan::get(tx, workspace, id)).await?;
        found.ok_or(Error::NoPlan(id))
    }
}
