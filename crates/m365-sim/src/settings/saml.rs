//! How an application lets its people sign in by SAML (Entra documentation, "Single sign-on SAML protocol" and "Certificate
//! signing options").

use serde::{Deserialize, Serialize};

use crate::SigningKey;

/// The life of a certificate that Entra makes: three years, in milliseconds.
const LIFE: i64 = 3 * 365 * 24 * 60 * 60 * 1_000;
/// The name in a certificate that Entra makes.
const NAME: &str = "Microsoft Azure Federated SSO Certificate";

/// The single sign-on of an application by SAML. Start from [`Saml::new`] and change fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saml {
    /// What the application calls itself: `Issuer` of its requests, `Audience` of the answers.
    pub identifiers: Vec<String>,
    /// Where answers are posted. The first one is taken when a request names none.
    pub reply_urls: Vec<String>,
    /// The form of `NameID` when a request asks for none.
    pub name_id: NameId,
    /// What is signed.
    pub signs: Signs,
    /// How.
    pub algorithm: Algorithm,
    /// Names of claims that an administrator has taken out.
    pub without_claims: Vec<String>,
    /// Its signing certificates with their keys, the oldest first.
    pub keys: Vec<SigningKey>,
    /// The place of the active one in `keys`.
    pub active: usize,
}

/// The forms of `NameID`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameId {
    /// The user principal name.
    #[default]
    EmailAddress,
    /// The same without saying what it is.
    Unspecified,
    /// The same every time, and another for every application.
    Persistent,
    /// Another every time.
    Transient,
}

impl NameId {
    /// Its name in SAML.
    pub(crate) fn format(self) -> &'static str {
        match self {
            NameId::EmailAddress => "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            NameId::Unspecified => "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
            NameId::Persistent => "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
            NameId::Transient => "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
        }
    }

    pub(crate) fn parse(format: &str) -> Option<NameId> {
        let all = [
            NameId::EmailAddress,
            NameId::Unspecified,
            NameId::Persistent,
            NameId::Transient,
        ];
        all.into_iter().find(|one| one.format() == format)
    }
}

/// What of an answer is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signs {
    /// The assertion: Entra's default.
    #[default]
    Assertion,
    /// The response around it.
    Response,
    /// Both.
    Both,
}

/// How an answer is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// RSA with SHA-256.
    #[default]
    Sha256,
    /// RSA with SHA-1.
    Sha1,
}

impl Saml {
    /// Sign-on for an application with this identifier and reply address, with a certificate that begins now (milliseconds
    /// since the epoch).
    #[must_use]
    pub fn new(identifier: &str, reply_url: &str, now: i64) -> Saml {
        let mut saml = Saml {
            identifiers: vec![identifier.to_owned()],
            reply_urls: vec![reply_url.to_owned()],
            name_id: NameId::default(),
            signs: Signs::default(),
            algorithm: Algorithm::default(),
            without_claims: Vec::new(),
            keys: Vec::new(),
            active: 0,
        };
        saml.add_certificate(now);
        saml
    }

    /// Makes a further certificate, which is not active yet: the first step of a rollover.
    pub fn add_certificate(&mut self, now: i64) {
        self.keys.extend(SigningKey::generate(NAME, now, now + LIFE));
    }

    /// The key that signs now: the active one, or when that has expired one that has not.
    pub(crate) fn key(&self, now: i64) -> Option<&SigningKey> {
        let active = self.keys.get(self.active).or_else(|| self.keys.first())?;
        if active.life().1 > now {
            return Some(active);
        }
        let good = self.keys.iter().find(|key| key.life().1 > now);
        Some(good.unwrap_or(active))
    }

    pub(crate) fn answers_to(&self, identifier: &str) -> bool {
        self.identifiers.iter().any(|known| known == identifier)
    }
}
