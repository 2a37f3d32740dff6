//! The two ceremonies of Web Authentication Level 3 (sections 7.1 and 7.2), by webauthn-rs, for whoever owns the passkey:
//! administrators and people keep them in tables of their own.

use crate::{Error, Inner, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid, WebauthnError,
};
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

/// For whom a passkey is made, as their authenticator shows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    /// By what the authenticator knows them.
    pub id: Uuid,
    /// What they sign in as.
    pub name: &'a str,
    /// What they are called.
    pub shown: &'a str,
}

/// A passkey as it is kept.
pub(crate) struct Made {
    /// The credential's id in base64url.
    pub id: String,
    /// The public key with its counter and its flags, as JSON.
    pub credential: String,
}

/// What an authenticator says before anything of it is proved.
pub(crate) struct Claim {
    /// Whose the passkey is.
    pub owner: Uuid,
    /// The credential's id in base64url.
    pub id: String,
    answer: PublicKeyCredential,
}

impl Inner {
    pub(super) fn passkeys(&self) -> Result<&Webauthn> {
        self.webauthn.as_ref().ok_or_else(|| {
            Error::refused(
                "PRV-PASSKEY-ADDRESS",
                "passkeys need the console to have a host name, and it is reached by an IP address",
                "Set `public_url` to a name such as https://provost.contoso.example, or use localhost.",
            )
        })
    }

    /// The options for `navigator.credentials.create`, and what must be known at its end. `known`: the passkeys that
    /// their owner has, none of which is made twice.
    ///
    /// # Errors
    /// [`Error::Refused`] where passkeys cannot be used (`PRV-PASSKEY-ADDRESS`).
    pub(crate) fn begin_making(
        &self,
        owner: Owner,
        known: &[Passkey],
    ) -> Result<(Value, PasskeyRegistration)> {
        let known = known.iter().map(|one| one.cred_id().clone()).collect();
        let (challenge, state) = self
            .passkeys()?
            .start_passkey_registration(owner.id, owner.name, owner.shown, Some(known))
            .map_err(|error| Error::Machine(format!("a passkey cannot be begun: {error}")))?;
        let mut options = options(&challenge)?;
        ask_to_be_found(&mut options);
        Ok((options, state))
    }

    /// The passkey that the browser made.
    ///
    /// # Errors
    /// [`Error::Refused`] for what the browser answered (`PRV-PASSKEY-ANSWER`).
    pub(crate) fn finish_making(&self, answer: Value, state: &PasskeyRegistration) -> Result<Made> {
        let answer: RegisterPublicKeyCredential =
            serde_json::from_value(answer).map_err(|_| refused("it is not in the form of one"))?;
        let made = self
            .passkeys()?
            .finish_passkey_registration(&answer, state)
            .map_err(|error| refused(&error.to_string()))?;
        Ok(Made {
            id: URL_SAFE_NO_PAD.encode(made.cred_id()),
            credential: seal(&made)?,
        })
    }

    /// The options for `navigator.credentials.get` without a name, and what must be known at its end.
    ///
    /// # Errors
    /// [`Error::Refused`] where passkeys cannot be used (`PRV-PASSKEY-ADDRESS`).
    pub(crate) fn begin_finding(&self) -> Result<(Value, DiscoverableAuthentication)> {
        let (challenge, state) = self
            .passkeys()?
            .start_discoverable_authentication()
            .map_err(|error| Error::Machine(format!("a sign-in by passkey cannot be begun: {error}")))?;
        Ok((options(&challenge)?, state))
    }

    /// Whose passkey an answer claims to be.
    ///
    /// # Errors
    /// [`Error::Denied`] for what is not in the form of an answer.
    pub(crate) fn claim(&self, answer: Value) -> Result<Claim> {
        let answer: PublicKeyCredential = serde_json::from_value(answer).map_err(|_| Error::Denied)?;
        let (owner, id) = self
            .passkeys()?
            .identify_discoverable_authentication(&answer)
            .map_err(|error| denied(&error))?;
        let id = URL_SAFE_NO_PAD.encode(id);
        Ok(Claim { owner, id, answer })
    }

    /// Proves a claim with the passkey that is kept.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub(crate) fn prove(
        &self,
        claim: &Claim,
        state: DiscoverableAuthentication,
        kept: &Passkey,
    ) -> Result<AuthenticationResult> {
        self.passkeys()?
            .finish_discoverable_authentication_v2(&claim.answer, state, kept)
            .map_err(|error| denied(&error))
    }
}

/// The options for the browser, without what is for the page to decide (when to ask).
pub(super) fn options<T: Serialize>(challenge: &T) -> Result<Value> {
    let mut options = serde_json::to_value(challenge)
        .map_err(|error| Error::Machine(format!("the options of a passkey cannot be written: {error}")))?;
    if let Some(object) = options.as_object_mut() {
        object.remove("mediation");
    }
    Ok(options)
}

/// Asks the browser for a passkey that it finds without being told a name: nobody types one to sign in. What the
/// library verifies does not depend on it.
fn ask_to_be_found(options: &mut Value) {
    let selection = options.pointer_mut("/publicKey/authenticatorSelection");
    if let Some(Value::Object(selection)) = selection {
        selection.insert("residentKey".to_owned(), json!("required"));
        selection.insert("requireResidentKey".to_owned(), json!(true));
    }
}

/// The key that was kept under this inside key.
pub(crate) fn open(key: i64, credential: &str) -> Result<Passkey> {
    serde_json::from_str(credential).map_err(|_| {
        Error::Store(provost_store::Error::Damaged(format!(
            "the passkey with the key {key}"
        )))
    })
}

fn seal(passkey: &Passkey) -> Result<String> {
    serde_json::to_string(passkey)
        .map_err(|error| Error::Machine(format!("a passkey cannot be written: {error}")))
}

/// What is to be kept of a passkey after a use.
///
/// # Errors
/// [`Error::Denied`] for one that counts its uses and did not count on since it was last seen: there are two copies of
/// it (Web Authentication Level 3, section 6.1.1).
pub(crate) fn after_use(key: i64, credential: &str, result: &AuthenticationResult) -> Result<String> {
    let mut passkey = open(key, credential)?;
    let has_changed = passkey.update_credential(result) == Some(true);
    if result.counter() > 0 && !has_changed {
        return Err(Error::Denied);
    }
    seal(&passkey)
}

/// Why a sign-in with a passkey is refused goes to the log, not to whoever tries.
pub(super) fn denied(error: &WebauthnError) -> Error {
    tracing::info!(%error, "a passkey was refused");
    Error::Denied
}

fn refused(reason: &str) -> Error {
    Error::refused(
        "PRV-PASSKEY-ANSWER",
        format!("the passkey that the browser made cannot be taken: {reason}"),
        "Try again, or use another device or browser.",
    )
}
