//! What every handler shares.

use crate::auth::Tokens;
use crate::console::ConsoleAccess;
use provost_scim::leniency::Leniency;
use provost_store::Db;
use std::sync::Arc;

/// How the server presents itself and how much it accepts.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The address under which clients reach this server, without a path: `https://provost.contoso.example`.
    /// Without one, addresses in answers are made from each request's `Host` header.
    pub public_url: Option<String>,
    /// Limits on requests.
    pub limits: Limits,
}

/// Limits on requests.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of a request body.
    pub body_bytes: usize,
    /// Resources on a page when the client does not say.
    pub page: u64,
    /// Resources on a page at most, whatever the client says.
    pub max_page: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            page: 100,
            max_page: 500,
        }
    }
}

/// What every handler shares. A clone is the same state.
#[derive(Clone)]
pub struct State(Arc<Inner>);

struct Inner {
    db: Db,
    settings: Settings,
    leniency: Leniency,
    tokens: Tokens,
    console: Option<ConsoleAccess>,
}

impl State {
    /// State over an open database. The console stays closed until [`State::with_console`].
    #[must_use]
    pub fn new(db: Db, settings: Settings) -> Self {
        Self::build(db, settings, None)
    }

    /// State whose console lets in who follows a link with a key of `access`.
    #[must_use]
    pub fn with_console(db: Db, settings: Settings, access: ConsoleAccess) -> Self {
        Self::build(db, settings, Some(access))
    }

    fn build(db: Db, mut settings: Settings, console: Option<ConsoleAccess>) -> Self {
        if let Some(url) = &mut settings.public_url {
            url.truncate(url.trim_end_matches('/').len());
        }
        Self(Arc::new(Inner {
            db,
            settings,
            leniency: Leniency::default(),
            tokens: Tokens::default(),
            console,
        }))
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn leniency(&self) -> Leniency {
        self.0.leniency
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub(crate) fn console(&self) -> Option<&ConsoleAccess> {
        self.0.console.as_ref()
    }
}

/// Milliseconds since 1970, UTC. The one clock of this crate.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
