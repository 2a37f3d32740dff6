//! Adding a connection, all or nothing.

use super::check::{self, Tried};
use super::draft::ConnectionDraft;
use super::fault;
use super::password::{self, Sealed};
use super::refusal::Attempt;
use super::rules::keep_passwords;
use super::{Tie, credential, head_count};
use crate::assigned::Assigned;
use crate::{Engine, Error, Result};
use provost_connect::Target;
use provost_engine::rule::{Compiled, Rule};
use provost_store::connection::{self, Assignment, Connection, Preferences};
use provost_store::secret::{self, Key, Place};
use provost_store::{Tx, connection_template, rule};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// A connection that was added.
#[derive(Debug, Clone)]
pub struct Added {
    /// It.
    pub connection: Connection,
    /// What its test found.
    pub tried: Tried,
    /// Rules of the draft that were saved switched off, each with the reason.
    pub switched_off: Vec<(String, String)>,
}

impl Engine {
    /// Adds a connection with its secrets and rules. It is tested first; one whose test fails is added as invalid
    /// only when that is accepted. A rule that cannot be switched on yet is saved switched off: on an invalid
    /// connection, without something that the target needs, or when it means everybody or nobody and the draft
    /// does not say that this is known.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-CONNECTION-NAME-TAKEN`, `PRV-CONNECTION-TEST`, `PRV-ACTIONS-CONTRADICT`;
    /// [`Error::Rules`]; [`Error::Faults`] with `PRV-PASSWORD-WEAK`; any error of the store.
    pub async fn add_connection(
        &self,
        workspace: i64,
        draft: &ConnectionDraft,
        actor: &str,
        accept_invalid: bool,
    ) -> Result<Added> {
        let attempt = Attempt {
            workspace,
            actor,
            action: "connection.create",
            subject: &draft.name,
        };
        let result = self.added(workspace, draft, actor, accept_invalid).await;
        self.audited(attempt, result).await
    }

    async fn added(
        &self,
        workspace: i64,
        draft: &ConnectionDraft,
        actor: &str,
        accept_invalid: bool,
    ) -> Result<Added> {
        self.refuse_taken_name(workspace, &draft.name).await?;
        super::preferences::check(&draft.preferences())?;
        let mut sealed = password::seal(&draft.rules).map_err(Error::Faults)?;
        let opened = (self.opener)(&check::unsaved(draft), &draft.secrets());
        let target = opened.as_ref().ok().cloned();
        let tried = check::attempt(opened).await;
        refuse_failed(&draft.name, &tried, accept_invalid)?;
        let switched_off = self
            .switch_off(workspace, draft, &mut sealed, &tried, target)
            .await?;
        let connection = self.insert(workspace, draft, sealed, &tried, None, actor).await?;
        let ends = draft.secret_expires.or_else(|| credential::ends(&draft.secrets));
        if ends.is_some() {
            self.set_credential_expiry(connection.key, ends, "provost")
                .await?;
        }
        if tried.ok() {
            self.learn_products(connection.key).await;
        }
        Ok(Added {
            connection,
            tried,
            switched_off,
        })
    }

    /// Writes a connection that was tried, in one transaction with what its provider writes.
    pub(super) async fn insert(
        &self,
        workspace: i64,
        draft: &ConnectionDraft,
        sealed: Sealed,
        tried: &Tried,
        tie: Option<Tie>,
        actor: &str,
    ) -> Result<Connection> {
        let new = Arc::new(New {
            workspace,
            draft: draft.clone(),
            preferences: draft.preferences(),
            sealed,
            checks: tried.to_value(),
            error: tried.error.clone(),
            tie,
        });
        let (key, actor, now) = (self.key.clone(), actor.to_owned(), self.now());
        self.db
            .write(move |tx| new.insert(tx, &key, &actor, now))
            .await
            .map_err(|error| taken(error, &draft.name))
    }

    pub(super) async fn refuse_taken_name(&self, workspace: i64, name: &str) -> Result<()> {
        let wanted = name.to_owned();
        let found = self
            .db
            .read(move |tx| connection::by_name(tx, workspace, &wanted))
            .await?;
        found.map_or(Ok(()), |_| Err(name_taken(name)))
    }

