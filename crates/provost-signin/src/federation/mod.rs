//! Provost as the identity provider of Microsoft 365: what is asked, who is signed in for it, and what is answered.
//!
//! A request is read strictly ([`Federation::ask`]) and kept under a handle for the browser that brought it: it comes
//! from another site, where the session of a person is not sent along, so it is gone on with at an address of our own
//! ([`Federation::go_on`]). There the person is known by their session of [`crate::person`], or is sent to sign in.
//!
//! Whether somebody gets an assertion is asked in the transaction that uses the handle up, writes the audit row and the
//! line of the list: nothing that was issued is missing there, and nobody who was closed a moment before gets one. What
//! was signed in the meantime is thrown away when anything differs by then.
//!
//! The answer goes to the one address that belongs to the provider's cloud. Neither a request nor a setting leads it
//! elsewhere, but to this very machine, for trials with a simulator.
//!
//! Source: SAML 2.0 Profiles section 4.1; WS-Federation 1.2 section 13; Microsoft, "Use a SAML 2.0 Identity Provider for
//! Single Sign On".

mod ground;
mod issue;
mod keep;
mod leave;
mod party;
mod publish;
mod refusal;
mod request;
mod signer;
mod trial;

pub use issue::{Answer, Step};
pub use leave::Leaving;
pub use refusal::Why;
pub use request::Asked;
pub use trial::{Proof, Tried};

pub(crate) use signer::Signers;

use crate::{Error, Result, SignIn};
use provost_store::federated_signin::{self, Outcome, Protocol};
use provost_store::microsoft_365::{self, Mode, Provider, State};
use provost_store::signing_key::{self, Made, Signing, Slot};
use provost_store::{Tx, audit, workspace};
use signer::Ready;
use uuid::Uuid;

/// Provost as an identity provider. A clone is the same.
#[derive(Debug, Clone)]
pub struct Federation(SignIn);

impl SignIn {
    /// The identity provider of this installation.
    #[must_use]
    pub fn federation(&self) -> Federation {
        Federation(self.clone())
    }
}

/// The addresses of a provider, as Microsoft is given them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The issuer: the provider's name in what is signed.
    pub issuer: String,
    /// Where requests of SAML 2.0 come.
    pub sign_in: String,
    /// Where requests of WS-Federation come.
    pub passive: String,
    /// Where requests to sign out come.
    pub sign_out: String,
}

/// A provider that signs people in.
#[derive(Debug, Clone)]
pub struct Door {
    /// The provider.
    pub provider: Provider,
    /// The name of its workspace, whose people sign in.
    pub workspace: String,
    /// Its addresses.
    pub addresses: Addresses,
}

/// Whether people sign in through a provider: its section Authentication was saved, its domain is proved, and it was not
/// declared to do without.
fn is_open(provider: &Provider) -> bool {
    provider.authentication > 0 && provider.state != State::Draft && provider.mode == Mode::Federation
}

impl Federation {
    /// The provider that `id` means, when people sign in through it; none looks like every other address of nothing.
    /// `addresses` makes its addresses.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn door(&self, id: &str, addresses: impl Fn(&Provider) -> Addresses) -> Result<Option<Door>> {
        let Ok(id) = Uuid::try_parse(id) else {
            return Ok(None);
        };
        let found = self
            .0
            .read(move |tx| {
                let Some(provider) = microsoft_365::by_id(tx, id)?.filter(is_open) else {
                    return Ok(None);
                };
                let space = workspace::by_key(tx, provider.workspace)?;
                Ok(space.map(|space| (provider, space.name)))
            })
            .await?;
        Ok(found.map(|(provider, workspace)| Door {
            addresses: addresses(&provider),
            provider,
            workspace,
        }))
    }

    /// The key that signs for a provider. One that was configured before there were keys gets its first here.
    async fn signing(&self, provider: &Provider, now: i64) -> Result<Ready> {
        if let Some(found) = self.kept(provider.key).await? {
            return Ok(found);
        }
        let domain = provider.domain.clone();
        let made = tokio::task::spawn_blocking(move || Made::new(&domain, now)).await;
        let made =
            made.map_err(|_| Error::Machine("the work on a new signing key was stopped".to_owned()))??;
        let (sealing, whose) = (self.0.0.key.clone(), provider.clone());
        self.0
            .write(move |tx| Ok(signing_key::ensure(tx, &sealing, "provost", now, &whose, &made)?))
            .await?;
        let missing = || Error::Machine("a signing key is gone after it was made".to_owned());
        self.kept(provider.key).await?.ok_or_else(missing)
    }

    /// The key that signs. Which one that is, is asked each time; its private half is read once.
    async fn kept(&self, provider: i64) -> Result<Option<Ready>> {
        let kept = self
            .0
            .read(move |tx| Ok(signing_key::in_slot(tx, provider, Slot::Current)?))
            .await?;
        let signers = &self.0.0.signers;
        let known = signers.get(provider, kept.as_ref().map(|kept| kept.key));
        if let (Some(kept), Some(key)) = (kept, known) {
            return Ok(Some(Ready { kept, key }));
        }
        let sealing = self.0.0.key.clone();
        let found: Option<Signing> = self
            .0
            .read(move |tx| Ok(signing_key::current(tx, &sealing, provider)?))
            .await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let (kept, key) = signers
            .run(move || {
                let key = found.key()?;
                Ok((found.kept, key))
            })
            .await?;
        signers.put(provider, kept.key, key.clone());
        Ok(Some(Ready { kept, key }))
    }
}

/// What became of a request: one line of the list and one of the audit log.
struct Told<'a> {
    provider: &'a Provider,
    protocol: Protocol,
    /// Who was signed in: their inside key, what the audit log calls them, and their public id.
    who: Option<(i64, String, Uuid)>,
    /// Why it was refused; none: it was issued.
    why: Option<&'a str>,
    /// The userPrincipalName that was sent.
    name: &'a str,
    /// The id of the assertion.
    assertion: &'a str,
    /// How they had proved who they are.
    method: &'a str,
    address: &'a str,
}

/// Notes what became of a request, in the transaction that decides it.
fn tell(tx: &mut Tx, now: i64, told: &Told<'_>) -> Result<()> {
    let outcome = if told.why.is_some() {
        Outcome::Refused
    } else {
        Outcome::Issued
    };
    let new = federated_signin::New {
        workspace: told.provider.workspace,
        provider: told.provider.key,
        person: told.who.as_ref().map(|(key, ..)| *key),
        protocol: told.protocol,
        outcome,
        reason: told.why.unwrap_or_default(),
        name: told.name,
        assertion: told.assertion,
        method: told.method,
        address: told.address,
    };
    federated_signin::note(tx, now, &new)?;
    let party = provost_saml::entra::MICROSOFT_ONLINE;
    let (action, mut detail) = match told.why {
        None => (
            "federation.issue",
            format!(
                "{party} by {}, assertion {}, {}, {}",
                told.protocol, told.assertion, told.name, told.method
            ),
        ),
        Some(why) => (
            "federation.issue.refused",
            format!("{party} by {}: {why}", told.protocol),
        ),
    };
    detail.push_str(&format!(
        ", provider {}, from {}",
        told.provider.name, told.address
    ));
    let (actor, subject) = match &told.who {
        Some((_, actor, id)) => (actor.as_str(), id.hyphenated().to_string()),
        None => ("anybody", told.provider.name.clone()),
    };
    audit::append_named(tx, told.provider.workspace, now, actor, action, &subject, &detail)?;
    Ok(())
}
