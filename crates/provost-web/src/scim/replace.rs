//! `PUT /Users/{id}` and `PUT /Groups/{id}` (RFC 7644 section 3.5.1).

use super::etag::Condition;
use super::exchange::Exchange;
use super::{body, find, membership, resource_type, write};
use crate::error::{Error, Result};
use crate::state::now;
use axum::body::Body;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_scim::leniency::Habits;
use provost_scim::patch::MemberChange;
use provost_scim::validate;

/// Replaces the resource. It never creates one. A group that is sent without members has none afterwards.
pub(crate) async fn replace(x: &Exchange, kind: Kind, id: &str, body: Body) -> Result<Response> {
    let rt = resource_type(kind);
    let projection = x.projection(rt)?;
    let condition = Condition::if_match(&x.headers)?;
    let sent = body::read(&x.headers, body, x.state.settings().limits.body_bytes).await?;
    let (caller, leniency, id, now) = (x.caller.clone(), x.state.leniency(), id.to_owned(), now());
    let written = x.state.db().write(move |tx| {
        let change = caller.change(now);
        let current = find(tx, change.owner, kind, &id)?;
        condition.check(current.version)?;
        let mut habits = Habits::default();
        let before = write::document(&current)?;
        let accepted = validate::replace(rt, &before, sent.clone(), &leniency, &mut habits)?;
        let wanted: Vec<MemberChange> = accepted.members.into_iter().map(MemberChange::Replace).collect();
        let members = membership::resolve(tx, change.owner, &wanted)?;
        let object = write::change(tx, &change, current, Some(&accepted.document), &members)?;
        Ok::<_, Error>((object, habits))
    });
    let (object, habits) = written.await?;
    write::note_habits(x, kind, &habits);
    write::answer(x, object, &projection).await
}
