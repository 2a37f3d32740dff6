//! A sign-in provider: a small OpenID Connect server with a discovery document, keys and a token endpoint. It keeps
//! what it handed out, checks what a provider checks, and can be told to answer as none should.

use crate::bench::START;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use url::Url;

pub const CLIENT: &str = "provost-console";
pub const SECRET: &str = "s3cret/with+signs";

/// What the server does next.
pub struct Script {
    /// The name in the description; none: its own.
    pub issuer: Option<String>,
    /// The algorithm of the signature.
    pub algorithm: &'static str,
    /// Changes the header and the claims of the ID token before it is signed.
    pub change: fn(&mut Value, &mut Value),
    /// Changes the finished ID token.
    pub spoil: fn(String) -> String,
    /// How often the signing key was changed.
    pub generation: usize,
    /// What the description says beside the necessary.
    pub description: Value,
    /// How often the keys were read.
    pub key_reads: usize,
    /// The last `Authorization` header and form that redeemed a code.
    pub redeemed: Option<(Option<String>, BTreeMap<String, String>)>,
}

/// A code that was handed out.
struct Code {
    nonce: String,
    challenge: String,
    redirect: String,
    claims: Value,
}

struct Keys {
    rsa: Vec<RsaKeyPair>,
    p256: EcdsaKeyPair,
    ed: Ed25519KeyPair,
}

struct Inner {
    base: String,
    keys: Keys,
    script: Mutex<Script>,
    codes: Mutex<BTreeMap<String, Code>>,
}

/// The running server. A clone is the same.
#[derive(Clone)]
pub struct Server(Arc<Inner>);

