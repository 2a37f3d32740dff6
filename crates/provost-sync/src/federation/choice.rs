//! What is decided before the switch: how both sides talk, and whose second factor counts.

use super::attempt;
use crate::{Engine, Error, Result};
use provost_store::federation::{self, Mfa, Protocol};

impl Engine {
    /// Decides how Microsoft 365 and this hub are to talk, and whose second factor is to count.
    ///
    /// # Errors
    /// [`Error::Store`] with `PRV-FEDERATION-STATE` once the domain is switched; `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn choose_federation(
        &self,
        workspace: i64,
        name: &str,
        (protocol, mfa): (Protocol, Mfa),
        actor: &str,
    ) -> Result<()> {
        let provider = self.provider_named(workspace, name).await?;
        let (who, now) = (actor.to_owned(), self.now());
        let result = self
            .db
            .write(move |tx| federation::choose(tx, &who, now, &provider, protocol, mfa))
            .await
            .map_err(Error::from);
        self.audited(
            attempt(workspace, actor, "microsoft_365.federation.choose", name),
            result,
        )
        .await
    }
}
