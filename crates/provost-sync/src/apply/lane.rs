//! The urgent lane of a running cycle: groups of writes go side by side, and what takes access away comes in
//! between two of them, alone.

use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Milliseconds between two looks at the change log.
const LOOK: i64 = 5_000;

/// Where urgent changes come in.
pub(crate) struct Lane {
    gate: RwLock<()>,
    next_look: AtomicI64,
    /// The position of the change log that was looked at.
    position: AtomicI64,
}

/// The right to write one group; given back when it is dropped.
#[must_use]
pub(crate) enum Turn<'a> {
    /// Nothing comes in between.
    Free,
    /// Others write at the same time.
    Shared(#[allow(dead_code, reason = "it is held, not looked at")] RwLockReadGuard<'a, ()>),
}

impl Lane {
    pub fn new(position: i64, now: i64) -> Self {
        Self {
            gate: RwLock::new(()),
            next_look: AtomicI64::new(now + LOOK),
            position: AtomicI64::new(position),
        }
    }

    /// Whether the change log is to be looked at now; the one who is told so does it.
    pub fn is_due(&self, now: i64) -> bool {
        let next = self.next_look.load(Ordering::Relaxed);
        now >= next
            && self
                .next_look
                .compare_exchange(next, now + LOOK, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    pub fn position(&self) -> i64 {
        self.position.load(Ordering::Relaxed)
    }

    pub fn reach(&self, position: i64) {
        self.position.fetch_max(position, Ordering::Relaxed);
    }

    pub async fn share(&self) -> RwLockReadGuard<'_, ()> {
        self.gate.read().await
    }

    /// Waits until no group is under way, and keeps others from beginning.
    pub async fn alone(&self) -> RwLockWriteGuard<'_, ()> {
        self.gate.write().await
    }
}
