//! The operations on offer: address, price, permission, handler.

use super::permission as allow;
use super::{
    audit_log, deleted, delta, domain, domain_write, federation, group, group_write, license, license_write,
    manager, member, membership, organization, principal, references, rollout, subscription,
    token_validation, user, user_write,
};
use crate::call::Call;
use crate::error::{Error, Result};
use crate::message::{Method, Reply};

use Method::{Delete, Get, Patch, Post, Put};

type Handler = fn(&mut Call<'_>) -> Result<Reply>;

/// One operation.
pub(crate) struct Route {
    pub method: Method,
    /// Segments; `*` stands for a key.
    pub path: &'static [&'static str],
    /// Resource units before options.
    pub units: u32,
    /// Counts against the write budget.
    pub writes: bool,
    /// Permissions of which one is needed. Empty: the handler decides.
    pub any_of: &'static [&'static str],
    pub handler: Handler,
}

impl Route {
    /// Method and shape, such as `PATCH /users/*`.
    pub(crate) fn name(&self) -> String {
        format!("{} /{}", self.method.name(), self.path.join("/"))
    }
}

const fn get(
    path: &'static [&'static str],
    units: u32,
    any_of: &'static [&'static str],
    handler: Handler,
) -> Route {
    Route {
        method: Get,
        path,
        units,
        writes: false,
        any_of,
        handler,
    }
}

const fn write(
    method: Method,
    path: &'static [&'static str],
    any_of: &'static [&'static str],
    handler: Handler,
) -> Route {
    Route {
        method,
        path,
        units: 1,
        writes: true,
        any_of,
        handler,
    }
}

/// An action that only reads.
const fn ask(
    path: &'static [&'static str],
    units: u32,
    any_of: &'static [&'static str],
    handler: Handler,
) -> Route {
    Route {
        method: Post,
        path,
        units,
        writes: false,
        any_of,
        handler,
    }
}

