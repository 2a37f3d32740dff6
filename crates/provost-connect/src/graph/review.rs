//! What is wrong with the rules of a connection to Microsoft 365, before they are saved.

use std::collections::BTreeSet;

use provost_engine::mapping::{Apply, Mapping, MappingSource, NullPolicy};
use provost_engine::rule::{LICENCES, Rule};
use serde_json::Value;

use super::attribute::{self, ATTRIBUTES, Attribute, ValueKind, Writes};
use super::facts::Facts;
use super::fault::{duplicate, named, no_location, password_once, read_only};
use super::permission::{Function, needed};
use super::value::{check, fault, not_clearable, warning};
use crate::{Fault, Kind};

const PASSWORD: &str = "passwordProfile.password";
const IMMUTABLE_ID: &str = "onPremisesImmutableId";

/// The faults of the rules, in their order. `before` are the rules in force.
pub(crate) fn review(
    facts: Option<&Facts>,
    functions: &[Function],
    before: &[Rule],
    after: &[Rule],
) -> Vec<Fault> {
    let mut found = Vec::new();
    for rule in after {
        let reviewed = Review {
            rule,
            facts,
            functions,
        };
        let old = before.iter().find(|old| old.name == rule.name);
        let mut of_rule = reviewed.all();
        of_rule.extend(old.and_then(|old| reviewed.frozen(old)));
        found.extend(of_rule.into_iter().map(|fault| at(rule, fault)));
    }
    found
}

/// Says which rule it is about.
fn at(rule: &Rule, fault: Fault) -> Fault {
    Fault {
        reason: format!("rule {}: {}", crate::error::quote(&rule.name), fault.reason),
        ..fault
    }
}

struct Review<'a> {
    rule: &'a Rule,
    facts: Option<&'a Facts>,
    functions: &'a [Function],
}

