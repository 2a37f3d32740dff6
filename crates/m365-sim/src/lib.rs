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
//! The token endpoint is at `/{tenant}/oauth2/v2.0/token`, the page on which an administrator consents to an application at
//! `/{tenant}/v2.0/adminconsent`, the public document that tells whose a domain is at
//! `/{domain}/v2.0/.well-known/openid-configuration`, sign-in by SAML for an application's people at `/{tenant}/saml2`, sign-in
//! of a federated domain's people at `/login.srf`, Graph at `/v1.0`, all on the same address. `GET /` says what this is and `GET /_sim/state` shows what it holds; neither is part of Graph. With [`Settings::control`], `/_sim`
//! is a page to look at everything, and `/_sim/control` an interface to change settings, order faults, and save and load
//! what the tenant holds.

mod audit;
mod call;
mod calls;
mod consent;
mod consequence;
#[cfg(feature = "contract")]
pub mod contract;
mod control;
mod dice;
mod directory;
mod error;
mod fault;
mod graph;
mod idp;
mod licensing;
mod message;
mod meter;
mod moment;
mod notice;
mod page;
mod plant;
mod plug;
mod query;
mod rp;
mod saml;
mod schema;
mod server;
mod settings;
mod state;
mod tenant;
mod throttle;
mod token;

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use serde_json::Value;
use tokio::net::TcpListener;

pub use calls::{Peak, Seen};
pub use consent::Consent;
pub use fault::{Effect, Fault, FaultKind, InForce, Rule, Shape, When};
pub use rp::SignIn;
pub use saml::key::SigningKey;
pub use settings::{
    Algorithm, Application, Clock, Domain, Model, NameId, Neighbour, OutlivedDelta, Plan, RetryAfter,
    RootDomains, Saml, Settings, Signs, Sku, Spread, Throttle, TokenValidation, Unproved, UnprovedDirectory,
};
pub use tenant::Counters;

use dice::Dice;
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
    settings: RwLock<Arc<Settings>>,
    tenant: Mutex<Tenant>,
    faults: Mutex<Faults>,
    dice: Mutex<Dice>,
    consents: Mutex<consent::Consents>,
    signer: consent::Signer,
    saml: Mutex<idp::Kept>,
    logins: Mutex<rp::Logins>,
    /// What the simulator's clock is ahead of the one in the settings, in milliseconds.
    ahead: AtomicI64,
}

impl Inner {
    /// The settings of this moment. One request keeps those that it began with.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the settings for all requests from now on. Budgets begin anew when their size changes.
    ///
    /// # Errors
    /// What `change` says; nothing has changed then.
    pub(crate) fn change<E>(&self, change: impl FnOnce(&mut Settings) -> Result<(), E>) -> Result<(), E> {
        let mut current = self.settings.write().unwrap_or_else(PoisonError::into_inner);
        let mut settings = Settings::clone(&current);
        change(&mut settings)?;
        let (budget, seed) = (settings.throttle != current.throttle, settings.seed);
        let reseeded = seed != current.seed;
        *current = Arc::new(settings);
        drop(current);
        if budget {
            self.tenant().budget = throttle::Budget::default();
        }
        if reseeded {
            self.faults().reseed(seed);
            *self.dice() = Dice::new(seed);
        }
        Ok(())
    }

