//! What a target says of rules before they are saved.

use provost_connect::{Fault, Target};
use provost_engine::rule::Rule;
use serde::Serialize;
use std::fmt;

/// Something about a rule that the target would refuse, or that should be known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleFault {
    /// The rule's name.
    pub rule: String,
    /// Stable code, `PRV-…`.
    pub code: String,
    /// The target's attribute; empty for the rule as a whole.
    pub attribute: String,
    /// What is wrong, in a sentence.
    pub reason: String,
    /// What to do next.
    pub hint: String,
}

impl fmt::Display for RuleFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: rule \"{}\"", self.code, self.rule)?;
        if !self.attribute.is_empty() {
            write!(f, ", {}", self.attribute)?;
        }
        write!(f, ": {}. {}", self.reason.trim_end_matches('.'), self.hint)
    }
}

/// What the target says of each rule, apart: a fault does not name its rule. What stops comes first, what does not
/// is a warning.
pub(super) fn review(
    target: &dyn Target,
    before: &[Rule],
    after: &[Rule],
) -> (Vec<RuleFault>, Vec<RuleFault>) {
    let (mut faults, mut warnings) = (Vec::new(), Vec::new());
    for rule in after {
        let was: Vec<Rule> = before.iter().filter(|b| b.name == rule.name).cloned().collect();
        for fault in target.review(&was, std::slice::from_ref(rule)) {
            let list = if fault.stops { &mut faults } else { &mut warnings };
            list.push(named(rule, fault));
        }
    }
    (faults, warnings)
}

fn named(rule: &Rule, fault: Fault) -> RuleFault {
    // The target names the rule in its sentence; here it stands beside it.
    let named = format!("rule {}: ", rule.name);
    let reason = fault.reason.strip_prefix(&named).unwrap_or(&fault.reason);
    RuleFault {
        rule: rule.name.clone(),
        code: fault.code,
        attribute: fault.attribute,
        reason: reason.to_owned(),
        hint: fault.hint,
    }
}
