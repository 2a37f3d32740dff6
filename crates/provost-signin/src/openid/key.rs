//! The keys that sign tokens: one line for each algorithm. A new key is published a day before it signs, so that whoever has
//! fetched the keys within a day knows it; the one before it stays published until nothing that it signed is taken any more.

use super::{Algorithm, Openid};
use crate::{Error, Result, random};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use provost_store::Tx;
use provost_store::application::key::{self, New, SigningKey};
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError};

/// Milliseconds for which a new key is published before it signs.
const LEAD: i64 = 24 * 3_600_000;
/// Milliseconds for which a key stays published after the next one began: longer than any token lives, and long enough for
/// the ID token that somebody signs out with.
const TRAIL: i64 = 7 * 24 * 3_600_000;
/// Milliseconds after which a key is replaced by itself.
const AGE: i64 = 90 * 24 * 3_600_000;

/// How a new key takes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roll {
    /// A day after it was published.
    Orderly,
    /// At once, and those before it are not published any more: for a key that somebody else has.
    Now,
}

/// A private key that is open.
pub(crate) enum Loaded {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
}

/// A new pair.
#[derive(Clone)]
struct Made {
    kid: String,
    public: String,
    private: String,
}

impl Openid {
    /// The keys of a workspace, oldest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn keys(&self, workspace: i64) -> Result<Vec<SigningKey>> {
        self.signin.read(move |tx| Ok(key::list(tx, workspace)?)).await
    }

    /// The published keys of a workspace (RFC 7517 section 5). There is one for each algorithm from the first look on.
    ///
    /// # Errors
    /// [`Error::Store`]; [`Error::Machine`] when no key can be made.
    pub async fn published(&self, workspace: i64, now: i64) -> Result<Value> {
        for algorithm in Algorithm::ALL {
            self.current(workspace, *algorithm, now).await?;
        }
        let keys = self.keys(workspace).await?;
        let live = keys.iter().filter(|one| one.ends.is_none_or(|ends| now < ends));
        let public = live.filter_map(|one| serde_json::from_str::<Value>(&one.public).ok());
        Ok(json!({"keys": public.collect::<Vec<_>>()}))
    }

    /// Makes a new key for each algorithm that the workspace uses.
    ///
    /// # Errors
    /// [`Error::Store`]; [`Error::Machine`] when no key can be made.
    pub async fn roll(&self, workspace: i64, roll: Roll, actor: &str, now: i64) -> Result<Vec<SigningKey>> {
        let mut made = Vec::new();
        for algorithm in Algorithm::ALL {
            made.push(self.add(workspace, *algorithm, roll, actor, now).await?);
        }
        Ok(made)
    }

    /// Replaces keys that are old, and forgets those whose time is over.
    ///
    /// # Errors
    /// As [`Openid::roll`].
    pub async fn tend_keys(&self, now: i64) -> Result<()> {
        let workspaces = self.signin.read(|tx| Ok(key::workspaces(tx)?)).await?;
        for workspace in workspaces {
            let keys = self.keys(workspace).await?;
            for algorithm in Algorithm::ALL {
                let newest = keys.iter().rfind(|one| one.algorithm == *algorithm);
                if newest.is_some_and(|one| now.saturating_sub(one.created) >= AGE) {
                    self.add(workspace, *algorithm, Roll::Orderly, "schedule", now)
                        .await?;
                }
            }
            let over: Vec<SigningKey> = keys
                .into_iter()
                .filter(|one| one.ends.is_some_and(|ends| now >= ends))
                .collect();
            self.signin
                .write(move |tx| {
                    for one in &over {
                        key::remove(tx, now, workspace, one)?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(())
    }

    async fn add(
        &self,
        workspace: i64,
        algorithm: Algorithm,
        roll: Roll,
        actor: &str,
        now: i64,
    ) -> Result<SigningKey> {
        let made = make_aside(algorithm).await?;
        let (sealing, actor) = (Arc::clone(&self.signin.0.key), actor.to_owned());
        self.signin
            .write(move |tx| {
                let is_first = signing(&key::list(tx, workspace)?, algorithm, now).is_none();
                let (begins, others_end) = match roll {
                    Roll::Orderly if !is_first => (now + LEAD, now + LEAD + TRAIL),
                    _ => (now, now),
                };
                Ok(keep(
                    tx, &sealing, &actor, now, workspace, algorithm, &made, begins, others_end,
                )?)
            })
            .await
    }

    /// The key that signs now, opened. The first one is made at the first use.
    async fn current(
        &self,
        workspace: i64,
        algorithm: Algorithm,
        now: i64,
    ) -> Result<(SigningKey, Arc<Loaded>)> {
        let keys = self.keys(workspace).await?;
        let found = match signing(&keys, algorithm, now) {
            Some(found) => found.clone(),
            None => self.first(workspace, algorithm, now).await?,
        };
        let loaded = self.load(&found).await?;
        Ok((found, loaded))
    }

    /// Makes the first key, unless somebody else was quicker.
    async fn first(&self, workspace: i64, algorithm: Algorithm, now: i64) -> Result<SigningKey> {
        let made = make_aside(algorithm).await?;
        let sealing = Arc::clone(&self.signin.0.key);
        self.signin
            .write(move |tx| {
                if let Some(found) = signing(&key::list(tx, workspace)?, algorithm, now) {
                    return Ok(found.clone());
                }
                Ok(keep(
                    tx, &sealing, "schedule", now, workspace, algorithm, &made, now, now,
                )?)
            })
            .await
    }

    async fn load(&self, of: &SigningKey) -> Result<Arc<Loaded>> {
        let kept = &self.signin.0.openid.keys;
        if let Some(known) = kept.lock().unwrap_or_else(PoisonError::into_inner).get(&of.key) {
            return Ok(Arc::clone(known));
        }
        let (sealing, key) = (Arc::clone(&self.signin.0.key), of.key);
        let private = self
            .signin
            .read(move |tx| Ok(key::private(tx, &sealing, key)?))
            .await?;
        let loaded = private.and_then(|text| open(of.algorithm, &text));
        let loaded = Arc::new(loaded.ok_or_else(|| broken("cannot be opened"))?);
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(of.key, Arc::clone(&loaded));
        Ok(loaded)
    }

    /// Signs a token (RFC 7515, compact form). `kind` is its `typ`.
    pub(super) async fn sign(
        &self,
        workspace: i64,
        algorithm: Algorithm,
        kind: &str,
        claims: &Value,
        now: i64,
    ) -> Result<String> {
        let (key, loaded) = self.current(workspace, algorithm, now).await?;
        let header = json!({"alg": algorithm.as_str(), "typ": kind, "kid": key.kid});
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signature = loaded
            .sign(signed.as_bytes())
            .ok_or_else(|| broken("cannot sign"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The key of an algorithm that signs now: the one that began last.
fn signing(keys: &[SigningKey], algorithm: Algorithm, now: i64) -> Option<&SigningKey> {
    let fitting = keys
        .iter()
        .filter(|one| one.algorithm == algorithm && one.begins <= now);
    fitting
        .filter(|one| one.ends.is_none_or(|ends| now < ends))
        .max_by_key(|one| (one.begins, one.key))
}

#[allow(clippy::too_many_arguments, reason = "each is one column")]
fn keep(
    tx: &mut Tx,
    sealing: &provost_store::secret::Key,
    actor: &str,
    now: i64,
    workspace: i64,
    algorithm: Algorithm,
    made: &Made,
    begins: i64,
    others_end: i64,
) -> provost_store::Result<SigningKey> {
    let new = New {
        algorithm,
        kid: &made.kid,
        public: &made.public,
        private: &made.private,
        begins,
        others_end,
    };
    key::add(tx, sealing, actor, now, workspace, &new)
}

impl Loaded {
    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Self::Ec(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message).ok()?;
                Some(signature.as_ref().to_vec())
            }
        }
    }
}

/// An RSA key takes a good part of a second.
async fn make_aside(algorithm: Algorithm) -> Result<Made> {
    let made = tokio::task::spawn_blocking(move || make(algorithm)).await;
    made.ok().flatten().ok_or_else(|| broken("cannot be made"))
}

fn make(algorithm: Algorithm) -> Option<Made> {
    let (private, mut public) = match algorithm {
        Algorithm::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
            let (n, e) = integers(pair.public_key().as_ref())?;
            let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            let public = json!({"kty": "RSA", "n": encode(n), "e": encode(e)});
            (STANDARD.encode(pair.as_der().ok()?.as_ref()), public)
        }
        Algorithm::Es256 => {
            let document =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).ok()?;
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).ok()?;
            let point = pair.public_key().as_ref().strip_prefix(&[4])?;
            let (x, y) = point.split_at_checked(32)?;
            let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
            let public = json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)});
            (STANDARD.encode(document.as_ref()), public)
        }
    };
    let kid = thumbprint(&public);
    let object = public.as_object_mut()?;
    object.insert("kid".to_owned(), json!(kid));
    object.insert("use".to_owned(), json!("sig"));
    object.insert("alg".to_owned(), json!(algorithm.as_str()));
    Some(Made {
        kid,
        public: public.to_string(),
        private,
    })
}