/// Every operation. Prices are those of "Identity and access service limits".
#[rustfmt::skip] // A table: one operation a line.
pub(crate) const ROUTES: &[Route] = &[
    get(&["users"], 2, allow::READ_USERS, user::list),
    get(&["users", "$count"], 1, allow::READ_USERS, user::count),
    get(&["users", "delta"], 1, allow::DELTA_USERS, delta::users),
    write(Post, &["users"], allow::WRITE_USERS, user_write::create),
    get(&["users", "*"], 2, allow::READ_USERS, user::get),
    write(Patch, &["users", "*"], &[], user_write::update),
    write(Delete, &["users", "*"], allow::DELETE_USERS, user_write::delete),
    write(Post, &["users", "*", "revokeSignInSessions"], allow::REVOKE_SESSIONS, user_write::revoke_sessions),
    get(&["users", "*", "manager"], 1, allow::READ_RELATIONS, manager::get),
    get(&["users", "*", "manager", "$ref"], 1, allow::READ_RELATIONS, manager::get_reference),
    write(Put, &["users", "*", "manager", "$ref"], allow::WRITE_USERS, manager::put),
    write(Delete, &["users", "*", "manager", "$ref"], allow::WRITE_USERS, manager::delete),
    get(&["users", "*", "directReports"], 1, allow::READ_RELATIONS, manager::reports),
    get(&["users", "*", "memberOf"], 2, allow::READ_MEMBER_OF, membership::member_of),
    get(&["users", "*", "memberOf", "microsoft.graph.group"], 2, allow::READ_MEMBER_OF, membership::member_of_groups),
    get(&["users", "*", "transitiveMemberOf"], 2, allow::READ_TRANSITIVE_MEMBER_OF, membership::transitive),
    ask(&["users", "*", "getMemberGroups"], 2, allow::MEMBER_GROUPS, membership::get_member_groups),
    ask(&["users", "*", "checkMemberGroups"], 4, allow::MEMBER_GROUPS, membership::check_member_groups),
    write(Post, &["users", "*", "assignLicense"], allow::ASSIGN_LICENSES, license_write::assign),
    write(Post, &["users", "*", "reprocessLicenseAssignment"], allow::REPROCESS_LICENSES, license_write::reprocess),
    get(&["users", "*", "licenseDetails"], 2, allow::READ_LICENSES, license::details),
    get(&["groups"], 1, allow::READ_GROUPS, group::list),
    get(&["groups", "$count"], 1, allow::READ_GROUPS, group::count),
    get(&["groups", "delta"], 1, allow::READ_GROUPS, delta::groups),
    write(Post, &["groups"], allow::CREATE_GROUPS, group_write::create),
    get(&["groups", "*"], 1, allow::READ_GROUPS, group::get),
    write(Patch, &["groups", "*"], &[], group_write::update),
    write(Delete, &["groups", "*"], allow::DELETE_GROUPS, group_write::delete),
    get(&["groups", "*", "members"], 3, allow::READ_MEMBERS, member::list),
    get(&["groups", "*", "members", "$count"], 3, allow::READ_MEMBERS, member::count),
    get(&["groups", "*", "members", "microsoft.graph.user"], 3, allow::READ_MEMBERS, member::list_users),
    get(&["groups", "*", "members", "$ref"], 3, allow::READ_MEMBERS, references::members),
    get(&["groups", "*", "membersWithLicenseErrors"], 1, allow::READ_MEMBERS, license::members_with_errors),
    write(Post, &["groups", "*", "assignLicense"], allow::ASSIGN_GROUP_LICENSES, license_write::assign_group),
    get(&["groups", "*", "transitiveMembers"], 5, allow::READ_MEMBERS, member::transitive),
    get(&["groups", "*", "memberOf"], 1, allow::READ_MEMBERS, member::member_of),
    write(Post, &["groups", "*", "members", "$ref"], allow::WRITE_MEMBERS, member::add),
    write(Delete, &["groups", "*", "members", "*", "$ref"], allow::WRITE_MEMBERS, member::remove),
    write(Delete, &["groups", "*", "members", "*"], &[], member::delete_object),
    get(&["groups", "*", "owners"], 1, allow::READ_OWNERS, member::list_owners),
    get(&["groups", "*", "owners", "$ref"], 1, allow::READ_OWNERS, references::owners),
    write(Post, &["groups", "*", "owners", "$ref"], allow::WRITE_GROUPS, member::add_owner),
    write(Delete, &["groups", "*", "owners", "*", "$ref"], allow::WRITE_GROUPS, member::remove_owner),
    get(&["directory", "deletedItems", "microsoft.graph.user"], 1, allow::READ_USERS, deleted::users),
    get(&["directory", "deletedItems", "microsoft.graph.group"], 1, allow::READ_GROUPS, deleted::groups),
    get(&["directory", "deletedItems", "*"], 1, &[], deleted::get),
    write(Delete, &["directory", "deletedItems", "*"], &[], deleted::purge),
    write(Post, &["directory", "deletedItems", "*", "restore"], &[], deleted::restore),
    get(&["directoryObjects", "*"], 1, allow::READ_OBJECTS, user::object),
    ask(&["directoryObjects", "getByIds"], 5, allow::READ_OBJECTS, user::by_ids),
    get(&["subscribedSkus"], 3, allow::READ_SKUS, license::skus),
    get(&["subscribedSkus", "*"], 1, allow::READ_SKUS, license::sku),
    get(&["organization"], 1, allow::READ_ORGANIZATION, organization::list),
    get(&["organization", "*"], 1, allow::READ_ORGANIZATION, organization::get),
    get(&["domains"], 1, allow::READ_DOMAINS, domain::list),
    write(Post, &["domains"], allow::WRITE_DOMAINS, domain_write::create),
    get(&["domains", "*"], 1, allow::READ_DOMAINS, domain::get),
    write(Patch, &["domains", "*"], allow::WRITE_DOMAINS, domain_write::update),
    write(Delete, &["domains", "*"], allow::WRITE_DOMAINS, domain_write::delete),
    get(&["domains", "*", "domainNameReferences"], 4, allow::READ_DOMAIN_RECORDS, domain::references),
    get(&["domains", "*", "verificationDnsRecords"], 1, allow::READ_DOMAIN_RECORDS, domain::verification_records),
    get(&["domains", "*", "serviceConfigurationRecords"], 1, allow::READ_DOMAIN_RECORDS, domain::service_records),
    get(&["domains", "*", "rootDomain"], 1, allow::READ_DOMAINS, domain::root),
    write(Post, &["domains", "*", "verify"], allow::WRITE_DOMAINS, domain_write::verify),
    write(Post, &["domains", "*", "promote"], allow::WRITE_DOMAINS, domain_write::promote),
    write(Post, &["domains", "*", "forceDelete"], allow::WRITE_DOMAINS, domain_write::force_delete),
    get(&["domains", "*", "federationConfiguration"], 1, allow::LIST_FEDERATION, federation::list),
    write(Post, &["domains", "*", "federationConfiguration"], allow::WRITE_FEDERATION, federation::create),
    get(&["domains", "*", "federationConfiguration", "*"], 1, allow::LIST_FEDERATION, federation::get),
    write(Patch, &["domains", "*", "federationConfiguration", "*"], allow::WRITE_FEDERATION, federation::update),
    write(Delete, &["domains", "*", "federationConfiguration", "*"], allow::WRITE_FEDERATION, federation::delete),
    get(&["auditLogs", "directoryAudits"], 1, allow::READ_AUDITS, audit_log::list),
    get(&["auditLogs", "directoryAudits", "*"], 1, allow::READ_AUDITS, audit_log::get),
    get(&["policies", "featureRolloutPolicies"], 1, allow::READ_POLICIES, rollout::list),
    write(Post, &["policies", "featureRolloutPolicies"], allow::WRITE_POLICIES, rollout::create),
    get(&["policies", "featureRolloutPolicies", "*"], 1, allow::READ_POLICIES, rollout::get),
    write(Patch, &["policies", "featureRolloutPolicies", "*"], allow::WRITE_POLICIES, rollout::update),
    write(Delete, &["policies", "featureRolloutPolicies", "*"], allow::WRITE_POLICIES, rollout::delete),
    get(&["policies", "featureRolloutPolicies", "*", "appliesTo"], 1, allow::READ_POLICIES, rollout::applies_to),
    get(&["policies", "featureRolloutPolicies", "*", "appliesTo", "$ref"], 1, allow::READ_POLICIES, rollout::applies_to_references),
    write(Post, &["policies", "featureRolloutPolicies", "*", "appliesTo", "$ref"], allow::WRITE_POLICIES, rollout::add),
    write(Delete, &["policies", "featureRolloutPolicies", "*", "appliesTo", "*", "$ref"], allow::WRITE_POLICIES, rollout::remove),
    get(&["policies", "federatedTokenValidationPolicy"], 1, allow::READ_TOKEN_VALIDATION, token_validation::get),
    get(&["subscriptions"], 1, &[], subscription::list),
    write(Post, &["subscriptions"], &[], subscription::create),
    get(&["subscriptions", "*"], 1, &[], subscription::get),
    write(Patch, &["subscriptions", "*"], &[], subscription::update),
    write(Delete, &["subscriptions", "*"], &[], subscription::delete),
    write(Post, &["subscriptions", "*", "reauthorize"], &[], subscription::reauthorize),
    get(&["servicePrincipals"], 1, allow::READ_PRINCIPALS, principal::list),
    get(&["servicePrincipals", "*"], 1, allow::READ_PRINCIPALS, principal::get),
    get(&["servicePrincipals", "*", "appRoleAssignments"], 2, allow::READ_PRINCIPALS, principal::role_assignments),
];

