//! A signed token: RFC 7519 in the compact form of RFC 7515, with the care of RFC 8725.

use super::key::{Algorithm, Key};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Bytes of a token.
const MOST: usize = 64 * 1024;

/// A token that was taken apart; nothing in it can be believed yet.
pub(crate) struct Unverified {
    algorithm: Algorithm,
    key: Option<String>,
    signed: Vec<u8>,
    signature: Vec<u8>,
    claims: Map<String, Value>,
}

/// Why a token is not accepted, as the end of a sentence.
pub(crate) type Reason = &'static str;

impl Unverified {
    /// Takes a token apart.
    pub fn read(token: &str) -> Result<Self, Reason> {
        if token.len() > MOST {
            return Err("the ID token is far too long");
        }
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("the ID token is not a signed token");
        };
        let signed = format!("{header}.{claims}").into_bytes();
        let header = object(header).ok_or("the header of the ID token cannot be read")?;
        let claims = object(claims).ok_or("the ID token cannot be read")?;
        let signature = URL_SAFE_NO_PAD.decode(signature);
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        // Extensions that we would have to understand (RFC 7515 section 4.1.11): there are none that we do.
        if header.contains_key("crit") {
            return Err("the ID token asks for what is not understood");
        }
        // Other kinds of token are told by their type (RFC 8725 section 3.11).
        if text("typ").is_some_and(|kind| !kind.eq_ignore_ascii_case("jwt")) {
            return Err("it is a token of another kind");
        }
        let algorithm = text("alg").and_then(Algorithm::of);
        Ok(Self {
            algorithm: algorithm.ok_or("the ID token is not signed in a way that is accepted")?,
            key: text("kid").map(str::to_owned),
            signed,
            signature: signature.map_err(|_| "the signature of the ID token cannot be read")?,
            claims,
        })
    }

    /// A claim as it stands there, to find out whose keys it has to be verified with.
    pub fn claimed(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// Whether one of these keys is the one that the token names.
    pub fn is_known(&self, keys: &[Key]) -> bool {
        Key::find(keys, self.key.as_deref(), self.algorithm).is_some()
    }

    /// The claims, when one of these keys signed them.
    pub fn verify(self, keys: &[Key]) -> Result<Map<String, Value>, Reason> {
        let key = Key::find(keys, self.key.as_deref(), self.algorithm);
        let key = key.ok_or("the ID token is signed by a key that the provider does not list")?;
        if key.verify(self.algorithm, &self.signed, &self.signature) {
            Ok(self.claims)
        } else {
            Err("the signature of the ID token is wrong")
        }
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}
