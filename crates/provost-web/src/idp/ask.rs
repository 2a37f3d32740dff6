//! Where requests to sign in come: kept, and gone on with at an address of our own, to which the browser brings its
//! session.

use super::{Id, at, door, federation, leave, told};
use crate::console::page;
use crate::console::refusal::{Refusal, Result};
use crate::form::Form;
use crate::signin::{Knock, known_browser};
use crate::state::{State, now};
use axum::body::{Body, to_bytes};
use axum::extract::{self, RawQuery};
use axum::response::Response;
use provost_signin::federation::{Asked, Door};

/// Bytes of a request; Microsoft's has about four thousand.
const MOST: usize = 64 * 1024;

/// SAML by redirect.
pub(super) async fn redirect(
    extract::State(state): extract::State<State>,
    knock: Knock,
    id: Id,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let door = door(&state, &knock.headers, id).await?;
    let query = query.unwrap_or_default();
    kept(&state, &knock, &door, Asked::Redirect(&query)).await
}

/// SAML by POST.
pub(super) async fn post(
    extract::State(state): extract::State<State>,
    knock: Knock,
    id: Id,
    body: Body,
) -> Result<Response> {
    let door = door(&state, &knock.headers, id).await?;
    let form = Form::read(&read(body).await?);
    // A field that stands there twice may be read differently by the next one: it is as good as none.
    let only = |name: &'static str| {
        let all: Vec<&str> = form.all(name).collect();
        match all.as_slice() {
            [one] => Some((*one).to_owned()),
            _ => None,
        }
    };
    let (message, state_field) = (only("SAMLRequest").unwrap_or_default(), only("RelayState"));
    let asked = Asked::Post(&message, state_field.as_deref());
    kept(&state, &knock, &door, asked).await
}

/// WS-Federation by a query.
pub(super) async fn passive(
    extract::State(state): extract::State<State>,
    knock: Knock,
    id: Id,
    RawQuery(query): RawQuery,
) -> Result<Response> {
    let door = door(&state, &knock.headers, id).await?;
    passively(&state, &knock, &door, &query.unwrap_or_default()).await
}

/// WS-Federation by a form.
pub(super) async fn passive_post(
    extract::State(state): extract::State<State>,
    knock: Knock,
    id: Id,
    body: Body,
) -> Result<Response> {
    let door = door(&state, &knock.headers, id).await?;
    let body = read(body).await?;
    let text = String::from_utf8(body).unwrap_or_default();
    passively(&state, &knock, &door, &text).await
}

async fn read(body: Body) -> Result<Vec<u8>> {
    let bytes = to_bytes(body, MOST).await.map_err(|_| Refusal::TooLarge(MOST))?;
    Ok(bytes.to_vec())
}

async fn passively(state: &State, knock: &Knock, door: &Door, query: &str) -> Result<Response> {
    kept(state, knock, door, Asked::Passive(query)).await
}

async fn kept(state: &State, knock: &Knock, door: &Door, asked: Asked<'_>) -> Result<Response> {
    let (browser, is_new) = known_browser(state, &knock.headers);
    let kept = federation(state)?
        .ask(door, asked, &browser, &knock.visit, now())
        .await;
    match (kept, asked) {
        (Ok(Some(handle)), _) => {
            let mut response = page::elsewhere(&at(door, &format!("go-on?request={handle}")));
            if is_new {
                crate::signin::know_browser(state, &mut response, &browser);
            }
            Ok(page::reachable(response))
        }
        (Ok(None), Asked::Passive(query)) => leave::left(state, knock, door, query).await,
        (Ok(None), _) => Err(Refusal::nothing()),
        (Err(error), _) => told::failed(knock.language, door, error),
    }
}
