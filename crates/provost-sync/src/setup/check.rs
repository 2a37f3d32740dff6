//! Trying a connection: each step by name, with its own code and next step where it fails.

use super::credential;
use crate::open;
use crate::proposal::Proposal;
use crate::{Engine, Result};
use provost_connect::{Check, Error as TargetError, Permissions, Target};
use provost_store::connection::{self, Condition, Connection, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use super::draft::ConnectionDraft;

/// The step of a test that is about permissions.
const PERMISSIONS: &str = "permissions";

/// One step of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckLine {
    /// What was tried, as a short noun phrase: "sign-in", "read people".
    pub name: String,
    /// Whether it worked.
    pub ok: bool,
    /// `PRV-…` where it failed; empty where it worked.
    pub code: String,
    /// What was found, or why it failed.
    pub sentence: String,
    /// What to do next, where it failed.
    pub hint: String,
    /// The page of our documentation about the failure, from the root of the documentation.
    pub link: Option<String>,
}

impl CheckLine {
    fn failed(name: &str, error: &TargetError) -> Self {
        Self {
            name: name.to_owned(),
            ok: false,
            code: error.code().to_owned(),
            sentence: error.to_string(),
            hint: error.hint().to_owned(),
            link: Some(error.help().to_owned()),
        }
    }

    fn of(check: &Check) -> Self {
        match &check.outcome {
            Ok(found) => Self {
                name: check.name.to_owned(),
                ok: true,
                code: String::new(),
                sentence: found.clone(),
                hint: String::new(),
                link: None,
            },
            Err(error) => Self::failed(check.name, error),
        }
    }
}

/// What a try of a connection found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Tried {
    /// The steps in their order; the first that fails is the last.
    pub checks: Vec<CheckLine>,
    /// Which permissions it has, lacks and has too many of; none where the target does not tell.
    pub permissions: Option<Permissions>,
    #[serde(skip)]
    pub(super) error: Option<TargetError>,
}

impl Tried {
    /// Whether every step worked.
    pub fn ok(&self) -> bool {
        self.failed().is_none()
    }

    /// The step that failed.
    pub fn failed(&self) -> Option<&CheckLine> {
        self.checks.iter().find(|check| !check.ok)
    }

    fn refused(error: TargetError) -> Self {
        Self {
            checks: vec![CheckLine::failed("settings", &error)],
            permissions: None,
            error: Some(error),
        }
    }

    /// What is kept of it: the steps, and with the one about permissions the permissions themselves.
    pub(super) fn to_value(&self) -> serde_json::Value {
        let mut kept = serde_json::to_value(&self.checks).unwrap_or_default();
        let found = self.permissions.as_ref().map(|found| serde_json::json!(found));
        let mut lines = kept.as_array_mut().into_iter().flatten();
        if let (Some(found), Some(line)) = (found, lines.find(|line| line["name"] == PERMISSIONS)) {
            line["permissions"] = found;
        }
        kept
    }
}

/// What a check of a saved connection came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// What was found.
    #[serde(flatten)]
    pub tried: Tried,
    /// The state before.
    pub was: State,
    /// The state now.
    pub state: State,
}

impl Engine {
    /// Tries a connection that is not saved yet, without changing anything: the target is opened and tested.
    ///
    /// # Errors
    /// None for what the target answers: a failed step stands in the answer.
    pub async fn try_connection(&self, draft: &ConnectionDraft) -> Result<Tried> {
        let opened = (self.opener)(&unsaved(draft), &draft.secrets());
        Ok(attempt(opened).await)
    }

    /// Tests a saved connection and keeps what was found. One that is invalid becomes active when every step works;
    /// one whose credential is refused becomes invalid. Nothing is removed.
    ///
    /// # Errors
    /// [`crate::Error::NoConnection`]; any error of the store.
    pub async fn check_connection(&self, connection: i64) -> Result<Checked> {
        let before = self.connection_by_key(connection).await?;
        let tried = match open::open_with(self, connection, &Proposal::without_rules()).await {
            Ok(open) => attempt(Ok(open.target)).await,
            Err(crate::Error::Target(error)) => Tried::refused(error),
            Err(error) => return Err(error),
        };
        let (checks, ok, now) = (tried.to_value(), tried.ok(), self.now());
        let to = self.condition_after(&before, &tried);
        self.db
            .write(move |tx| {
                connection::set_checked(tx, connection, now, &checks, ok)?;
                match (connection::by_key(tx, connection)?, &to) {
                    (Some(found), Some(to)) => connection::set_state(tx, "provost", now, &found, to),
                    _ => Ok(()),
                }
            })
            .await?;
        if ok {
            self.learn_products(connection).await;
        }
        let state = self.connection_by_key(connection).await?.state;
        Ok(Checked {
            tried,
            was: before.state,
            state,
        })
    }

    /// The state that a failed test puts a connection in; none where it stays as it is.
    fn condition_after(&self, before: &Connection, tried: &Tried) -> Option<Condition> {
        let error = tried.error.as_ref()?;
        let concerns = match before.state {
            State::Invalid => true,
            State::Active | State::Held | State::Quarantine => credential::is_refused(error),
            State::Paused => false,
        };
        // One that was never good is tried by a person; one that was good may be so again by itself.
        let next_try = if before.tested > 0 {
            self.now() + credential::CHECK_AGAIN
        } else {
            0
        };
        concerns.then(|| credential::invalid(error, before, next_try))
    }
}

/// Opens nothing anew: tests what was opened.
pub(super) async fn attempt(opened: provost_connect::Result<Arc<dyn Target>>) -> Tried {
    let target = match opened {
        Ok(target) => target,
        Err(error) => return Tried::refused(error),
    };
    let checks = target.test().await;
    let permissions = match target.permissions().await {
        Ok(permissions) => permissions,
        Err(error) => {
            tracing::debug!(%error, "the target does not tell its permissions");
            None
        }
    };
    Tried {
        permissions,
        checks: checks.iter().map(CheckLine::of).collect(),
        error: checks.into_iter().find_map(|check| check.outcome.err()),
    }
}

/// The draft in the shape of a saved connection, for opening its target.
pub(super) fn unsaved(draft: &ConnectionDraft) -> Connection {
    Connection {
        key: 0,
        id: uuid::Uuid::nil(),
        workspace: 0,
        name: draft.name.clone(),
        connector: draft.connector.clone(),
        settings: draft.settings.clone(),
        guard: serde_json::json!({}),
        state: State::Invalid,
        reason: String::new(),
        failures: 0,
        next_try: 0,
        watermark: -1,
        since: 0,
        preferences: draft.preferences(),
        code: String::new(),
        wanted: String::new(),
        reconciled: 0,
        timed: 0,
        last_run: 0,
        people: 0,
        tested: 0,
        checks: serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_of_a_test_has_the_permissions_with_their_step() {
        let line = |name: &str| CheckLine {
            name: name.to_owned(),
            ok: true,
            code: String::new(),
            sentence: String::new(),
            hint: String::new(),
            link: None,
        };
        let mut tried = Tried {
            checks: vec![line("sign-in"), line(PERMISSIONS)],
            permissions: Some(Permissions::unknown()),
            error: None,
        };
        let kept = tried.to_value();
        assert_eq!(kept[0].get("permissions"), None);
        assert_eq!(kept[1]["permissions"]["unknown"], true);
        tried.permissions = None;
        assert_eq!(tried.to_value(), serde_json::json!(tried.checks));
    }
}
