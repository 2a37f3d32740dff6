//! The groups that a user is in.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::roles;
use crate::call::Call;
use crate::directory::{Directory, Kind, Object, Serial};
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::query::{self, List};

const MAX_CHECKED: usize = 20;

pub(super) fn member_of(call: &mut Call<'_>) -> Result<Reply> {
    let user = call.user()?;
    let page = query::list(
        call,
        &List {
            set: &user.member_of,
            kind: None,
            binned: false,
            context: "directoryObjects",
        },
    )?;
    Ok(roles::before(call, user, page))
}

pub(super) fn member_of_groups(call: &mut Call<'_>) -> Result<Reply> {
    let set = &call.user()?.member_of;
    query::list(
        call,
        &List {
            set,
            kind: Some(Kind::Group),
            binned: false,
            context: "groups",
        },
    )
}

pub(super) fn transitive(call: &mut Call<'_>) -> Result<Reply> {
    let user = call.user()?;
    let set = all_groups(call.directory(), user);
    let page = query::list(
        call,
        &List {
            set: &set,
            kind: None,
            binned: false,
            context: "directoryObjects",
        },
    )?;
    Ok(roles::before(call, user, page))
}

pub(super) fn get_member_groups(call: &mut Call<'_>) -> Result<Reply> {
    let security_only = call
        .request
        .object()?
        .get("securityEnabledOnly")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let all = all_groups(call.directory(), call.user()?);
    let groups = all.iter().filter_map(|serial| call.directory().live(*serial));
    let ids: Vec<&str> = groups
        .filter(|group| !security_only || group.flag("securityEnabled"))
        .map(|group| group.id.as_str())
        .collect();
    Ok(strings(call, &ids))
}

/// Of the given groups, those that the user is in.
pub(super) fn check_member_groups(call: &mut Call<'_>) -> Result<Reply> {
    let given = call.request.object()?.get("groupIds").and_then(Value::as_array);
    let given = given.ok_or_else(|| Error::bad_request("'groupIds' must be a list."))?;
    if given.len() > MAX_CHECKED {
        return Err(Error::new(
            400,
            "Directory_ResultSizeLimitExceeded",
            format!("Too many ids: {} of at most {MAX_CHECKED}.", given.len()),
        ));
    }
    let all = all_groups(call.directory(), call.user()?);
    let is_in = |id: &&str| {
        call.directory()
            .by_id(id)
            .is_some_and(|group| all.contains(&group.serial))
    };
    let ids: Vec<&str> = given.iter().filter_map(Value::as_str).filter(is_in).collect();
    Ok(strings(call, &ids))
}

fn strings(call: &Call<'_>, ids: &[&str]) -> Reply {
    let context = format!("{}/$metadata#Collection(Edm.String)", call.request.base);
    Reply::json(200, json!({"@odata.context": context, "value": ids}))
}

/// The live groups that an object is in, directly or through other groups.
pub(super) fn all_groups(directory: &Directory, object: &Object) -> BTreeSet<Serial> {
    let mut found = BTreeSet::new();
    let mut open: Vec<Serial> = object.member_of.iter().copied().collect();
    while let Some(serial) = open.pop() {
        if let Some(group) = directory.live(serial)
            && found.insert(serial)
        {
            open.extend(&group.member_of);
        }
    }
    found
}
