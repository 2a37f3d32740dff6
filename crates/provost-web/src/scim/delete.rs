//! `DELETE /Users/{id}` and `DELETE /Groups/{id}` (RFC 7644 section 3.6).

use super::done::Done;
use super::etag::Condition;
use super::exchange::Exchange;
use super::find;
use crate::error::{Error, Result};
use provost_engine::object::Kind;
use provost_store::directory;

/// Deletes the resource and its memberships. Its names are free at once; a second delete finds nothing.
pub(crate) async fn delete(x: &mut Exchange, kind: Kind, id: &str, condition: Condition) -> Result<Done> {
    let (caller, id, now) = (x.caller.clone(), id.to_owned(), x.now);
    let written = x.state.db().write(move |tx| {
        let current = find(tx, &caller, kind, &id)?;
        condition.check(current.version)?;
        directory::delete(tx, &caller.change(now), &current)?;
        Ok::<_, Error>(current)
    });
    let gone = written.await?;
    x.trace.object(&gone);
    Ok(Done::without(x, &gone))
}
