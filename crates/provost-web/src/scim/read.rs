//! `GET /Users/{id}` and `GET /Groups/{id}` (RFC 7644 section 3.4.1).

use super::etag::Condition;
use super::exchange::{Exchange, empty, tagged};
use super::{find, membership, render, resource_type};
use crate::error::{Error, Result};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::Tx;

/// Answers the resource, or 304 when the client has this version already.
pub(crate) async fn read(x: &Exchange, kind: Kind, id: &str) -> Result<Response> {
    let projection = x.projection(resource_type(kind))?;
    let (owner, id, known) = (
        x.caller.owner(),
        id.to_owned(),
        Condition::if_none_match(&x.headers),
    );
    let is_related = membership::is_wanted(kind, &projection);
    let read = move |tx: &mut Tx| {
        let object = find(tx, owner, kind, &id)?;
        if known.names(object.version) {
            return Ok::<_, Error>((object, None));
        }
        let peers = if is_related {
            membership::peers(tx, kind, object.key)?
        } else {
            Vec::new()
        };
        Ok((object, Some(peers)))
    };
    let db = x.state.db();
    let is_short = kind == Kind::Person || !is_related;
    let (object, peers) = if is_short {
        db.read_short(read).await?
    } else {
        db.read(read).await?
    };
    let response = match peers {
        None => empty(StatusCode::NOT_MODIFIED),
        Some(peers) => x.json(
            StatusCode::OK,
            render::one(&x.base, &object, &peers, &projection)?,
        ),
    };
    Ok(tagged(response, object.version))
}
