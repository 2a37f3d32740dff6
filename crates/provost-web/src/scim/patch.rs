//! `PATCH /Users/{id}` and `PATCH /Groups/{id}` (RFC 7644 section 3.5.2).

use super::done::{Done, Shown, View};
use super::edit::{Draft, Edit};
use super::etag::Condition;
use super::exchange::Exchange;
use super::{membership, resource_type, write};
use crate::error::Result;
use axum::http::StatusCode;
use provost_engine::object::Kind;
use provost_scim::leniency::Habits;
use provost_scim::patch;
use serde_json::Value;

/// Applies all operations or none. A person is answered whole; a group with 204, because its answer would
/// list every member, unless the client says which attributes it wants.
pub(crate) async fn patch(
    x: &mut Exchange,
    kind: Kind,
    id: &str,
    condition: Condition,
    sent: Value,
    view: View,
) -> Result<Done> {
    let catalogue = x.catalogue();
    let leniency = x.caller.leniency();
    let rt = resource_type(&catalogue, kind);
    let request = patch::parse(rt, sent, &leniency)?;
    x.trace.patch(rt, &request);
    let edit = Edit {
        kind,
        id: id.to_owned(),
        condition,
        with_groups: kind == Kind::Person && membership::is_shown(kind, &view),
        draft: move |rt: &_, before: &_| {
            let mut habits = Habits::default();
            let outcome = patch::apply(rt, before, &request, &leniency, &mut habits)?;
            Ok(Draft {
                document: outcome.changed.then_some(outcome.document),
                members: outcome.members,
                requested: outcome.requested,
                habits,
            })
        },
    };
    let edited = edit.carry_out(x).await?;
    if kind == Kind::Group && !view.projection().is_some_and(|wanted| wanted.is_named()) {
        let shown = Shown::nothing(&edited.object);
        return Ok(Done::with(x, StatusCode::NO_CONTENT, &edited.object, shown));
    }
    write::answer(x, edited, view).await
}
