//! The federation that a domain is to have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::Url;

use super::Federation;

pub(super) const TYPE: &str = "#microsoft.graph.internalDomainFederation";
/// What a certificate begins with: an ASN.1 sequence.
const SEQUENCE: u8 = 0x30;

/// How Microsoft 365 and the identity provider talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// SAML 2.0: browsers and apps.
    Saml,
    /// WS-Federation: also joining Windows.
    WsFed,
}

impl Protocol {
    fn name(self) -> &'static str {
        match self {
            Self::Saml => "saml",
            Self::WsFed => "wsFed",
        }
    }
}

/// Whose second factor counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mfa {
    /// Ours when we claim one; otherwise Microsoft asks for one itself.
    Accept,
    /// Only ours: people come back to us for it.
    Enforce,
    /// Only Microsoft's.
    Reject,
}

impl Mfa {
    fn name(self) -> &'static str {
        match self {
            Self::Accept => "acceptIfMfaDoneByFederatedIdp",
            Self::Enforce => "enforceMfaByFederatedIdp",
            Self::Reject => "rejectMfaByFederatedIdp",
        }
    }
}

/// A federation to be. Certificate, issuer and address are no choices: without a certificate Microsoft 365 answers with a
/// failure and leaves the domain federated with nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The name shown for the identity provider.
    pub name: String,
    /// `Issuer` of the answers; no other domain in the world has it.
    pub issuer: String,
    /// Where browsers are sent, by https.
    pub sign_in: String,
    /// Where they are sent to sign out, by https.
    pub sign_out: String,
    /// Where programs ask for tokens and learn of it, both by https, where WS-Trust is offered.
    pub active: Option<(String, String)>,
    /// How to talk.
    pub protocol: Protocol,
    /// The certificate of the key that signs: Base64 of its DER on one line.
    pub certificate: String,
    /// The one that will sign after it.
    pub next_certificate: Option<String>,
    /// Whose second factor counts.
    pub mfa: Mfa,
}

impl Wanted {
    /// What is sent: a JSON object with the properties of the resource `internalDomainFederation`.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = json!({
            "@odata.type": TYPE,
            "displayName": self.name,
            "issuerUri": self.issuer,
            "passiveSignInUri": self.sign_in,
            "signOutUri": self.sign_out,
            "preferredAuthenticationProtocol": self.protocol.name(),
            "signingCertificate": self.certificate,
            "promptLoginBehavior": "nativeSupport",
            "isSignedAuthenticationRequestRequired": false,
            "federatedIdpMfaBehavior": self.mfa.name(),
        });
        if let Some((tokens, exchange)) = &self.active {
            body["activeSignInUri"] = json!(tokens);
            body["metadataExchangeUri"] = json!(exchange);
        }
        if let Some(next) = &self.next_certificate {
            body["nextSigningCertificate"] = json!(next);
        }
        body
    }

    /// Whether it can work at all, before anything is sent.
    ///
    /// # Errors
    /// Why it cannot work.
    pub fn check(&self, domain: &str) -> Result<(), String> {
        if domain.to_ascii_lowercase().ends_with(".onmicrosoft.com") {
            return Err("this is the initial domain, it cannot be federated".to_owned());
        }
        if self.issuer.contains(char::is_whitespace) || Url::parse(&self.issuer).is_err() {
            return Err(format!("the issuer `{}` is no address and no URN", self.issuer));
        }
        let active = self.active.iter().flat_map(|(one, other)| [one, other]);
        for address in [&self.sign_in, &self.sign_out].into_iter().chain(active) {
            if !Url::parse(address).is_ok_and(|url| url.scheme() == "https" && url.has_host()) {
                return Err(format!("the address `{address}` must begin with https://"));
            }
        }
        certificate(&self.certificate)?;
        self.next_certificate.as_deref().map_or(Ok(()), certificate)?;
        Ok(())
    }

    /// The properties that stand otherwise than wanted, by Microsoft's names.
    #[must_use]
    pub fn differences(&self, kept: &Federation) -> Vec<&'static str> {
        let active = self.active.as_ref();
        let pairs = [
            ("issuerUri", Some(self.issuer.as_str()), &kept.issuer_uri),
            (
                "passiveSignInUri",
                Some(self.sign_in.as_str()),
                &kept.passive_sign_in_uri,
            ),
            ("signOutUri", Some(self.sign_out.as_str()), &kept.sign_out_uri),
            (
                "activeSignInUri",
                active.map(|(one, _)| one.as_str()),
                &kept.active_sign_in_uri,
            ),
            (
                "metadataExchangeUri",
                active.map(|(_, other)| other.as_str()),
                &kept.metadata_exchange_uri,
            ),
            (
                "preferredAuthenticationProtocol",
                Some(self.protocol.name()),
                &kept.preferred_authentication_protocol,
            ),
            (
                "signingCertificate",
                Some(self.certificate.as_str()),
                &kept.signing_certificate,
            ),
            (
                "nextSigningCertificate",
                self.next_certificate.as_deref(),
                &kept.next_signing_certificate,
            ),
            (
                "federatedIdpMfaBehavior",
                Some(self.mfa.name()),
                &kept.federated_idp_mfa_behavior,
            ),
        ];
        let differ = pairs
            .iter()
            .filter(|(_, sent, kept)| *sent != kept.as_deref().filter(|text| !text.is_empty()));
        differ.map(|(name, _, _)| *name).collect()
    }
}

/// # Errors
/// Why a text is no certificate that Microsoft 365 takes.
pub(super) fn certificate(text: &str) -> Result<(), &'static str> {
    if text.contains("-----") {
        return Err("the certificate must be bare Base64, without the lines BEGIN and END");
    }
    let der = STANDARD.decode(text).unwrap_or_default();
    if der.first() == Some(&SEQUENCE) {
        Ok(())
    } else {
        Err("the certificate is not Base64 of DER on one line")
    }
}
