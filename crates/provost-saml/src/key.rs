//! Keys: RSA, of at least 2,048 bits. Shorter ones cannot be made into either type.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};

use crate::error::{Error, Result};
use crate::signature::Hash;

/// The fewest bits of a key.
pub const MIN_BITS: usize = 2_048;
const MAX_BITS: usize = 8_192;

/// A public key that signatures are verified with.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// `RSAPublicKey` of RFC 8017, DER.
    der: Vec<u8>,
}

/// A private key that signs. A clone is the same key. `Debug` shows its length only.
#[derive(Clone)]
pub struct SigningKey {
    key: Arc<RsaKeyPair>,
}

impl PublicKey {
    /// Takes a key as it stands in a certificate: modulus and exponent, DER (RFC 8017 appendix A.1.1), of so many bits.
    pub(crate) fn from_der(der: &[u8], bits: usize) -> Result<Self> {
        if !(MIN_BITS..=MAX_BITS).contains(&bits) {
            return Err(Error::KeyShort { bits });
        }
        Ok(Self { der: der.to_vec() })
    }

    /// Whether this key made the signature.
    pub(crate) fn made(&self, hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = match hash {
            Hash::Sha1 => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
            Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
            Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
        };
        UnparsedPublicKey::new(algorithm, &self.der)
            .verify(message, signature)
            .is_ok()
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey")
    }
}

impl SigningKey {
    /// Reads a private key: PKCS #8, DER.
    ///
    /// # Errors
    /// [`Error::Key`] for what is no RSA key; [`Error::KeyShort`] below 2,048 bits.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self> {
        let key = RsaKeyPair::from_pkcs8(der).map_err(|_| Error::Key)?;
        let bits = key.public_modulus_len() * 8;
        if !(MIN_BITS..=MAX_BITS).contains(&bits) {
            return Err(Error::KeyShort { bits });
        }
        Ok(Self { key: Arc::new(key) })
    }

    /// Its length in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.key.public_modulus_len() * 8
    }

    /// RSA PKCS #1 v1.5 with SHA-256. The same message has the same signature: the source of randomness that the
    /// library asks for is not used by this scheme.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::Key)?;
        Ok(signature)
    }

    /// Whether a certificate's key belongs to this one.
    pub(crate) fn is_of(&self, public: &PublicKey) -> bool {
        self.public() == public.der()
    }

    /// Its public half: modulus and exponent, DER.
    pub(crate) fn public(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("bits", &self.bits())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_shows_itself() {
        assert_eq!(format!("{:?}", PublicKey { der: vec![1, 2, 3] }), "PublicKey");
    }

    #[test]
    fn a_short_key_cannot_be_made() {
        assert_eq!(
            PublicKey::from_der(&[0], 1_024),
            Err(Error::KeyShort { bits: 1_024 })
        );
        assert_eq!(SigningKey::from_pkcs8(b"no key").unwrap_err(), Error::Key);
    }
}
