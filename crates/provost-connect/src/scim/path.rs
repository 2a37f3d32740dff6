//! Attribute paths of a mapping: `name.givenName`, `emails[type eq "work"].value`,
//! `urn:…:enterprise:2.0:User:department` (RFC 7644 section 3.10, and value paths of 3.5.2).

use std::fmt;

use serde_json::Value;

use super::ENTERPRISE;
use crate::{Error, Result};

/// URNs whose attributes stand at the top of a resource.
const CORE: [&str; 2] = [
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:core:2.0:Group",
];

/// A parsed attribute path.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Path {
    /// The extension schema, `None` for core attributes.
    pub urn: Option<String>,
    pub name: String,
    /// The terms of `[…]`, all of them equalities; empty when there is none.
    pub terms: Vec<(String, Value)>,
    pub sub: Option<String>,
}

impl Path {
    /// Parses a path.
    ///
    /// # Errors
    /// [`Error::Rejected`] naming the attribute.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        parse(text.trim()).ok_or_else(|| Error::Rejected {
            operation: "reading the mapping".to_owned(),
            reason: "this is not a SCIM attribute path".to_owned(),
            attribute: Some(crate::error::quote(text)),
        })
    }

    /// The path of the attribute as a whole.
    pub(crate) fn whole(&self) -> Self {
        Self {
            terms: Vec::new(),
            sub: None,
            ..self.clone()
        }
    }

    /// Whether this is a person's reference to a manager, in any of its spellings.
    pub(crate) fn is_manager(&self) -> bool {
        self.name.eq_ignore_ascii_case("manager")
            && self.terms.is_empty()
            && self
                .sub
                .as_deref()
                .is_none_or(|sub| sub.eq_ignore_ascii_case("value"))
    }

    /// The manager reference in its one full form.
    pub(crate) fn manager() -> Self {
        Self {
            urn: Some(ENTERPRISE.to_owned()),
            name: "manager".to_owned(),
            terms: Vec::new(),
            sub: None,
        }
    }

    /// `path eq value` as filters, the most precise first; the plainer one is for applications that
    /// take no value filters. None for values that have no literal.
    pub(crate) fn equals(&self, value: &Value) -> Vec<String> {
        if value.is_array() || value.is_object() || value.is_null() {
            return Vec::new();
        }
        if self.terms.is_empty() {
            return vec![format!("{self} eq {value}")];
        }
        let Some(sub) = self.sub.as_deref() else {
            return Vec::new();
        };
        let (whole, terms) = (self.whole(), Terms(&self.terms));
        vec![
            format!("{whole}[{terms} and {sub} eq {value}]"),
            format!("{whole}.{sub} eq {value}"),
        ]
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.name)?;
        if !self.terms.is_empty() {
            write!(f, "[{}]", Terms(&self.terms))?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

struct Terms<'a>(&'a [(String, Value)]);

impl fmt::Display for Terms<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" and ")?;
            }
            write!(f, "{name} eq {value}")?;
        }
        Ok(())
    }
}

fn parse(text: &str) -> Option<Path> {
    let (head, filter, tail) = match text.split_once('[') {
        None => (text, None, ""),
        Some((head, rest)) => {
            let (filter, tail) = rest.rsplit_once(']')?;
            (head, Some(filter), tail)
        }
    };
    // The colon before the attribute is the last one: attribute names hold none.
    let (urn, attribute) = match head.rsplit_once(':') {
        Some((urn, attribute)) if is_urn(urn) => (Some(urn), attribute),
        Some(_) => return None,
        None => (None, head),
    };
    let (name, sub) = match (filter, attribute.split_once('.')) {
        (None, Some((name, sub))) => (name, Some(sub)),
        (None, None) => (attribute, None),
        (Some(_), Some(_)) => return None,
        (Some(_), None) if tail.is_empty() => (attribute, None),
        (Some(_), None) => (attribute, Some(tail.strip_prefix('.')?)),
    };
    let good = is_name(name) && sub.is_none_or(is_name);
    good.then_some(())?;
    Some(Path {
        urn: urn
            .filter(|urn| !CORE.iter().any(|core| core.eq_ignore_ascii_case(urn)))
            .map(str::to_owned),
        name: name.to_owned(),
        terms: filter.map_or(Some(Vec::new()), terms)?,
        sub: sub.map(str::to_owned),
    })
}

fn is_urn(text: &str) -> bool {
    text.get(..4)
        .is_some_and(|head| head.eq_ignore_ascii_case("urn:"))
}

fn is_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$');
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$') && name.chars().all(inner)
}

/// `type eq "work" and primary eq true`.
fn terms(filter: &str) -> Option<Vec<(String, Value)>> {
    let mut rest = filter.trim();
    let mut found = Vec::new();
    loop {
        let (name, after) = rest.split_once(char::is_whitespace)?;
        let (operator, after) = after.trim_start().split_once(char::is_whitespace)?;
        if !is_name(name) || !operator.eq_ignore_ascii_case("eq") {
            return None;
        }
        // The literal ends where one JSON value ends.
        let mut values = serde_json::Deserializer::from_str(after).into_iter::<Value>();
        let value = values
            .next()?
            .ok()
            .filter(|value| !value.is_array() && !value.is_object())?;
        let used = values.byte_offset();
        found.push((name.to_owned(), value));
        rest = after.get(used..)?.trim();
        if rest.is_empty() {
            return Some(found);
        }
        let (and, after) = rest.split_once(char::is_whitespace)?;
        if !and.eq_ignore_ascii_case("and") {
            return None;
        }
        rest = after.trim_start();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_parsed_is_printed_again() {
        for text in [
            "userName",
            "name.givenName",
            "emails[type eq \"work\"].value",
            "addresses[type eq \"a]b\" and primary eq true].country",
            "emails[type eq \"work\"]",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "urn:contoso:2.0:User:badges[type eq \"door\"].value",
        ] {
            assert_eq!(Path::parse(text).unwrap().to_string(), text);
        }
        let core = Path::parse("urn:ietf:params:scim:schemas:core:2.0:User:userName").unwrap();
        assert_eq!(core.to_string(), "userName");
    }

    #[test]
    fn what_is_not_a_path_is_refused_by_name() {
        for text in [
            "",
            "a b",
            "a.b.c",
            "emails[type]",
            "emails[type co \"w\"].value",
            "emails[type eq \"w\"",
            "x:y",
            "emails[type eq \"w\" or a eq 1]",
            "emails[a eq [1]].v",
            "a[b eq 1]c",
        ] {
            let error = Path::parse(text).unwrap_err();
            assert!(
                matches!(&error, Error::Rejected { attribute: Some(a), .. } if a == text),
                "{text}"
            );
        }
    }

    #[test]
    fn equalities_stay_inside_one_element() {
        let filter = |path: &str, value: Value| Path::parse(path).unwrap().equals(&value);
        assert_eq!(filter("userName", json!("o\"x\\")), [r#"userName eq "o\"x\\""#]);
        assert_eq!(
            filter("emails[type eq \"work\"].value", json!("a@contoso.example")),
            [
                r#"emails[type eq "work" and value eq "a@contoso.example"]"#,
                r#"emails.value eq "a@contoso.example""#
            ]
        );
        assert!(filter("emails", json!([])).is_empty());
    }
}
