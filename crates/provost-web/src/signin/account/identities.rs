//! `/account/provider`: who somebody is at another system, tied to their account by themselves.

use super::{nothing, refused};
use crate::console::done;
use crate::console::page;
use crate::console::refusal::Result;
use crate::form::Form;
use crate::signin::knock::Knock;
use crate::signin::{provider, signin};
use crate::state::{State, now};
use crate::visitor::Visitor;
use axum::extract;
use axum::response::Response;
use provost_signin::ProviderPurpose;

/// Leaves for a provider; who they are there is tied to them when they come back.
pub(super) async fn tie(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
    form: Form,
) -> Result<Response> {
    let purpose = ProviderPurpose::Tie(&visitor.signed);
    let left = provider::leave(&state, &knock, form.get("name"), purpose, "/account").await;
    left.map_err(|error| refused(error, "/account"))
}

/// Takes it away.
pub(super) async fn untie(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let (issuer, subject) = (form.get("issuer"), form.get("subject"));
    let done = signin(&state)?
        .provider_untie(&visitor.signed, issuer, subject, now())
        .await;
    if !done.map_err(|error| refused(error, "/account"))? {
        return Err(nothing());
    }
    Ok(page::elsewhere(&done::after("/account", "removed")))
}
