//! A connection that belongs to a provider: made and changed by the provider's door, tried there before it is saved.

use super::check::{self, Tried};
use super::draft::ConnectionDraft;
use super::{ConnectionChange, add, credential, password};
use crate::open::foreseeing;
use crate::{Engine, Error, Result};
use provost_connect::Target;
use provost_store::Tx;
use provost_store::connection::Connection;
use provost_store::microsoft_365::Provider;
use serde_json::Value;
use std::sync::Arc;

/// A target that was tried.
pub(crate) struct Attempted {
    pub tried: Tried,
    /// It, where it could be opened.
    pub target: Option<Arc<dyn Target>>,
}

/// What the provider writes in the transaction that saves its connection.
pub(crate) type Tie = Arc<dyn Fn(&mut Tx, &Connection) -> provost_store::Result<()> + Send + Sync>;

impl Engine {
    /// Tries a provider's connection as it would be: a new one, or one that is there with other settings and secrets.
    pub(crate) async fn attempt_owned(
        &self,
        provider: &Provider,
        before: Option<&Connection>,
        draft: &ConnectionDraft,
    ) -> Result<Attempted> {
        let seen = |connection: &Connection| foreseeing(connection, Some(provider));
        let opened = match before {
            None => (self.opener)(&seen(&check::unsaved(draft)), &draft.secrets()),
            Some(before) => {
                let after = Connection {
                    settings: draft.settings.clone(),
                    ..before.clone()
                };
                let secrets = self.secrets_after(before, &after, &change(draft)).await?;
                (self.opener)(&seen(&after), &secrets)
            }
        };
        let target = opened.as_ref().ok().cloned();
        let tried = check::attempt(opened).await;
        Ok(Attempted { tried, target })
    }

    /// Adds the connection of a provider, which was tried, and ties it in the same transaction.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-CONNECTION-TEST`, `PRV-CONNECTION-NAME-TAKEN`; those of `tie`.
    pub(crate) async fn add_owned(
        &self,
        workspace: i64,
        draft: &ConnectionDraft,
        tried: &Tried,
        tie: Tie,
        actor: &str,
    ) -> Result<()> {
        self.refuse_taken_name(workspace, &draft.name).await?;
        add::refuse_failed(&draft.name, tried, false)?;
        let sealed = password::seal(&draft.rules).map_err(Error::Faults)?;
        let made = self
            .insert(workspace, draft, sealed, tried, Some(tie), actor)
            .await?;
        self.note_end(made.key, draft, actor).await?;
        self.learn_products(made.key).await;
        Ok(())
    }

    /// Changes how the connection of a provider reaches the tenant, which was tried.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-CONNECTION-TEST`; those of `tie`.
    pub(crate) async fn change_owned(
        &self,
        found: &Connection,
        draft: &ConnectionDraft,
        tried: &Tried,
        tie: Tie,
        actor: &str,
    ) -> Result<()> {
        add::refuse_failed(&found.name, tried, false)?;
        let tied = found.clone();
        self.db.write(move |tx| tie(tx, &tied)).await?;
        self.write_change(found, &change(draft), tried, actor).await?;
        self.note_end(found.key, draft, actor).await?;
        self.learn_products(found.key).await;
        Ok(())
    }

    async fn note_end(&self, connection: i64, draft: &ConnectionDraft, actor: &str) -> Result<()> {
        let ends = draft.secret_expires.or_else(|| credential::ends(&draft.secrets));
        match ends {
            Some(_) => self.set_credential_expiry(connection, ends, actor).await,
            None => Ok(()),
        }
    }
}

fn change(draft: &ConnectionDraft) -> ConnectionChange {
    let settings: Value = draft.settings.clone();
    ConnectionChange {
        settings: Some(settings),
        secrets: draft.secrets.clone(),
        secret_expires: draft.secret_expires,
        ..ConnectionChange::default()
    }
}
