//! What an administrator sets about a provider: kept as one JSON text in its row.

use crate::word::words;
use crate::{Error, Result};
use ipnet::IpNet;
use provost_scim::leniency::Dialect;
use provost_scim::sheet::Sheet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

words! {
    /// What a provider's people may do in its team.
    Permission, "permission":
    /// See.
    Read = "read",
    /// See and change.
    Write = "write",
    /// See, change, and decide who else may.
    Manage = "manage",
}

words! {
    /// What happens when a provider creates a person whom the workspace has under another owner.
    Takeover, "takeover rule":
    /// Refused, as for any name that is taken.
    Never = "never",
    /// Refused, and a person is asked to decide.
    Ask = "ask",
    /// The person becomes the provider's when no provider owns them yet; otherwise as `ask`.
    Unowned = "unowned",
    /// The person becomes the provider's.
    Always = "always",
}

words! {
    /// Which requests of a provider are kept in the request log.
    RequestLog, "request log rule":
    /// Every one.
    All = "all",
    /// Those that change something, and those that failed.
    Changes = "changes",
    /// Those that failed.
    Failures = "failures",
    /// None.
    Off = "off",
}

words! {
    /// What happens to a group's member that the provider does not have.
    UnknownMembers, "rule for unknown members":
    /// The request is refused and names them.
    Refuse = "refuse",
    /// They are left out, and the request log says so.
    Skip = "skip",
}

/// Days that a log or the recycle bin may be kept: ten years.
const MOST_DAYS: u32 = 3_650;
/// Networks of one provider.
const MOST_NETWORKS: usize = 256;
/// Requests a second, and requests at once, that a limit may allow.
const MOST_REQUESTS: u32 = 1_000_000;

/// A provider's settings. A field that is left out has its default; an unknown one is refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What its people may do in its team; only with a team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permission>,
    /// Whose habits are tolerated. None: everybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
    /// Which attributes of a person must be there, and which may be filtered on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<Sheet>,
    /// What happens to a person who exists under another owner.
    pub takeover: Takeover,
    /// From where its requests may come; empty: from anywhere.
    pub networks: Vec<IpNet>,
    /// Requests a second in the long run; 0: no limit.
    pub requests_per_second: u32,
    /// Requests that may come at once, before the rate holds.
    pub burst: u32,
    /// Which requests are kept in the request log.
    pub request_log: RequestLog,
    /// Days that the request log is kept.
    pub log_days: u32,
    /// Days that a deleted person or group can be restored; 0: until the next sweep.
    pub recycle_days: u32,
    /// What happens to a group's member that the provider does not have.
    pub unknown_members: UnknownMembers,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            permission: None,
            dialect: None,
            sheet: None,
            takeover: Takeover::Ask,
            networks: Vec::new(),
            requests_per_second: 200,
            burst: 1_000,
            request_log: RequestLog::All,
            log_days: 30,
            recycle_days: 30,
            unknown_members: UnknownMembers::Refuse,
        }
    }
}

impl Settings {
    /// Refuses what cannot be kept to.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-PROVIDER-SETTINGS`) with the field and its limits.
    pub fn check(&self) -> Result<()> {
        let refuse =
            |sentence: String, hint: &str| Err(Error::refused("PRV-PROVIDER-SETTINGS", sentence, hint));
        if self.requests_per_second > MOST_REQUESTS || self.burst > MOST_REQUESTS {
            return refuse(
                format!("a provider's rate or burst is over {MOST_REQUESTS}"),
                "Set a lower one, or a rate of 0 for no limit.",
            );
        }
        if self.requests_per_second > 0 && self.burst == 0 {
            return refuse(
                "a burst of 0 would refuse every request".into(),
                "Set a burst of at least 1, or a rate of 0 for no limit.",
            );
        }
        if self.log_days == 0 || self.log_days > MOST_DAYS {
            return refuse(
                format!("the request log cannot be kept for {} days", self.log_days),
                "Use 1 to 3650 days, or set the request log to off.",
            );
        }
        if self.recycle_days > MOST_DAYS {
            return refuse(
                format!("the recycle bin cannot be kept for {} days", self.recycle_days),
                "Use 0 to 3650 days.",
            );
        }
        if self.networks.len() > MOST_NETWORKS {
            return refuse(
                format!(
                    "{} networks are more than a provider may have",
                    self.networks.len()
                ),
                "Name at most 256, or wider ones.",
            );
        }
        Ok(())
    }

