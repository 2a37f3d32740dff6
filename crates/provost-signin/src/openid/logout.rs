//! An application sends somebody to sign out: OpenID Connect RP-Initiated Logout 1.0.

use super::reach::{self, Known};
use super::{Answer, Fault, Openid, Parameters, Refused};
use crate::Result;
use crate::person::SignedIn;
use crate::provider::{Key, Unverified};
use provost_store::application::{self, key};
use provost_store::person_signin::session;
use provost_store::workspace::Workspace;
use serde_json::{Value, json};
use url::Url;

/// What becomes of a browser that was sent to sign out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaving {
    /// The person is asked: nothing proves that the application meant them.
    Ask {
        /// The name of the application, where it is known.
        application: Option<String>,
    },
    /// Nobody is signed in any more.
    Gone {
        /// Where the browser goes, when the application has registered it.
        to: Option<String>,
    },
    /// Something does not hold: the person is told, stays signed in, and goes nowhere.
    Wrong(Refused),
}

/// Whom an ID token named, and for which application.
pub(super) struct Hinted {
    pub subject: String,
    client: String,
}

impl Openid {
    /// Signs somebody out, or asks them first. `confirmed`: they have said yes.
    ///
    /// # Errors
    /// [`Fault::Broken`]; whatever is wrong about the request is an answer.
    pub async fn leave(
        &self,
        workspace: &Workspace,
        parameters: &Parameters,
        signed: Option<&SignedIn>,
        confirmed: bool,
        now: i64,
    ) -> Answer<Leaving> {
        let (known, hinted, to) = match self.leaving(workspace, parameters).await {
            Ok(found) => found,
            Err(Fault::Refused(refused)) => return Ok(Leaving::Wrong(refused)),
            Err(broken) => return Err(broken),
        };
        let Some(signed) = signed else {
            return Ok(Leaving::Gone { to });
        };
        let is_meant = known
            .as_ref()
            .zip(hinted)
            .is_some_and(|(known, subject)| subject == reach::subject(&known.application, &signed.person));
        if !is_meant && !confirmed {
            let application = known.map(|known| known.connection.name);
            return Ok(Leaving::Ask { application });
        }
        let (person, session) = (signed.person.clone(), signed.session.key);
        self.signin
            .write(move |tx| Ok(session::end(tx, &person.actor(), now, &person, session)?))
            .await?;
        Ok(Leaving::Gone { to })
    }

    /// The application, whom it means, and where the browser goes afterwards.
    async fn leaving(
        &self,
        workspace: &Workspace,
        parameters: &Parameters,
    ) -> Answer<(Option<Known>, Option<String>, Option<String>)> {
        let hinted = match parameters.once("id_token_hint")? {
            Some(hint) => {
                let hinted = self.hinted(workspace, hint).await?;
                Some(hinted.ok_or(Refused::request("id_token_hint is not one of ours"))?)
            }
            None => None,
        };
        let named = parameters.text("client_id")?;
        let id = match (&hinted, named) {
            (Some(hinted), Some(id)) if hinted.client != id => {
                return Err(Refused::request("client_id is another than that of id_token_hint").into());
            }
            (Some(hinted), _) => Some(hinted.client.clone()),
            (None, id) => id,
        };
        let known = match id {
            Some(id) => self.known_client(workspace, &id).await?,
            None => None,
        };
        let to = match parameters.once("post_logout_redirect_uri")? {
            Some(sent) => Some(after(known.as_ref(), sent, parameters.once("state")?)?),
            None => None,
        };
        Ok((known, hinted.map(|hinted| hinted.subject), to))
    }

    /// Whom an ID token of ours names, also one that has expired; none when it is none of ours.
    pub(super) async fn hinted(&self, workspace: &Workspace, hint: &str) -> Result<Option<Hinted>> {
        let Ok(token) = Unverified::read(hint) else {
            return Ok(None);
        };
        let within = workspace.key;
        let kept = self.signin.read(move |tx| Ok(key::list(tx, within)?)).await?;
        let public = kept
            .iter()
            .filter_map(|one| serde_json::from_str::<Value>(&one.public).ok());
        let set = json!({"keys": public.collect::<Vec<_>>()});
        let keys = set.as_object().map(Key::read_set).unwrap_or_default();
        let Ok(claims) = token.verify(&keys) else {
            return Ok(None);
        };
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        if text("iss").as_deref() != Some(&self.issuer(workspace.id)) || claims.contains_key("events") {
            return Ok(None);
        }
        let (Some(subject), Some(client)) = (text("sub"), text("aud")) else {
            return Ok(None);
        };
        let id = client.clone();
        let found = self
            .signin
            .read(move |tx| Ok(application::by_client(tx, &id)?))
            .await?;
        let is_ours = found.is_some_and(|one| one.workspace == workspace.key);
        Ok(is_ours.then_some(Hinted { subject, client }))
    }
}

/// Where the browser goes, when the application has registered it.
fn after(known: Option<&Known>, sent: &str, state: Option<&str>) -> std::result::Result<String, Refused> {
    let registered = known.map(|known| known.application.settings.post_logout_redirect_uris.as_slice());
    let wrong = Refused::request(
        "post_logout_redirect_uri is not one that is registered, or no application is named",
    );
    if !registered.is_some_and(|registered| registered.iter().any(|one| one == sent)) {
        return Err(wrong);
    }
    let mut url = Url::parse(sent).map_err(|_| wrong)?;
    if let Some(state) = state {
        url.query_pairs_mut().append_pair("state", state);
    }
    Ok(url.into())
}
