//! Attribute notation: `[urn:]name[.sub]` (RFC 7644 section 3.10).

use std::fmt;

use crate::error::{Error, Result};
use crate::schema::{Attribute, ResourceType};

/// A reference to an attribute, a sub-attribute, or a whole extension.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttrPath {
    /// The URN of the extension. `None` for an attribute of the core schema, whose URN is dropped.
    pub urn: Option<String>,
    /// The attribute; empty for the whole schema that `urn` names, an extension or (then the URN is there)
    /// the core schema.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

impl AttrPath {
    /// A path to a core attribute. The name is taken as it is.
    #[must_use]
    pub fn core(name: &str) -> Self {
        Self {
            urn: None,
            name: name.to_owned(),
            sub: None,
        }
    }

    /// Whether the path names a whole schema rather than an attribute of it.
    #[must_use]
    pub fn is_whole_schema(&self) -> bool {
        self.name.is_empty()
    }

    /// The same path with this sub-attribute.
    #[must_use]
    pub fn with_sub(&self, sub: &str) -> Self {
        Self {
            sub: Some(sub.to_owned()),
            ..self.clone()
        }
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.urn, self.name.is_empty()) {
            (Some(urn), true) => f.write_str(urn)?,
            (Some(urn), false) => write!(f, "{urn}:{}", self.name)?,
            (None, _) => f.write_str(&self.name)?,
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// Reads attribute notation. Names and URNs are found in any letter case and come out in canonical case
/// where `rt` knows them; a bare name that only one extension defines (`manager`) gets that extension's
/// URN. A well-formed name that nobody knows is no error here: [`ResourceType::attribute`] then answers
/// `None`, and the caller decides.
///
/// # Errors
/// 400 `invalidPath` when the text is not attribute notation, or a bare name that several extensions define.
pub fn parse(text: &str, rt: &ResourceType) -> Result<AttrPath> {
    if let Some(schema) = rt
        .all_schemas()
        .find(|schema| schema.id.eq_ignore_ascii_case(text))
    {
        return Ok(AttrPath {
            urn: Some(schema.id.clone()),
            name: String::new(),
            sub: None,
        });
    }
    let (urn, rest) = split_urn(text, rt);
    let (name, sub) = match rest.split_once('.') {
        Some((name, sub)) => (name, Some(sub)),
        None => (rest, None),
    };
    if !is_name(name) || sub.is_some_and(|sub| !is_name(sub)) {
        return Err(malformed(text));
    }
    match urn {
        None => resolve_bare(name, sub, rt),
        Some(urn) if urn.eq_ignore_ascii_case(&rt.schema.id) => Ok(match rt.core_attribute(name) {
            Some(attribute) => canonical(None, Some(attribute), name, sub),
            // Without its URN the name could be read as an extension's.
            None => canonical(Some(&rt.schema.id), None, name, sub),
        }),
        Some(urn) => Ok(match rt.extension(urn) {
            Some(schema) => canonical(Some(&schema.id), schema.attribute(name), name, sub),
            None => canonical(Some(urn), None, name, sub),
        }),
    }
}

/// Splits off a schema URN. URNs hold dots and colons themselves, so known ones are tried first; an unknown
/// one ends at the last colon.
fn split_urn<'a>(text: &'a str, rt: &ResourceType) -> (Option<&'a str>, &'a str) {
    if !text.contains(':') {
        return (None, text);
    }
    for schema in rt.all_schemas() {
        let length = schema.id.len();
        if let (Some(urn), Some(rest)) = (text.get(..length), text.get(length..))
            && urn.eq_ignore_ascii_case(&schema.id)
            && let Some(rest) = rest.strip_prefix(':')
        {
            return (Some(urn), rest);
        }
    }
    match text.rsplit_once(':') {
        Some((urn, rest)) => (Some(urn), rest),
        None => (None, text),
    }
}

fn resolve_bare(name: &str, sub: Option<&str>, rt: &ResourceType) -> Result<AttrPath> {
    if let Some(attribute) = rt.core_attribute(name) {
        return Ok(canonical(None, Some(attribute), name, sub));
    }
    match rt.extension_of(name) {
        Some((schema, attribute)) => Ok(canonical(Some(&schema.id), Some(attribute), name, sub)),
        None if rt.is_ambiguous(name) => Err(ambiguous(name)),
        None => Ok(canonical(None, None, name, sub)),
    }
}

fn canonical(urn: Option<&str>, attribute: Option<&Attribute>, name: &str, sub: Option<&str>) -> AttrPath {
    let sub = sub.map(|sub| {
        let known = attribute.and_then(|attribute| attribute.sub_attribute(sub));
        known.map_or(sub, |known| known.name.as_str()).to_owned()
    });
    AttrPath {
        urn: urn.map(str::to_owned),
        name: attribute
            .map_or(name, |attribute| attribute.name.as_str())
            .to_owned(),
        sub,
    }
}

/// RFC 7643 section 2.1, with `$` in front too: `$ref` is everywhere.
pub(crate) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'$')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'$'))
}

