//! How often each provider relied on a tolerated habit: what setting it to `strict` would break.

use crate::{Result, Tx};
use provost_scim::leniency::{Habit, Habits};

crate::statements! {
    COUNT = "INSERT INTO habit_count (provider, habit, uses, first_seen, last_seen) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (provider, habit) DO UPDATE SET uses = habit_count.uses + excluded.uses, \
             last_seen = excluded.last_seen";
    OF_PROVIDER = "SELECT habit, uses, first_seen, last_seen FROM habit_count WHERE provider = $1 \
                   ORDER BY uses DESC, habit";
}

/// How often a provider relied on a habit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The habit's name.
    pub name: String,
    /// Uses since it was first seen.
    pub uses: i64,
    /// When it was first seen.
    pub first_seen: i64,
    /// When it was last seen.
    pub last_seen: i64,
}

impl Count {
    /// The habit, unless this version does not know it.
    pub fn habit(&self) -> Option<Habit> {
        Habit::ALL.iter().copied().find(|habit| habit.name() == self.name)
    }
}

/// Adds what one or several requests showed.
///
/// # Errors
/// Any error of the database.
pub fn count(tx: &mut Tx, provider: i64, habits: &Habits, now: i64) -> Result<()> {
    for (habit, uses) in habits.iter() {
        let params = [
            provider.into(),
            habit.name().into(),
            i64::from(uses).into(),
            now.into(),
            now.into(),
        ];
        tx.execute(COUNT, &params)?;
    }
    Ok(())
}

/// A provider's habits, the most used first.
///
/// # Errors
/// Any error of the database.
pub fn of_provider(tx: &mut Tx, provider: i64) -> Result<Vec<Count>> {
    tx.query(OF_PROVIDER, &[provider.into()], |r| {
        Ok(Count {
            name: r.text(0)?,
            uses: r.int(1)?,
            first_seen: r.int(2)?,
            last_seen: r.int(3)?,
        })
    })
}
