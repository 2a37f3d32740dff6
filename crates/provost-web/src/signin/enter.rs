//! `GET /signin`: the ways in; `POST /signin`: a password.

use super::code;
use super::doors::Doors;
use super::knock::Knock;
use super::{cookie, signin, to};
use crate::console::page;
use crate::console::refusal::Result;
use crate::form::Form;
use crate::state::{State, now};
use crate::visitor;
use axum::extract::{self, Query};
use axum::response::Response;
use provost_signin::{Opened, Step};
use serde::Deserialize;

/// What stands behind the question mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// Where to go on.
    to: String,
}

/// The page with the ways in; who is signed in goes on at once.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    knock: Knock,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let to = to::own(&asked.to);
    if visitor::signed(&state, &knock.headers).await?.is_some() {
        return Ok(page::elsewhere(&to));
    }
    let doors = Doors {
        to,
        ..Doors::default()
    };
    doors.show(&state, &knock).await
}

/// A password that was sent.
pub(super) async fn send(
    extract::State(state): extract::State<State>,
    knock: Knock,
    form: Form,
) -> Result<Response> {
    let (email, to) = (form.get("email").trim(), to::own(form.get("to")));
    let tried = signin(&state)?
        .password_signin(email, form.get("password"), &knock.browser, &knock.visit, now())
        .await;
    match tried {
        Ok(Step::Done(opened)) => entered(&state, &knock, &opened, &to).await,
        Ok(Step::Code { ceremony }) => Ok(code::ask(&state, &knock, &ceremony, &to)),
        Err(error) => {
            let doors = Doors {
                email: email.to_owned(),
                to,
                ..Doors::default()
            };
            doors.refuse(&state, &knock, error).await
        }
    }
}

/// Lets somebody in and leads them on. A session that this browser had ends: none outlives the next.
///
/// # Errors
/// When the store cannot answer.
pub(super) async fn entered(state: &State, knock: &Knock, opened: &Opened, to: &str) -> Result<Response> {
    leave_before(state, knock).await?;
    let mut response = page::elsewhere(to);
    cookie::open(state, &mut response, &opened.cookie);
    Ok(response)
}

/// Ends the session that this browser had.
///
/// # Errors
/// When the store cannot answer.
pub(super) async fn leave_before(state: &State, knock: &Knock) -> Result<()> {
    if let Some(before) = visitor::signed(state, &knock.headers).await? {
        signin(state)?.end(&before, before.session.key, now()).await?;
    }
    Ok(())
}
