//! Which application permissions a connection needs, has, lacks and has too many of.
//!
//! Only what the functions that are switched on use is asked for, with as few permissions as possible.
//! `Application.ReadWrite.All` is never needed, and always too much: who has it can make itself anything.

mod table;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::table::Operation;
use self::table::{OPERATIONS, ROLE_IDS};

/// A part of what a connection can do, to be switched on and off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Function {
    /// Reading and writing people.
    People,
    /// Reading and writing groups, members and owners.
    Groups,
    /// Assigning licences to people and groups.
    Licences,
    /// Setting passwords of accounts that exist.
    Passwords,
    /// Ending the sessions of who is disabled.
    Sessions,
    /// Restoring deleted people, or removing them for good.
    Restore,
    /// Switching domains to and from federation.
    Federation,
}

impl Function {
    /// All functions.
    pub const ALL: [Function; 7] = [
        Function::People,
        Function::Groups,
        Function::Licences,
        Function::Passwords,
        Function::Sessions,
        Function::Restore,
        Function::Federation,
    ];

    /// What is switched on unless the settings say otherwise.
    pub const DEFAULT: [Function; 4] = [
        Function::People,
        Function::Groups,
        Function::Licences,
        Function::Sessions,
    ];

    /// The word that stands in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Groups => "groups",
            Self::Licences => "licences",
            Self::Passwords => "passwords",
            Self::Sessions => "sessions",
            Self::Restore => "restore",
            Self::Federation => "federation",
        }
    }

    /// The operations that it uses.
    #[must_use]
    pub fn operations(self) -> Vec<&'static Operation> {
        let uses = |operation: &Operation| match self {
            Self::People => PEOPLE.contains(&(operation.method, operation.path)),
            Self::Groups => {
                operation.path.starts_with("/groups") && !operation.path.ends_with("/assignLicense")
            }
            Self::Licences => LICENCES.contains(&(operation.method, operation.path)),
            Self::Passwords => operation.path.ends_with(" passwordProfile"),
            Self::Sessions => operation.path.ends_with("/revokeSignInSessions"),
            Self::Restore => operation.path.starts_with("/directory/deletedItems"),
            Self::Federation => operation.path.starts_with("/domains"),
        };
        OPERATIONS.iter().filter(|operation| uses(operation)).collect()
    }
}

const PEOPLE: &[(&str, &str)] = &[
    ("GET", "/users"),
    ("POST", "/users"),
    ("GET", "/users/delta"),
    ("PATCH", "/users/{user-id}"),
    ("DELETE", "/users/{user-id}"),
    ("PUT", "/users/{user-id}/manager/$ref"),
    ("DELETE", "/users/{user-id}/manager/$ref"),
    ("GET", "/organization"),
];
const LICENCES: &[(&str, &str)] = &[
    ("GET", "/subscribedSkus"),
    ("POST", "/users/{user-id}/assignLicense"),
    ("GET", "/users/{user-id}/licenseDetails"),
];
/// Not needed, but good to have: who is an administrator can be seen, and so be protected.
const ADVISED: &[(&str, &str)] = &[("GET", "/users/{user-id}/memberOf")];
/// What one check before a switch of the domain reads, which somebody can answer for instead: never missing, and never too
/// much where domains are switched.
const LOOKED: &[(&str, &str)] = &[("GET", "/policies/federatedTokenValidationPolicy")];
/// Never suggested and always too much: it can give itself every other permission.
const NEVER: &str = "Application.ReadWrite.All";

impl Operation {
    /// Whether any of these permissions is enough for it.
    #[must_use]
    pub fn allowed(&self, granted: &BTreeSet<&str>) -> bool {
        self.enough().any(|permission| granted.contains(permission))
    }

    fn enough(&self) -> impl Iterator<Item = &'static str> {
        self.least.iter().chain(self.also).copied()
    }

    fn allowed_by(&self, permission: &str) -> bool {
        self.enough().any(|enough| enough == permission)
    }
}

/// A permission that a function lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// What it is needed for.
    pub function: Function,
    /// The permission to grant.
    pub permission: String,
    /// Broader ones that would do instead.
    pub also_enough: Vec<String>,
}

