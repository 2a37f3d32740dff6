//! Subscriptions to change notifications (Graph documentation, "subscription resource type").

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::permission::{READ_GROUPS, READ_MEMBERS, READ_USERS};
use super::{entity, organization::selected};
use crate::call::Call;
use crate::directory::Change;
use crate::directory::record::Subscription;
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::{moment, notice};

/// The longest life of a subscription to directory objects: just under 29 days.
const MAX_LIFE_MS: i64 = 41_760 * 60 * 1_000;
const MAX_CLIENT_STATE: usize = 128;
const MAX_OF_APPLICATION: usize = 100;

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply> {
    let all = call.directory().records().subscriptions.iter();
    let own = all.filter(|(_, one)| is_own(call, one));
    let value: Vec<Value> = own
        .map(|(id, one)| selected(call, show(id, one)).into())
        .collect();
    let context = format!("{}/$metadata#subscriptions", call.request.base);
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": value}),
    ))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    let (id, subscription) = named(call)?;
    let body = selected(call, show(id, subscription));
    Ok(entity(200, context(call), body))
}

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply> {
    let body = call.request.object()?;
    let mut properties = accept(body)?;
    let required = ["changeType", "notificationUrl", "resource", "expirationDateTime"];
    if let Some(name) = required.iter().find(|name| !properties.contains_key(**name)) {
        return Err(invalid(name, "it is missing"));
    }
    check_resource(call, &properties)?;
    let expires = expiry(call, &properties)?;
    for name in ["notificationUrl", "lifecycleNotificationUrl"] {
        check_address(call, name, properties.get(name))?;
    }
    let all = call.directory().records().subscriptions.values();
    if all.filter(|one| is_own(call, one)).count() >= MAX_OF_APPLICATION {
        return Err(Error::denied(format!(
            "The application has reached its limit of {MAX_OF_APPLICATION} subscriptions in this tenant."
        )));
    }
    let id = Uuid::new_v4().to_string();
    properties.remove("expirationDateTime");
    let subscription = Subscription {
        application: call.caller.client_id.clone(),
        properties,
        expires,
    };
    let mut body = show(&id, &subscription);
    if let Some(state) = subscription.properties.get("clientState") {
        body.insert("clientState".to_owned(), state.clone());
    }
    put(call, &id, Some(subscription))?;
    Ok(entity(201, context(call), body))
}

/// Renewal: a new end, and perhaps another address.
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply> {
    let changes = accept(call.request.object()?)?;
    let (id, before) = named(call)?;
    let mut subscription = before.clone();
    for (name, value) in &changes {
        let same = before.properties.get(name) == Some(value);
        match name.as_str() {
            "expirationDateTime" => subscription.expires = expiry(call, &changes)?,
            "notificationUrl" => {
                check_address(call, name, Some(value))?;
                subscription.properties.insert(name.clone(), value.clone());
            }
            _ if same => {}
            _ => return Err(invalid(name, "it cannot be changed")),
        }
    }
    let id = id.to_owned();
    let body = show(&id, &subscription);
    put(call, &id, Some(subscription))?;
    Ok(entity(200, context(call), body))
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply> {
    let id = named(call)?.0.to_owned();
    put(call, &id, None)?;
    Ok(Reply::no_content())
}

/// Answers a `reauthorizationRequired`: the application still has its permissions, or the request would not be here.
pub(super) fn reauthorize(call: &mut Call<'_>) -> Result<Reply> {
    let (_, subscription) = named(call)?;
    check_resource(call, &subscription.properties)?;
    Ok(Reply {
        status: 200,
        ..Reply::no_content()
    })
}

/// Another application's subscriptions, and those that have ended, are not there.
fn is_own(call: &Call<'_>, subscription: &Subscription) -> bool {
    subscription.application == call.caller.client_id && subscription.expires > call.now
}

fn named<'a>(call: &'a Call<'_>) -> Result<(&'a str, &'a Subscription)> {
    let id = call.key(0);
    let found = call.directory().records().subscriptions.get_key_value(id);
    found
        .filter(|(_, one)| is_own(call, one))
        .map(|(id, one)| (id.as_str(), one))
        .ok_or_else(|| Error::new(404, "ResourceNotFound", "The object was not found."))
}

fn put(call: &mut Call<'_>, id: &str, subscription: Option<Subscription>) -> Result<()> {
    call.commit(vec![Change::Subscription {
        id: id.to_owned(),
        subscription,
    }])
}

