//! Access tokens by client credentials, shared by every call of a connection.
//!
//! Source: Microsoft identity platform, "OAuth 2.0 client credentials flow"; error codes from its
//! error code reference. RFC 7521 section 4.2 for a signed statement in place of a secret.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use crate::error::quote;
use crate::graph::cause;
use crate::graph::credential::Credential;
use crate::http::{Answer, Client, Request};
use crate::{Error, Result, Secret};

/// A token is renewed this long before it expires, or after 9/10 of a shorter life.
const EARLY: Duration = Duration::from_secs(300);
/// Life of a token whose answer does not tell.
const DEFAULT_LIFE: u64 = 3599;

/// What a signed statement is called in the form (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Gets tokens and keeps the current one.
pub(crate) struct Tokens {
    client: Client,
    url: Url,
    client_id: String,
    credential: Credential,
    scope: String,
    /// Held while a token is fetched, so that at most one request is in flight.
    current: Mutex<Option<Token>>,
}

struct Token {
    value: Secret,
    good_until: Instant,
}

impl Tokens {
    /// `url` is the address that gives tokens; an empty scope is not sent.
    pub(crate) fn new(
        client: Client,
        url: Url,
        client_id: &str,
        credential: impl Into<Credential>,
        scope: String,
    ) -> Self {
        Self {
            client,
            url,
            client_id: client_id.to_owned(),
            credential: credential.into(),
            scope,
            current: Mutex::new(None),
        }
    }

    /// A token that is good for some minutes.
    pub(crate) async fn get(&self) -> Result<Secret> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|t| t.good_until > Instant::now()) {
            return Ok(token.value.clone());
        }
        let token = self.fetch().await?;
        let value = token.value.clone();
        *current = Some(token);
        Ok(value)
    }

    /// Forgets a token that was refused, unless it has been replaced already.
    pub(crate) async fn forget(&self, refused: &Secret) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|t| t.value == *refused) {
            *current = None;
        }
    }

    /// The client and the address that tokens come from, for trying the line.
    pub(crate) fn place(&self) -> (&Client, &Url) {
        (&self.client, &self.url)
    }

    fn form(&self, now: Timestamp) -> Result<String> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id);
        match &self.credential {
            Credential::Secret(secret) => form.append_pair("client_secret", secret.expose()),
            Credential::Certificate(certificate) => {
                let statement = certificate.assertion(&self.client_id, &self.url, now)?;
                form.append_pair("client_assertion_type", ASSERTION_TYPE)
                    .append_pair("client_assertion", statement.expose())
            }
        };
        if !self.scope.is_empty() {
            form.append_pair("scope", &self.scope);
        }
        Ok(form.finish())
    }

    async fn fetch(&self) -> Result<Token> {
        let now = Timestamp::now();
        let body = self.form(now)?;
        let request = Request::new(Method::POST, self.url.clone())
            .header("accept", "application/json")
            .body("application/x-www-form-urlencoded", body.into_bytes());
        let asked = Instant::now();
        let answer = self.client.send(request).await?;
        if let Some(error) = answer.redirected("signing in") {
            return Err(error);
        }
        if !answer.is_success() {
            return Err(failure(&answer, now));
        }
        let object = answer.object("signing in")?;
        let value = object
            .get("access_token")
            .and_then(Value::as_str)
            .filter(|token| !token.is_empty())
            .ok_or_else(|| answer.unintelligible("signing in", "an answer without a token"))?;
        let life = Duration::from_secs(seconds(object.get("expires_in")));
        let early = EARLY.min(life / 10);
        Ok(Token {
            value: Secret::new(value),
            good_until: asked + life.saturating_sub(early),
        })
    }
}

/// `expires_in` is a number, in older answers a string.
fn seconds(value: Option<&Value>) -> u64 {
    match value {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    }
    .unwrap_or(DEFAULT_LIFE)
}

/// The sign-in service's own words, by what the administrator can do about it.
fn failure(answer: &Answer, now: Timestamp) -> Error {
    let host = answer.place();
    let operation = "signing in".to_owned();
    let Some(body) = answer.try_json().filter(Value::is_object) else {
        return match answer.status {
            429 => throttled(answer),
            500.. => unavailable(answer, "no reason given"),
            _ => answer.unintelligible(&operation, "something that is not JSON"),
        };
    };
    let error = body["error"].as_str().unwrap_or_default();
    let code = body["error_codes"][0].as_u64();
    let said = said(&body, error);
    // 90006, 90024 and 90033 are the service's own passing troubles, 90055 its throttling.
    if answer.status == 429 || code == Some(90_055) {
        return throttled(answer);
    }
    let passing = matches!(code, Some(90_006 | 90_024 | 90_033));
    if answer.status >= 500 || error == "temporarily_unavailable" || passing {
        return unavailable(answer, &said);
    }
    // Other services that give tokens have no numbers; their words are all there is.
    let cause = code.map(|_| cause::of_sign_in(code, error));
    let skew = cause.filter(|cause| cause.code == cause::CLOCK.code);
    let skew = skew.and_then(|_| skew_of(answer, now)).unwrap_or_default();
    let reason = match (cause, code) {
        (Some(known), Some(code)) if known.code != cause::SIGN_IN.code => {
            format!("{}{skew} (AADSTS{code}{})", known.sentence, correlation(&body))
        }
        _ => format!("sign-in failed{skew}: {said}"),
    };
    Error::Credential { host, reason, cause }
}

/// The id under which Microsoft finds the attempt.
fn correlation(body: &Value) -> String {
    let id = body["correlation_id"].as_str();
    id.map(|id| format!(", correlation id {}", quote(id)))
        .unwrap_or_default()
}

/// The sentence of a refusal, and the id under which Microsoft finds it.
fn said(body: &Value, error: &str) -> String {
    // The description's first line holds the sentence; trace ids and times follow.
    let text = body["error_description"].as_str().unwrap_or(error);
    let text = text.lines().next().unwrap_or_default();
    let sentence = text.split(" Trace ID:").next().unwrap_or(text);
    match body["correlation_id"].as_str() {
        Some(id) => format!(
            "{} (correlation id {})",
            quote(sentence.trim_end_matches('.')),
            quote(id)
        ),
        None => quote(text),
    }
}

/// How far this machine's clock is from that of the service, by the answer's `Date`; nothing below a minute.
fn skew_of(answer: &Answer, now: Timestamp) -> Option<String> {
    let theirs = jiff::fmt::rfc2822::parse(answer.header("date")?)
        .ok()?
        .timestamp();
    let seconds = now.as_second() - theirs.as_second();
    let minutes = seconds.abs() / 60;
    let side = if seconds > 0 { "ahead" } else { "behind" };
    (minutes > 0).then(|| format!(" ({minutes} minutes {side})"))
}

fn throttled(answer: &Answer) -> Error {
    Error::Throttled {
        host: answer.place(),
        after: answer.retry_after(),
    }
}

fn unavailable(answer: &Answer, reason: &str) -> Error {
    Error::Unavailable {
        host: answer.place(),
        operation: "signing in".to_owned(),
        status: answer.status,
        reason: reason.to_owned(),
        after: answer.retry_after(),
    }
}
