//! Finding a rule and saving it with the others of its connection. A page that was opened before somebody else changed
//! the rule does not overwrite what it has not shown.

use super::aside;
use super::catalogue::Target;
use super::origin;
use super::trouble;
use crate::console::confirm::{self, Question};
use crate::console::microsoft_365::{Owner, of_connection};
use crate::console::place::{self, Place};
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::state::State;
use crate::visitor::Visitor;
use axum::response::Response;
use provost_engine::rule::{Rule, RuleError};
use provost_store::rule;
use provost_sync::Error as Sync;
use xxhash_rust::xxh3::xxh3_64;

/// The field in which a form says which state of the rule it was made from.
pub(super) const SEEN: &str = "seen";

/// A rule among the others of its connection.
pub(super) struct Found {
    pub place: Place,
    pub rules: Vec<Rule>,
    at: usize,
    pub target: Target,
    /// The provider that the connection belongs to.
    pub owner: Option<Owner>,
}

/// What became of a save.
pub(super) enum Saved {
    /// It is saved; what the target warns of, a sentence each.
    Done(Vec<String>),
    /// The page that asks whether it is meant.
    Asked(Response),
    /// A guard refused it.
    Refused(Sync),
}

/// How a save is shown and noted.
pub(super) struct How<'a> {
    /// The verb on the button of the question, in the reader's language.
    pub verb: &'a str,
    /// Where the form goes.
    pub action: &'a str,
    /// Where "Cancel" leads.
    pub back: &'a str,
    /// The reason in the list of versions.
    pub note: &'a str,
}

impl Found {
    /// The rule.
    pub fn rule(&self) -> &Rule {
        &self.rules[self.at]
    }

    /// All rules with this one in the place of what it was; with none, without it.
    pub fn with(&self, rule: Rule) -> Vec<Rule> {
        let mut rules = self.rules.clone();
        rules[self.at] = rule;
        rules
    }

    /// What is wrong with the rule as it would be and was not wrong before. A rule that is switched off may be saved
    /// unfinished; what somebody is editing must not get worse.
    pub fn mistakes(&self, after: &Rule) -> Vec<RuleError> {
        let before = self.rule().compile().err().unwrap_or_default();
        let mut found = after.compile().err().unwrap_or_default();
        found.retain(|mistake| !before.contains(mistake));
        found
    }

    /// Which state of the rule this is.
    pub fn seen(&self) -> String {
        let text = serde_json::to_string(self.rule()).unwrap_or_default();
        format!("{:016x}", xxh3_64(text.as_bytes()))
    }

    /// Whether a form was made from another state of the rule than the one that is saved.
    pub fn is_outdated(&self, form: &Form) -> bool {
        form.text(SEEN).is_some_and(|seen| seen != self.seen())
    }

    /// The refusal of a form that is outdated.
    pub fn outdated(&self) -> String {
        trouble::sentence(
            &format!(
                "somebody changed the rule \"{}\" after you opened this page",
                self.rule().name
            ),
            "What you typed is still here: compare it with what is saved, and save again if it is meant.",
            "PRV-RULE-CHANGED",
        )
    }

    /// The targets of the rule's mappings.
    pub fn mapped(&self) -> Vec<&str> {
        self.rule()
            .mappings
            .iter()
            .map(|mapping| mapping.target.as_str())
            .collect()
    }
}

/// The rule of this name.
///
/// # Errors
/// 404 when there is none; any error of the store.
pub(super) async fn find(state: &State, visitor: &Visitor, connection: &str, name: &str) -> Result<Found> {
    let place = place::connection(state, visitor, connection).await?;
    let rules = stored(state, place.connection.key).await?;
    let Some(at) = rules.iter().position(|rule| rule.name == name) else {
        let shown: String = name.chars().take(100).collect();
        let sentence =
            format!("The connection has no rule \"{shown}\". Its list of rules shows those that it has.");
        return Err(Refusal::Absent(sentence));
    };
    let template = origin::of(state, &place.connection).await?;
    let target = Target::of(&place.connection.connector, template, rules[at].object);
    let owner = of_connection(state, place.connection.key, &place.space, visitor.language).await?;
    Ok(Found {
        owner,
        place,
        rules,
        at,
        target,
    })
}

/// The saved rules of a connection, people's first.
///
/// # Errors
/// Any error of the store.
pub(super) async fn stored(state: &State, connection: i64) -> Result<Vec<Rule>> {
    let stored = state
        .db()
        .read(move |tx| rule::of_connection(tx, connection))
        .await?;
    Ok(stored.into_iter().map(|stored| stored.rule).collect())
}

/// Saves all rules of a connection.
///
/// # Errors
/// Any error that no guard has given.
pub(super) async fn save(
    state: &State,
    visitor: &Visitor,
    connection: i64,
    rules: Vec<Rule>,
    form: &Form,
    how: &How<'_>,
) -> Result<Saved> {
    let engine = place::engine(state)?.clone();
    let (actor, confirm, note) = (visitor.actor(), confirm::given(form), how.note.to_owned());
    let deed = async move {
        engine
            .save_rules_with_note(connection, rules, &actor, &confirm, &note)
            .await
    };
    match aside::finish(deed).await? {
        Ok(warnings) => Ok(Saved::Done(warnings.iter().map(trouble::of_fault).collect())),
        Err(error) => refused(visitor, error, form, how).map(|refused| match refused {
            Ok(asked) => Saved::Asked(asked),
            Err(error) => Saved::Refused(error),
        }),
    }
}

/// What a guard has said: the page that asks, or the refusal.
///
/// # Errors
/// Any error that no guard has given.
pub(super) fn refused(
    visitor: &Visitor,
    error: Sync,
    form: &Form,
    how: &How<'_>,
) -> Result<std::result::Result<Response, Sync>> {
    match error {
        Sync::Confirm { .. } => {
            let question = Question {
                verb: how.verb.to_owned(),
                action: how.action,
                back: how.back.to_owned(),
                ..Question::default()
            };
            Ok(Ok(question.ask(visitor, &error, form)))
        }
        Sync::Rules(_) | Sync::Faults(_) | Sync::Refused { .. } | Sync::Target(_) | Sync::Running => {
            Ok(Err(error))
        }
        Sync::Store(provost_store::Error::Refused { .. }) => Ok(Err(error)),
        other => Err(other.into()),
    }
}
