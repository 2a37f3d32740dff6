//! Tokens that were accepted a moment ago. Their texts stay in memory only and are never printed.

use super::ScimCaller;
use super::presence::Presence;
use crate::budget::Budget;
use provost_store::provider::Provider;
use provost_store::token::Accepted;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long an accepted token is taken for good without asking the database. Together with the time that a
/// request takes it stays below the five seconds after which a revoked token has to be dead.
const FRESH: Duration = Duration::from_secs(4);
/// How long a token that is not used keeps its place, and with it what it has spent.
const IDLE: Duration = Duration::from_secs(60);
/// Milliseconds between two notes of a token's last use.
const NOTE_EVERY: i64 = 60_000;
/// Tokens remembered at most.
const REMEMBERED: usize = 8_192;

/// The tokens that are in use, with what each has spent, and the providers that they belong to.
pub(crate) struct Tokens {
    started: Instant,
    known: RwLock<Remembered>,
}

#[derive(Default)]
struct Remembered {
    tokens: HashMap<String, Entry>,
    budgets: HashMap<Payer, Arc<Budget>>,
    presences: HashMap<i64, Arc<Presence>>,
}

struct Entry {
    caller: ScimCaller,
    asked: Instant,
    noted: i64,
}

/// Who pays for requests: a token, or the OAuth client that gets a new token each hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Payer {
    Token(i64),
    Client(i64),
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            known: RwLock::default(),
        }
    }
}

impl Tokens {
    /// The time since the server started, in nanoseconds.
    pub fn nanoseconds(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.started).as_nanos()).unwrap_or(u64::MAX)
    }

    /// The caller behind a token that was accepted a moment before `now`.
    pub fn remembered(&self, text: &str, now: Instant) -> Option<ScimCaller> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .tokens
            .get(text)
            .filter(|entry| now.saturating_duration_since(entry.asked) < FRESH)
            .map(|entry| entry.caller.clone())
    }

    /// Remembers an accepted token. Also answers the token's key when its use must be noted.
    pub fn remember(
        &self,
        text: &str,
        accepted: Accepted,
        asked: Instant,
        now: i64,
    ) -> (ScimCaller, Option<i64>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.make_room(asked);
        let noted = known.tokens.get(text).map_or(0, |entry| entry.noted);
        let is_due = now - noted >= NOTE_EVERY;
        let payer = accepted.client.map_or(Payer::Token(accepted.key), Payer::Client);
        let budget = Arc::clone(known.budgets.entry(payer).or_default());
        let presence = known.presence(&accepted.provider);
        let caller = ScimCaller::new(accepted.provider, accepted.catalogue, budget, presence);
        let entry = Entry {
            caller: caller.clone(),
            asked,
            noted: if is_due { now } else { noted },
        };
        known.tokens.insert(text.to_owned(), entry);
        (caller, is_due.then_some(accepted.key))
    }

    /// Forgets a token that is refused from now on.
    pub fn forget(&self, text: &str) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.tokens.remove(text);
    }
}

impl Remembered {
    fn presence(&mut self, provider: &Provider) -> Arc<Presence> {
        let known = self.presences.entry(provider.key);
        Arc::clone(known.or_insert_with(|| Arc::new(Presence::new(provider.seen))))
    }

    /// Drops what is out of use once there is much of it, and if that is not enough the token that was asked
    /// about the longest time ago.
    fn make_room(&mut self, now: Instant) {
        if self.tokens.len() < REMEMBERED {
            return;
        }
        self.tokens
            .retain(|_, entry| now.saturating_duration_since(entry.asked) < IDLE);
        if self.tokens.len() >= REMEMBERED
            && let Some(oldest) = self.tokens.iter().min_by_key(|(_, entry)| entry.asked)
        {
            let oldest = oldest.0.clone();
            self.tokens.remove(&oldest);
        }
        self.budgets.retain(|_, budget| Arc::strong_count(budget) > 1);
        self.presences
            .retain(|_, presence| Arc::strong_count(presence) > 1);
    }
}
