//! How a connection proves to the sign-in service who it is: a client secret, or a certificate whose key signs a
//! short-lived statement.
//!
//! Source: Microsoft identity platform, "Application authentication certificate credentials"; RFC 7523 section 3;
//! RFC 7518 section 3.5 (PS256).

mod der;

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::KeyPair as _;
use aws_lc_rs::{digest, rand, rsa, signature};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::json;

use super::cause;
use crate::{Error, Result, Secret, Secrets};

/// Seconds that a statement is good for; the service advises five to ten minutes.
const LIFE: i64 = 300;

/// The proof.
#[derive(Clone)]
pub(crate) enum Credential {
    /// A shared secret.
    Secret(Secret),
    /// A certificate with its private key.
    Certificate(Arc<Certificate>),
}

impl From<Secret> for Credential {
    fn from(secret: Secret) -> Self {
        Self::Secret(secret)
    }
}

/// A certificate and its key. `Debug` shows the thumbprint only.
pub(crate) struct Certificate {
    key: rsa::KeyPair,
    /// `x5t#S256`: SHA-256 of the certificate, base64url.
    thumbprint: String,
    starts: Timestamp,
    ends: Timestamp,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("thumbprint", &self.thumbprint)
            .finish_non_exhaustive()
    }
}

/// The moment from which a certificate (PEM) is not accepted any more, so that it can be announced.
///
/// # Errors
/// [`Error::Settings`] for what is not a certificate.
pub fn expires(pem: &str) -> Result<Timestamp> {
    let blocks = blocks(pem)?;
    Ok(der::read(certificate(&blocks)?)
        .map_err(|reason| wrong(&reason))?
        .ends)
}

impl Credential {
    /// The credential among the secrets of a connection; with both, the certificate counts.
    pub(crate) fn open(secrets: &Secrets) -> Result<Self> {
        let given = |name: &str| secrets.get(name).filter(|s| !s.expose().trim().is_empty());
        if let Some(pem) = given("certificate") {
            let certificate = Certificate::parse(pem.expose())?;
            return Ok(Self::Certificate(Arc::new(certificate)));
        }
        match given("client_secret") {
            // Copying often brings a line break along; a secret holds none.
            Some(secret) => Ok(Self::Secret(Secret::new(secret.expose().trim()))),
            None => Err(Error::Settings {
                field: "client_secret".to_owned(),
                reason: "this secret is missing; enter it again, or enter a certificate with its private key as `certificate`".to_owned(),
            }),
        }
    }
}

impl Certificate {
    /// Reads PEM text with one certificate (the first is meant) and its RSA key.
    fn parse(pem: &str) -> Result<Self> {
        let blocks = blocks(pem)?;
        let der = certificate(&blocks)?;
        let read = der::read(der).map_err(|reason| wrong(&reason))?;
        let key = key(&blocks)?;
        if key.public_key().as_ref() != read.public_key {
            return Err(wrong(
                "the private key belongs to another certificate: export both together",
            ));
        }
        let hash = digest::digest(&digest::SHA256, der);
        Ok(Self {
            key,
            thumbprint: URL_SAFE_NO_PAD.encode(hash),
            starts: read.starts,
            ends: read.ends,
        })
    }

    /// A statement for the token endpoint at `audience`.
    ///
    /// # Errors
    /// [`Error::Credential`] when the certificate is not valid now, [`Error::Local`] when nothing can be signed.
    pub(crate) fn assertion(&self, client_id: &str, audience: &url::Url, now: Timestamp) -> Result<Secret> {
        if now < self.starts || now >= self.ends {
            let (verb, at) = if now < self.starts {
                ("begins", self.starts)
            } else {
                ("ended", self.ends)
            };
            let cause = &cause::CERTIFICATE_EXPIRED;
            return Err(Error::Credential {
                host: audience.host_str().unwrap_or_default().to_owned(),
                reason: format!("{}: its validity {verb} {at}", cause.sentence),
                cause: Some(cause),
            });
        }
        let now = now.as_second();
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": audience.as_str(), "iss": client_id, "sub": client_id,
            "jti": uuid::Uuid::now_v7().to_string(), "nbf": now, "iat": now, "exp": now + LIFE,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let content = format!("{}.{}", part(&header), part(&claims));
        let mut signed = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &signature::RSA_PSS_SHA256,
                &rand::SystemRandom::new(),
                content.as_bytes(),
                &mut signed,
            )
            .map_err(|_| Error::Local {
                reason: "the certificate's key cannot sign".to_owned(),
            })?;
        Ok(Secret::new(format!(
            "{content}.{}",
            URL_SAFE_NO_PAD.encode(signed)
        )))
    }
}

/// Label and content of a PEM block (RFC 7468).
struct Block {
    label: String,
    der: Vec<u8>,
}

fn blocks(pem: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut rest = pem;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let cut = || wrong("a block of the PEM text breaks off: copy it from BEGIN to END");
        let (label, after) = after.split_once("-----").ok_or_else(cut)?;
        let end = format!("-----END {label}-----");
        let (body, after) = after.split_once(end.as_str()).ok_or_else(cut)?;
        let encrypted = label == "ENCRYPTED PRIVATE KEY" || body.contains("ENCRYPTED");
        if encrypted {
            return Err(wrong(
                "the private key is locked with a password: export it without one (it is sealed here)",
            ));
        }
        let text: String = body.split_whitespace().collect();
        let der = STANDARD
            .decode(text)
            .map_err(|_| wrong("a block of the PEM text is damaged: copy it again"))?;
        blocks.push(Block {
            label: label.to_owned(),
            der,
        });
        rest = after;
    }
    if blocks.is_empty() {
        return Err(wrong(
            "it is not PEM text: it has to hold -----BEGIN CERTIFICATE----- and a private key (a .pfx file has to be converted)",
        ));
    }
    Ok(blocks)
}

fn certificate(blocks: &[Block]) -> Result<&[u8]> {
    blocks
        .iter()
        .find(|block| block.label == "CERTIFICATE")
        .map(|block| block.der.as_slice())
        .ok_or_else(|| wrong("it holds a private key but no certificate: paste both, one below the other"))
}

fn key(blocks: &[Block]) -> Result<rsa::KeyPair> {
    let elliptic = || {
        wrong(
            "its key is an elliptic curve key, which Entra does not accept: make one with an RSA key of 2048 bits or more",
        )
    };
    let found = blocks.iter().find(|block| block.label.ends_with("PRIVATE KEY"));
    let Some(block) = found else {
        return Err(wrong(
            "it holds a certificate but no private key: paste both, one below the other",
        ));
    };
    let read = match block.label.as_str() {
        "PRIVATE KEY" if der::is_elliptic(&block.der) => return Err(elliptic()),
        "EC PRIVATE KEY" => return Err(elliptic()),
        "PRIVATE KEY" => rsa::KeyPair::from_pkcs8(&block.der),
        "RSA PRIVATE KEY" => rsa::KeyPair::from_der(&block.der),
        _ => {
            return Err(wrong(
                "its private key is of a kind that Entra does not accept: use RSA",
            ));
        }
    };
    read.map_err(|_| wrong("its private key cannot be used: it has to be an RSA key of 2048 bits or more"))
}

fn wrong(reason: &str) -> Error {
    Error::Settings {
        field: "certificate".to_owned(),
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests;
