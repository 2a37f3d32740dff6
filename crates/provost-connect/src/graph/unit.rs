//! What a request costs of the tenant's budget, before it is sent.
//!
//! Source: Microsoft Graph throttling limits, "Identity and access service limits". What an answer
//! says that it cost (`x-ms-resource-unit`) corrects the account afterwards.

use std::time::Duration;

use reqwest::Method;

use crate::pace::{Cost, Rate};

/// A page of fewer objects than this is cheaper.
const SMALL_PAGE: u32 = 20;

/// Units that a tenant with this many people may spend: 3,500, 5,000 or 8,000 in ten seconds, by
/// its size. 2 % below that, because clocks differ.
pub(crate) fn rate(people: usize) -> Rate {
    let burst = match people {
        0..50 => 3500,
        50..=500 => 5000,
        _ => 8000,
    };
    Rate {
        burst,
        per_second: f64::from(burst) / 10.0 * 0.98,
        span: Duration::from_secs(10),
    }
}

/// The cost of a request for a path with its query; `writes` is what the step itself counts.
pub(crate) fn cost(method: &Method, path: &str, writes: u32) -> Cost {
    Cost {
        writes,
        units: units(method, path),
    }
}

/// Resource units of a request.
pub(crate) fn units(method: &Method, path: &str) -> u32 {
    let base = base(method, path);
    let option = |name: &str| option(path, name);
    let mut units = i64::from(base);
    if *method == Method::GET || base > 1 {
        units -= i64::from(option("$select").is_some());
        units += i64::from(option("$expand").is_some());
        let top = option("$top").and_then(|top| top.parse::<u32>().ok());
        units -= i64::from(top.is_some_and(|top| top < SMALL_PAGE));
    }
    u32::try_from(units.max(1)).unwrap_or(1)
}

fn base(method: &Method, path: &str) -> u32 {
    let segments: Vec<&str> = plain(path).split('/').filter(|s| !s.is_empty()).collect();
    let last = segments.last().copied().unwrap_or_default();
    if *method != Method::GET {
        return match last {
            "getMemberGroups" | "getMemberObjects" => 2,
            "checkMemberGroups" => 4,
            "getByIds" => 5,
            _ => 1,
        };
    }
    match segments.as_slice() {
        ["users" | "groups", "delta"] => 1,
        ["users"] | ["users", _] => 2,
        ["groups", _, "members", ..] => 3,
        ["groups", _, "transitiveMembers", ..] => 5,
        [
            "users",
            _,
            "memberOf" | "transitiveMemberOf" | "licenseDetails" | "ownedObjects",
            ..,
        ] => 2,
        ["subscribedSkus", ..] => 3,
        ["domains", _, "domainNameReferences"] => 4,
        ["servicePrincipals", _, "appRoleAssignments"] | ["applications", ..] => 2,
        _ => 1,
    }
}

fn plain(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or(path);
    // An absolute link costs what its path below the version costs.
    path.split_once("/v1.0").map_or(path, |(_, rest)| rest)
}

/// The value of a query option, in either spelling of the dollar sign.
fn option<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = path.split_once('?')?;
    let encoded = name.replace('$', "%24");
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name || key.eq_ignore_ascii_case(&encoded))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_table() {
        let rows = [
            (Method::GET, "/users", 2),
            (Method::GET, "/users?$select=id&$top=999", 1),
            (Method::GET, "/users?%24select=id&%24expand=manager", 2),
            (Method::GET, "/users/a1?$expand=manager", 3),
            (Method::GET, "/users/delta", 1),
            (Method::GET, "/groups/a/members", 3),
            (Method::GET, "/groups/a/members?$select=id&$top=10", 1),
            (Method::GET, "/groups/a/members?$select=id&$top=999", 2),
            (Method::GET, "/groups/a/transitiveMembers", 5),
            (Method::GET, "/users/a/memberOf?$select=id", 1),
            (Method::GET, "/users/a/licenseDetails", 2),
            (Method::GET, "/subscribedSkus", 3),
            (Method::GET, "/domains/a/domainNameReferences", 4),
            (Method::GET, "/domains", 1),
            (Method::GET, "/servicePrincipals/a/appRoleAssignments", 2),
            (
                Method::GET,
                "https://graph.microsoft.com/v1.0/users?$select=id&$skiptoken=x",
                1,
            ),
            (Method::POST, "/users/a/getMemberGroups", 2),
            (Method::POST, "/users/a/checkMemberGroups", 4),
            (Method::POST, "/directoryObjects/getByIds", 5),
            (Method::POST, "/users", 1),
            (Method::PATCH, "/users/a", 1),
            (Method::DELETE, "/groups/a/members/b/$ref", 1),
        ];
        for (method, path, units) in rows {
            assert_eq!(super::units(&method, path), units, "{method} {path}");
        }
    }

    #[test]
    fn a_tenant_pays_by_its_size() {
        let bursts = [0, 49, 50, 500, 501, 100_000].map(|people| rate(people).burst);
        assert_eq!(bursts, [3500, 3500, 5000, 5000, 8000, 8000]);
    }
}
