//! What Graph refuses of a single value.
//!
//! Source: Microsoft Graph, "user resource type", "group resource type"; Microsoft Entra, "Prepare for directory
//! synchronization" for the characters of names. Reasons never hold a person's value; the domain of a name and
//! configured constants of the organisation may be named.

use provost_engine::country;
use provost_engine::policy::password;
use serde_json::Value;

use super::attribute::{Attribute, Clear, ValueKind};
use super::facts::Facts;
use crate::{Fault, Kind};

/// Stands in a preview for a password that is made or unsealed only when it is sent.
const PLACEHOLDERS: [&str; 2] = [password::PLACEHOLDER, "[Sealed]"];
/// Most characters of a user principal name before the `@`, and behind it.
const LOCAL: usize = 64;
const DOMAIN: usize = 48;

/// A fault that stops the write.
pub(crate) fn fault(
    code: &str,
    attribute: &str,
    reason: impl Into<String>,
    hint: impl Into<String>,
) -> Fault {
    Fault {
        code: code.to_owned(),
        attribute: attribute.to_owned(),
        reason: reason.into(),
        hint: hint.into(),
        stops: true,
    }
}

/// A fault that does not.
pub(crate) fn warning(fault: Fault) -> Fault {
    Fault {
        stops: false,
        ..fault
    }
}

/// What is wrong with a value that is not null. `user_name` is the user principal name that goes along, or empty.
pub(crate) fn check(
    attribute: &Attribute,
    value: &Value,
    user_name: &str,
    facts: Option<&Facts>,
) -> Option<Fault> {
    if let Some(found) = form(attribute, value) {
        return Some(found);
    }
    let text = value.as_str().unwrap_or_default();
    match (attribute.kind, attribute.name) {
        (Kind::Person, "userPrincipalName") => upn(text, facts),
        (Kind::Person, "onPremisesImmutableId") => immutable_id(text),
        (Kind::Person, "usageLocation") => location(text),
        (Kind::Person, "passwordProfile.password") => good_password(text, user_name),
        (Kind::Person, "mail") => mail(attribute.name, text),
        (Kind::Person, "otherMails") => value
            .as_array()?
            .iter()
            .find_map(|item| mail(attribute.name, item.as_str().unwrap_or_default())),
        (_, "mailNickname") => nickname(text),
        (_, name) => choice(name, text),
    }
}

/// Type and length.
fn form(attribute: &Attribute, value: &Value) -> Option<Fault> {
    let name = attribute.name;
    let good = match attribute.value {
        ValueKind::Text | ValueKind::Password | ValueKind::Reference => value.is_string(),
        ValueKind::DateTime => value
            .as_str()
            .is_some_and(|t| t.parse::<jiff::Timestamp>().is_ok()),
        ValueKind::Bool => value.is_boolean(),
        ValueKind::List => value
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_string)),
        ValueKind::Licences => {
            value.is_string()
                || value
                    .as_array()
                    .is_some_and(|list| list.iter().all(Value::is_string))
        }
    };
    if !good {
        let reason = format!("`{name}` takes {}, and got {}", takes(attribute.value), is(value));
        return Some(fault(
            "PRV-VALUE-KIND",
            name,
            reason,
            "Give the mapping a source of that kind, or declare its `kind`.",
        ));
    }
    if let (Some(most), Some(list)) = (attribute.most, value.as_array())
        && list.len() > most
    {
        let reason = format!("`{name}` holds at most {most}, and got {} values", list.len());
        return Some(fault("PRV-VALUE-TOO-LONG", name, reason, "Map fewer values."));
    }
    if attribute.value == ValueKind::Password || name == "usageLocation" {
        return None;
    }
    let longest = texts(value).map(|text| text.chars().count()).max().unwrap_or(0);
    let max = attribute.max.filter(|max| longest > *max)?;
    Some(fault(
        "PRV-VALUE-TOO-LONG",
        name,
        format!("`{name}` holds {max} characters, and got {longest}"),
        format!("Shorten the value in the directory, or in the mapping with Left(…, {max})."),
    ))
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    value
        .as_str()
        .into_iter()
        .chain(list.iter().filter_map(Value::as_str))
}

fn takes(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Text | ValueKind::Password => "a text",
        ValueKind::Bool => "true or false",
        ValueKind::List => "a list of texts",
        ValueKind::Reference => "a reference to another account",
        ValueKind::Licences => "the name of a product or a list of such names",
        ValueKind::DateTime => "a point in time such as 2026-03-01T00:00:00Z",
    }
}

