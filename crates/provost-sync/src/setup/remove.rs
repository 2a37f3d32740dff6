//! Taking a connection away.

use super::refusal::Attempt;
use crate::{Engine, Error, Result};
use provost_store::connection::{self, Connection};
use provost_store::{microsoft_365, rule};

/// Rows that go in one commit: other writes wait no longer than that takes.
const ROWS: i64 = 2_000;

impl Engine {
    /// Takes a connection away with its rules, links and log. The accounts in the target stay as they are, and so
    /// does the audit log.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-CONNECTION-IN-USE`, which names the rules that are switched on; the store's
    /// `PRV-CONNECTION-RUNS` while a cycle runs and `PRV-PROVIDER-OWNS` for the connection of a Microsoft 365 provider,
    /// which goes with its provider; [`Error::NoConnection`].
    pub async fn drop_connection(&self, connection: i64, actor: &str) -> Result<()> {
        let found = self.connection_by_key(connection).await?;
        let attempt = Attempt {
            workspace: found.workspace,
            actor,
            action: "connection.remove",
            subject: &found.name,
        };
        let result = self.dropped(&found, actor).await;
        self.audited(attempt, result).await
    }

    async fn dropped(&self, found: &Connection, actor: &str) -> Result<()> {
        let owned = found.clone();
        self.db
            .read(move |tx| microsoft_365::refuse_alone(tx, &owned))
            .await?;
        self.refuse_used(found).await?;
        self.set_credential_expiry(found.key, None, actor).await?;
        loop {
            let (connection, actor, now) = (found.clone(), actor.to_owned(), self.now());
            let is_gone = self
                .db
                .write(move |tx| connection::remove(tx, &actor, now, &connection, ROWS))
                .await?;
            if is_gone {
                return Ok(());
            }
        }
    }

    pub(crate) async fn refuse_used(&self, found: &Connection) -> Result<()> {
        let key = found.key;
        let rules = self.db.read(move |tx| rule::of_connection(tx, key)).await?;
        let enabled = rules.iter().filter(|r| r.rule.enabled);
        let names: Vec<String> = enabled.map(|r| format!("\"{}\"", r.name)).collect();
        if names.is_empty() {
            return Ok(());
        }
        let sentence = format!(
            "the connection \"{}\" is in use by rules that are switched on: {}",
            found.name,
            names.join(", ")
        );
        Err(Error::refused(
            "PRV-CONNECTION-IN-USE",
            sentence,
            "Switch these rules off or remove them, then remove the connection.",
        ))
    }
}
