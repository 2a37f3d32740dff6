//! `PUT /Users/{id}` and `PUT /Groups/{id}` (RFC 7644 section 3.5.1).

use super::done::{Done, View};
use super::edit::{Draft, Edit};
use super::etag::Condition;
use super::exchange::Exchange;
use super::{membership, write};
use crate::error::Result;
use provost_engine::object::Kind;
use provost_scim::leniency::Habits;
use provost_scim::patch::MemberChange;
use provost_scim::resource::Document;
use provost_scim::validate;
use serde_json::Value;

/// Replaces the resource. It never creates one. A group that is sent without members has none afterwards.
pub(crate) async fn replace(
    x: &mut Exchange,
    kind: Kind,
    id: &str,
    condition: Condition,
    sent: Value,
    view: View,
) -> Result<Done> {
    let leniency = x.caller.leniency();
    let edit = Edit {
        kind,
        id: id.to_owned(),
        condition,
        with_groups: kind == Kind::Person && membership::is_shown(kind, &view),
        draft: move |rt: &_, before: &Document| {
            let mut habits = Habits::default();
            let accepted = validate::replace(rt, before, sent.clone(), &leniency, &mut habits)?;
            Ok(Draft {
                document: (accepted.document != *before).then_some(accepted.document),
                members: accepted.members.into_iter().map(MemberChange::Replace).collect(),
                requested: accepted.requested,
                habits,
            })
        },
    };
    let edited = edit.carry_out(x).await?;
    write::answer(x, edited, view).await
}
