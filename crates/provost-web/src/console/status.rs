//! `GET /connections/{name}/status/{rule}/{status}`: the people or groups behind a number, a page at a time.

use super::advice::{self, Next};
use super::page::{self, Frame};
use super::place::{self, Asked, Place};
use super::refusal::{Refusal, Result};
use super::time::{Clock, Moment};
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::sync_status::{Asked as Number, Counts, Listed};
use provost_sync::status::RuleStatus;

/// Lines of one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "status.html")]
struct Page {
    frame: Frame,
    rule: String,
    word: &'static str,
    about: &'static str,
    number: String,
    kind: &'static str,
    /// The lists behind the other numbers.
    others: Vec<Other>,
    lines: Vec<Line>,
    /// Whether this is not the first page.
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// Another number of the same rule.
struct Other {
    word: &'static str,
    number: String,
    address: String,
    is_here: bool,
}

/// Somebody on the list.
struct Line {
    label: String,
    /// Their page; none for who is gone for good and has no account.
    address: Option<String>,
    target_id: String,
    word: &'static str,
    class: &'static str,
    code: String,
    reason: String,
    since: Option<Moment>,
    next: Option<Next>,
}

/// The list behind a number.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: std::result::Result<Path<(String, String, String, String)>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let (Path((_, name, rule, number)), Query(asked)) =
        (path.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let number: Number = number.parse().map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &name).await?;
    let (engine, key) = (place::engine(&state)?, place.connection.key);
    let after = asked.after_key()?;
    let found = engine.sync_status_list(key, &rule, number, after, PAGE).await?;
    let numbers = engine.sync_status(key).await?;
    let rule = numbers.iter().find(|one| one.rule == rule).ok_or_else(|| {
        let sentence = "The connection has no such rule any more. Its page shows those that there are.";
        Refusal::Absent(sentence.to_owned())
    })?;
    let (clock, count) = (Clock::of(&visitor, now()), self::number(&rule.counts, number));
    let address = |after| {
        place
            .space
            .status(&place.connection.name, &rule.rule, number, after)
    };
    let page = Page {
        frame: frame(&visitor, &place, rule, number),
        rule: rule.rule.clone(),
        word: word(number),
        about: about(number),
        number: clock.language.number(count),
        kind: noun(rule.kind, count),
        others: others(&place, rule, number, clock.language),
        lines: found
            .objects
            .iter()
            .map(|one| line(&place, rule.kind, one, &clock))
            .collect(),
        is_later: after.is_some(),
        first: address(None),
        next: found.next.map(|key| address(Some(key))),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn frame(visitor: &Visitor, place: &Place, rule: &RuleStatus, number: Number) -> Frame {
    let name = &place.connection.name;
    let word = visitor.language.t(word(number));
    Frame::new(visitor, format!("{}: {word} · {name}", rule.rule)).below(place.space.connection(name), name)
}

fn others(place: &Place, rule: &RuleStatus, here: Number, language: Language) -> Vec<Other> {
    let other = |number: &Number| Other {
        word: word(*number),
        number: language.number(self::number(&rule.counts, *number)),
        address: place
            .space
            .status(&place.connection.name, &rule.rule, *number, None),
        is_here: *number == here,
    };
    Number::ALL.iter().map(other).collect()
}

fn line(place: &Place, kind: Kind, one: &Listed, clock: &Clock) -> Line {
    Line {
        label: shown(&one.label).to_owned(),
        address: one.id.map(|id| match kind {
            Kind::Person => place.space.person(id),
            Kind::Group => place.space.group(id),
        }),
        target_id: one.target_id.clone(),
        word: word(one.status),
        class: class(one.status),
        next: advice::next(place, &one.code),
        reason: without_code(&one.code, &one.reason).to_owned(),
        code: one.code.clone(),
        since: clock.moment_if(one.since),
    }
}

/// What a line calls somebody whom nothing is known to be called.
pub(super) fn shown(label: &str) -> &str {
    if label.trim().is_empty() {
        "no name is known"
    } else {
        label
    }
}

/// A reason without the code in front of it: pages show that beside.
pub(super) fn without_code<'a>(code: &str, reason: &'a str) -> &'a str {
    let rest = reason.strip_prefix(code).and_then(|rest| rest.strip_prefix(": "));
    match rest {
        Some(rest) if !code.is_empty() => rest,
        _ => reason,
    }
}

/// The word of a number, as people read it.
pub(super) fn word(asked: Number) -> &'static str {
    match asked {
        Number::Impacted => text("impacted"),
        Number::Success => text("success"),
        Number::Unsynced => text("unsynced"),
        Number::PartiallySynced => text("partially synced"),
        Number::Failed => text("failed"),
    }
}

/// The name of a number's colour.
pub(super) fn class(asked: Number) -> &'static str {
    match asked {
        Number::Impacted => "all",
        Number::Success => "success",
        Number::Unsynced => "unsynced",
        Number::PartiallySynced => "partial",
        Number::Failed => "failed",
    }
}

/// One of a rule's numbers.
pub(super) fn number(counts: &Counts, asked: Number) -> i64 {
    match asked {
        Number::Impacted => counts.impacted,
        Number::Success => counts.success,
        Number::Unsynced => counts.unsynced,
        Number::PartiallySynced => counts.partially_synced,
        Number::Failed => counts.failed,
    }
}

fn about(asked: Number) -> &'static str {
    match asked {
        Number::Impacted => {
            text("Everybody the rule is meant for, as far as cycles have come. The other four add up to it.")
        }
        Number::Success => text("They have an account, and it is as the rule wants it."),
        Number::Unsynced => text(
            "They should have an account and have none: it may not be made, or somebody has to decide first.",
        ),
        Number::PartiallySynced => {
            text("They have an account, but a part of what it should be may not be written, or waits.")
        }
        Number::Failed => text("The last try failed. It is tried again by itself, later and later."),
    }
}

fn noun(kind: Kind, number: i64) -> &'static str {
    match (kind, number) {
        (Kind::Person, 1) => text("person"),
        (Kind::Person, _) => text("people"),
        (Kind::Group, 1) => text("group"),
        (Kind::Group, _) => text("groups"),
    }
}