impl Server {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let keys = Keys {
            rsa: (0..2)
                .map(|_| RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
                .collect(),
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            ed: Ed25519KeyPair::generate().unwrap(),
        };
        let script = Script {
            issuer: None,
            algorithm: "RS256",
            change: |_, _| {},
            spoil: |token| token,
            generation: 0,
            description: json!({}),
            key_reads: 0,
            redeemed: None,
        };
        let server = Self(Arc::new(Inner {
            base,
            keys,
            script: Mutex::new(script),
            codes: Mutex::default(),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/keys", get(keys_of))
            .route("/token", post(token))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        server
    }

    pub fn issuer(&self) -> String {
        self.0.base.clone()
    }

    pub fn script<T>(&self, with: impl FnOnce(&mut Script) -> T) -> T {
        with(&mut self.0.script.lock().unwrap())
    }

    /// What happens in the browser between the two halves: somebody signs in, and is sent back with this query.
    pub fn sign_in(&self, url: &Url, subject: &str) -> String {
        self.sign_in_at(url, subject, Some(START))
    }

    /// The same, with the time of the sign-in in milliseconds, or none.
    pub fn sign_in_at(&self, url: &Url, subject: &str, at: Option<i64>) -> String {
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        let mut claims = json!({
            "iss": self.0.base,
            "aud": CLIENT,
            "sub": subject,
            "email": format!("{subject}@contoso.example"),
            "iat": START / 1_000,
            "exp": START / 1_000 + 300,
        });
        if let Some(at) = at {
            claims["auth_time"] = json!(at / 1_000);
        }
        let mut codes = self.0.codes.lock().unwrap();
        let code = format!("code-{}", codes.len() + 1);
        codes.insert(
            code.clone(),
            Code {
                nonce: asked["nonce"].clone(),
                challenge: asked["code_challenge"].clone(),
                redirect: asked["redirect_uri"].clone(),
                claims,
            },
        );
        format!("code={code}&state={}", asked["state"])
    }

    fn key_id(&self, algorithm: &str, generation: usize) -> String {
        format!("{algorithm}-{generation}")
    }

    fn sign(&self, script: &Script, claims: Value) -> String {
        let mut header = json!({
            "alg": script.algorithm,
            "typ": "JWT",
            "kid": self.key_id(script.algorithm, script.generation),
        });
        let mut claims = claims;
        (script.change)(&mut header, &mut claims);
        let part = |value: &Value| BASE64.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.signature(script, signed.as_bytes());
        (script.spoil)(format!("{signed}.{}", BASE64.encode(signature)))
    }

    fn signature(&self, script: &Script, message: &[u8]) -> Vec<u8> {
        let (keys, random) = (&self.0.keys, SystemRandom::new());
        let rsa = &keys.rsa[script.generation];
        let mut signature = vec![0; rsa.public_modulus_len()];
        match script.algorithm {
            "RS256" => rsa
                .sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                .unwrap(),
            "PS256" => rsa
                .sign(&RSA_PSS_SHA256, &random, message, &mut signature)
                .unwrap(),
            "ES256" => return keys.p256.sign(&random, message).unwrap().as_ref().to_vec(),
            "EdDSA" => return keys.ed.sign(message).as_ref().to_vec(),
            other => panic!("no key for {other}"),
        }
        signature
    }
}

async fn describe(State(server): State<Server>) -> Json<Value> {
    let base = &server.0.base;
    let mut document = json!({
        "issuer": server.script(|script| script.issuer.clone()).unwrap_or_else(|| base.clone()),
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/keys"),
    });
    let more = server.script(|script| script.description.clone());
    for (name, value) in more.as_object().unwrap() {
        document[name] = value.clone();
    }
    Json(document)
}

async fn keys_of(State(server): State<Server>) -> Json<Value> {
    let generation = server.script(|script| {
        script.key_reads += 1;
        script.generation
    });
    let keys = &server.0.keys;
    let (n, e) = rsa_parts(keys.rsa[generation].public_key().as_ref());
    let point = keys.p256.public_key().as_ref();
    let rsa = |algorithm: &str| {
        json!({
            "kty": "RSA", "use": "sig", "alg": algorithm, "kid": server.key_id(algorithm, generation),
            "n": BASE64.encode(&n), "e": BASE64.encode(&e),
        })
    };
    Json(json!({"keys": [
        rsa("RS256"),
        rsa("PS256"),
        {
            "kty": "EC", "crv": "P-256", "use": "sig", "kid": server.key_id("ES256", generation),
            "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..65]),
        },
        {
            "kty": "OKP", "crv": "Ed25519", "kid": server.key_id("EdDSA", generation),
            "x": BASE64.encode(keys.ed.public_key().as_ref()),
        },
        {"kty": "oct", "kid": "HS256-0", "k": BASE64.encode(&n)},
        {"kty": "RSA", "use": "enc", "kid": "encryption", "n": BASE64.encode(&n), "e": BASE64.encode(&e)},
    ]}))
}

/// Modulus and exponent out of an `RSAPublicKey` in DER (RFC 8017 appendix A.1.1).
fn rsa_parts(der: &[u8]) -> (Vec<u8>, Vec<u8>) {
    fn take(der: &[u8]) -> (&[u8], &[u8]) {
        let (start, length) = match der[1] {
            0x82 => (4, usize::from(der[2]) << 8 | usize::from(der[3])),
            0x81 => (3, usize::from(der[2])),
            short => (2, usize::from(short)),
        };
        der[start..].split_at(length)
    }
    let (sequence, _) = take(der);
    let (n, rest) = take(sequence);
    let (e, _) = take(rest);
    let unsigned = |bytes: &[u8]| bytes.iter().copied().skip_while(|b| *b == 0).collect();
    (unsigned(n), unsigned(e))
}

type Redeemed = Result<Json<Value>, (StatusCode, Json<Value>)>;

fn refuse(error: &str) -> Redeemed {
    Err((StatusCode::BAD_REQUEST, Json(json!({"error": error}))))
}

async fn token(
    State(server): State<Server>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Redeemed {
    let header = headers
        .get("authorization")
        .map(|value| value.to_str().unwrap().to_owned());
    server.script(|script| script.redeemed = Some((header.clone(), form.clone())));
    if !knows_secret(header.as_deref(), &form) {
        return refuse("invalid_client");
    }
    // A code is good once.
    let Some(code) = server.0.codes.lock().unwrap().remove(&form["code"]) else {
        return refuse("invalid_grant");
    };
    let challenge = BASE64.encode(digest(&SHA256, form["code_verifier"].as_bytes()).as_ref());
    if challenge != code.challenge || form["redirect_uri"] != code.redirect {
        return refuse("invalid_grant");
    }
    let mut claims = code.claims;
    claims["nonce"] = json!(code.nonce);
    let id_token = server.script(|script| server.sign(script, claims));
    Ok(Json(
        json!({"access_token": "at", "token_type": "Bearer", "id_token": id_token}),
    ))
}

/// The secret, as a header (RFC 6749 section 2.3.1) or in the form.
fn knows_secret(header: Option<&str>, form: &BTreeMap<String, String>) -> bool {
    let Some(pair) = header.and_then(|header| header.strip_prefix("Basic ")) else {
        return form.get("client_secret").map(String::as_str) == Some(SECRET);
    };
    let pair = String::from_utf8(STANDARD.decode(pair).unwrap()).unwrap();
    let (id, secret) = pair.split_once(':').unwrap();
    let read = |half: &str| {
        let pair = format!("x={half}");
        let read = url::form_urlencoded::parse(pair.as_bytes()).next().unwrap().1;
        read.into_owned()
    };
    read(id) == CLIENT && read(secret) == SECRET
}
