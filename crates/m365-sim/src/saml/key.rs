//! Keys that sign assertions, each with its certificate.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::certificate::{Wanted, self_signed};
use super::legacy;
use crate::moment;

/// A key of RSA with 2048 bits, and a self-signed certificate for it. Clones share it; `Debug` shows the certificate only.
#[derive(Clone)]
pub struct SigningKey(Arc<Parts>);

struct Parts {
    pair: RsaKeyPair,
    /// PKCS #8.
    secret: Vec<u8>,
    certificate: Vec<u8>,
    life: (i64, i64),
}

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Sha1,
    Sha256,
    /// A checksum with the certificate as the secret: for messages that are wrong on purpose.
    Hmac,
}

impl Method {
    /// Its name in XML Signature (RFC 9231 section 2).
    pub(crate) fn name(self) -> &'static str {
        match self {
            Method::Sha1 => "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            Method::Sha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Method::Hmac => "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        }
    }
}

impl SigningKey {
    /// A new key, its certificate good from and until these milliseconds since the epoch. `None`: this machine cannot make
    /// one.
    #[must_use]
    pub fn generate(name: &str, from: i64, until: i64) -> Option<SigningKey> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
        let secret = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).ok()?.as_ref().to_vec();
        let public = AsDer::<PublicKeyX509Der<'_>>::as_der(pair.public_key()).ok()?;
        let hash = digest(&SHA256, public.as_ref());
        let wanted = Wanted {
            name,
            serial: hash.as_ref().get(..8)?,
            life: (from, until),
            key: public.as_ref(),
        };
        let certificate = self_signed(&wanted, |body| with(&pair, &RSA_PKCS1_SHA256, body))?;
        Some(SigningKey(Arc::new(Parts {
            pair,
            secret,
            certificate,
            life: (from, until),
        })))
    }

    /// The certificate as DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.0.certificate
    }

    /// The certificate as Base64 on one line, as Entra offers it for download.
    #[must_use]
    pub fn certificate_base64(&self) -> String {
        STANDARD.encode(self.certificate())
    }

    /// The SHA-1 of the certificate in capital hexadecimal digits, by which Entra names it.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, self.certificate());
        hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// From and until when the certificate is good, in milliseconds since the epoch.
    #[must_use]
    pub fn life(&self) -> (i64, i64) {
        self.0.life
    }

    /// A signature over these bytes.
    pub(crate) fn sign(&self, method: Method, bytes: &[u8]) -> Option<Vec<u8>> {
        let pair = &self.0.pair;
        match method {
            Method::Sha1 => legacy::sign(&self.0.secret, bytes),
            Method::Sha256 => with(pair, &RSA_PKCS1_SHA256, bytes),
            Method::Hmac => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.certificate());
                Some(hmac::sign(&key, bytes).as_ref().to_vec())
            }
        }
    }
}

fn with(pair: &RsaKeyPair, encoding: &'static dyn RsaEncoding, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), bytes, &mut signature)
        .ok()?;
    Some(signature)
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("thumbprint", &self.thumbprint())
            .field("until", &moment::text(self.0.life.1))
            .finish_non_exhaustive()
    }
}

impl PartialEq for SigningKey {
    fn eq(&self, other: &Self) -> bool {
        self.certificate() == other.certificate()
    }
}

impl Eq for SigningKey {}
