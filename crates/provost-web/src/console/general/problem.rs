//! A problem as the overview and the page of problems show it: what is wrong, since when, and who does what next.

use crate::console::address::Space;
use crate::console::runs::told_action;
use crate::console::time::{Clock, Moment};
use crate::texts::{Language, text};
use provost_store::problems::{Problem, ProblemKind};

/// A problem on a page.
pub(super) struct Line {
    /// What sort it is, in words.
    pub kind: &'static str,
    /// The name of its colour.
    pub class: &'static str,
    pub subject: String,
    pub address: Option<String>,
    /// The connection's name and page.
    pub connection: Option<(String, String)>,
    pub sentence: String,
    /// Whether the sentence is the engine's or a target's, which are English.
    pub is_quoted: bool,
    pub code: String,
    pub since: Moment,
    pub attempts: i64,
    /// When it is tried again by itself.
    pub next_try: Option<Moment>,
    /// Who can end it.
    pub owner: &'static str,
    /// Where it is decided or mended: address and label.
    pub way: Option<(String, &'static str)>,
    /// What the form sends that has it tried again: connection and object.
    pub retry: Option<(String, i64)>,
}

/// What a sort of problem is called, its colour, who can end it.
fn about(kind: ProblemKind) -> (&'static str, &'static str, &'static str) {
    const OPERATOR: &str = text("provisioning operator");
    const CONFIGURATION: &str = text("configuration admin");
    match kind {
        ProblemKind::Connection => (text("Connection is not active"), "held", CONFIGURATION),
        ProblemKind::Retry => (text("Step failed"), "failed", OPERATOR),
        ProblemKind::Staged => (text("Waits for approval"), "partial", OPERATOR),
        ProblemKind::Doubt => (text("Waits for a decision"), "partial", OPERATOR),
        ProblemKind::CredentialExpiring => (text("Credential ends soon"), "partial", CONFIGURATION),
        ProblemKind::CredentialExpired => (text("Credential has ended"), "failed", CONFIGURATION),
        ProblemKind::ImportHeld => (text("Import is held"), "held", OPERATOR),
        ProblemKind::Federation => (text("Federation of a domain"), "failed", CONFIGURATION),
        ProblemKind::Letters => (text("Letters were not sent"), "failed", CONFIGURATION),
    }
}

/// Where a problem is mended.
fn way(space: &Space, problem: &Problem) -> Option<(String, &'static str)> {
    let connection = problem.connection.as_deref();
    Some(match problem.kind {
        ProblemKind::Connection => (space.connection(connection?), text("Look at the connection")),
        ProblemKind::Retry => return None,
        ProblemKind::Staged => (space.at("/staged"), text("Approve or reject")),
        ProblemKind::Doubt => (space.doubts(connection?, false, None), text("Decide")),
        ProblemKind::CredentialExpiring | ProblemKind::CredentialExpired => {
            (space.at("/credentials"), text("Renew the credential"))
        }
        ProblemKind::ImportHeld => (space.at("/providers"), text("Look at the provider")),
        ProblemKind::Federation => (
            space.to(&["microsoft-365", &problem.subject, "federation"]),
            text("Look at the federation"),
        ),
        ProblemKind::Letters => (
            format!(
                "{}?state=failed",
                space.to(&["microsoft-365", &problem.subject, "migration", "letters"])
            ),
            text("Look at the letters"),
        ),
    })
}

/// The problem's sentence in the reader's language, where it is ours and always the same.
fn sentence(problem: &Problem, language: Language) -> Option<String> {
    match problem.kind {
        ProblemKind::Staged => {
            let action = problem.sentence.split('"').nth(1)?;
            let action = told_action(action, language);
            Some(language.f("The step \"{}\" waits for a decision.", &[&action]))
        }
        ProblemKind::ImportHeld => Some(
            language
                .t("An import found people missing, and removes nobody until somebody decides.")
                .to_owned(),
        ),
        _ => None,
    }
}

/// How a page shows a problem.
pub(super) fn line(space: &Space, clock: &Clock, problem: Problem) -> Line {
    let own = sentence(&problem, clock.language);
    let (kind, class, owner) = about(problem.kind);
    let connection = problem.connection.as_ref();
    let retry = connection.filter(|_| problem.kind == ProblemKind::Retry);
    Line {
        kind,
        class,
        owner,
        way: way(space, &problem),
        retry: retry.map(|name| (name.clone(), problem.key)),
        connection: connection.map(|name| (name.clone(), space.connection(name))),
        address: problem.object_id.map(|id| space.to(&["people", &id.to_string()])),
        since: clock.moment(problem.since),
        next_try: problem.next_try.map(|at| clock.moment(at)),
        attempts: problem.attempts,
        subject: problem.subject,
        is_quoted: own.is_none(),
        sentence: own.unwrap_or(problem.sentence),
        code: problem.code,
    }
}
