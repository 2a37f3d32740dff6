//! Reading a definition. Every error names the attribute and the word that is wrong.

use serde_json::{Map, Value};

use super::{Extension, MAX_ATTRIBUTES};
use crate::error::{Error, Result};
use crate::path;
use crate::schema::{Attribute, AttributeType, Mutability, Returned, Schema, Uniqueness};

/// SCIM's own URNs, which only its RFCs may define.
const RESERVED: &str = "urn:ietf:params:scim:";
/// Longest URN, name or description, in bytes.
const MAX_TEXT: usize = 500;
/// Most sub-attributes, canonical values or reference types of one attribute.
const MAX_PARTS: usize = 50;

pub(super) fn extension(definition: &Value) -> Result<Extension> {
    let Some(object) = definition.as_object() else {
        return Err(wrong("", "a schema extension is a JSON object"));
    };
    let known = [
        "schemas",
        "id",
        "name",
        "description",
        "attributes",
        "meta",
        "resource",
        "required",
    ];
    known_keys(object, "", &known)?;
    let urn =
        text(object, "", "id")?.ok_or_else(|| wrong("", "id is missing: it is the URN of the schema"))?;
    check_urn(&urn)?;
    let resource = text(object, "", "resource")?.unwrap_or_default();
    if resource != "User" && resource != "Group" {
        return Err(wrong("", "resource says what is extended: \"User\" or \"Group\""));
    }
    let schema = Schema {
        name: text(object, "", "name")?.unwrap_or_else(|| last_part(&urn)),
        description: text(object, "", "description")?.unwrap_or_default(),
        attributes: attributes(object.get("attributes"))?,
        id: urn,
    };
    Ok(Extension {
        resource,
        required: flag(object, "", "required")?,
        schema,
    })
}

fn last_part(urn: &str) -> String {
    urn.rsplit(':').next().unwrap_or(urn).to_owned()
}

/// RFC 8141, without the characters that would need escapes in JSON or in a path.
fn check_urn(urn: &str) -> Result<()> {
    let lower = urn.to_ascii_lowercase();
    if lower.starts_with(RESERVED) {
        return Err(wrong(
            "",
            &format!("{urn} is one of SCIM's own URNs: choose one of your own"),
        ));
    }
    let parts: Vec<&str> = lower.split(':').collect();
    let namespace = |text: &str| {
        (2..=32).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-')
    };
    let part = |text: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        !text.is_empty() && text.bytes().all(plain)
    };
    let right = match parts.as_slice() {
        ["urn", first, rest @ ..] => namespace(first) && !rest.is_empty() && rest.iter().all(part),
        _ => false,
    };
    if right {
        return Ok(());
    }
    Err(wrong(
        "",
        &format!(
            "{urn} is no URN: expected urn:name:…, made of letters, digits, -, _ and . between colons, \
             such as urn:contoso:scim:schemas:badge:1.0:User"
        ),
    ))
}

fn attributes(list: Option<&Value>) -> Result<Vec<Attribute>> {
    let list = match list {
        Some(Value::Array(list)) if !list.is_empty() => list,
        _ => return Err(wrong("", "attributes is a list of at least one attribute")),
    };
    if list.len() > MAX_ATTRIBUTES {
        return Err(wrong("", &format!("more than {MAX_ATTRIBUTES} attributes")));
    }
    let read = |one| attribute(one, None);
    let attributes: Vec<Attribute> = list.iter().map(read).collect::<Result<_>>()?;
    no_name_twice(&attributes, "")?;
    Ok(attributes)
}

fn no_name_twice(attributes: &[Attribute], of: &str) -> Result<()> {
    let mut names: Vec<String> = attributes
        .iter()
        .map(|attribute| attribute.name.to_ascii_lowercase())
        .collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair.first() == pair.get(1)) {
        Some(pair) => {
            let name = pair.first().map_or("", String::as_str);
            Err(wrong(
                of,
                &format!("{name} is defined twice: names have no letter case"),
            ))
        }
        None => Ok(()),
    }
}

/// One attribute; `parent` is the attribute whose part it is.
fn attribute(definition: &Value, parent: Option<&str>) -> Result<Attribute> {
    let place = parent.unwrap_or_default();
    let Some(object) = definition.as_object() else {
        return Err(wrong(place, "an attribute is a JSON object with name and type"));
    };
    let name = text(object, place, "name")?.ok_or_else(|| wrong(place, "an attribute has no name"))?;
    let place = &parent.map_or_else(|| name.clone(), |parent| format!("{parent}.{name}"));
    check_name(&name, parent.is_some(), place)?;
    known_keys(object, place, &CHARACTERISTICS)?;
    let kind = word(object, place, "type", AttributeType::ALL, AttributeType::as_str)?;
    let kind = kind.unwrap_or(AttributeType::String);
    let mut read = Attribute::new(
        &name,
        kind,
        &text(object, place, "description")?.unwrap_or_default(),
    );
    read.multi_valued = flag(object, place, "multiValued")?;
    read.required = flag(object, place, "required")?;
    let exact = flag(object, place, "caseExact")?;
    // It means nothing for a boolean or an object, and is not shown of them.
    if object.contains_key("caseExact") && !matches!(kind, AttributeType::Boolean | AttributeType::Complex) {
        read.case_exact = exact;
    }
    read.canonical_values = texts(object, place, "canonicalValues")?;
    read.reference_types = texts(object, place, "referenceTypes")?;
    let mutability = word(object, place, "mutability", Mutability::ALL, Mutability::as_str)?;
    read = read.mutability(mutability.unwrap_or(Mutability::ReadWrite));
    let returned = word(object, place, "returned", Returned::ALL, Returned::as_str)?;
    read.returned = returned.unwrap_or(read.returned);
    let uniqueness = word(object, place, "uniqueness", Uniqueness::ALL, Uniqueness::as_str)?;
    read.uniqueness = uniqueness.unwrap_or(Uniqueness::None);
    read.sub_attributes = parts(object, place, parent.is_some(), kind)?;
    check_characteristics(&read, place, parent.is_some())?;
    Ok(read)
}