    /// Switches off what cannot be on yet.
    ///
    /// # Errors
    /// [`Error::Rules`] for a rule that is on and does not compile.
    async fn switch_off(
        &self,
        workspace: i64,
        draft: &ConnectionDraft,
        sealed: &mut Sealed,
        tried: &Tried,
        target: Option<Arc<dyn Target>>,
    ) -> Result<Vec<(String, String)>> {
        let mut off = Vec::new();
        let target = target.filter(|_| tried.ok());
        if let Some(Err(error)) = match &target {
            Some(target) => Some(target.prepare().await),
            None => None,
        } {
            tracing::debug!(%error, "the rules are reviewed without what the target knows of its organisation");
        }
        for rule in sealed.rules.iter_mut().filter(|rule| rule.enabled) {
            let compiled = rule.compile().map_err(Error::Rules)?;
            let reason = match &target {
                None => Some("the connection is invalid".to_owned()),
                Some(target) => self.not_yet(workspace, draft, rule, &compiled, &**target).await?,
            };
            if let Some(reason) = reason {
                rule.enabled = false;
                off.push((rule.name.clone(), reason));
            }
        }
        Ok(off)
    }

    /// Why a rule cannot be on yet.
    async fn not_yet(
        &self,
        workspace: i64,
        draft: &ConnectionDraft,
        rule: &Rule,
        compiled: &Compiled,
        target: &dyn Target,
    ) -> Result<Option<String>> {
        let (faults, _) = fault::review(target, &[], std::slice::from_ref(rule));
        if let Some(fault) = faults.first() {
            return Ok(Some(fault.to_string()));
        }
        if draft.understood {
            return Ok(None);
        }
        let assigned = Arc::new(match draft.preferences.assignment {
            Assignment::All => Assigned::Everybody,
            // Nobody is assigned to a connection that there was none of before.
            Assignment::Assigned => return Ok(None),
        });
        let count = head_count::count(&self.db, workspace, &assigned, compiled).await?;
        let question = head_count::question(&rule.name, rule.object, &count);
        Ok(question.map(|question| format!("{}: {}", question.code, question.sentence)))
    }
}

/// Everything that is written.
struct New {
    workspace: i64,
    draft: ConnectionDraft,
    preferences: Preferences,
    sealed: Sealed,
    checks: Value,
    error: Option<provost_connect::Error>,
    tie: Option<Tie>,
}

impl New {
    fn insert(&self, tx: &mut Tx, key: &Key, actor: &str, now: i64) -> provost_store::Result<Connection> {
        let guard = json!({});
        let new = connection::New {
            id: Uuid::now_v7(),
            workspace: self.workspace,
            name: &self.draft.name,
            connector: &self.draft.connector,
            settings: &self.draft.settings,
            guard: &guard,
        };
        let made = connection::create(tx, actor, now, &new)?;
        connection_template::note(tx, actor, now, &made, self.draft.template.as_ref())?;
        if self.preferences != Preferences::default() {
            connection::set_preferences(tx, actor, now, &made, &self.preferences)?;
        }
        for (field, plain) in &self.draft.secrets {
            let place = Place {
                table: "connection",
                owner: made.key,
                field,
            };
            secret::put(tx, key, now, &place, plain.expose())?;
        }
        keep_passwords(tx, key, made.key, now, &self.sealed)?;
        for (position, one) in (0..).zip(&self.sealed.rules) {
            rule::put(tx, actor, now, &made, position, one)?;
        }
        connection::set_checked(tx, made.key, now, &self.checks, self.error.is_none())?;
        if let Some(error) = &self.error {
            connection::set_state(tx, actor, now, &made, &credential::invalid(error, &made, 0))?;
        }
        if let Some(tie) = &self.tie {
            tie(tx, &made)?;
        }
        Ok(connection::by_key(tx, made.key)?.unwrap_or(made))
    }
}

/// A connection whose test fails is saved only by somebody who knows that.
pub(super) fn refuse_failed(name: &str, tried: &Tried, accept_invalid: bool) -> Result<()> {
    match tried.failed().filter(|_| !accept_invalid) {
        None => Ok(()),
        Some(check) => Err(Error::refused(
            "PRV-CONNECTION-TEST",
            format!(
                "the test of the connection \"{name}\" failed at {}: {}: {}. {}",
                check.name, check.code, check.sentence, check.hint
            ),
            "Correct it, or save the connection as invalid: no cycle runs until a test succeeds.",
        )),
    }
}

fn name_taken(name: &str) -> Error {
    Error::refused(
        "PRV-CONNECTION-NAME-TAKEN",
        format!("there is a connection \"{name}\" already"),
        "Choose another name; the list of connections shows those in use.",
    )
}

/// Somebody took the name meanwhile.
pub(super) fn taken(error: provost_store::Error, name: &str) -> Error {
    match error {
        provost_store::Error::Conflict => name_taken(name),
        other => other.into(),
    }
}
