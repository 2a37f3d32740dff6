//! Creating, changing and deleting users.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::permission::WRITE_USERS;
use super::{entity, property, user_rules};
use crate::call::{Call, insufficient};
use crate::directory::{Change, Kind};
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::moment;
use crate::query::Selection;
use crate::token::Caller;

const REQUIRED: [&str; 5] = [
    "accountEnabled",
    "displayName",
    "mailNickname",
    "userPrincipalName",
    "passwordProfile",
];
const MANAGER: &str = "manager@odata.bind";

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply> {
    let body = call.request.object()?;
    let mut properties = property::accept(call.settings, Kind::User, body, None, &[MANAGER])?;
    property::require("User", &properties, &REQUIRED)?;
    user_rules::password(call, &mut properties, None)?;
    user_rules::check(call, &properties, None)?;
    user_rules::address(call, &mut properties, None)?;
    properties.entry("userType").or_insert(json!("Member"));
    let manager = match body.get(MANAGER).and_then(Value::as_str) {
        Some(_) if call.settings.unproved_directory.manager_bind_refused => {
            return Err(Error::bad_request(format!("Invalid property '{MANAGER}'.")).at(MANAGER));
        }
        Some(reference) => Some(call.referenced(reference)?.serial),
        None => None,
    };
    let (serial, id) = (call.directory().next_serial(), Uuid::new_v4().to_string());
    let create = Change::Create {
        serial,
        id,
        kind: Kind::User,
        at: call.now,
        properties,
    };
    let manage = manager.map(|manager| Change::Manager {
        user: serial,
        manager: Some(manager),
    });
    call.commit(std::iter::once(create).chain(manage).collect())?;
    created(call, serial)
}

/// The answer to a create holds the default properties, not what was sent.
fn created(call: &Call<'_>, serial: u64) -> Result<Reply> {
    let user = call
        .directory()
        .object(serial)
        .ok_or_else(|| Error::not_found("user"))?;
    let body = call.view().object(user, &Selection::Default, false);
    let mut reply = entity(
        201,
        format!("{}/$metadata#users/$entity", call.request.base),
        body,
    );
    reply
        .headers
        .push(("Location", format!("{}/users/{}", call.request.base, user.id)));
    Ok(reply)
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Reply> {
    let body = call.request.object()?;
    authorize(call.caller, body)?;
    let user = call.user()?;
    let serial = user.serial;
    let mut properties = property::accept(call.settings, Kind::User, body, Some(user), &[])?;
    user_rules::password(call, &mut properties, Some(user))?;
    user_rules::check(call, &properties, Some(user))?;
    user_rules::address(call, &mut properties, Some(user))?;
    let properties = property::changed(user, properties);
    user_rules::check_mastered(&properties, user)?;
    if !properties.is_empty() {
        call.commit(vec![Change::Update { serial, properties }])?;
    }
    Ok(Reply::no_content())
}

/// Some properties have a permission of their own, which is enough for them and nothing else.
fn authorize(caller: &Caller, body: &Map<String, Value>) -> Result<()> {
    let reads = caller.has_any(super::permission::READ_USERS);
    let all = caller.has_any(WRITE_USERS);
    let may = |name: &str| match name {
        "accountEnabled" => all || (reads && caller.has("User.EnableDisableAccount.All")),
        "passwordProfile" => all || caller.has("User-PasswordProfile.ReadWrite.All"),
        "businessPhones" | "mobilePhone" => all || caller.has("User-Phone.ReadWrite.All"),
        "otherMails" => all || caller.has("User-Mail.ReadWrite.All"),
        "employeeLeaveDateTime" => reads && caller.has("User-LifeCycleInfo.ReadWrite.All"),
        _ => all,
    };
    let mut names = body.keys().filter(|name| !name.contains('@')).peekable();
    let allowed = if names.peek().is_none() {
        all
    } else {
        names.all(|name| may(name))
    };
    if allowed { Ok(()) } else { Err(insufficient()) }
}

/// Into the bin, for thirty days.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply> {
    let deletion = call.deletion(call.user()?);
    call.commit(vec![deletion])?;
    Ok(Reply::no_content())
}

/// Documented to answer 204; the service answers 200 with a value.
pub(super) fn revoke_sessions(call: &mut Call<'_>) -> Result<Reply> {
    let serial = call.user()?.serial;
    let mut properties = Map::new();
    properties.insert(
        "signInSessionsValidFromDateTime".to_owned(),
        json!(moment::text(call.now)),
    );
    call.commit(vec![Change::Update { serial, properties }])?;
    let context = format!("{}/$metadata#Edm.Boolean", call.request.base);
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": true}),
    ))
}
