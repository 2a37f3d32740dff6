//! `POST /log/retry`: has what failed tried again with the next cycle, for one person or group, or all of a connection.

use super::super::done;
use super::super::page;
use super::super::place;
use super::super::refusal::{Refusal, Result};
use crate::form::Form;
use crate::state::{State, now};
use crate::visitor::Visitor;
use axum::extract;
use axum::response::Response;
use provost_store::retry;

/// Asks for another try, and leads to the lines of whom it is about.
pub(crate) async fn now_please(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let place = place::connection(&state, &visitor, form.get("connection")).await?;
    let object: Option<i64> = form
        .text("object")
        .map(str::parse)
        .transpose()
        .map_err(Refusal::address)?;
    let (connection, actor, at) = (place.connection.clone(), visitor.actor(), now());
    let tried = state
        .db()
        .write(move |tx| retry::now(tx, &actor, at, &connection, object))
        .await?;
    if tried == 0 {
        return Err(Refusal::Entered(
            "Nothing of this waits for another try: it has succeeded meanwhile, or is not wanted any more"
                .to_owned(),
            "Provision the person or group now to see each step.".to_owned(),
        ));
    }
    let mut parameters = vec![("connection", place.connection.name.clone())];
    parameters.extend(form.text("who").map(|who| ("object", who.to_owned())));
    let address = place.space.page("/log".to_owned(), &parameters);
    Ok(page::elsewhere(&done::after(&address, "retry")))
}
