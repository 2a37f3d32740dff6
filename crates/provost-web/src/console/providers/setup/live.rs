//! The checks of a setup page: what has arrived so far, with its time.

use super::Opened;
use crate::console::time::Clock;
use crate::texts::text;
use provost_engine::object::Kind;
use provost_store::provider::{Provider, State};
use provost_store::request::{self, Search};
use provost_store::{Error as Store, Tx, directory};

/// Characters that are shown of why a request failed.
const TEXT: usize = 300;

/// The checks.
pub(super) struct Live {
    pub checks: Vec<Check>,
}

/// One check.
pub(super) struct Check {
    /// `is-done`, `is-wrong`, or nothing while it is waited for.
    pub class: &'static str,
    /// The word that says the same; a key of the catalogue.
    pub word: &'static str,
    pub sentence: String,
    /// The evidence.
    pub evidence: String,
}

/// How a check stands.
#[derive(Clone, Copy)]
enum Standing {
    Done,
    Waits,
    Wrong,
}

fn check(standing: Standing, sentence: String, evidence: String) -> Check {
    let (class, word) = match standing {
        Standing::Done => ("is-done", text("done")),
        Standing::Waits => ("", text("waits")),
        Standing::Wrong => ("is-wrong", text("not well")),
    };
    Check {
        class,
        word,
        sentence,
        evidence,
    }
}

impl Live {
    pub fn of(opened: &Opened, clock: &Clock) -> Self {
        let checks = vec![
            token(opened, clock),
            use_(opened, clock),
            request(opened, clock),
            answers(opened, clock),
            people(opened, clock),
        ];
        Self { checks }
    }
}

fn token(opened: &Opened, clock: &Clock) -> Check {
    let language = clock.language;
    match opened.token {
        Some(at) => check(
            Standing::Done,
            language.t(text("The token was made.")).to_owned(),
            clock.moment(at).ago,
        ),
        None if opened.provider.first_request.is_some() => check(
            Standing::Done,
            language.t(text("A token is in use already.")).to_owned(),
            String::new(),
        ),
        None => check(
            Standing::Waits,
            language
                .t(text("No token was made through this page yet."))
                .to_owned(),
            String::new(),
        ),
    }
}

fn use_(opened: &Opened, clock: &Clock) -> Check {
    let (standing, sentence) = match opened.provider.state {
        State::Saved => (Standing::Done, text("Requests are answered.")),
        State::Draft => (
            Standing::Wrong,
            text("Requests are refused until the other side puts this provider in use."),
        ),
        State::Off => (
            Standing::Wrong,
            text("The other side has switched this provider off."),
        ),
    };
    check(standing, clock.language.t(sentence).to_owned(), String::new())
}

fn request(opened: &Opened, clock: &Clock) -> Check {
    let language = clock.language;
    let Some(first) = opened.provider.first_request else {
        let sentence = language
            .t(text(
                "No request has come yet. Test connection sends the first one.",
            ))
            .to_owned();
        return check(Standing::Waits, sentence, String::new());
    };
    let last = opened.provider.last_request.unwrap_or(first);
    let sentence = language.f("The first request came {}.", &[&clock.moment(first).ago]);
    let evidence = language.f("The last one came {}.", &[&clock.moment(last).ago]);
    check(Standing::Done, sentence, evidence)
}

fn answers(opened: &Opened, clock: &Clock) -> Check {
    let language = clock.language;
    match &opened.failed {
        Some((at, why)) => check(
            Standing::Wrong,
            language.f("A request was refused {}.", &[&clock.moment(*at).ago]),
            why.clone(),
        ),
        None if opened.provider.first_request.is_some() => check(
            Standing::Done,
            language
                .t(text("No request was refused in the last hour."))
                .to_owned(),
            String::new(),
        ),
        None => check(
            Standing::Waits,
            language
                .t(text("What is refused is told here, with the reason."))
                .to_owned(),
            String::new(),
        ),
    }
}

fn people(opened: &Opened, clock: &Clock) -> Check {
    let language = clock.language;
    let people = language.n(opened.people, "1 person has arrived.", "{} people have arrived.");
    let groups = language.n(opened.groups, "1 group has arrived.", "{} groups have arrived.");
    let standing = if opened.people > 0 {
        Standing::Done
    } else {
        Standing::Waits
    };
    check(standing, people, groups)
}

/// How many people and groups the provider has.
pub(super) fn counts(tx: &mut Tx, provider: &Provider) -> Result<(i64, i64), Store> {
    let people = directory::count_owned(tx, provider.owner(), Kind::Person)?;
    Ok((people, directory::count_owned(tx, provider.owner(), Kind::Group)?))
}

/// The newest request of the last hour that failed.
pub(super) fn failed(tx: &mut Tx, provider: &Provider) -> Result<Option<(i64, String)>, Store> {
    let search = Search {
        workspace: provider.workspace,
        provider: Some(provider.key),
        failed: true,
        since: Some(crate::state::now().saturating_sub(3_600_000)),
        ..Search::default()
    };
    let found = request::search(tx, &search, 1)?;
    Ok(found.entries.into_iter().next().map(|entry| {
        let why = if entry.error.is_empty() {
            entry.meaning
        } else {
            entry.error
        };
        (
            entry.at,
            format!("{} {}", entry.status, why.chars().take(TEXT).collect::<String>()),
        )
    }))
}
