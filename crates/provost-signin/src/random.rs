//! Randomness, and the texts that open a door: 256 random bits, of which only the SHA-256 is kept.

use crate::{Error, Result};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Characters of a text that opens a door: 32 bytes in base64url.
const LENGTH: usize = 43;

/// Random bytes, fit for secrets.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Error::Machine("the machine has no source of randomness".to_owned()))?;
    Ok(bytes)
}

/// A new text that opens a door; it stands in a cookie or an address as it is.
pub(crate) fn text() -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}

/// Whether a text could be one of ours. What could not is never looked for.
pub(crate) fn is_well_formed(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    text.len() == LENGTH && text.bytes().all(fits)
}

/// What is kept of a text.
pub(crate) fn hash(text: &str) -> Vec<u8> {
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

/// Random bits for a version 7 id at a given time (RFC 9562 section 5.7).
pub(crate) fn id(now: i64) -> Result<uuid::Uuid> {
    let millis = u64::try_from(now).unwrap_or_default();
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &bytes::<10>()?).into_uuid())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn texts_differ_and_are_known_by_their_form() {
        let (one, other) = (text().unwrap(), text().unwrap());
        assert_ne!(one, other);
        assert!(is_well_formed(&one));
        for wrong in ["", &one[1..], &format!("{one}A"), &format!("{}+", &one[1..])] {
            assert!(!is_well_formed(wrong), "{wrong}");
        }
    }
}
