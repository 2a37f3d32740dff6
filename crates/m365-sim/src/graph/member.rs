//! Members and owners of groups.

use std::collections::BTreeSet;

use super::manager::reference;
use super::permission::{DELETE_GROUPS, DELETE_USERS};
use crate::call::{Call, insufficient};
use crate::directory::{Change, Kind, Object, Serial};
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::query::{self, List};

const MAX_OWNERS: usize = 100;

fn listed<'a>(set: &'a BTreeSet<Serial>, kind: Option<Kind>) -> List<'a> {
    let context = if kind.is_some() {
        "users"
    } else {
        "directoryObjects"
    };
    List {
        set,
        kind,
        binned: false,
        context,
    }
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Reply> {
    query::list(call, &listed(&call.group()?.members, None))
}

pub(super) fn count(call: &mut Call<'_>) -> Result<Reply> {
    query::count(call, &listed(&call.group()?.members, None))
}

/// The cast to users is an advanced query.
pub(super) fn list_users(call: &mut Call<'_>) -> Result<Reply> {
    let eventual = call
        .request
        .headers
        .get("consistencylevel")
        .is_some_and(|level| level.eq_ignore_ascii_case("eventual"));
    if !eventual || call.request.option("count") != Some("true") {
        return Err(Error::unsupported_query(
            "A cast needs the header ConsistencyLevel: eventual and the option $count=true.",
        ));
    }
    query::list(call, &listed(&call.group()?.members, Some(Kind::User)))
}

pub(super) fn transitive(call: &mut Call<'_>) -> Result<Reply> {
    let group = call.group()?;
    let mut all = BTreeSet::new();
    let mut open: Vec<Serial> = group.members.iter().copied().collect();
    while let Some(serial) = open.pop() {
        if let Some(object) = call.directory().live(serial)
            && all.insert(serial)
        {
            open.extend(&object.members);
        }
    }
    query::list(call, &listed(&all, None))
}

pub(super) fn member_of(call: &mut Call<'_>) -> Result<Reply> {
    query::list(call, &listed(&call.group()?.member_of, None))
}

pub(super) fn list_owners(call: &mut Call<'_>) -> Result<Reply> {
    query::list(call, &listed(&call.group()?.owners, None))
}

