//! The steps of a draft with their values, page by page: a plan over a million people is never in memory whole.

use super::fingerprint::RuleNames;
use crate::draft::RuleDraft;
use crate::open::{ActiveRule, Open};
use crate::{Result, detail};
use provost_engine::plan::Step;
use provost_store::Db;
use provost_store::plan::PlanStep;
use std::sync::Arc;
use std::time::Duration;

/// Steps of one page.
const PAGE: usize = 500;
/// How long reading one page may take.
const LIMIT: Duration = Duration::from_secs(60);

/// How a draft is walked.
pub(super) struct Walk<'a> {
    pub db: &'a Db,
    pub open: &'a Open,
    pub drafts: &'a [RuleDraft],
    /// The time at which mappings that use the clock are evaluated: that of the plan, also when it is applied.
    pub now: i64,
}

impl Walk<'_> {
    /// Steps of all rules, those that are held included.
    pub fn total(&self) -> u64 {
        let of = |draft: &RuleDraft| draft.plan.steps.len() + draft.held_steps().count();
        self.drafts.iter().map(of).sum::<usize>() as u64
    }

    /// The names of the rules that the steps belong to.
    pub fn names(&self) -> RuleNames {
        let rules = self.open.rules.iter();
        rules.map(|r| (r.key, Arc::from(r.name.as_str()))).collect()
    }

    /// The pages: each rule's steps in their order, then those of it that are held. Each page is made when it is
    /// asked for.
    pub fn pages(&self) -> impl Iterator<Item = Page> + use<'_> {
        self.drafts.iter().flat_map(|draft| {
            let total = draft.plan.steps.len() + draft.held_steps().count();
            (0..total).step_by(PAGE).map(|first| {
                let held = draft.held_steps().map(|s| (s, true));
                let steps = draft.plan.steps.iter().map(|s| (*s, false)).chain(held);
                Page {
                    rule: draft.rule.clone(),
                    steps: steps.skip(first).take(PAGE).collect(),
                }
            })
        })
    }

    /// The steps of a page with their values, each with the version of its object.
    pub async fn read(&self, page: Page) -> Result<Vec<(PlanStep, i64)>> {
        let (open, now) = (self.open.clone(), self.now);
        self.db
            .read_within(LIMIT, move |tx| {
                page.steps
                    .iter()
                    .map(|(step, held)| detail::of(tx, &open, &page.rule, step, *held, now))
                    .collect()
            })
            .await
    }
}

/// Some steps of one rule.
pub(super) struct Page {
    rule: Arc<ActiveRule>,
    /// Each with whether it is held.
    steps: Vec<(Step, bool)>,
}
