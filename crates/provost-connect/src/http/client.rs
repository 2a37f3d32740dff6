//! Sending one request under a policy.

use std::error::Error as StdError;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use url::{Host, Url};

use super::origin::place;
use super::resolve::Guarded;
use super::{Answer, BODY_LIMIT, Deadlines, Lookup, Origin, Policy, Refused, refusal};
use crate::{Error, Result, Secret};

/// One request.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Vec<u8>>,
}

impl Request {
    /// A request without body.
    #[must_use]
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: None,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// Adds the bearer credential.
    ///
    /// # Errors
    /// [`Error::Settings`] when the secret holds characters that no header may carry.
    pub fn bearer(mut self, secret: &Secret) -> Result<Self> {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {}", secret.expose().trim())).map_err(|_| {
                Error::Settings {
                    field: "token".to_owned(),
                    reason: "it holds characters that cannot be sent in a header".to_owned(),
                }
            })?;
        value.set_sensitive(true);
        self.headers.push((AUTHORIZATION, value));
        Ok(self)
    }

    /// Adds name and password as HTTP Basic sends them (RFC 7617).
    ///
    /// # Errors
    /// [`Error::Settings`] when the name holds a colon, at which the receiver would part it.
    pub fn basic(mut self, user: &str, password: &Secret) -> Result<Self> {
        if user.contains(':') {
            return Err(Error::Settings {
                field: "user".to_owned(),
                reason: "a name for HTTP Basic must not hold a colon".to_owned(),
            });
        }
        let pair = STANDARD.encode(format!("{user}:{}", password.expose()));
        let mut value = HeaderValue::from_str(&format!("Basic {pair}")).map_err(|_| Error::Local {
            reason: "the credential cannot be written as a header".to_owned(),
        })?;
        value.set_sensitive(true);
        self.headers.push((AUTHORIZATION, value));
        Ok(self)
    }

    /// Sets the body and its media type.
    #[must_use]
    pub fn body(self, media_type: &str, body: Vec<u8>) -> Self {
        let mut request = self.header("content-type", media_type);
        request.body = Some(body);
        request
    }
}

/// An HTTP client bound to the origins of one connection.
#[derive(Clone)]
pub struct Client {
    inner: reqwest::Client,
    policy: Arc<Policy>,
    deadlines: Deadlines,
    lookup: Option<Lookup>,
}

impl Client {
    pub(super) fn new(policy: Policy, deadlines: Deadlines, lookup: Option<Lookup>) -> Result<Self> {
        let policy = Arc::new(policy);
        let encrypted = policy.origins.iter().any(Origin::is_https);
        let plain = policy.origins.iter().any(|origin| !origin.is_https());
        if plain && !policy.allow_private_network {
            return Err(Error::Settings {
                field: "url".to_owned(),
                reason: "it must begin with https:// (plain http is for private networks that the connection allows)".to_owned(),
            });
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("provost/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .https_only(!plain)
            .connect_timeout(deadlines.connect)
            .timeout(deadlines.call)
            .gzip(true)
            .dns_resolver(Guarded {
                policy: Arc::clone(&policy),
                lookup: lookup.clone(),
            });
        if !encrypted {
            // Without an https origin no certificate is ever checked: a machine without root
            // certificates can still serve its private network.
            builder = builder.tls_certs_only([]);
        }
        let inner = builder.build().map_err(|error| Error::Local {
            reason: innermost(&error),
        })?;
        Ok(Self {
            inner,
            policy,
            deadlines,
            lookup,
        })
    }

    /// The deadlines this client was made with.
    #[must_use]
    pub fn deadlines(&self) -> Deadlines {
        self.deadlines
    }

    /// Sends a request and reads the whole answer. Any status is an `Ok`.
    ///
    /// # Errors
    /// [`Error::ForeignLink`] and [`Error::AddressRefused`] before anything is sent,
    /// [`Error::Unreachable`] when no connection came about, [`Error::Interrupted`] and
    /// [`Error::TooLarge`] when the request went out but no complete answer came in.
    pub async fn send(&self, request: Request) -> Result<Answer> {
        self.check(&request.url)?;
        let url = request.url.clone();
        let mut outgoing = self.inner.request(request.method, request.url);
        for (name, value) in request.headers {
            outgoing = outgoing.header(name, value);
        }
        if let Some(body) = request.body {
            outgoing = outgoing.body(body);
        }
        let response = outgoing.send().await.map_err(|e| failure(&url, &e))?;
        read(url, response).await
    }

    /// The addresses of a URL's host that the policy allows, as a request would use them.
    ///
    /// # Errors
    /// [`Error::NameUnknown`], [`Error::AddressRefused`], [`Error::ForeignLink`].
    pub async fn resolve(&self, url: &Url) -> Result<Vec<IpAddr>> {
        self.check(url)?;
        let host = match url.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(ip)) => return Ok(vec![ip.into()]),
            Some(Host::Ipv6(ip)) => return Ok(vec![ip.into()]),
            None => String::new(),
        };
        let guarded = Guarded {
            policy: Arc::clone(&self.policy),
            lookup: self.lookup.clone(),
        };
        match guarded.addresses(host.clone()).await {
            Ok(found) => Ok(found),
            Err(error) => Err(match refused(error.as_ref()) {
                Some(refused) => refused.clone().into(),
                None => Error::NameUnknown {
                    host,
                    reason: innermost(error.as_ref()),
                },
            }),
        }
    }

