//! Reading users, and directory objects of any kind.

use serde_json::{Value, json};

use super::entity;
use crate::call::Call;
use crate::directory::Kind;
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::query::{self, List, Options, Selection};

/// The most ids that one question may hold.
const MAX_IDS: usize = 1_000;

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply> {
    let set = call.directory().serials(Kind::User);
    query::list(
        call,
        &List {
            set,
            kind: Some(Kind::User),
            binned: false,
            context: "users",
        },
    )
}

pub(super) fn count(call: &mut Call<'_>) -> Result<Reply> {
    let set = call.directory().serials(Kind::User);
    query::count(
        call,
        &List {
            set,
            kind: Some(Kind::User),
            binned: false,
            context: "users",
        },
    )
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    let options = Options::parse(call.request, &[Kind::User])?;
    let user = call.user()?;
    let view = call.view();
    let mut body = view.object(user, &options.selection, false);
    view.expand(user, &options.expand, &mut body);
    let context = format!(
        "{}/$metadata#users{}/$entity",
        call.request.base,
        options.selection.suffix()
    );
    Ok(entity(200, context, body))
}

/// `GET /directoryObjects/{id}`.
pub(super) fn object(call: &mut Call<'_>) -> Result<Reply> {
    let object = call.live(call.key(0))?;
    let body = call.view().object(object, &Selection::Default, true);
    Ok(entity(
        200,
        format!("{}/$metadata#directoryObjects/$entity", call.request.base),
        body,
    ))
}

/// `POST /directoryObjects/getByIds`: ids that do not exist are passed over.
pub(super) fn by_ids(call: &mut Call<'_>) -> Result<Reply> {
    let body = call.request.object()?;
    let ids = body
        .get("ids")
        .and_then(Value::as_array)
        .ok_or_else(|| Error::bad_request("'ids' must be a list."))?;
    if ids.len() > MAX_IDS {
        return Err(Error::bad_request(format!(
            "Too many ids: {} of at most {MAX_IDS}.",
            ids.len()
        )));
    }
    let types: Vec<&str> = body
        .get("types")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let found = ids
        .iter()
        .filter_map(Value::as_str)
        .filter_map(|id| call.live(id).ok());
    let wanted = found.filter(|object| types.is_empty() || types.contains(&object.kind.type_name()));
    let view = call.view();
    let value: Vec<Value> = wanted
        .map(|object| view.object(object, &Selection::Default, true).into())
        .collect();
    let context = format!("{}/$metadata#directoryObjects", call.request.base);
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": value}),
    ))
}
