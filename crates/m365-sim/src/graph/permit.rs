//! Whether an application may do what it asks: its permissions, and for what concerns administrators its Entra roles
//! (Graph documentation, the permission table of each operation's page, and "Who can perform sensitive actions" of the
//! resource type user).

use serde_json::Value;

use super::published::PUBLISHED;
use super::route::Route;
use crate::call::{Call, insufficient};
use crate::directory::{Kind, Object};
use crate::error::{Error, Result};
use crate::message::Method;

/// What Microsoft's list leaves out, although the page of the operation names it.
const ALSO: &[(&str, &[&str])] = &[
    (
        "GET /organization/*",
        &[
            "Organization.Read.All",
            "Organization.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
    ),
    (
        "GET /domains/*/federationConfiguration/*",
        &[
            "Domain-InternalFederation.Read.All",
            "Domain-InternalFederation.ReadWrite.All",
        ],
    ),
    (
        "PATCH /domains/*/federationConfiguration/*",
        &["Domain-InternalFederation.ReadWrite.All"],
    ),
    (
        "DELETE /domains/*/federationConfiguration/*",
        &["Domain-InternalFederation.ReadWrite.All"],
    ),
    ("GET /subscribedSkus", &["LicenseAssignment.ReadWrite.All"]),
    (
        "GET /users/*/licenseDetails",
        &["LicenseAssignment.ReadWrite.All"],
    ),
];

/// Properties of a user whose change needs a role when the user is an administrator.
const SENSITIVE: [&str; 7] = [
    "accountEnabled",
    "businessPhones",
    "mobilePhone",
    "otherMails",
    "onPremisesImmutableId",
    "passwordProfile",
    "userPrincipalName",
];

/// Roles whose holders a User Administrator may still change.
const HARMLESS: [&str; 8] = [
    "Directory Readers",
    "Guest Inviter",
    "Helpdesk Administrator",
    "Groups Administrator",
    "Message Center Reader",
    "Password Administrator",
    "Reports Reader",
    "User Administrator",
];

/// Roles that may change everybody.
const HIGH: [&str; 2] = ["Privileged Authentication Administrator", "Global Administrator"];

/// # Errors
/// 403 when the application is gone, lacks the permission, or lacks the role that its target asks for.
pub(super) fn check(call: &Call<'_>, route: &Route) -> Result<()> {
    identity(call)?;
    if !(route.any_of.is_empty() || permitted(call, route)) {
        return Err(insufficient());
    }
    match target(call, route) {
        Some(user) => administrator(call, user),
        None => Ok(()),
    }
}

/// The application may have been disabled or taken away since it got its token.
fn identity(call: &Call<'_>) -> Result<()> {
    if !call.settings.unproved.disabled_at_once {
        return Ok(());
    }
    let mut applications = call.settings.applications.iter();
    match applications.find(|application| application.client_id == call.caller.client_id) {
        Some(application) if application.enabled => Ok(()),
        Some(_) => Err(Error::new(
            403,
            "Authorization_IdentityDisabled",
            "The identity of the calling application is disabled.",
        )),
        None => Err(Error::new(
            403,
            "Authorization_IdentityNotFound",
            "The identity of the calling application could not be established.",
        )),
    }
}

/// By Microsoft's list where it has the operation, by the route's own otherwise.
fn permitted(call: &Call<'_>, route: &Route) -> bool {
    let name = route.name();
    let published = PUBLISHED.iter().find(|row| row.operation == name);
    let more = ALSO.iter().find(|(operation, _)| *operation == name);
    let enough = published.map_or(route.any_of, |row| row.any_of);
    let more = more.map_or(&[][..], |(_, permissions)| permissions);
    let wide = call.settings.unproved.wide_permissions;
    enough.iter().chain(more).any(|wanted| {
        call.caller.has(wanted) || (wide && call.caller.roles.iter().any(|role| includes(role, wanted)))
    })
}

/// Whether one permission is the larger one on the same: `User.ReadWrite.All` and `User.Read.All`.
fn includes(given: &str, wanted: &str) -> bool {
    let rank = |verb: &str| {
        ["ReadBasic", "Read", "ReadWrite"]
            .iter()
            .position(|known| *known == verb)
    };
    let parts = |permission: &str| {
        let mut parts = permission.splitn(3, '.').map(str::to_owned);
        Some((parts.next()?, rank(&parts.next()?)?, parts.next()?))
    };
    match (parts(given), parts(wanted)) {
        (Some((mine, high, scope)), Some((theirs, low, wanted))) => {
            scope == wanted && high >= low && (mine == theirs || (mine == "Group" && theirs == "GroupMember"))
        }
        _ => false,
    }
}

/// The user on whom a sensitive action is to be done.
fn target<'a>(call: &'a Call<'_>, route: &Route) -> Option<&'a Object> {
    let (method, path) = (route.method, route.path);
    let directory = call.directory();
    match (method, path) {
        (Method::Patch, ["users", "*"]) => {
            let body = call.request.body.as_ref().and_then(Value::as_object)?;
            SENSITIVE
                .iter()
                .any(|name| body.contains_key(*name))
                .then_some(())?;
            call.user().ok()
        }
        (Method::Delete, ["users", "*"]) => call.user().ok(),
        (Method::Delete, ["groups", "*", "members", "*"]) => directory.by_id(call.key(1)),
        (Method::Post, ["directory", "deletedItems", "*", "restore"])
        | (Method::Delete, ["directory", "deletedItems", "*"]) => directory.by_id(call.key(0)),
        _ => None,
    }
    .filter(|object| object.kind == Kind::User)
}

/// # Errors
/// 403 when the user's roles ask for more than the application has.
fn administrator(call: &Call<'_>, user: &Object) -> Result<()> {
    let privileged = in_assignable_group(call, user);
    if user.roles.is_empty() && !privileged {
        return Ok(());
    }
    let mine = &call.caller.directory_roles;
    let has = |role: &&str| mine.iter().any(|known| known == role);
    let harmless = !privileged && user.roles.iter().all(|role| HARMLESS.contains(&role.as_str()));
    if HIGH.iter().any(has) || (harmless && has(&"User Administrator")) {
        Ok(())
    } else {
        Err(insufficient())
    }
}

/// Owners and members of groups that can hold roles count as administrators.
fn in_assignable_group(call: &Call<'_>, user: &Object) -> bool {
    let groups = user.member_of.iter().chain(&user.owner_of);
    groups
        .filter_map(|serial| call.directory().live(*serial))
        .any(|group| group.flag("isAssignableToRole"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::graph::route::ROUTES;

    #[test]
    fn wide_permissions_include_the_narrow_ones_on_the_same() {
        assert!(includes("User.ReadWrite.All", "User.Read.All"));
        assert!(includes("User.Read.All", "User.ReadBasic.All"));
        assert!(includes("Group.ReadWrite.All", "GroupMember.ReadBasic.All"));
        assert!(!includes("User.Read.All", "User.ReadWrite.All"));
        assert!(!includes("User.ReadWrite.All", "Group.Read.All"));
        assert!(!includes("Domain.ReadWrite.All", "Directory.Read.All"));
    }

    #[test]
    fn the_table_says_what_microsofts_file_says() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/app-permissions.json");
        let file: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let mut rows = 0;
        for (path, methods) in file["operations"].as_object().unwrap() {
            let shape: Vec<&str> = path
                .split('/')
                .map(|part| if part.starts_with('{') { "*" } else { part })
                .collect();
            for (method, permissions) in methods.as_object().unwrap() {
                let operation = format!("{method} {}", shape.join("/"));
                let row = PUBLISHED
                    .iter()
                    .find(|row| row.operation == operation)
                    .expect(&operation);
                let lists = ["least", "also"]
                    .iter()
                    .flat_map(|list| permissions[*list].as_array().unwrap());
                let wanted: std::collections::BTreeSet<&str> = lists.filter_map(Value::as_str).collect();
                let ours: std::collections::BTreeSet<&str> = row.any_of.iter().copied().collect();
                assert_eq!(ours, wanted, "{operation}");
                rows += 1;
            }
        }
        assert_eq!(rows, PUBLISHED.len());
    }

    #[test]
    fn every_published_operation_that_is_offered_is_found() {
        let names: Vec<String> = ROUTES.iter().map(Route::name).collect();
        let found = PUBLISHED
            .iter()
            .filter(|row| names.iter().any(|name| name == row.operation));
        assert!(found.count() >= 40);
        for (operation, _) in ALSO {
            assert!(names.iter().any(|name| name == operation), "{operation}");
            assert!(
                PUBLISHED.iter().any(|row| row.operation == *operation),
                "{operation}"
            );
        }
    }
}
