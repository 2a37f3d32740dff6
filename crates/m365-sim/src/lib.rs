//! A Microsoft 365 that runs on this machine: Entra's token endpoint and Graph v1.0 with its throttling, delays and errors.
//!
//! It is a real server that keeps state, made for testing and for trying out programs that provision people into
//! Microsoft 365. It behaves as Microsoft's documentation says, awkward parts included: it asks for the permissions an
//! operation needs, refuses what the service refuses, counts requests against the published budget, and never confirms
//! more than the service would.
//!
//! ```no_run
//! # async fn run() -> std::io::Result<()> {
//! use m365_sim::{Settings, Simulator};
//!
//! let simulator = Simulator::new(Settings::contoso())?;
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:4010").await?;
//! simulator.serve(listener).await
//! # }
//! ```
//!
//! The token endpoint is at `/{tenant}/oauth2/v2.0/token`, Graph at `/v1.0`, both on the same address. `GET /` says
//! what this is and `GET /_sim/state` shows what it holds; neither is part of Graph.

mod call;
#[cfg(feature = "contract")]
pub mod contract;
mod directory;
mod error;
mod fault;
mod graph;
mod message;
mod meter;
mod moment;
mod plug;
mod query;
mod schema;
mod server;
mod settings;
mod state;
mod tenant;
mod throttle;
mod token;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::net::TcpListener;

pub use fault::{Fault, FaultKind};
pub use settings::{Application, Clock, Domain, Model, Plan, RetryAfter, Settings, Sku, Throttle};
pub use tenant::Counters;

use directory::{Change, Kind};
use fault::Faults;
use tenant::Tenant;

/// A simulated tenant. Clones share it.
#[derive(Debug, Clone)]
pub struct Simulator {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub settings: Settings,
    tenant: Mutex<Tenant>,
    faults: Mutex<Faults>,
}

impl Inner {
    pub(crate) fn tenant(&self) -> MutexGuard<'_, Tenant> {
        self.tenant.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> i64 {
        (self.settings.clock)()
    }
}

impl Simulator {
    /// A tenant with these settings, and with what its journal holds.
    ///
    /// # Errors
    /// When the journal cannot be opened, is damaged before its last line, or belongs to another tenant.
    pub fn new(settings: Settings) -> io::Result<Simulator> {
        let tenant = Mutex::new(Tenant::new(&settings)?);
        Ok(Simulator {
            inner: Arc::new(Inner {
                settings,
                tenant,
                faults: Mutex::default(),
            }),
        })
    }

    /// Everything as an axum router, for programs that serve it themselves. Faults that cut connections need
    /// [`Simulator::serve`].
    pub fn router(&self) -> axum::Router {
        server::router(Arc::clone(&self.inner))
    }

    /// Serves the tenant until the future is dropped.
    ///
    /// # Errors
    /// When the listener fails for good.
    pub async fn serve(self, listener: TcpListener) -> io::Result<()> {
        server::serve(self.inner, listener).await
    }

    /// What has happened since this simulator was made.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.inner.tenant().counters
    }

    /// The user principal names of all users ever made, in order, repeats included; survives restarts with the
    /// journal. Shows whether anybody was created twice.
    #[must_use]
    pub fn creations(&self) -> Vec<String> {
        self.inner.tenant().directory.created_upns().to_vec()
    }

    /// The live users with every property that has a value, in the order they were made. `manager` holds an id.
    #[must_use]
    pub fn users(&self) -> Vec<Value> {
        state::objects(&self.inner.tenant().directory, &self.inner.settings, Kind::User)
    }

    /// The live groups with every property that has a value, in the order they were made. `members` and `owners`
    /// hold ids.
    #[must_use]
    pub fn groups(&self) -> Vec<Value> {
        state::objects(&self.inner.tenant().directory, &self.inner.settings, Kind::Group)
    }

    /// The ids of a group's live members, in the order they were made. Empty for an unknown group.
    #[must_use]
    pub fn members(&self, group_id: &str) -> Vec<String> {
        state::members(&self.inner.tenant().directory, group_id)
    }

    /// Orders a fault.
    pub fn fail(&self, fault: Fault) {
        self.inner.faults().order(fault);
    }

    /// Declares every delta token handed out so far void: the next use of one is answered 410 with a `Location` that
    /// starts a new round, as after maintenance.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn reset_delta(&self) -> io::Result<()> {
        self.inner
            .tenant()
            .commit(vec![Change::ResetDelta])
            .map_err(|error| io::Error::other(error.message))
    }
}
