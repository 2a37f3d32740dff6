//! A stored resource: its document, the keys under which it is found, and its rendering.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::num::ParseIntError;
use std::str::FromStr;

use caseless::Caseless as _;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization as _;

use crate::schema::{Attribute, ResourceType, Returned};

/// How a resource is kept: canonical attribute names, assigned attributes only, WITHOUT `id`, `meta`,
/// `schemas`, `groups` (of a person) and `members` (of a group). The attributes of an extension stand in an
/// object under the extension's full URN. Values are kept exactly as they were sent. The one `null` in it is
/// an [`active`] that was removed.
pub type Document = Map<String, Value>;

/// The caseless key of a text: decomposed, case folded in full, composed (Unicode Standard section 3.13,
/// definition D145, with the result in NFC). Two texts are the same userName, e-mail address or display
/// name when their keys are equal. Folding a key gives the key.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        fold_unicode(text)
    }
}

/// [`fold`] without a copy for a text that is its own key, as most addresses are.
#[must_use]
pub fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(fold(text))
    }
}

fn fold_unicode(text: &str) -> String {
    text.nfd().default_case_fold().nfc().collect()
}

fn text<'a>(document: &'a Document, name: &str) -> Option<&'a str> {
    document.get(name).and_then(Value::as_str)
}

/// The `userName` as it was sent.
#[must_use]
pub fn user_name(document: &Document) -> Option<&str> {
    text(document, "userName")
}

/// The `externalId`.
#[must_use]
pub fn external_id(document: &Document) -> Option<&str> {
    text(document, "externalId")
}

/// The `displayName`.
#[must_use]
pub fn display_name(document: &Document) -> Option<&str> {
    text(document, "displayName")
}

/// Whether the person is active. A document that does not say is of an active person, but one whose
/// `active` a client removed is not: it is kept as `null`, which no answer shows, because a removal must
/// never switch anybody on.
#[must_use]
pub fn active(document: &Document) -> bool {
    !matches!(document.get("active"), Some(Value::Bool(false) | Value::Null))
}

/// The `value` of each of the `emails`.
pub fn emails(document: &Document) -> impl Iterator<Item = &str> {
    let list = document
        .get("emails")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(|email| email.get("value")?.as_str())
}

/// The stored text of a document: what [`render`] splices. Compact JSON with sorted keys.
#[must_use]
pub fn to_text(document: &Document) -> String {
    // Writing a map with text keys into memory has no way to fail.
    serde_json::to_string(document).unwrap_or_default()
}

/// What the server knows about a resource beside its document.
#[derive(Debug, Clone, Copy)]
pub struct Meta<'a> {
    /// The resource type, with the extensions of the workspace.
    pub rt: &'a ResourceType,
    /// Milliseconds since the Unix epoch.
    pub created: i64,
    /// Milliseconds since the Unix epoch.
    pub modified: i64,
    /// The absolute address of the resource.
    pub location: &'a str,
    /// Rendered as the weak entity tag `W/"5"`.
    pub version: Version,
}

/// A version of a resource, as it stands in its entity tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Rises by one with every change of the resource itself.
    pub number: i64,
    /// A digest of what the answer shows from elsewhere, the groups of a person; 0 when it shows none of that.
    pub related: u32,
}

impl From<i64> for Version {
    fn from(number: i64) -> Self {
        Self { number, related: 0 }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.related {
            0 => write!(f, "{}", self.number),
            related => write!(f, "{}-{related:x}", self.number),
        }
    }
}

impl FromStr for Version {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        let (number, related) = match text.split_once('-') {
            Some((number, related)) => (number, u32::from_str_radix(related, 16)?),
            None => (text, 0),
        };
        Ok(Self {
            number: number.parse()?,
            related,
        })
    }
}

/// A time of the store as text: RFC 3339, UTC, milliseconds. A time outside the years that have a date
/// comes out as the nearest one that has.
#[must_use]
pub fn rfc3339(milliseconds: i64) -> String {
    let nearest = if milliseconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    format!(
        "{:.3}",
        Timestamp::from_millisecond(milliseconds).unwrap_or(nearest)
    )
}

/// Appends the answer body for a stored document, by splicing: the document's text is not read again.
///
/// `document_json` is what [`to_text`] wrote. `extra` is an attribute that is kept elsewhere (`groups` of a
/// person, `members` of a group) as rendered JSON. The `schemas` are derived: the core URN, and each
/// extension whose object is in the text. What is returned never or on request is left out.
pub fn render(out: &mut String, document_json: &str, id: &str, meta: &Meta<'_>, extra: Option<(&str, &str)>) {
    let rt = meta.rt;
    let shown = shown(rt, document_json);
    out.reserve(shown.len() + extra.map_or(0, |(_, text)| text.len()) + 512);
    out.push_str("{\"schemas\":[");
    push_json_string(out, &rt.schema.id);
    for (schema, _) in rt
        .extensions
        .iter()
        .filter(|(schema, _)| has_object(&shown, &schema.id))
    {
        out.push(',');
        push_json_string(out, &schema.id);
    }
    out.push_str("],\"id\":");
    push_json_string(out, id);
    let inner = shown
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
        .unwrap_or_default();
    if !inner.is_empty() {
        out.push(',');
        out.push_str(inner);
    }
    if let Some((name, json_text)) = extra {
        out.push(',');
        push_json_string(out, name);
        out.push(':');
        out.push_str(json_text);
    }
    push_meta(out, meta);
    out.push('}');
}

