//! Making a certificate for a key of our own. The ASN.1 is rcgen's.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyUsagePurpose, PKCS_RSA_SHA256, PublicKeyData,
    SerialNumber,
};

use super::Certificate;
use crate::error::{Error, Result};
use crate::key::SigningKey;

/// Our key, as the library asks for one.
struct Signer<'a>(&'a SigningKey);

impl PublicKeyData for Signer<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.0.public()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl rcgen::SigningKey for Signer<'_> {
    fn sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, rcgen::Error> {
        self.0.sign(message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

pub(super) fn self_signed(
    key: &SigningKey,
    name: &str,
    starts: Timestamp,
    ends: Timestamp,
) -> Result<Certificate> {
    if name.trim().is_empty() || name.chars().count() > 64 || name.chars().any(char::is_control) {
        return Err(Error::Value {
            what: "the certificate's name",
        });
    }
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    let mut wanted = CertificateParams::default();
    wanted.distinguished_name = subject;
    wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    wanted.not_before = moment(starts)?;
    wanted.not_after = moment(ends)?;
    wanted.serial_number = Some(SerialNumber::from_slice(&serial(key, starts)));
    let made = wanted.self_signed(&Signer(key)).map_err(|_| Error::Key)?;
    Certificate::from_der(made.der())
}

/// A positive number of 128 bits, from the key and the first moment: another certificate of the same key has another one.
fn serial(key: &SigningKey, starts: Timestamp) -> Vec<u8> {
    let mut seed = key.public().to_vec();
    seed.extend(starts.as_second().to_be_bytes());
    let hash = digest(&SHA256, &seed);
    let mut bytes: Vec<u8> = hash.as_ref().iter().take(16).copied().collect();
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    bytes
}

fn moment(at: Timestamp) -> Result<time::OffsetDateTime> {
    let wrong = Error::Value {
        what: "the certificate's validity",
    };
    let found = time::OffsetDateTime::from_unix_timestamp(at.as_second()).map_err(|_| wrong.clone())?;
    if (1950..=9999).contains(&found.year()) {
        Ok(found)
    } else {
        Err(wrong)
    }
}
