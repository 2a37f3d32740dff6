//! The providers that administrators may sign in with, and who somebody is there.

use super::discovery::check_issuer;
use crate::{Actor, Error, Result, SignIn, Signed, session};
use provost_connect::Secret;
use provost_store::signin_provider::{self, Edit, New, SigninProvider};
use provost_store::{secret, signin_identity};

/// A provider to be added.
#[derive(Debug, Clone)]
pub struct NewProvider {
    /// What the sign-in page calls it.
    pub name: String,
    /// Its issuer, exactly as it calls itself.
    pub issuer: String,
    /// What it calls this installation.
    pub client_id: String,
    /// The client's secret; none for a public client, which PKCE protects.
    pub client_secret: Option<Secret>,
}

/// What is to change of a provider; what is `None` stays. The issuer cannot change: it is another provider then.
#[derive(Debug, Clone, Default)]
pub struct ProviderEdit {
    /// What the sign-in page calls it.
    pub name: Option<String>,
    /// What it calls this installation.
    pub client_id: Option<String>,
    /// The client's secret.
    pub client_secret: Option<Secret>,
    /// Whether it is offered.
    pub enabled: Option<bool>,
}

impl SignIn {
    /// The providers by name, also those that are switched off.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn providers(&self) -> Result<Vec<SigninProvider>> {
        self.read(|tx| Ok(signin_provider::list(tx)?)).await
    }

    /// Adds a provider, after it was asked to describe itself.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Provider`] when it cannot be reached; [`Error::Refused`] for an issuer that is none
    /// (`PRV-SIGNIN-PROVIDER-ISSUER`) or calls itself otherwise (`PRV-SIGNIN-PROVIDER-ANSWER`), and for an actor who
    /// does not own the installation (`PRV-SIGNIN-ROLE`); [`Error::Store`] for a name that is taken.
    pub async fn provider_add(
        &self,
        actor: impl Into<Actor<'_>>,
        new: NewProvider,
        now: i64,
    ) -> Result<SigninProvider> {
        let acting = actor.into().acting();
        acting.require_fresh(now)?;
        // Whoever may not do it does not make us call an address either.
        let asking = acting.clone();
        self.read(move |tx| asking.require_owner(tx, None)).await?;
        check_client(&new.client_id)?;
        check_issuer(&new.issuer)?;
        self.0.providers.ask(&new.issuer, now).await?;
        let signin = self.clone();
        self.write(move |tx| {
            acting.require_owner(tx, None)?;
            let added = signin_provider::add(
                tx,
                &acting.name,
                now,
                &New {
                    name: new.name.trim(),
                    issuer: &new.issuer,
                    client_id: &new.client_id,
                },
            )?;
            if let Some(kept) = &new.client_secret {
                let place = signin_provider::place(added.key);
                secret::put(tx, &signin.0.key, now, &place, kept.expose())?;
            }
            Ok(added)
        })
        .await
    }

    /// Changes a provider.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] (`PRV-SIGNIN-ROLE`); [`Error::Store`] for a provider that is gone, a name
    /// that is taken, and when no owner could sign in any more (`PRV-OWNER-LAST`).
    pub async fn provider_edit(
        &self,
        actor: impl Into<Actor<'_>>,
        key: i64,
        edit: ProviderEdit,
        now: i64,
    ) -> Result<SigninProvider> {
        let acting = actor.into().acting();
        acting.require_fresh(now)?;
        if let Some(client_id) = &edit.client_id {
            check_client(client_id)?;
        }
        let signin = self.clone();
        self.write(move |tx| {
            acting.require_owner(tx, None)?;
            let change = Edit {
                name: edit.name.as_deref().map(str::trim),
                issuer: None,
                client_id: edit.client_id.as_deref(),
                enabled: edit.enabled,
            };
            let after = signin_provider::edit(tx, &acting.name, now, key, change)?;
            if let Some(kept) = &edit.client_secret {
                secret::put(
                    tx,
                    &signin.0.key,
                    now,
                    &signin_provider::place(key),
                    kept.expose(),
                )?;
            }
            Ok(after)
        })
        .await
    }

    /// Removes a provider with its secret. `false`: it is gone already.
    ///
    /// # Errors
    /// As [`SignIn::provider_edit`].
    pub async fn provider_remove(&self, actor: impl Into<Actor<'_>>, key: i64, now: i64) -> Result<bool> {
        let acting = actor.into().acting();
        acting.require_fresh(now)?;
        self.write(move |tx| {
            acting.require_owner(tx, None)?;
            Ok(signin_provider::remove(tx, &acting.name, now, key)?)
        })
        .await
    }

    /// Takes who they are at a provider from the person who is signed in; their other sessions end. `false`: it is
    /// none of theirs.
    ///
    /// # Errors
    /// [`Error::Stale`]; [`Error::Refused`] for their last way in (`PRV-SIGNIN-LAST-WAY`).
    pub async fn provider_untie(
        &self,
        signed: &Signed,
        issuer: &str,
        subject: &str,
        now: i64,
    ) -> Result<bool> {
        signed.require_fresh(now)?;
        let (signed, issuer, subject) = (signed.clone(), issuer.to_owned(), subject.to_owned());
        self.write(move |tx| {
            let own = signed.reload(tx)?;
            let done = signin_identity::untie(tx, &signed.actor(), now, own.key, &issuer, &subject)?;
            if done {
                signed.require_way_left(tx)?;
                session::end_others(tx, &signed, now)?;
            }
            Ok(done)
        })
        .await
    }
}

fn check_client(client_id: &str) -> Result<()> {
    let is_possible = (1..=255).contains(&client_id.len()) && client_id.bytes().all(|b| b.is_ascii_graphic());
    if is_possible {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-SIGNIN-PROVIDER-CLIENT",
        "this is no client id",
        "Copy it from the provider; it has no spaces.",
    ))
}
