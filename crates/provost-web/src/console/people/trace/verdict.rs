//! Why somebody has an account, or none, under one rule: the answer at a glance. A pure function over what the page
//! has read, so that every case is a line of a test.

use crate::console::place::Standing;
use crate::texts::text;
use provost_engine::object::Kind;
use provost_store::connection::State;

/// What decides about an account, as far as it is known.
#[derive(Debug, Clone)]
pub(super) struct Facts<'a> {
    pub kind: Kind,
    pub standing: Standing,
    /// Whether the rule is switched on.
    pub is_on: bool,
    /// Whether the connection's assignment means them.
    pub is_assigned: bool,
    /// Whether the rule's scope lets them in; none where nobody can say.
    pub in_scope: Option<bool>,
    /// Why the scope keeps them out, in the engine's words.
    pub scope: &'a str,
    /// Why a mapping fails, or the connection cannot be opened; empty when all is well.
    pub error: &'a str,
    /// Whether there is an account, and if so whether it may be used, as far as we wrote.
    pub account: Option<bool>,
    /// What the next cycle would do, in the engine's words; empty: nothing.
    pub decision: &'a str,
    /// Why the next cycle leaves them alone, in the engine's words; empty where it does not.
    pub left_alone: &'a str,
    /// What the last cycle noted: its code and its words; empty where nothing is the matter.
    pub code: &'a str,
    pub reason: &'a str,
    /// What somebody has to decide first.
    pub waits: Option<Waits>,
    pub state: State,
    pub state_reason: &'a str,
    /// Whether the connection's initial cycle is through.
    pub has_run: bool,
}

/// What a step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    /// Who is meant in the target.
    Doubt,
    /// Whether a held step is carried out.
    Staged,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The word and its colour: has an account, has none, waits.
    pub word: &'static str,
    pub class: &'static str,
    /// Why, in our words; a key of the catalogue.
    pub sentence: &'static str,
    /// More, in the words of the engine or of the target.
    pub detail: String,
    pub next: Way,
}

/// Where it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Nothing is to be done.
    Nowhere,
    /// What helps depends on the code of the reason.
    Code,
    Rule,
    Scope,
    Mappings,
    Assignments,
    Connection,
    Doubts,
    Staged,
    /// Back to what the directory has.
    Record,
}

const HAS: &str = text("has an account");
const HAS_NONE: &str = text("no account");

impl Verdict {
    fn new(facts: &Facts, class: &'static str, sentence: &'static str, detail: &str, next: Way) -> Self {
        Self {
            word: if facts.account.is_some() { HAS } else { HAS_NONE },
            class,
            sentence,
            detail: detail.to_owned(),
            next,
        }
    }
}

/// The answer about one rule.
pub(super) fn of(facts: &Facts) -> Verdict {
    if let Some(verdict) = stopped(facts) {
        return verdict;
    }
    match facts.account {
        Some(is_enabled) => with_account(facts, is_enabled),
        None => without_account(facts),
    }
}

/// What stands over everything else: nothing can be worked out.
fn stopped(facts: &Facts) -> Option<Verdict> {
    if !facts.is_on {
        let sentence = match facts.account {
            Some(_) => text("The rule is switched off: the account stays as it is."),
            None => text("The rule is switched off: it makes no accounts."),
        };
        return Some(Verdict::new(facts, "paused", sentence, "", Way::Rule));
    }
    if !facts.error.is_empty() {
        let sentence = text("Nothing can be written: a mapping, the scope or the connection has an error.");
        let way = if facts.in_scope.is_none() {
            Way::Connection
        } else {
            Way::Mappings
        };
        return Some(Verdict::new(facts, "failed", sentence, facts.error, way));
    }
    None
}

fn with_account(facts: &Facts, is_enabled: bool) -> Verdict {
    if let Some(waits) = facts.waits {
        return waiting(facts, waits);
    }
    if !facts.code.is_empty() || !facts.reason.is_empty() {
        let sentence = text("The last change of the account is not through.");
        return Verdict::new(facts, "partial", sentence, facts.reason, Way::Code);
    }
    if !facts.decision.is_empty() {
        let sentence = text("The next cycle changes the account.");
        return Verdict::new(facts, "partial", sentence, facts.decision, held_up(facts));
    }
    if is_enabled {
        let sentence = text("The account is as the rule wants it.");
        return Verdict::new(facts, "success", sentence, "", Way::Nowhere);
    }
    let (sentence, way) = closed(facts);
    let detail = if facts.scope.is_empty() {
        facts.left_alone
    } else {
        facts.scope
    };
    Verdict::new(facts, "unsynced", sentence, detail, way)
}

