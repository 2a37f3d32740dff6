//! `/idp/{id}/try`: somebody tries their sign-in to Microsoft 365 before the domain is switched. Nothing is sent there.

use super::go_on::to_sign_in;
use super::{Id, at, door, federation, told};
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::signin::{Knock, me};
use crate::state::{State, now};
use crate::texts::text;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::federation::{Door, Proof, Tried};
use provost_signin::person::{Return, SignedIn};
use provost_store::federation::Protocol;

#[derive(Template)]
#[template(path = "idp/trial.html")]
struct Page {
    frame: Frame,
    /// Who tries it.
    label: String,
    domain: String,
    here: String,
    home: String,
    /// Whether the domain is to talk another protocol than the trial.
    is_ws_federation: bool,
    /// What was verified; none before it was tried.
    proof: Option<Proof>,
}

/// What will be tried.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    knock: Knock,
    id: Id,
) -> Result<Response> {
    let door = door(&state, &knock.headers, id).await?;
    match me::signed(&state, &knock.headers, door.provider.workspace).await? {
        Some(signed) => Ok(render(&knock, &door, &signed, None)),
        None => back_later(&state, &knock, &door).await,
    }
}

/// Tries it.
pub(super) async fn send(
    extract::State(state): extract::State<State>,
    knock: Knock,
    id: Id,
) -> Result<Response> {
    let door = door(&state, &knock.headers, id).await?;
    let Some(signed) = me::signed(&state, &knock.headers, door.provider.workspace).await? else {
        return back_later(&state, &knock, &door).await;
    };
    let tried = federation(&state)?
        .try_out(&door, &signed, &knock.visit, now())
        .await;
    match tried {
        Ok(Tried::Proved(proof)) => Ok(render(&knock, &door, &signed, Some(proof))),
        Ok(Tried::Refused(why)) => Ok(told::why(knock.language, &door, why)),
        Err(error) => told::failed(knock.language, &door, error),
    }
}

/// Who comes by a link signs in first, and comes back.
async fn back_later(state: &State, knock: &Knock, door: &Door) -> Result<Response> {
    let back = Return {
        to: at(door, "try"),
        again: false,
    };
    to_sign_in(state, knock, door, back).await
}

fn render(knock: &Knock, door: &Door, signed: &SignedIn, proof: Option<Proof>) -> Response {
    let home = me::home(&door.workspace);
    let page = Page {
        frame: Frame::bare(knock.language, text("Try your sign-in to Microsoft 365")).with_home(home.clone()),
        label: signed.person.label.clone(),
        domain: door.provider.domain.clone(),
        here: at(door, "try"),
        home,
        is_ws_federation: proof
            .as_ref()
            .is_some_and(|one| one.protocol == Protocol::WsFederation),
        proof,
    };
    page::html(StatusCode::OK, &page)
}
