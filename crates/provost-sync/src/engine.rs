//! The surface: run a cycle, preview one, explain a person, keep all connections going.

use crate::clock::{self, Clock};
use crate::open::{self, Open};
use crate::progress::Watcher;
use crate::proposal::Proposal;
use crate::report::{Preview, Report};
use crate::work::Mode;
use crate::{Error, Node, Result, Trace, cycle, explain, preview, schedule, stop_cycle};
use provost_connect::{Check, Secrets, Target, http};
use provost_store::Db;
use provost_store::connection::Connection;
use provost_store::lease::{self, Lease};
use provost_store::secret::Key;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Milliseconds for which a lease is taken; it is extended while the cycle runs.
const LEASE: i64 = 30_000;
/// How often it is extended.
const HEARTBEAT: Duration = Duration::from_secs(8);
/// How long a cycle that is to stop may go on with what it has begun.
const GRACE: Duration = Duration::from_secs(5);

/// Opens the target of a connection with its secrets. Makes no request.
pub type Opener =
    Arc<dyn Fn(&Connection, &Secrets) -> provost_connect::Result<Arc<dyn Target>> + Send + Sync>;

/// Runs connections. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    pub(crate) db: Db,
    pub(crate) key: Arc<Key>,
    pub(crate) node: Node,
    pub(crate) opener: Opener,
    /// What Microsoft's sign-in service is asked with.
    pub(crate) http: http::Factory,
    pub(crate) clock: Clock,
    /// The address by which everybody reaches this hub, for letters to people; none where nobody configured it.
    pub(crate) public_url: Option<String>,
}

/// How a cycle is run.
#[derive(Clone, Default)]
pub struct Options {
    /// Who wants to know how far it is.
    pub progress: Option<Watcher>,
    /// Turns true when the cycle is to stop: it ends after the writes under way, and the next cycle goes on.
    pub stop: Option<watch::Receiver<bool>>,
    /// Which cycle to run. `None`: the one that is due, which is the initial one until it is through.
    pub mode: Option<Mode>,
    /// Who began it, for the provisioning log. `None`: Provost itself.
    pub initiator: Option<String>,
}

impl Engine {
    /// An engine over a database, with the key that opens connections' secrets.
    pub fn new(db: Db, key: Arc<Key>, http: http::Factory, node: Node) -> Self {
        let factory = http.clone();
        let opener: Opener = Arc::new(move |connection, secrets| {
            provost_connect::open(&connection.connector, &connection.settings, secrets, &factory)
        });
        Self {
            db,
            key,
            node,
            opener,
            http,
            clock: clock::system(),
            public_url: None,
        }
    }

    /// The same engine with the address by which everybody reaches this hub: letters to people lead there.
    #[must_use]
    pub fn with_public_url(self, public_url: Option<String>) -> Self {
        Self { public_url, ..self }
    }

    /// The same engine with targets that are opened in another way: in tests and simulations.
    #[must_use]
    pub fn with_opener(self, opener: Opener) -> Self {
        Self { opener, ..self }
    }

    /// The same engine by another clock: in tests and simulations.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The time in milliseconds since 1970, by the engine's clock.
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Runs one cycle of a connection: the one that [`Options::mode`] names, else the one that is due.
    ///
    /// # Errors
    /// [`Error::Running`] when another process runs one; [`Error::Rules`]; [`Error::Target`] when the
    /// connection's settings are wrong. Failures of objects stand in the report.
    pub async fn run_cycle(&self, connection: i64, options: &Options) -> Result<Report> {
        self.with_lease(connection, options, |lease| cycle::run(self, lease, options))
            .await
    }

    /// Does something as the one that runs the connection: the lease is taken, extended and given back.
    ///
    /// # Errors
    /// [`Error::Running`]; [`Error::Stopped`]; [`Error::Refused`] with `PRV-CONNECTION-INVALID`; the errors of
    /// `body`.
    pub(crate) async fn with_lease<T, F>(
        &self,
        connection: i64,
        options: &Options,
        body: impl FnOnce(Lease) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        self.refuse_invalid(connection).await?;
        let lease = self.take_lease(connection).await?.ok_or(Error::Running)?;
        let heartbeat = Heartbeat(tokio::spawn(keep(self.db.clone(), lease, self.clock.clone())));
        let result = tokio::select! {
            result = body(lease) => result,
            () = impatient(options.stop.clone()) => Err(Error::Stopped),
            () = stop_cycle::called_off(self.db.clone(), lease) => Err(Error::Stopped),
        };
        drop(heartbeat);
        let (is_cut, now) = (matches!(result, Err(Error::Stopped)), self.now());
        self.db
            .write(move |tx| {
                if is_cut {
                    stop_cycle::cut_short(tx, lease, now)?;
                }
                lease::release(tx, lease)
            })
            .await?;
        result
    }

    async fn take_lease(&self, connection: i64) -> Result<Option<Lease>> {
        let (node, now) = (self.node.clone(), self.now());
        let lease = self
            .db
            .write(move |tx| {
                lease::take(tx, connection, node.id(), now, now + LEASE, &|holder| {
                    node.is_gone(holder)
                })
            })
            .await?;
        Ok(lease)
    }

    /// What the next cycle would do, with the names of at most `limit` steps a rule. Changes nothing and
    /// makes no request.
    ///
    /// # Errors
    /// As [`Engine::run_cycle`], without the lease.
    pub async fn plan(&self, connection: i64, limit: usize, progress: Option<&Watcher>) -> Result<Preview> {
        let open = self.open(connection).await?;
        preview::make(self, &open, None, limit, progress).await
    }

    /// Tries a connection without changing anything.
    ///
    /// # Errors
    /// When the connection does not exist or cannot be opened; a failed step is a [`Check`].
    pub async fn test(&self, connection: i64) -> Result<Vec<Check>> {
        Ok(self.open(connection).await?.target.test().await)
    }

    /// Everything that is known of the person or group that `text` names: what came in, what each rule makes
    /// of it, where it is linked, what was done. Also for one that is gone.
    ///
    /// # Errors
    /// Any error of the store.
    pub async fn explain(&self, workspace: i64, text: &str) -> Result<Vec<Trace>> {
        explain::explain(self, workspace, text).await
    }

    /// Keeps every connection going until `stop` turns true: a change reaches its targets at once, failed
    /// steps are tried again when they are due, and a cycle under way ends in good order.
    pub async fn serve(&self, stop: watch::Receiver<bool>) {
        schedule::serve(self, stop).await;
    }

    pub(crate) async fn open(&self, connection: i64) -> Result<Open> {
        open::open_with(self, connection, &Proposal::default()).await
    }
}

/// Returns some time after `stop` has turned true. A cycle ends by itself between two writes; but one that waits
/// out a target's throttling may do so for minutes, and is abandoned. What it was about to write is found by
/// the next cycle.
async fn impatient(stop: Option<watch::Receiver<bool>>) {
    let Some(mut stop) = stop else {
        return std::future::pending().await;
    };
    if stop.wait_for(|stopped| *stopped).await.is_err() {
        // Nobody can ask for a stop any more.
        return std::future::pending().await;
    }
    tokio::time::sleep(GRACE).await;
}

/// A lease that is being extended. It ends with the cycle, however that ends: else nobody could ever take over.
struct Heartbeat(tokio::task::JoinHandle<()>);

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Extends a lease for as long as its cycle runs. A lost lease is noticed by the cycle's own writes.
async fn keep(db: Db, lease: Lease, clock: Clock) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        let until = clock() + LEASE;
        if db.write(move |tx| lease::extend(tx, lease, until)).await.is_err() {
            return;
        }
    }
}
