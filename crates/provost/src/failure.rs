//! How the command ends when it does not succeed: a sentence, its causes, the next step, and an exit status.

use crate::output::screen::{self, Tone, on_several_lines};
use serde_json::{Value, json};
use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

/// The exit status of a command that was refused or failed.
pub(crate) const FAILED: u8 = 1;
/// The exit status of wrong usage; also of one that only shows when the options are looked at together.
pub(crate) const USAGE: u8 = 2;
/// The exit status of `audit verify` when the chain is broken.
pub(crate) const BROKEN: u8 = 3;
/// The exit status when something else is in the way that passes by itself: the same command may succeed in a moment.
pub(crate) const LATER: u8 = 4;
/// The exit status of a command that was interrupted a second time, as shells have it: 128 and the signal's number.
pub(crate) const INTERRUPTED: u8 = 130;

/// Each exit status and what it means. The help and the reference page say the same.
pub(crate) const STATUSES: [(u8, &str); 6] = [
    (0, "done"),
    (FAILED, "refused or failed; for config diff, something differs"),
    (USAGE, "wrong usage"),
    (BROKEN, "the audit log is broken (audit verify)"),
    (LATER, "something is in the way that passes: try again"),
    (INTERRUPTED, "interrupted a second time"),
];

/// An error that knows the next step, and may choose its exit status.
#[derive(Debug)]
pub(crate) struct Failure {
    sentence: String,
    hint: String,
    status: u8,
}

impl Failure {
    /// An error with its next step; either may have several lines.
    pub fn new(sentence: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            hint: hint.into(),
            status: FAILED,
        }
    }

    /// The same with another exit status.
    pub fn with_status(mut self, status: u8) -> Self {
        self.status = status;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Failure {}

/// Writes an error with its causes and hint to standard error, and says how the process ends.
pub(crate) fn report(error: &anyhow::Error, as_json: bool) -> ExitCode {
    let mut err = std::io::stderr().lock();
    let told = if as_json {
        format!("{:#}\n", to_json(error))
    } else {
        text(error, screen::is_coloured(&err))
    };
    // Nobody is left to tell when standard error is closed.
    let _ = err.write_all(told.as_bytes());
    ExitCode::from(status(error))
}

fn status(error: &anyhow::Error) -> u8 {
    let of = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<Failure>() {
        Some(failure) => Some(failure.status),
        None => passes(cause).then_some(LATER),
    };
    error.chain().find_map(of).unwrap_or(FAILED)
}

/// Whether what is in the way passes by itself.
fn passes(cause: &(dyn std::error::Error + 'static)) -> bool {
    use provost_store::Error as Store;
    use provost_sync::Error as Sync;
    let store = |error: &Store| {
        matches!(
            error,
            Store::Busy { .. } | Store::Retry(_) | Store::LeaseLost { .. }
        )
    };
    match cause.downcast_ref::<Sync>() {
        Some(Sync::Running) => true,
        Some(Sync::Store(inner)) => store(inner),
        Some(_) => false,
        None => cause.downcast_ref().is_some_and(store),
    }
}

/// The sentence and its causes, outermost first, without those that the one before has told already.
fn said(error: &anyhow::Error) -> Vec<String> {
    let mut all: Vec<String> = error
        .chain()
        .map(|cause| on_several_lines(&sentence(cause)))
        .collect();
    all.dedup_by(|inner, outer| outer.contains(inner.as_str()));
    all
}

fn text(error: &anyhow::Error, is_coloured: bool) -> String {
    let word = |tone: Tone, word: &str| {
        if is_coloured {
            screen::paint(tone, word)
        } else {
            word.to_owned()
        }
    };
    let mut out = String::new();
    for (at, cause) in said(error).iter().enumerate() {
        let word = if at == 0 {
            word(Tone::Bad, "error:")
        } else {
            word(Tone::Attention, "because:")
        };
        out.push_str(&format!("{word} {cause}\n"));
    }
    if let Some(hint) = error.chain().find_map(hint) {
        out.push_str(&format!(
            "{} {}\n",
            word(Tone::Hint, "hint:"),
            on_several_lines(&hint)
        ));
    }
    out
}

/// The same for programs, with `--json`.
fn to_json(error: &anyhow::Error) -> Value {
    let mut said = said(error).into_iter();
    json!({
        "error": said.next(), "because": said.collect::<Vec<_>>(), "code": error.chain().find_map(code),
        "hint": error.chain().find_map(hint), "exit_status": status(error),
    })
}

/// The stable word of an error of ours (`PRV-…`).
fn code(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(error) = cause.downcast_ref::<provost_store::Error>() {
        return error.code().map(str::to_owned);
    }
    if let Some(error) = cause.downcast_ref::<provost_sync::Error>() {
        return error.code().map(str::to_owned);
    }
    if let Some(error) = cause.downcast_ref::<provost_signin::Error>() {
        return Some(error.code().to_owned());
    }
    cause
        .downcast_ref::<provost_connect::Error>()
        .map(|error| error.code().to_owned())
}

/// What an error says, without the next step where it holds one: that has a line of its own.
fn sentence(cause: &(dyn std::error::Error + 'static)) -> String {
    if let Some(provost_store::Error::Refused { code, sentence, .. }) = cause.downcast_ref() {
        return format!("{sentence} ({code})");
    }
    if let Some(error) = cause.downcast_ref::<provost_signin::Error>() {
        return format!("{} ({})", error.sentence(), error.code());
    }
    match cause.downcast_ref::<provost_sync::Error>() {
        Some(provost_sync::Error::Refused { code, sentence, .. }) => format!("{sentence} ({code})"),
        // What the layer below says, in the form that it has when it comes up alone.
        Some(provost_sync::Error::Store(inner)) => sentence(inner),
        _ => cause.to_string(),
    }
}

/// The next step that an error of ours knows.
fn hint(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(failure.hint.clone()).filter(|hint| !hint.is_empty());
    }
    if let Some(provost_store::Error::Refused { hint, .. }) = cause.downcast_ref() {
        return Some(hint.clone());
    }
    match cause.downcast_ref::<provost_sync::Error>() {
        // The guard below knows better what to do than the layer that passed it on.
        Some(provost_sync::Error::Store(inner @ provost_store::Error::Refused { .. })) => return hint(inner),
        Some(error) => return Some(error.hint().to_owned()),
        None => {}
    }
    if let Some(error) = cause.downcast_ref::<provost_signin::Error>() {
        return Some(error.hint());
    }
    cause
        .downcast_ref::<provost_connect::Error>()
        .map(|error| error.hint().to_owned())
}

#[cfg(test)]
mod tests;
