//! How a connection runs: what an administrator prefers, apart from credentials, rules and guard.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

crate::word::words! {
    /// Who starts a connection's cycles.
    Mode, "mode":
    /// The scheduler: changes go out by themselves.
    Automatic = "automatic",
    /// Nobody but a person: changes wait until somebody runs a cycle.
    Manual = "manual",
}

crate::word::words! {
    /// Who is meant, before the scoping filters are asked.
    Assignment, "assignment":
    /// Everybody in the workspace.
    All = "all",
    /// Only who is assigned, directly or as a member of an assigned group. Nobody assigned means nobody.
    Assigned = "assigned",
}

/// The longest wait between two cycles, in seconds: a day.
const LONGEST_INTERVAL: u32 = 86_400;
/// The longest wait between two reconciles, in hours: 28 days.
const LONGEST_RECONCILE: u32 = 672;
/// The longest wait between two evaluations of rules that depend on the time, in minutes: a day.
const LONGEST_CLOCK: u32 = 1_440;

/// A connection's preferences. Unknown fields are refused, so that a misspelt one is noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Preferences {
    /// Who starts its cycles.
    pub mode: Mode,
    /// Who is meant.
    pub assignment: Assignment,
    /// Whether members of groups inside assigned groups count as assigned. The people of groups inside a group
    /// are then written as its direct members.
    pub nested: bool,
    /// Seconds between two cycles; 0: a change goes out at once. At most 86,400. Disables do not wait.
    pub interval_seconds: u32,
    /// Hours between two reconciles; 0: never by itself. At most 672.
    pub reconcile_hours: u32,
    /// Minutes between two evaluations of rules that depend on the time. From 1 to 1,440.
    pub clock_minutes: u32,
    /// Whether accounts of people who leave the scope are left alone (Microsoft Graph calls it
    /// `SkipOutOfScopeDeletions`).
    pub skip_out_of_scope: bool,
    /// Whether a reconcile lists the target's objects that nobody owns.
    pub discover: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            mode: Mode::Automatic,
            assignment: Assignment::All,
            nested: false,
            interval_seconds: 0,
            reconcile_hours: 24,
            clock_minutes: 15,
            skip_out_of_scope: false,
            discover: true,
        }
    }
}

impl Preferences {
    /// Refuses numbers that are out of their range.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-PREFERENCES`) with the name of the first one and its range.
    pub fn check(&self) -> Result<()> {
        let ranges = [
            ("interval_seconds", self.interval_seconds, 0, LONGEST_INTERVAL),
            ("reconcile_hours", self.reconcile_hours, 0, LONGEST_RECONCILE),
            ("clock_minutes", self.clock_minutes, 1, LONGEST_CLOCK),
        ];
        match ranges
            .iter()
            .find(|(_, value, least, most)| !(least..=most).contains(&value))
        {
            None => Ok(()),
            Some((name, value, least, most)) => Err(Error::refused(
                "PRV-PREFERENCES",
                format!("the preference {name} cannot be {value}"),
                format!("Give it a whole number from {least} to {most}."),
            )),
        }
    }

    pub(super) fn to_text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(unreadable)
    }

    pub(super) fn of_text(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(unreadable)
    }
}

fn unreadable(reason: impl std::fmt::Display) -> Error {
    Error::Damaged(format!("the preferences of a connection: {reason}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default_and_what_is_unknown_is_refused() {
        assert_eq!(Preferences::of_text("{}").unwrap(), Preferences::default());
        let set =
            Preferences::of_text(r#"{"mode":"manual","assignment":"assigned","clock_minutes":5}"#).unwrap();
        assert_eq!(
            (set.mode, set.assignment, set.clock_minutes),
            (Mode::Manual, Assignment::Assigned, 5)
        );
        assert_eq!(set.reconcile_hours, 24);
        assert_eq!(Preferences::of_text(&set.to_text().unwrap()).unwrap(), set);
        assert!(Preferences::of_text(r#"{"intervall":5}"#).is_err());
    }

    #[test]
    fn a_number_out_of_its_range_is_refused_by_name() {
        let fault = |change: fn(&mut Preferences)| {
            let mut preferences = Preferences::default();
            change(&mut preferences);
            preferences.check().map_err(|e| e.to_string())
        };
        assert_eq!(fault(|p| p.interval_seconds = 86_400), Ok(()));
        assert!(
            fault(|p| p.interval_seconds = 86_401)
                .unwrap_err()
                .contains("interval_seconds cannot be 86401")
        );
        assert!(
            fault(|p| p.clock_minutes = 0)
                .unwrap_err()
                .contains("from 1 to 1440")
        );
        assert!(
            fault(|p| p.reconcile_hours = 673)
                .unwrap_err()
                .contains("PRV-PREFERENCES")
        );
    }
}
