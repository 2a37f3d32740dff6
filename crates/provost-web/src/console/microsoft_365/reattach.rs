//! `/microsoft-365/{name}/reattach`: who was assigned to a provider of the domain that was removed, to be assigned
//! again, all of them or some.

use super::place::{self as places, Head, Named, Place};
use super::words::LOCKED;
use crate::console::connections::{aside, trouble};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place::{self, Asked};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::Tx;
use provost_store::microsoft_365::{self, Detached};
use uuid::Uuid;

/// Lines of one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "microsoft_365/reattach.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    here: String,
    domain: String,
    count: i64,
    lines: Vec<Line>,
    /// Why nobody can be assigned again; empty where they can.
    dead: String,
    is_later: bool,
    next: Option<String>,
}

/// Somebody who was assigned.
struct Line {
    /// The public id; empty for who is deleted.
    id: String,
    label: String,
    address: Option<String>,
    kind: &'static str,
    assigned: Moment,
    detached: Moment,
    actor: String,
}

/// The list.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let place = places::find(&state, &visitor, named).await?;
    let page = view(&state, &visitor, &place, asked.after_key()?, Faults::none()).await?;
    Ok(page::html(StatusCode::OK, &page))
}

async fn view(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    after: Option<i64>,
    faults: Faults,
) -> Result<Page> {
    let (workspace, domain) = (place.provider.workspace, place.provider.domain.clone());
    let from = after.unwrap_or(0);
    let read = move |tx: &mut Tx| {
        let count = microsoft_365::detached_count(tx, workspace, &domain)?;
        let lines = microsoft_365::detached(tx, workspace, &domain, from, PAGE)?;
        Ok::<_, provost_store::Error>((count, lines))
    };
    let (count, found): (i64, Vec<Detached>) = state.db().read(read).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count == PAGE);
    let here = place.at("reattach");
    let next = found.last().filter(|_| is_full);
    let clock = Clock::of(visitor, now());
    let language = visitor.language;
    let dead = match (place.provider.connection, place.provider.is_assignable()) {
        (_, false) => language.t(LOCKED).to_owned(),
        (None, true) => language
            .t(text(
                "Configure Provisioning first: without a connection there is nothing to assign anybody to.",
            ))
            .to_owned(),
        (Some(_), true) => page::lack(visitor, Act::Configure),
    };
    Ok(Page {
        faults,
        frame: place.frame(visitor, text("Kept assignments")),
        head: place.head("reattach"),
        domain: place.provider.domain.clone(),
        count,
        next: next.map(|last| format!("{here}?after={}", last.object)),
        lines: found.into_iter().map(|one| line(one, place, &clock)).collect(),
        dead,
        is_later: after.is_some(),
        here,
    })
}

fn line(one: Detached, place: &Place, clock: &Clock) -> Line {
    let address = one.id.map(|id| match one.kind {
        Kind::Person => place.space.person(id),
        Kind::Group => place.space.group(id),
    });
    Line {
        id: one.id.map(|id| id.to_string()).unwrap_or_default(),
        label: one.label,
        address,
        kind: match one.kind {
            Kind::Person => text("person"),
            Kind::Group => text("group"),
        },
        assigned: clock.moment(one.assigned),
        detached: clock.moment(one.detached),
        actor: one.actor,
    }
}

/// Assigns them again: everybody, or who was ticked.
pub(super) async fn attach(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let chosen: std::result::Result<Vec<Uuid>, _> = form.all("object").map(str::parse).collect();
    let chosen = chosen.map_err(Refusal::address)?;
    let who = match form.get("do") {
        "all" => None,
        _ => Some(chosen),
    };
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let deed = async move { engine.reattach_assignments(workspace, &name, who, &actor).await };
    match aside::finish(deed).await? {
        Ok(_) => Ok(page::elsewhere(&done::after(&place.at("reattach"), "assigned"))),
        Err(error) if error.code().is_some() => {
            let page = view(&state, &visitor, &place, None, trouble::all(&error)).await?;
            Ok(page::html(aside::status(&error), &page))
        }
        Err(error) => Err(error.into()),
    }
}
