//! What a schema of Entra's cannot say.

use super::Problem;
use crate::mapping::{Drift, Mapping, MappingSource, NullPolicy};
use crate::object::Kind;
use crate::rule::{Approval, RemoveAction, Rule, Vanished};

const HINT: &str = "keep Provost's own configuration beside the schema";

/// Settings of rules that [`super::export`] leaves out, because a schema has no place for them.
pub fn lost(rules: &[Rule]) -> Vec<Problem> {
    rules.iter().flat_map(of_rule).collect()
}

fn of_rule(rule: &Rule) -> Vec<Problem> {
    let person = rule.object == Kind::Person;
    let actions = &rule.actions;
    let settings = [
        (!rule.leaver.is_empty(), "the leaver mappings"),
        (rule.delete_after_days.is_some(), "the grace period"),
        (
            rule.approval != Approval::Never,
            "the approval by a second person",
        ),
        (
            rule.vanished != Vanished::MatchAgain,
            "what happens to vanished accounts",
        ),
        (
            rule.remove == RemoveAction::Delete,
            "that accounts of leavers are deleted",
        ),
        (
            person && actions.disable != actions.update,
            "the switch for disabling, which is the one for updating",
        ),
        (
            !person && actions.add_member != actions.remove_member,
            "separate switches for adding and removing members",
        ),
        (rule.removing, "that the rule is being taken away"),
        (person && !actions.licence, "that licences are left alone"),
        (
            rule.scope.filters.iter().any(|filter| filter.scim.is_some()),
            "the SCIM filters, without which more are meant",
        ),
        (
            rule.scope
                .filters
                .iter()
                .flat_map(|filter| &filter.clauses)
                .any(|clause| clause.multivalued.is_some()),
            "how several values count in a scoping filter",
        ),
    ];
    let whole = settings
        .into_iter()
        .filter(|(given, _)| *given)
        .map(|(_, what)| note(&rule.name, what));
    whole
        .chain(rule.mappings.iter().flat_map(|mapping| of_mapping(rule, mapping)))
        .collect()
}

fn of_mapping(rule: &Rule, mapping: &Mapping) -> Vec<Problem> {
    let place = format!("{} / {}", rule.name, mapping.target);
    let settings = [
        (
            !matches!(mapping.null, NullPolicy::Skip | NullPolicy::Clear),
            "what happens when the source gives no value",
        ),
        (
            mapping.drift != Drift::Repair,
            "what happens to changes made in the target",
        ),
        (
            mapping.source == MappingSource::Generated,
            "that a password is generated",
        ),
        (
            matches!(mapping.source, MappingSource::Secret { .. }),
            "that the value is kept sealed",
        ),
    ];
    settings
        .into_iter()
        .filter(|(given, _)| *given)
        .map(|(_, what)| note(&place, what))
        .collect()
}

fn note(place: &str, what: &str) -> Problem {
    Problem::note(place, format!("a schema cannot say {what}"), HINT)
}
