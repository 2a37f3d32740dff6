//! What a preview and a run tell: the same shapes in the console, the API and the command line.

use crate::draft::RuleDraft;
use crate::licence::Seats;
use provost_engine::object::Kind;
use provost_engine::plan::{Action, Counts, Reason, Why};
use provost_engine::policy;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a cycle would do.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    /// The connection's name.
    pub connection: String,
    /// `initial`, `incremental` or `reconcile`.
    pub mode: &'static str,
    /// Each rule's plan: people first.
    pub rules: Vec<RulePreview>,
    /// The seats that it needs of each product that it gives, by what was last read of them.
    pub seats: Vec<Seats>,
    /// What should be known before it runs, a sentence each, with its stable word in front.
    pub warnings: Vec<String>,
    /// Milliseconds it took to plan.
    pub millis: u64,
}

/// What a cycle would do under one rule.
#[derive(Debug, Clone, Serialize)]
pub struct RulePreview {
    /// The rule's name.
    pub rule: String,
    /// People or groups.
    pub kind: Kind,
    /// Objects looked at.
    pub looked: u64,
    /// Effects, counted.
    pub counts: Counts,
    /// The plan's identity.
    pub digest: String,
    /// Objects left alone, by reason.
    pub skipped: BTreeMap<Reason, u64>,
    /// Objects whose mapping fails, with the reason; at most the number of steps asked for.
    pub failures: Vec<String>,
    /// How many fail in all.
    pub failed: u64,
    /// Steps that would wait for a person's decision.
    pub held: Vec<Held>,
    /// The first steps.
    pub steps: Vec<PlannedStep>,
}

/// Steps that wait for a person's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The rule's name.
    pub rule: String,
    /// Why: the guard, a protected object, or the approval that the rule asks for.
    pub why: Why,
    /// Why, for people.
    pub sentence: String,
    /// How many steps.
    pub steps: u64,
    /// What an approval is bound to.
    pub digest: String,
}

/// A step with its object's name.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedStep {
    /// What would be done.
    pub action: Action,
    /// To which person or group.
    pub label: String,
    /// The member that comes or goes, for a membership; the product, for a licence.
    pub member: Option<String>,
}

/// What a cycle did.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The connection's name.
    pub connection: String,
    /// `initial`, `incremental` or `reconcile`.
    pub mode: &'static str,
    /// `done`, `held`, `failed` or `stopped`.
    pub state: &'static str,
    /// Objects looked at.
    pub looked: u64,
    /// Steps carried out, by action.
    pub applied: BTreeMap<Action, u64>,
    /// Objects that were found in the target and linked instead of created.
    pub adopted: u64,
    /// Steps that failed and will be tried again by themselves.
    pub failed: u64,
    /// Objects left alone.
    pub skipped: u64,
    /// Steps that wait for a person.
    pub held: Vec<Held>,
    /// Attributes and memberships that were found changed in the target: a reconcile counts them.
    pub drift: u64,
    /// References that wait for their other end.
    pub unresolved: u64,
    /// Why the cycle ended early, or what it could not do, when there is something to say.
    pub reason: String,
    /// How long it took.
    pub millis: u64,
}

impl Report {
    /// A cycle that found nothing to do.
    pub(crate) fn idle(connection: &str, mode: &'static str) -> Self {
        Self {
            connection: connection.to_owned(),
            mode,
            state: "done",
            looked: 0,
            applied: BTreeMap::new(),
            adopted: 0,
            failed: 0,
            skipped: 0,
            held: Vec::new(),
            drift: 0,
            unresolved: 0,
            reason: String::new(),
            millis: 0,
        }
    }

    /// Steps carried out.
    pub fn writes(&self) -> u64 {
        self.applied.values().sum()
    }
}

pub(crate) fn held(draft: &RuleDraft) -> Vec<Held> {
    draft
        .held
        .iter()
        .map(|part| Held {
            rule: draft.rule.name.clone(),
            why: part.why,
            sentence: part.sentence.clone(),
            steps: part.steps.len() as u64,
            digest: part.digest.clone(),
        })
        .collect()
}

pub(crate) fn rule_preview(draft: &RuleDraft, steps: Vec<PlannedStep>, limit: usize) -> RulePreview {
    let failures = draft
        .failures
        .iter()
        .take(limit)
        .map(|f| format!("{}: {}", f.label, f.sentence))
        .collect();
    RulePreview {
        rule: draft.rule.name.clone(),
        kind: draft.rule.kind,
        looked: draft.looked,
        counts: draft.plan.counts,
        digest: draft.plan.digest(),
        skipped: draft.skipped.clone(),
        failures,
        failed: draft.failures.len() as u64,
        held: held(draft),
        steps,
    }
}

/// Whether a rule may create: a create step also stands for adopting an account that exists.
pub(crate) fn may_create(draft: &crate::open::ActiveRule) -> bool {
    policy::allowed(&draft.compiled.rule().actions, Action::Create)
}