    /// Whether a request may come from this address. An IPv4 address that is written as IPv6
    /// (`::ffff:192.0.2.1`) counts as what it is.
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.is_empty() || self.networks.iter().any(|network| network.contains(&address))
    }

    /// The names of the fields in which two settings differ, in alphabetical order.
    pub(super) fn differences(&self, other: &Self) -> Result<Vec<String>> {
        let fields = |settings: &Self| match serde_json::to_value(settings) {
            Ok(serde_json::Value::Object(fields)) => Ok(fields),
            Ok(_) => Err(unreadable("they are no object")),
            Err(e) => Err(unreadable(e)),
        };
        let (mine, theirs) = (fields(self)?, fields(other)?);
        let mut names: Vec<String> = mine.keys().chain(theirs.keys()).cloned().collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| mine.get(name) != theirs.get(name));
        Ok(names)
    }

    /// The text that is kept.
    pub(super) fn to_text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(unreadable)
    }

    /// Reads the text that is kept.
    pub(crate) fn of_text(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(unreadable)
    }
}

fn unreadable(reason: impl std::fmt::Display) -> Error {
    Error::Damaged(format!("the settings of an inbound provider: {reason}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_has_its_default_and_what_is_unknown_is_refused() {
        let settings = Settings::of_text("{}").unwrap();
        assert_eq!(settings, Settings::default());
        let set = Settings::of_text(r#"{"takeover":"unowned","networks":["192.0.2.0/24","2001:db8::/32"]}"#)
            .unwrap();
        assert_eq!(
            (set.takeover, set.networks.len(), set.burst),
            (Takeover::Unowned, 2, 1_000)
        );
        assert_eq!(Settings::of_text(&set.to_text().unwrap()).unwrap(), set);
        for wrong in [
            r#"{"takeovr":"ask"}"#,
            r#"{"takeover":"sometimes"}"#,
            r#"{"networks":["192.0.2.0/33"]}"#,
        ] {
            assert!(Settings::of_text(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn networks_admit_their_addresses_in_either_spelling() {
        let settings = Settings::of_text(r#"{"networks":["192.0.2.0/24","2001:db8::/32"]}"#).unwrap();
        for inside in ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"] {
            assert!(settings.admits(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["192.0.3.7", "::ffff:192.0.3.7", "2001:db9::1", "::1"] {
            assert!(!settings.admits(outside.parse().unwrap()), "{outside}");
        }
        assert!(Settings::default().admits("198.51.100.1".parse().unwrap()));
    }

    #[test]
    fn what_cannot_be_kept_to_is_refused_with_its_limits() {
        let usual = Settings::default;
        for (wrong, said) in [
            (
                Settings {
                    log_days: 0,
                    ..usual()
                },
                "1 to 3650 days",
            ),
            (
                Settings {
                    recycle_days: 3_651,
                    ..usual()
                },
                "0 to 3650 days",
            ),
            (Settings { burst: 0, ..usual() }, "burst of at least 1"),
            (
                Settings {
                    requests_per_second: 2_000_000,
                    ..usual()
                },
                "over 1000000",
            ),
        ] {
            let error = wrong.check().unwrap_err();
            assert_eq!(error.code(), Some("PRV-PROVIDER-SETTINGS"));
            assert!(error.to_string().contains(said), "{error}");
        }
        Settings {
            burst: 0,
            requests_per_second: 0,
            ..usual()
        }
        .check()
        .unwrap();
    }

    #[test]
    fn differences_are_named_and_their_values_are_not() {
        let (one, two) = (
            Settings::default(),
            Settings {
                dialect: Some(Dialect::Okta),
                burst: 5,
                ..Settings::default()
            },
        );
        assert_eq!(one.differences(&two).unwrap(), ["burst", "dialect"]);
        assert!(one.differences(&one).unwrap().is_empty());
    }

    #[test]
    fn a_word_is_read_back_and_a_mistake_is_told_the_words() {
        for one in Takeover::ALL {
            assert_eq!(one.as_str().parse::<Takeover>().unwrap(), *one);
        }
        let error = "sometimes".parse::<Takeover>().unwrap_err().to_string();
        assert_eq!(
            error,
            "PRV-WORD: \"sometimes\" is no takeover rule. Use one of: never, ask, unowned, always."
        );
    }
}