pub(super) fn add(call: &mut Call<'_>) -> Result<Reply> {
    let group = call.group()?;
    check_writable(call, group)?;
    let reference = reference(call)?;
    let object = call.referenced(&reference)?;
    check_kind(object, group.is_unified())?;
    if object.serial == group.serial {
        return Err(Error::bad_request("A group cannot be a member of itself.").at("members"));
    }
    if group.members.contains(&object.serial) {
        return Err(exists("members"));
    }
    let (group, member) = (group.serial, object.serial);
    call.commit(vec![Change::Member {
        group,
        member,
        add: true,
    }])?;
    Ok(Reply::no_content())
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<Reply> {
    let group = call.group()?;
    check_writable(call, group)?;
    let member = related(call, &group.members)?.serial;
    let group = group.serial;
    call.commit(vec![Change::Member {
        group,
        member,
        add: false,
    }])?;
    Ok(Reply::no_content())
}

/// `DELETE /groups/{id}/members/{id}`, the `/$ref` forgotten: deletes the member itself, as the real service does.
pub(super) fn delete_object(call: &mut Call<'_>) -> Result<Reply> {
    let object = related(call, &call.group()?.members)?;
    call.need(if object.kind == Kind::User {
        DELETE_USERS
    } else {
        DELETE_GROUPS
    })?;
    check_unlicensed(object)?;
    let deletion = call.deletion(object);
    call.commit(vec![deletion])?;
    Ok(Reply::no_content())
}

pub(super) fn add_owner(call: &mut Call<'_>) -> Result<Reply> {
    let group = call.group()?;
    let reference = reference(call)?;
    let object = call.referenced(&reference)?;
    check_owner(object)?;
    if group.owners.contains(&object.serial) {
        return Err(exists("owners"));
    }
    check_owner_quota(group, 1)?;
    let (group, owner) = (group.serial, object.serial);
    call.commit(vec![Change::Owner {
        group,
        owner,
        add: true,
    }])?;
    Ok(Reply::no_content())
}

pub(super) fn remove_owner(call: &mut Call<'_>) -> Result<Reply> {
    let group = call.group()?;
    let owner = related(call, &group.owners)?.serial;
    if group.is_unified() && group.owners.len() == 1 {
        return Err(Error::bad_request(
            "The group must have at least one owner, hence this owner cannot be removed.",
        ));
    }
    let group = group.serial;
    call.commit(vec![Change::Owner {
        group,
        owner,
        add: false,
    }])?;
    Ok(Reply::no_content())
}

/// The object that the second key names, if it is in the relation.
fn related<'a>(call: &'a Call<'_>, set: &BTreeSet<Serial>) -> Result<&'a Object> {
    let id = call.key(1);
    let object = call.live(id)?;
    if set.contains(&object.serial) {
        Ok(object)
    } else {
        Err(Error::not_found(id))
    }
}

/// # Errors
/// 400 for a group that a rule fills, 403 for one that gives Entra roles, without the permission for such.
pub(super) fn check_writable(call: &Call<'_>, group: &Object) -> Result<()> {
    check_own(call, group)?;
    if group.is_dynamic() {
        return Err(Error::bad_request(
            "Insufficient privileges: the members of a dynamic group follow from its rule.",
        )
        .at("members"));
    }
    if group.flag("isAssignableToRole") && !call.caller.has("RoleManagement.ReadWrite.Directory") {
        return Err(insufficient());
    }
    Ok(())
}

/// # Errors
/// 403, or 400 by the switch, for a group that Exchange keeps; 400 for one that is synchronised from elsewhere.
pub(super) fn check_own(call: &Call<'_>, group: &Object) -> Result<()> {
    if group.flag("onPremisesSyncEnabled") {
        return Err(Error::bad_request(
            "The group is synchronised from an on-premises directory; changes have to be made there.",
        ));
    }
    if !group.flag("mailEnabled") || group.is_unified() {
        return Ok(());
    }
    let text = "Distribution lists and mail-enabled security groups cannot be changed here.";
    Err(
        if call.settings.unproved_directory.read_only_group_is_bad_request {
            Error::bad_request(text)
        } else {
            Error::denied(text)
        },
    )
}

/// # Errors
/// 400 for a group that still gives licences to its members: they would lose them unnoticed.
pub(super) fn check_unlicensed(object: &Object) -> Result<()> {
    if object.kind == Kind::Group && !object.licenses.is_empty() {
        return Err(Error::bad_request(
            "The group has licenses assigned to it. Remove them before you delete the group.",
        ));
    }
    Ok(())
}

/// # Errors
/// 400 when a Microsoft 365 group would get a member that is not a user.
pub(super) fn check_kind(object: &Object, unified: bool) -> Result<()> {
    if unified && object.kind != Kind::User {
        return Err(
            Error::bad_request("A Microsoft 365 group can have users as members, nothing else.")
                .at("members"),
        );
    }
    Ok(())
}

/// # Errors
/// 400 unless the object is a user.
pub(super) fn check_owner(object: &Object) -> Result<()> {
    if object.kind == Kind::User {
        Ok(())
    } else {
        Err(Error::bad_request("The owner of a group must be a user.").at("owners"))
    }
}

/// # Errors
/// 403 when the group would have too many owners.
pub(super) fn check_owner_quota(group: &Object, more: usize) -> Result<()> {
    if group.owners.len() + more <= MAX_OWNERS {
        return Ok(());
    }
    let text = format!(
        "The number of owners of the group exceeds the limit of {MAX_OWNERS}; it has {}.",
        group.owners.len()
    );
    Err(Error::new(403, "Directory_QuotaExceeded", text))
}

/// 400 for a link that exists.
pub(super) fn exists(relation: &str) -> Error {
    Error::bad_request(format!(
        "One or more added object references already exist for the following modified properties: '{relation}'."
    ))
}
