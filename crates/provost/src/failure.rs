//! How the command ends when it does not succeed: a sentence, its causes, the next step, and an exit status.

use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

/// The exit status of a command that was refused or failed.
const FAILED: u8 = 1;
/// The exit status of wrong usage that only shows when the options are looked at together.
pub(crate) const USAGE: u8 = 2;
/// The exit status of `audit verify` when the chain is broken.
pub(crate) const BROKEN: u8 = 3;

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
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let mut err = std::io::stderr().lock();
    // Nobody is left to tell when standard error is closed.
    let _ = err.write_all(text(error).as_bytes());
    let status = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Failure>())
        .map_or(FAILED, |f| f.status);
    ExitCode::from(status)
}

fn text(error: &anyhow::Error) -> String {
    let mut said = error.chain().map(sentence);
    let mut before = said.next().unwrap_or_default();
    let mut out = format!("error: {before}\n");
    for cause in said {
        // A transparent error repeats the sentence of the one inside.
        if cause != before {
            out.push_str(&format!("because: {cause}\n"));
        }
        before = cause;
    }
    if let Some(hint) = error.chain().find_map(hint) {
        out.push_str(&format!("hint: {hint}\n"));
    }
    out
}

/// What an error says, without the next step where it holds one: that has a line of its own.
fn sentence(cause: &(dyn std::error::Error + 'static)) -> String {
    if let Some(provost_store::Error::Refused { code, sentence, .. }) = cause.downcast_ref() {
        return format!("{sentence} ({code})");
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
    if let Some(error) = cause.downcast_ref::<provost_sync::Error>() {
        return Some(error.hint().to_owned());
    }
    cause
        .downcast_ref::<provost_connect::Error>()
        .map(|error| error.hint().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn a_guard_says_its_code_and_gives_its_hint_a_line() {
        let refused = provost_store::Error::Refused {
            code: "PRV-TEST",
            sentence: "this cannot be done".to_owned(),
            hint: "Do something else.".to_owned(),
        };
        assert_eq!(
            text(&refused.into()),
            "error: this cannot be done (PRV-TEST)\nhint: Do something else.\n"
        );
    }

    #[test]
    fn the_chain_and_the_hint_are_shown_once() {
        let error = Err::<(), _>(Failure::new("the file is empty", "write something into it"))
            .context("cannot read the rule")
            .map_or_else(|e| text(&e), |()| String::new());
        assert_eq!(
            error,
            "error: cannot read the rule\nbecause: the file is empty\nhint: write something into it\n"
        );
    }
}
