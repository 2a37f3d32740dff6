//! Certificates, as containers of keys: what an administrator pastes, and what we make for a key of our own.
//!
//! No chain is built and no authority asked: which certificates count was decided by whoever entered them.

mod make;
mod read;

use std::fmt;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::error::{Error, Result};
use crate::key::{PublicKey, SigningKey};

/// One certificate with an RSA key of at least 2,048 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    key: PublicKey,
    subject: String,
    issuer: String,
    starts: Timestamp,
    ends: Timestamp,
}

impl Certificate {
    /// Reads what somebody pasted: PEM, the Base64 of a certificate alone, or DER. At most 64 KB.
    ///
    /// # Errors
    /// [`Error::PrivateKey`] when a private key came along, [`Error::SeveralCertificates`] for more than one,
    /// [`Error::NotACertificate`] for anything else, [`Error::KeyKind`] and [`Error::KeyShort`] for a key that cannot
    /// be used.
    pub fn parse(pasted: &[u8]) -> Result<Self> {
        Self::from_der(&read::der(pasted)?)
    }

    /// Reads a certificate, DER. Nothing may follow on it.
    ///
    /// # Errors
    /// [`Error::NotACertificate`], [`Error::KeyKind`], [`Error::KeyShort`].
    pub fn from_der(der: &[u8]) -> Result<Self> {
        read::certificate(der)
    }

    /// Makes a certificate for a key, signed by the key itself (RSA with SHA-256). The common name is `name`, from
    /// which nobody draws a conclusion: a date in it helps an administrator tell two apart.
    ///
    /// # Errors
    /// [`Error::Value`] for an empty name, one of more than 64 characters, or a time before 1950 or after 9999;
    /// [`Error::Key`] when the key cannot sign.
    pub fn self_signed(key: &SigningKey, name: &str, starts: Timestamp, ends: Timestamp) -> Result<Self> {
        make::self_signed(key, name, starts, ends)
    }

    /// The certificate, DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as Base64 without lines around it: the `signingCertificate` of Microsoft Graph.
    #[must_use]
    pub fn base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// The certificate as PEM (RFC 7468), with a line break at its end.
    #[must_use]
    pub fn pem(&self) -> String {
        let mut out = String::from("-----BEGIN CERTIFICATE-----\n");
        for (at, c) in self.base64().chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                out.push('\n');
            }
            out.push(c);
        }
        out.push_str("\n-----END CERTIFICATE-----\n");
        out
    }

    /// Whom it names, as one line.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Who says so, as one line: an identity provider's certificate is mostly its own issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The first moment at which it is valid.
    #[must_use]
    pub fn starts(&self) -> Timestamp {
        self.starts
    }

    /// The last moment at which it is valid.
    #[must_use]
    pub fn ends(&self) -> Timestamp {
        self.ends
    }

    /// SHA-1 of the certificate in upper-case hexadecimal: the thumbprint that Microsoft's portal shows. It compares
    /// what somebody sees with what they pasted, and proves nothing.
    #[must_use]
    pub fn sha1(&self) -> String {
        hexadecimal(digest(&SHA1_FOR_LEGACY_USE_ONLY, &self.der).as_ref())
    }

    /// SHA-256 of the certificate in upper-case hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> String {
        hexadecimal(digest(&SHA256, &self.der).as_ref())
    }

    /// The key in it.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Whether it is valid at a moment.
    pub(crate) fn check(&self, now: Timestamp) -> Result<()> {
        if now > self.ends {
            return Err(Error::CertificateExpired { ended: self.ends });
        }
        if now < self.starts {
            return Err(Error::CertificateEarly { starts: self.starts });
        }
        Ok(())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("sha256", &self.sha256())
            .finish_non_exhaustive()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests;
