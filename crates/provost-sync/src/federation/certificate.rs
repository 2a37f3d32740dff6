//! Renewing the certificate of a domain that is federated: beside the old one first, then in its place, then alone. Until
//! the last step it goes back.
//!
//! Source: Microsoft Entra documentation, "Renew federation certificates for Microsoft 365 and Microsoft Entra ID".

use super::cockpit::Cockpit;
use super::stands::{self, Stands, is_certain};
use super::{SETTLES, attempt};
use crate::{Engine, Error, Result};
use provost_connect::Error as TargetError;
use provost_store::Tx;
use provost_store::federation::{self, Act, ActKind, State};
use provost_store::microsoft_365::Provider;
use provost_store::signing_key;
use serde_json::{Value, json};

/// A step of the renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Microsoft learns the second key's certificate, and accepts both.
    Announce,
    /// Microsoft and this hub change over to the second key at the same time; done again, they go back.
    Swap,
    /// The old key is retired, and Microsoft forgets its certificate.
    Finish,
}

impl Engine {
    /// Carries out a step of the renewal. The second key is made in the section Authentication.
    ///
    /// # Errors
    /// [`Error::Store`] with `PRV-FEDERATION-STATE` for a domain that is not federated, `PRV-SIGNING-KEY-NO-NEXT` without
    /// a second key, `PRV-SIGNING-KEY-OVER`; [`Error::Refused`] with `PRV-FEDERATION-UNKNOWN-YET` while nobody knows what
    /// came of it or of the step before, `PRV-FEDERATION-FAILED` when Microsoft has not taken it: then nothing changed
    /// here; `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn renew_federation(
        &self,
        workspace: i64,
        name: &str,
        step: Renewal,
        actor: &str,
    ) -> Result<Cockpit> {
        let found = self.provider_named(workspace, name).await?;
        let result = self.renewed(&found, step, actor).await;
        self.audited(
            attempt(workspace, actor, "microsoft_365.federation.certificate", name),
            result,
        )
        .await
    }

    async fn renewed(&self, provider: &Provider, step: Renewal, actor: &str) -> Result<Cockpit> {
        self.refuse_open(provider).await?;
        let ours = self.ours(provider, "https://unused.invalid").await?;
        let key = provider.key;
        let record = self.db.read(move |tx| federation::of(tx, key)).await?;
        let (Some(current), Some(next)) = (ours.certificate, ours.next) else {
            return Err(Error::refused(
                "PRV-SIGNING-KEY-NO-NEXT",
                format!("the provider \"{}\" has no second signing key", provider.name),
                "Prepare one in the section Authentication first.",
            ));
        };
        let (first, second) = match step {
            Renewal::Announce => (&current, Some(&next)),
            Renewal::Swap => (&next, Some(&current)),
            Renewal::Finish => (&current, None),
        };
        let mut sent = record.sent.clone();
        sent["signingCertificate"] = json!(first.base64);
        sent["nextSigningCertificate"] = second.map_or(Value::Null, |one| json!(one.base64));
        let open = self.tenant_of(provider).await?;
        let graph = stands::graph(&open)?;
        let act = self
            .begin_act(provider, ActKind::Certificate, record.sent, sent, actor)
            .await?;
        let domain = &provider.domain;
        let answer = match step {
            Renewal::Announce => graph.set_next_certificate(domain, Some(&next.base64)).await,
            Renewal::Swap => graph.swap_certificates(domain).await,
            Renewal::Finish => graph.set_next_certificate(domain, None).await,
        };
        self.settle_certificate(provider, &act, answer.err(), actor)
            .await?;
        self.probe_quietly(provider, actor).await?;
        self.federation(provider.workspace, &provider.name).await
    }

    /// A second step while nobody knows what came of the first would change over from what nobody has read.
    async fn refuse_open(&self, provider: &Provider) -> Result<()> {
        let key = provider.key;
        match self.db.read(move |tx| federation::open(tx, key)).await? {
            None => Ok(()),
            Some(_) => Err(unknown_yet(provider)),
        }
    }

    /// Ends a renewal by what stands: this hub changes over only when Microsoft has. `error`: what the request was
    /// answered with; none for a success. That the old certificates still stand says nothing for a minute, unless it was
    /// a refusal: the request may be on its way.
    pub(super) async fn settle_certificate(
        &self,
        provider: &Provider,
        act: &Act,
        error: Option<TargetError>,
        actor: &str,
    ) -> Result<()> {
        let open = self.tenant_of(provider).await?;
        let looked = stands::look(stands::graph(&open)?, &provider.domain, &act.sent).await;
        let Ok(stands) = looked else {
            return Err(unknown_yet(provider));
        };
        let is_done = matches!(stands, Stands::Ours(_));
        let is_certain = error.as_ref().is_some_and(is_certain) || self.now() - act.began >= SETTLES;
        if !is_done && !is_certain {
            return Err(unknown_yet(provider));
        }
        let told = match is_done {
            true => String::new(),
            false => "Microsoft has not taken the certificates.".to_owned(),
        };
        let (found, who, now, act) = (provider.clone(), actor.to_owned(), self.now(), act.clone());
        let write = move |tx: &mut Tx| {
            if is_done {
                follow(tx, &who, now, &found, &act)?;
            }
            federation::end(tx, &who, now, &found, &act, Some(State::Federated), &told)?;
            if !is_done {
                federation::put_sent(tx, &found, &act.before)?;
            }
            Ok::<_, provost_store::Error>(())
        };
        self.db.write(write).await?;
        if is_done {
            return Ok(());
        }
        Err(Error::refused(
            "PRV-FEDERATION-FAILED",
            format!("Microsoft has not taken the certificates of {}", provider.domain),
            "Nothing has changed here either; try it again.",
        ))
    }
}

fn unknown_yet(provider: &Provider) -> Error {
    Error::refused(
        "PRV-FEDERATION-UNKNOWN-YET",
        format!(
            "it is not known yet which certificates Microsoft holds for {}",
            provider.domain
        ),
        "Wait a minute and look again; nothing is sent a second time by itself, and this hub signs as before.",
    )
}

/// This hub follows what Microsoft has done, in the transaction that says so.
fn follow(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, act: &Act) -> provost_store::Result<()> {
    let swapped = act.sent["signingCertificate"] != act.before["signingCertificate"];
    let emptied =
        act.sent["nextSigningCertificate"].is_null() && !act.before["nextSigningCertificate"].is_null();
    if swapped {
        signing_key::swap(tx, actor, now, provider)?;
    } else if emptied {
        signing_key::retire(tx, actor, now, provider)?;
    }
    Ok(())
}
