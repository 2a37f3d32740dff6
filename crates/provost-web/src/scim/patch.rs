//! `PATCH /Users/{id}` and `PATCH /Groups/{id}` (RFC 7644 section 3.5.2).

use super::etag::Condition;
use super::exchange::{Exchange, empty, tagged};
use super::{body, find, membership, resource_type, write};
use crate::error::{Error, Result};
use crate::state::now;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_scim::leniency::Habits;
use provost_scim::patch;

/// Applies all operations or none. A person is answered whole; a group with 204, because its answer would
/// list every member, unless the client says which attributes it wants.
pub(crate) async fn patch(x: &Exchange, kind: Kind, id: &str, body: Body) -> Result<Response> {
    let rt = resource_type(kind);
    let projection = x.projection(rt)?;
    let condition = Condition::if_match(&x.headers)?;
    let sent = body::read(&x.headers, body, x.state.settings().limits.body_bytes).await?;
    let request = patch::parse(rt, sent, &x.state.leniency())?;
    let (caller, leniency, id, now) = (x.caller.clone(), x.state.leniency(), id.to_owned(), now());
    let written = x.state.db().write(move |tx| {
        let change = caller.change(now);
        let current = find(tx, change.owner, kind, &id)?;
        condition.check(current.version)?;
        let mut habits = Habits::default();
        let before = write::document(&current)?;
        let outcome = patch::apply(rt, &before, &request, &leniency, &mut habits)?;
        let members = membership::resolve(tx, change.owner, &outcome.members)?;
        let document = outcome.changed.then_some(&outcome.document);
        let object = write::change(tx, &change, current, document, &members)?;
        Ok::<_, Error>((object, habits))
    });
    let (object, habits) = written.await?;
    write::note_habits(x, kind, &habits);
    if kind == Kind::Group && !projection.is_named() {
        return Ok(tagged(empty(StatusCode::NO_CONTENT), object.version));
    }
    write::answer(x, object, &projection).await
}
