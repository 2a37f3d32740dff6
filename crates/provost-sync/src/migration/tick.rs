//! What somebody ticks of the list of what is done in Entra: Provost cannot see it from here.

use super::attempt;
use crate::{Engine, Result};
use provost_store::Tx;
use provost_store::migration::{self, EntraLine, Tick};

impl Engine {
    /// Ticks a line of the list of what is done in Entra, or takes the tick back; what is so already stays. Answers what is
    /// ticked from now on.
    ///
    /// # Errors
    /// [`crate::Error::Refused`]: `PRV-MICROSOFT-365-UNKNOWN`; the store's `PRV-WORD` for a line that there is not, and
    /// `PRV-MIGRATION-CLOSED`.
    pub async fn tick_migration(
        &self,
        workspace: i64,
        name: &str,
        line: &str,
        on: bool,
        actor: &str,
    ) -> Result<Vec<Tick>> {
        let action = if on { "migration.tick" } else { "migration.untick" };
        let result = self.ticked(workspace, name, line, on, actor).await;
        self.audited(attempt(workspace, actor, action, name), result)
            .await
    }

    async fn ticked(
        &self,
        workspace: i64,
        name: &str,
        line: &str,
        on: bool,
        actor: &str,
    ) -> Result<Vec<Tick>> {
        let line: EntraLine = line.parse()?;
        let provider = self.provider_named(workspace, name).await?;
        let (actor, now) = (actor.to_owned(), self.now());
        let write = move |tx: &mut Tx| {
            if on {
                migration::tick(tx, &actor, now, &provider, line)?;
            } else {
                migration::untick(tx, &actor, now, &provider, line)?;
            }
            migration::ticks(tx, provider.key)
        };
        Ok(self.db.write(write).await?)
    }
}
