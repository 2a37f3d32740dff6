//! What Graph would refuse of a record, found without asking it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::Graph;
use super::attribute::{self, ATTRIBUTES, Attribute, Writes, is_extension};
use super::facts::Facts;
use super::permission::Function;
use super::value::{check, empty_immutable_id, fault, not_clearable, warning};
use crate::{Fault, Kind, Record};

/// Required, but completed when a rule gives none: an account is enabled, its password made, a group's kind
/// follows from its type.
const COMPLETED: [(Kind, &str); 4] = [
    (Kind::Person, "accountEnabled"),
    (Kind::Person, "passwordProfile.password"),
    (Kind::Group, "mailEnabled"),
    (Kind::Group, "securityEnabled"),
];
/// Attributes that are objects; a record may hold them whole as well.
const OBJECTS: [&str; 3] = [
    "passwordProfile",
    "employeeOrgData",
    "onPremisesExtensionAttributes",
];

impl Graph {
    /// See [`crate::Target::faults`].
    pub(crate) fn judge(&self, kind: Kind, record: &Record, creating: bool) -> Vec<Fault> {
        faults(self.known().as_deref(), &self.functions, kind, record, creating)
    }
}

/// The faults of a record, in the order of its attributes, what is missing last.
pub(crate) fn faults(
    facts: Option<&Facts>,
    functions: &[Function],
    kind: Kind,
    record: &Record,
    creating: bool,
) -> Vec<Fault> {
    let flat = flat(record);
    let text = |name: &str| {
        let found = flat.iter().find(|(path, _)| path == name);
        found.and_then(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let user_name = text("userPrincipalName");
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (path, value) in &flat {
        let attribute = match named(kind, path) {
            Ok(Some(attribute)) => attribute,
            Ok(None) => continue,
            Err(unknown) => {
                found.push(unknown);
                continue;
            }
        };
        if !seen.insert(attribute.name) {
            found.push(duplicate(attribute.name));
        } else if let Some(refused) = untimely(attribute, functions, creating) {
            found.push(refused);
        } else if value.is_null() {
            found.extend(emptied(attribute, creating));
        } else {
            found.extend(check(attribute, value, user_name, facts));
        }
    }
    if creating {
        found.extend(incomplete(kind, &flat));
        if kind == Kind::Person {
            found.extend(of_person(&flat, user_name, facts));
        }
    }
    found
}

/// Dotted paths with their values; objects that are held whole are opened.
fn flat(record: &Record) -> Vec<(Cow<'_, str>, &Value)> {
    let mut flat = Vec::new();
    for (path, value) in record {
        match value {
            Value::Object(inner) if OBJECTS.contains(&path.as_str()) => {
                let inner = inner
                    .iter()
                    .map(|(name, value)| (Cow::Owned(format!("{path}.{name}")), value));
                flat.extend(inner);
            }
            value => flat.push((Cow::Borrowed(path.as_str()), value)),
        }
    }
    flat
}

/// The attribute that a path means; `Ok(None)` for an extension of the organisation, about which nothing is known.
pub(crate) fn named(kind: Kind, path: &str) -> Result<Option<&'static Attribute>, Fault> {
    match attribute::find(kind, path) {
        Some(attribute) if attribute.name == path => Ok(Some(attribute)),
        Some(attribute) => Err(fault(
            "PRV-MAPPING-UNKNOWN",
            path,
            format!(
                "`{}` is called `{}` in Microsoft 365",
                crate::error::quote(path),
                attribute.name
            ),
            format!("Write `{}` in the mapping.", attribute.name),
        )),
        None if is_extension(path) => Ok(None),
        None => Err(fault(
            "PRV-MAPPING-UNKNOWN",
            path,
            format!(
                "Microsoft 365 has no attribute `{}` of {}",
                crate::error::quote(path),
                crate::error::plural(kind)
            ),
            "Choose an attribute of the list; an extension is named extension_<application id without hyphens>_<name>.",
        )),
    }
}

pub(crate) fn duplicate(name: &str) -> Fault {
    fault(
        "PRV-MAPPING-DUPLICATE",
        name,
        format!("`{name}` is given twice"),
        "Keep one of the mappings.",
    )
}

/// An attribute that cannot be written at all.
pub(crate) fn read_only(attribute: &Attribute) -> Option<Fault> {
    let members = attribute.kind == Kind::Group && attribute.name == "members";
    if attribute.writes != Writes::Never && !members {
        return None;
    }
    let name = attribute.name;
    let hint = if members {
        "Take the mapping away: members follow the group of the directory."
    } else {
        "Take the mapping away."
    };
    let reason = format!("`{name}` cannot be written by a mapping");
    Some(fault("PRV-MAPPING-READ-ONLY", name, reason, hint))
}

/// An attribute that cannot be written now.
fn untimely(attribute: &Attribute, functions: &[Function], creating: bool) -> Option<Fault> {
    if let Some(found) = read_only(attribute) {
        return Some(found);
    }
    if creating || attribute.writes != Writes::CreateOnly {
        return None;
    }
    let name = attribute.name;
    if name.starts_with("passwordProfile.") {
        return (!functions.contains(&Function::Passwords)).then(|| password_once(name));
    }
    Some(fault(
        "PRV-VALUE-CREATE-ONLY",
        name,
        format!("`{name}` is fixed when the object is made"),
        "Apply the mapping on create only.",
    ))
}

/// A password is used when the account is made, and no later.
pub(crate) fn password_once(name: &str) -> Fault {
    fault(
        "PRV-PASSWORD-CREATE-ONLY",
        name,
        format!("`{name}` is used when the account is made, and not changed afterwards"),
        "Apply the mapping on create only (`apply = \"on_create\"`).",
    )
}

/// A value that is taken away. When an object is made, what has no value is just left out.
fn emptied(attribute: &Attribute, creating: bool) -> Option<Fault> {
    if creating {
        return None;
    }
    let found = not_clearable(attribute)?;
    // Nothing is sent for it, so nothing is refused either; what is there stays.
    let harmless = attribute.name == "usageLocation";
    Some(if harmless { warning(found) } else { found })
}

fn incomplete(kind: Kind, flat: &[(Cow<'_, str>, &Value)]) -> Vec<Fault> {
    let has = |name: &str| flat.iter().any(|(path, value)| path == name && !value.is_null());
    let required = ATTRIBUTES.iter().filter(|a| a.kind == kind && a.required);
    required
        .filter(|a| !COMPLETED.contains(&(kind, a.name)) && !has(a.name))
        .map(|attribute| missing(attribute.name))
        .collect()
}

fn missing(name: &str) -> Fault {
    fault(
        "PRV-VALUE-MISSING",
        name,
        format!("nothing can be made without `{name}`, and it has no value"),
        "Fill in what the mapping takes it from, or give the mapping a default.",
    )
}

/// What one attribute asks of another.
fn of_person(flat: &[(Cow<'_, str>, &Value)], user_name: &str, facts: Option<&Facts>) -> Vec<Fault> {
    let value = |name: &str| {
        let found = flat.iter().find(|(path, value)| path == name && !value.is_null());
        found.map(|(_, value)| *value)
    };
    let mut found = Vec::new();
    let domain = user_name.rsplit_once('@').map(|(_, domain)| domain);
    let domain = domain.and_then(|domain| facts?.domain(domain));
    if domain.is_some_and(|domain| domain.federated) && value("onPremisesImmutableId").is_none() {
        found.push(empty_immutable_id());
    }
    let licensed = value("assignedLicenses").is_some_and(|value| match value {
        Value::Array(list) => !list.is_empty(),
        _ => true,
    });
    if licensed && value("usageLocation").is_none() {
        found.push(no_location());
    }
    found
}

/// Nobody gets a licence without a usage location.
pub(crate) fn no_location() -> Fault {
    fault(
        "PRV-LICENCE-LOCATION",
        "usageLocation",
        "a licence needs `usageLocation`, and it has no value",
        "Map `usageLocation`, and fill in the country of those who have none.",
    )
}

#[cfg(test)]
mod tests;
