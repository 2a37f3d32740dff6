//! Whether a connection is slowed down: decided from a cycle's counts and what went before.
//!
//! The thresholds and retry times follow the Entra documentation "Quarantine status": more than 60,000
//! failures of any kind; or, from 5,000 failures that are not about references, more than 40,000 or
//! more than 40 % of all events. Refused credentials quarantine at once.

use std::fmt;

use serde::{Deserialize, Serialize};

const HOUR: i64 = 3_600_000;
/// How long a quarantine may last before the connection is switched off, in milliseconds (28 days).
pub const LONGEST: i64 = 28 * 24 * HOUR;

const ANY_FAILURES: u64 = 60_000;
const FAILURES_THAT_COUNT: u64 = 5_000;
const MANY_FAILURES: u64 = 40_000;

/// What one cycle came to.
#[derive(Serialize, Deserialize, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Steps that succeeded.
    pub succeeded: u64,
    /// Steps that failed, references not counted.
    pub failed: u64,
    /// References (managers, members) that failed.
    pub failed_references: u64,
    /// The target refused the connection as a whole (credentials, consent, address): nothing can work.
    pub refused: bool,
    /// The cycle was an initial one: failing objects do not quarantine it, it is to finish.
    pub initial: bool,
}

/// The quarantine a connection is in before the cycle is judged.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Series {
    /// Cycles in a row that deserved quarantine, the first included.
    pub failures: u32,
    /// Milliseconds since the first of them.
    pub lasting: i64,
}

/// Why a connection is in quarantine.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The target refused the connection.
    Refused,
    /// Too many failures of all kinds.
    TooManyFailures,
    /// Too many failed objects.
    TooManyObjects,
    /// Too large a share of failed objects.
    TooLargeShare,
    /// The guard holds the removals of a cycle. Informational: the guard stops removals, not the connection.
    TooManyRemovals,
}

impl Reason {
    /// The reason's name in Microsoft Graph (`quarantineReason`).
    pub fn entra_name(self) -> &'static str {
        match self {
            Self::Refused => "EncounteredQuarantineException",
            Self::TooManyFailures => "EncounteredTotalEscrowThreshold",
            Self::TooManyObjects => "EncounteredBaseEscrowThreshold",
            Self::TooLargeShare => "EncounteredEscrowProportionThreshold",
            Self::TooManyRemovals => "TooManyDeletes",
        }
    }

    /// The stable code of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Refused => "PRV-QUARANTINE-REFUSED",
            Self::TooManyFailures => "PRV-QUARANTINE-TOO-MANY-FAILURES",
            Self::TooManyObjects => "PRV-QUARANTINE-TOO-MANY-OBJECTS",
            Self::TooLargeShare => "PRV-QUARANTINE-TOO-LARGE-SHARE",
            Self::TooManyRemovals => "PRV-QUARANTINE-TOO-MANY-REMOVALS",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "the target refused the connection; check its credentials and address",
            Self::TooManyFailures => "more than 60,000 changes failed, references included",
            Self::TooManyObjects => "more than 40,000 changes failed",
            Self::TooLargeShare => "more than 40 % of at least 5,000 changes failed",
            Self::TooManyRemovals => "the guard holds the removals of a cycle; approve or reject them",
        })
    }
}

/// The state of a connection after a cycle.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// The next cycle runs as usual.
    Healthy,
    /// The next cycle waits.
    Quarantined {
        /// Milliseconds from now to the next try.
        next_try_after_ms: i64,
        /// Why.
        reason: Reason,
    },
    /// The quarantine lasted longer than [`LONGEST`]: a person has to switch the connection on again.
    Disabled {
        /// Why it was in quarantine.
        reason: Reason,
    },
}

/// Decides from a cycle's counts; `before` is the quarantine the connection was already in.
///
/// One good cycle lifts the quarantine.
pub fn decide(tally: &Tally, before: Option<&Series>) -> State {
    let Some(reason) = reason(tally) else {
        return State::Healthy;
    };
    if before.is_some_and(|series| series.lasting >= LONGEST) {
        return State::Disabled { reason };
    }
    let failures = before.map_or(0, |series| series.failures);
    State::Quarantined {
        next_try_after_ms: wait(failures),
        reason,
    }
}

