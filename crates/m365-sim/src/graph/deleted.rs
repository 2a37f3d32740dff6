//! The bin: where deleted users and Microsoft 365 groups wait for thirty days.

use serde_json::{Map, Value, json};

use super::entity;
use super::permission::{DELETE_GROUPS, DELETE_USERS, PURGE_USERS, READ_GROUPS, READ_USERS};
use crate::call::Call;
use crate::directory::{Change, Kind, Object, restored_upn};
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::query::{self, List, Options, Selection};

const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

pub(super) fn users(call: &mut Call<'_>) -> Result<Reply> {
    expire(call)?;
    let set = call.directory().bin();
    query::list(
        call,
        &List {
            set,
            kind: Some(Kind::User),
            binned: true,
            context: "users",
        },
    )
}

pub(super) fn groups(call: &mut Call<'_>) -> Result<Reply> {
    expire(call)?;
    let set = call.directory().bin();
    query::list(
        call,
        &List {
            set,
            kind: Some(Kind::Group),
            binned: true,
            context: "groups",
        },
    )
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    expire(call)?;
    let object = binned(call)?;
    call.need(by_kind(object, READ_USERS, READ_GROUPS))?;
    let options = Options::parse(call.request, &[object.kind])?;
    let body = call.view().object(object, &options.selection, true);
    Ok(entity(200, context(call), body))
}

/// Applications cannot delete groups for good.
pub(super) fn purge(call: &mut Call<'_>) -> Result<Reply> {
    expire(call)?;
    let object = binned(call)?;
    if object.kind == Kind::Group {
        return Err(Error::denied(
            "Application permissions do not allow groups to be deleted permanently.",
        ));
    }
    call.need(PURGE_USERS)?;
    let serial = object.serial;
    call.commit(vec![Change::Purge { serial }])?;
    Ok(Reply::no_content())
}

/// Brings an object back. What it was called may have been taken meanwhile: then it stays where it is.
pub(super) fn restore(call: &mut Call<'_>) -> Result<Reply> {
    expire(call)?;
    let object = binned(call)?;
    call.need(by_kind(object, DELETE_USERS, DELETE_GROUPS))?;
    let serial = object.serial;
    check_names(call, object)?;
    let drop_addresses = call
        .request
        .body
        .as_ref()
        .and_then(|body| body.get("autoReconcileProxyConflict"));
    let addresses = free_addresses(
        call,
        object,
        drop_addresses.and_then(Value::as_bool).unwrap_or(false),
    )?;
    call.commit(
        addresses
            .into_iter()
            .chain([Change::Restore { serial }])
            .collect(),
    )?;
    let object = call
        .directory()
        .object(serial)
        .ok_or_else(|| Error::not_found("object"))?;
    let body = call.view().object(object, &Selection::Default, true);
    Ok(entity(200, context(call), body))
}

/// Objects whose time is over are gone.
pub(super) fn expire(call: &mut Call<'_>) -> Result<()> {
    let over = |object: &&Object| {
        object
            .deleted
            .is_some_and(|at| at.saturating_add(KEPT_MS) <= call.now)
    };
    let bin = call
        .directory()
        .bin()
        .iter()
        .filter_map(|serial| call.directory().object(*serial));
    let purges = bin
        .filter(over)
        .map(|object| Change::Purge {
            serial: object.serial,
        })
        .collect();
    call.commit(purges)
}

fn binned<'a>(call: &'a Call<'_>) -> Result<&'a Object> {
    let id = call.key(0);
    let found = call
        .directory()
        .by_id(id)
        .filter(|object| object.deleted.is_some());
    found.ok_or_else(|| Error::not_found(id))
}

fn by_kind(
    object: &Object,
    user: &'static [&'static str],
    group: &'static [&'static str],
) -> &'static [&'static str] {
    match object.kind {
        Kind::User => user,
        Kind::Group => group,
    }
}

fn context(call: &Call<'_>) -> String {
    format!("{}/$metadata#directoryObjects/$entity", call.request.base)
}

fn check_names(call: &Call<'_>, object: &Object) -> Result<()> {
    let name = restored_upn(object);
    let own = [
        ("userPrincipalName", name.as_deref()),
        ("onPremisesImmutableId", object.text("onPremisesImmutableId")),
        ("uniqueName", object.text("uniqueName")),
    ];
    for (property, value) in own {
        let holder = value.and_then(|value| call.directory().by_property(object.kind, property, value));
        if let Some(holder) = holder {
            let kind = if holder.kind == Kind::User {
                "User"
            } else {
                "Group"
            };
            return Err(Error::conflict(property, &format!("{kind}_{}", holder.id)));
        }
    }
    Ok(())
}

/// The change that drops addresses which others have now, if that was asked for.
fn free_addresses(call: &Call<'_>, object: &Object, drop: bool) -> Result<Option<Change>> {
    let (taken, free): (Vec<&str>, Vec<&str>) = object
        .texts("proxyAddresses")
        .partition(|address| call.directory().by_address(address).is_some());
    let Some(first) = taken.first() else {
        return Ok(None);
    };
    if !drop {
        let holder = call.directory().by_address(first).map_or("", |holder| &holder.id);
        return Err(Error::conflict("proxyAddresses", holder));
    }
    let mut properties = Map::new();
    properties.insert("proxyAddresses".to_owned(), json!(free));
    Ok(Some(Change::Update {
        serial: object.serial,
        properties,
    }))
}
