//! The key that signs ID tokens, as clients find it (RFC 7517, RFC 7515).

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::token::rsa_parts;

const KEY: &str = "simulated-identity";

/// Made when it is first asked for: that takes a while.
#[derive(Debug, Default)]
pub(crate) struct Signer(OnceLock<Option<RsaKeyPair>>);

impl Signer {
    fn key(&self) -> Option<&RsaKeyPair> {
        let made = self.0.get_or_init(|| RsaKeyPair::generate(KeySize::Rsa2048).ok());
        made.as_ref()
    }

    /// The keys, as `/discovery/v2.0/keys` lists them.
    pub(crate) fn listed(&self) -> Value {
        let Some((n, e)) = self.key().and_then(|key| rsa_parts(key.public_key().as_ref())) else {
            return json!({"keys": []});
        };
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"keys": [{
            "kty": "RSA", "use": "sig", "kid": KEY, "alg": "RS256",
            "n": part(n),
            "e": part(e),
        }]})
    }

    /// A signed token with these claims. `None`: this machine cannot sign.
    pub(crate) fn sign(&self, claims: &Value) -> Option<String> {
        let key = self.key()?;
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": KEY});
        let content = format!("{}.{}", part(&header), part(claims));
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            content.as_bytes(),
            &mut signature,
        )
        .ok()?;
        Some(format!("{content}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