    pub(crate) fn dice(&self) -> MutexGuard<'_, Dice> {
        self.dice.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tenant(&self) -> MutexGuard<'_, Tenant> {
        self.tenant.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn kept_saml(&self) -> MutexGuard<'_, idp::Kept> {
        self.saml.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn logins(&self) -> MutexGuard<'_, rp::Logins> {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> i64 {
        (self.settings().clock)().saturating_add(self.ahead.load(Ordering::SeqCst))
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
                faults: Mutex::new(Faults::new(settings.seed)),
                dice: Mutex::new(Dice::new(settings.seed)),
                consents: Mutex::default(),
                signer: consent::Signer::default(),
                saml: Mutex::default(),
                logins: Mutex::default(),
                settings: RwLock::new(Arc::new(settings)),
                tenant,
                ahead: AtomicI64::new(0),
            }),
        })
    }

    /// What administrators have consented to, oldest first.
    pub fn consents(&self) -> Vec<Consent> {
        self.inner.consents().given.clone()
    }

    /// The latest sign-ins through federated domains and the refusals among them, the oldest first.
    #[must_use]
    pub fn sign_ins(&self) -> Vec<SignIn> {
        self.inner.logins().log().to_vec()
    }

    /// The names of the answers to applications that can be ordered wrong, with what is wrong about each.
    #[must_use]
    pub fn wrong_responses() -> Vec<(&'static str, &'static str)> {
        idp::wrong::all().map(|one| (one.name, one.about)).collect()
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
        state::objects(&self.inner.tenant().directory, &self.inner.settings(), Kind::User)
    }

    /// The live groups with every property that has a value, in the order they were made. `members` and `owners`
    /// hold ids.
    #[must_use]
    pub fn groups(&self) -> Vec<Value> {
        state::objects(
            &self.inner.tenant().directory,
            &self.inner.settings(),
            Kind::Group,
        )
    }

    /// The ids of a group's live members, in the order they were made. Empty for an unknown group.
    #[must_use]
    pub fn members(&self, group_id: &str) -> Vec<String> {
        state::members(&self.inner.tenant().directory, group_id)
    }

    /// Seats of a product that are taken, by its id. Members of licensed groups count, each user once.
    #[must_use]
    pub fn seats_taken(&self, sku_id: &str) -> u32 {
        self.inner.tenant().directory.seats_taken(sku_id)
    }

    /// Orders a fault.
    pub fn fail(&self, fault: Fault) {
        self.inner.faults().order(fault);
    }

    /// Puts a rule of fault injection in force and answers its number.
    ///
    /// # Errors
    /// A sentence about what the rule cannot mean.
    pub fn inject(&self, rule: Rule) -> Result<u64, String> {
        rule.check()?;
        Ok(self.inner.faults().inject(rule))
    }

    /// Takes all faults back.
    pub fn clear_faults(&self) {
        self.inner.faults().clear();
    }

    /// The faults in force, with how often each has struck.
    #[must_use]
    pub fn faults(&self) -> Vec<InForce> {
        self.inner.faults().in_force()
    }

    /// The settings as they are now.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings::clone(&self.inner.settings())
    }

    /// Changes the settings for all requests from now on. Tokens that were given out keep their permissions, as with the
    /// real service. The tenant's id and its journal cannot be changed any more.
    pub fn change(&self, change: impl FnOnce(&mut Settings)) {
        let kept = self.settings();
        let done: Result<(), std::convert::Infallible> = self.inner.change(|settings| {
            change(settings);
            settings.tenant_id = kept.tenant_id;
            settings.journal = kept.journal;
            Ok(())
        });
        match done {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }

    /// Puts the simulator's clock forward.
    pub fn advance(&self, milliseconds: i64) {
        self.inner.ahead.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// The latest calls, the last one first; entries of batches one by one.
    #[must_use]
    pub fn calls(&self) -> Vec<Seen> {
        self.inner.tenant().calls.recent().cloned().collect()
    }

    /// The busiest second so far.
    #[must_use]
    pub fn peak(&self) -> Peak {
        self.inner.tenant().calls.peak()
    }

    /// How often each operation was answered with each status.
    #[must_use]
    pub fn answered(&self) -> Vec<(String, u16, u64)> {
        let tenant = self.inner.tenant();
        let by = tenant.calls.by_operation();
        by.map(|(operation, status, count)| (operation.to_owned(), status, count))
            .collect()
    }

    /// Gives a user these Entra roles and no others, such as `Global Administrator`. `user` is an id or a user principal
    /// name.
    ///
    /// # Errors
    /// When there is no such user, or the journal cannot be written.
    pub fn set_directory_roles(&self, user: &str, roles: &[&str]) -> io::Result<()> {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        self.inner
            .tenant()
            .set_roles(user, roles)
            .map_err(|error| io::Error::other(error.message))
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
