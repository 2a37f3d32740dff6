//! Objects made a short while ago.
//!
//! A directory that is replicated may for some minutes answer from a copy that has not heard of a
//! new object. For these objects a 404 means "not yet".

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const FRESH_FOR: Duration = Duration::from_secs(600);
/// More than ten minutes of writes at the published limit; a bound, not a target.
const MOST: usize = 20_000;

/// The ids of fresh objects.
#[derive(Default)]
pub(crate) struct Fresh(Mutex<HashMap<String, Instant>>);

impl Fresh {
    pub(crate) fn note(&self, id: &str) {
        let now = Instant::now();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, made| now.saturating_duration_since(*made) < FRESH_FOR);
            if known.len() >= MOST {
                known.clear();
            }
        }
        known.insert(id.to_owned(), now);
    }

    /// It was deleted: a 404 means that it is gone.
    pub(crate) fn forget(&self, id: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(id);
    }

    pub(crate) fn is(&self, id: &str) -> bool {
        let now = Instant::now();
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(id)
            .is_some_and(|made| now.saturating_duration_since(*made) < FRESH_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn fresh_for_ten_minutes() {
        let fresh = Fresh::default();
        fresh.note("a");
        assert!(fresh.is("a") && !fresh.is("b"));
        fresh.note("c");
        fresh.forget("c");
        assert!(!fresh.is("c"));
        tokio::time::advance(Duration::from_secs(601)).await;
        assert!(!fresh.is("a"));
    }
}
