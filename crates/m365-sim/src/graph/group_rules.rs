//! What Entra demands of a group's values, beyond their types.

use serde_json::{Map, Value, json};

use super::user_rules::{address_taken, is_nickname};
use crate::call::{Call, insufficient};
use crate::directory::{Kind, Object};
use crate::error::{Error, Result};

/// Checks the values of a new group and adds those that follow from them.
///
/// # Errors
/// 400 with the reason, 403 for a role-assignable group without the permission for such.
pub(super) fn check_new(call: &Call<'_>, properties: &mut Map<String, Value>) -> Result<()> {
    properties.entry("groupTypes").or_insert(json!([]));
    check_kind(properties)?;
    check_values(call, properties, None)?;
    let flag = |name: &str| properties.get(name).and_then(Value::as_bool).unwrap_or(false);
    if flag("isAssignableToRole") && !call.caller.has("RoleManagement.ReadWrite.Directory") {
        return Err(insufficient());
    }
    if has_type(properties, "Unified") {
        give_address(call, properties)?;
        properties.entry("visibility").or_insert(json!("Public"));
    }
    Ok(())
}

/// Checks the values of a change.
///
/// # Errors
/// 400 with the reason.
pub(super) fn check_change(call: &Call<'_>, properties: &Map<String, Value>, group: &Object) -> Result<()> {
    let off = properties.get("securityEnabled") == Some(&Value::Bool(false));
    if off && !group.is_unified() {
        return Err(
            Error::bad_request("A group must be enabled for mail or for security.").at("securityEnabled"),
        );
    }
    if properties.get("visibility").and_then(Value::as_str) == Some("HiddenMembership") {
        return Err(
            Error::bad_request("HiddenMembership can only be chosen when the group is made.")
                .at("visibility"),
        );
    }
    check_values(call, properties, Some(group))
}

/// Microsoft 365 and security groups can be made; distribution and mail-enabled security groups cannot.
fn check_kind(properties: &Map<String, Value>) -> Result<()> {
    let flag = |name: &str| properties.get(name).and_then(Value::as_bool).unwrap_or(false);
    let types = properties
        .get("groupTypes")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    if let Some(unknown) = types
        .iter()
        .find(|name| !matches!(name.as_str(), Some("Unified" | "DynamicMembership")))
    {
        return Err(Error::bad_request(format!(
            "Invalid value {unknown} specified for property 'groupTypes' of resource 'Group'."
        ))
        .at("groupTypes"));
    }
    if has_type(properties, "DynamicMembership")
        && properties.get("membershipRule").and_then(Value::as_str).is_none()
    {
        return Err(Error::bad_request(
            "A value is required for property 'membershipRule' of resource 'Group'.",
        )
        .at("membershipRule"));
    }
    match (
        has_type(properties, "Unified"),
        flag("mailEnabled"),
        flag("securityEnabled"),
    ) {
        (true, true, _) | (false, false, true) => Ok(()),
        (true, false, _) => Err(Error::invalid_value("Group", "mailEnabled")),
        (false, true, _) => Err(Error::bad_request(
            "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.",
        )),
        (false, false, false) => {
            Err(Error::bad_request("A group must be enabled for mail or for security.").at("securityEnabled"))
        }
    }
}

fn has_type(properties: &Map<String, Value>, name: &str) -> bool {
    properties
        .get("groupTypes")
        .and_then(Value::as_array)
        .is_some_and(|types| types.iter().any(|found| found == name))
}

fn check_values(call: &Call<'_>, properties: &Map<String, Value>, current: Option<&Object>) -> Result<()> {
    let text = |name: &str| properties.get(name).and_then(Value::as_str);
    if let Some(visibility) = text("visibility")
        && !matches!(visibility, "Public" | "Private" | "HiddenMembership")
    {
        return Err(Error::invalid_value("Group", "visibility"));
    }
    if let Some(nickname) = text("mailNickname") {
        if !is_nickname(nickname) {
            return Err(Error::invalid_value("Group", "mailNickname"));
        }
        let unified = current.map_or_else(|| has_type(properties, "Unified"), Object::is_unified);
        if unified {
            refuse_taken_nickname(call, nickname, current)?;
        }
    }
    if let Some(name) = text("uniqueName")
        && let Some(holder) = call.directory().by_property(Kind::Group, "uniqueName", name)
        && current.is_none_or(|group| group.serial != holder.serial)
    {
        return Err(Error::conflict("uniqueName", &format!("Group_{}", holder.id)));
    }
    Ok(())
}

/// Nicknames of Microsoft 365 groups are unique among those; security groups may share theirs.
fn refuse_taken_nickname(call: &Call<'_>, nickname: &str, current: Option<&Object>) -> Result<()> {
    let Some(holders) = call.directory().indexes().find("mailNickname", nickname) else {
        return Ok(());
    };
    let groups = holders.iter().filter_map(|serial| call.directory().live(*serial));
    let other = |group: &&Object| {
        group.kind == Kind::Group
            && group.is_unified()
            && current.is_none_or(|own| own.serial != group.serial)
    };
    match groups.into_iter().find(other) {
        Some(holder) => Err(Error::conflict("mailNickname", &format!("Group_{}", holder.id))),
        None => Ok(()),
    }
}

/// A Microsoft 365 group gets an address from its nickname.
fn give_address(call: &Call<'_>, properties: &mut Map<String, Value>) -> Result<()> {
    let nickname = properties
        .get("mailNickname")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mail = format!("{nickname}@{}", call.directory().records().default_domain());
    let address = format!("SMTP:{mail}");
    if let Some(holder) = call.directory().by_address(&address) {
        return Err(address_taken(holder));
    }
    properties.insert("mail".to_owned(), json!(mail));
    properties.insert("proxyAddresses".to_owned(), json!([address]));
    Ok(())
}
