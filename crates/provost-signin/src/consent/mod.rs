//! The consent of a tenant's administrator, and the proof of the tenant that it was given in ("Admin consent on the
//! Microsoft identity platform").
//!
//! It goes in two legs, both through the same browser. First the administrator accepts; what comes back names a tenant,
//! which whoever began could have written there. So the browser is sent on to that tenant's own sign-in (OpenID Connect
//! Core 1.0, authorization code flow with PKCE), which answers with a signed token: its tenant is the one that is
//! recorded, and its roles show that an administrator was there. Between the legs lies a state that is used once, within
//! ten minutes, by the browser, the session or setup link, and for the provider with which it was begun.

mod application;
mod back;
mod begin;
mod proof;
mod refusal;

pub use application::ApplicationChange;
pub use back::ConsentStep;

use crate::{Error, Result, SignIn, Signed};
use provost_connect::Secret;
use provost_store::administrator::{self, Role};
use provost_store::entra_application::{self, EntraApplication};
use provost_store::provider::{self, Provider};
use provost_store::setup_link::{self, SetupLink};
use provost_store::{Tx, secret};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The path to which browsers come back, below the public address.
pub const CONSENT: &str = "/consent/back";

/// Where personal accounts of Microsoft are kept: no organisation.
const PERSONAL: &str = "9188040d-6c67-4b5b-b112-36a304b66dad";

/// On whose word consent is asked for.
#[derive(Debug, Clone, Copy)]
pub enum ConsentBy<'a> {
    /// Somebody who is signed in.
    Signed(&'a Signed),
    /// Whoever has a setup link.
    Link(&'a SetupLink),
}

/// What is remembered while somebody is at Microsoft.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Journey {
    workspace: i64,
    /// The inbound provider.
    provider: i64,
    /// The session in which it was begun; none by a setup link.
    session: Option<i64>,
    /// The setup link by which it was begun.
    link: Option<i64>,
    /// The application that is consented to: another one that is set meanwhile ends the journey.
    client_id: String,
    login: String,
    leg: Leg,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Leg {
    /// They were asked to accept.
    Accept,
    /// They sign in at the tenant that came back.
    Prove(Proof),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Proof {
    tenant: String,
    nonce: String,
    verifier: String,
}

/// Who goes on the journey, checked at this moment.
struct Traveller {
    actor: String,
    provider: Provider,
}

/// An application with its secret.
struct Client {
    application: EntraApplication,
    secret: Secret,
}

impl SignIn {
    /// The address to be registered with the application, as its one web redirect address for consent.
    #[must_use]
    pub fn consent_url(&self) -> String {
        let base = self.0.settings.public_url.as_str().trim_end_matches('/');
        format!("{base}{CONSENT}")
    }

    /// The workspace's application, when it is complete.
    fn client(&self, tx: &mut Tx, workspace: i64) -> Result<Client> {
        let unset = || {
            Error::refused(
                "PRV-CONSENT-UNSET",
                "no application of Microsoft Entra is set for consent",
                "A configuration admin sets its id and its client secret first.",
            )
        };
        let application = entra_application::get(tx, workspace)?.ok_or_else(unset)?;
        let kept = secret::get(tx, &self.0.key, &entra_application::place(workspace))?.ok_or_else(unset)?;
        Ok(Client {
            application,
            secret: Secret::new(kept),
        })
    }
}

/// Somebody who is signed in and may configure the workspace, at this moment.
fn require_configure(tx: &mut Tx, signed: &Signed, workspace: i64) -> Result<()> {
    let key = signed.reload(tx)?.key;
    match administrator::role_in(tx, key, workspace)? {
        Some(Role::Owner | Role::ConfigurationAdmin) => Ok(()),
        _ => Err(Error::refused(
            "PRV-SIGNIN-ROLE",
            "only an owner or configuration admin of this workspace may do this",
            "Ask one of them.",
        )),
    }
}

impl Journey {
    /// Who is on it, when they may still go on: in the session or by the link with which it was begun.
    fn traveller(&self, tx: &mut Tx, signed: Option<&Signed>, now: i64) -> Result<Traveller> {
        let found = provider::by_key(tx, self.provider)?.filter(|one| one.workspace == self.workspace);
        let provider = found.ok_or_else(over)?;
        let actor = match (self.link, self.session, signed) {
            (Some(link), None, _) => {
                let link = setup_link::live(tx, link, now)?.ok_or_else(over)?;
                format!("setup link {}", link.label)
            }
            (None, Some(session), Some(signed)) if signed.session.key == session => {
                require_configure(tx, signed, self.workspace)?;
                signed.actor()
            }
            _ => return Err(over()),
        };
        Ok(Traveller { actor, provider })
    }

    /// Whether the application is still the one with which it was begun.
    fn is_of(&self, application: &EntraApplication) -> bool {
        self.client_id == application.client_id && self.login == application.login
    }
}

/// The state is none, was used, is too old, or belongs to another browser, session or link.
fn over() -> Error {
    Error::refused(
        "PRV-CONSENT-STATE",
        "this request for consent is over: it was used, is older than ten minutes, or was begun in another browser or session",
        "Begin again on the page from which you came, in one browser.",
    )
}

/// What came back cannot be accepted.
fn unacceptable(reason: &str) -> Error {
    Error::refused(
        "PRV-CONSENT-ANSWER",
        format!("the answer of Microsoft Entra cannot be accepted: {reason}"),
        "Begin again; if it stays, a configuration admin looks at the application's settings.",
    )
}

/// A tenant's id as it is kept, when it is one of an organisation.
fn tenant_id(text: &str) -> Result<String> {
    let id = Uuid::try_parse(text).map_err(|_| unacceptable("it names no tenant"))?;
    let id = id.hyphenated().to_string();
    if id == PERSONAL {
        return Err(refusal::Kind::Account.error());
    }
    Ok(id)
}
