//! What Entra demands of a user's values, beyond their types.

use serde_json::{Map, Value, json};

use super::permission::PASSWORD_ROLES;
use crate::call::{Call, insufficient};
use crate::directory::{Kind, Object};
use crate::error::{Error, Result};

const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 48;
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 8..=256;

/// Checks the values of `properties`, for a user that has those of `current` otherwise.
///
/// # Errors
/// 400 with the reason; conflicts carry details.
pub(super) fn check(
    call: &Call<'_>,
    properties: &Map<String, Value>,
    current: Option<&Object>,
) -> Result<()> {
    let text = |name: &str| properties.get(name).and_then(Value::as_str);
    if let Some(upn) = text("userPrincipalName") {
        check_upn(call, upn)?;
    }
    if let Some(nickname) = text("mailNickname")
        && !is_nickname(nickname)
    {
        return Err(Error::invalid_value("User", "mailNickname"));
    }
    if let Some(location) = text("usageLocation")
        && !(location.len() == 2 && location.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        return Err(Error::invalid_value("User", "usageLocation"));
    }
    if let Some(mail) = text("mail")
        && !is_mail(mail)
    {
        return Err(Error::invalid_value("User", "mail"));
    }
    let unproved = &call.settings.unproved_directory;
    if unproved.mail_kept && current.is_some() && properties.get("mail").is_some_and(Value::is_null) {
        return Err(Error::invalid_value("User", "mail"));
    }
    if unproved.hire_date_refused && properties.contains_key("employeeHireDate") {
        return Err(insufficient().at("employeeHireDate"));
    }
    if let Some(kind) = text("userType")
        && !matches!(kind, "Member" | "Guest")
    {
        return Err(Error::invalid_value("User", "userType"));
    }
    check_immutable_id(call, properties, current)?;
    check_unique(call, properties, current)
}

fn check_upn(call: &Call<'_>, upn: &str) -> Result<()> {
    let wrong = || Error::invalid_value("User", "userPrincipalName");
    let (local, domain) = upn.split_once('@').ok_or_else(wrong)?;
    let fits = !local.is_empty()
        && local.len() <= MAX_LOCAL
        && domain.len() <= MAX_DOMAIN
        && !local.starts_with('.')
        && !local.ends_with('.')
        && local
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "'.-_!#^~".contains(c));
    if !fits {
        return Err(wrong());
    }
    match call.domain(domain) {
        Some(domain) if domain.verified => Ok(()),
        _ => Err(Error::bad_request(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
        )
        .at("userPrincipalName")),
    }
}

/// Exchange's rule for aliases, for users and groups alike.
pub(super) fn is_nickname(text: &str) -> bool {
    text.is_ascii()
        && !text
            .chars()
            .any(|c| c.is_control() || "@()\\[]\";:<>, ".contains(c))
}

