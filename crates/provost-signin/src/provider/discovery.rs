//! What a provider says about itself: OpenID Connect Discovery 1.0 section 4, and its keys (RFC 7517).

use super::key::Key;
use super::unacceptable;
use crate::{Error, Result};
use provost_connect::http::{Answer, Client, Deadlines, Factory, Method, Origin, Policy, Request};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::Url;

/// Milliseconds for which a provider's word about itself is taken.
const LIFE: i64 = 3_600_000;
/// Milliseconds between two questions for a key that is not known: whoever makes one up does not make us ask more.
const ASK_AGAIN: i64 = 60_000;
/// Bytes of an answer: far more than any provider needs.
const ANSWER: usize = 1024 * 1024;
/// A person waits in front of the browser.
const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(5),
    call: Duration::from_secs(15),
    patience: Duration::from_secs(15),
};

/// What is known of providers, by issuer.
pub(crate) struct Known {
    factory: Factory,
    allow_private_network: bool,
    kept: Mutex<BTreeMap<String, Arc<Provider>>>,
}

/// A provider as it describes itself.
pub(crate) struct Provider {
    pub issuer: String,
    /// Where people are sent.
    pub authorization: Url,
    /// Where codes are redeemed.
    pub token: Url,
    /// Whether the client's secret goes into the body instead of a header.
    pub takes_secret_in_body: bool,
    /// Whether answers carry the issuer's name (RFC 9207).
    pub names_itself: bool,
    /// Whether single claims can be asked for (OpenID Connect Core 1.0 section 5.5).
    pub takes_claims: bool,
    pub keys: Vec<Key>,
    pub client: Client,
    read: i64,
}

impl Known {
    pub fn new(factory: Factory, allow_private_network: bool) -> Self {
        Self {
            factory: factory.with_deadlines(DEADLINES),
            allow_private_network,
            kept: Mutex::default(),
        }
    }

    /// The provider with this issuer, asked at most once an hour.
    pub(crate) async fn get(&self, issuer: &str, now: i64) -> Result<Arc<Provider>> {
        match self.kept(issuer, now, LIFE) {
            Some(known) => Ok(known),
            None => self.ask(issuer, now).await,
        }
    }

    /// The same with keys that are at most a minute old, for a token that names one that is not known.
    pub(super) async fn get_again(&self, issuer: &str, now: i64) -> Result<Arc<Provider>> {
        match self.kept(issuer, now, ASK_AGAIN) {
            Some(known) => Ok(known),
            None => self.ask(issuer, now).await,
        }
    }

    fn kept(&self, issuer: &str, now: i64, life: i64) -> Option<Arc<Provider>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(issuer)?;
        let age = now.saturating_sub(found.read);
        (0..life).contains(&age).then(|| Arc::clone(found))
    }

    /// Asks the provider, whatever is known.
    pub(super) async fn ask(&self, issuer: &str, now: i64) -> Result<Arc<Provider>> {
        let asked = Arc::new(self.read(issuer, now).await?);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(issuer.to_owned(), Arc::clone(&asked));
        Ok(asked)
    }

    async fn read(&self, issuer: &str, now: i64) -> Result<Provider> {
        let base = check_issuer(issuer)?;
        let text = format!(
            "{}/.well-known/openid-configuration",
            base.as_str().trim_end_matches('/')
        );
        let url = Url::parse(&text).map_err(|_| wrong_issuer())?;
        let document = get(
            &self.client(&[&url])?,
            url,
            "reading the sign-in provider's description",
        )
        .await?;
        if document.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err(unacceptable(
                "it calls itself by another issuer than the one that is configured",
            ));
        }
        let endpoint = |name| endpoint(&document, name);
        let (authorization, token) = (endpoint("authorization_endpoint")?, endpoint("token_endpoint")?);
        let keys = endpoint("jwks_uri")?;
        let client = self.client(&[&token, &keys])?;
        // The browser is sent there with what begins a sign-in: not in the clear over the internet.
        self.client(&[&authorization])?;
        let set = get(&client, keys, "reading the sign-in provider's keys").await?;
        let methods = words(&document, "token_endpoint_auth_methods_supported");
        Ok(Provider {
            issuer: issuer.to_owned(),
            authorization,
            token,
            takes_secret_in_body: methods.contains(&"client_secret_post"),
            names_itself: is_true(&document, "authorization_response_iss_parameter_supported"),
            takes_claims: is_true(&document, "claims_parameter_supported"),
            keys: Key::read_set(&set),
            client,
            read: now,
        })
    }

    /// Refuses an address that would not be called: one in the clear over the internet, or one in the private network
    /// where that is not allowed.
    pub(crate) fn check(&self, url: &Url) -> Result<()> {
        self.client(&[url]).map(drop)
    }

    /// A client that calls these addresses only.
    fn client(&self, urls: &[&Url]) -> Result<Client> {
        let origins = urls.iter().filter_map(|url| Origin::of(url)).collect();
        Ok(self.factory.client(Policy {
            origins,
            allow_private_network: self.allow_private_network,
            allowed_networks: Vec::new(),
        })?)
    }
}

/// The address of an issuer (OpenID Connect Core 1.0 section 1.2: no query, no fragment).
pub(super) fn check_issuer(issuer: &str) -> Result<Url> {
    let url = Url::parse(issuer).map_err(|_| wrong_issuer())?;
    let is_plain = url.query().is_none() && url.fragment().is_none() && Origin::of(&url).is_some();
    if is_plain { Ok(url) } else { Err(wrong_issuer()) }
}

fn wrong_issuer() -> Error {
    Error::refused(
        "PRV-SIGNIN-PROVIDER-ISSUER",
        "the issuer is no address of a sign-in provider",
        "Copy it from the provider, such as https://login.microsoftonline.com/<tenant>/v2.0.",
    )
}

async fn get(client: &Client, url: Url, operation: &str) -> Result<Map<String, Value>> {
    let request = Request::new(Method::GET, url).header("accept", "application/json");
    let answer = client.send(request).await?;
    object(&answer, operation)
}

/// The body of an answer that is good.
pub(super) fn object(answer: &Answer, operation: &str) -> Result<Map<String, Value>> {
    if let Some(error) = answer.redirected(operation) {
        return Err(error.into());
    }
    if answer.body.len() > ANSWER {
        return Err(unacceptable("it is far too long"));
    }
    if !answer.is_success() {
        return Err(answer.unintelligible(operation, "a refusal").into());
    }
    Ok(answer.object(operation)?)
}

fn endpoint(document: &Map<String, Value>, name: &str) -> Result<Url> {
    let text = document.get(name).and_then(Value::as_str).unwrap_or_default();
    let url = Url::parse(text).ok().filter(|url| Origin::of(url).is_some());
    url.ok_or_else(|| unacceptable(&format!("its description has no usable {name}")))
}

fn words<'a>(document: &'a Map<String, Value>, name: &str) -> Vec<&'a str> {
    let list = document.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

fn is_true(document: &Map<String, Value>, name: &str) -> bool {
    document.get(name).and_then(Value::as_bool) == Some(true)
}
