//! `/account/codes`: one-time codes beside the password, and the recovery codes for the day when the phone is lost.

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
use provost_signin::{Error, LONG_PASSWORD, Ways};

const HERE: &str = "/account/codes";

#[derive(Template)]
#[template(path = "signin/codes.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    has_password: bool,
    is_set: bool,
    recovery_codes: i64,
    long: i64,
}

/// What the app is given; the secret is in the page and nowhere else, so the form brings it back with a wrong code.
#[derive(Template)]
#[template(path = "signin/code_setup.html")]
struct Setup<'a> {
    frame: Frame,
    faults: Faults,
    secret: &'a str,
    /// The secret in groups of four, to be read.
    shown: String,
    uri: &'a str,
}

#[derive(Template)]
#[template(path = "signin/recovery_codes.html")]
struct RecoveryCodes {
    frame: Frame,
    codes: Vec<String>,
}

fn frame(visitor: &Visitor) -> Frame {
    Frame::new(visitor, text("One-time codes"))
        .below("/account".to_owned(), visitor.language.t("Your account"))
}

/// Whether there are codes, and what can be done.
pub(super) async fn form(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let ways = ways(&state, &visitor).await?;
    require_may_change(&visitor, &ways)?;
    Ok(render(&visitor, &ways, (StatusCode::OK, Faults::none())))
}

fn render(visitor: &Visitor, ways: &Ways, (status, faults): (StatusCode, Faults)) -> Response {
    let page = Page {
        frame: frame(visitor),
        faults,
        has_password: ways.password.is_some(),
        is_set: ways.code,
        recovery_codes: ways.recovery_codes,
        long: i64::try_from(LONG_PASSWORD).unwrap_or(i64::MAX),
    };
    page::html(status, &page)
}

/// Makes a secret and shows it.
pub(super) async fn begin(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
) -> Result<Response> {
    let setup = signin(&state)?.code_begin(&visitor.signed, now()).await;
    let setup = setup.map_err(|error| refused(error, HERE))?;
    Ok(show(
        &visitor,
        &setup.secret,
        &setup.uri,
        (StatusCode::OK, Faults::none()),
    ))
}

fn show(visitor: &Visitor, secret: &str, uri: &str, (status, faults): (StatusCode, Faults)) -> Response {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|four| four.iter().collect()).collect();
    let page = Setup {
        frame: frame(visitor),
        faults,
        secret,
        shown: groups.join(" "),
        uri,
    };
    page::html(status, &page)
}

/// Takes the first code of the app; from then on the password asks for one. The recovery codes are made with it.
pub(super) async fn confirm(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let signin = signin(&state)?;
    let code: String = form.get("code").chars().filter(|c| !c.is_whitespace()).collect();
    match signin.code_confirm(&visitor.signed, &code, now()).await {
        Ok(codes) => Ok(shown_once(&visitor, codes)),
        Err(error @ Error::Stale) => Err(refused(error, HERE)),
        Err(error) => {
            let told = told::faults(visitor.language, error)?;
            // It comes from the form, so it is looked at before it becomes a link again.
            let uri = form.get("uri");
            let uri = if uri.starts_with("otpauth://totp/") {
                uri
            } else {
                ""
            };
            Ok(show(&visitor, form.get("secret"), uri, told))
        }
    }
}

/// Takes the codes away: the password has to be one that is long enough alone.
pub(super) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let password = form.get("password");
    match signin(&state)?
        .code_remove(&visitor.signed, password, now())
        .await
    {
        Ok(true) => Ok(page::elsewhere(&done::after("/account", "removed"))),
        Ok(false) => Err(nothing()),
        Err(error @ Error::Stale) => Err(refused(error, HERE)),
        Err(error) => {
            let told = told::faults(visitor.language, error)?;
            Ok(render(&visitor, &ways(&state, &visitor).await?, told))
        }
    }
}

/// Makes new recovery codes and shows them, this once; those before end.
pub(super) async fn renew(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
) -> Result<Response> {
    let codes = signin(&state)?.recovery_codes_new(&visitor.signed, now()).await;
    Ok(shown_once(&visitor, codes.map_err(|error| refused(error, HERE))?))
}

fn shown_once(visitor: &Visitor, codes: Vec<String>) -> Response {
    let page = RecoveryCodes {
        frame: Frame::new(visitor, text("Recovery codes"))
            .below("/account".to_owned(), visitor.language.t("Your account")),
        codes,
    };
    page::html(StatusCode::OK, &page)
}
