//! A budget: arithmetic on instants, no waiting. What is spent are writes, or a target's own units.
//!
//! A published limit of "3,000 in 150 seconds" may be enforced in two ways, and a client cannot
//! ask which:
//! - a *token bucket* that holds 3,000 and refills at 20 per second: 3,000 at once and then 20 per
//!   second for ever, 15,000 in ten minutes;
//! - a *strict window*: never more than 3,000 in any 150 seconds, 12,000 in ten minutes.
//!
//! A schedule that respects both from the start wastes a fifth of the bucket. So the budget begins
//! with the bucket; the first refusal shows that either somebody else spends the same budget or
//! the window is strict, and from then on both are respected. That costs the bucket nothing in the
//! long run, because a steady pace below the refill also fits the window, and it costs the strict
//! window only the few requests that were refused.
//!
//! Both halves count a write from the moment it is permitted until after its answer, so a write
//! that travels slowly can never be counted too early.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// A limit on writes, or on whatever else a target counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// What may go at once, and the limit of a strict window.
    pub burst: u32,
    /// Per second after that.
    pub per_second: f64,
    /// Length of the strict window.
    pub span: Duration,
}

/// How long a refusal is remembered.
const CAUTION: Duration = Duration::from_secs(3600);
/// After the first refusal, how long further ones belong to it.
const SETTLED: Duration = Duration::from_secs(20);
/// Near the limit the rest of a burst is spread at this multiple of the steady pace.
const NEAR_LIMIT_FACTOR: f64 = 2.0;
/// How long one answer with "near the limit" counts.
const NEAR_LIMIT_FOR: Duration = Duration::from_secs(10);
/// Added to the strict window, because the target's clock is not ours.
const MARGIN: Duration = Duration::from_millis(250);
/// Finished writes are remembered in steps of this size, rounded up to the later edge.
const GRAIN: Duration = Duration::from_millis(50);

/// Tokens, the log of recent writes, and what was learned about the target.
#[derive(Debug)]
pub struct Budget {
    rate: Rate,
    tokens: f64,
    refilled: Instant,
    in_flight: u32,
    recent: VecDeque<(Instant, u32)>,
    recent_sum: u32,
    cautious_since: Option<Instant>,
    underrated: bool,
    near_until: Option<Instant>,
    near_last: Instant,
}

