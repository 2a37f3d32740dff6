//! Passkeys of administrators. The authenticator has to verify its user; the challenge lies in the store and is good
//! once, in the browser for which it was made.

mod confirm;
mod registration;
mod signin;
mod webauthn;

pub(crate) use webauthn::{Owner, after_use, open, webauthn};

use crate::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_store::Tx;
use provost_store::passkey;
use webauthn::{denied, options};
use webauthn_rs::prelude::{AuthenticationResult, Passkey};

/// Somebody's passkeys, opened.
fn opened(tx: &mut Tx, whose: i64) -> Result<Vec<Passkey>> {
    let kept = passkey::list(tx, whose)?;
    kept.iter().map(|one| open(one.key, &one.credential)).collect()
}

/// Notes the use of a passkey inside the transaction that opens the session.
///
/// # Errors
/// [`Error::Denied`] for one that was removed meanwhile, and for one of which there are two copies.
fn note_use(tx: &mut Tx, now: i64, whose: i64, result: &AuthenticationResult) -> Result<()> {
    let id = URL_SAFE_NO_PAD.encode(result.cred_id());
    let kept = passkey::by_credential_id(tx, &id)?.filter(|kept| kept.administrator == whose);
    let kept = kept.ok_or(Error::Denied)?;
    let credential = after_use(kept.key, &kept.credential, result)?;
    Ok(passkey::update_after_use(tx, kept.key, &credential, now)?)
}
