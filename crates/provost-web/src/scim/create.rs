//! `POST /Users` and `POST /Groups` (RFC 7644 section 3.3).

use super::exchange::{Exchange, located, tagged};
use super::{body, membership, render, resource_type, write};
use crate::error::{Error, Result};
use crate::state::now;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_scim::leniency::Habits;
use provost_scim::patch::MemberChange;
use provost_scim::validate;
use provost_store::directory;
use uuid::Uuid;

/// Creates the resource and answers it whole: some clients take an empty answer for a failure.
pub(crate) async fn create(x: &Exchange, kind: Kind, body: Body) -> Result<Response> {
    let rt = resource_type(kind);
    let projection = x.projection(rt)?;
    let sent = body::read(&x.headers, body, x.state.settings().limits.body_bytes).await?;
    let mut habits = Habits::default();
    let accepted = validate::create(rt, sent, &x.state.leniency(), &mut habits)?;
    write::note_habits(x, kind, &habits);
    write::check_lengths(&accepted.document)?;
    let members: Vec<MemberChange> = accepted.members.into_iter().map(MemberChange::Add).collect();
    let (caller, document) = (x.caller.clone(), accepted.document);
    let (id, now) = (Uuid::now_v7(), now());
    let written = x.state.db().write(move |tx| {
        let change = caller.change(now);
        let members = membership::resolve(tx, change.owner, &members)?;
        let object = directory::create(tx, &change, kind, id, &document)
            .map_err(|error| write::taken(error, kind, &document))?;
        if membership::apply(tx, &change, &object, &members)? == 0 {
            return Ok::<_, Error>((object, false));
        }
        Ok((
            directory::get(tx, change.owner, kind, id)?.unwrap_or(object),
            true,
        ))
    });
    let (object, has_members) = written.await?;
    let peers = if has_members {
        write::peers(x, &object, &projection).await?
    } else {
        Vec::new()
    };
    let body = render::one(&x.base, &object, &peers, &projection)?;
    let response = tagged(x.json(StatusCode::CREATED, body), object.version);
    Ok(located(response, render::location(&x.base, &object)))
}