/// First segments of operations that Graph has and this simulator has not.
const UNOFFERED: [&str; 5] = ["auditLogs", "policies", "domains", "applications", "reports"];

/// The operation at an address, with its keys.
///
/// # Errors
/// 405 when the address takes other methods, 501 when only this simulator lacks it, 400 when there is nothing.
pub(crate) fn find(method: Method, path: &[String]) -> Result<(&'static Route, Vec<&str>)> {
    let mut other_methods = false;
    for route in ROUTES {
        if let Some(keys) = fits(route, path) {
            if route.method == method {
                return Ok((route, keys));
            }
            other_methods = true;
        }
    }
    let first = path.first().map_or("", String::as_str);
    let lists_references = method == Get && path.last().is_some_and(|last| last == "$ref");
    let deeper = ["users", "groups"].contains(&first) && path.len() > 2 && !other_methods;
    if UNOFFERED.contains(&first) || lists_references || deeper {
        return Err(Error::unoffered(&format!("/{}", path.join("/"))));
    }
    if other_methods {
        return Err(Error::new(
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        ));
    }
    Err(Error::malformed(format!(
        "Resource not found for the segment '{first}'."
    )))
}

/// The keys, if the path has the route's shape. Fixed segments are not keys: `/users/delta` is no user.
fn fits<'a>(route: &Route, path: &'a [String]) -> Option<Vec<&'a str>> {
    if route.path.len() != path.len() {
        return None;
    }
    let mut keys = Vec::new();
    for (wanted, found) in route.path.iter().zip(path) {
        match *wanted {
            "*" if found != "delta" && found != "$count" && found != "$ref" => keys.push(found.as_str()),
            "*" => return None,
            wanted if wanted == found => {}
            _ => return None,
        }
    }
    Some(keys)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests;
