//! Reading a certificate. The ASN.1 is x509-parser's.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey as Parsed;

use super::Certificate;
use crate::error::{Error, Result};
use crate::key::PublicKey;

/// The longest thing that is looked at.
const MAX_BYTES: usize = 64 * 1024;
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// A `SEQUENCE` with a length of two bytes: how each certificate in DER begins.
const SEQUENCE: [u8; 2] = [0x30, 0x82];
/// The same with a length of one byte: a private key of an elliptic curve begins so.
const SHORTER: [u8; 2] = [0x30, 0x81];

/// Copying loses the padding now and then; it says nothing that the length does not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The DER in what was pasted.
pub(super) fn der(pasted: &[u8]) -> Result<Vec<u8>> {
    if pasted.len() > MAX_BYTES {
        return Err(Error::NotACertificate);
    }
    if pasted.starts_with(&SEQUENCE) || pasted.starts_with(&SHORTER) {
        return no_private_key(pasted.to_vec());
    }
    let text = std::str::from_utf8(pasted).map_err(|_| Error::NotACertificate)?;
    if text.contains("PRIVATE KEY") {
        return Err(Error::PrivateKey);
    }
    let found = text.matches("-----BEGIN ").count();
    if found > 1 {
        return Err(Error::SeveralCertificates { found });
    }
    let inside = match text.split_once(BEGIN) {
        Some((_, rest)) => rest.split_once(END).ok_or(Error::NotACertificate)?.0,
        None if found == 1 => return Err(Error::NotACertificate),
        None => text,
    };
    let packed: String = inside.chars().filter(|c| !c.is_whitespace()).collect();
    no_private_key(BASE64.decode(packed).map_err(|_| Error::NotACertificate)?)
}

/// A private key is a `SEQUENCE` as well, with a version as its first part: RFC 8017 appendix A.1.2, RFC 5958 section 2,
/// RFC 5915 section 3; so is a file of RFC 7292 section 4, which holds a key beside its certificate.
fn no_private_key(der: Vec<u8>) -> Result<Vec<u8>> {
    let inside = match der.as_slice() {
        [0x30, length, rest @ ..] if *length < 0x80 => rest,
        [0x30, length, rest @ ..] => rest.get(usize::from(length & 0x7f)..).unwrap_or_default(),
        _ => &[],
    };
    match inside {
        [0x02, 0x01, 0 | 1 | 3, ..] => Err(Error::PrivateKey),
        _ => Ok(der),
    }
}

pub(super) fn certificate(der: &[u8]) -> Result<Certificate> {
    let (rest, found) = X509Certificate::from_der(der).map_err(|_| Error::NotACertificate)?;
    if !rest.is_empty() {
        // A PKCS #7 file or two certificates, one after the other.
        return Err(match X509Certificate::from_der(rest) {
            Ok(_) => Error::SeveralCertificates { found: 2 },
            Err(_) => Error::NotACertificate,
        });
    }
    let info = found.public_key();
    let Ok(Parsed::RSA(rsa)) = info.parsed() else {
        return Err(Error::KeyKind);
    };
    let key = PublicKey::from_der(&info.subject_public_key.data, bits(rsa.modulus))?;
    let moment = |seconds| Timestamp::from_second(seconds).map_err(|_| Error::NotACertificate);
    Ok(Certificate {
        starts: moment(found.validity().not_before.timestamp())?,
        ends: moment(found.validity().not_after.timestamp())?,
        subject: found.subject().to_string(),
        issuer: found.issuer().to_string(),
        der: der.to_vec(),
        key,
    })
}

/// The length of a number, big-endian.
fn bits(modulus: &[u8]) -> usize {
    let mut bytes = modulus.iter().skip_while(|byte| **byte == 0);
    match bytes.next() {
        Some(first) => bytes.count() * 8 + 8 - first.leading_zeros() as usize,
        None => 0,
    }
}