fn accept(body: &Map<String, Value>) -> Result<Map<String, Value>> {
    const KNOWN: [&str; 7] = [
        "changeType",
        "notificationUrl",
        "lifecycleNotificationUrl",
        "resource",
        "expirationDateTime",
        "clientState",
        "latestSupportedTlsVersion",
    ];
    let mut out = Map::new();
    let given = body.iter().filter(|(name, _)| !name.contains('@'));
    for (name, value) in given.filter(|(_, value)| !value.is_null()) {
        if !KNOWN.contains(&name.as_str()) {
            return Err(invalid(name, "it is unknown or not offered by this simulator"));
        }
        let Some(text) = value.as_str() else {
            return Err(invalid(name, "it is not a text"));
        };
        if name == "clientState" && text.chars().count() > MAX_CLIENT_STATE {
            return Err(invalid(name, "it is too long"));
        }
        out.insert(name.clone(), value.clone());
    }
    Ok(out)
}

/// Users, groups, one of them, or a group's members; and the permission to read that. `created` is not offered for
/// these: `updated` covers it.
fn check_resource(call: &Call<'_>, properties: &Map<String, Value>) -> Result<()> {
    let text = |name: &str| properties.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut kinds = text("changeType").split(',').map(str::trim);
    if !kinds.all(|kind| matches!(kind, "updated" | "deleted")) {
        return Err(invalid(
            "changeType",
            "users and groups have 'updated' and 'deleted'",
        ));
    }
    let resource = text("resource").trim_matches('/').to_lowercase();
    let parts: Vec<&str> = resource.split('/').collect();
    match parts.as_slice() {
        ["users"] => call.need(READ_USERS),
        ["groups"] => call.need(READ_GROUPS),
        ["users", id] => call.need(READ_USERS).and_then(|()| call.live(id).map(|_| ())),
        ["groups", id] => call.need(READ_GROUPS).and_then(|()| call.live(id).map(|_| ())),
        ["groups", id, "members"] => call.need(READ_MEMBERS).and_then(|()| call.live(id).map(|_| ())),
        _ => Err(invalid("resource", "it is not users, groups, or one of them")),
    }
}

fn expiry(call: &Call<'_>, properties: &Map<String, Value>) -> Result<i64> {
    let text = properties.get("expirationDateTime").and_then(Value::as_str);
    let at = text.and_then(moment::parse);
    match at.map(|at| at.saturating_sub(call.now)) {
        Some(life) if (1..=MAX_LIFE_MS).contains(&life) => Ok(call.now.saturating_add(life)),
        Some(_) => Err(invalid(
            "expirationDateTime",
            "it must lie in the next 41760 minutes",
        )),
        None => Err(invalid("expirationDateTime", "it is not a date and time")),
    }
}

fn check_address(call: &Call<'_>, name: &str, url: Option<&Value>) -> Result<()> {
    let Some(url) = url.and_then(Value::as_str) else {
        return Ok(());
    };
    if notice::loopback(url).is_none() {
        return Err(invalid(
            name,
            "this simulator calls http addresses on its own machine only",
        ));
    }
    if call.request.validated.iter().any(|known| known == url) {
        return Ok(());
    }
    Err(Error::new(
        400,
        "ValidationError",
        "Subscription validation request failed. The notification endpoint must answer 200 with the validation token as plain text within 10 seconds.",
    )
    .at(name))
}

fn invalid(name: &str, why: &str) -> Error {
    Error::new(
        400,
        "InvalidRequest",
        format!("Property '{name}' is not valid: {why}."),
    )
    .at(name)
}

/// As reads show it: the secret word is told once, to who made it.
fn show(id: &str, subscription: &Subscription) -> Map<String, Value> {
    let mut out = Map::new();
    for name in [
        "encryptionCertificate",
        "encryptionCertificateId",
        "includeResourceData",
        "latestSupportedTlsVersion",
        "lifecycleNotificationUrl",
        "notificationQueryOptions",
        "notificationUrlAppId",
    ] {
        out.insert(name.to_owned(), Value::Null);
    }
    out.extend(subscription.properties.clone());
    out.insert("id".to_owned(), json!(id));
    out.insert("clientState".to_owned(), Value::Null);
    out.insert("applicationId".to_owned(), json!(subscription.application));
    out.insert("creatorId".to_owned(), json!(subscription.application));
    let expires = moment::text(subscription.expires);
    out.insert("expirationDateTime".to_owned(), json!(expires));
    out
}

fn context(call: &Call<'_>) -> String {
    format!("{}/$metadata#subscriptions/$entity", call.request.base)
}
