//! `GET /Users`, `GET /Groups` and their `.search` (RFC 7644 sections 3.4.2 and 3.4.3).

use super::exchange::Exchange;
use super::{body, membership, render, resource_type};
use crate::error::{Error, Result};
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_scim::page::ListQuery;
use provost_store::Tx;
use provost_store::query::{self, Window};

/// A query in the address.
pub(crate) async fn query(x: &Exchange, kind: Kind) -> Result<Response> {
    let wanted = ListQuery::from_pairs(
        resource_type(kind),
        x.query.iter().map(|(name, value)| (name, value)),
    )?;
    answer(x, kind, wanted).await
}

/// A query in the body, which keeps personal data out of addresses and logs.
pub(crate) async fn search(x: &Exchange, kind: Kind, body: Body) -> Result<Response> {
    let request = body::read(&x.headers, body, x.state.settings().limits.body_bytes).await?;
    let wanted = ListQuery::from_search(resource_type(kind), &request)?;
    answer(x, kind, wanted).await
}

async fn answer(x: &Exchange, kind: Kind, wanted: ListQuery) -> Result<Response> {
    let limits = x.state.settings().limits;
    let window = Window {
        start: wanted.start_index,
        count: wanted.limit(limits.page, limits.max_page),
    };
    let ListQuery {
        filter, projection, ..
    } = wanted;
    let owner = x.caller.owner();
    let is_related = membership::is_wanted(kind, &projection);
    // A group's members may be many; everything else here is short when the filter is answered by an index.
    let is_short = query::is_short(owner, kind, filter.as_ref()) && !(is_related && kind == Kind::Group);
    let read = move |tx: &mut Tx| {
        let page = query::list(tx, owner, kind, filter.as_ref(), window)?;
        let mut peers = Vec::new();
        if is_related {
            peers.reserve(page.objects.len());
            for object in &page.objects {
                peers.push(membership::peers(tx, kind, object.key)?);
            }
        }
        Ok::<_, Error>(render::Listed {
            total: page.total,
            start: window.start,
            objects: page.objects,
            peers,
        })
    };
    let db = x.state.db();
    let listed = if is_short {
        db.read_short(read).await?
    } else {
        db.read(read).await?
    };
    Ok(x.json(StatusCode::OK, render::list(&x.base, &listed, &projection)?))
}
