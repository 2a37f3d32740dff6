//! The names of algorithms, and which are accepted.

use aws_lc_rs::digest::{self, digest};

use crate::error::{Error, Result};

/// Whether SHA-1 is accepted in signatures. It can be forged; only a connection whose other side cannot do better has a
/// reason to allow it, and its administrator is warned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sha1 {
    /// It is not.
    #[default]
    Refused,
    /// It is, by somebody's decision.
    Allowed,
}

/// A hash function, of a signature or of a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// Only where [`Sha1::Allowed`] says so.
    Sha1,
    /// What we sign with.
    Sha256,
    /// Accepted.
    Sha384,
    /// Accepted.
    Sha512,
}

impl Hash {
    /// What a `SignatureMethod` names: RSA PKCS #1 v1.5 with this hash. HMAC, DSA, ECDSA and PSS are none of them: the
    /// kind of the key is fixed before the message is read.
    pub(crate) fn of_signature(algorithm: &str, sha1: Sha1) -> Result<Self> {
        let hash = match algorithm {
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => Self::Sha256,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => Self::Sha384,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => Self::Sha512,
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1" => Self::Sha1,
            _ => return Err(Error::Algorithm),
        };
        hash.allowed(sha1)
    }

    /// What a `DigestMethod` names.
    pub(crate) fn of_digest(algorithm: &str, sha1: Sha1) -> Result<Self> {
        let hash = match algorithm {
            "http://www.w3.org/2001/04/xmlenc#sha256" => Self::Sha256,
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => Self::Sha384,
            "http://www.w3.org/2001/04/xmlenc#sha512" => Self::Sha512,
            "http://www.w3.org/2000/09/xmldsig#sha1" => Self::Sha1,
            _ => return Err(Error::Algorithm),
        };
        hash.allowed(sha1)
    }

    fn allowed(self, sha1: Sha1) -> Result<Self> {
        if self == Self::Sha1 && sha1 == Sha1::Refused {
            return Err(Error::Sha1);
        }
        Ok(self)
    }

    pub(crate) fn digest(self, message: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest(algorithm, message)
    }
}

/// What we sign with.
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
/// What we digest with.
pub(crate) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