/// Why an account is closed.
fn closed(facts: &Facts) -> (&'static str, Way) {
    match facts.standing {
        Standing::Blocked(_) => (
            text("The account is closed, because the person is blocked."),
            Way::Record,
        ),
        Standing::Inactive => (
            text("The account is closed, because the person is not active in the directory."),
            Way::Record,
        ),
        Standing::Deleted(_) | Standing::Gone => (
            text("The account is closed, because the person is gone from the directory."),
            Way::Nowhere,
        ),
        Standing::Active if !facts.is_assigned => (
            text("The account is closed, because the assignment to the connection ended."),
            Way::Assignments,
        ),
        Standing::Active if facts.in_scope == Some(false) => (
            text("The account is closed, because the rule's scope leaves the person out."),
            Way::Scope,
        ),
        Standing::Active => (
            text("The account is closed, as the rule's mappings say."),
            Way::Mappings,
        ),
    }
}

fn without_account(facts: &Facts) -> Verdict {
    let told = |class, sentence, detail: &str, way| Verdict::new(facts, class, sentence, detail, way);
    match facts.standing {
        Standing::Deleted(_) | Standing::Gone => {
            let sentence = text("Gone from the directory, and no account is left here.");
            return told("unsynced", sentence, "", Way::Nowhere);
        }
        _ if !facts.is_assigned => {
            let sentence = match facts.kind {
                Kind::Person => {
                    text("Not assigned to the connection: neither the person nor a group that they are in.")
                }
                Kind::Group => text("The group is not assigned to the connection."),
            };
            return told("unsynced", sentence, "", Way::Assignments);
        }
        _ if facts.in_scope == Some(false) => {
            let sentence = text("The rule's scope leaves them out.");
            return told("unsynced", sentence, facts.scope, Way::Scope);
        }
        _ => {}
    }
    if let Some(waits) = facts.waits {
        return waiting(facts, waits);
    }
    if !facts.code.is_empty() || !facts.reason.is_empty() {
        let sentence = text("The account could not be made.");
        return told("failed", sentence, facts.reason, Way::Code);
    }
    match facts.standing {
        Standing::Blocked(_) => {
            let sentence = text("Blocked: no account is made for a blocked person.");
            return told("unsynced", sentence, "", Way::Record);
        }
        Standing::Inactive => {
            let sentence = text("Not active in the directory: no account is made before they are.");
            return told("unsynced", sentence, "", Way::Record);
        }
        _ => {}
    }
    coming(facts)
}

/// Nothing is in the way but time, or the connection itself.
fn coming(facts: &Facts) -> Verdict {
    let told = |class, sentence, detail: &str, way| Verdict::new(facts, class, sentence, detail, way);
    match facts.state {
        State::Paused => {
            let sentence = text("The connection is paused: nothing is written before it is switched on.");
            told("paused", sentence, facts.state_reason, Way::Connection)
        }
        State::Invalid => {
            let sentence = text("The connection does not work: its last test failed.");
            told("failed", sentence, facts.state_reason, Way::Connection)
        }
        State::Quarantine => {
            let sentence = text("The connection is in quarantine: it is tried again, but slowly.");
            told("partial", sentence, facts.state_reason, Way::Connection)
        }
        State::Active | State::Held if facts.decision.is_empty() => {
            let sentence = text("The rule makes no account for them.");
            told("unsynced", sentence, facts.left_alone, Way::Rule)
        }
        State::Active | State::Held if facts.has_run => {
            let sentence = text("The next cycle makes the account.");
            told("partial", sentence, facts.decision, Way::Nowhere)
        }
        State::Active | State::Held => {
            let sentence = text("The initial cycle has not come to them yet.");
            told("partial", sentence, facts.decision, Way::Connection)
        }
    }
}

/// The connection, where it is what a change waits for.
fn held_up(facts: &Facts) -> Way {
    match facts.state {
        State::Active | State::Held => Way::Nowhere,
        State::Paused | State::Invalid | State::Quarantine => Way::Connection,
    }
}

fn waiting(facts: &Facts, waits: Waits) -> Verdict {
    let (sentence, way) = match waits {
        Waits::Doubt => (
            text("Somebody has to decide who is meant in the target: Provost does not guess."),
            Way::Doubts,
        ),
        Waits::Staged => (text("A step waits until somebody approves it."), Way::Staged),
    };
    Verdict::new(facts, "partial", sentence, facts.reason, way)
}

#[cfg(test)]
mod tests;
