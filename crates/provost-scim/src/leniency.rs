//! Tolerated vendor habits, each named, traced to its source, and counted when it is met.
//!
//! Nothing in this crate forgives a body silently: a place that accepts more than the RFC asks first
//! whether the [`Habit`] is tolerated, and counts it. So an administrator can see what a provider really
//! sends, and a strict workspace gets the RFC and nothing else.

mod dialect;
mod habit;

pub use dialect::{Dialect, Seen, UnknownDialect};
pub use habit::Habit;

use habit::Vendor;

/// Which habits are tolerated: those of a [`Dialect`], with single ones added or taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leniency {
    tolerated: u64,
}

impl Leniency {
    /// Exactly the RFC.
    #[must_use]
    pub fn strict() -> Self {
        Self::of(Dialect::Strict)
    }

    /// What a dialect tolerates.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        let tolerated = |habit: &&Habit| match (dialect, habit.known_for()) {
            (Dialect::Strict, _) => false,
            (Dialect::Generic, _) | (_, Vendor::Several) => true,
            (Dialect::Entra | Dialect::EntraScim062020, vendor) => vendor == Vendor::Entra,
            (Dialect::Okta, vendor) => vendor == Vendor::Okta,
        };
        let bits = Habit::ALL
            .iter()
            .filter(tolerated)
            .fold(0, |bits, habit| bits | habit.bit());
        Self { tolerated: bits }
    }

    /// The same, and this habit too.
    #[must_use]
    pub const fn with(self, habit: Habit) -> Self {
        Self {
            tolerated: self.tolerated | habit.bit(),
        }
    }

    /// The same without this habit.
    #[must_use]
    pub const fn without(self, habit: Habit) -> Self {
        Self {
            tolerated: self.tolerated & !habit.bit(),
        }
    }

    /// Whether the habit is tolerated.
    #[must_use]
    pub const fn allows(&self, habit: Habit) -> bool {
        self.tolerated & habit.bit() != 0
    }
}

impl Default for Leniency {
    /// Everybody's habits ([`Dialect::Generic`]).
    fn default() -> Self {
        Self::of(Dialect::default())
    }
}

/// Which habits were met, and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Habits {
    counts: [u32; Habit::ALL.len()],
}

impl Habits {
    /// Counts one use.
    pub fn note(&mut self, habit: Habit) {
        if let Some(count) = self.counts.get_mut(habit as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// Adds what another body showed.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count = count.saturating_add(more);
        }
    }

    /// Raises every count to what another reading of the same text showed.
    pub(crate) fn at_least(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count = (*count).max(more);
        }
    }

    /// Drops what was counted of a habit.
    pub(crate) fn forget(&mut self, habit: Habit) {
        if let Some(count) = self.counts.get_mut(habit as usize) {
            *count = 0;
        }
    }

    /// How often the habit was met.
    #[must_use]
    pub fn count(&self, habit: Habit) -> u32 {
        self.counts.get(habit as usize).copied().unwrap_or(0)
    }

    /// Whether the habit was met.
    #[must_use]
    pub fn contains(&self, habit: Habit) -> bool {
        self.count(habit) > 0
    }

    /// Whether none was met: the body was what the RFC describes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|count| *count == 0)
    }

    /// The habits that were met, each with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Habit, u32)> {
        Habit::ALL
            .iter()
            .copied()
            .zip(self.counts)
            .filter(|(_, count)| *count > 0)
    }
}

/// What a reader asks before it accepts more than the RFC.
pub(crate) struct Tolerance<'a> {
    leniency: Leniency,
    used: &'a mut Habits,
}

impl<'a> Tolerance<'a> {
    pub(crate) fn new(leniency: &Leniency, used: &'a mut Habits) -> Self {
        Self {
            leniency: *leniency,
            used,
        }
    }

    /// The same tolerance with counts of their own, for a reading that may come to nothing.
    pub(crate) fn trial<'b>(&self, used: &'b mut Habits) -> Tolerance<'b> {
        Tolerance::new(&self.leniency, used)
    }

    /// Adds the counts of a trial that came to something.
    pub(crate) fn adopt(&mut self, used: &Habits) {
        self.used.merge(used);
    }

    /// Whether the habit that was just met is tolerated. It is counted if so.
    pub(crate) fn of(&mut self, habit: Habit) -> bool {
        let tolerated = self.leniency.allows(habit);
        if tolerated {
            self.used.note(habit);
        }
        tolerated
    }
}

#[cfg(test)]
mod tests;