impl Budget {
    /// A full budget.
    #[must_use]
    pub fn new(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            tokens: f64::from(rate.burst),
            refilled: now,
            in_flight: 0,
            recent: VecDeque::new(),
            recent_sum: 0,
            cautious_since: None,
            underrated: false,
            near_until: None,
            near_last: now,
        }
    }

    /// Whether `writes` may be taken from the budget now, or when to ask again; `None` = when a
    /// write that is in flight has been answered.
    ///
    /// # Errors
    /// The earliest instant at which asking again makes sense.
    pub fn ready(&mut self, writes: u32, now: Instant) -> Result<(), Option<Instant>> {
        self.refill(now);
        self.forget(now);
        let writes = writes.min(self.rate.burst.max(1));
        let wait = self.token_wait(writes, now).max(self.near_wait(writes, now));
        if !wait.is_zero() {
            return Err(Some(now + wait));
        }
        if self.is_cautious(now) && self.recent_sum + self.in_flight + writes > self.rate.burst {
            return Err(self.window_opens(writes));
        }
        Ok(())
    }

    /// Takes `writes`, which [`Budget::ready`] allowed.
    pub fn spend(&mut self, writes: u32, now: Instant) {
        let writes = writes.min(self.rate.burst.max(1));
        self.tokens -= f64::from(writes);
        self.in_flight += writes;
        self.near_last = now;
    }

    /// Corrects the account: the target counted this many more than were taken (or fewer).
    pub fn correct(&mut self, more: f64) {
        self.tokens = (self.tokens - more).min(f64::from(self.rate.burst));
    }

    /// Goes by another limit from now on; what is in flight and what was spent stays counted.
    pub fn set_rate(&mut self, rate: Rate, now: Instant) {
        self.refill(now);
        self.tokens += f64::from(rate.burst) - f64::from(self.rate.burst);
        self.rate = rate;
    }

    /// The limit it goes by.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// Whether refusals came although both readings of the limit were respected: the target
    /// counts more for a write than we do, or somebody else spends the same budget.
    pub fn underrated(&self, now: Instant) -> bool {
        self.underrated && self.is_cautious(now)
    }

    fn is_cautious(&self, now: Instant) -> bool {
        self.cautious_since
            .is_some_and(|since| now.saturating_duration_since(since) < CAUTION)
    }

    /// Notes that writes were answered.
    pub fn settle(&mut self, writes: u32, now: Instant) {
        let writes = writes.min(self.rate.burst.max(1));
        self.refill(now);
        self.in_flight = self.in_flight.saturating_sub(writes);
        self.recent_sum += writes;
        match self.recent.back_mut() {
            // The slot keeps its later edge: a write is never forgotten too early.
            Some((edge, sum)) if *edge >= now => *sum += writes,
            _ => self.recent.push_back((now + GRAIN, writes)),
        }
        self.forget(now);
    }

    /// Notes a refusal: the budget is not what we thought. Nothing is left, and the strict window
    /// is respected from now on.
    pub fn refused(&mut self, now: Instant) {
        self.refill(now);
        self.tokens = self.tokens.min(0.0);
        match self.cautious_since.filter(|_| self.is_cautious(now)) {
            // Refusals of what was on its way when the first one came say nothing new.
            Some(since) if now.saturating_duration_since(since) > SETTLED => self.underrated = true,
            Some(_) => {}
            None => {
                self.underrated = false;
                self.cautious_since = Some(now);
            }
        }
    }

    /// Notes whether the target says that it is near its limit.
    pub fn near_limit(&mut self, near: bool, now: Instant) {
        if near {
            self.near_until = Some(now + NEAR_LIMIT_FOR);
        }
    }

    fn refill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.refilled);
        self.refilled = self.refilled.max(now);
        let full = f64::from(self.rate.burst.saturating_sub(self.in_flight));
        let filled = self.tokens + elapsed.as_secs_f64() * self.rate.per_second;
        self.tokens = filled.min(full);
    }

    fn token_wait(&self, writes: u32, now: Instant) -> Duration {
        debug_assert!(self.refilled >= now);
        self.seconds_for(f64::from(writes) - self.tokens, 1.0)
    }

    /// Near the limit a burst is spread: this many writes need this long since the last ones.
    fn near_wait(&self, writes: u32, now: Instant) -> Duration {
        if self.near_until.is_none_or(|until| until <= now) {
            return Duration::ZERO;
        }
        self.seconds_for(f64::from(writes), NEAR_LIMIT_FACTOR)
            .saturating_sub(now.saturating_duration_since(self.near_last))
    }

    fn seconds_for(&self, writes: f64, factor: f64) -> Duration {
        if writes <= 0.0 {
            return Duration::ZERO;
        }
        let seconds = writes / (self.rate.per_second * factor).max(0.001);
        // Rounded up to the millisecond, the grain of the timer.
        Duration::from_millis((seconds * 1000.0).ceil() as u64)
    }

    fn forget(&mut self, now: Instant) {
        let span = self.rate.span + MARGIN;
        while let Some((edge, sum)) = self.recent.front().copied() {
            if edge + span > now {
                break;
            }
            self.recent.pop_front();
            self.recent_sum -= sum;
        }
    }

    /// When enough of the log has left the window.
    fn window_opens(&self, writes: u32) -> Option<Instant> {
        let mut left = self.recent_sum + self.in_flight + writes;
        for (edge, sum) in &self.recent {
            left -= sum;
            if left <= self.rate.burst {
                return Some(*edge + self.rate.span + MARGIN);
            }
        }
        None
    }
}
