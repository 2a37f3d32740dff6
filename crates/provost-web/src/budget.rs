//! How many requests a token may send: a bucket of tokens that fills at a steady rate, kept as one number.

use std::sync::atomic::{AtomicU64, Ordering};

const SECOND: u64 = 1_000_000_000;

/// How fast and how many at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Nanoseconds that one request pays for.
    interval: u64,
    /// Nanoseconds that may be owed: the whole bucket.
    depth: u64,
}

impl Pace {
    /// `per_second` requests in the long run, `burst` at once. `None` for a rate of 0: no limit.
    pub fn new(per_second: u32, burst: u32) -> Option<Self> {
        let interval = SECOND.checked_div(u64::from(per_second))?;
        Some(Self {
            interval,
            depth: interval * u64::from(burst.max(1)),
        })
    }
}

/// The moment at which what was spent is paid for, in nanoseconds since the server started. It lies in the
/// past when the bucket is full.
#[derive(Debug, Default)]
pub(crate) struct Budget(AtomicU64);

impl Budget {
    /// Takes one request out of the bucket at `now`, nanoseconds since the server started.
    ///
    /// # Errors
    /// The whole seconds, at least 1, after which there is one again.
    pub fn take(&self, now: u64, pace: Pace) -> Result<(), u64> {
        let mut paid = self.0.load(Ordering::Relaxed);
        loop {
            let next = paid.max(now) + pace.interval;
            if next > now + pace.depth {
                return Err((next - now - pace.depth).div_ceil(SECOND).max(1));
            }
            match self
                .0
                .compare_exchange_weak(paid, next, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return Ok(()),
                Err(moved) => paid = moved,
            }
        }
    }

    /// Takes `more` requests out of the bucket, whatever is in it: those that follow wait until it is paid.
    pub fn charge(&self, now: u64, pace: Pace, more: u64) {
        let add = |paid: u64| Some(paid.max(now) + pace.interval * more);
        // The closure never answers `None`.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let (budget, pace) = (Budget::default(), Pace::new(10, 5).unwrap());
        let start = 7 * SECOND;
        for _ in 0..5 {
            assert_eq!(budget.take(start, pace), Ok(()));
        }
        assert_eq!(budget.take(start, pace), Err(1));
        assert_eq!(budget.take(start + SECOND / 10, pace), Ok(()));
        assert_eq!(budget.take(start + SECOND / 10, pace), Err(1));
        let later = (0..20)
            .filter(|_| budget.take(start + 100 * SECOND, pace).is_ok())
            .count();
        assert_eq!(later, 5, "no more than the bucket holds is saved up");
    }

    #[test]
    fn what_was_charged_is_waited_for_in_whole_seconds() {
        let (budget, pace) = (Budget::default(), Pace::new(10, 5).unwrap());
        assert_eq!(budget.take(0, pace), Ok(()));
        budget.charge(0, pace, 34);
        assert_eq!(budget.take(0, pace), Err(4));
        assert_eq!(budget.take(3 * SECOND + SECOND / 10, pace), Ok(()));
    }

    #[test]
    fn a_rate_of_nothing_is_no_limit_and_a_bucket_holds_at_least_one() {
        assert_eq!(Pace::new(0, 10), None);
        let (budget, pace) = (Budget::default(), Pace::new(1, 0).unwrap());
        assert_eq!((budget.take(0, pace), budget.take(0, pace)), (Ok(()), Err(1)));
    }
}
