//! Applications push what they ask before the browser comes (RFC 9126): nobody on the way can change it.

use super::authorize::{NAMED, read, redirect, written};
use super::{Answer, Authentication, Credentials, Openid, Parameters, Refused};
use crate::limit::{self, Subject};
use crate::{Error, Visit, random};
use provost_store::application::asked::{self, Asked};
use provost_store::workspace::Workspace;
use serde_json::{Value, json};

/// Seconds for which what was pushed waits for the browser (RFC 9126 section 2.2).
const LIFE: i64 = 90;

impl Openid {
    /// Keeps what an application asks, and answers the name by which the browser brings it.
    ///
    /// # Errors
    /// [`super::Fault::Refused`] for an application that is not itself, and what could not be asked either;
    /// [`Error::Wait`] when too much is pushed from one network by applications that cannot prove themselves.
    pub async fn push(
        &self,
        workspace: &Workspace,
        credentials: &Credentials,
        parameters: &Parameters,
        visit: &Visit,
        now: i64,
    ) -> Answer<Value> {
        let known = self.client(workspace, credentials, parameters, now).await?;
        if parameters.once("request_uri")?.is_some() {
            return Err(Refused::request("what is pushed cannot itself be a name").into());
        }
        let redirect = redirect(&known, parameters)?;
        let asked = Asked {
            connection: known.connection.key,
            pushed: true,
            parameters: written(&read(parameters, &redirect)?)?,
            created: now,
        };
        let is_public = known.application.settings.authentication == Authentication::Public;
        let network = is_public.then(|| Subject::pushing(visit.address));
        let text = random::text()?;
        let hash = random::hash(&text);
        self.signin
            .settle(move |tx| {
                if let Some(network) = &network
                    && let Some(seconds) = limit::take(tx, now, network, limit::PUSHED)?
                {
                    return Ok(Err(Error::Wait { seconds }));
                }
                let expires = now.saturating_add(LIFE * 1_000);
                Ok(Ok(asked::keep(tx, &hash, &asked, expires)?))
            })
            .await?;
        Ok(json!({"request_uri": format!("{NAMED}{text}"), "expires_in": LIFE}))
    }
}
