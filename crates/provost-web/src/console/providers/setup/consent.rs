//! The consent of the customer's tenant, asked for on the page of a setup link.

use super::super::authenticate::{Known, Recorded};
use super::guide::System;
use super::{Caller, language, open};
use crate::console::page;
use crate::console::refusal::Result;
use crate::console::time::Clock;
use crate::signin::Knock;
use crate::signin::consent::{self, Explained};
use crate::state::State;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::{ConsentBy, Error};

/// What the page says of the consent.
pub(super) struct Consent {
    pub recorded: Option<Recorded>,
    pub action: String,
    /// Whether it can be asked for.
    pub is_set: bool,
}

impl Consent {
    /// None for systems that know no consent, and where nobody could ask for it or ever has.
    pub fn of(known: Known, system: System, here: &str, clock: &Clock) -> Option<Self> {
        let is_shown = system == System::Entra && (known.is_set || known.recorded.is_some());
        is_shown.then(|| Self {
            recorded: known.recorded.map(|one| Recorded::of(one, clock)),
            action: format!("{here}/consent"),
            is_set: known.is_set,
        })
    }
}

/// Leaves for Microsoft, by the link and in this browser.
pub(super) async fn begin(
    extract::State(state): extract::State<State>,
    Path(text): Path<String>,
    peer: Caller,
    knock: Knock,
) -> Result<Response> {
    let opened = match open(&state, &text, peer, &knock.headers).await? {
        Ok(opened) => opened,
        Err(refusal) => return Ok(refusal),
    };
    let to = format!("/setup/{text}?system={}", System::Entra.word());
    let by = ConsentBy::Link(&opened.link);
    match consent::leave(&state, &knock, &opened.provider, by, &to).await {
        Ok(response) => Ok(response),
        Err(Error::Wait { seconds }) => Ok(super::wait(seconds)),
        Err(error @ Error::Refused { .. }) => {
            let told = Explained::of(language(&knock.headers), &error);
            Ok(page::told(
                StatusCode::CONFLICT,
                &format!("{} {}", told.sentence, told.next),
            ))
        }
        Err(error) => Err(error.into()),
    }
}
