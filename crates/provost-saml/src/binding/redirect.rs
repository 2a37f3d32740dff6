//! HTTP-Redirect: DEFLATE, Base64, URL encoding; a signature covers the octets of the query as they travel.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::MAX_RELAY_STATE;
use crate::certificate::Certificate;
use crate::error::{Error, Result};
use crate::key::SigningKey;
use crate::signature::{Hash, Sha1};
use crate::xml::Document;

/// The longest query that is read.
pub const MAX_QUERY: usize = 16 * 1024;
/// The longest message that comes out of one.
pub const MAX_INFLATED: usize = 64 * 1024;

/// What is encoded: all but what RFC 3986 section 2.3 leaves as it is. A receiver ought to verify the octets that came, but
/// some encode the values once more before they verify, and never those.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Which kind of message a query carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `SAMLRequest`.
    Request,
    /// `SAMLResponse`.
    Response,
}

impl Kind {
    fn parameter(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A message that came by a query.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// The message.
    pub document: Document,
    /// What has to go back unchanged, decoded.
    pub relay_state: Option<String>,
    raw: Raw<'a>,
}

/// The parameters as they travelled.
#[derive(Debug)]
struct Raw<'a> {
    parameter: &'static str,
    message: &'a str,
    relay_state: Option<&'a str>,
    algorithm: Option<&'a str>,
    signature: Option<&'a str>,
}

impl<'a> Incoming<'a> {
    /// Reads a query, without the question mark. Parameters that the binding does not know are left alone.
    ///
    /// # Errors
    /// [`Error::TooLarge`] over 16 KiB; [`Error::Parameter`] for one that is missing or stands there twice;
    /// [`Error::Base64`], [`Error::Deflate`]; and those of [`Document::parse`].
    pub fn parse(query: &'a str, kind: Kind) -> Result<Self> {
        if query.len() > MAX_QUERY {
            return Err(Error::TooLarge { limit: MAX_QUERY });
        }
        let parameter = kind.parameter();
        let raw = Raw {
            parameter,
            message: one(query, parameter)?.ok_or(Error::Parameter { name: parameter })?,
            relay_state: one(query, "RelayState")?,
            algorithm: one(query, "SigAlg")?,
            signature: one(query, "Signature")?,
        };
        let relay_state = raw
            .relay_state
            .map(|value| decoded(value, "RelayState"))
            .transpose()?;
        let packed = super::base64(&decoded(raw.message, parameter)?)?;
        Ok(Self {
            document: Document::parse(&inflate(&packed)?)?,
            relay_state,
            raw,
        })
    }

    /// Whether there is a signature at all.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.raw.signature.is_some()
    }

    /// Verifies the signature over the octets that were received: another encoding of the same values is another text.
    ///
    /// # Errors
    /// [`Error::RequestUnsigned`] without a signature; [`Error::Algorithm`], [`Error::Sha1`], [`Error::Signature`]; the
    /// certificate's own refusals when it is not valid at `now`.
    pub fn verify(&self, certificates: &[Certificate], sha1: Sha1, now: Timestamp) -> Result<()> {
        let signature = self.raw.signature.ok_or(Error::RequestUnsigned)?;
        let algorithm = self.raw.algorithm.ok_or(Error::Parameter { name: "SigAlg" })?;
        let hash = Hash::of_signature(&decoded(algorithm, "SigAlg")?, sha1)?;
        let signature = super::base64(&decoded(signature, "Signature")?)?;
        let mut signed = format!("{}={}", self.raw.parameter, self.raw.message);
        if let Some(state) = self.raw.relay_state {
            signed.push_str("&RelayState=");
            signed.push_str(state);
        }
        signed.push_str("&SigAlg=");
        signed.push_str(algorithm);
        let made = |certificate: &&Certificate| certificate.key().made(hash, signed.as_bytes(), &signature);
        certificates.iter().find(made).ok_or(Error::Signature)?.check(now)
    }
}

/// A query for a message that we send: it is put behind the `?` or the `&` of the receiver's address as it is. With a
/// key it is signed (RSA with SHA-256).
///
/// # Errors
/// [`Error::RelayState`] over 80 bytes, [`Error::Key`] when the key cannot sign.
pub fn outgoing(
    kind: Kind,
    message: &str,
    relay_state: Option<&str>,
    key: Option<&SigningKey>,
) -> Result<String> {
    let mut query = format!(
        "{}={}",
        kind.parameter(),
        encoded(&STANDARD.encode(deflate(message)?))
    );
    if let Some(state) = relay_state {
        if state.len() > MAX_RELAY_STATE {
            return Err(Error::RelayState);
        }
        query.push_str("&RelayState=");
        query.push_str(&encoded(state));
    }
    if let Some(key) = key {
        query.push_str("&SigAlg=");
        query.push_str(&encoded(crate::signature::RSA_SHA256));
        let signature = STANDARD.encode(key.sign(query.as_bytes())?);
        query.push_str("&Signature=");
        query.push_str(&encoded(&signature));
    }
    Ok(query)
}

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

/// The raw value of a parameter that may stand there once.
fn one<'a>(query: &'a str, name: &'static str) -> Result<Option<&'a str>> {
    let mut found = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let first = found.next();
    if found.next().is_some() {
        return Err(Error::Parameter { name });
    }
    Ok(first)
}

/// A value of a query: `%xx`, and `+` for a space.
fn decoded(value: &str, name: &'static str) -> Result<String> {
    let spaced = value.replace('+', " ");
    let decoded = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| Error::Parameter { name })?;
    Ok(decoded.into_owned())
}

fn deflate(message: &str) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder
        .write_all(message.as_bytes())
        .and_then(|()| encoder.finish())
        .map_err(|_| Error::Deflate)
}

/// Raw DEFLATE (RFC 1951), to its end and not further.
fn inflate(packed: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(MAX_INFLATED + 1);
    let mut decoder = Decompress::new(false);
    let status = decoder
        .decompress_vec(packed, &mut out, FlushDecompress::Finish)
        .map_err(|_| Error::Deflate)?;
    let whole = usize::try_from(decoder.total_in()).is_ok_and(|read| read == packed.len());
    if status == Status::StreamEnd && whole && out.len() <= MAX_INFLATED {
        Ok(out)
    } else {
        Err(Error::Deflate)
    }
}
