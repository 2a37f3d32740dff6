//! The certificates of Microsoft 365 providers that end one day: those that sign our answers, and those by which the
//! tenant's answers are known while its people move. They stand among the credentials, and are warned of like them.

use crate::microsoft_365::{self, Provider};
use crate::signing_key::{self, Slot};
use crate::{Result, Tx, migration, word};
use provost_saml::certificate::Certificate;

/// Providers that are looked at, of each workspace.
const PROVIDERS: i64 = 1_000;

word::words! {
    /// What a certificate is there for.
    Usage, "use of a certificate":
    /// It belongs to the key that signs for Microsoft 365.
    Signing = "signing_certificate",
    /// It belongs to the key beside that one.
    NextSigning = "next_signing_certificate",
    /// The tenant's answers in the onboarding window are verified with it.
    Onboarding = "onboarding_certificate",
}

impl Usage {
    /// What it is called in the middle of an English sentence, before the provider's name.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Signing => "the certificate that signs the sign-ins of",
            Self::NextSigning => "the next signing certificate of",
            Self::Onboarding => "the tenant's certificate in the onboarding window of",
        }
    }

    /// What to do before it ends, in English: a whole sentence.
    #[must_use]
    pub const fn next(self) -> &'static str {
        match self {
            Self::Signing => {
                "Prepare the next signing key, then renew the certificate at Microsoft step by step in the section \
                 Federation."
            }
            Self::NextSigning => "Retire it, and prepare a new one when the key that signs is to be changed.",
            Self::Onboarding => {
                "Make a new certificate for the application in Entra, paste it beside this one, validate and save; or \
                 close the window."
            }
        }
    }
}

/// A certificate that is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What it is there for.
    pub usage: Usage,
    /// The name of its provider.
    pub provider: String,
    /// The inside key: of the signing key, or of the provider.
    pub key: i64,
    /// Which one of several with the same key: 0 for the first.
    pub number: i64,
    /// Its subject.
    pub subject: String,
    /// Its thumbprint, SHA-1 in upper-case hexadecimal, as Entra shows it.
    pub thumbprint: String,
    /// The last moment at which it is valid, in milliseconds since 1970.
    pub ends: i64,
}

/// Those of all Microsoft 365 providers of a workspace.
///
/// # Errors
/// [`crate::Error::Damaged`] for a signing key that somebody changed past us; any error of the database.
pub fn of_workspace(tx: &mut Tx, workspace: i64) -> Result<Vec<Held>> {
    let mut found = Vec::new();
    for provider in microsoft_365::list(tx, workspace, "", PROVIDERS)? {
        found.extend(of_provider(tx, &provider)?);
    }
    Ok(found)
}

/// Those of one. The window has none before it is saved, and none once it is closed.
///
/// # Errors
/// Like [`of_workspace`].
pub fn of_provider(tx: &mut Tx, provider: &Provider) -> Result<Vec<Held>> {
    let mut found = Vec::new();
    for kept in signing_key::certificates(tx, provider.key)? {
        let usage = match kept.slot {
            Slot::Current => Usage::Signing,
            Slot::Next => Usage::NextSigning,
            Slot::Retired => continue,
        };
        found.push(held(usage, provider, (kept.key, 0), &kept.certificate));
    }
    let window = migration::get(tx, provider.key)?.map(|window| window.certificates);
    for (number, text) in (0..).zip(window.unwrap_or_default()) {
        // The page of the window says that one cannot be read; here it would have no end.
        if let Ok(certificate) = Certificate::parse(text.as_bytes()) {
            found.push(held(
                Usage::Onboarding,
                provider,
                (provider.key, number),
                &certificate,
            ));
        }
    }
    Ok(found)
}

fn held(usage: Usage, provider: &Provider, (key, number): (i64, i64), certificate: &Certificate) -> Held {
    Held {
        usage,
        provider: provider.name.clone(),
        key,
        number,
        subject: certificate.subject().to_owned(),
        thumbprint: certificate.sha1(),
        ends: certificate.ends().as_millisecond(),
    }
}
