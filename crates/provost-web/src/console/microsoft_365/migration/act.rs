//! Validate, Save, the ticks, the deadline, and the end.

use super::super::place::{self as places, Named, Place};
use super::show::{Sent, Typed, draft, render};
use super::test;
use crate::console::confirm::{self, Question};
use crate::console::connections::{aside, trouble};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page;
use crate::console::place;
use crate::console::refusal::Result;
use crate::form::Form;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use axum::extract;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use provost_store::migration::EntraLine;
use provost_sync::Error as Sync;
use provost_sync::setup::Confirm;

/// Does what the pressed button says.
pub(in crate::console) async fn send(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let typed = Typed::of(&form);
    let sent = draft(&form);
    if form.get("do") == "test" {
        return test::begin(&state, &visitor, &place, &headers, &form).await;
    }
    if form.get("do") == "ticks" {
        return ticked(&state, &visitor, &place, &headers, &form).await;
    }
    if form.get("do") == "validate" {
        let deed = async move { engine.check_migration(workspace, &name, &sent, &actor).await };
        let (sent, status) = match aside::finish(deed).await? {
            Ok(checked) => {
                let mut faults = Faults::none();
                for line in checked.lines.iter().filter(|line| !line.ok) {
                    faults.add(
                        line.field,
                        trouble::sentence(&line.sentence, &line.hint, &line.code),
                    );
                }
                let status = match checked.green {
                    true => StatusCode::OK,
                    false => StatusCode::UNPROCESSABLE_ENTITY,
                };
                let sent = Sent {
                    typed: Some(typed),
                    faults,
                    compared: checked.compared,
                    certificates: checked.certificates,
                    ..Sent::default()
                };
                (sent, status)
            }
            Err(error) => wrong(&error, typed),
        };
        return render(&state, &visitor, &place, &headers, sent, status).await;
    }
    let is_move = form.get("do") == "deadline";
    let (moved, reason) = (typed.moved.clone(), typed.reason.clone());
    let deed = async move {
        if is_move {
            engine
                .move_migration_deadline(workspace, &name, &moved, &reason, &actor)
                .await
        } else {
            engine.save_migration(workspace, &name, &sent, &actor).await
        }
    };
    match aside::finish(deed).await? {
        Ok(_) => Ok(page::elsewhere(&done::after(&place.at("migration"), "saved"))),
        Err(error) if error.code().is_some() => {
            let (mut sent, status) = wrong(&error, typed);
            if is_move {
                // The form of the configuration was not sent along: it shows what is kept.
                sent.typed = None;
            }
            render(&state, &visitor, &place, &headers, sent, status).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Ticks what was ticked, and takes back what was.
async fn ticked(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    headers: &HeaderMap,
    form: &Form,
) -> Result<Response> {
    let (engine, actor) = (place::engine(state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let changed = changed_ticks(form);
    let deed = async move {
        for (line, on) in changed {
            engine
                .tick_migration(workspace, &name, line.as_str(), on, &actor)
                .await?;
        }
        Ok::<_, Sync>(())
    };
    match aside::finish(deed).await? {
        Ok(()) => {
            let list = format!("{}#entra", place.at("migration"));
            Ok(page::elsewhere(&done::after(&list, "saved")))
        }
        Err(error) if error.code().is_some() => {
            let sent = Sent {
                faults: trouble::all(&error),
                ..Sent::default()
            };
            render(state, visitor, place, headers, sent, aside::status(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The lines of the list that stand otherwise than when the page was made: what somebody else has ticked since stays.
fn changed_ticks(form: &Form) -> Vec<(EntraLine, bool)> {
    let is_on = |prefix: &str, line: &EntraLine| form.is_on(&format!("{prefix}_{line}"));
    let changed = EntraLine::ALL
        .iter()
        .filter(|line| is_on("tick", line) != is_on("was", line));
    changed.map(|line| (*line, is_on("tick", line))).collect()
}

fn wrong(error: &Sync, typed: Typed) -> (Sent, StatusCode) {
    let sent = Sent {
        typed: Some(typed),
        faults: trouble::all(error),
        ..Sent::default()
    };
    (sent, aside::status(error))
}

/// Shows what is over, and closes the migration once that was confirmed with the provider's name.
pub(in crate::console) async fn close(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let mut given = confirm::given(&form);
    if given.typed.as_deref() != Some(&place.provider.name) {
        given = Confirm::default();
    }
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let deed = async move { engine.close_migration(workspace, &name, &given, &actor).await };
    match aside::finish(deed).await? {
        Ok(_) => Ok(page::elsewhere(&done::after(&place.at("migration"), "ended"))),
        Err(error @ Sync::Confirm { .. }) => {
            let question = Question {
                verb: visitor.language.t(text("Close the migration")).to_owned(),
                action: &place.at("migration/close"),
                back: place.at("migration"),
                undo: visitor
                    .language
                    .t(text(
                        "It cannot be undone: the sign-in route answers 410 from then on. What it was is kept sealed for 30 days.",
                    ))
                    .to_owned(),
                typed: Some(&place.provider.name),
            };
            Ok(question.ask(&visitor, &error, &form))
        }
        Err(error) if error.code().is_some() => {
            let sent = Sent {
                faults: trouble::all(&error),
                ..Sent::default()
            };
            render(&state, &visitor, &place, &headers, sent, aside::status(&error)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What a closed migration was, as a file.
pub(in crate::console) async fn archive(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let found = place::engine(&state)?
        .migration_archive(place.provider.workspace, &place.provider.name, &visitor.actor())
        .await?;
    let mut response = page::plain(StatusCode::OK);
    *response.body_mut() = found.document.into();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"migration.json\""),
    );
    Ok(response)
}
