//! Answering for a check that is not green.

use super::attempt;
use crate::{Engine, Error, Result};
use provost_store::federation::{self, SignOff};
use provost_store::microsoft_365::Provider;

impl Engine {
    /// Signs a check off, for the evidence that was computed last. With other evidence the sign-off is over. `person`:
    /// who vouches.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-FEDERATION-CHECK-UNKNOWN`, `PRV-FEDERATION-BLOCKING` for a check that no name makes right,
    /// `PRV-FEDERATION-GREEN` for one that needs nobody; [`Error::Store`] with `PRV-FEDERATION-SIGN-OFF` without a reason
    /// or a name; `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn sign_off_federation(
        &self,
        workspace: i64,
        name: &str,
        line: &str,
        (person, reason): (&str, &str),
        actor: &str,
    ) -> Result<()> {
        let found = self.provider_named(workspace, name).await?;
        let result = self.signed_off(&found, line, (person, reason), actor).await;
        self.audited(
            attempt(workspace, actor, "microsoft_365.federation.sign_off", name),
            result,
        )
        .await
    }

    async fn signed_off(
        &self,
        provider: &Provider,
        line: &str,
        (person, reason): (&str, &str),
        actor: &str,
    ) -> Result<()> {
        let cockpit = self.federation(provider.workspace, &provider.name).await?;
        let check = cockpit.checks.iter().find(|check| check.key == line);
        let check = check.ok_or_else(|| {
            let shown: String = line.chars().filter(|c| !c.is_control()).take(40).collect();
            Error::refused(
                "PRV-FEDERATION-CHECK-UNKNOWN",
                format!("there is no check \"{shown}\", or it was not computed yet"),
                "Compute the checks, and choose one of them.",
            )
        })?;
        if check.is_green {
            return Err(Error::refused(
                "PRV-FEDERATION-GREEN",
                format!("the check {line} is green, and nobody has to answer for it"),
                "Go on with the next one.",
            ));
        }
        if !check.may_be_signed {
            return Err(Error::refused(
                "PRV-FEDERATION-BLOCKING",
                format!(
                    "the check {line} cannot be signed off: {}",
                    check.evidence.trim_end_matches('.')
                ),
                "Do what the check asks for, then compute it again.",
            ));
        }
        let sign_off = SignOff {
            line: line.to_owned(),
            digest: check.digest.clone(),
            person: person.to_owned(),
            reason: reason.to_owned(),
            signed: 0,
            actor: actor.to_owned(),
        };
        let (found, now) = (provider.clone(), self.now());
        Ok(self
            .db
            .write(move |tx| federation::sign_off(tx, now, &found, &sign_off))
            .await?)
    }

    /// Takes a sign-off back. `false`: there was none.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-MICROSOFT-365-UNKNOWN`.
    pub async fn withdraw_federation_sign_off(
        &self,
        workspace: i64,
        name: &str,
        line: &str,
        actor: &str,
    ) -> Result<bool> {
        let found = self.provider_named(workspace, name).await?;
        let (line, actor, now) = (line.to_owned(), actor.to_owned(), self.now());
        Ok(self
            .db
            .write(move |tx| federation::withdraw(tx, &actor, now, &found, &line))
            .await?)
    }
}
