//! Texts that open a door: 256 random bits with a known start and a checksum at the end. Only their SHA-256
//! is kept, so a stolen database holds no usable one.

use crate::{Error, Result};
use aws_lc_rs::digest::{Digest, SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Characters of the random part: 32 bytes in base64url.
const BODY: usize = 43;
/// Characters of the checksum: 3 bytes in hex.
const CHECKSUM: usize = 6;

/// Random bytes.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| Error::Setup("the machine has no source of randomness".into()))?;
    Ok(bytes)
}

/// A new credential that begins with `prefix`.
pub(crate) fn make(prefix: &str) -> Result<String> {
    let body = URL_SAFE_NO_PAD.encode(random::<32>()?);
    Ok(format!("{prefix}{body}{}", checksum(&body)))
}

/// What is kept of a credential.
pub(crate) fn hash(text: &str) -> Digest {
    digest(&SHA256, text.as_bytes())
}

/// Whether a text has the form of a credential with this prefix. Says nothing about its being valid.
pub(crate) fn is_well_formed(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix)
        .and_then(|rest| rest.split_at_checked(rest.len().saturating_sub(CHECKSUM)))
        .is_some_and(|(body, sum)| body.len() == BODY && checksum(body) == sum)
}

fn checksum(body: &str) -> String {
    crate::hex(&hash(body).as_ref()[..CHECKSUM / 2])
}

/// How long ago something was, for people.
pub(crate) fn ago(now: i64, then: i64) -> String {
    let minutes = now.saturating_sub(then) / 60_000;
    let (count, unit) = match minutes {
        ..1 => return "just now".into(),
        1..60 => (minutes, "minute"),
        60..1_440 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_credential_is_known_at_once() {
        let text = make("prv_").unwrap();
        assert!(is_well_formed("prv_", &text));
        assert_eq!(text.len(), 4 + BODY + CHECKSUM);
        for at in 0..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[at] = if wrong[at] == b'A' { b'B' } else { b'A' };
            assert!(
                !is_well_formed("prv_", &String::from_utf8(wrong).unwrap()),
                "{at}"
            );
        }
        for wrong in ["", "prv_", "prv_é", &text[1..], &text[..text.len() - 1]] {
            assert!(!is_well_formed("prv_", wrong), "{wrong}");
        }
    }

    #[test]
    fn times_are_told_in_the_largest_unit_that_fits() {
        let minute = 60_000;
        for (past, said) in [
            (0, "just now"),
            (minute, "1 minute ago"),
            (59 * minute, "59 minutes ago"),
            (60 * minute, "1 hour ago"),
            (49 * 60 * minute, "2 days ago"),
        ] {
            assert_eq!(ago(1_000_000_000_000, 1_000_000_000_000 - past), said);
        }
    }
}
