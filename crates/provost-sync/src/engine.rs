//! The surface: run a cycle, preview one, explain a person, keep all connections going.

use crate::draft::{self, RuleDraft};
use crate::open::{self, Open};
use crate::progress::Watcher;
use crate::report::{self, PlannedStep, Preview, Report};
use crate::{Error, Node, Result, Trace, clock, cycle, explain, schedule, work};
use provost_connect::{Check, http};
use provost_engine::plan::Step;
use provost_store::lease::{self, Lease};
use provost_store::secret::Key;
use provost_store::{Db, directory, link};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Milliseconds for which a lease is taken; it is extended while the cycle runs.
const LEASE: i64 = 30_000;
/// How often it is extended.
const HEARTBEAT: Duration = Duration::from_secs(8);
/// How long a cycle that is to stop may go on with what it has begun.
const GRACE: Duration = Duration::from_secs(5);

/// Runs connections. Clones share everything.
#[derive(Clone)]
pub struct Engine {
    pub(crate) db: Db,
    pub(crate) key: Arc<Key>,
    pub(crate) http: http::Factory,
    pub(crate) node: Node,
}

/// How a cycle is run.
#[derive(Clone, Default)]
pub struct Options {
    /// Who wants to know how far it is.
    pub progress: Option<Watcher>,
    /// Turns true when the cycle is to stop: it ends after the writes under way, and the next cycle goes on.
    pub stop: Option<watch::Receiver<bool>>,
}

impl Engine {
    /// An engine over a database, with the key that opens connections' secrets.
    pub fn new(db: Db, key: Arc<Key>, http: http::Factory, node: Node) -> Self {
        Self { db, key, http, node }
    }

    /// Runs one cycle of a connection: an initial one if there was none yet, else an incremental one.
    ///
    /// # Errors
    /// [`Error::Running`] when another process runs one; [`Error::Rules`]; [`Error::Target`] when the
    /// connection's settings are wrong. Failures of objects stand in the report.
    pub async fn run_cycle(&self, connection: i64, options: &Options) -> Result<Report> {
        let lease = self.take_lease(connection).await?.ok_or(Error::Running)?;
        let heartbeat = tokio::spawn(keep(self.db.clone(), lease));
        let result = tokio::select! {
            result = cycle::run(self, lease, options) => result,
            () = impatient(options.stop.clone()) => Err(Error::Stopped),
        };
        heartbeat.abort();
        self.db.write(move |tx| lease::release(tx, lease)).await?;
        result
    }

    async fn take_lease(&self, connection: i64) -> Result<Option<Lease>> {
        let node = self.node.clone();
        let lease = self
            .db
            .write(move |tx| {
                let now = clock::now();
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
        let started = Instant::now();
        let open = self.open(connection).await?;
        let work = work::read(&self.db, &open, clock::now()).await?;
        let drafts = if work.is_empty() {
            Vec::new()
        } else {
            draft::make(&self.db, &open, &work, progress).await?
        };
        let mut rules = Vec::new();
        for draft in &drafts {
            let steps = self.name_steps(draft, limit).await?;
            rules.push(report::rule_preview(draft, steps, limit));
        }
        Ok(Preview {
            connection: open.connection.name.clone(),
            mode: work.mode(),
            rules,
            millis: started.elapsed().as_millis() as u64,
        })
    }

    /// Finds the names of a draft's first steps: those to be carried out, then those that are held.
    async fn name_steps(&self, draft: &RuleDraft, limit: usize) -> Result<Vec<PlannedStep>> {
        let held = draft.held.iter().flat_map(|part| part.steps.iter());
        let steps: Vec<Step> = draft.plan.steps.iter().chain(held).take(limit).copied().collect();
        let rule = draft.rule.key;
        let named = self
            .db
            .read(move |tx| {
                let mut name = |key: i64| -> provost_store::Result<String> {
                    if let Some(object) = directory::by_key(tx, key)? {
                        return Ok(object.label);
                    }
                    Ok(link::get(tx, rule, key)?.map(|l| l.label).unwrap_or_default())
                };
                let mut named = Vec::new();
                for step in &steps {
                    let member = if step.member == 0 {
                        None
                    } else {
                        Some(name(step.member)?)
                    };
                    named.push(PlannedStep {
                        action: step.action,
                        label: name(step.object)?,
                        member,
                    });
                }
                Ok::<_, provost_store::Error>(named)
            })
            .await?;
        Ok(named)
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
        open::open(&self.db, &self.key, &self.http, connection).await
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

/// Extends a lease for as long as its cycle runs. A lost lease is noticed by the cycle's own writes.
async fn keep(db: Db, lease: Lease) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        if db
            .write(move |tx| lease::extend(tx, lease, clock::now() + LEASE))
            .await
            .is_err()
        {
            return;
        }
    }
}
