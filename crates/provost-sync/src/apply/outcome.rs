//! What became of one object's step.

use super::entra;
use super::task::Task;
use crate::open::ActiveRule;
use provost_connect::{Error as TargetError, Retry};
use provost_engine::diff;
use provost_engine::object::Record;
use provost_engine::plan::Action;
use provost_engine::rule::Evaluation;
use provost_store::doubt::Candidate;
use serde_json::Value;

/// Milliseconds before a step is tried again that the target has refused for good: it helps only when
/// somebody has changed something there.
pub(super) const REFUSED_WAIT: i64 = 3_600_000;

/// What became of one object's step.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// Nothing had to be done.
    Nothing,
    /// It was not tried any more: the cycle is over. The next one begins with it.
    Untried,
    /// It was created or adopted, and is linked now.
    Linked {
        target_id: String,
        written: Record,
        /// What was sent, for the log.
        sent: Record,
        /// What was there before, for the log.
        found: Record,
        enabled: bool,
        /// The attribute by which an existing account was found; none when it was created.
        matched: Option<String>,
    },
    /// These attributes were changed.
    Updated {
        changes: Record,
        /// What counts as written although the target had a value of its own.
        there: Record,
        enabled: bool,
        action: Action,
        /// Why some of the attributes that belong to it could not be written; they are tried again.
        left: Option<Box<Failed>>,
    },
    /// It was deleted.
    Deleted,
    /// The target does not have it any more: the link is forgotten and it is looked for again.
    Vanished,
    /// It is left alone.
    Skipped { code: String, reason: String },
    /// It waits for a person: the account is one whose loss would hurt many.
    Staged { action: Action, sentence: String },
    /// It failed.
    Failed(Box<Failed>),
}

/// A failed step.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    /// The stable word.
    pub code: String,
    /// Microsoft's word for it.
    pub word: &'static str,
    pub reason: String,
    /// After how many milliseconds it is tried again; none: later each time.
    pub wait: Option<i64>,
    pub error: Option<TargetError>,
    /// Who may be meant in the target: a person has to decide. Empty where nothing is doubtful.
    pub candidates: Vec<Candidate>,
}

impl Failed {
    /// The failure that a target's error means.
    pub fn of(error: &TargetError) -> Self {
        let wait = match error.retry() {
            Retry::Now | Retry::NextCycle | Retry::StopConnection => None,
            Retry::After(wait) => Some(wait.as_millis() as i64),
            Retry::Never => Some(REFUSED_WAIT),
        };
        Self {
            code: error.code().to_owned(),
            word: entra::word(error),
            reason: format!("{}: {error}. {}", error.code(), error.hint()),
            wait,
            error: Some(error.clone()),
            candidates: Vec::new(),
        }
    }

    /// A failure that was found without asking the target; it helps only when somebody has changed something.
    pub fn plain(code: &str, sentence: &str) -> Self {
        Self {
            code: code.to_owned(),
            word: "UnprocessableEntity",
            reason: format!("{code}: {sentence}"),
            wait: Some(REFUSED_WAIT),
            error: None,
            candidates: Vec::new(),
        }
    }
}

impl Outcome {
    pub fn created(rule: &ActiveRule, target_id: String, evaluation: &Evaluation) -> Self {
        Self::linked(
            rule,
            target_id,
            evaluation,
            &Record::new(),
            &evaluation.create,
            None,
        )
    }

    /// One that was made under another name than its mapping gives. What counts as written is what the mapping
    /// gives, so that the name is not written again.
    pub fn created_as(
        rule: &ActiveRule,
        target_id: String,
        evaluation: &Evaluation,
        attribute: &str,
        value: Value,
    ) -> Self {
        let mut sent = evaluation.create.clone();
        sent.insert(attribute.to_owned(), value);
        Self::linked(rule, target_id, evaluation, &Record::new(), &sent, None)
    }

    /// An account that was there: `found` is what it held, `sent` what was changed.
    pub fn adopted(
        rule: &ActiveRule,
        target_id: String,
        evaluation: &Evaluation,
        found: &Record,
        sent: &Record,
        matched: String,
    ) -> Self {
        Self::linked(rule, target_id, evaluation, found, sent, Some(matched))
    }

    fn linked(
        rule: &ActiveRule,
        target_id: String,
        evaluation: &Evaluation,
        found: &Record,
        sent: &Record,
        matched: Option<String>,
    ) -> Self {
        let mut written = match matched {
            Some(_) => Record::new(),
            None => without_secrets(rule, &evaluation.create),
        };
        diff::apply(&mut written, &without_secrets(rule, &evaluation.update));
        Self::Linked {
            target_id,
            written,
            sent: sent.clone(),
            found: found.clone(),
            enabled: rule.compiled.wants_enabled(evaluation),
            matched,
        }
    }

    pub fn failed(error: &TargetError) -> Self {
        Self::Failed(Box::new(Failed::of(error)))
    }

    /// A failure that the target did not tell of.
    pub fn refused(code: &'static str, word: &'static str, sentence: &str) -> Self {
        Self::Failed(Box::new(Failed {
            code: code.to_owned(),
            word,
            reason: format!("{code}: {sentence}"),
            wait: Some(REFUSED_WAIT),
            error: None,
            candidates: Vec::new(),
        }))
    }

    /// The linked account is gone, and the rule wants a person to decide.
    pub fn vanished_for_good() -> Self {
        let sentence = "the target does not have it any more. Unlink it to have it looked for or made again, or \
                        link it to another account.";
        Self::refused("PRV-LINK-VANISHED", entra::VANISHED, sentence)
    }

    pub fn taken(other: i64) -> Self {
        let sentence = format!(
            "the matching object in the target belongs to another object of the directory (key {other}). Give one \
             of the two another value of the matching attribute."
        );
        Self::refused("PRV-LINK-TAKEN", entra::TAKEN, &sentence)
    }

    /// What a link keeps of changes.
    pub fn kept(rule: &ActiveRule, task: &Task, changes: &Record, there: &Record) -> Record {
        let mut written = task.link.as_ref().map(|l| l.written.clone()).unwrap_or_default();
        diff::apply(&mut written, &without_secrets(rule, changes));
        diff::apply(&mut written, &without_secrets(rule, there));
        written
    }
}

/// A password that was set on create belongs into no database of ours.
fn without_secrets(rule: &ActiveRule, record: &Record) -> Record {
    let is_password = |name: &str| name.to_ascii_lowercase().contains("password");
    record
        .iter()
        .filter(|(name, _)| !is_password(name) && !rule.compiled.is_sensitive(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
