//! The request log: what providers sent and what it meant. A request never waits for it.
//!
//! What a request leaves behind goes through a bounded queue to one task ([`writer`]), which writes many at
//! once. When the queue is full the row is counted as lost. Everything is masked before it enters the queue.

mod writer;

pub(crate) use writer::Running;

use crate::auth::ScimCaller;
use crate::error::Error;
use crate::state::now;
use axum::http::request::Parts;
use provost_scim::leniency::{Dialect, Habits};
use provost_store::Db;
use provost_store::provider::RequestLog as Rule;
use provost_store::request;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::mpsc;

/// Requests that may wait for the writer.
const QUEUE: usize = 8_192;
/// Characters of a path that are kept.
const PATH: usize = 512;
/// Characters of an error that are kept.
const ERROR: usize = 1_024;

/// What one request leaves behind.
pub(crate) struct Note {
    /// The provider's key.
    pub provider: i64,
    /// When it came, milliseconds since 1970.
    pub at: i64,
    /// Its row, when the provider's rule keeps one.
    pub row: Option<Box<request::New>>,
    /// The habits that it relied on.
    pub habits: Option<Box<Habits>>,
    /// That the provider was heard of, and what it seems to be.
    pub seen: Option<Option<Dialect>>,
}

/// The queue in front of the writer.
pub(crate) struct RequestLog {
    queue: mpsc::Sender<Note>,
    waiting: Mutex<Option<mpsc::Receiver<Note>>>,
    lost: Arc<AtomicU64>,
}

impl Default for RequestLog {
    fn default() -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        Self {
            queue,
            waiting: Mutex::new(Some(waiting)),
            lost: Arc::default(),
        }
    }
}

impl RequestLog {
    /// Starts the task that writes. `None` when it runs already.
    pub fn start(&self, db: &Db) -> Option<Running> {
        let waiting = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()?;
        Some(Running::start(db.clone(), waiting, Arc::clone(&self.lost)))
    }

    /// Puts a note into the queue, or counts it as lost when there is no room.
    pub fn put(&self, note: Note) {
        if self.queue.try_send(note).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Keeps a row about a request that was turned away before anybody looked at what it asks for: at most one
    /// a second, so that a client which does not slow down fills no log.
    pub fn refused(&self, caller: &ScimCaller, parts: &Parts, started: Instant, error: &Error) {
        let (provider, at) = (caller.provider(), now());
        if provider.settings.request_log == Rule::Off || !caller.presence().is_first_refusal(at) {
            return;
        }
        let refusal = error.to_scim();
        self.put(Note {
            provider: provider.key,
            at,
            row: Some(Box::new(request::New {
                workspace: provider.workspace,
                provider: provider.key,
                at,
                micros: micros(started),
                method: parts.method.as_str().to_owned(),
                path: shortened(parts.uri.path(), PATH),
                status: refusal.status,
                object: None,
                subject: String::new(),
                meaning: "turned away".to_owned(),
                error: shortened(&refusal.detail, ERROR),
                habits: Habits::default(),
                request: String::new(),
            })),
            habits: None,
            seen: None,
        });
    }
}

/// Whether a provider's rule keeps a request.
pub(crate) fn keeps(rule: Rule, is_change: bool, is_failure: bool) -> bool {
    match rule {
        Rule::All => true,
        Rule::Changes => is_change || is_failure,
        Rule::Failures => is_failure,
        Rule::Off => false,
    }
}

/// How long ago `started` was, in microseconds.
pub(crate) fn micros(started: Instant) -> i64 {
    i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX)
}

/// A path as the log keeps it.
pub(crate) fn path(text: &str) -> String {
    shortened(text, PATH)
}

/// An error's sentence as the log keeps it.
pub(crate) fn sentence(text: &str) -> String {
    shortened(text, ERROR)
}

fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_keeps_what_it_says() {
        let kept = |rule| {
            [(false, false), (true, false), (false, true), (true, true)]
                .map(|(is_change, is_failure)| keeps(rule, is_change, is_failure))
        };
        assert_eq!(kept(Rule::All), [true; 4]);
        assert_eq!(kept(Rule::Changes), [false, true, true, true]);
        assert_eq!(kept(Rule::Failures), [false, false, true, true]);
        assert_eq!(kept(Rule::Off), [false; 4]);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shortened("zoë", 3), "zoë");
        assert_eq!(shortened("zoë!", 3), "zoë…");
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let log = RequestLog::default();
        for _ in 0..QUEUE + 3 {
            log.put(Note {
                provider: 1,
                at: 0,
                row: None,
                habits: None,
                seen: None,
            });
        }
        assert_eq!(log.lost.load(Ordering::Relaxed), 3);
    }
}
