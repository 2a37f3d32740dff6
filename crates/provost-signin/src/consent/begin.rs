//! Sending somebody to consent.

use super::{ConsentBy, Journey, Leg, over, require_configure};
use crate::ceremony::{self, Browser, Kind};
use crate::limit::{self, Rate, Subject};
use crate::{Error, Result, SignIn, Visit, random};
use provost_store::entra_application::EntraApplication;
use provost_store::provider::Provider;
use provost_store::{setup_link, tenant_consent};
use url::Url;

/// Requests for one provider: an hour, and at once. Each leaves a row until it is over.
const BEGINNING: Rate = Rate::new(60, 20);

/// Who may consent when nobody knows yet which organisation it is: any, but no personal account.
const ANY: &str = "organizations";

impl SignIn {
    /// Begins a request for consent for an inbound provider, and answers the address to which the browser is to be
    /// sent. `browser` is a cookie that this browser keeps until it comes back.
    ///
    /// # Errors
    /// [`Error::Refused`] without an application (`PRV-CONSENT-UNSET`), for a link that has ended or belongs to another
    /// provider (`PRV-CONSENT-STATE`), and for somebody who may not configure (`PRV-SIGNIN-ROLE`); [`Error::Wait`].
    pub async fn consent_begin(
        &self,
        provider: &Provider,
        by: ConsentBy<'_>,
        browser: &str,
        visit: &Visit,
        now: i64,
    ) -> Result<Url> {
        let state = random::text()?;
        let browser = Browser::of_cookie(browser);
        let (signed, link) = match by {
            ConsentBy::Signed(signed) => (Some(signed.clone()), None),
            ConsentBy::Link(link) => (None, Some(link.key)),
        };
        let (workspace, key) = (provider.workspace, provider.key);
        let subjects = [Subject::beginning(visit.address), Subject::consent(key)];
        let (signin, text) = (self.clone(), state.clone());
        let (application, tenant) = self
            .settle(move |tx| {
                for (subject, rate) in subjects.iter().zip([limit::BEGINNING, BEGINNING]) {
                    if let Some(seconds) = limit::take(tx, now, subject, rate)? {
                        return Ok(Err(Error::Wait { seconds }));
                    }
                }
                match (&signed, link) {
                    (Some(signed), _) => require_configure(tx, signed, workspace)?,
                    (None, Some(link)) => {
                        let live = setup_link::live(tx, link, now)?;
                        live.filter(|live| live.provider == key).ok_or_else(over)?;
                    }
                    (None, None) => return Err(over()),
                }
                let application = signin.client(tx, workspace)?.application;
                let journey = Journey {
                    workspace,
                    provider: key,
                    session: signed.as_ref().map(|signed| signed.session.key),
                    link,
                    client_id: application.client_id.clone(),
                    login: application.login.clone(),
                    leg: Leg::Accept,
                };
                let whose = signed.as_ref().map(|signed| signed.administrator.key);
                ceremony::begin(tx, now, &text, Kind::Consent, whose, &browser, &journey)?;
                let kept = tenant_consent::get(tx, key)?;
                Ok(Ok((application, kept.map(|kept| kept.tenant))))
            })
            .await?;
        self.accept_url(&application, tenant.as_deref().unwrap_or(ANY), &state)
    }

    /// The request for the consent of an administrator.
    fn accept_url(&self, application: &EntraApplication, tenant: &str, state: &str) -> Result<Url> {
        let address = format!("{}/{tenant}/v2.0/adminconsent", application.login);
        let mut url = Url::parse(&address)
            .map_err(|_| Error::Machine("the address of the sign-in service cannot be read".to_owned()))?;
        url.query_pairs_mut()
            .append_pair("client_id", &application.client_id)
            .append_pair("scope", &format!("openid profile {}", application.permissions))
            .append_pair("redirect_uri", &self.consent_url())
            .append_pair("state", state);
        Ok(url)
    }
}