    /// Tries the line to a URL's host without sending anything secret: any answer shows that it is
    /// there, and over https that its certificate is trusted and names the host.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub async fn reach(&self, url: &Url) -> Result<()> {
        let request = Request::new(Method::GET, url.clone()).header("accept", "application/json");
        self.send(request).await.map(drop)
    }

    /// Whether a URL may be called: the connection's own origin, and no address the policy refuses.
    ///
    /// # Errors
    /// As [`Client::send`].
    pub fn check(&self, url: &Url) -> Result<()> {
        let origin = Origin::of(url);
        if !self.policy.origins.iter().any(|own| Some(own) == origin.as_ref()) {
            return Err(Error::ForeignLink {
                found: origin.map_or_else(
                    || "an address that is not plain http(s)".to_owned(),
                    |origin| origin.to_string(),
                ),
                expected: self.expected(),
            });
        }
        let literal: IpAddr = match url.host() {
            Some(Host::Ipv4(ip)) => ip.into(),
            Some(Host::Ipv6(ip)) => ip.into(),
            _ => return Ok(()),
        };
        match refusal(literal, &self.policy) {
            None => Ok(()),
            Some(reason) => Err(Refused {
                host: place(url),
                address: literal,
                reason,
            }
            .into()),
        }
    }

    fn expected(&self) -> String {
        let origins: Vec<String> = self.policy.origins.iter().map(Origin::to_string).collect();
        origins.join(" and ")
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("origins", &self.expected())
            .finish_non_exhaustive()
    }
}

/// Reads the body piece by piece, so that neither a giant nor a compressed giant fills the memory.
async fn read(url: Url, mut response: reqwest::Response) -> Result<Answer> {
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| Error::Interrupted {
        host: place(&url),
        reason: format!(
            "the body of the answer (status {status}) broke off: {}",
            cause(&error)
        ),
    })? {
        if body.len() + piece.len() > BODY_LIMIT {
            return Err(Error::TooLarge {
                host: place(&url),
                limit: BODY_LIMIT,
            });
        }
        body.extend_from_slice(&piece);
    }
    Ok(Answer {
        status,
        headers,
        body,
        url,
    })
}

/// Tells failures before the request was sent from those after.
fn failure(url: &Url, error: &reqwest::Error) -> Error {
    if let Some(refused) = refused(error) {
        return refused.clone().into();
    }
    let host = place(url);
    let reason = cause(error);
    if error.is_connect() && speaks_of_tls(&reason) {
        Error::Tls { host, reason }
    } else if error.is_connect() || error.is_builder() {
        Error::Unreachable { host, reason }
    } else {
        Error::Interrupted { host, reason }
    }
}

/// Whether a cause is the TLS layer's. Its error type is not ours to know; its words are stable.
pub(crate) fn speaks_of_tls(reason: &str) -> bool {
    const WORDS: [&str; 5] = [
        "certificate",
        "handshake",
        "corrupt message",
        "fatal alert",
        "TLS",
    ];
    WORDS.iter().any(|word| reason.contains(word))
}

fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the deadline passed".to_owned();
    }
    innermost(error)
}

/// The last error of the chain; the outer ones repeat the URL, whose query may be personal.
fn innermost(error: &dyn StdError) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    crate::error::quote(&last.to_string())
}

fn refused<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Refused> {
    let mut current: Option<&'a (dyn StdError + 'static)> = Some(error);
    while let Some(error) = current {
        if let Some(refused) = error.downcast_ref::<Refused>() {
            return Some(refused);
        }
        current = error.source();
    }
    None
}
