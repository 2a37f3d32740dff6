//! Policies over a plan: the allowed actions, and the guard against accidental removals.
//!
//! Both are filters over a finished plan, so a preview and a real run go through the same code. The
//! guard counts effects in the plan, never causes, and counts objects and memberships apart: a
//! reorganisation that moves thousands of memberships must not hide ten lost accounts.

mod allowed;
mod guard;
pub mod password;

pub use allowed::{Allowed, CONTRADICT, Contradiction};
pub use guard::{Baseline, Guard, Verdict, judge};

use crate::plan::{Action, Counts, Dropped, Plan, Step, Why};
use crate::rule::{Actions, Approval};

/// Whether a rule's actions allow an action.
pub fn allowed(actions: &Actions, action: Action) -> bool {
    match action {
        Action::Create => actions.create,
        Action::Update | Action::Restore => actions.update,
        Action::Disable => actions.disable,
        Action::Delete => actions.delete,
        Action::AddMember => actions.add_member,
        Action::RemoveMember => actions.remove_member,
        Action::AddLicence | Action::RemoveLicence => actions.licence,
    }
}

/// Takes the steps out of a plan that a rule's actions do not allow; they stand in its `dropped`.
///
/// A [`Action::Create`] step is dropped only when updating is not allowed either: existing accounts are
/// still matched and kept up to date. Whoever applies the step asks [`allowed`] again before it really
/// creates.
pub fn filter(plan: Plan, actions: &Actions) -> Plan {
    let keep = |step: &Step| match step.action {
        Action::Create => actions.create || actions.update,
        other => allowed(actions, other),
    };
    partition(plan, keep, Why::NotAllowed)
}

/// Takes the removals of protected people and groups out of a plan, each to be staged for a person's
/// decision. `is_protected` says it of a step: for a membership it looks at the member as well.
pub fn protect(plan: Plan, is_protected: impl Fn(&Step) -> bool) -> Plan {
    partition(
        plan,
        |step| !(step.action.is_removal() && is_protected(step)),
        Why::Protected,
    )
}

/// Takes the steps out of a plan that a second person has to approve.
pub fn ask_approval(plan: Plan, approval: Approval) -> Plan {
    let keep = |step: &Step| match approval {
        Approval::Never => true,
        Approval::Removals => !step.action.is_removal(),
        Approval::Always => false,
    };
    partition(plan, keep, Why::Approval)
}

/// Takes all removals out of a plan that the guard held; they stand in its `dropped` to be staged.
/// Creates, updates and restores go on.
pub fn hold(plan: Plan) -> Plan {
    let mut plan = partition(plan, |step| !step.action.is_removal(), Why::Held);
    plan.counts.emptied_groups = 0;
    plan
}

fn partition(mut plan: Plan, keep: impl Fn(&Step) -> bool, why: Why) -> Plan {
    let emptied_groups = plan.counts.emptied_groups;
    let mut counts = Counts {
        emptied_groups,
        ..Counts::default()
    };
    let dropped = &mut plan.dropped;
    plan.steps.retain(|step| {
        let kept = keep(step);
        if kept {
            counts.add(step);
        } else {
            dropped.push(Dropped { step: *step, why });
        }
        kept
    });
    if counts.member_removals() == 0 && counts.groups.delete == 0 {
        counts.emptied_groups = 0;
    }
    plan.counts = counts;
    plan
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