/// RFC 7638: the required members alone, in the order of their names, which is the one in which they are kept.
fn thumbprint(public: &Value) -> String {
    let sorted: std::collections::BTreeMap<_, _> = public.as_object().into_iter().flatten().collect();
    let text = serde_json::to_string(&sorted).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}

fn open(algorithm: Algorithm, private: &str) -> Option<Loaded> {
    let der = STANDARD.decode(private).ok()?;
    match algorithm {
        Algorithm::Rs256 => RsaKeyPair::from_pkcs8(&der).ok().map(Loaded::Rsa),
        Algorithm::Es256 => {
            let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok()?;
            Some(Loaded::Ec(pair))
        }
    }
}

/// Modulus and exponent of an RSAPublicKey (RFC 8017 appendix A.1.1) in DER.
fn integers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (content, _) = element(der, 0x30)?;
    let (modulus, rest) = element(content, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    Some((unsigned(modulus), unsigned(exponent)))
}

/// The content of the element with this tag at the beginning, and what follows.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    if *length < 0x80 {
        return rest.split_at_checked(usize::from(*length));
    }
    let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
    let length = bytes.iter().try_fold(0_usize, |sum, byte| {
        sum.checked_mul(256)?.checked_add(usize::from(*byte))
    })?;
    rest.split_at_checked(length)
}

