//! The guard against accidental removals. It counts objects, memberships and licences apart, each against
//! limits of its own.

use serde::{Deserialize, Serialize};

use crate::plan::Counts;

/// The limits of the deletion guard. The defaults are on.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Guard {
    /// Whether the guard judges at all.
    pub enabled: bool,
    /// Up to this many removals always pass, so that a small directory can work.
    pub minimum: u32,
    /// The share of linked objects, in percent, that one cycle may remove.
    pub percent: f64,
    /// The share of linked objects, in percent, that any 24 hours may remove.
    pub per_day_percent: f64,
    /// The share of memberships, in percent, that one cycle may remove; in 24 hours two and a half
    /// times as much (the proportion of the two limits for objects).
    pub members_percent: f64,
    /// Up to this many removed memberships always pass.
    pub members_minimum: u32,
    /// Whether a group of ten or more members may be emptied without a person's decision.
    pub may_empty_groups: bool,
    /// A number of deleted or disabled objects at which a cycle is held, whatever their share; one less
    /// passes (as with the threshold of Entra's accidental deletion prevention, 500 as there). `None`, written
    /// as 0: only the shares count.
    #[serde(with = "no_limit")]
    pub limit: Option<u32>,
    /// The same number for any 24 hours; `None`, written as 0: only the share counts.
    #[serde(with = "no_limit")]
    pub per_day_limit: Option<u32>,
    /// A number of removed memberships at which a cycle is held; in 24 hours two and a half times as many.
    #[serde(with = "no_limit")]
    pub members_limit: Option<u32>,
    /// The share of licences that were given, in percent, that one cycle may take back; in 24 hours two and a
    /// half times as much.
    pub licences_percent: f64,
    /// Up to this many licences may always be taken back.
    pub licences_minimum: u32,
    /// When the directory lost more than this share of its people, in percent, since the last cycle, all
    /// removals are held: a source that shrinks like that is more likely broken than right.
    pub shrink_percent: f64,
    /// Up to this many lost people are no sign of a broken source.
    pub shrink_minimum: u32,
}

/// A limit that is not set is written as 0, because TOML has no null; both are read.
mod no_limit {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(limit: &Option<u32>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(limit.unwrap_or(0))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
        Ok(Option::<u32>::deserialize(deserializer)?.filter(|limit| *limit > 0))
    }
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            enabled: true,
            minimum: 5,
            percent: 2.0,
            per_day_percent: 5.0,
            members_percent: 2.0,
            members_minimum: 5,
            may_empty_groups: false,
            limit: Some(500),
            per_day_limit: None,
            members_limit: None,
            licences_percent: 2.0,
            licences_minimum: 5,
            shrink_percent: 20.0,
            shrink_minimum: 20,
        }
    }
}

/// What a plan is weighed against.
#[derive(Serialize, Deserialize, Debug, Default, Clone, Copy, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Baseline {
    /// Linked objects (accounts and groups) before the cycle.
    pub in_scope: u64,
    /// Objects deleted or disabled in the last 24 hours, across cycles and restarts.
    pub removed_last_24h: u64,
    /// Memberships written before the cycle.
    pub memberships: u64,
    /// Memberships removed in the last 24 hours, across cycles and restarts.
    pub members_removed_last_24h: u64,
    /// Licences given before the cycle.
    pub licences: u64,
    /// Licences taken back in the last 24 hours, across cycles and restarts.
    pub licences_removed_last_24h: u64,
    /// People in the directory at the end of the last cycle; 0 when there was none.
    pub people_before: u64,
    /// People in the directory now.
    pub people_now: u64,
}

/// The guard's judgement of a plan.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Carry the plan out.
    Proceed,
    /// Hold the plan's removals until a person decides.
    Held {
        /// How many removals of the kind that was over its limit.
        removals: u64,
        /// How many would have passed.
        limit: u64,
        /// The reason for the administrator.
        sentence: String,
    },
}