impl Review<'_> {
    fn all(&self) -> Vec<Fault> {
        let mut found = Vec::new();
        for mappings in [&self.rule.mappings, &self.rule.leaver] {
            let mut seen = BTreeSet::new();
            for mapping in mappings {
                match named(self.rule.object, &mapping.target) {
                    Err(unknown) => found.push(unknown),
                    Ok(Some(attribute)) if !seen.insert(attribute.name) => {
                        found.push(duplicate(attribute.name));
                    }
                    Ok(Some(attribute)) => found.extend(self.mapping(attribute, mapping)),
                    Ok(None) if !seen.insert(mapping.target.as_str()) => {
                        found.push(duplicate(&mapping.target));
                    }
                    Ok(None) => {}
                }
            }
        }
        found.extend(self.rule.matching.iter().filter_map(|m| self.matching(&m.target)));
        found.extend(self.one_password());
        if self.rule.enabled {
            found.extend(self.groups_off());
            found.extend(self.missing());
            found.extend(self.licences());
        }
        found
    }

    /// One mapping to a known attribute.
    fn mapping(&self, attribute: &Attribute, mapping: &Mapping) -> Vec<Fault> {
        if let Some(found) = read_only(attribute) {
            return vec![found];
        }
        let mut found = Vec::new();
        let reference = attribute.value == ValueKind::Reference;
        if reference != mapping.reference {
            found.push(reference_kind(attribute, reference));
        }
        if attribute.value == ValueKind::Password {
            found.extend(self.password(attribute, mapping));
        } else if attribute.writes == Writes::CreateOnly && mapping.apply != Apply::OnCreate {
            found.push(warning(fault(
                "PRV-VALUE-CREATE-ONLY",
                attribute.name,
                format!(
                    "`{}` is fixed when the object is made; later changes are not sent",
                    attribute.name
                ),
                "Apply the mapping on create only.",
            )));
        }
        if mapping.null == NullPolicy::Clear
            && let Some(refused) = not_clearable(attribute)
        {
            // Only people without a value would meet it, except for the id that nobody may lose.
            let frozen = attribute.name == IMMUTABLE_ID;
            found.push(if frozen { refused } else { warning(refused) });
        }
        let constants = constant(mapping).into_iter().chain(&mapping.default);
        for value in constants.filter(|value| !is_empty(value)) {
            let value = lenient(attribute, value);
            found.extend(check(attribute, &value, "", self.facts));
        }
        found
    }

    /// A password is given once, and is no value of the directory.
    fn password(&self, attribute: &Attribute, mapping: &Mapping) -> Option<Fault> {
        let later = mapping.apply != Apply::OnCreate;
        (later && !self.functions.contains(&Function::Passwords)).then(|| password_once(attribute.name))
    }

    /// Objects cannot be recognised by what cannot be read, nor by what cannot be searched for.
    fn matching(&self, target: &str) -> Option<Fault> {
        let attribute = attribute::find(self.rule.object, target)?;
        let secret = attribute.sensitive || attribute.name.starts_with("passwordProfile.");
        (secret || attribute.value == ValueKind::Licences).then(|| {
            fault(
                "PRV-MATCHING-WRITE-ONLY",
                attribute.name,
                format!(
                    "nobody can be recognised by `{}`: it can be written but not searched for",
                    attribute.name
                ),
                "Match by onPremisesImmutableId, userPrincipalName, mail or employeeId.",
            )
        })
    }

    /// Required attributes without a mapping, when the rule creates.
    fn missing(&self) -> Vec<Fault> {
        if !self.rule.actions.create {
            return Vec::new();
        }
        let mapped = |name: &str| {
            let mut mappings = self.rule.mappings.iter();
            mappings.any(|mapping| mapping.target == name && mapping.source != MappingSource::None)
        };
        let required = ATTRIBUTES
            .iter()
            .filter(|a| a.kind == self.rule.object && a.required);
        let mut found = Vec::new();
        for attribute in required.filter(|attribute| !mapped(attribute.name)) {
            match (attribute.kind, attribute.name) {
                (Kind::Person, PASSWORD) => found.push(no_password()),
                (Kind::Person, "accountEnabled") | (Kind::Group, "mailEnabled" | "securityEnabled") => {}
                (_, name) => found.push(fault(
                    "PRV-MAPPING-REQUIRED",
                    name,
                    format!("`{name}` is not mapped, and nothing can be made without it"),
                    format!("Map a value for {name}, or do not allow the rule to create."),
                )),
            }
        }
        found
    }

    /// One password for everybody is a password that everybody knows.
    fn one_password(&self) -> Option<Fault> {
        let mapping = self
            .rule
            .mappings
            .iter()
            .find(|mapping| mapping.target == PASSWORD)?;
        let is_one = matches!(
            mapping.source,
            MappingSource::Constant { .. } | MappingSource::Secret { .. }
        );
        is_one.then(|| {
            warning(fault(
                "PRV-PASSWORD-SHARED",
                PASSWORD,
                "every new account begins with the same password: whoever knows it can sign in as anybody who has not \
                 signed in yet",
                "Have a password generated for each person, unless somebody hands this one out in person.",
            ))
        })
    }

    /// A licence needs a place of use, and products that the organisation owns.
    /// A rule about groups does nothing where the connection is not to write groups.
    fn groups_off(&self) -> Option<Fault> {
        let is_off = self.rule.object == Kind::Group && !self.functions.contains(&Function::Groups);
        is_off.then(|| {
            let needs: Vec<String> = needed(&[Function::Groups])
                .into_iter()
                .map(|need| need.permission)
                .collect();
            let reason = "the connection is not to write groups: its function \"groups\" is off";
            let hint = format!(
                "Grant {} to the application, and switch the function on.",
                needs.join(", ")
            );
            fault("PRV-FUNCTION-OFF", "", reason, &hint)
        })
    }

    fn licences(&self) -> Vec<Fault> {
        let find = |name: &str| self.rule.mappings.iter().find(|mapping| mapping.target == name);
        let Some(mapping) = find(LICENCES).filter(|m| m.source != MappingSource::None) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        if find("usageLocation").is_none_or(|m| m.source == MappingSource::None) {
            found.push(warning(no_location()));
        }
        let owned = self.facts.and_then(|facts| facts.products.as_ref());
        if let (Some(owned), Some(value)) = (owned, constant(mapping)) {
            let list = value
                .as_array()
                .map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
            let names = list
                .iter()
                .filter_map(Value::as_str)
                .filter_map(|t| t.split_whitespace().next());
            let known = |name: &str| {
                owned
                    .iter()
                    .any(|p| p.sku.eq_ignore_ascii_case(name) || p.name.eq_ignore_ascii_case(name))
            };
            found.extend(
                names
                    .filter(|name| !known(name))
                    .map(|name| not_owned(name, owned)),
            );
        }
        found
    }

    /// The immutable id of people who sign in elsewhere stays what it is.
    fn frozen(&self, old: &Rule) -> Option<Fault> {
        if self.rule.object != Kind::Person || !self.facts.is_some_and(Facts::federated) {
            return None;
        }
        let of = |rule: &Rule| rule.mappings.iter().find(|m| m.target == IMMUTABLE_ID).cloned();
        let (before, after) = (of(old)?, of(self.rule));
        let same = after.as_ref().is_some_and(|after| {
            (&after.source, &after.default, after.apply, after.null)
                == (&before.source, &before.default, before.apply, before.null)
        });
        let what = if after.is_some() { "changed" } else { "taken away" };
        (!same).then(|| {
            fault(
                "PRV-IMMUTABLE-ID-FROZEN",
                IMMUTABLE_ID,
                format!("the mapping of `{IMMUTABLE_ID}` cannot be {what} while a domain of the tenant is federated: people would lose their sign-in"),
                "Leave the mapping as it is, or switch the domain to managed sign-in first.",
            )
        })
    }
}

