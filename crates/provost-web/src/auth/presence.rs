//! What is known of a provider while the server runs: how many of its requests are being answered, and what
//! was noted of it last.

use provost_scim::leniency::Dialect;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicUsize, Ordering};

/// Milliseconds between two notes of a provider's last request.
const NOTE_EVERY: i64 = 60_000;
/// Milliseconds between two rows of the request log about requests that were turned away.
const REFUSAL_EVERY: i64 = 1_000;

/// One provider's presence.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    in_flight: AtomicUsize,
    noted: AtomicI64,
    refusal: AtomicI64,
    /// The dialect that was noted last, as its position in [`Dialect::ALL`] plus one.
    seen: AtomicU8,
}

impl Presence {
    /// The presence of a provider whose dialect is known from before.
    pub fn new(seen: Option<Dialect>) -> Self {
        Self {
            seen: AtomicU8::new(number(seen)),
            ..Self::default()
        }
    }

    /// A place among the requests that are being answered; none when `limit` are.
    pub fn enter(presence: &Arc<Self>, limit: usize) -> Option<Place> {
        let place = Place(Arc::clone(presence));
        let before = presence.in_flight.fetch_add(1, Ordering::Relaxed);
        // Dropping the place gives it back.
        (before < limit).then_some(place)
    }

    /// Whether a request at `now` has to be noted in the database: the first one, one a minute, and one that
    /// shows another dialect than the one before, though never more than a few a minute.
    pub fn is_news(&self, now: i64, dialect: Option<Dialect>) -> bool {
        let noted = self.noted.load(Ordering::Relaxed);
        let is_other = dialect.is_some() && self.seen.load(Ordering::Relaxed) != number(dialect);
        let wait = if is_other { NOTE_EVERY / 10 } else { NOTE_EVERY };
        if now - noted < wait {
            return false;
        }
        let is_ours = self
            .noted
            .compare_exchange(noted, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok();
        if is_ours && is_other {
            self.seen.store(number(dialect), Ordering::Relaxed);
        }
        is_ours
    }

    /// Whether a request that was turned away at `now` gets a row in the request log: one a second does, so that
    /// a client which does not slow down fills no log.
    pub fn is_first_refusal(&self, now: i64) -> bool {
        let noted = self.refusal.load(Ordering::Relaxed);
        now - noted >= REFUSAL_EVERY
            && self
                .refusal
                .compare_exchange(noted, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

fn number(dialect: Option<Dialect>) -> u8 {
    let position = Dialect::ALL.iter().position(|each| Some(*each) == dialect);
    position.map_or(0, |at| u8::try_from(at + 1).unwrap_or(u8::MAX))
}

/// A request that is being answered.
pub(crate) struct Place(Arc<Presence>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back() {
        let presence = Arc::new(Presence::default());
        let first = Presence::enter(&presence, 1);
        assert!(first.is_some());
        assert!(Presence::enter(&presence, 1).is_none());
        assert!(
            Presence::enter(&presence, 1).is_none(),
            "who was turned away holds no place"
        );
        drop(first);
        assert!(Presence::enter(&presence, 1).is_some());
    }

    #[test]
    fn a_provider_is_noted_once_a_minute_and_when_its_dialect_changes() {
        let presence = Presence::new(None);
        let start = 1_000_000;
        assert!(presence.is_news(start, None), "the first request");
        assert!(!presence.is_news(start + 1, None));
        assert!(
            !presence.is_news(start + 1_000, Some(Dialect::Okta)),
            "not at once again"
        );
        assert!(presence.is_news(start + 6_000, Some(Dialect::Okta)));
        assert!(!presence.is_news(start + 12_000, Some(Dialect::Okta)));
        assert!(
            !presence.is_news(start + 12_000, None),
            "a request that shows none changes nothing"
        );
        assert!(presence.is_news(start + 66_000, None));
    }
}