/// Judges the effects of a plan. The first limit that is exceeded gives the sentence.
pub fn judge(guard: &Guard, counts: &Counts, baseline: &Baseline) -> Verdict {
    if !guard.enabled {
        return Verdict::Proceed;
    }
    let objects = Weighing {
        what: "linked people and groups",
        deed: "delete or disable",
        removals: counts.object_removals(),
        earlier: baseline.removed_last_24h,
        total: baseline.in_scope,
        minimum: guard.minimum,
    };
    let members = Weighing {
        what: "memberships",
        deed: "remove",
        removals: counts.member_removals(),
        earlier: baseline.members_removed_last_24h,
        total: baseline.memberships,
        minimum: guard.members_minimum,
    };
    let licences = Weighing {
        what: "licences",
        deed: "take back",
        removals: counts.licence_removals(),
        earlier: baseline.licences_removed_last_24h,
        total: baseline.licences,
        minimum: guard.licences_minimum,
    };
    let members_per_day = guard.members_limit.map(|limit| limit.saturating_mul(5) / 2);
    shrunk(guard, counts, baseline)
        .or_else(|| objects.in_cycle(guard.percent, guard.limit))
        .or_else(|| objects.in_a_day(guard.per_day_percent, guard.per_day_limit))
        .or_else(|| members.in_cycle(guard.members_percent, guard.members_limit))
        .or_else(|| members.in_a_day(guard.members_percent * 2.5, members_per_day))
        .or_else(|| licences.in_cycle(guard.licences_percent, None))
        .or_else(|| licences.in_a_day(guard.licences_percent * 2.5, None))
        .or_else(|| emptied(guard, counts))
        .unwrap_or(Verdict::Proceed)
}

/// Holds every removal while the source looks broken.
fn shrunk(guard: &Guard, counts: &Counts, baseline: &Baseline) -> Option<Verdict> {
    let Baseline {
        people_before: before,
        people_now: now,
        ..
    } = *baseline;
    let removals = counts.removals();
    let lost = before.saturating_sub(now);
    let limit = share(before, guard.shrink_percent).max(u64::from(guard.shrink_minimum));
    (removals > 0 && lost > limit).then(|| Verdict::Held {
        removals,
        limit: 0,
        sentence: format!(
            "The directory lost {lost} of {before} people since the last cycle, which looks like a broken \
             source; no removal is let through without a person's decision."
        ),
    })
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts stay far below 2^52, and the cast of a negative or huge share saturates"
)]
fn share(total: u64, percent: f64) -> u64 {
    (total as f64 * percent / 100.0).floor() as u64
}

/// One kind of effect with what it is weighed against.
struct Weighing {
    what: &'static str,
    deed: &'static str,
    removals: u64,
    earlier: u64,
    total: u64,
    minimum: u32,
}

impl Weighing {
    /// How many may go: the share rounded down, or the minimum if that is more; and in every case fewer
    /// than the number at which a person decides.
    fn limit(&self, percent: f64, held_at: Option<u32>) -> u64 {
        let relative = share(self.total, percent).max(u64::from(self.minimum));
        let absolute = held_at.map_or(u64::MAX, |number| u64::from(number).saturating_sub(1));
        relative.min(absolute)
    }

    fn in_cycle(&self, percent: f64, held_at: Option<u32>) -> Option<Verdict> {
        let limit = self.limit(percent, held_at);
        let Self {
            what,
            deed,
            removals,
            total,
            ..
        } = self;
        (self.removals > limit).then(|| Verdict::Held {
            removals: self.removals,
            limit,
            sentence: format!(
                "This cycle would {deed} {removals} of {total} {what}; at most {limit} are let \
                 through without a person's decision."
            ),
        })
    }

    /// Over 24 hours; a cycle that removes nothing is not held for what others did.
    fn in_a_day(&self, percent: f64, held_at: Option<u32>) -> Option<Verdict> {
        let limit = self.limit(percent, held_at);
        let sum = self.removals.saturating_add(self.earlier);
        let Self {
            what,
            deed,
            removals,
            earlier,
            total,
            ..
        } = self;
        (self.removals > 0 && sum > limit).then(|| Verdict::Held {
            removals: sum,
            limit,
            sentence: format!(
                "This cycle would {deed} {removals} of {total} {what}, after {earlier} in the last \
                 24 hours; at most {limit} in 24 hours are let through without a person's decision."
            ),
        })
    }
}

fn emptied(guard: &Guard, counts: &Counts) -> Option<Verdict> {
    let groups = counts.emptied_groups;
    (groups > 0 && !guard.may_empty_groups).then(|| Verdict::Held {
        removals: groups,
        limit: 0,
        sentence: format!(
            "This cycle would empty or delete {groups} group(s) with ten or more members; none is \
             let through without a person's decision."
        ),
    })
}
