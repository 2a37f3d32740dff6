//! What a provider is meant for: a decision of its own, with a reason, before anybody is assigned.

use crate::setup::Attempt;
use crate::setup::confirm::{self, Confirm, Question};
use crate::{Engine, Error, Result};
use provost_store::microsoft_365::{self, Mode, Provider};

impl Engine {
    /// Declares a provider for provisioning only, which opens the assignment of people without federation, or takes
    /// that back while nobody is in reach.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-PROVIDER-MODE`, also without a reason; [`Error::Confirm`] with
    /// `PRV-PROVIDER-MODE-CONFIRM`, which says what follows; `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn set_provider_mode(
        &self,
        workspace: i64,
        name: &str,
        mode: Mode,
        reason: &str,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Provider> {
        let found = self.provider_named(workspace, name).await?;
        let attempt = Attempt {
            workspace,
            actor,
            action: "microsoft_365.mode",
            subject: name,
        };
        let result = self.moded(&found, mode, reason, confirm, actor).await;
        self.audited(attempt, result).await
    }

    async fn moded(
        &self,
        found: &Provider,
        mode: Mode,
        reason: &str,
        confirm: &Confirm,
        actor: &str,
    ) -> Result<Provider> {
        if found.mode == mode {
            return Ok(found.clone());
        }
        let (provider, wished) = (found.clone(), reason.to_owned());
        self.db
            .read(move |tx| microsoft_365::refuse_mode(tx, &provider, &wished))
            .await?;
        confirm::settle(vec![question(found, mode)], confirm)?;
        let (provider, reason) = (found.clone(), reason.to_owned());
        let (actor, now) = (actor.to_owned(), self.now());
        let saved = self
            .db
            .write(move |tx| microsoft_365::set_mode(tx, &actor, now, &provider, mode, &reason))
            .await
            .map_err(Error::from)?;
        Ok(saved)
    }
}

/// What follows from the mode.
fn question(found: &Provider, mode: Mode) -> Question {
    let sentence = match mode {
        Mode::ProvisioningOnly => format!(
            "People and groups can be assigned to \"{}\" at once, and their accounts in the tenant are written, while they \
             go on signing in at Microsoft.",
            found.name
        ),
        Mode::Federation => format!(
            "Nobody can be assigned to \"{}\" any more until its domain is federated.",
            found.name
        ),
    };
    Question {
        code: "PRV-PROVIDER-MODE-CONFIRM",
        sentence,
        hint: "Read what follows, then confirm it; who decided it and why stands in the audit log.",
        list: vec![found.domain.clone()],
    }
}
