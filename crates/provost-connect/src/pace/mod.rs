//! Pacing: how fast a target may be written to, and when it wants to be left alone.
//!
//! One [`Pacer`] stands before everything that shares a budget at the target. It spends a budget of
//! writes and one of units ([`Budget`]), which everything costs, keeps a small window of requests in flight that grows with success and
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
    /// The budget of units that reads and writes cost, or `None` for a target that has none.
    pub units: Option<Rate>,
    /// Most requests in flight at the same time.
    pub window: u32,
}

impl Pace {
    /// Microsoft Graph, identity and access: 3,000 writes at once, then 20 per second; 2 % below
    /// that, because clocks differ (Microsoft Graph throttling limits; the published limit is
    /// 3,000 in 2 minutes 30 seconds for one application in one tenant). Units begin with those of
    /// the smallest tenants, until more people are seen ([`Pacer::allow`]).
    pub const GRAPH: Self = Self {
        writes: Some(Rate {
            burst: 3000,
            per_second: 19.6,
            span: Duration::from_secs(150),
        }),
        units: Some(Rate {
            burst: 3500,
            per_second: 343.0,
            span: Duration::from_secs(10),
        }),
        window: 16,
    };

    /// A target without a published limit.
    pub const OPEN: Self = Self {
        writes: None,
        units: None,
        window: 6,
    };
}

/// What a request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Of the write budget; 0 for a read.
    pub writes: u32,
    /// Of the budget of units.
    pub units: u32,
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
    writes: Option<Budget>,
    units: Option<Budget>,
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
    /// Whether it was the budget of units that was used up, not that of writes.
    pub units_refused: bool,
    /// What it counted for the request in units, if it said so.
    pub units: Option<u32>,
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
                writes: pace.writes.map(|rate| Budget::new(rate, Instant::now())),
                units: pace.units.map(|rate| Budget::new(rate, Instant::now())),
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

    /// Waits until a request that costs this may be sent. Keep the permit until the answer is
    /// there.
    pub async fn permit(&self, cost: Cost) -> Permit<'_> {
        let turn = if cost.writes > 0 {
            Some(self.queue.lock().await)
        } else {
            None
        };
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let next = self.lock().next(cost, Instant::now());
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
            cost,
            open: true,
        }
    }

    /// Raises the budget of units to this rate, if it goes by a smaller one.
    pub fn allow(&self, rate: Rate) {
        let now = Instant::now();
        let mut state = self.lock();
        let smaller = state
            .units
            .as_mut()
            .filter(|units| units.rate().burst < rate.burst);
        if let Some(units) = smaller {
            units.set_rate(rate, now);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Whether writes were refused although our own count allowed them twice over: the target
    /// counts more for some writes than we do.
    #[must_use]
    pub fn underrates_writes(&self) -> bool {
        let now = Instant::now();
        self.lock().writes.as_ref().is_some_and(|b| b.underrated(now))
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

    fn finish(&self, cost: Cost, signal: Signal) {
        self.lock().finish(cost, signal, Instant::now());
        self.changed.notify_waiters();
    }
}

impl State {
    fn next(&mut self, cost: Cost, now: Instant) -> Next {
        if let Some(until) = self.paused_until {
            if until > now {
                return Next::At(until);
            }
            self.paused_until = None;
        }
        if f64::from(self.in_flight) >= self.window.floor() {
            return Next::WhenChanged;
        }
        let writes = self.writes.as_mut().filter(|_| cost.writes > 0);
        let units = self.units.as_mut().filter(|_| cost.units > 0);
        let mut spent = [(writes, cost.writes), (units, cost.units)];
        // First both are asked, then both are taken: half a cost is never spent.
        for (budget, amount) in &mut spent {
            match budget.as_mut().map_or(Ok(()), |b| b.ready(*amount, now)) {
                Ok(()) => {}
                Err(Some(when)) => return Next::At(when),
                Err(None) => return Next::WhenChanged,
            }
        }
        for (budget, amount) in &mut spent {
            if let Some(budget) = budget {
                budget.spend(*amount, now);
            }
        }
        self.in_flight += 1;
        Next::Go
    }

    fn finish(&mut self, cost: Cost, signal: Signal, now: Instant) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let near = signal.used.is_some_and(|used| used >= NEAR_LIMIT);
        if let Some(budget) = self.writes.as_mut().filter(|_| cost.writes > 0) {
            budget.settle(cost.writes, now);
            // A meter that counts writes and units does not tell which of them it means.
            budget.near_limit(near, now);
            if signal.refused > 0 && !signal.units_refused {
                budget.refused(now);
            }
        }
        if let Some(budget) = self.units.as_mut().filter(|_| cost.units > 0) {
            budget.settle(cost.units, now);
            budget.near_limit(near && cost.writes == 0, now);
            if let Some(counted) = signal.units {
                budget.correct(f64::from(counted) - f64::from(cost.units));
            }
            if signal.units_refused {
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
    cost: Cost,
    open: bool,
}

impl Permit<'_> {
    /// Gives the permit back with what the answer said.
    pub fn finish(mut self, signal: Signal) {
        self.open = false;
        self.pacer.finish(self.cost, signal);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.open {
            self.pacer.finish(self.cost, Signal::default());
        }
    }
}

#[cfg(test)]
mod tests;
