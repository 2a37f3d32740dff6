//! `/microsoft-365/{name}/remove`: the end of a provider, once it was seen what goes with it and what is kept.

use super::place::{self as places, Named};
use crate::console::confirm::{self, Question};
use crate::console::connections::aside;
use crate::console::done;
use crate::console::page;
use crate::console::place;
use crate::console::refusal::Result;
use crate::form::Form;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use axum::extract;
use axum::response::Response;
use provost_sync::Error as Sync;
use provost_sync::setup::Confirm;

/// Shows what would go, and takes the provider away once that was confirmed.
pub(super) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let (engine, actor, mut given) = (
        place::engine(&state)?.clone(),
        visitor.actor(),
        confirm::given(&form),
    );
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    // The page asks for the name beside the digest: without it, it asks again.
    if given.typed.as_deref() != Some(&name) {
        given = Confirm::default();
    }
    let deed = async move { engine.remove_provider(workspace, &name, &given, &actor).await };
    match aside::finish(deed).await? {
        Ok(()) => Ok(page::elsewhere(&done::after(
            &place.space.at("/providers"),
            "removed",
        ))),
        Err(error @ Sync::Confirm { .. }) => {
            let question = Question {
                verb: visitor.language.t(text("Remove the provider")).to_owned(),
                action: &place.at("remove"),
                back: place.at(""),
                undo: visitor
                    .language
                    .t(text(
                        "Who was assigned is kept: a provider of the same domain offers them again.",
                    ))
                    .to_owned(),
                typed: Some(&place.provider.name),
            };
            Ok(question.ask(&visitor, &error, &form))
        }
        Err(error) => Err(error.into()),
    }
}
