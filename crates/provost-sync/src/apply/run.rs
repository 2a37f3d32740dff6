//! What the steps of one running cycle share.

use crate::engine::Options;
use crate::open::Open;
use crate::progress::Watcher;
use provost_connect::{Error, Retry};
use provost_engine::plan::Action;
use provost_store::Db;
use provost_store::lease::Lease;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::watch;

/// Unreachable answers in a row after which the target counts as down.
const UNREACHABLE: u32 = 20;

/// What a cycle has done so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Totals {
    pub applied: BTreeMap<Action, u64>,
    pub adopted: u64,
    pub failed: u64,
    pub failed_references: u64,
}

/// A running cycle.
pub(crate) struct Run {
    pub db: Db,
    pub open: Open,
    pub lease: Lease,
    /// The cycle's key in the store.
    pub cycle: i64,
    pub watcher: Option<Watcher>,
    stop: Option<watch::Receiver<bool>>,
    totals: Mutex<Totals>,
    halted: Mutex<Option<Error>>,
    unreachable: AtomicU32,
}

impl Run {
    pub fn new(db: Db, open: Open, lease: Lease, cycle: i64, options: &Options) -> Self {
        Self {
            db,
            open,
            lease,
            cycle,
            watcher: options.progress.clone(),
            stop: options.stop.clone(),
            totals: Mutex::default(),
            halted: Mutex::default(),
            unreachable: AtomicU32::new(0),
        }
    }

    /// Whether a person, or the end of the process, has asked the cycle to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| *stop.borrow())
    }

    /// Whether no further step is to be begun.
    pub fn is_over(&self) -> bool {
        self.is_stopped() || self.halted().is_some()
    }

    /// The error that ended the cycle.
    pub fn halted(&self) -> Option<Error> {
        self.halted
            .lock()
            .map(|halted| halted.clone())
            .unwrap_or_default()
    }

    /// Takes note of a failure: one that concerns the whole connection ends the cycle, and so does a target
    /// that is down.
    pub fn consider(&self, error: &Error) {
        let is_down = matches!(error, Error::Unreachable { .. })
            && self.unreachable.fetch_add(1, Ordering::Relaxed) + 1 >= UNREACHABLE;
        if (is_down || error.retry() == Retry::StopConnection)
            && let Ok(mut halted) = self.halted.lock()
        {
            halted.get_or_insert_with(|| error.clone());
        }
    }

    /// The target has answered: it is not down.
    pub fn reached(&self) {
        self.unreachable.store(0, Ordering::Relaxed);
    }

    /// How long to wait before the next try when the target is only down: seconds that double, up to five
    /// minutes. `None`: the reason is another, and the engine's quarantine decides.
    pub fn patience(&self, failures: i64) -> Option<i64> {
        let down = matches!(self.halted(), Some(Error::Unreachable { .. }));
        down.then(|| 5_000_i64.saturating_mul(1 << failures.clamp(0, 6)).min(300_000))
    }

    pub fn count(&self, change: impl FnOnce(&mut Totals)) {
        if let Ok(mut totals) = self.totals.lock() {
            change(&mut totals);
        }
    }

    pub fn totals(&self) -> Totals {
        self.totals
            .lock()
            .map(|totals| totals.clone())
            .unwrap_or_default()
    }
}
