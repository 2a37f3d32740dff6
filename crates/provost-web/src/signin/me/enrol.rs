//! `/me/{workspace}/enrol?key=`: where the link of an administrator leads. Opening the page uses nothing up, because mail
//! scanners open it too; the passkey does. A link that cannot be used says what happened to it.

use super::enter::entered;
use super::told;
use super::who::{home, people, workspace_of};
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::signin::account::device;
use crate::signin::knock::{Knock, Passkeys};
use crate::signin::passkey::{Brought, begun_with};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor;
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::Error;
use provost_signin::person::{Enrolling, Invitation, Unusable};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "me/enrol.html")]
struct Page<'a> {
    frame: Frame,
    faults: Faults,
    home: String,
    workspace: String,
    key: &'a str,
    /// For whom the link is: what they are called, and their user name; none when it cannot be used.
    who: Option<(String, String)>,
    expires: Option<Moment>,
    /// Why it cannot be used, and since when.
    why: String,
    since: Option<Moment>,
    passkeys: Passkeys,
    name: &'static str,
}

/// What stands behind the question mark, and what our script asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    key: String,
}

type Place = std::result::Result<Path<String>, PathRejection>;

/// What the link is for.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let Path(name) = place.map_err(Refusal::address)?;
    render(&state, &knock, &name, &asked.key, None).await
}

async fn render(
    state: &State,
    knock: &Knock,
    name: &str,
    key: &str,
    refused: Option<(StatusCode, Faults)>,
) -> Result<Response> {
    let now = now();
    let found = workspace_of(state, name).await?;
    let looked = match &found {
        Some(workspace) => {
            people(state)?
                .look_at_link(workspace.key, key, &knock.browser, now)
                .await?
        }
        None => Err(Unusable::Unknown),
    };
    let zone = visitor::zone("", &knock.headers);
    let clock = Clock::read(knock.language, zone.as_deref(), now);
    let status = match &looked {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::GONE,
    };
    let (status, faults) = refused.unwrap_or((status, Faults::none()));
    let (why, since) = match &looked {
        Ok(_) => ("", None),
        Err(unusable) => sentence(*unusable),
    };
    let home = home(name);
    let live = looked.ok();
    let page = Page {
        frame: Frame::bare(knock.language, text("Your passkey")).with_home(format!("{home}/sign-in")),
        faults,
        // The name of a workspace is told to who has a link of it.
        workspace: live
            .is_some()
            .then_some(found)
            .flatten()
            .map_or_else(String::new, |one| one.name),
        home,
        key,
        expires: live.as_ref().map(|one| clock.moment(one.expires)),
        who: live.map(|Invitation { person, .. }| (person.label, person.user_name)),
        why: knock.language.t(why).to_owned(),
        since: since.map(|at| clock.moment(at)),
        passkeys: knock.passkeys(state),
        name: device(&knock.visit.agent),
    };
    Ok(knock.keep(state, page::html(status, &page)))
}

/// What happened to a link, and when.
fn sentence(unusable: Unusable) -> (&'static str, Option<i64>) {
    match unusable {
        Unusable::Used(at) => (
            text("A passkey was made with this link already. It works once: sign in with that passkey."),
            Some(at),
        ),
        Unusable::Expired(at) => (
            text("This link has expired. Ask your administrator for a new one."),
            Some(at),
        ),
        Unusable::Withdrawn(at) => (
            text(
                "This link was withdrawn, or a newer one has taken its place. Use the newest one, or ask your administrator.",
            ),
            Some(at),
        ),
        Unusable::Closed => (
            text("Your account is closed at present, so nobody can sign in to it. Ask your administrator."),
            None,
        ),
        Unusable::Elsewhere => (
            text(
                "This link works only in the browser in which you signed in at Microsoft. Go on there, or join once more in this one.",
            ),
            None,
        ),
        Unusable::Unknown => (
            text("There is no such link. Copy the whole of it, or ask your administrator for a new one."),
            None,
        ),
    }
}

/// Begins.
pub(super) async fn options(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
    body: Bytes,
) -> Result<Response> {
    let Path(name) = place.map_err(Refusal::address)?;
    let asked: Asked = serde_json::from_slice(&body).unwrap_or_default();
    let Some(workspace) = workspace_of(&state, &name).await? else {
        return Ok(told::to_script(knock.language, Error::Link));
    };
    let begun = people(&state)?
        .begin_enrolment(workspace.key, &asked.key, &knock.browser, &knock.visit, now())
        .await;
    Ok(match begun {
        Ok((ceremony, options)) => knock.tell(&state, begun_with(&ceremony, &options)),
        Err(error) => told::to_script(knock.language, error),
    })
}

/// Ends; a form instead of the script's JSON comes from a browser that runs no script.
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
    form: Form,
    body: Bytes,
) -> Result<Response> {
    let Path(name) = place.map_err(Refusal::address)?;
    let (Ok(brought), Ok(asked)) = (
        serde_json::from_slice::<Brought>(&body),
        serde_json::from_slice::<Asked>(&body),
    ) else {
        let faults = Faults::one("", told::without_script(knock.language));
        let refused = (StatusCode::UNPROCESSABLE_ENTITY, faults);
        return render(&state, &knock, &name, form.get("key"), Some(refused)).await;
    };
    let Some(workspace) = workspace_of(&state, &name).await? else {
        return Ok(told::to_script(knock.language, Error::Link));
    };
    let came = Enrolling {
        ceremony: &brought.ceremony,
        browser: &knock.browser,
        answer: brought.answer,
        name: &brought.name,
    };
    let tried = people(&state)?
        .finish_enrolment(workspace.key, &asked.key, came, &knock.visit, now())
        .await;
    match tried {
        Ok(opened) => entered(&state, &knock, &opened, &workspace.name, "").await,
        Err(error) => Ok(told::to_script(knock.language, error)),
    }
}
