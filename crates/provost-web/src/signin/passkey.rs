//! Signing in with a passkey. Browsers offer passkeys to scripts only: ours asks for the options at one address, takes
//! `{ceremony, options}`, and brings `{ceremony, answer, to}` to the other; `{to}` or `{error, code}` comes back.

use super::cookie;
use super::doors::Doors;
use super::enter::leave_before;
use super::knock::Knock;
use super::{signin, to, told};
use crate::console::faults::Faults;
use crate::console::refusal::Result;
use crate::form::Form;
use crate::state::{State, now};
use crate::texts::text;
use axum::body::Bytes;
use axum::extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde::Deserialize;
use serde_json::{Value, json};

/// What our script brings.
#[derive(Debug, Deserialize)]
pub(super) struct Brought {
    /// The ceremony's key.
    pub ceremony: String,
    /// What the browser's authenticator made.
    pub answer: Value,
    /// Where to go on.
    #[serde(default)]
    pub to: String,
    /// The handle of a person's way back.
    #[serde(default)]
    pub r#return: String,
    /// What to call a new passkey.
    #[serde(default)]
    pub name: String,
}

/// Begins.
pub(super) async fn options(extract::State(state): extract::State<State>, knock: Knock) -> Result<Response> {
    let begun = signin(&state)?
        .passkey_begin_signin(&knock.browser, &knock.visit, now())
        .await;
    Ok(match begun {
        Ok((ceremony, options)) => knock.tell(&state, begun_with(&ceremony, &options)),
        Err(error) => told::to_script(knock.language, error),
    })
}

/// What our script takes.
pub(super) fn begun_with(ceremony: &str, options: &Value) -> Response {
    let mut response = Json(json!({"ceremony": ceremony, "options": options})).into_response();
    no_store(&mut response);
    response
}

/// Where our script goes on.
pub(super) fn goes_to(to: &str) -> Response {
    let mut response = Json(json!({"to": to})).into_response();
    no_store(&mut response);
    response
}

fn no_store(response: &mut Response) {
    let header = axum::http::HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(axum::http::header::CACHE_CONTROL, header);
}

/// Ends; a form instead of the script's JSON comes from a browser that runs no script.
pub(super) async fn answer(
    extract::State(state): extract::State<State>,
    knock: Knock,
    form: Form,
    body: Bytes,
) -> Result<Response> {
    let Ok(brought) = serde_json::from_slice::<Brought>(&body) else {
        let doors = Doors {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            faults: Faults::one("", without_script(&knock)),
            to: to::own(form.get("to")),
            ..Doors::default()
        };
        return doors.show(&state, &knock).await;
    };
    let tried = signin(&state)?
        .passkey_finish_signin(
            &brought.ceremony,
            &knock.browser,
            brought.answer,
            &knock.visit,
            now(),
        )
        .await;
    match tried {
        Ok(opened) => {
            leave_before(&state, &knock).await?;
            let mut response = goes_to(&to::own(&brought.to));
            cookie::open(&state, &mut response, &opened.cookie);
            Ok(response)
        }
        Err(error) => Ok(told::to_script(knock.language, error)),
    }
}

/// What a browser without script is told.
pub(super) fn without_script(knock: &Knock) -> String {
    let sentence = text(
        "Browsers offer passkeys to scripts only, and this one runs none of this page's. Take another way.",
    );
    knock.language.t(sentence).to_owned()
}
