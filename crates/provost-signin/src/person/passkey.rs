//! What is known of a person's passkeys, and the use of one.

use super::{Passkey, Person};
use crate::passkey::{Owner, after_use, open};
use crate::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_store::Tx;
use provost_store::person_signin::passkey;
use serde_json::Value;
use webauthn_rs::prelude::{AuthenticationResult, Passkey as Key};

/// Where a passkey is (Web Authentication Level 3, section 6.1.3: backup eligibility and state).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// On one device, which it cannot leave.
    OnDevice,
    /// On one device, whose password manager may copy it to others.
    Syncable,
    /// On several devices, or in a backup of one.
    Synced,
}

impl Kept {
    /// The word for it: `device`, `syncable`, `synced`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnDevice => "device",
            Self::Syncable => "syncable",
            Self::Synced => "synced",
        }
    }

    /// What the passkey said of itself when it was last used.
    #[must_use]
    pub fn of(passkey: &Passkey) -> Self {
        let read: Value = serde_json::from_str(&passkey.credential).unwrap_or_default();
        let is = |flag: &str| read.pointer(flag).and_then(Value::as_bool).unwrap_or_default();
        match (is("/cred/backup_eligible"), is("/cred/backup_state")) {
            (_, true) => Self::Synced,
            (true, false) => Self::Syncable,
            (false, false) => Self::OnDevice,
        }
    }
}

/// For whom a passkey is made, as their authenticator shows it.
pub(super) fn owner(person: &Person) -> Owner<'_> {
    Owner {
        id: person.id,
        name: &person.user_name,
        shown: &person.label,
    }
}

/// A person's passkeys, opened.
pub(super) fn opened(tx: &mut Tx, person: i64) -> Result<Vec<Key>> {
    let kept = passkey::list(tx, person)?;
    kept.iter().map(|one| open(one.key, &one.credential)).collect()
}

/// Notes the use of a passkey inside the transaction that opens the session.
///
/// # Errors
/// [`Error::Denied`] for one that was removed meanwhile, and for one of which there are two copies.
pub(super) fn note_use(tx: &mut Tx, now: i64, whose: i64, result: &AuthenticationResult) -> Result<()> {
    let id = URL_SAFE_NO_PAD.encode(result.cred_id());
    let kept = passkey::by_credential_id(tx, &id)?.filter(|kept| kept.person == whose);
    let kept = kept.ok_or(Error::Denied)?;
    let credential = after_use(kept.key, &kept.credential, result)?;
    Ok(passkey::update_after_use(tx, kept.key, &credential, now)?)
}
