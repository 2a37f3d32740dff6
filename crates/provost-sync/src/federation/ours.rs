//! What Microsoft would be told of this hub.

use crate::microsoft_365::{Values, provider_values};
use crate::{Engine, Result};
use provost_connect::graph::federation::{Mfa, Protocol, Wanted};
use provost_store::Tx;
use provost_store::federation::{self as stored, Federation};
use provost_store::microsoft_365::Provider;
use provost_store::signing_key;

/// The name that Microsoft shows for the identity provider.
const NAME: &str = "Provost";

/// A certificate that answers are signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate {
    /// Base64 of its DER, on one line.
    pub base64: String,
    pub subject: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// When it ends, in milliseconds since 1970.
    pub ends: i64,
}

/// This hub as it is told to Microsoft.
#[derive(Debug, Clone)]
pub(super) struct Ours {
    pub values: Values,
    /// The one that signs; none before a key was made.
    pub certificate: Option<Certificate>,
    /// The one that stands beside it.
    pub next: Option<Certificate>,
}

impl Ours {
    /// Where a person tries their sign-in before the switch.
    pub fn trial(&self) -> String {
        format!("{}/try", self.values.issuer)
    }

    /// What would be sent; none without a certificate.
    pub fn wanted(&self, record: &Federation) -> Option<Wanted> {
        let certificate = self.certificate.as_ref()?;
        let is_saml = record.protocol == stored::Protocol::Saml;
        Some(Wanted {
            name: NAME.to_owned(),
            issuer: self.values.issuer.clone(),
            sign_in: match is_saml {
                true => self.values.sign_in.clone(),
                false => self.values.ws_federation.clone(),
            },
            sign_out: self.values.sign_out.clone(),
            active: None,
            protocol: match is_saml {
                true => Protocol::Saml,
                false => Protocol::WsFed,
            },
            certificate: certificate.base64.clone(),
            next_certificate: self.next.as_ref().map(|one| one.base64.clone()),
            mfa: match record.mfa {
                stored::Mfa::Accept => Mfa::Accept,
                stored::Mfa::Enforce => Mfa::Enforce,
                stored::Mfa::Reject => Mfa::Reject,
            },
        })
    }
}

impl Engine {
    /// This hub as it is told to Microsoft.
    pub(super) async fn ours(&self, provider: &Provider, public_url: &str) -> Result<Ours> {
        let key = provider.key;
        let mut found = self
            .db
            .read(move |tx: &mut Tx| signing_key::certificates(tx, key))
            .await?
            .into_iter()
            .map(|kept| {
                let slot = kept.slot;
                let certificate = Certificate {
                    base64: kept.certificate.base64(),
                    subject: kept.certificate.subject().to_owned(),
                    sha256: kept.certificate.sha256(),
                    ends: kept.expires(),
                };
                (slot, certificate)
            })
            .collect::<Vec<_>>();
        let mut take = |slot: signing_key::Slot| {
            let at = found.iter().position(|(one, _)| *one == slot)?;
            Some(found.remove(at).1)
        };
        Ok(Ours {
            values: provider_values(public_url, provider),
            certificate: take(signing_key::Slot::Current),
            next: take(signing_key::Slot::Next),
        })
    }
}
