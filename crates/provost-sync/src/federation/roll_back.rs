//! The roll-back: the domain becomes managed again, and everybody needs a new password at Microsoft.

use super::people::{People, Wanted};
use super::stands;
use super::switch::refuse_typed;
use super::{NAMED, attempt};
use crate::microsoft_365::initial_domain;
use crate::{Engine, Result};
use provost_store::federation::{self, ActKind, State};
use provost_store::microsoft_365::Provider;
use serde::Serialize;
use serde_json::Value;

/// What the roll-back means for the people of the domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RolledBack {
    /// Accounts of the domain that may sign in: each needs a new password at Microsoft.
    pub accounts: usize,
    /// Those that became somebody's after the switch: they never had a password that anybody knows. The first hundred.
    pub without_password: Vec<String>,
    /// How many there are of them.
    pub without: usize,
}

impl Engine {
    /// What the roll-back would mean. No request is made.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn federation_roll_back_preview(&self, workspace: i64, name: &str) -> Result<RolledBack> {
        let provider = self.provider_named(workspace, name).await?;
        self.passwords(&provider).await
    }

    async fn passwords(&self, provider: &Provider) -> Result<RolledBack> {
        let Some(connection) = provider.connection else {
            return Ok(RolledBack::default());
        };
        let key = provider.key;
        let record = self.db.read(move |tx| federation::of(tx, key)).await?;
        let initial = initial_domain(&provider.settings, &provider.tenant_name);
        let wanted = Wanted {
            domain: &provider.domain,
            initial: &initial,
            since: match record.state {
                State::Managed => 0,
                _ => record.switched.max(1),
            },
        };
        let people: People = self.people_of(provider.workspace, connection, &wanted).await?;
        Ok(RolledBack {
            accounts: people.enabled,
            without: people.late.len(),
            without_password: people.late.into_iter().take(NAMED).collect(),
        })
    }

    /// Switches the domain back to managed. `typed`: the domain, once more.
    ///
    /// # Errors
    /// [`crate::Error::Refused`]: `PRV-FEDERATION-TYPED`, `PRV-FEDERATION-FAILED`, `PRV-FEDERATION-UNKNOWN-YET`,
    /// `PRV-MICROSOFT-365-UNKNOWN`; [`crate::Error::Store`] with `PRV-FEDERATION-STATE` for a domain that is managed, and
    /// `PRV-FEDERATION-LOCKED`.
    pub async fn roll_back_federation(
        &self,
        workspace: i64,
        name: &str,
        typed: &str,
        actor: &str,
    ) -> Result<RolledBack> {
        let found = self.provider_named(workspace, name).await?;
        let result = self.rolled_back(&found, typed, actor).await;
        self.audited(
            attempt(workspace, actor, "microsoft_365.federation.roll_back", name),
            result,
        )
        .await
    }

    async fn rolled_back(&self, provider: &Provider, typed: &str, actor: &str) -> Result<RolledBack> {
        refuse_typed(provider, typed)?;
        let told = self.passwords(provider).await?;
        let key = provider.key;
        let before = self.db.read(move |tx| federation::of(tx, key)).await?.sent;
        let open = self.tenant_of(provider).await?;
        let graph = stands::graph(&open)?;
        let act = self
            .begin_act(provider, ActKind::RollBack, before, Value::Null, actor)
            .await?;
        let answer = graph.make_managed(&provider.domain).await;
        self.settle_act(provider, &act, answer.err(), actor).await?;
        self.probe_quietly(provider, actor).await?;
        Ok(told)
    }
}
