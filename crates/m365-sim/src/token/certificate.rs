//! The little that has to be known of an X.509 certificate (RFC 5280 section 4.1): where its public key stands.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
/// The version, which may be absent.
const VERSION: u8 = 0xa0;

/// The DER of a certificate given as PEM or as bare base64.
pub(crate) fn der(text: &str) -> Option<Vec<u8>> {
    let lines = text.lines().map(str::trim);
    let mut inside = !text.contains("-----BEGIN");
    let mut base64 = String::new();
    for line in lines {
        if line.starts_with("-----BEGIN CERTIFICATE") {
            inside = true;
        } else if line.starts_with("-----") {
            inside = false;
        } else if inside {
            base64.push_str(line);
        }
    }
    STANDARD.decode(base64).ok().filter(|der| !der.is_empty())
}

/// The certificate's `SubjectPublicKeyInfo`, its own header included.
pub(crate) fn public_key(der: &[u8]) -> Option<&[u8]> {
    let (certificate, _) = element(der, SEQUENCE)?;
    let (mut rest, _) = element(certificate.content, SEQUENCE).map(|(tbs, rest)| (tbs.content, rest))?;
    if rest.first() == Some(&VERSION) {
        rest = any(rest)?.1;
    }
    // Serial number, signature algorithm, issuer, validity, subject.
    for _ in 0..5 {
        rest = any(rest)?.1;
    }
    element(rest, SEQUENCE).map(|(key, _)| key.whole)
}

/// Modulus and exponent of a public key of RSA, without the sign's leading zero (RFC 8017 appendix A.1.1).
pub(crate) fn rsa_parts(key: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(key, SEQUENCE)?;
    let (modulus, rest) = element(sequence.content, INTEGER)?;
    let (exponent, _) = element(rest, INTEGER)?;
    Some((unsigned(modulus.content), unsigned(exponent.content)))
}

/// The content of the octet string in a private key of PKCS #8 (RFC 5208 section 5).
pub(crate) fn der_octets(secret: &[u8]) -> Option<&[u8]> {
    let (sequence, _) = element(secret, SEQUENCE)?;
    let (_, rest) = element(sequence.content, INTEGER)?;
    let (_, rest) = element(rest, SEQUENCE)?;
    element(rest, OCTETS).map(|(octets, _)| octets.content)
}

/// The integers of a sequence, without the sign's leading zero.
pub(crate) fn der_integers(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let (sequence, _) = element(bytes, SEQUENCE)?;
    let mut rest = sequence.content;
    let mut out = Vec::new();
    while let Some((integer, after)) = element(rest, INTEGER) {
        out.push(unsigned(integer.content));
        rest = after;
    }
    Some(out)
}

fn unsigned(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(&[0]).unwrap_or(bytes)
}

/// One element of DER.
struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

fn element(bytes: &[u8], tag: u8) -> Option<(Element<'_>, &[u8])> {
    any(bytes).filter(|(element, _)| element.tag == tag)
}

/// The first element, and what follows it.
fn any(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (tag, first) = (*bytes.first()?, *bytes.get(1)?);
    let (length, head) = if first < 0x80 {
        (usize::from(first), 2)
    } else {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let digits = bytes.get(2..2 + count)?;
        let length = digits
            .iter()
            .fold(0_usize, |sum, digit| (sum << 8) | usize::from(*digit));
        (length, 2 + count)
    };
    let end = head.checked_add(length)?;
    let element = Element {
        tag,
        content: bytes.get(head..end)?,
        whole: bytes.get(..end)?,
    };
    Some((element, bytes.get(end..)?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn damaged_certificates_have_no_key() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x02, 0x30],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(public_key(bytes), None);
        }
        assert_eq!(der("not base64 !"), None);
        assert_eq!(der(""), None);
    }
}
