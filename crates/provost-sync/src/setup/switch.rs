//! Switching a connection on and off, and what stops one that is not ready.

use super::refusal::Attempt;
use crate::{Engine, Error, Result};
use provost_store::connection::{self, Condition, Connection, State};

/// The stable word for what an invalid connection cannot do.
pub(crate) const INVALID: &str = "PRV-CONNECTION-INVALID";
const HINT: &str =
    "Correct its settings or its credential, then test it: the first test that succeeds makes it active.";

/// The refusal that an invalid connection gives.
pub(super) fn invalid(connection: &Connection, what: &str) -> Error {
    let why = match connection.reason.as_str() {
        "" => "its test has failed".to_owned(),
        reason => reason.trim_end_matches('.').to_owned(),
    };
    Error::refused(
        INVALID,
        format!(
            "the connection \"{}\" is invalid and {what}: {why}",
            connection.name
        ),
        HINT,
    )
}

impl Engine {
    /// Nothing is read or written with a connection that is invalid.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-CONNECTION-INVALID`.
    pub(crate) async fn refuse_invalid(&self, connection: i64) -> Result<()> {
        let found = self.db.read(move |tx| connection::by_key(tx, connection)).await?;
        match found.filter(|found| found.state == State::Invalid) {
            Some(found) => Err(invalid(&found, "no cycle runs")),
            None => Ok(()),
        }
    }

    /// Switches a connection on or off. Off means that nothing is written any more, also by a cycle under way.
    /// `reason` says why, for people.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-CONNECTION-INVALID` when its test has failed, `PRV-GUARD-HELD` when steps wait
    /// for a decision; [`Error::NoConnection`].
    pub async fn switch_connection(
        &self,
        connection: i64,
        on: bool,
        reason: &str,
        actor: &str,
    ) -> Result<State> {
        let found = self.connection_by_key(connection).await?;
        let attempt = Attempt {
            workspace: found.workspace,
            actor,
            action: if on { "connection.on" } else { "connection.off" },
            subject: &found.name,
        };
        let result = self.switched(&found, on, reason, actor).await;
        self.audited(attempt, result).await
    }

    async fn switched(&self, found: &Connection, on: bool, reason: &str, actor: &str) -> Result<State> {
        match (on, found.state) {
            (true, State::Invalid) => return Err(invalid(found, "cannot be switched on")),
            (true, State::Held) => {
                return Err(Error::refused(
                    crate::finish::HELD,
                    format!("the connection \"{}\" is held by the deletion guard", found.name),
                    "Decide what is held; the connection goes on by itself then.",
                ));
            }
            // A connection that has never passed its test, or does not any more, is no less so for being off.
            (false, State::Invalid) => return Ok(State::Invalid),
            _ => {}
        }
        let to = Condition {
            state: if on { State::Active } else { State::Paused },
            reason: reason.to_owned(),
            ..Condition::default()
        };
        let (key, actor, now, state) = (found.key, actor.to_owned(), self.now(), to.state);
        self.db
            .write(move |tx| match connection::by_key(tx, key)? {
                Some(now_found) => connection::set_state(tx, &actor, now, &now_found, &to),
                None => Ok(()),
            })
            .await?;
        Ok(state)
    }
}
