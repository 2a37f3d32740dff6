//! A refused attempt is a row of the audit log: somebody tried, and a guard held.

use crate::{Engine, Error, Result};
use provost_store::audit;

/// What was attempted, for the audit log.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub workspace: i64,
    pub actor: &'a str,
    /// What it would be called had it been done: `connection.add`.
    pub action: &'a str,
    /// What it is about, by name.
    pub subject: &'a str,
}

impl Engine {
    /// Passes a result on, and notes the attempt when a guard refused it or has to be confirmed first. An error of
    /// the machine is no refusal.
    pub(crate) async fn audited<T>(&self, attempt: Attempt<'_>, result: Result<T>) -> Result<T> {
        let Err(error) = &result else {
            return result;
        };
        let Some(detail) = refusal(error) else {
            return result;
        };
        let action = format!("{}.refused", attempt.action);
        let (actor, subject) = (attempt.actor.to_owned(), attempt.subject.to_owned());
        let (workspace, now) = (attempt.workspace, self.now());
        self.db
            .write(move |tx| audit::append_named(tx, workspace, now, &actor, &action, &subject, &detail))
            .await?;
        result
    }
}

/// What the audit log says of a refusal; none for an error that is none.
fn refusal(error: &Error) -> Option<String> {
    let is_guard = match error {
        Error::Refused { .. } | Error::Confirm { .. } | Error::Faults(_) | Error::Fields(_) => true,
        Error::Store(inner) => inner.code().is_some(),
        _ => false,
    };
    is_guard.then(|| error.to_string())
}
