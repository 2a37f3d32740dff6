//! The manager of a user, and the users of a manager.

use serde_json::{Value, json};

use super::entity;
use crate::call::Call;
use crate::directory::{Change, Kind, Object};
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::query::{self, List, Options};

/// # Errors
/// 404 when there is none, or the manager is in the bin.
fn manager<'a>(call: &'a Call<'_>) -> Result<&'a Object> {
    let found = call
        .user()?
        .manager
        .and_then(|serial| call.directory().live(serial));
    found.ok_or_else(|| Error::not_found("manager"))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    let options = Options::parse(call.request, &[Kind::User])?;
    let body = call.view().object(manager(call)?, &options.selection, true);
    Ok(entity(
        200,
        format!("{}/$metadata#directoryObjects/$entity", call.request.base),
        body,
    ))
}

/// The address alone, as the published contract describes the answer.
pub(super) fn get_reference(call: &mut Call<'_>) -> Result<Reply> {
    let address = format!("{}/directoryObjects/{}", call.request.base, manager(call)?.id);
    Ok(Reply::json(200, json!(address)))
}

pub(super) fn put(call: &mut Call<'_>) -> Result<Reply> {
    let user = call.user()?.serial;
    let reference = reference(call)?;
    let manager = call.referenced(&reference)?;
    if manager.kind != Kind::User {
        return Err(Error::bad_request("The manager of a user must be a user.").at("manager"));
    }
    if manager.serial == user {
        return Err(Error::bad_request("A user cannot be its own manager.").at("manager"));
    }
    let manager = Some(manager.serial);
    call.commit(vec![Change::Manager { user, manager }])?;
    Ok(Reply::no_content())
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply> {
    manager(call)?;
    let user = call.user()?.serial;
    call.commit(vec![Change::Manager { user, manager: None }])?;
    Ok(Reply::no_content())
}

pub(super) fn reports(call: &mut Call<'_>) -> Result<Reply> {
    let set = &call.user()?.reports;
    query::list(
        call,
        &List {
            set,
            kind: None,
            binned: false,
            context: "directoryObjects",
        },
    )
}

/// The `@odata.id` of a body.
///
/// # Errors
/// 400 when it is not there.
pub(super) fn reference(call: &Call<'_>) -> Result<String> {
    let reference = call.request.object()?.get("@odata.id").and_then(Value::as_str);
    reference
        .map(str::to_owned)
        .ok_or_else(|| Error::bad_request("The property '@odata.id' is missing from the request body."))
}
