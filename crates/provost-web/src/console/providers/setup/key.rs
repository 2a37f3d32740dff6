//! The key of a setup link: 256 random bits, of which only the hash is kept.

use crate::error::Error;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_store::Error as Store;

/// Bytes of a key.
const BYTES: usize = 32;
/// Characters of a key in an address.
const CHARACTERS: usize = 43;

/// A new key, as it stands in an address: `/setup/{key}`.
///
/// # Errors
/// When the machine has no randomness.
pub fn make() -> Result<String, Error> {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes).map_err(|_| Store::Setup("the machine has no source of randomness".into()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of a key: its SHA-256.
pub fn hash(text: &str) -> Vec<u8> {
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

/// Whether a text has the form of a key. What has not needs no look into the database.
pub(super) fn is_well_formed(text: &str) -> bool {
    text.len() == CHARACTERS && URL_SAFE_NO_PAD.decode(text).is_ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_and_have_their_form() {
        let (one, other) = (make().unwrap(), make().unwrap());
        assert!(one != other && hash(&one) != hash(&other));
        assert!(is_well_formed(&one));
        for wrong in ["", "../../etc", &one[1..], &format!("{one}=")] {
            assert!(!is_well_formed(wrong), "{wrong}");
        }
    }
}
