//! People of the directory sign in to applications: an OpenID provider (OpenID Connect Core 1.0, authorization code flow)
//! for the applications behind connections.
//!
//! Who may sign in to one is who is in the scope of its connection: [`Meant`] says so, and is asked, together with the
//! standing of the person, whenever something is issued and whenever it is used. Nobody who is closed, or out of scope, gets
//! any further with what they hold.
//!
//! Nothing here keeps state in memory but opened keys: any node can answer the next request.

mod application;
mod authorize;
mod back_channel;
mod claims;
mod client;
mod grant;
mod key;
mod logout;
mod metadata;
mod parameters;
mod push;
mod reach;
mod uri;
mod uses;

pub use application::{Change, Shown, Sighted};
pub use authorize::Authorized;
pub use client::Credentials;
pub use key::Roll;
pub use logout::Leaving;
pub use parameters::Parameters;
pub use provost_store::application::entry::{Entry, Line};
pub use provost_store::application::key::SigningKey;
pub use provost_store::application::secret::Secret;
pub use provost_store::application::{Algorithm, Application, Authentication, Settings, Subject};
pub use reach::{Mine, Used};

pub(crate) use reach::used_by;

use crate::{Error, SignIn};
use key::Loaded;
use provost_connect::http::{Deadlines, Factory};
use provost_store::Tx;
use provost_store::connection::Connection;
use provost_store::directory::Object;
use provost_store::workspace::{self, Workspace};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// Milliseconds for which a code can be redeemed (RFC 6749 section 4.1.2: as short as possible).
const CODE_LIFE: i64 = 60_000;
/// Milliseconds of an access token.
const ACCESS_LIFE: i64 = 10 * 60_000;
/// Milliseconds of an ID token.
const ID_LIFE: i64 = 10 * 60_000;
/// Milliseconds for which a refresh token waits to be used.
const REFRESH_LIFE: i64 = 14 * 24 * 3_600_000;
/// Milliseconds after which a person has to sign in again, however often tokens were refreshed.
const OFFLINE_LIFE: i64 = 30 * 24 * 3_600_000;

/// Whether a connection means somebody at this moment: the engine's own decision, which this crate must not import.
pub type Meant = fn(&mut Tx, &Connection, &Object) -> provost_store::Result<bool>;

/// The OpenID provider of an installation. A clone is the same.
#[derive(Clone)]
pub struct Openid {
    signin: SignIn,
    meant: Meant,
}

impl std::fmt::Debug for Openid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Openid")
            .field("signin", &self.signin)
            .finish_non_exhaustive()
    }
}

/// What is kept in memory, and how applications are called.
pub(crate) struct Kept {
    factory: Factory,
    allow_private_network: bool,
    keys: Mutex<BTreeMap<i64, Arc<Loaded>>>,
}

impl Kept {
    pub fn new(factory: Factory, allow_private_network: bool) -> Self {
        // OpenID Connect Back-Channel Logout 1.0 section 2.5: an application answers at once, or is told again.
        let seconds = Duration::from_secs(5);
        let deadlines = Deadlines {
            connect: seconds,
            call: seconds,
            patience: seconds,
        };
        Self {
            factory: factory.with_deadlines(deadlines),
            allow_private_network,
            keys: Mutex::default(),
        }
    }
}

impl SignIn {
    /// The OpenID provider over this sign-in. `meant` decides who is in the scope of a connection.
    #[must_use]
    pub fn openid(&self, meant: Meant) -> Openid {
        Openid {
            signin: self.clone(),
            meant,
        }
    }
}

/// A refusal in the words of the protocol (RFC 6749 sections 4.1.2.1 and 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The code: `invalid_request`, `invalid_client` …
    pub error: &'static str,
    /// What is wrong, for whoever builds the application. Nothing of anybody stands in it.
    pub description: &'static str,
}

impl Refused {
    const fn new(error: &'static str, description: &'static str) -> Self {
        Self { error, description }
    }

    const fn request(description: &'static str) -> Self {
        Self::new("invalid_request", description)
    }

    const fn grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    const fn client() -> Self {
        Self::new(
            "invalid_client",
            "the client is unknown or switched off, or has not proved that it is itself",
        )
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Fault {
    /// The application is told no.
    Refused(Refused),
    /// We cannot answer.
    Broken(Error),
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl From<provost_store::Error> for Fault {
    fn from(error: provost_store::Error) -> Self {
        Self::Broken(error.into())
    }
}

/// Result of an endpoint.
pub type Answer<T> = Result<T, Fault>;

/// What stays written although the application is refused stands inside.
type Settled<T> = Result<T, Refused>;

impl Openid {
    /// What we call ourselves towards the applications of a workspace. It comes from the configuration, never from a
    /// request.
    #[must_use]
    pub fn issuer(&self, workspace: Uuid) -> String {
        let base = self.signin.0.settings.public_url.as_str().trim_end_matches('/');
        format!("{base}/oidc/{workspace}")
    }

    /// The workspace that an address names.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn workspace(&self, id: &str) -> crate::Result<Option<Workspace>> {
        // One spelling alone is ours: issuers are compared as texts.
        let Some(id) = Uuid::parse_str(id).ok().filter(|read| read.to_string() == id) else {
            return Ok(None);
        };
        self.signin.read(move |tx| Ok(workspace::by_id(tx, id)?)).await
    }

    /// An address of this workspace's provider, below its issuer.
    #[must_use]
    pub fn endpoint(&self, workspace: Uuid, path: &str) -> String {
        format!("{}/{path}", self.issuer(workspace))
    }

    /// The path of an address below the issuer, at this server.
    fn path(&self, workspace: Uuid, path: &str) -> String {
        let address = self.endpoint(workspace, path);
        Url::parse(&address).map_or_else(
            |_| format!("/oidc/{workspace}/{path}"),
            |url| url.path().to_owned(),
        )
    }

    /// Writes what stays written even when the application is refused.
    async fn settle<T, F>(&self, closure: F) -> Answer<T>
    where
        F: FnMut(&mut Tx) -> crate::Result<Settled<T>> + Send + 'static,
        T: Send + 'static,
    {
        Ok(self.signin.write(closure).await??)
    }
}