fn is_mail(text: &str) -> bool {
    let halves = text.split_once('@');
    text.is_ascii()
        && !text.contains(' ')
        && halves.is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

/// In a federated domain the immutable id is what joins a sign-in to the user: it must be there, and it stays.
fn check_immutable_id(
    call: &Call<'_>,
    properties: &Map<String, Value>,
    current: Option<&Object>,
) -> Result<()> {
    const NAME: &str = "onPremisesImmutableId";
    let before = current.and_then(|user| user.text(NAME));
    let after = match properties.get(NAME) {
        Some(value) => value.as_str(),
        None => before,
    };
    if after.is_some_and(|id| id.contains(['$', '_'])) {
        return Err(Error::invalid_value("User", NAME));
    }
    let name_before = current.and_then(|user| user.text("userPrincipalName"));
    let name_after = properties
        .get("userPrincipalName")
        .and_then(Value::as_str)
        .or(name_before);
    if is_federated(call, name_after) && after.is_none() {
        return Err(Error::bad_request(
            "One or more property values specified are invalid.",
        ));
    }
    if is_federated(call, name_before) && before.is_some() && before != after {
        return Err(Error::bad_request(
            "Unable to update the specified properties: the user is in a federated domain.",
        )
        .at(NAME));
    }
    if call.settings.unproved_directory.immutable_id_kept && before.is_some() && after.is_none() {
        return Err(Error::invalid_value("User", NAME));
    }
    Ok(())
}

fn is_federated(call: &Call<'_>, upn: Option<&str>) -> bool {
    let domain = upn
        .and_then(|upn| upn.rsplit_once('@'))
        .and_then(|(_, domain)| call.domain(domain));
    domain.is_some_and(|domain| call.directory().records().is_federated(domain))
}

fn check_unique(call: &Call<'_>, properties: &Map<String, Value>, current: Option<&Object>) -> Result<()> {
    for name in ["userPrincipalName", "onPremisesImmutableId"] {
        let Some(value) = properties.get(name).and_then(Value::as_str) else {
            continue;
        };
        if let Some(holder) = call.directory().by_property(Kind::User, name, value)
            && current.is_none_or(|user| user.serial != holder.serial)
        {
            return Err(Error::conflict(name, &format!("User_{}", holder.id)));
        }
    }
    refuse_binned_name(call, properties)
}

/// Where the bin keeps names, a name in it is nobody else's.
fn refuse_binned_name(call: &Call<'_>, properties: &Map<String, Value>) -> Result<()> {
    let Some(wanted) = properties.get("userPrincipalName").and_then(Value::as_str) else {
        return Ok(());
    };
    let bin = call.directory().bin().iter();
    let mut binned = bin.filter_map(|serial| call.directory().object(*serial));
    let holds = |object: &Object| {
        let name = object.text("userPrincipalName");
        object.kind == Kind::User && name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
    };
    match binned.find(|object| holds(object)) {
        Some(_) => Err(Error::bad_request("The property netId is invalid.").at("userPrincipalName")),
        None => Ok(()),
    }
}

/// Adds the proxy addresses that follow from a new `mail`.
///
/// # Errors
/// 400 when another object has the address.
pub(super) fn address(
    call: &Call<'_>,
    properties: &mut Map<String, Value>,
    current: Option<&Object>,
) -> Result<()> {
    let Some(mail) = properties.get("mail") else {
        return Ok(());
    };
    let primary = mail.as_str().map(|mail| format!("SMTP:{mail}"));
    let before = current.into_iter().flat_map(|user| user.texts("proxyAddresses"));
    let same = |old: &&str| primary.as_ref().is_some_and(|new| new.eq_ignore_ascii_case(old));
    // The address that was the primary one stays, as another one.
    let kept: Vec<String> = before
        .filter(|old| !same(old))
        .map(|old| old.replacen("SMTP:", "smtp:", 1))
        .collect();
    if let Some(primary) = &primary
        && let Some(holder) = call.directory().by_address(primary)
        && current.is_none_or(|user| user.serial != holder.serial)
    {
        return Err(address_taken(holder));
    }
    let all: Vec<String> = primary.into_iter().chain(kept).collect();
    properties.insert("proxyAddresses".to_owned(), json!(all));
    Ok(())
}

/// What can be changed here although the user is kept elsewhere.
const NOT_MASTERED: [&str; 3] = ["usageLocation", "otherMails", "preferredDataLocation"];

/// # Errors
/// 400 for a change to a user that is synchronised from an on-premises directory.
pub(super) fn check_mastered(changes: &Map<String, Value>, user: &Object) -> Result<()> {
    let mastered = |name: &&String| !NOT_MASTERED.contains(&name.as_str());
    match changes.keys().find(mastered) {
        Some(name) if user.flag("onPremisesSyncEnabled") => Err(Error::bad_request(
            "Unable to update the specified properties: the object is mastered on premises.",
        )
        .at(name)),
        _ => Ok(()),
    }
}

/// Takes the password out of a body, checks it, and leaves what a read shows of it.
///
/// # Errors
/// 400 for a password that is missing or too weak, 403 for an application without an Entra role on an update.
pub(super) fn password(
    call: &Call<'_>,
    properties: &mut Map<String, Value>,
    current: Option<&Object>,
) -> Result<()> {
    let Some(profile) = properties.get("passwordProfile").and_then(Value::as_object) else {
        return Ok(());
    };
    let known = [
        "password",
        "forceChangePasswordNextSignIn",
        "forceChangePasswordNextSignInWithMfa",
    ];
    let wrong = || Error::invalid_value("User", "passwordProfile");
    if let Some(name) = profile
        .keys()
        .find(|name| !known.contains(&name.as_str()) && !name.contains('@'))
    {
        return Err(Error::bad_request(format!("Invalid property '{name}'.")).at("passwordProfile"));
    }
    let flag = |name: &str| match profile.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(value) => value.as_bool().ok_or_else(wrong),
    };
    let shown = json!({
        "password": null,
        "forceChangePasswordNextSignIn": flag("forceChangePasswordNextSignIn")?,
        "forceChangePasswordNextSignInWithMfa": flag("forceChangePasswordNextSignInWithMfa")?,
    });
    match profile.get("password") {
        None | Some(Value::Null) if current.is_some() => {}
        Some(Value::String(password)) if is_strong(password) => {}
        None | Some(Value::Null | Value::String(_)) => {
            return Err(Error::bad_request("The specified password does not comply with password complexity requirements. Please provide a different password.").at("passwordProfile"));
        }
        Some(_) => return Err(wrong()),
    }
    let may_reset = PASSWORD_ROLES
        .iter()
        .any(|role| call.caller.directory_roles.iter().any(|held| held == role));
    if current.is_some() && !may_reset {
        return Err(insufficient());
    }
    properties.insert("passwordProfile".to_owned(), shown);
    properties.insert(
        "lastPasswordChangeDateTime".to_owned(),
        json!(crate::moment::text(call.now)),
    );
    Ok(())
}

/// Three of four kinds of characters, within the length limits.
fn is_strong(password: &str) -> bool {
    let kinds = [
        password.chars().any(|c| c.is_lowercase()),
        password.chars().any(|c| c.is_uppercase()),
        password.chars().any(|c| c.is_numeric()),
        password.chars().any(|c| !c.is_alphanumeric()),
    ];
    PASSWORD_LENGTH.contains(&password.chars().count()) && kinds.into_iter().filter(|kind| *kind).count() >= 3
}

/// The refusal of a mail address that another object has.
pub(super) fn address_taken(holder: &Object) -> Error {
    let kind = if holder.kind == Kind::User {
        "User"
    } else {
        "Group"
    };
    Error::conflict("proxyAddresses", &format!("{kind}_{}", holder.id))
}
