//! A look at what stands: it ends what was left open, tells what somebody else has changed, and changes nothing there.

use super::attempt;
use super::cockpit::Cockpit;
use super::stands;
use crate::{Engine, Error, Result};
use provost_store::Tx;
use provost_store::federation::{self, ActKind, Outcome, Seen, State};
use provost_store::microsoft_365::Provider;

impl Engine {
    /// Looks at what stands at Microsoft. An act whose outcome was not known is ended by it; what is otherwise than it
    /// should be becomes a problem of the workspace, and is never corrected by itself.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`, `PRV-FEDERATION-UNKNOWN-YET`; [`Error::Target`] when Microsoft
    /// cannot be asked.
    pub async fn probe_federation(&self, workspace: i64, name: &str, actor: &str) -> Result<Cockpit> {
        let found = self.provider_named(workspace, name).await?;
        let result = self.probed(&found, actor).await;
        self.audited(
            attempt(workspace, actor, "microsoft_365.federation.probe", name),
            result,
        )
        .await
    }

    async fn probed(&self, provider: &Provider, actor: &str) -> Result<Cockpit> {
        let key = provider.key;
        let open = self.db.read(move |tx| federation::open(tx, key)).await?;
        if let Some(act) = open.filter(|act| act.outcome == Outcome::Open) {
            // The answer was an error or was lost: that alone says nothing, the look does.
            let lost = provost_connect::Error::Interrupted {
                host: "Microsoft".to_owned(),
                reason: "its answer was lost".to_owned(),
            };
            let settled = match act.act {
                ActKind::Certificate => self.settle_certificate(provider, &act, Some(lost), actor).await,
                _ => self.settle_act(provider, &act, Some(lost), actor).await,
            };
            match settled {
                // That it failed is what the look has found out, not a fault of the look.
                Err(Error::Refused {
                    code: "PRV-FEDERATION-FAILED",
                    ..
                })
                | Ok(()) => {}
                Err(other) => return Err(other),
            }
        }
        self.seen(provider, actor).await?;
        self.federation(provider.workspace, &provider.name).await
    }

    /// The same after an act: that Microsoft cannot be asked at this moment takes nothing back.
    pub(super) async fn probe_quietly(&self, provider: &Provider, actor: &str) -> Result<()> {
        match self.seen(provider, actor).await {
            Err(Error::Target(error)) => {
                tracing::debug!(%error, "what stands could not be read after the switch");
                Ok(())
            }
            other => other,
        }
    }

    async fn seen(&self, provider: &Provider, actor: &str) -> Result<()> {
        let key = provider.key;
        let record = self.db.read(move |tx| federation::of(tx, key)).await?;
        let open = self.tenant_of(provider).await?;
        let graph = stands::graph(&open)?;
        let (stands, realm) = futures::join!(
            stands::look(graph, &provider.domain, &record.sent),
            self.realm_of(provider),
        );
        let stands = stands?;
        let domain = &provider.domain;
        let trouble = match (record.state, &stands) {
            (State::Managed, stands::Stands::Managed) => String::new(),
            (State::Managed, _) => {
                format!("{domain} is federated at Microsoft, although it was not switched here.")
            }
            (_, stands) => stands.trouble(domain),
        };
        let is_federated = realm.is_ok_and(|realm| realm.is_federated());
        let seen = Seen {
            trouble,
            is_everywhere: is_federated == (record.state == State::Federated),
        };
        let (found, who, now) = (provider.clone(), actor.to_owned(), self.now());
        let write = move |tx: &mut Tx| federation::note_seen(tx, &who, now, &found, &seen);
        Ok(self.db.write(write).await?)
    }
}
