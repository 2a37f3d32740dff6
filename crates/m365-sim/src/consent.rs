//! What people do at the sign-in service in a browser: an administrator consents to an application for the whole
//! tenant, and whoever is signed in proves it with a code (Microsoft identity platform documentation, "Admin consent on
//! the Microsoft identity platform" and "OAuth 2.0 authorization code flow").

mod account;
mod code;
mod identity;
mod page;
mod refusal;

use std::collections::BTreeMap;
use std::sync::{MutexGuard, PoisonError};

use serde::Serialize;

use crate::Inner;
use crate::settings::{Application, Settings};

pub(crate) use account::Account;
pub(crate) use code::{Code, redeem};
pub(crate) use identity::Signer;
pub(crate) use page::{Choice, choose, refused};
pub(crate) use refusal::Refusal;

/// That a tenant's administrator has accepted what an application asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consent {
    /// The tenant's id.
    pub tenant: String,
    /// The application.
    pub client_id: String,
    /// What was asked for, separated by spaces.
    pub scope: String,
    /// Who accepted.
    pub account: String,
    /// When, in milliseconds since the epoch.
    pub at: i64,
}

/// What was accepted, and the codes that nobody has redeemed yet.
#[derive(Debug, Default)]
pub(crate) struct Consents {
    pub given: Vec<Consent>,
    pub codes: BTreeMap<String, Code>,
}

impl Consents {
    /// Whether a tenant has accepted an application.
    pub(crate) fn has(&self, tenant: &str, client_id: &str) -> bool {
        self.given
            .iter()
            .any(|one| one.tenant == tenant && one.client_id.eq_ignore_ascii_case(client_id))
    }
}

impl Inner {
    pub(crate) fn consents(&self) -> MutexGuard<'_, Consents> {
        self.consents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The application that a browser names, and the address to which it may be sent back.
///
/// # Errors
/// A refusal that is shown here: nobody is sent to an address that is not registered.
pub(crate) fn known<'a>(
    settings: &'a Settings,
    client_id: &str,
    redirect: &str,
) -> Result<&'a Application, Refusal> {
    let found = settings
        .applications
        .iter()
        .find(|one| one.client_id.eq_ignore_ascii_case(client_id));
    let found = found.ok_or_else(|| Refusal::unknown_application(client_id))?;
    if !found.enabled {
        return Err(Refusal::disabled(client_id));
    }
    if found.redirect_uris.iter().any(|known| known == redirect) {
        Ok(found)
    } else {
        Err(Refusal::unregistered(redirect, client_id))
    }
}
