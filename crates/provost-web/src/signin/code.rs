//! `POST /signin/code`: the second half of a sign-in with a password.

use super::doors::Doors;
use super::enter::entered;
use super::knock::Knock;
use super::{signin, to, told};
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::text;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::Error;

#[derive(Template)]
#[template(path = "signin/code.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    ceremony: String,
    to: String,
}

/// The page that asks for the code.
pub(super) fn ask(state: &State, knock: &Knock, ceremony: &str, to: &str) -> Response {
    show(state, knock, (ceremony, to), StatusCode::OK, Faults::none())
}

fn show(
    state: &State,
    knock: &Knock,
    (ceremony, to): (&str, &str),
    status: StatusCode,
    faults: Faults,
) -> Response {
    let page = Page {
        frame: Frame::bare(knock.language, text("Enter the code")),
        faults,
        ceremony: ceremony.to_owned(),
        to: to.to_owned(),
    };
    knock.tell(state, page::html(status, &page))
}

/// A code that was sent.
pub(super) async fn send(
    extract::State(state): extract::State<State>,
    knock: Knock,
    form: Form,
) -> Result<Response> {
    let (ceremony, to) = (form.get("ceremony"), to::own(form.get("to")));
    let code = form.get("code").trim();
    let tried = signin(&state)?
        .code_signin(ceremony, &knock.browser, code, &knock.visit, now())
        .await;
    match tried {
        Ok(opened) => entered(&state, &knock, &opened, &to).await,
        // The next try is told by the store when it is one too many: then the password is asked again.
        Err(error @ (Error::Denied | Error::Wait { .. })) => {
            let sentence = told::sentence(knock.language, &error);
            let page = show(
                &state,
                &knock,
                (ceremony, &to),
                told::status(&error),
                Faults::one("code", sentence),
            );
            Ok(told::waiting(&error, page))
        }
        Err(error) => {
            let doors = Doors {
                to,
                ..Doors::default()
            };
            doors.refuse(&state, &knock, error).await
        }
    }
}
