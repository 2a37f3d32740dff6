//! Who would enter and who would leave by a change of scope or assignment, what happens to them, and the question that
//! is asked before somebody loses their account.

use crate::console::confirm::Question;
use crate::console::place;
use crate::console::refusal::Result;
use crate::form::Form;
use crate::state::State;
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use axum::response::Response;
use provost_engine::plan::Action;
use provost_store::connection::Connection;
use provost_sync::{ChangePreview, Error as Sync, Proposal};
use xxhash_rust::xxh3::Xxh3;

/// Names of each side that are shown.
const NAMED: usize = 20;
/// The field in which the answer to the question comes back, beside that of a guard of the engine.
const LEAVING: &str = "leaving";

/// What a change would do.
pub(super) struct Moves {
    pub enter: i64,
    pub enter_names: Vec<String>,
    pub leave: i64,
    pub leave_names: Vec<String>,
    /// What would be written, a line each, in the reader's language.
    pub effects: Vec<String>,
    /// What the guard would hold, and other warnings; in English.
    pub notes: Vec<String>,
}

/// What follows from a change.
///
/// # Errors
/// What the engine cannot answer; a guard's refusal is inside.
pub(super) async fn of(
    state: &State,
    connection: &Connection,
    proposal: &Proposal,
) -> Result<std::result::Result<ChangePreview, Sync>> {
    let engine = place::engine(state)?;
    match engine.preview_change(connection.key, proposal, NAMED).await {
        Ok(preview) => Ok(Ok(preview)),
        Err(error @ (Sync::Rules(_) | Sync::Faults(_) | Sync::Refused { .. } | Sync::Target(_))) => {
            Ok(Err(error))
        }
        Err(other) => Err(other.into()),
    }
}

/// What is shown of it.
pub(super) fn shown(preview: &ChangePreview, language: Language) -> Moves {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let effects = preview.counts.iter().map(|(action, number)| {
        let number = language.number(count(*number));
        format!("{number} {}", language.t(word(*action)))
    });
    let held = preview.held.iter().map(|held| held.sentence.clone());
    Moves {
        enter: count(preview.enter),
        enter_names: preview.enter_names.clone(),
        leave: count(preview.leave),
        leave_names: preview.leave_names.clone(),
        effects: effects.collect(),
        notes: held.chain(preview.warnings.iter().cloned()).collect(),
    }
}

/// What a step does, for a count of them.
fn word(action: Action) -> &'static str {
    match action {
        Action::Create => text("created"),
        Action::Update => text("updated"),
        Action::Disable => text("disabled"),
        Action::Restore => text("enabled again"),
        Action::Delete => text("deleted"),
        Action::AddMember => text("memberships added"),
        Action::RemoveMember => text("memberships removed"),
        Action::AddLicence => text("licences given"),
        Action::RemoveLicence => text("licences taken back"),
    }
}

/// How the question is asked.
pub(super) struct How<'a> {
    /// The verb on the button, in the reader's language.
    pub verb: &'a str,
    pub action: &'a str,
    pub back: &'a str,
    /// What changes, in English: `the scope of the rule "people"`.
    pub what: &'a str,
}

/// The question, unless nobody leaves or it was answered for exactly this. The answer travels in a field of its own:
/// a guard of the engine may have a question as well.
pub(super) fn question(
    visitor: &Visitor,
    preview: &ChangePreview,
    form: &Form,
    how: &How<'_>,
) -> Option<Response> {
    if preview.leave == 0 {
        return None;
    }
    let digest = digest(preview, how.what);
    if form.get(LEAVING) == digest {
        return None;
    }
    let removed: u64 = [Action::Disable, Action::Delete]
        .iter()
        .filter_map(|action| preview.counts.get(action))
        .sum();
    let held: u64 = preview.held.iter().map(|held| held.steps).sum();
    let mut sentence = format!("By {} {} would leave.", how.what, people(preview.leave));
    sentence.push_str(&match removed {
        0 => "\nNo account would be closed by the next cycle.".to_owned(),
        number => format!("\nThe next cycle would disable or delete {number} of the accounts."),
    });
    if held > 0 {
        sentence.push_str(&format!(
            "\nThe guard would hold {held} more steps for a person's decision."
        ));
    }
    let error = Sync::Confirm {
        code: "PRV-SCOPE-LEAVES",
        sentence,
        hint: "Look at who leaves. Whoever is disabled keeps the account, and gets it back by coming into the scope \
               again; a deleted account comes back only as long as the target keeps it.",
        digest: digest.clone(),
        list: preview.leave_names.clone(),
    };
    let question = Question {
        verb: how.verb.to_owned(),
        action: how.action,
        back: how.back.to_owned(),
        ..Question::default()
    };
    Some(question.ask(visitor, &error, &with(form, &digest)))
}

fn people(count: u64) -> String {
    match count {
        1 => "1 person or group".to_owned(),
        count => format!("{count} people and groups"),
    }
}

/// The form with the answer in it.
fn with(form: &Form, digest: &str) -> Form {
    let others = form.fields().filter(|(name, _)| *name != LEAVING);
    let text = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others.chain([(LEAVING, digest)]))
        .finish();
    Form::read(text.as_bytes())
}

/// What an answer is bound to: how many leave, the first of them, and what happens.
fn digest(preview: &ChangePreview, what: &str) -> String {
    let mut hash = Xxh3::new();
    let counts = format!("{:?}", preview.counts);
    let number = preview.leave.to_string();
    let names = preview.leave_names.iter().map(String::as_str);
    for part in [what, &number, &counts].into_iter().chain(names) {
        hash.update(part.as_bytes());
        hash.update(&[0]);
    }
    format!("{:016x}", hash.digest())
}