/// The constant of a mapping.
fn constant(mapping: &Mapping) -> Option<&Value> {
    match &mapping.source {
        MappingSource::Constant { value } => Some(value),
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty)
}

/// Constants may be written as what normalizing makes of them later: one value for a list, `true` as a text.
fn lenient(attribute: &Attribute, value: &Value) -> Value {
    match (attribute.value, value) {
        (ValueKind::List, Value::String(_)) => Value::Array(vec![value.clone()]),
        (ValueKind::Bool, Value::String(text)) => match text.to_ascii_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => value.clone(),
        },
        (ValueKind::Text, Value::String(text)) if attribute.name == "usageLocation" => {
            Value::from(text.trim())
        }
        _ => value.clone(),
    }
}

fn reference_kind(attribute: &Attribute, reference: bool) -> Fault {
    let name = attribute.name;
    let (reason, hint) = if reference {
        (
            "refers to another account, and its mapping gives a plain value",
            "Set `reference = true` in the mapping.",
        )
    } else {
        (
            "holds a plain value, and its mapping gives a reference",
            "Take `reference` out of the mapping.",
        )
    };
    fault("PRV-VALUE-KIND", name, format!("`{name}` {reason}"), hint)
}

fn no_password() -> Fault {
    fault(
        "PRV-RULE-PASSWORD",
        PASSWORD,
        "accounts cannot be made without a password: map a value for password first",
        "Map `passwordProfile.password` as generated for each person, and apply it on create only.",
    )
}

fn not_owned(name: &str, owned: &[crate::Product]) -> Fault {
    let names: Vec<&str> = owned
        .iter()
        .filter(|p| p.assignable)
        .map(|p| p.name.as_str())
        .collect();
    fault(
        "PRV-LICENCE-UNKNOWN",
        LICENCES,
        format!(
            "the organisation does not own `{}`; it owns {}",
            crate::error::quote(name),
            names.join(", ")
        ),
        "Write one of the products that are owned, by short name or id.",
    )
}

#[cfg(test)]
mod tests;
