//! How administrators prove who they are: one-time links, passkeys, passwords with codes, other systems by OpenID
//! Connect; and the sessions that follow. How people of the directory sign in for themselves is [`person`], and how they sign in
//! to applications [`openid`].
//!
//! [`SignIn`] is the one way in. Every method takes the time; nothing here reads a clock. What has to be remembered
//! between two requests lies in the store, so that any node can take the second one.

mod actor;
mod administrator;
mod ceremony;
mod code;
mod consent;
mod error;
pub mod federation;
mod limit;
mod link;
pub mod openid;
mod owner;
mod passkey;
mod password;
pub mod person;
mod provider;
mod random;
mod recovery;
mod session;
mod signed;
mod way;

pub use actor::Actor;
pub use administrator::{Details, Listed};
pub use code::CodeSetup;
pub use consent::{ApplicationChange, CONSENT, ConsentBy, ConsentStep};
pub use error::{Error, Result};
pub use link::LinkSeen;
pub use password::{LONG_PASSWORD, SHORT_PASSWORD, Step};
pub use provider::{CALLBACK, NewProvider, ProviderDone, ProviderEdit, ProviderPurpose};
pub use provost_store::one_time_link::Purpose;
pub use provost_store::session::{Method, Session};
pub use session::{IDLE, LIFE, Opened, Visit};
pub use signed::{FRESH, Signed};
pub use way::Ways;

use provost_connect::http::Factory;
use provost_store::secret::Key;
use provost_store::{Db, Tx};
use std::sync::Arc;
use url::Url;
use webauthn_rs::Webauthn;

/// What signing in has to know of this installation.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address by which browsers reach the console: passkeys belong to its host, and sign-in providers send
    /// people back to it.
    pub public_url: Url,
    /// Whether sign-in providers may be in the private network, also without encryption. Public addresses are always
    /// called over HTTPS.
    pub allow_private_network: bool,
}

impl Settings {
    /// Settings of an installation whose sign-in providers are on the internet.
    #[must_use]
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            allow_private_network: false,
        }
    }
}

/// Signing in. A clone is the same.
#[derive(Clone)]
pub struct SignIn(Arc<Inner>);

struct Inner {
    db: Db,
    key: Arc<Key>,
    settings: Settings,
    /// None where the console is reached by an IP address, which passkeys cannot belong to.
    webauthn: Option<Webauthn>,
    pool: password::Pool,
    providers: provider::Known,
    /// What Microsoft's sign-in service is named by.
    factory: Factory,
    openid: openid::Kept,
    signers: federation::Signers,
}

impl SignIn {
    /// Signing in to the installation that keeps its data in `db` and its secrets under `key`.
    #[must_use]
    pub fn new(db: Db, key: Arc<Key>, settings: Settings, factory: Factory) -> Self {
        let webauthn = passkey::webauthn(&settings.public_url);
        let providers = provider::Known::new(factory.clone(), settings.allow_private_network);
        let openid = openid::Kept::new(factory.clone(), settings.allow_private_network);
        Self(Arc::new(Inner {
            db,
            key,
            settings,
            webauthn,
            pool: password::Pool::new(),
            providers,
            factory,
            openid,
            signers: federation::Signers::new(),
        }))
    }

    /// Whether passkeys can be used: the console has a host name.
    #[must_use]
    pub fn has_passkeys(&self) -> bool {
        self.0.webauthn.is_some()
    }

    async fn write<T, F>(&self, closure: F) -> Result<T>
    where
        F: FnMut(&mut Tx) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.0.db.write(closure).await
    }

    /// Writes what stays written even when the person is refused: that an attempt was made, and how often.
    async fn settle<T, F>(&self, closure: F) -> Result<T>
    where
        F: FnMut(&mut Tx) -> Result<Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        self.write(closure).await.flatten()
    }

    async fn read<T, F>(&self, closure: F) -> Result<T>
    where
        F: FnMut(&mut Tx) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.0.db.read_short(closure).await
    }
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}
