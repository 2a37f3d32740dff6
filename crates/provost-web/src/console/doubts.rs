//! `GET /connections/{name}/doubts`: who may be meant in the target, where a person has to decide, and what can be
//! decided.

use super::connections::{Tab, tabs};
use super::page::{self, Frame};
use super::place::{self, Asked, Place};
use super::refusal::{Refusal, Result};
use super::runs::{dead_for, verb};
use super::status::{shown, without_code};
use super::time::{Clock, Moment};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::doubt::{Candidate, Decision, Doubt};
use provost_store::{Error as Store, Tx, directory, recycle};
use provost_sync::doubt::choices;
use std::collections::HashMap;
use uuid::Uuid;

/// Doubts of one page.
const PAGE: i64 = 20;

#[derive(Template)]
#[template(path = "doubts.html")]
struct Page {
    frame: Frame,
    tabs: Vec<Tab>,
    open: String,
    decided: String,
    /// Whether decided ones are shown too.
    with_decided: bool,
    /// Reasons for which several wait: they can be decided in one act.
    reasons: Vec<Reason>,
    doubts: Vec<DoubtView>,
    dead: String,
    open_address: String,
    all_address: String,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// A reason for which several wait.
struct Reason {
    code: String,
    count: String,
    choices: Vec<(&'static str, &'static str)>,
    command: String,
}

/// Somebody who waits for a decision, or has one.
struct DoubtView {
    key: i64,
    /// Where the decision goes.
    action: String,
    label: String,
    address: Option<String>,
    code: String,
    reason: String,
    since: Moment,
    candidates: Vec<CandidateView>,
    decision: Option<Decided>,
    choices: Vec<Choice>,
}

/// An object of the target that may be meant.
struct CandidateView {
    label: String,
    id: String,
    matched_by: String,
    detail: String,
    deleted: bool,
    /// The page of whom it belongs to already.
    linked_to: Option<String>,
}

/// What was decided.
struct Decided {
    word: &'static str,
    actor: String,
    at: Moment,
}

/// What can be decided.
struct Choice {
    value: &'static str,
    verb: &'static str,
    about: &'static str,
    /// Whether one of the candidates has to be chosen.
    needs_target: bool,
    command: String,
}

type Found = (Vec<Doubt>, HashMap<i64, (Uuid, Kind)>);

/// The doubts of a connection.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    name: std::result::Result<Path<(String, String)>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let (Path((_, name)), Query(asked)) = (name.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let place = place::connection(&state, &visitor, &name).await?;
    let (key, with_decided) = (place.connection.key, asked.decided);
    let engine = place::engine(&state)?;
    let (counts, reasons) = (engine.doubt_counts(key).await?, engine.doubt_reasons(key).await?);
    let after = asked.after_key()?;
    let read = move |tx: &mut Tx| read(tx, key, !with_decided, after.unwrap_or(0));
    let (doubts, who): Found = state.db().read(read).await?;
    let is_full = i64::try_from(doubts.len()).is_ok_and(|count| count == PAGE);
    let next = doubts.last().filter(|_| is_full).map(|last| last.key);
    let (name, clock) = (&place.connection.name, Clock::of(&visitor, now()));
    let language = visitor.language;
    let page = Page {
        tabs: tabs(&place, "doubts"),
        frame: Frame::new(&visitor, language.f("To decide · {}", &[name]))
            .below(place.space.at("/connections"), language.t("Connections"))
            .below(place.space.connection(name), name),
        open: language.number(counts.open),
        decided: language.number(counts.decided),
        with_decided,
        reasons: reasons
            .into_iter()
            .map(|(code, count)| reason(&place, &code, language.number(count)))
            .collect(),
        dead: dead_for(&visitor),
        doubts: doubts.iter().map(|one| view(&place, one, &who, &clock)).collect(),
        open_address: place.space.doubts(name, false, None),
        all_address: place.space.doubts(name, true, None),
        is_later: after.is_some(),
        first: place.space.doubts(name, with_decided, None),
        next: next.map(|key| place.space.doubts(name, with_decided, Some(key))),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn read(tx: &mut Tx, connection: i64, open: bool, after: i64) -> std::result::Result<Found, Store> {
    let doubts = provost_store::doubt::list(tx, connection, open, after, PAGE)?;
    let mut who = HashMap::new();
    for doubt in &doubts {
        if let Some(one) = directory::by_key(tx, doubt.object)? {
            who.insert(doubt.object, (one.id, one.kind));
        } else if let Some(one) = recycle::get(tx, doubt.object)? {
            who.insert(doubt.object, (one.id, one.kind));
        }
    }
    Ok((doubts, who))
}

fn view(place: &Place, doubt: &Doubt, who: &HashMap<i64, (Uuid, Kind)>, clock: &Clock) -> DoubtView {
    let decision = doubt.decision.map(|decision| Decided {
        word: verb(decision),
        actor: doubt.actor.clone(),
        at: clock.moment(doubt.decided),
    });
    let list = place.space.doubts(&place.connection.name, false, None);
    DoubtView {
        key: doubt.key,
        action: format!("{list}/{}", doubt.key),
        label: shown(&doubt.label).to_owned(),
        address: who.get(&doubt.object).map(|(id, kind)| match kind {
            Kind::Person => place.space.person(*id),
            Kind::Group => place.space.group(*id),
        }),
        code: doubt.code.clone(),
        reason: without_code(&doubt.code, &doubt.reason).to_owned(),
        since: clock.moment(doubt.created),
        candidates: doubt.candidates.iter().map(|one| candidate(place, one)).collect(),
        decision,
        choices: choices(&doubt.code)
            .iter()
            .map(|one| choice(place, doubt, *one))
            .collect(),
    }
}

fn reason(place: &Place, code: &str, count: String) -> Reason {
    Reason {
        code: code.to_owned(),
        count,
        choices: choices(code)
            .iter()
            .map(|one| (one.as_str(), verb(*one)))
            .collect(),
        command: place.command("doubt decide-all", &format!("{code} DECISION")),
    }
}

fn candidate(place: &Place, one: &Candidate) -> CandidateView {
    CandidateView {
        label: shown(&one.label).to_owned(),
        id: one.target_id.clone(),
        matched_by: one.matched_by.clone(),
        detail: one.detail.clone(),
        deleted: one.deleted,
        linked_to: Uuid::try_parse(&one.linked_to)
            .ok()
            .map(|id| place.space.person(id)),
    }
}

fn choice(place: &Place, doubt: &Doubt, decision: Decision) -> Choice {
    let mut rest = format!("{} {decision}", doubt.key);
    if decision.needs_target() && doubt.candidates.len() > 1 {
        rest.push_str(" --target ID");
    }
    Choice {
        value: decision.as_str(),
        verb: verb(decision),
        about: about(decision),
        needs_target: decision.needs_target(),
        command: place.command("doubt decide", &rest),
    }
}

fn about(decision: Decision) -> &'static str {
    match decision {
        Decision::Link => {
            text("It is the candidate: link the two, and keep the account as the rule wants it from now on.")
        }
        Decision::Create => text("It is none of them: make a new one."),
        Decision::Restore => text("Bring the deleted one back, with its mailbox and its files, and link it."),
        Decision::Rename => text("Leave the deleted one in the bin, and make a new one under another name."),
        Decision::Purge => {
            text("Remove the deleted one for good, and make a new one. Nobody can bring it back then.")
        }
        Decision::Merge => text("Join the group of the same name: its own members stay beside yours."),
        Decision::Overwrite => text("Take the group of the same name: it gets exactly your members."),
        Decision::Beside => text("Give the group its new name all the same: two groups have it then."),
        Decision::Skip => text("Leave it alone until somebody decides otherwise."),
    }
}
