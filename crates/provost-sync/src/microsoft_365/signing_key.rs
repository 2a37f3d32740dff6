//! The keys with which a provider signs: what there is, and changing over to a new one.

use crate::setup::Attempt;
use crate::{Engine, Error, Result};
use provost_store::Tx;
use provost_store::federated_signin::{self, Line, Outcome};
use provost_store::microsoft_365::Provider;
use provost_store::signing_key::{self, Kept, Made, Slot};

/// Keys of a provider that are shown: the two that count, and the newest of those that were retired.
const SHOWN: i64 = 20;

impl Engine {
    /// The keys that a provider has and had, newest first, at most twenty: certificates only.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn provider_signing_keys(&self, workspace: i64, name: &str) -> Result<Vec<Kept>> {
        let found = self.provider_named(workspace, name).await?;
        Ok(self
            .db
            .read(move |tx| signing_key::history(tx, found.key, SHOWN))
            .await?)
    }

    /// Makes a second key, which is published beside the one that signs.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`; `PRV-SIGNING-KEY-NONE` before the section Authentication was
    /// saved, `PRV-SIGNING-KEY-NEXT` when there are two already.
    pub async fn prepare_provider_signing_key(
        &self,
        workspace: i64,
        name: &str,
        actor: &str,
    ) -> Result<Kept> {
        let found = self.provider_named(workspace, name).await?;
        let made = self.made(&found).await?;
        let (sealing, who, now) = (self.key.clone(), actor.to_owned(), self.now());
        let change = move |tx: &mut Tx| signing_key::prepare_next(tx, &sealing, &who, now, &found, &made);
        let result = self.db.write(change).await.map_err(Error::from);
        self.audited(attempt(workspace, name, actor, "signing_key.prepare"), result)
            .await
    }

    /// Signs with the second key from now on, and keeps the first beside it; doing it once more goes back. Answers both,
    /// the one that signs now first.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`; `PRV-SIGNING-KEY-NONE`, `PRV-SIGNING-KEY-NO-NEXT`,
    /// `PRV-SIGNING-KEY-OVER`.
    pub async fn swap_provider_signing_keys(
        &self,
        workspace: i64,
        name: &str,
        actor: &str,
    ) -> Result<[Kept; 2]> {
        let found = self.provider_named(workspace, name).await?;
        let (who, now) = (actor.to_owned(), self.now());
        let change = move |tx: &mut Tx| signing_key::swap(tx, &who, now, &found);
        let result = self.db.write(change).await.map_err(Error::from);
        self.audited(attempt(workspace, name, actor, "signing_key.swap"), result)
            .await
    }

    /// Retires the second key for good.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`; `PRV-SIGNING-KEY-NO-NEXT`.
    pub async fn retire_provider_signing_key(&self, workspace: i64, name: &str, actor: &str) -> Result<Kept> {
        let found = self.provider_named(workspace, name).await?;
        let (who, now) = (actor.to_owned(), self.now());
        let change = move |tx: &mut Tx| signing_key::retire(tx, &who, now, &found);
        let result = self.db.write(change).await.map_err(Error::from);
        self.audited(attempt(workspace, name, actor, "signing_key.retire"), result)
            .await
    }

    /// What became of sign-ins at Microsoft 365 through a provider, newest first, before the one with the key `before`.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn provider_sign_ins(
        &self,
        workspace: i64,
        name: &str,
        outcome: Option<Outcome>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Line>> {
        let found = self.provider_named(workspace, name).await?;
        Ok(self
            .db
            .read(move |tx| federated_signin::page(tx, found.key, outcome, before, limit))
            .await?)
    }

    /// A new key for a provider that has none.
    pub(super) async fn made_if_missing(&self, found: &Provider) -> Result<Option<Made>> {
        let key = found.key;
        let kept = self
            .db
            .read(move |tx| signing_key::in_slot(tx, key, Slot::Current))
            .await?;
        match kept {
            Some(_) => Ok(None),
            None => self.made(found).await.map(Some),
        }
    }

    /// A new key; making one takes a while, so no other work waits for it.
    async fn made(&self, found: &Provider) -> Result<Made> {
        let (domain, now) = (found.domain.clone(), self.now());
        let made = tokio::task::spawn_blocking(move || Made::new(&domain, now)).await;
        let made = made.map_err(|_| {
            provost_store::Error::Setup("the work on a new signing key was stopped".to_owned())
        })?;
        Ok(made?)
    }
}

fn attempt<'a>(workspace: i64, name: &'a str, actor: &'a str, action: &'a str) -> Attempt<'a> {
    Attempt {
        workspace,
        actor,
        action,
        subject: name,
    }
}
