//! `/me/{workspace}/sign-in`: a passkey, without a name. What is said before somebody is known is the same for every
//! workspace, also for one that there is not.

use super::told;
use super::who::{home, people, signed, workspace_of};
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::signin::cookie;
use crate::signin::knock::{Knock, Passkeys};
use crate::signin::passkey::{Brought, begun_with, goes_to};
use crate::state::{State, now};
use crate::texts::text;
use askama::Template;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::person::{Opened, RETURN};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "me/signin.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    /// The first page of the workspace's people.
    home: String,
    passkeys: Passkeys,
    /// The name of the field with the way back, and the handle.
    back: (&'static str, String),
}

/// What stands behind the question mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The handle of a way back.
    r#return: String,
}

type Place = std::result::Result<Path<String>, PathRejection>;

/// The page; who is signed in goes on at once, unless they are to prove it again.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let Path(name) = place.map_err(Refusal::address)?;
    let handle = asked.r#return;
    if let Some(workspace) = workspace_of(&state, &name).await?
        && signed(&state, &knock.headers, workspace.key).await?.is_some()
    {
        if handle.is_empty() {
            return Ok(page::elsewhere(&home(&workspace.name)));
        }
        let back = people(&state)?
            .pass_return(workspace.key, &knock.browser, &handle, now())
            .await?;
        if let Some(back) = back {
            return Ok(page::elsewhere(&back.to));
        }
    }
    Ok(render(
        &state,
        &knock,
        &name,
        handle,
        (StatusCode::OK, Faults::none()),
    ))
}

fn render(
    state: &State,
    knock: &Knock,
    name: &str,
    handle: String,
    (status, faults): (StatusCode, Faults),
) -> Response {
    let home = home(name);
    let page = Page {
        frame: Frame::bare(knock.language, text("Sign in")).with_home(format!("{home}/sign-in")),
        faults,
        passkeys: knock.passkeys(state),
        back: (RETURN, handle),
        home,
    };
    let has_way_back = !page.back.1.is_empty();
    let response = knock.keep(state, page::html(status, &page));
    if has_way_back {
        // An application may have opened this window to have somebody signed in.
        page::reachable(response)
    } else {
        response
    }
}

/// Begins.
pub(super) async fn options(
    extract::State(state): extract::State<State>,
    knock: Knock,
    place: Place,
) -> Result<Response> {
    let Path(name) = place.map_err(Refusal::address)?;
    let workspace = workspace_of(&state, &name).await?.map(|one| one.key);
    let begun = people(&state)?
        .begin_signin(workspace, &knock.browser, &knock.visit, now())
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
    let Ok(brought) = serde_json::from_slice::<Brought>(&body) else {
        let faults = Faults::one("", told::without_script(knock.language));
        let handle = form.get(RETURN).to_owned();
        let refused = (StatusCode::UNPROCESSABLE_ENTITY, faults);
        return Ok(render(&state, &knock, &name, handle, refused));
    };
    let workspace = workspace_of(&state, &name).await?.map(|one| one.key);
    let tried = people(&state)?
        .finish_signin(
            workspace,
            &brought.ceremony,
            &knock.browser,
            brought.answer,
            &knock.visit,
            now(),
        )
        .await;
    match tried {
        Ok(opened) => entered(&state, &knock, &opened, &name, &brought.r#return).await,
        Err(error) => Ok(told::to_script(knock.language, error)),
    }
}

/// Lets somebody in and leads them on. A session that this browser had ends: none outlives the next.
///
/// # Errors
/// When the store cannot answer.
pub(super) async fn entered(
    state: &State,
    knock: &Knock,
    opened: &Opened,
    name: &str,
    handle: &str,
) -> Result<Response> {
    let (people, workspace) = (people(state)?, opened.signed.person.workspace);
    if let Some(before) = signed(state, &knock.headers, workspace).await? {
        people.supersede(&before, &opened.signed, now()).await?;
    }
    let back = people
        .take_return(workspace, &knock.browser, handle, now())
        .await?;
    let mut response = goes_to(&back.map_or_else(|| home(name), |back| back.to));
    cookie::open_person(state, &mut response, &opened.cookie);
    Ok(response)
}
