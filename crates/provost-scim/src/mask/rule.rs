//! Which rule a text stands under: by the name of its attribute, and by what that attribute is part of.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::schema::{group, user};

/// What becomes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// It stays.
    Keep,
    /// It stays where it looks like an id or an address made of ids.
    Reference,
    /// First letter and length.
    Mask,
    /// Nothing stays, whatever the type of the value.
    Secret,
    /// A filter or a PATCH path: its literals are masked.
    Expression,
    /// The path of a bulk operation.
    Address,
    /// Names of attributes with commas between.
    Names,
}

/// What an attribute is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inside {
    /// A group: its `displayName` is what an administrator looks for.
    pub group: bool,
    /// What surrounds it.
    pub holder: Holder,
}

/// What surrounds an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A resource, a message or an attribute of no special kind.
    Plain,
    /// `members`, `manager` or `groups`: its values are ids.
    Reference,
    /// `meta`: what the server itself wrote.
    Meta,
    /// An operation of a bulk request.
    BulkOperation,
}

/// Attributes whose texts stay: they say which object is meant, or what kind of value follows.
const KEPT: [&str; 6] = ["id", "op", "type", "schemas", "userName", "externalId"];

const REFERENCES: [&str; 3] = ["members", "manager", "groups"];

const META: [&str; 5] = ["resourceType", "created", "lastModified", "location", "version"];

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Attributes of the standard whose texts are masked where nothing special surrounds them. Nearly every key of
/// a body is one of these, and is asked about in every request.
static MASKED: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let mut names = Vec::new();
    for top in [user(), group()]
        .into_iter()
        .flat_map(|rt| rt.all_schemas())
        .flat_map(|schema| &schema.attributes)
    {
        names.push(top.name.as_str());
        names.extend(top.sub_attributes.iter().map(|sub| sub.name.as_str()));
    }
    let plain = Inside {
        group: false,
        holder: Holder::Plain,
    };
    names.retain(|name| of_any(name, plain) == Rule::Mask);
    names.into_iter().collect()
});

/// The rule for the attribute `name`.
pub(super) fn of(name: &str, inside: Inside) -> Rule {
    if inside.holder == Holder::Plain && !inside.group && MASKED.contains(name) {
        return Rule::Mask;
    }
    of_any(name, inside)
}

fn of_any(name: &str, inside: Inside) -> Rule {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    if is_secret(name) {
        return Rule::Secret;
    }
    match inside.holder {
        Holder::Reference if is("value") || is("$ref") => return Rule::Reference,
        Holder::Meta if is_one_of(&META, name) => return Rule::Keep,
        Holder::BulkOperation if is("path") => return Rule::Address,
        Holder::BulkOperation if is_one_of(&["method", "bulkId", "version"], name) => return Rule::Keep,
        _ => {}
    }
    if is_one_of(&KEPT, name) || (inside.group && is("displayName")) {
        Rule::Keep
    } else if is_one_of(&REFERENCES, name) {
        Rule::Reference
    } else if is("path") {
        Rule::Expression
    } else {
        // A search in a body has the parameters of one in an address.
        of_parameter(name).unwrap_or(Rule::Mask)
    }
}

/// The rule for a parameter of a list request; `None` for one that SCIM does not have.
pub(super) fn of_parameter(name: &str) -> Option<Rule> {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "filter" | "sortby" => Some(Rule::Expression),
        "sortorder" | "startindex" | "count" => Some(Rule::Keep),
        "attributes" | "excludedattributes" => Some(Rule::Names),
        "cursor" => Some(Rule::Secret),
        name if is_secret(name) => Some(Rule::Secret),
        _ => None,
    }
}

/// Whether something of this name is a secret. Rather one too many than one too few.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let parts = [
        "password",
        "passphrase",
        "passwd",
        "secret",
        "token",
        "credential",
        "privatekey",
        "apikey",
        "authorization",
    ];
    let joined: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    name == "pin" || parts.iter().any(|part| joined.contains(part))
}

/// What is in the attribute `name`.
pub(super) fn inside(name: &str, group: bool) -> Inside {
    let holder = if is_one_of(&REFERENCES, name) {
        Holder::Reference
    } else if name.eq_ignore_ascii_case("meta") {
        Holder::Meta
    } else {
        Holder::Plain
    };
    Inside { group, holder }
}

/// The attribute and the sub-attribute that a key or path names, its URN and filter left out:
/// `urn:…:User:manager.value`, `emails[type eq "work"].value`.
pub(super) fn names(path: &str) -> (&str, Option<&str>) {
    let (front, tail) = match (path.find('['), path.rfind(']')) {
        (Some(open), Some(close)) if open < close => (
            path.get(..open).unwrap_or_default(),
            path.get(close + 1..).unwrap_or_default().strip_prefix('.'),
        ),
        (Some(open), _) => (path.get(..open).unwrap_or_default(), None),
        (None, _) => (path, None),
    };
    let attribute = front.rsplit_once(':').map_or(front, |(_, attribute)| attribute);
    match attribute.split_once('.') {
        Some((top, sub)) => (top.trim(), Some(tail.unwrap_or(sub).trim())),
        None => (attribute.trim(), tail.map(str::trim)),
    }
}

/// The rule for the value of whatever a key or path names.
pub(super) fn of_path(path: &str, here: Inside) -> (Rule, Inside) {
    let (top, sub) = names(path);
    let below = inside(top, here.group);
    let rule = of(top, here);
    match sub {
        Some(_) if rule == Rule::Secret => (rule, below),
        Some(sub) => (of(sub, below), inside(sub, here.group)),
        None => (rule, below),
    }
}

pub(super) fn is_boolean_word(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

/// An id, a `bulkId:…`, or an address made of such: no space and no `@`, so neither a name nor a mailbox.
pub(super) fn is_like_an_id(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'/'))
}

/// The name of a parameter or an attribute, of a length that one has.
pub(super) fn is_like_a_name(text: &str) -> bool {
    text.len() <= 64 && crate::path::is_name(text)
}
