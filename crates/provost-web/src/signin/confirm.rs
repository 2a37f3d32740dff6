//! `/confirm`: somebody who is signed in proves again who they are, before what cannot be taken back. A new session
//! takes the place of the present one: whoever copied its cookie does not become fresh with it.

use super::cookie;
use super::knock::{Knock, Passkeys};
use super::passkey::{self, Brought};
use super::{signin, to, told};
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::body::Bytes;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::{Error, Ways};
use serde::Deserialize;

/// What stands behind the question mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// Where to go on.
    to: String,
}

#[derive(Template)]
#[template(path = "signin/confirm.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    to: String,
    ways: Ways,
    passkeys: Passkeys,
    /// The providers at which it is known who they are.
    providers: Vec<String>,
}

/// The ways to prove it; who is fresh goes on at once.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let to = to::own(&asked.to);
    if visitor.signed.is_fresh(now()) {
        return Ok(page::elsewhere(&to));
    }
    render(&state, &visitor, &knock, &to, (StatusCode::OK, Faults::none())).await
}

async fn render(
    state: &State,
    visitor: &Visitor,
    knock: &Knock,
    to: &str,
    (status, faults): (StatusCode, Faults),
) -> Result<Response> {
    let signin = signin(state)?;
    let ways = signin.ways(&visitor.signed).await?;
    let offered = signin.providers().await?;
    let is_known = |issuer: &str| ways.identities.iter().any(|one| one.issuer == issuer);
    let providers = offered
        .into_iter()
        .filter(|one| one.enabled && is_known(&one.issuer))
        .map(|one| one.name)
        .collect();
    let page = Page {
        frame: Frame::new(visitor, text("Confirm that it is you")),
        faults,
        to: to.to_owned(),
        ways,
        passkeys: knock.passkeys(state),
        providers,
    };
    Ok(knock.tell(state, page::html(status, &page)))
}

/// The page again, for somebody who was refused.
///
/// # Errors
/// What no other try can mend.
pub(super) async fn refuse(
    state: &State,
    visitor: &Visitor,
    knock: &Knock,
    to: &str,
    error: Error,
) -> Result<Response> {
    let wait = match &error {
        Error::Wait { seconds } => Some(*seconds),
        _ => None,
    };
    let told = told::faults(visitor.language, error)?;
    let page = render(state, visitor, knock, to, told).await?;
    Ok(match wait {
        Some(seconds) => told::waiting(&Error::Wait { seconds }, page),
        None => page,
    })
}

/// A password, with a code where there are codes.
pub(super) async fn send(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
    form: Form,
) -> Result<Response> {
    let to = to::own(form.get("to"));
    let (password, code) = (form.get("password"), form.get("code").trim());
    let tried = signin(&state)?
        .password_confirm(&visitor.signed, password, code, &knock.visit, now())
        .await;
    match tried {
        Ok(opened) => {
            let mut response = page::elsewhere(&to);
            cookie::open(&state, &mut response, &opened.cookie);
            Ok(response)
        }
        Err(error) => refuse(&state, &visitor, &knock, &to, error).await,
    }
}

/// Begins with a passkey.
pub(super) async fn options(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
) -> Result<Response> {
    let begun = signin(&state)?
        .passkey_begin_confirm(&visitor.signed, now())
        .await;
    Ok(match begun {
        Ok((ceremony, options)) => passkey::begun_with(&ceremony, &options),
        Err(error) => told::to_script(visitor.language, error),
    })
}

/// Ends with a passkey.
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
    form: Form,
    body: Bytes,
) -> Result<Response> {
    let Ok(brought) = serde_json::from_slice::<Brought>(&body) else {
        let faults = Faults::one("", passkey::without_script(&knock));
        let to = to::own(form.get("to"));
        let told = (StatusCode::UNPROCESSABLE_ENTITY, faults);
        return render(&state, &visitor, &knock, &to, told).await;
    };
    let tried = signin(&state)?
        .passkey_finish_confirm(
            &visitor.signed,
            &brought.ceremony,
            brought.answer,
            &knock.visit,
            now(),
        )
        .await;
    Ok(match tried {
        Ok(opened) => {
            let mut response = passkey::goes_to(&to::own(&brought.to));
            cookie::open(&state, &mut response, &opened.cookie);
            response
        }
        Err(error) => told::to_script(visitor.language, error),
    })
}
