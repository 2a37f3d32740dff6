//! What everybody may read of a provider: its metadata.

use super::issue::{identity, inside};
use super::signer::Ready;
use super::{Door, Federation};
use crate::{Result, random};
use provost_saml::certificate::Certificate;
use provost_saml::metadata::{
    IdentityProviderAddresses, TokenServiceAddresses, exchange, identity_provider, token_service,
};
use provost_saml::{Endpoint, MessageId};
use provost_store::signing_key::{self, Slot};

impl Federation {
    /// The metadata of SAML 2.0, signed, with the certificate that comes next beside the one that counts.
    ///
    /// # Errors
    /// [`crate::Error::Store`]; [`crate::Error::Machine`] when it cannot be signed.
    pub async fn metadata(&self, door: &Door, now: i64) -> Result<String> {
        let (signing, next) = self.keys(door, now).await?;
        let id = id(
            &["saml", &door.addresses.issuer, &door.addresses.sign_in],
            &signing,
            next.as_ref(),
        );
        let at = IdentityProviderAddresses {
            sign_in: Endpoint::parse(&door.addresses.sign_in).map_err(inside)?,
            sign_out: Endpoint::parse(&door.addresses.sign_out).map_err(inside)?,
        };
        let provider = identity(door, signing)?;
        let making = move || identity_provider(&provider, next.as_ref(), &at, &id).map_err(inside);
        self.0.0.signers.run(making).await
    }

    /// The metadata of WS-Federation, signed.
    ///
    /// # Errors
    /// As [`Federation::metadata`].
    pub async fn passive_metadata(&self, door: &Door, now: i64) -> Result<String> {
        let (signing, next) = self.keys(door, now).await?;
        let id = id(
            &["wsfed", &door.addresses.issuer, &door.addresses.passive],
            &signing,
            next.as_ref(),
        );
        let at = TokenServiceAddresses {
            passive: Endpoint::parse(&door.addresses.passive).map_err(inside)?,
        };
        let provider = identity(door, signing)?;
        let making = move || token_service(&provider, next.as_ref(), &at, &id).map_err(inside);
        self.0.0.signers.run(making).await
    }

    /// What clients of WS-MetadataExchange read: that there is no sign-in but by a browser.
    ///
    /// # Errors
    /// [`crate::Error::Machine`] when it cannot be written.
    pub fn exchange(&self, door: &Door) -> Result<String> {
        let passive = Endpoint::parse(&door.addresses.passive).map_err(inside)?;
        exchange(&passive).map_err(inside)
    }

    async fn keys(&self, door: &Door, now: i64) -> Result<(Ready, Option<Certificate>)> {
        let signing = self.signing(&door.provider, now).await?;
        let provider = door.provider.key;
        let next = self
            .0
            .read(move |tx| Ok(signing_key::in_slot(tx, provider, Slot::Next)?))
            .await?;
        Ok((signing, next.map(|kept| kept.certificate)))
    }
}

/// The id of a document: the same as long as what it says is the same, so that a copy that was kept compares equal.
fn id(texts: &[&str], signing: &Ready, next: Option<&Certificate>) -> MessageId {
    let next = next.map(Certificate::sha256).unwrap_or_default();
    let all = format!("{}|{}|{next}", texts.join("|"), signing.kept.certificate.sha256());
    let mut bits = [0; 20];
    for (to, from) in bits.iter_mut().zip(random::hash(&all)) {
        *to = from;
    }
    MessageId::from_random(bits)
}