fn is(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn upn(text: &str, facts: Option<&Facts>) -> Option<Fault> {
    const NAME: &str = "userPrincipalName";
    let wrong = |reason: &str| {
        fault(
            "PRV-UPN-CHARACTERS",
            NAME,
            reason,
            "Correct the name in the directory, or take accents off in the mapping with NormalizeDiacritics(…).",
        )
    };
    let Some((local, domain)) = text.split_once('@') else {
        return Some(wrong("`userPrincipalName` has no @"));
    };
    if local.is_empty() || local.len() > LOCAL || domain.len() > DOMAIN {
        return Some(wrong(
            "`userPrincipalName` needs 1 to 64 characters before the @ and at most 48 behind it",
        ));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || "'.-_!#^~".contains(c);
    if !local.chars().all(allowed) || local.starts_with('.') || local.ends_with('.') {
        return Some(wrong(
            "`userPrincipalName` may hold letters without accents, digits and ' . - _ ! # ^ ~ before the @, and no dot at its ends",
        ));
    }
    let facts = facts.filter(|facts| !facts.domains.is_empty())?;
    if facts.domain(domain).is_some_and(|domain| domain.verified) {
        return None;
    }
    Some(suffix(domain, facts))
}

/// The name is in a domain that the tenant has not verified.
pub(crate) fn suffix(domain: &str, facts: &Facts) -> Fault {
    let verified = facts.verified();
    fault(
        "PRV-UPN-SUFFIX",
        "userPrincipalName",
        format!(
            "`{}` is no verified domain of the tenant; verified are {}",
            crate::error::quote(domain),
            verified.join(", ")
        ),
        "Use one of the verified domains in the mapping, or verify this one in the Microsoft 365 admin center.",
    )
}

fn immutable_id(text: &str) -> Option<Fault> {
    const NAME: &str = "onPremisesImmutableId";
    if text.trim().is_empty() {
        return Some(empty_immutable_id());
    }
    text.contains(['$', '_']).then(|| {
        fault(
            "PRV-VALUE-CHARACTERS",
            NAME,
            "`onPremisesImmutableId` may hold neither $ nor _",
            "Map an id that never changes and is free of them, such as the person's own id (`id`).",
        )
    })
}

/// An immutable id is never emptied.
pub(crate) fn empty_immutable_id() -> Fault {
    fault(
        "PRV-IMMUTABLE-ID-EMPTY",
        "onPremisesImmutableId",
        "`onPremisesImmutableId` may not be empty: it is what ties a federated sign-in to the account",
        "Map a value that everybody has and that never changes, such as the person's own id (`id`).",
    )
}

fn location(text: &str) -> Option<Fault> {
    if country::alpha2(text).is_some() {
        return None;
    }
    let hint = match country::find(text) {
        Some(code) => format!("Use CountryCode(…) in the mapping; it makes {code} of this value."),
        None => {
            "Map the two letters of ISO 3166-1, such as NO or DE; CountryCode(…) makes them of country names."
                .to_owned()
        }
    };
    Some(fault(
        "PRV-USAGE-LOCATION",
        "usageLocation",
        "`usageLocation` takes the two letters of a country (ISO 3166-1), and got something else",
        hint,
    ))
}

fn good_password(text: &str, user_name: &str) -> Option<Fault> {
    if PLACEHOLDERS.contains(&text) {
        return None;
    }
    let mistakes = password::check_for(text, user_name).err()?;
    Some(fault(
        "PRV-PASSWORD-WEAK",
        "passwordProfile.password",
        mistakes.join(" "),
        "Let a password be generated for each person instead (`generated = true`).",
    ))
}

fn mail(name: &str, text: &str) -> Option<Fault> {
    let halves = text.split_once('@');
    let good = text.is_ascii()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && halves.is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !domain.contains('@')
        });
    (!good).then(|| {
        fault(
            "PRV-VALUE-CHARACTERS",
            name,
            format!("`{name}` takes a mail address without accents and blanks"),
            "Correct the address in the directory.",
        )
    })
}

fn nickname(text: &str) -> Option<Fault> {
    let bad = |c: char| !c.is_ascii() || c.is_ascii_control() || "@()\\[]\";:<>, ".contains(c);
    (text.is_empty() || text.contains(bad)).then(|| {
        fault(
            "PRV-VALUE-CHARACTERS",
            "mailNickname",
            "`mailNickname` takes letters without accents, digits and signs except @ ( ) \\ [ ] \" ; : < > , and blank",
            "Take accents off in the mapping with NormalizeDiacritics(…), and replace what is not allowed.",
        )
    })
}

/// Words of which Graph takes only certain ones.
fn choice(name: &str, text: &str) -> Option<Fault> {
    let words: &[&str] = match name {
        "userType" => &["Member", "Guest"],
        "ageGroup" => &["Minor", "NotAdult", "Adult"],
        "consentProvidedForMinor" => &["Granted", "Denied", "NotRequired"],
        "visibility" => &["Public", "Private", "HiddenMembership"],
        _ => return None,
    };
    (!words.contains(&text)).then(|| {
        fault(
            "PRV-VALUE-KIND",
            name,
            format!("`{name}` takes one of {}", words.join(", ")),
            "Map one of these words, for example with Switch(…).",
        )
    })
}

/// Why an attribute cannot be emptied, if it cannot.
pub(crate) fn not_clearable(attribute: &Attribute) -> Option<Fault> {
    if attribute.clear != Clear::Never {
        return None;
    }
    if attribute.name == "onPremisesImmutableId" {
        return Some(empty_immutable_id());
    }
    let name = attribute.name;
    Some(fault(
        "PRV-VALUE-NOT-CLEARABLE",
        name,
        format!("`{name}` cannot be emptied in Microsoft 365"),
        "Give the mapping a default, or let it keep what is there (null = \"skip\").",
    ))
}
