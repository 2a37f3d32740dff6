//! `DELETE /Users/{id}` and `DELETE /Groups/{id}` (RFC 7644 section 3.6).

use super::etag::Condition;
use super::exchange::{Exchange, empty};
use super::find;
use crate::error::{Error, Result};
use crate::state::now;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::directory;

/// Deletes the resource and its memberships. Its names are free at once; a second delete finds nothing.
pub(crate) async fn delete(x: &Exchange, kind: Kind, id: &str) -> Result<Response> {
    let condition = Condition::if_match(&x.headers)?;
    let (caller, id, now) = (x.caller.clone(), id.to_owned(), now());
    let written = x.state.db().write(move |tx| {
        let change = caller.change(now);
        let current = find(tx, change.owner, kind, &id)?;
        condition.check(current.version)?;
        directory::delete(tx, &change, &current).map_err(Error::from)
    });
    written.await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
