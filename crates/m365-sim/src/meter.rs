//! Counting a budget: two ways of saying "so many in so long".

use std::collections::VecDeque;

use crate::settings::Model;

/// What became of a request for a share of the budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verdict {
    Granted,
    /// Come back in so many milliseconds.
    Refused {
        wait_ms: f64,
    },
}

/// A budget of `capacity` in every `window_ms`.
#[derive(Debug)]
pub(crate) struct Meter {
    window_ms: f64,
    count: Count,
}

#[derive(Debug)]
enum Count {
    Bucket {
        level: f64,
        at: i64,
    },
    /// Moment and cost of each request in the window, refused ones too, and their sum.
    Window {
        spent: VecDeque<(i64, f64)>,
        sum: f64,
    },
}

impl Meter {
    /// A full budget. `None` when the model has no limits.
    pub(crate) fn new(model: Model, capacity: f64, window_ms: f64, now: i64) -> Option<Meter> {
        let count = match model {
            Model::None => return None,
            Model::TokenBucket => Count::Bucket {
                level: capacity,
                at: now,
            },
            Model::SlidingWindow => Count::Window {
                spent: VecDeque::new(),
                sum: 0.0,
            },
        };
        Some(Meter { window_ms, count })
    }

    /// Asks for `cost`. A refusal counts as well: whoever keeps knocking waits longer.
    pub(crate) fn take(&mut self, now: i64, cost: f64, capacity: f64) -> Verdict {
        self.advance(now, capacity);
        match &mut self.count {
            Count::Bucket { level, .. } => {
                if *level >= cost {
                    *level -= cost;
                    return Verdict::Granted;
                }
                // What is left of the bucket goes to the refused request.
                *level = 0.0;
                Verdict::Refused {
                    wait_ms: cost * self.window_ms / capacity,
                }
            }
            Count::Window { spent, sum } => {
                spent.push_back((now, cost));
                *sum += cost;
                if *sum <= capacity {
                    return Verdict::Granted;
                }
                Verdict::Refused {
                    wait_ms: until_room(spent, *sum, cost, capacity, now, self.window_ms),
                }
            }
        }
    }

    /// How much of the budget is used: 1.0 at the limit, more beyond it.
    pub(crate) fn load(&mut self, now: i64, capacity: f64) -> f64 {
        self.advance(now, capacity);
        match &self.count {
            Count::Bucket { level, .. } => 1.0 - level / capacity,
            Count::Window { sum, .. } => sum / capacity,
        }
    }

    #[allow(clippy::cast_precision_loss)] // Milliseconds of a clock, far below 2^52.
    fn advance(&mut self, now: i64, capacity: f64) {
        match &mut self.count {
            Count::Bucket { level, at } => {
                let passed = now.saturating_sub(*at).max(0) as f64;
                *level = (*level + passed * capacity / self.window_ms).min(capacity);
                *at = now.max(*at);
            }
            Count::Window { spent, sum } => {
                while let Some((at, cost)) = spent.front().copied() {
                    if ((now - at) as f64) < self.window_ms {
                        break;
                    }
                    spent.pop_front();
                    *sum -= cost;
                }
            }
        }
    }
}

/// When enough of the window will have passed for one more request of this cost.
#[allow(clippy::cast_precision_loss)]
fn until_room(
    spent: &VecDeque<(i64, f64)>,
    sum: f64,
    cost: f64,
    capacity: f64,
    now: i64,
    window_ms: f64,
) -> f64 {
    let mut left = sum + cost;
    for (at, freed) in spent {
        left -= freed;
        if left <= capacity {
            return window_ms - (now - at) as f64;
        }
    }
    window_ms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(meter: &mut Meter, now: i64, tries: usize) -> usize {
        (0..tries)
            .filter(|_| meter.take(now, 1.0, 3_000.0) == Verdict::Granted)
            .count()
    }

    #[test]
    fn a_bucket_gives_its_content_at_once_and_then_twenty_a_second() -> Result<(), &'static str> {
        let mut meter = Meter::new(Model::TokenBucket, 3_000.0, 150_000.0, 0).ok_or("limited")?;
        assert_eq!(granted(&mut meter, 0, 3_100), 3_000);
        assert_eq!(granted(&mut meter, 1_000, 20), 20);
        assert_eq!(granted(&mut meter, 1_025, 1), 0, "half a token is not one");
        assert_eq!(granted(&mut meter, 1_050, 1), 0, "the refusal took the half");
        assert_eq!(granted(&mut meter, 1_100, 1), 1);
        assert_eq!(
            granted(&mut meter, 10_000_000, 4_000),
            3_000,
            "it never holds more than a window's worth"
        );
        Ok(())
    }

    #[test]
    fn a_window_never_sees_more_than_its_budget() -> Result<(), &'static str> {
        let mut meter = Meter::new(Model::SlidingWindow, 3_000.0, 150_000.0, 0).ok_or("limited")?;
        assert_eq!(granted(&mut meter, 0, 2_000), 2_000);
        assert_eq!(granted(&mut meter, 100_000, 1_000), 1_000);
        assert_eq!(
            meter.take(100_000, 1.0, 3_000.0),
            Verdict::Refused { wait_ms: 50_000.0 }
        );
        assert!(meter.load(100_000, 3_000.0) > 1.0);
        assert_eq!(granted(&mut meter, 149_999, 1), 0);
        assert_eq!(
            granted(&mut meter, 150_000, 3_000),
            1_998,
            "the two refusals count"
        );
        Ok(())
    }

    #[test]
    fn no_model_no_meter() {
        assert!(Meter::new(Model::None, 1.0, 1.0, 0).is_none());
    }
}
