//! Signing a step of a guide off, where no fact can show that it was done, and taking that back.

use super::facts::Facts;
use super::page::{Named, find, locked};
use super::step::Step;
use crate::console::address::Space;
use crate::console::refusal::{Refusal, Result};
use crate::console::{done, page};
use crate::form::Form;
use crate::state::{State, now};
use crate::visitor::Visitor;
use axum::extract;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use provost_store::guide_note;

/// Characters of a note.
const MOST: usize = 100;
/// How a note begins when the step was not done with the guide.
const ELSEWHERE: &str = "elsewhere";

/// Signs off.
pub(crate) async fn sign(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: std::result::Result<Path<Named>, PathRejection>,
    form: Form,
) -> Result<Response> {
    let Path(named) = named.map_err(Refusal::address)?;
    let (guide, inside) = (find(&named.guide)?, visitor.workspace()?);
    let (workspace, step, actor) = (inside.key, form.get("step").to_owned(), visitor.actor());
    let facts = Facts::read(&state, &visitor, guide.name, guide.subject.chosen(), now()).await?;
    let steps = (guide.steps)(&facts);
    let is_asked_for = |one: &Step| one.key == step && one.sign.is_some();
    let Some(at) = steps.iter().position(is_asked_for) else {
        let sentence = "The guide asks for no sign-off of this step: its checks are computed.";
        return Err(Refusal::Absent(sentence.to_owned()));
    };
    if !locked(guide, &steps, at, &facts).is_empty() {
        return Err(Refusal::Entered(
            "A step before this one is not done yet".to_owned(),
            "The guide's steps are recorded in their order. PRV-GUIDE-ORDER".to_owned(),
        ));
    }
    let note = note(&form);
    let put = move |tx: &mut provost_store::Tx| {
        guide_note::put(tx, &actor, now(), workspace, guide.name, &step, &note)
    };
    state.db().write(put).await?;
    Ok(page::elsewhere(&done::after(
        &back(&Space::of(inside), guide.name, &form),
        "noted",
    )))
}

/// What is kept of what was typed, and of where the step was done.
fn note(form: &Form) -> String {
    let typed = form.text("note").unwrap_or_default();
    let note = match (form.get("how") == ELSEWHERE, typed) {
        (true, "") => ELSEWHERE.to_owned(),
        (true, typed) => format!("{ELSEWHERE}: {typed}"),
        (false, typed) => typed.to_owned(),
    };
    note.chars().take(MOST).collect()
}

/// Takes it back.
pub(crate) async fn take_back(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: std::result::Result<Path<Named>, PathRejection>,
    form: Form,
) -> Result<Response> {
    let Path(named) = named.map_err(Refusal::address)?;
    let (guide, inside) = (find(&named.guide)?, visitor.workspace()?);
    let (workspace, step, actor) = (inside.key, form.get("step").to_owned(), visitor.actor());
    let remove =
        move |tx: &mut provost_store::Tx| guide_note::remove(tx, &actor, now(), workspace, guide.name, &step);
    state.db().write(remove).await?;
    Ok(page::elsewhere(&done::after(
        &back(&Space::of(inside), guide.name, &form),
        "removed",
    )))
}

/// The step's page, about the same connection and provider.
fn back(space: &Space, guide: &str, form: &Form) -> String {
    let mut parameters = vec![("step", form.get("step").to_owned())];
    for name in ["connection", "provider"] {
        parameters.extend(form.text(name).map(|value| (name, value.to_owned())));
    }
    space.page(format!("/guides/{guide}"), &parameters)
}
