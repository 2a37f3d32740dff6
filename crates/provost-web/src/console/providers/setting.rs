//! The settings of a provider in words: what can be chosen, and what each choice means.

use crate::texts::{Language, text};
use provost_scim::leniency::Dialect;
use provost_store::provider::{Permission, RequestLog, Takeover, UnknownMembers};

/// A value, its label and what it means, in the reader's language.
pub(super) type Choice = (String, String, String);

fn choice(language: Language, value: &str, label: &'static str, about: &'static str) -> Choice {
    (
        value.to_owned(),
        language.t(label).to_owned(),
        language.t(about).to_owned(),
    )
}

/// The roles that a provider may give, with what each may do here. Owner is none of them.
pub(super) fn roles(language: Language) -> Vec<Choice> {
    let all = [
        (
            "user",
            text("User"),
            text("Is in the directory, and may do nothing in this console. Right for nearly everybody."),
        ),
        (
            "auditor",
            text("Auditor"),
            text("May read everything here and export it; changes nothing."),
        ),
        (
            "access-admin",
            text("Access admin"),
            text("May change people, groups, assignments, protections and blocks."),
        ),
        (
            "provisioning-operator",
            text("Provisioning operator"),
            text("May run and stop cycles, retry, approve and decide."),
        ),
        (
            "configuration-admin",
            text("Configuration admin"),
            text("May change connections, rules, providers and settings, and operate them."),
        ),
    ];
    all.into_iter()
        .map(|(value, label, about)| choice(language, value, label, about))
        .collect()
}

/// What a provider's people may do in its team.
pub(super) fn permissions(language: Language) -> Vec<(String, String)> {
    let named = Permission::ALL.iter().map(|one| {
        let label = match one {
            Permission::Read => text("read: see"),
            Permission::Write => text("write: see and change"),
            Permission::Manage => text("manage: see, change, and decide who else may"),
        };
        (one.as_str().to_owned(), language.t(label).to_owned())
    });
    std::iter::once((String::new(), language.t(text("none")).to_owned()))
        .chain(named)
        .collect()
}

/// Whose habits are tolerated.
pub(super) fn dialects(language: Language) -> Vec<(String, String)> {
    let named = Dialect::ALL.iter().map(|one| {
        let label = match one {
            Dialect::Strict => text("Strict: exactly the standard, nothing else"),
            Dialect::Generic => text("Generic: everybody's habits"),
            Dialect::Entra => text("Microsoft Entra"),
            Dialect::EntraScim062020 => text("Microsoft Entra with the flag aadOptscim062020"),
            Dialect::Okta => text("Okta"),
        };
        (one.as_str().to_owned(), language.t(label).to_owned())
    });
    let detect = text("Detect: everybody's habits, and what is met is counted");
    std::iter::once((String::new(), language.t(detect).to_owned()))
        .chain(named)
        .collect()
}

/// What happens to a person who exists under another owner.
pub(super) fn takeovers(language: Language) -> Vec<Choice> {
    let words = |one: &Takeover| match one {
        Takeover::Never => (text("Never"), text("Refused, as for any name that is taken.")),
        Takeover::Ask => (
            text("Ask"),
            text("Refused, and an administrator is asked to decide."),
        ),
        Takeover::Unowned => (
            text("Who is kept by hand"),
            text(
                "Becomes this provider's, unless another provider sends them; then an administrator is asked.",
            ),
        ),
        Takeover::Always => (
            text("Always"),
            text(
                "Becomes this provider's, also from another provider. Only for a change from one system to the next.",
            ),
        ),
    };
    let told = |one: &Takeover| {
        let (label, about) = words(one);
        choice(language, one.as_str(), label, about)
    };
    Takeover::ALL.iter().map(told).collect()
}

/// What happens to a group's member that the provider does not have.
pub(super) fn unknown_members(language: Language) -> Vec<Choice> {
    let words = |one: &UnknownMembers| match one {
        UnknownMembers::Refuse => (text("Refuse"), text("The request is refused and names them.")),
        UnknownMembers::Skip => (
            text("Leave out"),
            text("They are left out, and the request log says so."),
        ),
    };
    let told = |one: &UnknownMembers| {
        let (label, about) = words(one);
        choice(language, one.as_str(), label, about)
    };
    UnknownMembers::ALL.iter().map(told).collect()
}

/// Which requests are kept.
pub(super) fn request_logs(language: Language) -> Vec<(String, String)> {
    let told = |one: &RequestLog| {
        let label = match one {
            RequestLog::All => text("every request"),
            RequestLog::Changes => text("what changes something, and what failed"),
            RequestLog::Failures => text("what failed"),
            RequestLog::Off => text("none"),
        };
        (one.as_str().to_owned(), language.t(label).to_owned())
    };
    RequestLog::ALL.iter().map(told).collect()
}

/// For how long a secret may be valid: days, and what to call it.
pub(super) fn validities(language: Language) -> Vec<(String, String)> {
    let all = [
        ("90", text("90 days")),
        ("180", text("180 days")),
        ("365", text("a year")),
        ("730", text("two years")),
        ("", text("without an end")),
    ];
    all.into_iter()
        .map(|(days, label)| (days.to_owned(), language.t(label).to_owned()))
        .collect()
}
