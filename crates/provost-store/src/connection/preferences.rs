//! How a connection runs: what an administrator prefers, apart from credentials, rules and guard.

use crate::{Error, Result};
use provost_engine::policy::Allowed;
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

/// The longest wait between two readings of a target's changes, in minutes: a day.
const LONGEST_READING: u32 = 1_440;
/// Characters of a description.
const DESCRIPTION: usize = 400;
/// Accounts that can be protected by name.
const PROTECTED: usize = 100;
/// Characters of an account's id or name.
const ACCOUNT: usize = 320;

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
    /// What the connection may do in the target, whatever its rules say.
    pub allowed: Allowed,
    /// Whether licences are taken back where the rule gives none: from every linked account in scope when no
    /// mapping gives licences, and all that are directly on the account of a person for whom it gives none.
    /// Otherwise only what Provost gave is ever taken back.
    pub remove_licences_when_empty: bool,
    /// What everybody who is disabled loses.
    pub leaver: LeaverPolicy,
    /// Minutes between two readings of what changed in the target; 0: never. At most 1,440.
    pub read_changes_minutes: u32,
    /// What the connection is for, in the words of its administrators; at most 400 characters.
    pub description: String,
    /// Accounts of the target that are never written, by id or name: those that open the door when nothing else
    /// does. At most 100.
    pub protected_accounts: Vec<String>,
}

/// What the accounts of disabled people lose beside the sign-in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LeaverPolicy {
    /// The memberships that Provost wrote.
    pub groups: bool,
    /// The licences that Provost gave.
    pub licences: bool,
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
            allowed: Allowed::default(),
            remove_licences_when_empty: false,
            leaver: LeaverPolicy::default(),
            read_changes_minutes: 0,
            description: String::new(),
            protected_accounts: Vec::new(),
        }
    }
}

impl Preferences {
    /// Refuses numbers that are out of their range, texts that are too long, and actions that contradict each other.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-PREFERENCES` with the name of the first one and its range,
    /// `PRV-ACTIONS-CONTRADICT` with the first contradiction.
    pub fn check(&self) -> Result<()> {
        let ranges = [
            ("interval_seconds", self.interval_seconds, 0, LONGEST_INTERVAL),
            ("reconcile_hours", self.reconcile_hours, 0, LONGEST_RECONCILE),
            ("clock_minutes", self.clock_minutes, 1, LONGEST_CLOCK),
            (
                "read_changes_minutes",
                self.read_changes_minutes,
                0,
                LONGEST_READING,
            ),
        ];
        let wrong = ranges
            .iter()
            .find(|(_, value, least, most)| !(least..=most).contains(&value));
        if let Some((name, value, least, most)) = wrong {
            return Err(Error::refused(
                "PRV-PREFERENCES",
                format!("the preference {name} cannot be {value}"),
                format!("Give it a whole number from {least} to {most}."),
            ));
        }
        self.check_texts()?;
        match self.allowed.check().first() {
            None => Ok(()),
            Some(fault) => {
                let sentence = fault.sentence.trim_end_matches('.');
                Err(Error::refused(fault.code, sentence, fault.hint))
            }
        }
    }

    fn check_texts(&self) -> Result<()> {
        let refuse = |sentence: &str, hint: String| Err(Error::refused("PRV-PREFERENCES", sentence, hint));
        if self.description.chars().count() > DESCRIPTION || self.description.contains('\0') {
            let hint = format!("Give it at most {DESCRIPTION} characters.");
            return refuse(
                "the description is too long, or has a character that cannot be kept",
                hint,
            );
        }
        let is_account = |text: &String| {
            let length = text.chars().count();
            (1..=ACCOUNT).contains(&length) && text.trim() == text && !text.chars().any(char::is_control)
        };
        if self.protected_accounts.len() > PROTECTED || !self.protected_accounts.iter().all(is_account) {
            let hint = format!(
                "Name at most {PROTECTED} accounts, each by its id or name of 1 to {ACCOUNT} printable characters."
            );
            return refuse("the preference protected_accounts cannot be kept", hint);
        }
        Ok(())
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
    use provost_engine::rule::RemoveAction;

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
    fn actions_that_contradict_each_other_and_texts_without_end_are_refused() {
        let code = |change: fn(&mut Preferences)| {
            let mut preferences = Preferences::default();
            change(&mut preferences);
            preferences.check().map_err(|e| e.code().unwrap())
        };
        assert_eq!(code(|p| p.allowed.update = false), Ok(()));
        let contradict = code(|p| {
            p.allowed.deprovision = false;
            p.allowed.remove_action = Some(RemoveAction::Delete);
        });
        assert_eq!(contradict, Err("PRV-ACTIONS-CONTRADICT"));
        assert_eq!(code(|p| p.description = "x".repeat(400)), Ok(()));
        assert_eq!(code(|p| p.description = "x".repeat(401)), Err("PRV-PREFERENCES"));
        assert_eq!(code(|p| p.read_changes_minutes = 1_441), Err("PRV-PREFERENCES"));
        let protect = |account: &str| {
            let mut preferences = Preferences::default();
            preferences.protected_accounts.push(account.to_owned());
            preferences.check().map_err(|e| e.code().unwrap())
        };
        assert_eq!(protect("admin@contoso.onmicrosoft.com"), Ok(()));
        for wrong in ["", " admin", "ad\nmin"] {
            assert_eq!(protect(wrong), Err("PRV-PREFERENCES"), "{wrong:?}");
        }
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
