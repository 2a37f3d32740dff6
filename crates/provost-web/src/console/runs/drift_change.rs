//! `POST /connections/{name}/drift`: writes our value again, or lets the target's stand.

use super::super::done;
use super::super::page;
use super::super::place;
use super::super::refusal::{Refusal, Result};
use super::found::{Address, Named};
use crate::form::Form;
use crate::state::{State, now};
use crate::visitor::Visitor;
use axum::extract;
use axum::response::Response;
use provost_store::drift::{self, Place};

/// Decides about one difference.
pub(crate) async fn decide(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Address<Named>,
    form: Form,
) -> Result<Response> {
    let name = named.map_err(Refusal::address)?.0.name;
    let place = place::connection(&state, &visitor, &name).await?;
    let object: i64 = form.get("object").parse().map_err(Refusal::address)?;
    let rule: i64 = form.get("rule").parse().map_err(Refusal::address)?;
    let (attribute, actor) = (form.get("attribute").to_owned(), visitor.actor());
    let is_done = match form.get("decision") {
        "repair" => {
            let engine = place::engine(&state)?;
            let repaired = engine
                .repair(place.connection.key, object, Some(&attribute), &actor)
                .await?;
            !repaired.is_empty()
        }
        "accept" => {
            let (connection, at) = (place.connection.clone(), now());
            let accept = move |tx: &mut provost_store::Tx| {
                let attribute = attribute.as_str();
                drift::accept(
                    tx,
                    &actor,
                    at,
                    &connection,
                    &Place {
                        rule,
                        object,
                        attribute,
                    },
                )
            };
            state.db().write(accept).await?
        }
        _ => return Err(Refusal::address(())),
    };
    if !is_done {
        return Err(Refusal::Entered(
            "This difference is not open any more, and nothing was changed".to_owned(),
            "Open the list again: somebody has decided, or the next comparison has settled it.".to_owned(),
        ));
    }
    let list = place.space.page("/drift".to_owned(), &[("connection", name)]);
    Ok(page::elsewhere(&done::after(&list, "decided")))
}