/// The same answer as [`render`], as a value to be projected or filtered; what is returned on request is in
/// it.
#[must_use]
pub fn to_value(document: &Document, id: &str, meta: &Meta<'_>, extra: Option<(&str, Value)>) -> Value {
    let rt = meta.rt;
    let mut resource = document.clone();
    conceal(rt, &mut resource, |returned| returned == Returned::Never);
    let extensions = rt.extensions.iter().map(|(schema, _)| &schema.id);
    let present = extensions.filter(|urn| resource.get(urn.as_str()).is_some_and(Value::is_object));
    let schemas: Vec<&String> = std::iter::once(&rt.schema.id).chain(present).collect();
    resource.insert("schemas".to_owned(), json!(schemas));
    resource.insert("id".to_owned(), Value::from(id));
    if let Some((name, value)) = extra {
        resource.insert(name.to_owned(), value);
    }
    let meta = json!({
        "resourceType": meta.rt.name,
        "created": rfc3339(meta.created),
        "lastModified": rfc3339(meta.modified),
        "location": meta.location,
        "version": etag(meta.version),
    });
    resource.insert("meta".to_owned(), meta);
    Value::Object(resource)
}

/// The weak entity tag of a version: `W/"5"`.
#[must_use]
pub fn etag(version: Version) -> String {
    format!("W/\"{version}\"")
}

/// What is kept and must not go out: what is returned never, and the mark of a removed `active`.
fn conceal(rt: &ResourceType, document: &mut Document, hidden: fn(Returned) -> bool) {
    document.retain(|name, value| {
        !value.is_null()
            && rt
                .core_attribute(name)
                .is_none_or(|known| !hidden(known.returned))
    });
    for (urn, attribute) in rt.hidden().filter(|(_, attribute)| hidden(attribute.returned)) {
        let Some(object) = document.get_mut(urn).and_then(Value::as_object_mut) else {
            continue;
        };
        object.remove(&attribute.name);
        if object.is_empty() {
            document.remove(urn);
        }
    }
}

/// The text without what an answer does not carry unless it is asked for. The search costs little; the
/// document is read again only when the search finds something.
fn shown<'a>(rt: &ResourceType, document_json: &'a str) -> Cow<'a, str> {
    let never = |attribute: &&Attribute| attribute.returned == Returned::Never;
    let core = rt.schema.attributes.iter().filter(never);
    let mut hidden = core.chain(rt.hidden().map(|(_, attribute)| attribute));
    let clean = !hidden.any(|attribute| has_key(document_json, &attribute.name, ""))
        && !has_key(document_json, "active", "null");
    if clean {
        return Cow::Borrowed(document_json);
    }
    let mut document: Document = serde_json::from_str(document_json).unwrap_or_default();
    conceal(rt, &mut document, |returned| {
        matches!(returned, Returned::Never | Returned::Request)
    });
    Cow::Owned(to_text(&document))
}

fn has_object(document_json: &str, key: &str) -> bool {
    has_key(document_json, key, "{")
}

/// Whether the compact JSON text holds `"key":` followed by `next`. No value can fake it: inside a JSON
/// string every quote has a backslash before it, so an unescaped quote right after the key ends a string,
/// and a colon after that makes the string a key. `key` itself holds nothing that JSON escapes.
fn has_key(json_text: &str, key: &str, next: &str) -> bool {
    json_text.match_indices(key).any(|(at, _)| {
        let opened = json_text.as_bytes().get(at.wrapping_sub(1)) == Some(&b'"');
        let rest = json_text
            .get(at + key.len()..)
            .and_then(|rest| rest.strip_prefix("\":"));
        opened && rest.is_some_and(|rest| rest.starts_with(next))
    })
}

fn push_meta(out: &mut String, meta: &Meta<'_>) {
    out.push_str(",\"meta\":{\"resourceType\":");
    push_json_string(out, &meta.rt.name);
    out.push_str(",\"created\":");
    push_json_string(out, &rfc3339(meta.created));
    out.push_str(",\"lastModified\":");
    push_json_string(out, &rfc3339(meta.modified));
    out.push_str(",\"location\":");
    push_json_string(out, meta.location);
    // Writing into a String has no way to fail.
    let _ = write!(out, ",\"version\":\"W/\\\"{}\\\"\"}}", meta.version);
}

/// Appends a text as a JSON string.
pub fn push_json_string(out: &mut String, text: &str) {
    if text
        .bytes()
        .any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\'))
    {
        out.push_str(&Value::from(text).to_string());
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

#[cfg(test)]
mod tests;
