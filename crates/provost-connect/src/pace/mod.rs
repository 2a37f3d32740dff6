//! Pacing: how fast a target may be written to, and when it wants to be left alone.
//!
//! One [`Pacer`] stands before everything that shares a budget at the target. It spends a write
//! budget ([`Budget`]), keeps a small window of requests in flight that grows with success and
//! halves when the target struggles, and holds everybody back while a `Retry-After` runs.
//!
//! Time is tokio's, so tests run on virtual time.

mod budget;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

pub use budget::{Budget, Rate};

/// Share of its limit from which a target's own meter asks to slow down (Microsoft Graph
/// `x-ms-throttle-limit-percentage`, which is only sent from 0.8 on).
const NEAR_LIMIT: f64 = 0.8;
/// Pause after the first refusal without `Retry-After`; doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause that is made up here.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Successes after which the window of requests in flight grows by one.
const GROW_AFTER: u32 = 16;

/// How a pacer starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// The write budget, or `None` for a target that publishes none.
    pub writes: Option<Rate>,
    /// Most requests in flight at the same time.
    pub window: u32,
}

impl Pace {
    /// Microsoft Graph, identity and access: 3,000 writes at once, then 20 per second; 2 % below
    /// that, because clocks differ (Microsoft Graph throttling limits; the published limit is
    /// 3,000 in 2 minutes 30 seconds for one application in one tenant).
    pub const GRAPH: Self = Self {
        writes: Some(Rate {
            burst: 3000,
            per_second: 19.6,
            span: Duration::from_secs(150),
        }),
        window: 8,
    };

    /// A target without a published limit.
    pub const OPEN: Self = Self {
        writes: None,
        window: 6,
    };
}

/// Spends one budget for everybody who shares it.
#[derive(Debug)]
pub struct Pacer {
    state: Mutex<State>,
    changed: Notify,
    /// Writers queue here, so that a large batch is not overtaken for ever by small ones.
    queue: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State {
    budget: Option<Budget>,
    paused_until: Option<Instant>,
    refusals: u32,
    in_flight: u32,
    window: f64,
    most: f64,
    successes: u32,
}

/// What an answer said about the pace.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Signal {
    /// How many of the permitted writes were refused because of the pace.
    pub refused: u32,
    /// Whether the target refused the request, or a part of it, because of the pace.
    pub slow_down: bool,
    /// How long it wants to be left alone, if it said so.
    pub after: Option<Duration>,
    /// How much of its limit is used, if it said so: 1.0 = all.
    pub used: Option<f64>,
}

enum Next {
    Go,
    At(Instant),
    WhenChanged,
}

impl Pacer {
    /// A pacer with a full budget.
    #[must_use]
    pub fn new(pace: Pace) -> Self {
        let most = f64::from(pace.window.max(1));
        Self {
            state: Mutex::new(State {
                budget: pace.writes.map(|rate| Budget::new(rate, Instant::now())),
                paused_until: None,
                refusals: 0,
                in_flight: 0,
                window: (most / 2.0).max(1.0),
                most,
                successes: 0,
            }),
            changed: Notify::new(),
            queue: tokio::sync::Mutex::new(()),
        }
    }

    /// Waits until a request with this many writes may be sent (0 for a read). Keep the permit
    /// until the answer is there.
    pub async fn permit(&self, writes: u32) -> Permit<'_> {
        let turn = if writes > 0 {
            Some(self.queue.lock().await)
        } else {
            None
        };
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let next = self.lock().next(writes, Instant::now());
            match next {
                Next::Go => break,
                Next::At(when) => {
                    tokio::select! {
                        () = tokio::time::sleep_until(when) => {}
                        () = &mut changed => {}
                    }
                }
                Next::WhenChanged => changed.await,
            }
        }
        drop(turn);
        Permit {
            pacer: self,
            writes,
            open: true,
        }
    }

    /// How long the target asked to be left alone, from now.
    #[must_use]
    pub fn pause_left(&self) -> Duration {
        let now = Instant::now();
        self.lock()
            .paused_until
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, writes: u32, signal: Signal) {
        self.lock().finish(writes, signal, Instant::now());
        self.changed.notify_waiters();
    }
}

impl State {
    fn next(&mut self, writes: u32, now: Instant) -> Next {
        if let Some(until) = self.paused_until {
            if until > now {
                return Next::At(until);
            }
            self.paused_until = None;
        }
        if f64::from(self.in_flight) >= self.window.floor() {
            return Next::WhenChanged;
        }
        if let Some(budget) = self.budget.as_mut().filter(|_| writes > 0) {
            match budget.take(writes, now) {
                Ok(()) => {}
                Err(Some(when)) => return Next::At(when),
                Err(None) => return Next::WhenChanged,
            }
        }
        self.in_flight += 1;
        Next::Go
    }

    fn finish(&mut self, writes: u32, signal: Signal, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let Some(budget) = self.budget.as_mut().filter(|_| writes > 0) {
            budget.settle(writes, now);
            budget.near_limit(signal.used.is_some_and(|used| used >= NEAR_LIMIT), now);
            if signal.refused > 0 {
                budget.refused(now);
            }
        }
        if signal.slow_down {
            self.slow_down(signal.after, now);
        } else {
            self.speed_up();
        }
    }

    fn slow_down(&mut self, after: Option<Duration>, now: Instant) {
        let made_up = FIRST_PAUSE
            .saturating_mul(1 << self.refusals.min(6))
            .min(LONGEST_PAUSE);
        // Refusals of requests that were sent before the pause say nothing new.
        let already_paused = self.paused_until.is_some_and(|until| until > now);
        if !already_paused {
            self.refusals = self.refusals.saturating_add(1);
            self.window = (self.window / 2.0).max(1.0);
        }
        let until = now + after.unwrap_or(made_up);
        self.paused_until = Some(self.paused_until.map_or(until, |old| old.max(until)));
        self.successes = 0;
    }

    fn speed_up(&mut self) {
        self.refusals = 0;
        self.successes += 1;
        if self.successes >= GROW_AFTER {
            self.successes = 0;
            self.window = (self.window + 1.0).min(self.most);
        }
    }
}

/// The right to send one request. Dropping it without [`Permit::finish`] counts as an answer
/// that said nothing.
#[derive(Debug)]
pub struct Permit<'a> {
    pacer: &'a Pacer,
    writes: u32,
    open: bool,
}

impl Permit<'_> {
    /// Gives the permit back with what the answer said.
    pub fn finish(mut self, signal: Signal) {
        self.open = false;
        self.pacer.finish(self.writes, signal);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.open {
            self.pacer.finish(self.writes, Signal::default());
        }
    }
}

#[cfg(test)]
mod tests;
