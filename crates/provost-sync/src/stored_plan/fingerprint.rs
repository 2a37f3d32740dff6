//! The identity of a plan: every step with the values it leaves behind.

use provost_store::plan::PlanStep;
use std::collections::HashMap;
use std::sync::Arc;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Names of rules by key. A rule that a proposal adds gets its key only when it is saved, so a step is known by
/// its rule's name.
pub(super) type RuleNames = HashMap<i64, Arc<str>>;

/// Adds up a plan's steps in their order.
#[derive(Default)]
pub(super) struct Digest(Xxh3);

impl Digest {
    pub fn add(&mut self, names: &RuleNames, step: &PlanStep) {
        self.0.update(&bytes(names, step));
    }

    /// XXH3 (128 bits) as 32 hexadecimal digits. It tells plans apart; it is no protection against forgery.
    pub fn text(&self) -> String {
        format!("{:032x}", self.0.digest128())
    }
}

/// What tells one step from another: about whom it is, under which rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Place {
    rule: Option<Arc<str>>,
    object: i64,
    member: i64,
}

pub(super) fn place(names: &RuleNames, step: &PlanStep) -> Place {
    Place {
        rule: names.get(&step.rule).cloned(),
        object: step.object,
        member: step.member,
    }
}

/// The identity of one step with its after-values.
pub(super) fn of_step(names: &RuleNames, step: &PlanStep) -> u64 {
    xxh3_64(&bytes(names, step))
}

/// Each part is preceded by its length, so that no two steps have the same bytes.
fn bytes(names: &RuleNames, step: &PlanStep) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    let mut part = |part: &[u8]| {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part);
    };
    part(names.get(&step.rule).map_or(&[][..], |n| n.as_bytes()));
    part(&step.object.to_le_bytes());
    part(&step.member.to_le_bytes());
    part(&[u8::from(step.held)]);
    part(step.action.as_bytes());
    for change in &step.changes {
        part(change.attribute.as_bytes());
        part(change.after.to_string().as_bytes());
    }
    bytes
}
