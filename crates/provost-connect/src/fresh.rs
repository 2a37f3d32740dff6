//! Objects made a short while ago.
//!
//! A directory that is replicated may for some minutes answer from a copy that has not heard of a
//! new object. For these objects a 404 means "not yet".

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long an object is fresh.
pub(crate) const FRESH_FOR: Duration = Duration::from_secs(600);
/// More than ten minutes of writes at the published limit; a bound, not a target.
const MOST: usize = 20_000;
/// Pauses for an object that others have made, or that may have been removed again since: it is older, and a removal
/// whose answer was lost must not hold everybody up.
const PAUSES_FOR_TOLD: usize = 3;

/// The ids of fresh objects.
#[derive(Default)]
pub(crate) struct Fresh(Mutex<HashMap<String, Known>>);

/// What is known about a fresh object.
#[derive(Clone, Copy)]
struct Known {
    since: Instant,
    /// Whether it was made over this very connection, so that its absence cannot be a deletion of ours.
    made_here: bool,
}

impl Fresh {
    /// It was made just now.
    pub(crate) fn note(&self, id: &str) {
        self.keep(id, true);
    }

    /// It was written a short while ago by somebody else.
    pub(crate) fn told(&self, id: &str) {
        if !self.is(id) {
            self.keep(id, false);
        }
    }

    fn keep(&self, id: &str, made_here: bool) {
        let since = Instant::now();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, one| since.saturating_duration_since(one.since) < FRESH_FOR);
            if known.len() >= MOST {
                known.clear();
            }
        }
        known.insert(id.to_owned(), Known { since, made_here });
    }

    /// It was deleted: a 404 means that it is gone.
    pub(crate) fn forget(&self, id: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(id);
    }

    pub(crate) fn is(&self, id: &str) -> bool {
        self.known(id).is_some()
    }

    /// Those of the pauses that its absence is worth; none for an object that is not fresh.
    pub(crate) fn pauses<'a>(&self, id: &str, all: &'a [Duration]) -> &'a [Duration] {
        match self.known(id) {
            None => &[],
            Some(Known { made_here: true, .. }) => all,
            Some(_) => all.get(..PAUSES_FOR_TOLD).unwrap_or(all),
        }
    }

    fn known(&self, id: &str) -> Option<Known> {
        let now = Instant::now();
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let one = known.get(id).copied();
        one.filter(|one| now.saturating_duration_since(one.since) < FRESH_FOR)
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

    #[tokio::test(start_paused = true)]
    async fn who_made_it_waits_longest() {
        let all = [1, 2, 3, 4, 5].map(Duration::from_secs);
        let fresh = Fresh::default();
        fresh.told("told");
        fresh.note("made");
        fresh.told("made");
        assert_eq!(fresh.pauses("stranger", &all), []);
        assert_eq!(fresh.pauses("told", &all), &all[..3]);
        assert_eq!(fresh.pauses("made", &all), all);
        assert_eq!(fresh.pauses("told", &all[..2]), &all[..2]);
        fresh.note("told");
        assert_eq!(fresh.pauses("told", &all), all);
    }
}
