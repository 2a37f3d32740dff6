//! Passkeys: Web Authentication Level 3, by webauthn-rs. The authenticator has to verify its user; the challenge lies
//! in the store and is good once, in the browser for which it was made.

mod confirm;
mod registration;
mod signin;

use crate::{Error, Inner, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_store::Tx;
use provost_store::passkey::{self, Passkey as Kept};
use serde::Serialize;
use serde_json::Value;
use url::Url;
use webauthn_rs::prelude::{AuthenticationResult, Passkey, WebauthnError};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// What browsers show as the name of this service.
const NAME: &str = "Provost";

/// Web Authentication for the host of this address; none for an IP address, which no passkey can belong to (Web
/// Authentication Level 3, section 5.1.2: the relying party's id is a domain).
pub(crate) fn webauthn(public_url: &Url) -> Option<Webauthn> {
    let built = WebauthnBuilder::new(public_url.domain()?, public_url).and_then(|b| b.rp_name(NAME).build());
    match built {
        Ok(webauthn) => Some(webauthn),
        Err(error) => {
            tracing::error!(%error, "passkeys cannot be used with this public address");
            None
        }
    }
}

impl Inner {
    fn passkeys(&self) -> Result<&Webauthn> {
        self.webauthn.as_ref().ok_or_else(|| {
            Error::refused(
                "PRV-PASSKEY-ADDRESS",
                "passkeys need the console to have a host name, and it is reached by an IP address",
                "Set `public_url` to a name such as https://provost.contoso.example, or use localhost.",
            )
        })
    }
}

/// The options for the browser, without what is for the page to decide (when to ask).
fn options<T: Serialize>(challenge: &T) -> Result<Value> {
    let mut options = serde_json::to_value(challenge)
        .map_err(|error| Error::Machine(format!("the options of a passkey cannot be written: {error}")))?;
    if let Some(object) = options.as_object_mut() {
        object.remove("mediation");
    }
    Ok(options)
}

/// The key that was kept.
fn open(kept: &Kept) -> Result<Passkey> {
    serde_json::from_str(&kept.credential).map_err(|_| {
        Error::Store(provost_store::Error::Damaged(format!(
            "the passkey with the key {}",
            kept.key
        )))
    })
}

/// Notes the use of a passkey inside the transaction that opens the session.
///
/// # Errors
/// [`Error::Denied`] for one that was removed meanwhile, and for one that counts its uses and did not count on since
/// it was last seen: there are two copies of it (Web Authentication Level 3, section 6.1.1).
fn note_use(tx: &mut Tx, now: i64, whose: i64, result: &AuthenticationResult) -> Result<()> {
    let id = URL_SAFE_NO_PAD.encode(result.cred_id());
    let kept = passkey::by_credential_id(tx, &id)?.filter(|kept| kept.administrator == whose);
    let kept = kept.ok_or(Error::Denied)?;
    let mut passkey = open(&kept)?;
    let has_changed = passkey.update_credential(result) == Some(true);
    if result.counter() > 0 && !has_changed {
        return Err(Error::Denied);
    }
    Ok(passkey::update_after_use(tx, kept.key, &seal(&passkey)?, now)?)
}

fn seal(passkey: &Passkey) -> Result<String> {
    serde_json::to_string(passkey)
        .map_err(|error| Error::Machine(format!("a passkey cannot be written: {error}")))
}

/// Why a sign-in with a passkey is refused goes to the log, not to whoever tries.
fn denied(error: &WebauthnError) -> Error {
    tracing::info!(%error, "a passkey was refused");
    Error::Denied
}
