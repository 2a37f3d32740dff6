//! What a check is, and how it can end.

use serde::Serialize;

use super::Profile;
use super::report::{Finding, Verdict};
use super::session::Session;
use crate::{BoxFuture, Error};

/// How a check's work ends.
pub(super) type Judged<T = ()> = Result<T, Stop>;

/// Why a check does not pass.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something else came than must come.
    Wrong {
        /// What was expected of the answer at fault.
        expected: String,
        /// What it was instead.
        came: String,
    },
    /// The check does not apply here; the reason.
    Skip(String),
    /// No answer came.
    Lost(Error),
}

impl Stop {
    pub(super) fn wrong(expected: impl Into<String>, came: impl Into<String>) -> Self {
        Self::Wrong {
            expected: expected.into(),
            came: came.into(),
        }
    }

    pub(super) fn skip(reason: impl Into<String>) -> Self {
        Self::Skip(reason.into())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Lost(error)
    }
}

/// One thing that a server has to get right.
pub(super) struct Check {
    /// A stable name.
    pub id: &'static str,
    /// What is done, in a few words.
    pub title: &'static str,
    pub group: Group,
    pub level: Level,
    /// What the server must offer for the check to apply.
    pub needs: &'static [Need],
    /// What a good server answers.
    pub expected: &'static str,
    /// What goes wrong for people when it does not.
    pub why: &'static str,
    /// What to change in the server.
    pub remedy: &'static str,
    pub run: Run,
}

/// The work of a check.
pub(super) type Run = for<'a> fn(&'a mut Session) -> BoxFuture<'a, Judged>;

impl Check {
    /// The finding of a check that was not carried out.
    pub(super) fn skipped(&self, reason: &str) -> Finding {
        self.finding(Verdict::Skipped, reason.to_owned())
    }

    /// A finding with the check's own texts.
    pub(super) fn finding(&self, verdict: Verdict, came: String) -> Finding {
        Finding {
            id: self.id,
            title: self.title,
            group: self.group,
            level: self.level,
            verdict,
            expected: self.expected.to_owned(),
            came,
            why: self.why,
            remedy: self.remedy,
            warnings: Vec::new(),
            exchanges: Vec::new(),
        }
    }

    /// What a wrong answer means for this check.
    pub(super) fn verdict_of_wrong(&self) -> Verdict {
        match self.level {
            Level::Required => Verdict::Fail,
            Level::Recommended => Verdict::Warn,
        }
    }
}

/// Whether provisioning fails without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A wrong answer is a failure.
    Required,
    /// A wrong answer is a warning: something is lost, but people are provisioned.
    Recommended,
}

/// What a server must offer for a check to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// A `/Groups` endpoint.
    Groups,
    /// An attribute of people, by its name in `/Schemas`.
    Attribute(&'static str),
    /// Advertised in `/ServiceProviderConfig`.
    Etag,
    Sort,
    Bulk,
    Cursor,
}

/// Checks that belong together, in the order of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Being let in and not being let in.
    Access,
    /// What the server says of itself.
    Discovery,
    /// RFC 7644 as every client relies on it.
    Protocol,
    /// Lists in pages.
    Paging,
    /// Entra: find, create, delete people.
    EntraPeople,
    /// Entra: change people.
    EntraChanges,
    /// Entra: managers and roles.
    EntraManager,
    /// Entra: the shapes of the flag `aadOptscim062020`.
    EntraFlag,
    /// Entra: groups and members.
    EntraGroups,
    /// Okta: people.
    OktaPeople,
    /// Okta: groups and members.
    OktaGroups,
    /// Features that a server may offer, when it says that it does.
    Optional,
}

impl Group {
    /// The heading in a report.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Access => "Access",
            Self::Discovery => "Discovery",
            Self::Protocol => "Protocol",
            Self::Paging => "Paging",
            Self::Optional => "Optional features",
            Self::EntraPeople => "Entra: people",
            Self::EntraChanges => "Entra: changes to people",
            Self::EntraManager => "Entra: managers and roles",
            Self::EntraFlag => "Entra: with ?aadOptscim062020",
            Self::EntraGroups => "Entra: groups",
            Self::OktaPeople => "Okta: people",
            Self::OktaGroups => "Okta: groups",
        }
    }

    pub(super) fn belongs_to(self, profile: Profile) -> bool {
        match self {
            Self::EntraPeople
            | Self::EntraChanges
            | Self::EntraManager
            | Self::EntraFlag
            | Self::EntraGroups => profile != Profile::Okta,
            Self::OktaPeople | Self::OktaGroups => profile != Profile::Entra,
            Self::Access | Self::Discovery | Self::Protocol | Self::Paging | Self::Optional => true,
        }
    }
}
