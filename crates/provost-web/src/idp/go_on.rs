//! `/idp/{id}/go-on?request=`: where the browser comes with its session.

use super::{Id, answer, at, door, federation, told};
use crate::console::page;
use crate::console::refusal::Result;
use crate::signin::me;
use crate::signin::{Knock, known_browser, signin};
use crate::state::{State, now};
use axum::extract::{self, Query};
use axum::response::Response;
use provost_signin::federation::{Door, Step};
use provost_signin::person::{RETURN, Return};
use serde::Deserialize;

/// What stands behind the question mark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The handle of the request.
    request: String,
}

/// Goes on with a request.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    knock: Knock,
    id: Id,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    let door = door(&state, &knock.headers, id).await?;
    let signed = me::signed(&state, &knock.headers, door.provider.workspace).await?;
    let (browser, _) = known_browser(&state, &knock.headers);
    let step = federation(&state)?
        .go_on(
            &door,
            &asked.request,
            &browser,
            signed.as_ref(),
            &knock.visit,
            now(),
        )
        .await;
    match step {
        Ok(Step::SignIn { again }) => {
            let back = at(&door, &format!("go-on?request={}", asked.request));
            to_sign_in(&state, &knock, &door, Return { to: back, again }).await
        }
        Ok(Step::Answer(carried)) => Ok(answer::page(knock.language, &carried)),
        Ok(Step::Refused(why)) => Ok(told::why(knock.language, &door, why)),
        Err(error) => told::failed(knock.language, &door, error),
    }
}

/// To the sign-in of the workspace's people, and back.
pub(super) async fn to_sign_in(state: &State, knock: &Knock, door: &Door, back: Return) -> Result<Response> {
    let kept = signin(state)?
        .people()
        .keep_return(door.provider.workspace, &knock.browser, back, &knock.visit, now())
        .await;
    match kept {
        Ok(kept) => {
            let home = me::home(&door.workspace);
            let response = page::elsewhere(&format!("{home}/sign-in?{RETURN}={kept}"));
            Ok(page::reachable(knock.tell(state, response)))
        }
        Err(error) => told::failed(knock.language, door, error),
    }
}
