//! How far a cycle is, by object.

use crate::clock::Clock;
use crate::open::Open;
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a cycle is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Reading the target and comparing it with what was written.
    Compare,
    /// Reading the directory and deciding.
    Plan,
    /// Creating, updating and restoring accounts.
    People,
    /// Writing references such as managers.
    References,
    /// Creating and updating groups.
    Groups,
    /// Adding and removing members.
    Members,
    /// Disabling and deleting.
    Removals,
}

/// A moment of a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Objects or memberships done.
    pub done: u64,
    /// Of how many; 0 while it is not known.
    pub total: u64,
    /// How many a second so far; 0 while nothing can be said.
    pub per_second: u64,
    /// How many seconds the phase will take from now at this pace; none while nothing can be said.
    pub seconds_left: Option<u64>,
}

/// Who wants to know. Called often and from several tasks: it must be quick.
pub type Watcher = Arc<dyn Fn(Progress) + Send + Sync>;

/// Counts what a phase has done and tells the watcher.
pub(crate) struct Counter {
    phase: Phase,
    total: u64,
    done: AtomicU64,
    watcher: Option<Watcher>,
    clock: Clock,
    started: i64,
}

impl Counter {
    pub fn new(open: &Open, watcher: Option<&Watcher>, phase: Phase, total: u64) -> Self {
        let counter = Self {
            phase,
            total,
            done: AtomicU64::new(0),
            watcher: watcher.cloned(),
            clock: open.clock.clone(),
            started: open.now(),
        };
        counter.add(0);
        counter
    }

    pub fn add(&self, objects: u64) {
        let done = self.done.fetch_add(objects, Ordering::Relaxed) + objects;
        if let Some(watcher) = &self.watcher {
            watcher(self.moment(done));
        }
    }

    fn moment(&self, done: u64) -> Progress {
        let passed = u64::try_from((self.clock)() - self.started).unwrap_or(0);
        let left = self.total.saturating_sub(done);
        Progress {
            phase: self.phase,
            done,
            total: self.total,
            per_second: done.saturating_mul(1_000).checked_div(passed).unwrap_or(0),
            seconds_left: (left * passed)
                .checked_div(done * 1_000)
                .filter(|_| self.total > 0),
        }
    }
}