fn ambiguous(name: &str) -> Error {
    Error::invalid_path(format!(
        "{name} is an attribute of several extensions: write it with the URN of the one that is meant"
    ))
}

fn malformed(text: &str) -> Error {
    let shown: String = text.chars().take(100).collect();
    Error::invalid_path(format!(
        "\"{shown}\" is not an attribute: expected name, name.sub or urn:…:name, made of letters, digits, - and _"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{ENTERPRISE_USER, USER, group, user};

    fn shown(text: &str) -> String {
        parse(text, user()).unwrap().to_string()
    }

    #[test]
    fn names_come_out_in_canonical_case() {
        assert_eq!(shown("USERNAME"), "userName");
        assert_eq!(shown("Name.GIVENname"), "name.givenName");
        assert_eq!(shown("META.LASTMODIFIED"), "meta.lastModified");
        assert_eq!(
            shown("urn:ietf:params:scim:schemas:core:2.0:user:Emails.Value"),
            "emails.value"
        );
        assert_eq!(
            parse("members.$REF", group()).unwrap().to_string(),
            "members.$ref"
        );
    }

    #[test]
    fn extensions_are_named_by_urn_or_bare() {
        let full = format!("{ENTERPRISE_USER}:manager.value");
        assert_eq!(shown(&full), full);
        assert_eq!(shown("Manager.Value"), full);
        assert_eq!(shown("DEPARTMENT"), format!("{ENTERPRISE_USER}:department"));
        let whole = parse(&ENTERPRISE_USER.to_uppercase(), user()).unwrap();
        assert!(whole.is_whole_schema());
        assert_eq!(whole.to_string(), ENTERPRISE_USER);
        let core = parse(USER, user()).unwrap();
        assert!(core.is_whole_schema());
        assert_eq!(core.to_string(), USER);
    }

    #[test]
    fn an_extensions_name_under_the_core_urn_is_nobodys() {
        let text = format!("{USER}:manager.value");
        let path = parse(&text, user()).unwrap();
        assert!(user().attribute(&path).is_none());
        assert_eq!(path.to_string(), text);
    }

    #[test]
    fn unknown_names_are_kept_and_resolve_to_nothing() {
        let unknown = parse("urn:contoso:2.0:Badge:Number.x", user()).unwrap();
        assert_eq!(unknown.urn.as_deref(), Some("urn:contoso:2.0:Badge"));
        assert_eq!(
            (unknown.name.as_str(), unknown.sub.as_deref()),
            ("Number", Some("x"))
        );
        assert!(user().attribute(&unknown).is_none());
        assert!(user().attribute(&parse("userName.x", user()).unwrap()).is_none());
        assert!(user().attribute(&parse("manager", group()).unwrap()).is_none());
    }

    #[test]
    fn malformed_text_is_refused() {
        for text in [
            "",
            ".",
            "a.",
            ".a",
            "a.b.c",
            "a b",
            "1a",
            "emails[0]",
            "a:",
            "ü",
            "name.*",
            "a..b",
        ] {
            let error = parse(text, user()).unwrap_err();
            assert_eq!(error.scim_type, Some(crate::ScimType::InvalidPath), "{text}");
        }
    }
}
