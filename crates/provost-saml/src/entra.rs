//! Microsoft Entra ID and Microsoft 365: who somebody is in a tenant, and what Microsoft 365 demands of an answer.
//!
//! Sources: Microsoft, "Single sign-on SAML protocol", "SAML token claims reference", "Use a SAML 2.0 Identity Provider
//! for Single Sign On", "Satisfy MFA controls with MFA claims from a federated IdP".

use std::fmt;

use crate::error::{Error, Result};
use crate::response::{Party, Subject, Verified};
use crate::{Endpoint, EntityId};

const TENANT: &str = "http://schemas.microsoft.com/identity/claims/tenantid";
const OBJECT: &str = "http://schemas.microsoft.com/identity/claims/objectidentifier";
const PROVIDER: &str = "http://schemas.microsoft.com/identity/claims/identityprovider";
const DISPLAY_NAME: &str = "http://schemas.microsoft.com/identity/claims/displayname";
const NAME: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";
const METHODS: &str = "http://schemas.microsoft.com/claims/authnmethodsreferences";

/// The claims that [`identity`] reads: three that it needs, and two that are shown.
pub const CLAIMS: [&str; 5] = [TENANT, OBJECT, PROVIDER, NAME, DISPLAY_NAME];

/// The kind of name that Microsoft 365 demands.
pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
/// The claim with the user principal name, by exactly this name.
pub const IDP_EMAIL: &str = "IDPEmail";
/// The name of Microsoft 365 as an application: audience and realm.
pub const MICROSOFT_ONLINE: &str = "urn:federation:MicrosoftOnline";
/// The longest immutable id.
pub const MAX_IMMUTABLE_ID: usize = 64;

/// A GUID in its usual form, in lower case: two spellings of one are the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guid(String);

impl Guid {
    /// # Errors
    /// [`Error::Guid`] for anything but 32 hexadecimal digits with four hyphens.
    pub fn parse(text: &str) -> Result<Self> {
        let fits = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        if fits {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(Error::Guid)
        }
    }

    /// The GUID.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whose responses a tenant's application sends: the issuer, with its slash at the end.
///
/// # Errors
/// [`Error::EntityId`], which no tenant leads to.
pub fn issuer(tenant: &Guid) -> Result<EntityId> {
    EntityId::parse(&format!("https://sts.windows.net/{tenant}/"))
}

/// Who somebody is in a tenant.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The tenant.
    pub tenant: Guid,
    /// The account's object id: what Graph calls `id`. It is never given to another account; it is the key.
    pub object_id: Guid,
    /// The user principal name: to show, and as a second check.
    pub user_principal_name: Option<String>,
    /// To show.
    pub display_name: Option<String>,
    /// How they signed in, in Microsoft's words, for the audit log.
    pub methods: Vec<String>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("object_id", &self.object_id)
            .finish_non_exhaustive()
    }
}

/// Who a verified response speaks of. An e-mail address is never asked for: it can be given to another account.
///
/// # Errors
/// [`Error::ClaimMissing`] for a claim that somebody took off the application, which is said and not worked around;
/// [`Error::Tenant`] for another tenant, [`Error::Guest`] for an account that another organisation signs in,
/// [`Error::ObjectId`] for an id that is none.
pub fn identity(verified: &Verified, tenant: &Guid) -> Result<Identity> {
    let claim = |name| verified.value(name).ok_or(Error::ClaimMissing { claim: name });
    if Guid::parse(claim(TENANT)?).ok().as_ref() != Some(tenant) {
        return Err(Error::Tenant);
    }
    if claim(PROVIDER)? != verified.issuer() {
        return Err(Error::Guest);
    }
    Ok(Identity {
        tenant: tenant.clone(),
        object_id: Guid::parse(claim(OBJECT)?).map_err(|_| Error::ObjectId)?,
        user_principal_name: verified.value(NAME).map(str::to_owned),
        display_name: verified.value(DISPLAY_NAME).map(str::to_owned),
        methods: verified.values(METHODS).to_vec(),
    })
}

/// Why the other side did not sign anybody in: its second status, and the code and trace id of Entra's message. The rest
/// of the message is a stranger's text and goes nowhere.
pub(crate) fn status(status: &str, message: &str) -> Error {
    let short = status
        .strip_prefix("urn:oasis:names:tc:SAML:2.0:status:")
        .filter(|name| name.len() <= 40 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let after = |mark: &str, fits: fn(char) -> bool| {
        let (_, rest) = message.split_once(mark)?;
        let end = rest.find(|c| !fits(c)).unwrap_or(rest.len()).min(36);
        rest.get(..end).filter(|found| !found.is_empty())
    };
    Error::Status {
        status: short.unwrap_or("unknown").to_owned(),
        fault: after("AADSTS", |c| c.is_ascii_digit()).map(|digits| format!("AADSTS{digits}")),
        trace: after("Trace ID: ", |c| c.is_ascii_hexdigit() || c == '-').map(str::to_owned),
    }
}

/// Microsoft 365 as an application: one address, which no request can change.
///
/// # Errors
/// [`Error::Endpoint`] when `host` is no host: `login.microsoftonline.com`, or that of a national cloud.
pub fn microsoft_365(host: &str) -> Result<Party> {
    Ok(Party::new(
        EntityId::parse(MICROSOFT_ONLINE)?,
        Endpoint::parse(&format!("https://{host}/login.srf"))?,
    ))
}

/// Whom an answer to Microsoft 365 names: the immutable id exactly as it is kept there, and the user principal name in
/// `claims`, which the caller holds as `[(IDP_EMAIL, &[upn])]`.
///
/// # Errors
/// [`Error::Value`] for an immutable id that is empty or longer than 64 characters.
pub fn subject<'a>(immutable_id: &'a str, claims: &'a [(&'a str, &'a [&'a str])]) -> Result<Subject<'a>> {
    if immutable_id.is_empty() || immutable_id.chars().count() > MAX_IMMUTABLE_ID {
        return Err(Error::Value {
            what: "the immutable id",
        });
    }
    Ok(Subject {
        format: PERSISTENT,
        name: immutable_id,
        claims,
    })
}