fn reason(tally: &Tally) -> Option<Reason> {
    if tally.refused {
        return Some(Reason::Refused);
    }
    if tally.initial {
        return None;
    }
    if tally.failed.saturating_add(tally.failed_references) > ANY_FAILURES {
        return Some(Reason::TooManyFailures);
    }
    if tally.failed < FAILURES_THAT_COUNT {
        return None;
    }
    if tally.failed > MANY_FAILURES {
        return Some(Reason::TooManyObjects);
    }
    let all = tally.failed.saturating_add(tally.succeeded);
    // 40 % in whole numbers.
    (u128::from(tally.failed) * 5 > u128::from(all) * 2).then_some(Reason::TooLargeShare)
}

/// The tries come 6, 12 and 24 hours after the first failure, then every 24 hours.
fn wait(failures_before: u32) -> i64 {
    match failures_before {
        0 | 1 => 6 * HOUR,
        2 => 12 * HOUR,
        _ => 24 * HOUR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(failed: u64, failed_references: u64, succeeded: u64) -> Tally {
        Tally {
            succeeded,
            failed,
            failed_references,
            ..Tally::default()
        }
    }

    #[test]
    fn the_published_examples_come_out() {
        let cases = [
            (tally(45_000, 0, 1_000_000), Some(Reason::TooManyObjects)),
            (tally(30_000, 0, 5_000), Some(Reason::TooLargeShare)),
            (tally(20_000, 0, 100_000), None),
            (tally(4_000, 0, 0), None),
            (tally(40_000, 21_000, 1_000_000), Some(Reason::TooManyFailures)),
            (tally(0, 60_000, 0), None),
        ];
        for (tally, expected) in cases {
            assert_eq!(reason(&tally), expected, "{tally:?}");
        }
    }

    #[test]
    fn the_share_is_exact_at_its_edge() {
        assert_eq!(reason(&tally(5_000, 0, 7_500)), None);
        assert_eq!(reason(&tally(5_000, 0, 7_499)), Some(Reason::TooLargeShare));
        assert_eq!(reason(&tally(4_999, 0, 0)), None);
    }

    #[test]
    fn an_initial_cycle_is_quarantined_only_when_refused() {
        let initial = Tally {
            initial: true,
            ..tally(50_000, 50_000, 0)
        };
        assert_eq!(decide(&initial, None), State::Healthy);
        let refused = Tally {
            refused: true,
            ..initial
        };
        assert!(matches!(decide(&refused, None), State::Quarantined { .. }));
    }

    #[test]
    fn tries_come_at_6_12_and_24_hours_and_then_daily() {
        let refused = Tally {
            refused: true,
            ..Tally::default()
        };
        let mut lasting = 0;
        let mut tries = Vec::new();
        let mut series = None;
        for failures in 1..=5 {
            let State::Quarantined {
                next_try_after_ms, ..
            } = decide(&refused, series.as_ref())
            else {
                unreachable!("it is refused and not yet 28 days old");
            };
            lasting += next_try_after_ms;
            tries.push(lasting / HOUR);
            series = Some(Series { failures, lasting });
        }
        assert_eq!(tries, [6, 12, 24, 48, 72]);
    }

    #[test]
    fn one_good_cycle_lifts_it_and_28_days_end_it() {
        let series = Series {
            failures: 9,
            lasting: LONGEST,
        };
        assert_eq!(decide(&tally(0, 0, 1), Some(&series)), State::Healthy);
        let refused = Tally {
            refused: true,
            ..Tally::default()
        };
        assert_eq!(
            decide(&refused, Some(&series)),
            State::Disabled {
                reason: Reason::Refused
            }
        );
        let younger = Series {
            lasting: LONGEST - 1,
            ..series
        };
        assert!(matches!(
            decide(&refused, Some(&younger)),
            State::Quarantined { .. }
        ));
    }

    #[test]
    fn every_reason_has_its_names() {
        let reasons = [
            Reason::Refused,
            Reason::TooManyFailures,
            Reason::TooManyObjects,
            Reason::TooLargeShare,
            Reason::TooManyRemovals,
        ];
        let mut names: Vec<_> = reasons.iter().flat_map(|r| [r.entra_name(), r.code()]).collect();
        assert!(
            reasons
                .iter()
                .all(|reason| reason.code().starts_with("PRV-QUARANTINE-"))
        );
        assert_eq!(
            Reason::TooLargeShare.entra_name(),
            "EncounteredEscrowProportionThreshold"
        );
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 10);
    }
}
