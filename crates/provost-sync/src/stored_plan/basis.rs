//! What a plan looked at: enough to look at the same again when it is applied.

use super::fingerprint::RuleNames;
use crate::open::Open;
use crate::proposal::Proposal;
use crate::touched::Touched;
use crate::work::{Mode, Scope, Work};
use crate::{Error, Result};
use provost_store::rule;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The kept form of a [`Work`], with the change of the configuration that the plan is made for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Basis {
    pub mode: String,
    /// Whether the whole directory was looked at; the sets below are empty then.
    pub everything: bool,
    pub people: BTreeSet<i64>,
    pub groups: BTreeSet<i64>,
    pub whole_groups: BTreeSet<i64>,
    pub memberships: BTreeSet<(i64, i64)>,
    /// Names of rules that looked at everything although the plan did not.
    pub whole_rules: BTreeSet<String>,
    /// The positions of the change log between which the plan looked.
    pub from: i64,
    pub upto: i64,
    /// Whether rules that depend on the time were evaluated.
    pub timed: bool,
    pub proposal: Proposal,
}

impl Basis {
    pub fn of(open: &Open, work: &Work, proposal: &Proposal) -> Self {
        let (everything, touched) = match &work.scope {
            Scope::Everything => (true, Touched::default()),
            Scope::Some(touched) => (false, touched.clone()),
        };
        let name = |key: &i64| open.rule(*key).map(|r| r.name.clone());
        Self {
            mode: work.mode.word().to_owned(),
            everything,
            people: touched.people,
            groups: touched.groups,
            whole_groups: touched.whole,
            memberships: touched.memberships,
            whole_rules: work.whole.iter().filter_map(name).collect(),
            from: open.connection.watermark,
            upto: work.upto,
            timed: work.timed,
            proposal: proposal.clone(),
        }
    }

    pub fn to_value(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(damaged)
    }

    pub fn from_value(value: &Value) -> Result<Self> {
        serde_json::from_value(value.clone()).map_err(damaged)
    }

    /// The same look again. The position is that of the plan: what changed since then and was not looked at is
    /// left to the next cycle.
    pub fn to_work(&self, open: &Open) -> Work {
        let mode = [Mode::Initial, Mode::Incremental, Mode::Reconcile]
            .into_iter()
            .find(|mode| mode.word() == self.mode)
            .unwrap_or(Mode::Incremental);
        let touched = Touched {
            people: self.people.clone(),
            groups: self.groups.clone(),
            whole: self.whole_groups.clone(),
            memberships: self.memberships.clone(),
        };
        let watermark = open.connection.watermark;
        // A cycle that ran meanwhile has got further; and what was reset meanwhile has to be looked at again.
        let upto = if self.everything || watermark >= self.from {
            self.upto.max(watermark)
        } else {
            watermark
        };
        let mut work = Work::over(mode, touched, upto, open.now());
        if self.everything {
            work.scope = Scope::Everything;
        }
        let is_whole = |name: &str| self.whole_rules.contains(name);
        work.whole = open
            .rules
            .iter()
            .filter(|r| is_whole(&r.name))
            .map(|r| r.key)
            .collect();
        work.timed = self.timed;
        work
    }
}

/// Names of the rules that the steps of a kept plan belong to: those that are stored, and those that its proposal
/// would add, whose keys are below zero by their places.
pub(super) fn rule_names(stored: Vec<rule::Stored>, proposal: &Proposal) -> RuleNames {
    let mut names: RuleNames = stored.into_iter().map(|r| (r.key, Arc::from(r.name))).collect();
    for (place, rule) in (1..).zip(proposal.rules.iter().flatten()) {
        let place: i64 = place;
        names.insert(-place, Arc::from(rule.name.as_str()));
    }
    names
}

fn damaged(error: serde_json::Error) -> Error {
    provost_store::Error::Damaged(format!("the scope of a plan: {error}")).into()
}
