//! `POST /Users` and `POST /Groups` (RFC 7644 section 3.3).

use super::done::{Done, View};
use super::exchange::Exchange;
use super::{adopt, membership, resource_type, write};
use crate::error::{Error, Result};
use axum::http::StatusCode;
use provost_engine::object::Kind;
use provost_scim::patch::MemberChange;
use provost_scim::resource::Document;
use provost_scim::validate;
use provost_store::Error as Store;
use provost_store::directory::{self, Object, Placement};
use provost_store::provider::{Permission, Provider};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// A resource that is to be made.
pub(super) struct New {
    pub kind: Kind,
    pub id: Uuid,
    pub document: Document,
    members: Vec<MemberChange>,
}

/// Creates the resource and answers it whole: some clients take an empty answer for a failure.
pub(crate) async fn create(x: &mut Exchange, kind: Kind, sent: Value, view: View) -> Result<Done> {
    let catalogue = x.catalogue();
    let rt = resource_type(&catalogue, kind);
    let accepted = validate::create(rt, sent, &x.caller.leniency(), &mut x.habits)?;
    x.trace.name(kind, &accepted.document);
    write::check_lengths(&accepted.document)?;
    x.check_sheet(rt, kind, &accepted.document)?;
    let view = view.with_requested(accepted.requested);
    let new = Arc::new(New {
        kind,
        id: Uuid::now_v7(),
        document: accepted.document,
        members: accepted.members.into_iter().map(MemberChange::Add).collect(),
    });
    let made = match insert(x, &new).await {
        Err(Error::Store(Store::Conflict)) => match adopt::adopt(x, &new).await? {
            Some(object) => (object, Vec::new()),
            None => return Err(write::taken(kind, &new.document)),
        },
        made => made?,
    };
    let (object, skipped) = made;
    x.trace.object(&object);
    x.trace.skipped(&skipped);
    let shown = write::shown(x, &object, &view).await?;
    Ok(Done::with(x, StatusCode::CREATED, &object, shown))
}

/// Writes the object and its members. Also answers the members that were left out.
async fn insert(x: &Exchange, new: &Arc<New>) -> Result<(Object, Vec<String>)> {
    let (caller, new, now) = (x.caller.clone(), Arc::clone(new), x.now);
    let written = x.state.db().write(move |tx| {
        let change = caller.change(now);
        let (members, skipped) = membership::resolve(tx, caller.provider(), &new.members)?;
        let placement = placement(caller.provider());
        let object = directory::create(tx, &change, new.kind, new.id, &new.document, &placement)?;
        if membership::apply(tx, &change, &object, &members)? == 0 {
            return Ok::<_, Error>((object, skipped));
        }
        // Members may raise the version.
        let object = directory::get(tx, change.owner, new.kind, new.id)?.unwrap_or(object);
        Ok((object, skipped))
    });
    written.await
}

/// What a provider gives to the people whom it makes.
fn placement(provider: &Provider) -> Placement<'_> {
    Placement {
        role: &provider.role,
        team: provider.team.as_deref(),
        permission: provider.settings.permission.map(Permission::as_str),
    }
}
