//! The application that a workspace is known by in Microsoft Entra.

use super::require_configure;
use crate::{Error, Result, SignIn, Signed};
use provost_connect::Secret;
use provost_store::entra_application::{self, EntraApplication, New};
use provost_store::secret;
use url::Url;

/// What is to be set of a workspace's application.
#[derive(Debug, Clone)]
pub struct ApplicationChange {
    /// Its id.
    pub client_id: String,
    /// The address of the sign-in service, without a path: [`entra_application::LOGIN`], or that of another cloud.
    pub login: String,
    /// What is asked for, separated by spaces.
    pub permissions: String,
    /// A new secret; none: the one that is kept stays, when id and address stay.
    pub client_secret: Option<Secret>,
}

impl SignIn {
    /// Sets a workspace's application, on the word of `actor`, whose right to it the caller has checked; for somebody
    /// who is signed in it is checked here again.
    ///
    /// # Errors
    /// [`Error::Refused`] for an address of the sign-in service that is none (`PRV-CONSENT-LOGIN`) and for what the
    /// store refuses; [`Error::Provider`] for an address that may not be called.
    pub async fn entra_application_set(
        &self,
        workspace: i64,
        actor: &str,
        signed: Option<&Signed>,
        change: ApplicationChange,
        now: i64,
    ) -> Result<EntraApplication> {
        let login = check_login(&change.login)?;
        self.0.providers.check(&login)?;
        let (signin, actor, signed) = (self.clone(), actor.to_owned(), signed.cloned());
        self.write(move |tx| {
            if let Some(signed) = &signed {
                require_configure(tx, signed, workspace)?;
            }
            let new = New {
                client_id: &change.client_id,
                login: login.as_str(),
                permissions: &change.permissions,
            };
            let set = entra_application::put(tx, &actor, now, workspace, &new)?;
            if let Some(given) = &change.client_secret {
                let place = entra_application::place(workspace);
                secret::put(tx, &signin.0.key, now, &place, given.expose())?;
                entra_application::note_secret(tx, &actor, now, workspace, &set.client_id)?;
            }
            Ok(set)
        })
        .await
    }
}

fn check_login(text: &str) -> Result<Url> {
    let url = Url::parse(text.trim()).ok();
    let is_bare = |url: &Url| {
        let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        is_web && is_bare && url.username().is_empty() && url.password().is_none()
    };
    url.filter(is_bare).ok_or_else(|| {
        Error::refused(
            "PRV-CONSENT-LOGIN",
            "this is no address of a sign-in service",
            "Use https://login.microsoftonline.com, or that of your cloud, without a path.",
        )
    })
}