/// What an application was granted, compared with what it needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// What was granted, sorted.
    pub granted: Vec<String>,
    /// What the functions lack.
    pub missing: Vec<Need>,
    /// What was granted and no function that is switched on needs, sorted.
    pub excess: Vec<String>,
    /// What would be good to have, without which everything works.
    pub advised: Vec<Need>,
    /// What a step that comes later will lack: nothing is refused without it before that step.
    #[serde(default)]
    pub later: Vec<Need>,
    /// What was granted cannot be told: the token does not show it, and asking is not permitted. Then the other
    /// lists are empty, which means nothing.
    pub unknown: bool,
}

impl Permissions {
    /// Compares what was granted with what these functions need.
    #[must_use]
    pub fn of(functions: &[Function], granted: &[String]) -> Self {
        Self::foreseeing(functions, &[], granted)
    }

    /// The same, where a step that comes later switches `later` on by itself: what these functions need is not missing
    /// before that step, and never too much.
    #[must_use]
    pub fn foreseeing(functions: &[Function], later: &[Function], granted: &[String]) -> Self {
        let names: BTreeSet<&str> = granted.iter().map(String::as_str).collect();
        let advised = named(ADVISED);
        let all: Vec<Function> = functions.iter().chain(later).copied().collect();
        let is_later = |need: &Need| !functions.contains(&need.function);
        Self {
            granted: names.iter().map(|name| (*name).to_owned()).collect(),
            missing: missing(functions, &names),
            excess: excess(&all, &names),
            advised: needs(Function::People, &advised, &names, &choice(&advised, &names)),
            later: missing(&all, &names).into_iter().filter(is_later).collect(),
            unknown: false,
        }
    }

    /// Nobody can tell.
    #[must_use]
    pub fn unknown() -> Self {
        Self {
            unknown: true,
            ..Self::default()
        }
    }
}

/// The fewest permissions that these functions need, for an application that has none.
#[must_use]
pub fn needed(functions: &[Function]) -> Vec<Need> {
    missing(functions, &BTreeSet::new())
}

/// Whether what lies in the bin may be read with these permissions.
pub(crate) fn shows_bin(granted: &[String]) -> bool {
    let granted: BTreeSet<&str> = granted.iter().map(String::as_str).collect();
    let mut reads = OPERATIONS.iter().filter(|operation| {
        operation.method == "GET" && operation.path.starts_with("/directory/deletedItems")
    });
    reads.any(|operation| operation.allowed(&granted))
}

/// The permission that allows least beside a request, by its method and path.
pub(crate) fn least(method: &str, path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap_or(path);
    let is_asked = |o: &&Operation| {
        let same = |(part, template): (&str, &str)| match template.split_once(['{', '(']) {
            Some((start, _)) => part.starts_with(start),
            None => part == template,
        };
        o.method == method
            && o.path.split('/').count() == path.split('/').count()
            && path.split('/').zip(o.path.split('/')).all(same)
    };
    let found = OPERATIONS.iter().find(is_asked);
    // A group under its alternate key is an ordinary group.
    let found = found.or_else(|| {
        let group = path.starts_with("/groups(") && !path.contains(")/");
        let named = |o: &&Operation| o.method == method && o.path == "/groups/{group-id}";
        OPERATIONS.iter().filter(|_| group).find(named)
    });
    // Not one for a special case, such as `Group-NestingSupport`, where there is another. Federation has one of its own.
    let operation = found?;
    let own = |name: &str| name.starts_with("Domain-InternalFederation.");
    let usual = operation.enough().find(|name| !name.contains('-') || own(name));
    usual.or_else(|| operation.enough().next())
}

/// The name of a permission by the id of its app role.
pub(crate) fn name_of(role_id: &str) -> Option<&'static str> {
    ROLE_IDS
        .iter()
        .find(|(_, id)| id.eq_ignore_ascii_case(role_id))
        .map(|(name, _)| *name)
}

