//! An authenticator with its browser: keys on P-256 that are found without a name (Web Authentication Level 3, section 6).
//! It does what it is told, also what no honest one would do.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};

/// The user is there, and was verified (section 6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
/// The key may be copied to other devices, and was.
const ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
/// A new credential follows.
const ATTESTED: u8 = 0x40;

/// An authenticator with one key.
pub struct Authenticator {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    /// Where the page that asks comes from.
    pub origin: String,
    /// For which host the key is asked; none: as the page says.
    pub host: Option<String>,
    /// Whether it asks for the finger or the PIN.
    pub verifies: bool,
    /// Whether its key may be copied to other devices, and whether it was (section 6.1.3).
    pub backup: (bool, bool),
    /// How often it was used; none: it does not count.
    pub counter: Option<u32>,
    /// Whose the key is.
    pub handle: Vec<u8>,
}

impl Authenticator {
    pub fn new(origin: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = digest(&SHA256, pair.public_key().as_ref()).as_ref().to_vec();
        Self {
            pair,
            id,
            origin: origin.to_owned(),
            host: None,
            verifies: true,
            backup: (false, false),
            counter: None,
            handle: Vec::new(),
        }
    }

    /// The credential's id as it stands in JSON.
    pub fn id(&self) -> String {
        BASE64.encode(&self.id)
    }

    /// What `navigator.credentials.create` answers.
    pub fn create(&mut self, options: &Value) -> Value {
        let options = &options["publicKey"];
        self.handle = BASE64.decode(options["user"]["id"].as_str().unwrap()).unwrap();
        let host = options["rp"]["id"].as_str().unwrap();
        let mut data = self.data(host, ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.public_key());
        let client = self.client("webauthn.create", options);
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "response": {
                "attestationObject": BASE64.encode(attestation(&data)),
                "clientDataJSON": BASE64.encode(client),
                "transports": ["internal"],
            },
            "clientExtensionResults": {},
        })
    }

    /// What `navigator.credentials.get` answers.
    pub fn get(&mut self, options: &Value) -> Value {
        let options = &options["publicKey"];
        if let Some(counter) = &mut self.counter {
            *counter += 1;
        }
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let client = self.client("webauthn.get", options);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, &client).as_ref());
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "response": {
                "authenticatorData": BASE64.encode(data),
                "clientDataJSON": BASE64.encode(client),
                "signature": BASE64.encode(signature),
                "userHandle": BASE64.encode(&self.handle),
            },
            "clientExtensionResults": {},
        })
    }

    /// Authenticator data (section 6.1).
    fn data(&self, host: &str, flags: u8) -> Vec<u8> {
        let host = self.host.as_deref().unwrap_or(host);
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = digest(&SHA256, host.as_bytes()).as_ref().to_vec();
        let eligible = if self.backup.0 { ELIGIBLE } else { 0 };
        let backed = if self.backup.1 { BACKED_UP } else { 0 };
        data.push(PRESENT | verified | eligible | backed | flags);
        data.extend(self.counter.unwrap_or(0).to_be_bytes());
        data
    }

    /// What the browser says (section 5.8.1).
    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        let client = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        client.to_string().into_bytes()
    }

    /// The public key in COSE form (RFC 9053 section 7.1.1): EC2, ES256, P-256.
    fn public_key(&self) -> Vec<u8> {
        let point = self.pair.public_key().as_ref();
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        key.extend(&point[1..33]);
        key.extend([0x22, 0x58, 0x20]);
        key.extend(&point[33..65]);
        key
    }
}

/// An attestation object that attests nothing (section 8.7), in CBOR.
fn attestation(data: &[u8]) -> Vec<u8> {
    let mut object = vec![0xa3, 0x63];
    object.extend(b"fmt");
    object.push(0x64);
    object.extend(b"none");
    object.push(0x67);
    object.extend(b"attStmt");
    object.push(0xa0);
    object.push(0x68);
    object.extend(b"authData");
    object.push(0x59);
    object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
    object.extend(data);
    object
}
