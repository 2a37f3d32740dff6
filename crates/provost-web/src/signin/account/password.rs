//! `/account/password`.

use super::{nothing, refused, require_may_change, ways};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::form::Form;
use crate::signin::{signin, told};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::{Error, LONG_PASSWORD, SHORT_PASSWORD, Ways};

#[derive(Template)]
#[template(path = "signin/password.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    email: String,
    /// How long it has to be.
    least: i64,
    is_set: bool,
    /// Why it cannot be removed; empty where it can.
    kept: &'static str,
}

/// The form.
pub(super) async fn form(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let ways = ways(&state, &visitor).await?;
    require_may_change(&visitor, &ways)?;
    Ok(render(&visitor, &ways, (StatusCode::OK, Faults::none())))
}

fn render(visitor: &Visitor, ways: &Ways, (status, faults): (StatusCode, Faults)) -> Response {
    let least = if ways.code { SHORT_PASSWORD } else { LONG_PASSWORD };
    let page = Page {
        frame: Frame::new(visitor, text("Your password"))
            .below("/account".to_owned(), visitor.language.t("Your account")),
        faults,
        email: visitor.signed.administrator.email.clone(),
        least: i64::try_from(least).unwrap_or(i64::MAX),
        is_set: ways.password.is_some(),
        kept: if ways.count() > 1 {
            ""
        } else {
            visitor
                .language
                .t(text("It is your last way to sign in. Add another one first."))
        },
    };
    page::html(status, &page)
}

/// A new password, typed twice: nobody sees what they type.
pub(super) async fn send(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let (password, again) = (form.get("password"), form.get("again"));
    if password != again {
        let sentence = visitor.language.t("The two are not the same. Type it again.");
        let told = (StatusCode::UNPROCESSABLE_ENTITY, Faults::one("again", sentence));
        return Ok(render(&visitor, &ways(&state, &visitor).await?, told));
    }
    match signin(&state)?
        .password_set(&visitor.signed, password, now())
        .await
    {
        Ok(()) => Ok(page::elsewhere(&done::after("/account", "saved"))),
        Err(error @ Error::Stale) => Err(refused(error, "/account/password")),
        Err(error) => {
            let told = told::faults(visitor.language, error)?;
            Ok(render(&visitor, &ways(&state, &visitor).await?, told))
        }
    }
}

/// Takes it away.
pub(super) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
) -> Result<Response> {
    let done = signin(&state)?.password_remove(&visitor.signed, now()).await;
    if !done.map_err(|error| refused(error, "/account/password"))? {
        return Err(nothing());
    }
    Ok(page::elsewhere(&done::after("/account", "removed")))
}
