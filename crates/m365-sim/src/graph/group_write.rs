//! Creating, changing and deleting groups.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::permission::{CREATE_GROUPS, WRITE_GROUPS, WRITE_MEMBERS};
use super::{entity, group_rules, member, property};
use crate::call::Call;
use crate::directory::{Change, Kind, Serial};
use crate::error::{Error, Result};
use crate::message::{ALTERNATE, Reply};
use crate::query::Selection;

const REQUIRED: [&str; 4] = ["displayName", "mailEnabled", "mailNickname", "securityEnabled"];
const MEMBERS: &str = "members@odata.bind";
const OWNERS: &str = "owners@odata.bind";
/// The most members and owners that one request may bind.
const MAX_BOUND: usize = 20;

pub(super) fn create(call: &mut Call<'_>) -> Result<Reply> {
    let body = call.request.object()?;
    make(call, body, None)
}

fn make(call: &mut Call<'_>, body: &Map<String, Value>, unique_name: Option<&str>) -> Result<Reply> {
    let mut properties = property::accept(call.settings, Kind::Group, body, None, &[MEMBERS, OWNERS])?;
    if let Some(name) = unique_name {
        properties.insert("uniqueName".to_owned(), json!(name));
    }
    property::require("Group", &properties, &REQUIRED)?;
    group_rules::check_new(call, &mut properties)?;
    let serial = call.directory().next_serial();
    let bound = bound(call, body, &properties)?;
    let create = Change::Create {
        serial,
        id: Uuid::new_v4().to_string(),
        kind: Kind::Group,
        at: call.now,
        properties,
    };
    let changes = std::iter::once(create)
        .chain(bound.into_changes(serial))
        .collect();
    call.commit(changes)?;
    let group = call
        .directory()
        .object(serial)
        .ok_or_else(|| Error::not_found("group"))?;
    let body = call.view().object(group, &Selection::Default, false);
    let mut reply = entity(
        201,
        format!("{}/$metadata#groups/$entity", call.request.base),
        body,
    );
    reply
        .headers
        .push(("Location", format!("{}/groups/{}", call.request.base, group.id)));
    Ok(reply)
}

/// The objects that a body binds.
#[derive(Debug, Default)]
struct Bound {
    members: Vec<Serial>,
    owners: Vec<Serial>,
}

impl Bound {
    /// What joins the objects to a group.
    fn into_changes(self, group: Serial) -> impl Iterator<Item = Change> {
        let members = self.members.into_iter().map(move |member| Change::Member {
            group,
            member,
            add: true,
        });
        let owners = self.owners.into_iter().map(move |owner| Change::Owner {
            group,
            owner,
            add: true,
        });
        members.chain(owners)
    }
}

/// # Errors
/// 400 for too many, for a reference twice, or for an object that cannot be a member; 404 for one that is not there.
fn bound(call: &Call<'_>, body: &Map<String, Value>, group: &Map<String, Value>) -> Result<Bound> {
    let (members, owners) = (
        property::references(body, MEMBERS)?,
        property::references(body, OWNERS)?,
    );
    if members.len() + owners.len() > MAX_BOUND {
        return Err(Error::bad_request(format!(
            "The limit of {MAX_BOUND} references that can be bound in one request was exceeded."
        )));
    }
    let unified = group
        .get("groupTypes")
        .and_then(Value::as_array)
        .is_some_and(|all| all.iter().any(|t| t == "Unified"));
    let mut out = Bound::default();
    for reference in members {
        let object = call.referenced(reference)?;
        member::check_kind(object, unified)?;
        push_once(&mut out.members, object.serial, "members")?;
    }
    for reference in owners {
        let object = call.referenced(reference)?;
        member::check_owner(object)?;
        push_once(&mut out.owners, object.serial, "owners")?;
    }
    Ok(out)
}

fn push_once(list: &mut Vec<Serial>, serial: Serial, relation: &str) -> Result<()> {
    if list.contains(&serial) {
        return Err(member::exists(relation));
    }
    list.push(serial);
    Ok(())
}

/// `PATCH`: a change, or a create when the group is named by `uniqueName`, is not there, and the client prefers that.
pub(super) fn update(call: &mut Call<'_>) -> Result<Reply> {
    let body = call.request.object()?;
    let only_members = body.keys().all(|name| name == MEMBERS);
    call.need(if only_members { WRITE_MEMBERS } else { WRITE_GROUPS })
        .or_else(|error| {
            // Whoever may create groups may use this way of doing it.
            if call.request.alternate.is_some() {
                call.need(CREATE_GROUPS)
            } else {
                Err(error)
            }
        })?;
    let serial = match upsert_target(call)? {
        Upsert::Missing(name) => {
            call.need(CREATE_GROUPS)?;
            return make(call, body, Some(name));
        }
        Upsert::There(serial) => serial,
        Upsert::No => call.group()?.serial,
    };
    call.need(if only_members { WRITE_MEMBERS } else { WRITE_GROUPS })?;
    change(call, serial, body)
}

/// What a `PATCH` by unique name with `Prefer: create-if-missing` meets.
enum Upsert<'a> {
    No,
    There(Serial),
    Missing(&'a str),
}

/// Writes see the newest copy of the directory: a group that was just made is found here before reads find it.
fn upsert_target<'a>(call: &Call<'a>) -> Result<Upsert<'a>> {
    let Some((name, value)) = call
        .request
        .alternate
        .as_ref()
        .filter(|_| call.key(0) == ALTERNATE)
    else {
        return Ok(Upsert::No);
    };
    if name != "uniqueName" || !call.request.headers.prefers("create-if-missing") {
        return Ok(Upsert::No);
    }
    if let Some(other) = call
        .request
        .object()?
        .get("uniqueName")
        .filter(|other| other.as_str() != Some(value))
    {
        return Err(Error::bad_request(format!(
            "The key '{value}' and the property {other} do not agree."
        ))
        .at("uniqueName"));
    }
    let found = call.directory().by_property(Kind::Group, "uniqueName", value);
    Ok(found.map_or(Upsert::Missing(value), |group| Upsert::There(group.serial)))
}

fn change(call: &mut Call<'_>, serial: Serial, body: &Map<String, Value>) -> Result<Reply> {
    let group = call
        .directory()
        .live(serial)
        .ok_or_else(|| Error::not_found(call.key(0)))?;
    member::check_own(call, group)?;
    let properties = property::accept(call.settings, Kind::Group, body, Some(group), &[MEMBERS, OWNERS])?;
    let properties = property::changed(group, properties);
    group_rules::check_change(call, &properties, group)?;
    let bound = bound(call, body, &group.properties)?;
    if !bound.members.is_empty() {
        member::check_writable(call, group)?;
    }
    if bound.members.iter().any(|member| group.members.contains(member)) {
        return Err(member::exists("members"));
    }
    if bound.owners.iter().any(|owner| group.owners.contains(owner)) {
        return Err(member::exists("owners"));
    }
    member::check_owner_quota(group, bound.owners.len())?;
    let update = (!properties.is_empty()).then_some(Change::Update { serial, properties });
    let changes = update.into_iter().chain(bound.into_changes(serial)).collect();
    call.commit(changes)?;
    Ok(Reply::no_content())
}

/// Microsoft 365 groups go into the bin; security groups are gone.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Reply> {
    let group = call.group()?;
    member::check_own(call, group)?;
    member::check_unlicensed(group)?;
    let deletion = call.deletion(group);
    call.commit(vec![deletion])?;
    Ok(Reply::no_content())
}
