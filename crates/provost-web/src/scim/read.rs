//! `GET /Users/{id}` and `GET /Groups/{id}` (RFC 7644 section 3.4.1).

use super::done::tag;
use super::etag::Condition;
use super::exchange::{Exchange, empty};
use super::{find, membership, render};
use crate::error::{Error, Result};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::Tx;

/// Answers the resource, or 304 when the client has this version already.
pub(crate) async fn read(x: &mut Exchange, kind: Kind, id: &str) -> Result<Response> {
    let projection = x.projection(kind)?;
    let (caller, id) = (x.caller.clone(), id.to_owned());
    let known = Condition::if_none_match(&x.headers);
    let is_related = membership::is_wanted(kind, &projection);
    let read = move |tx: &mut Tx| {
        let object = find(tx, &caller, kind, &id)?;
        // The groups of a person have a part in what is shown as its version; the members of a group, who may
        // be very many, have not.
        if kind == Kind::Group && known.names(object.version.into()) {
            return Ok::<_, Error>((object, Vec::new(), true));
        }
        let peers = if is_related {
            membership::peers(tx, kind, object.key)?
        } else {
            Vec::new()
        };
        let is_known = known.names(render::version(&object, &peers));
        Ok((object, peers, is_known))
    };
    let db = x.state.db();
    let is_short = kind == Kind::Person || !is_related;
    let (object, peers, is_known) = if is_short {
        db.read_short(read).await?
    } else {
        db.read(read).await?
    };
    x.trace.object(&object);
    let mut response = if is_known {
        empty(StatusCode::NOT_MODIFIED)
    } else {
        x.json(StatusCode::OK, render::one(x, &object, &peers, &projection)?)
    };
    tag(&mut response, render::version(&object, &peers));
    Ok(response)
}