fn named(wanted: &[(&str, &str)]) -> Vec<&'static Operation> {
    let is_wanted = |o: &&Operation| wanted.contains(&(o.method, o.path));
    OPERATIONS.iter().filter(is_wanted).collect()
}

fn missing(functions: &[Function], granted: &BTreeSet<&str>) -> Vec<Need> {
    let functions: BTreeSet<Function> = functions.iter().copied().collect();
    let all: Vec<&Operation> = functions.iter().flat_map(|f| f.operations()).collect();
    let chosen = choice(&all, granted);
    functions
        .iter()
        .flat_map(|function| needs(*function, &function.operations(), granted, &chosen))
        .collect()
}

/// The permissions of `chosen` that allow what this function lacks.
fn needs(
    function: Function,
    operations: &[&'static Operation],
    granted: &BTreeSet<&str>,
    chosen: &[&'static str],
) -> Vec<Need> {
    let mut open: Vec<_> = operations.iter().filter(|o| !o.allowed(granted)).collect();
    let mut found = Vec::new();
    for permission in chosen {
        let (now, later): (Vec<_>, Vec<_>) = open.into_iter().partition(|o| o.allowed_by(permission));
        open = later;
        let Some((first, rest)) = now.split_first() else {
            continue;
        };
        let instead = |other: &&str| {
            other != permission && *other != NEVER && rest.iter().all(|operation| operation.allowed_by(other))
        };
        let also: BTreeSet<&str> = first.enough().filter(instead).collect();
        found.push(Need {
            function,
            permission: (*permission).to_owned(),
            also_enough: also.into_iter().map(str::to_owned).collect(),
        });
    }
    found
}

/// Few permissions that together allow what is not allowed yet: again and again the one that allows most, among
/// those that are a least permission of something. That keeps the broad `Directory.…` out.
fn choice(operations: &[&'static Operation], granted: &BTreeSet<&str>) -> Vec<&'static str> {
    let mut open: Vec<_> = operations.iter().filter(|o| !o.allowed(granted)).collect();
    let mut chosen = Vec::new();
    while !open.is_empty() {
        let candidates: BTreeSet<&'static str> = open.iter().flat_map(|o| o.least).copied().collect();
        let worth = |permission: &&'static str| {
            let allows = open.iter().filter(|o| o.allowed_by(permission)).count();
            // Of equals the one that comes first in the alphabet, so that the answer is always the same.
            (allows, std::cmp::Reverse(*permission))
        };
        let Some(best) = candidates.into_iter().filter(|p| *p != NEVER).max_by_key(worth) else {
            break;
        };
        open.retain(|operation| !operation.allowed_by(best));
        chosen.push(best);
    }
    chosen
}

/// Granted permissions without which everything that works would work still, broad ones first.
fn excess(functions: &[Function], granted: &BTreeSet<&str>) -> Vec<String> {
    let mut operations: Vec<_> = functions.iter().flat_map(|f| f.operations()).collect();
    operations.extend(named(ADVISED));
    if functions.contains(&Function::Federation) {
        operations.extend(named(LOOKED));
    }
    let allowed: Vec<_> = operations.into_iter().filter(|o| o.allowed(granted)).collect();
    let mut kept = granted.clone();
    let mut order: Vec<&str> = granted.iter().copied().collect();
    order.sort_by_key(|permission| (breadth(permission), *permission));
    let mut found = BTreeSet::new();
    for permission in order {
        kept.remove(permission);
        // A kept alternative that can do everything anyway is no reason to keep what can do less.
        if permission != NEVER && !allowed.iter().all(|operation| operation.allowed(&kept)) {
            kept.insert(permission);
            continue;
        }
        found.insert(permission.to_owned());
    }
    found.into_iter().collect()
}

/// The broadest come first.
fn breadth(permission: &str) -> u8 {
    match permission {
        NEVER => 0,
        "Directory.ReadWrite.All" => 1,
        other if other.starts_with("Directory.") => 2,
        other if other.starts_with("Application.") => 3,
        other if other.contains(".ReadWrite.") => 5,
        _ => 4,
    }
}

#[cfg(test)]
mod tests;
