//! What every handler shares.

use crate::api::caller::Budgets;
use crate::api::templates::Template;
use crate::auth::Tokens;
use crate::metrics::Counted;
use crate::metrics::requests::Requests;
use crate::request_log::RequestLog;
use ipnet::IpNet;
use provost_signin::SignIn;
use provost_store::Db;
use provost_store::secret::Key;
use provost_sync::Engine;
use std::sync::{Arc, OnceLock};

/// How the server presents itself and how much it accepts.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The address under which clients reach this server, without a path: `https://provost.contoso.example`.
    /// Without one, addresses in answers are made from each request's `Host` header.
    pub public_url: Option<String>,
    /// The address of documentation for people, which the SCIM service names in its configuration.
    pub documentation: Option<String>,
    /// Networks of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Limits on requests.
    pub limits: Limits,
    /// How fast one token may ask the administrators' interface.
    pub api_rate: Rate,
    /// Records of one bulk upload.
    pub import_operations: Operations,
    /// Whether `/metrics` answers without a token to who asks from this machine.
    pub metrics_on_loopback: bool,
}

/// How fast somebody may ask.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Requests a second in the long run; 0: no limit.
    pub per_second: u32,
    /// Requests that may come at once, before the rate holds.
    pub burst: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            per_second: 50,
            burst: 200,
        }
    }
}

/// How many operations one request may have.
#[derive(Debug, Clone, Copy)]
pub struct Operations(pub usize);

impl Default for Operations {
    /// As in Microsoft's API-driven provisioning ("API-driven inbound provisioning concepts").
    fn default() -> Self {
        Self(50)
    }
}

/// Limits on requests.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a request body.
    pub body_bytes: usize,
    /// Bytes of the body of a bulk request.
    pub bulk_bytes: usize,
    /// Operations of a bulk request.
    pub bulk_operations: usize,
    /// Resources on a page when the client does not say.
    pub page: u64,
    /// Resources on a page at most, whatever the client says.
    pub max_page: u64,
    /// Seconds within which the next page must be asked for with a cursor.
    pub cursor_seconds: u64,
    /// Requests of one provider that are answered at the same time; more are told to come back.
    pub in_flight: usize,
    /// Seconds in which the head of a request must have arrived, counted from the opening of the connection or
    /// from the answer before: also how long a connection may be idle.
    pub head_seconds: u64,
    /// Seconds in which a request's body must have arrived.
    pub body_seconds: u64,
    /// Seconds for which a client may take nothing of its answer.
    pub answer_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            bulk_bytes: 10 * 1024 * 1024,
            bulk_operations: 1_000,
            page: 100,
            max_page: 500,
            cursor_seconds: 3_600,
            in_flight: 64,
            // Over the minute after which proxies give up an idle connection of theirs: who closes it first
            // while the other one sends loses a request.
            head_seconds: 75,
            body_seconds: 30,
            answer_seconds: 30,
        }
    }
}

/// What every handler shares. A clone is the same state.
#[derive(Clone)]
pub struct State(Arc<Inner>);

struct Inner {
    db: Db,
    settings: Settings,
    key: Arc<Key>,
    tokens: Tokens,
    request_log: RequestLog,
    signin: OnceLock<SignIn>,
    engine: OnceLock<Engine>,
    templates: OnceLock<Vec<Template>>,
    api_budgets: Budgets,
    requests: Requests,
    counted: Counted,
}

impl State {
    /// State over an open database. `key` is the installation's: it seals the cursors of lists. Nobody can sign in to
    /// the console until [`State::with_signin`].
    #[must_use]
    pub fn new(db: Db, mut settings: Settings, key: Arc<Key>) -> Self {
        if let Some(url) = &mut settings.public_url {
            url.truncate(url.trim_end_matches('/').len());
        }
        Self(Arc::new(Inner {
            db,
            settings,
            key,
            tokens: Tokens::default(),
            request_log: RequestLog::default(),
            signin: OnceLock::new(),
            engine: OnceLock::new(),
            templates: OnceLock::new(),
            api_budgets: Budgets::default(),
            requests: Requests::default(),
            counted: Counted::default(),
        }))
    }

    /// The same state with the sign-in of administrators.
    #[must_use]
    pub fn with_signin(self, signin: SignIn) -> Self {
        // A state that has a sign-in keeps it.
        let _ = self.0.signin.set(signin);
        self
    }

    /// The same state with the engine that plans, evaluates and takes in records. Without one those answer 503.
    #[must_use]
    pub fn with_engine(self, engine: Engine) -> Self {
        // A state that has an engine keeps it.
        let _ = self.0.engine.set(engine);
        self
    }

    /// The same state with the templates that connections can be made from.
    #[must_use]
    pub fn with_templates(self, templates: Vec<Template>) -> Self {
        // A state that has templates keeps them.
        let _ = self.0.templates.set(templates);
        self
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn key(&self) -> &Key {
        &self.0.key
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub(crate) fn request_log(&self) -> &RequestLog {
        &self.0.request_log
    }

    pub(crate) fn engine(&self) -> Option<&Engine> {
        self.0.engine.get()
    }

    pub(crate) fn templates(&self) -> &[Template] {
        self.0.templates.get().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn api_budgets(&self) -> &Budgets {
        &self.0.api_budgets
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.0.requests
    }

    pub(crate) fn counted(&self) -> &Counted {
        &self.0.counted
    }

    pub(crate) fn signin(&self) -> Option<&SignIn> {
        self.0.signin.get()
    }

    /// The address by which people reach this server, without a slash at its end; empty when none is set.
    pub(crate) fn public_url(&self) -> &str {
        self.settings().public_url.as_deref().unwrap_or_default()
    }

    /// Whether browsers reach this server over HTTPS.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url().starts_with("https://")
    }
}

/// Milliseconds since 1970, UTC. The one clock of this crate.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
