//! What a step does, as pages say it: its word, why it is planned, and the colour of a state.

use crate::texts::{Language, text};
use provost_engine::plan::Action;
use provost_store::plan::State;

/// The actions by which lists can be filtered, in their order.
pub(super) const ALL: [Action; 9] = Action::ALL;

/// The name of an action in the counts of a plan and of a cycle: `add_member`.
pub(super) fn name(action: Action) -> String {
    action.to_string().replace(' ', "_")
}

/// What is done: a text of the catalogue.
pub(super) fn word(action: &str) -> &'static str {
    match action {
        "create" => text("create"),
        "update" => text("update"),
        "disable" => text("disable"),
        "restore" => text("enable again"),
        "delete" => text("delete"),
        "add member" => text("add member"),
        "remove member" => text("remove member"),
        "add licence" => text("give licence"),
        "remove licence" => text("take licence back"),
        _ => text("other"),
    }
}

/// What a line of the provisioning log, or a step that waits, is about, in the reader's language: also what only the
/// engine's own lines say.
pub(in crate::console) fn told(action: &str, language: Language) -> String {
    if let Some(held) = action.strip_prefix("staged ") {
        return language.f("{}, held", &[language.t(word(held))]);
    }
    let known = match action {
        "evaluate" => text("work out the mappings"),
        "overwrite" => text("overwrite"),
        "unlink" => text("take the link away"),
        "skip" => text("leave alone"),
        other => word(other),
    };
    // What a newer engine may say is said as it is.
    match known {
        "other" => action.replace('_', " "),
        known => language.t(known).to_owned(),
    }
}

/// Actions for a choice: each with its text of the catalogue.
pub(super) fn choices() -> Vec<(String, &'static str)> {
    ALL.iter()
        .map(|one| (one.to_string(), word(&one.to_string())))
        .collect()
}

/// Why a cycle does this at all: a text of the catalogue.
pub(super) fn why(action: &str) -> &'static str {
    match action {
        "create" => text("The rule's scope lets it in, and no account is linked yet."),
        "update" => text("A mapping gives another value than what was written last."),
        "disable" => {
            text("The scope does not let it in any more, or the directory says that it is not active.")
        }
        "restore" => text("The scope lets it in again, and the account is disabled."),
        "delete" => {
            text("It left the scope or the directory, and the rule says that such accounts are deleted.")
        }
        "add member" => text("The directory has this member in the group, and both are in scope."),
        "remove member" => {
            text("The directory has this member in the group no more, or the member left the scope.")
        }
        "add licence" => text("The mapping of licences, or a licence that a group brings, gives it."),
        "remove licence" => text("Nothing gives this licence any more."),
        _ => text("The rule wants it so."),
    }
}

/// Whether the action takes something away.
pub(super) fn is_removal(action: &str) -> bool {
    matches!(action, "disable" | "delete" | "remove member" | "remove licence")
}

/// The word of a plan's state: a text of the catalogue.
pub(super) fn plan_word(state: State) -> &'static str {
    match state {
        State::Open => text("open"),
        State::Approved => text("approved"),
        State::Applied => text("applied"),
        State::Rejected => text("rejected"),
        State::Moved => text("moved"),
        State::Superseded => text("superseded"),
    }
}

/// The colour of a plan's state.
pub(super) fn plan_class(state: State) -> &'static str {
    match state {
        State::Open => "partial",
        State::Approved => "granted",
        State::Applied => "done",
        State::Moved => "failed",
        State::Rejected | State::Superseded => "unsynced",
    }
}

/// What a plan's state means: a text of the catalogue.
pub(super) fn plan_about(state: State, needs_approval: bool) -> &'static str {
    match (state, needs_approval) {
        (State::Open, true) => {
            text("It waits for a second person, who reads and approves it. Nothing is written before.")
        }
        (State::Open, false) => text("It waits to be applied. Nothing is written before."),
        (State::Approved, _) => text("A second person approved it. It waits to be applied."),
        (State::Applied, _) => text("It was carried out."),
        (State::Rejected, _) => text("Somebody said no. Nothing of it was written."),
        (State::Moved, _) => text(
            "The world moved before it was applied: it is not what would be done any more. Nothing was written.",
        ),
        (State::Superseded, _) => text("A newer plan or a cycle took its place. Nothing of it was written."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_word_and_a_reason() {
        for action in ALL {
            let text = action.to_string();
            assert!(!word(&text).is_empty());
            assert_ne!(why(&text), "The rule wants it so.", "{text}");
            assert_eq!(is_removal(&text), action.is_removal(), "{text}");
        }
        assert_eq!(name(Action::AddMember), "add_member");
    }

    #[test]
    fn what_only_the_log_says_is_said_in_the_readers_language_too() {
        assert_eq!(told("staged delete", Language::English), "delete, held");
        assert_eq!(told("staged delete", Language::German), "löschen, zurückgehalten");
        assert_eq!(told("restore", Language::German), "wieder aktivieren");
        for action in ["evaluate", "overwrite", "unlink", "skip"] {
            assert_ne!(
                told(action, Language::German),
                told(action, Language::English),
                "{action}"
            );
        }
        assert_eq!(told("some_new thing", Language::German), "some new thing");
    }
}
