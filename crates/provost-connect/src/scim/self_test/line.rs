//! The line to the server under test: sends, counts, waits when asked to, and keeps what was said.

use std::time::Duration;

use url::Url;

use super::call::{Body, Call, Offer};
use super::reply::Reply;
use super::report::Exchange;
use super::{Credential, Server, shown};
use crate::http::{Answer, Client, Factory, Request};
use crate::open::{base_url, policy};
use crate::{Error, Result, Secret};

/// How often one request is repeated when the server asks to slow down.
const ATTEMPTS: usize = 6;
/// The longest pause that is waited out.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The pause when the server does not say how long.
const USUAL_PAUSE: Duration = Duration::from_secs(2);

/// The line to one server.
pub(super) struct Line {
    client: Client,
    base: Url,
    credential: Credential,
    /// Requests sent so far.
    pub requests: u64,
    /// What the check under way said and heard.
    pub exchanges: Vec<Exchange>,
    /// Requests whose answer had a body of another media type than SCIM's, which they asked for.
    pub odd_types: Vec<String>,
}

impl Line {
    pub(super) fn open(server: &Server, http: &Factory) -> Result<Self> {
        let base = base_url("url", &server.url)?;
        let client = http.client(policy("url", &base, server.allow_private_network, &[])?)?;
        Ok(Self {
            client,
            base,
            credential: server.credential.clone(),
            requests: 0,
            exchanges: Vec::new(),
            odd_types: Vec::new(),
        })
    }

    /// The base address, for reports.
    pub(super) fn base(&self) -> String {
        self.base.to_string()
    }

    /// Sends a call and keeps the exchange. A server that asks to slow down is obeyed.
    pub(super) async fn send(&mut self, call: &Call) -> Result<Reply> {
        let url = self.url(call)?;
        let started = tokio::time::Instant::now();
        let outcome = self.patiently(call, &url).await;
        let took = started.elapsed();
        let mut exchange = Exchange {
            method: call.method.to_string(),
            path: self.shown_path(&url),
            body: shown::sent(call.body.as_ref()),
            status: None,
            answer: None,
            error: None,
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            preparation: false,
        };
        let outcome = match outcome {
            Ok(answer) => {
                let reply = reply(&answer, took);
                exchange.status = Some(reply.status);
                exchange.answer = shown::answered(&reply, self.secret());
                if call.media_type == super::call::SCIM {
                    self.note_type(&exchange, &reply);
                }
                Ok(reply)
            }
            Err(error) => {
                exchange.error = Some(error.to_string());
                Err(error)
            }
        };
        self.exchanges.push(exchange);
        outcome
    }

    async fn patiently(&mut self, call: &Call, url: &Url) -> Result<Answer> {
        for _ in 1..ATTEMPTS {
            let answer = self.once(call, url).await?;
            if answer.status != 429 {
                return Ok(answer);
            }
            let pause = answer.retry_after().unwrap_or(USUAL_PAUSE);
            tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
        }
        self.once(call, url).await
    }

    async fn once(&mut self, call: &Call, url: &Url) -> Result<Answer> {
        self.requests += 1;
        self.client.send(self.request(call, url)?).await
    }

    fn url(&self, call: &Call) -> Result<Url> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Error::Settings {
                field: "url".to_owned(),
                reason: "it has no path".to_owned(),
            })?
            .pop_if_empty()
            .extend(&call.path);
        for (name, value) in &call.query {
            match value.as_str() {
                "" => url.query_pairs_mut().append_key_only(name),
                value => url.query_pairs_mut().append_pair(name, value),
            };
        }
        Ok(url)
    }

    fn request(&self, call: &Call, url: &Url) -> Result<Request> {
        let mut request = Request::new(call.method.clone(), url.clone()).header("accept", call.media_type);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        request = match (call.offer, &self.credential) {
            (Offer::Nothing, _) => request,
            (Offer::Right, Credential::Bearer(token)) => request.bearer(token)?,
            (Offer::Right, Credential::Basic { user, password }) => request.basic(user, password)?,
            (Offer::Wrong, Credential::Bearer(_)) => request.bearer(&Secret::new(WRONG))?,
            (Offer::Wrong, Credential::Basic { user, .. }) => request.basic(user, &Secret::new(WRONG))?,
        };
        Ok(match &call.body {
            None => request,
            Some(Body::Json(body)) => request.body(call.media_type, body.to_string().into_bytes()),
            Some(Body::Text(text)) => request.body(call.media_type, text.as_bytes().to_vec()),
        })
    }

    fn secret(&self) -> &Secret {
        match &self.credential {
            Credential::Bearer(secret) | Credential::Basic { password: secret, .. } => secret,
        }
    }

    /// Path below the base with the query, readable.
    fn shown_path(&self, url: &Url) -> String {
        let path = url.path().strip_prefix(self.base.path()).unwrap_or(url.path());
        let pairs: Vec<String> = url
            .query_pairs()
            .map(|(name, value)| match value.as_ref() {
                "" => name.into_owned(),
                value => format!("{name}={value}"),
            })
            .collect();
        match pairs.is_empty() {
            true => path.to_owned(),
            false => format!("{path}?{}", pairs.join("&")),
        }
    }

    fn note_type(&mut self, exchange: &Exchange, reply: &Reply) {
        let has_body = reply.body.is_some() || !reply.text.is_empty();
        if has_body && reply.media_type != super::call::SCIM {
            let path = exchange.path.split('?').next().unwrap_or_default();
            let found = match reply.media_type.as_str() {
                "" => "no content type",
                found => found,
            };
            self.odd_types
                .push(format!("{} {path}: {found}", exchange.method));
        }
    }
}

/// A credential that no server knows.
const WRONG: &str = "provost-self-test-wrong-credential";

fn reply(answer: &Answer, took: Duration) -> Reply {
    let header = |name: &str| answer.header(name).map(str::to_owned);
    let media_type = answer.header("content-type").unwrap_or_default();
    let body = answer.try_json();
    let text = match body {
        Some(_) => String::new(),
        None => String::from_utf8_lossy(&answer.body).trim().to_owned(),
    };
    Reply {
        status: answer.status,
        media_type: media_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase(),
        etag: header("etag"),
        location: header("location"),
        challenge: header("www-authenticate"),
        body,
        text,
        took,
    }
}