fn unsigned(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}

fn broken(what: &str) -> Error {
    Error::Machine(format!("a key that signs tokens {what}"))
}

/// The hash that ties an access token to an ID token (OpenID Connect Core 1.0 section 3.1.3.6).
pub(super) fn half_hash(token: &str) -> String {
    let whole = random::hash(token);
    URL_SAFE_NO_PAD.encode(whole.get(..16).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::provider::{Key, Unverified};

    #[test]
    fn what_is_signed_is_verified_by_what_is_published() {
        for algorithm in Algorithm::ALL {
            let made = make(*algorithm).unwrap();
            let public: Value = serde_json::from_str(&made.public).unwrap();
            assert!(public.get("d").is_none());
            let header = json!({"alg": algorithm.as_str(), "kid": made.kid}).to_string();
            let signed = format!(
                "{}.{}",
                URL_SAFE_NO_PAD.encode(header),
                URL_SAFE_NO_PAD.encode("{\"a\":1}")
            );
            let signature = open(*algorithm, &made.private)
                .unwrap()
                .sign(signed.as_bytes())
                .unwrap();
            let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
            let set = json!({"keys": [public]});
            let keys = Key::read_set(set.as_object().unwrap());
            assert_eq!(Unverified::read(&token).unwrap().verify(&keys).unwrap()["a"], 1);
            let other = format!("{}x", &token[..token.len() - 1]);
            let other = Unverified::read(&other).and_then(|token| token.verify(&keys));
            assert!(other.is_err());
        }
    }

    #[test]
    fn a_thumbprint_is_the_one_of_the_standard() {
        // RFC 7638 section 3.1.
        let public = json!({"kty": "RSA", "e": "AQAB", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"});
        assert_eq!(thumbprint(&public), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }
}
