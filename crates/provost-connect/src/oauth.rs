//! Access tokens by client credentials, shared by every call of a connection.
//!
//! Source: Microsoft identity platform, "OAuth 2.0 client credentials flow"; error codes from its
//! error code reference.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use crate::error::quote;
use crate::http::{Answer, Client, Request};
use crate::{Error, Result, Secret};

/// A token is renewed this long before it expires, or after 9/10 of a shorter life.
const EARLY: Duration = Duration::from_secs(300);
/// Life of a token whose answer does not tell.
const DEFAULT_LIFE: u64 = 3599;

/// Gets tokens and keeps the current one.
pub(crate) struct Tokens {
    client: Client,
    url: Url,
    client_id: String,
    secret: Secret,
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
    pub(crate) fn new(client: Client, url: Url, client_id: &str, secret: Secret, scope: String) -> Self {
        Self {
            client,
            url,
            client_id: client_id.to_owned(),
            secret,
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

    fn form(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", self.secret.expose());
        if !self.scope.is_empty() {
            form.append_pair("scope", &self.scope);
        }
        form.finish()
    }

    async fn fetch(&self) -> Result<Token> {
        let body = self.form();
        let request = Request::new(Method::POST, self.url.clone())
            .header("accept", "application/json")
            .body("application/x-www-form-urlencoded", body.into_bytes());
        let asked = Instant::now();
        let answer = self.client.send(request).await?;
        if let Some(error) = answer.redirected("signing in") {
            return Err(error);
        }
        if !answer.is_success() {
            return Err(failure(&answer));
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
fn failure(answer: &Answer) -> Error {
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
    // The description's first line holds the sentence; trace ids and times follow.
    let said = body["error_description"].as_str().unwrap_or(error);
    let said = quote(said.lines().next().unwrap_or_default());
    if answer.status == 429 || code == Some(90_055) {
        return throttled(answer);
    }
    if answer.status >= 500 || error == "temporarily_unavailable" {
        return unavailable(answer, &said);
    }
    let advice = match code {
        Some(7_000_215) => "the client secret is wrong (was the secret's id entered instead of its value?)",
        Some(7_000_222) => "the client secret has expired",
        Some(700_016) => "the application is not known in this tenant",
        Some(7_000_112) => "the application is disabled",
        Some(90_002) => "the tenant is not known here (wrong tenant or wrong cloud)",
        Some(70_011 | 28_002 | 700_022 | 500_011 | 50_001) => {
            "the Graph address does not belong to this cloud"
        }
        _ => "sign-in failed",
    };
    Error::Credential {
        host,
        reason: format!("{advice}: {said}"),
    }
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