/// The characteristics of RFC 7643 section 7.
const CHARACTERISTICS: [&str; 12] = [
    "name",
    "type",
    "subAttributes",
    "multiValued",
    "description",
    "required",
    "canonicalValues",
    "caseExact",
    "mutability",
    "returned",
    "uniqueness",
    "referenceTypes",
];

/// RFC 7643 section 2.1: a letter first. `$ref` is the one name of a part that does not begin so.
fn check_name(name: &str, is_part: bool, place: &str) -> Result<()> {
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic());
    if path::is_name(name) && (begins || (is_part && name == "$ref")) && name.len() <= 100 {
        return Ok(());
    }
    Err(wrong(
        place,
        "a name is a letter, then letters, digits, - and _, at most 100 in all",
    ))
}

fn parts(
    object: &Map<String, Value>,
    place: &str,
    is_part: bool,
    kind: AttributeType,
) -> Result<Vec<Attribute>> {
    let list = match object.get("subAttributes") {
        None | Some(Value::Null) => &[][..],
        Some(Value::Array(list)) => list.as_slice(),
        Some(_) => return Err(wrong(place, "subAttributes is a list of attributes")),
    };
    match (kind, list.is_empty()) {
        (AttributeType::Complex, _) if is_part => {
            return Err(wrong(place, "a sub-attribute cannot be complex itself"));
        }
        (AttributeType::Complex, true) => {
            return Err(wrong(place, "a complex attribute needs subAttributes"));
        }
        (AttributeType::Complex, false) => {}
        (_, false) => return Err(wrong(place, "only a complex attribute has subAttributes")),
        (_, true) => return Ok(Vec::new()),
    }
    if list.len() > MAX_PARTS {
        return Err(wrong(place, &format!("more than {MAX_PARTS} sub-attributes")));
    }
    let parts: Vec<Attribute> = list
        .iter()
        .map(|one| attribute(one, Some(place)))
        .collect::<Result<_>>()?;
    no_name_twice(&parts, place)?;
    Ok(parts)
}

/// What is legal by the RFC and could not be kept here, and what contradicts itself.
fn check_characteristics(read: &Attribute, place: &str, is_part: bool) -> Result<()> {
    let problem = if read.uniqueness != Uniqueness::None {
        "uniqueness is none for attributes of an extension: the directory keeps only userName unique"
    } else if read.mutability == Mutability::WriteOnly && read.returned != Returned::Never {
        "what is writeOnly is returned never"
    } else if is_part && read.returned != Returned::Default {
        "a sub-attribute is returned with its attribute: set returned there"
    } else if is_part && read.multi_valued {
        "a sub-attribute has one value"
    } else if read.required && read.mutability == Mutability::ReadOnly {
        "what is readOnly cannot be required: no client could send it"
    } else if !read.reference_types.is_empty() && read.kind != AttributeType::Reference {
        "only a reference has referenceTypes"
    } else {
        return Ok(());
    };
    Err(wrong(place, problem))
}

fn known_keys(object: &Map<String, Value>, place: &str, known: &[&str]) -> Result<()> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(wrong(
            place,
            &format!(
                "\"{}\" is not known here: expected {}",
                short(key),
                known.join(", ")
            ),
        )),
    }
}

fn text(object: &Map<String, Value>, place: &str, key: &str) -> Result<Option<String>> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.len() <= MAX_TEXT => Ok(Some(text.clone())),
        Some(_) => Err(wrong(
            place,
            &format!("{key} is text of at most {MAX_TEXT} bytes"),
        )),
    }
}

fn flag(object: &Map<String, Value>, place: &str, key: &str) -> Result<bool> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => Err(wrong(place, &format!("{key} is true or false"))),
    }
}

fn texts(object: &Map<String, Value>, place: &str, key: &str) -> Result<Vec<String>> {
    let wrong_list = || wrong(place, &format!("{key} is a list of at most {MAX_PARTS} texts"));
    match object.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= MAX_PARTS => list
            .iter()
            .map(|one| one.as_str().filter(|text| text.len() <= MAX_TEXT))
            .map(|text| text.map(str::to_owned).ok_or_else(wrong_list))
            .collect(),
        Some(_) => Err(wrong_list()),
    }
}

fn word<T: Copy, const N: usize>(
    object: &Map<String, Value>,
    place: &str,
    key: &str,
    all: [T; N],
    name: fn(T) -> &'static str,
) -> Result<Option<T>> {
    let Some(word) = text(object, place, key)? else {
        return Ok(None);
    };
    match all.into_iter().find(|one| name(*one) == word) {
        Some(found) => Ok(Some(found)),
        None => Err(wrong(
            place,
            &format!(
                "\"{}\" is no {key}: expected {}",
                short(&word),
                all.map(name).join(", ")
            ),
        )),
    }
}

fn wrong(place: &str, problem: &str) -> Error {
    if place.is_empty() {
        Error::invalid_value(problem)
    } else {
        Error::invalid_value(format!("attribute {}: {problem}", short(place)))
    }
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}
