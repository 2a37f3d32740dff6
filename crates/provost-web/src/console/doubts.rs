//! `GET /connections/{name}/doubts`: who may be meant in the target, where a person has to decide, and what can be
//! decided. The deciding itself is typed: the console changes nothing.

use super::access::Visitor;
use super::page::{self, Frame};
use super::place::{self, Asked, Place};
use super::refusal::{Refusal, Result};
use super::status::{shown, without_code};
use super::time::{Moment, grouped};
use crate::state::{State, now};
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
    open: String,
    decided: String,
    /// Whether decided ones are shown too.
    with_decided: bool,
    doubts: Vec<DoubtView>,
    open_address: String,
    all_address: String,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// Somebody who waits for a decision, or has one.
struct DoubtView {
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
    word: &'static str,
    about: &'static str,
    command: String,
}

type Found = (Vec<Doubt>, HashMap<i64, (Uuid, Kind)>);

/// The doubts of a connection.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    _visitor: Visitor,
    name: std::result::Result<Path<String>, PathRejection>,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let (Path(name), Query(asked)) = (name.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let place = place::connection(&state, &name, &asked).await?;
    let (key, with_decided) = (place.connection.key, asked.decided);
    let counts = place::engine(&state)?.doubt_counts(key).await?;
    let after = asked.after_key()?;
    let read = move |tx: &mut Tx| read(tx, key, !with_decided, after.unwrap_or(0));
    let (doubts, who): Found = state.db().read(read).await?;
    let is_full = i64::try_from(doubts.len()).is_ok_and(|count| count == PAGE);
    let next = doubts.last().filter(|_| is_full).map(|last| last.key);
    let (name, now) = (&place.connection.name, now());
    let page = Page {
        frame: Frame::new(format!("To decide · {name}"))
            .below("/".to_owned(), "Overview")
            .below(place.space.connection(name), name),
        open: grouped(counts.open),
        decided: grouped(counts.decided),
        with_decided,
        doubts: doubts.iter().map(|one| view(&place, one, &who, now)).collect(),
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

fn view(place: &Place, doubt: &Doubt, who: &HashMap<i64, (Uuid, Kind)>, now: i64) -> DoubtView {
    let decision = doubt.decision.map(|decision| Decided {
        word: decision.as_str(),
        actor: doubt.actor.clone(),
        at: Moment::new(doubt.decided, now),
    });
    DoubtView {
        label: shown(&doubt.label).to_owned(),
        address: who.get(&doubt.object).map(|(id, kind)| match kind {
            Kind::Person => place.space.person(*id),
            Kind::Group => place.space.group(*id),
        }),
        code: doubt.code.clone(),
        reason: without_code(&doubt.code, &doubt.reason).to_owned(),
        since: Moment::new(doubt.created, now),
        candidates: doubt.candidates.iter().map(|one| candidate(place, one)).collect(),
        decision,
        choices: choices(&doubt.code)
            .iter()
            .map(|one| choice(place, doubt, *one))
            .collect(),
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
        word: decision.as_str(),
        about: about(decision),
        command: place.command("doubt decide", &rest),
    }
}

fn about(decision: Decision) -> &'static str {
    match decision {
        Decision::Link => {
            "It is the candidate: link the two, and keep the account as the rule wants it from now on."
        }
        Decision::Create => "It is none of them: make a new one.",
        Decision::Restore => "Bring the deleted one back, with its mailbox and its files, and link it.",
        Decision::Rename => "Leave the deleted one in the bin, and make a new one under another name.",
        Decision::Purge => {
            "Remove the deleted one for good, and make a new one. Nobody can bring it back then."
        }
        Decision::Merge => "Join the group of the same name: its own members stay beside yours.",
        Decision::Overwrite => "Take the group of the same name: it gets exactly your members.",
        Decision::Skip => "Leave it alone until somebody decides otherwise.",
    }
}
