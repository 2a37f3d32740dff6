//! Conditional requests (RFC 9110 section 13; RFC 7644 section 3.14).
//!
//! Versions are weak entity tags, `W/"5"`. They are compared weakly everywhere: strong comparison would
//! never find a weak tag equal, so `If-Match` would always fail.

use crate::error::Result;
use axum::http::HeaderMap;
use axum::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use provost_scim::Error;
use provost_scim::resource::Version;

/// What `If-Match` or `If-None-Match` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    /// The header is absent.
    None,
    /// `*`: whatever version there is.
    Any,
    /// One of these versions. Tags that are not ours are left out: no version has them.
    OneOf(Vec<Version>),
}

impl Condition {
    /// `If-Match`, for a write.
    ///
    /// # Errors
    /// 400 `invalidValue` when the header is not a list of entity tags.
    pub fn if_match(headers: &HeaderMap) -> Result<Self> {
        Self::read(headers, &IF_MATCH)
    }

    /// `If-None-Match`, for a read. A header that cannot be read is passed over: the answer is then the whole
    /// resource.
    pub fn if_none_match(headers: &HeaderMap) -> Self {
        Self::read(headers, &IF_NONE_MATCH).unwrap_or(Self::None)
    }

    /// The `version` of a bulk operation, which means what `If-Match` means.
    ///
    /// # Errors
    /// As [`Condition::if_match`].
    pub fn of_version(version: Option<&str>) -> Result<Self> {
        let Some(text) = version else {
            return Ok(Self::None);
        };
        let mut versions = Vec::new();
        Ok(if add(&mut versions, "version", text.trim())? {
            Self::Any
        } else {
            Self::OneOf(versions)
        })
    }

    /// Whether the condition names this version, with all that an answer shows beside the resource itself.
    pub fn names(&self, version: Version) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
            Self::None => false,
        }
    }

    fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Self> {
        let mut versions = Vec::new();
        let mut is_present = false;
        for value in headers.get_all(name) {
            is_present = true;
            let text = value.to_str().unwrap_or_default().trim();
            if add(&mut versions, name.as_str(), text)? {
                return Ok(Self::Any);
            }
        }
        Ok(if is_present {
            Self::OneOf(versions)
        } else {
            Self::None
        })
    }

    /// Lets a write to this version pass.
    ///
    /// # Errors
    /// 412 when the condition names other versions only.
    pub fn check(&self, version: i64) -> Result<()> {
        match self {
            // A write is about the resource itself, whatever an answer showed beside it.
            Self::OneOf(versions) if !versions.iter().any(|known| known.number == version) => {
                let detail = format!(
                    "the resource has changed: it is at version W/\"{version}\"; read it again and repeat the change"
                );
                Err(Error::precondition_failed(detail).into())
            }
            _ => Ok(()),
        }
    }
}

/// Adds the versions of a list of tags. `true`: the list is `*`.
fn add(versions: &mut Vec<Version>, name: &str, text: &str) -> Result<bool> {
    if text == "*" {
        return Ok(true);
    }
    for tag in text.split(',') {
        let opaque = opaque(tag.trim()).ok_or_else(|| malformed(name, text))?;
        versions.extend(opaque.parse::<Version>());
    }
    Ok(false)
}

/// What stands between the quotes of an entity tag.
fn opaque(tag: &str) -> Option<&str> {
    let quoted = tag.strip_prefix("W/").unwrap_or(tag);
    quoted
        .strip_prefix('"')?
        .strip_suffix('"')
        .filter(|inner| !inner.contains('"'))
}

fn malformed(name: &str, text: &str) -> Error {
    let text: String = text.chars().take(100).collect();
    Error::invalid_value(format!(
        "{name}: {text} is not a list of entity tags such as W/\"3\""
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn condition(text: &str) -> Result<Condition> {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_str(text).unwrap());
        Condition::if_match(&headers)
    }

    #[test]
    fn tags_are_read_weak_or_strong_alone_or_in_a_list() {
        assert_eq!(Condition::if_match(&HeaderMap::new()).unwrap(), Condition::None);
        assert_eq!(condition("*").unwrap(), Condition::Any);
        assert_eq!(condition("W/\"5\"").unwrap(), Condition::OneOf(vec![5.into()]));
        assert_eq!(
            condition("\"5\", W/\"7\",\"other\"").unwrap(),
            Condition::OneOf(vec![5.into(), 7.into()])
        );
        for text in ["5", "\"5", "W/5", "", "\"1\" \"2\""] {
            assert!(condition(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_bulk_operations_version_is_read_the_same_way() {
        assert_eq!(Condition::of_version(None).unwrap(), Condition::None);
        assert_eq!(Condition::of_version(Some("*")).unwrap(), Condition::Any);
        assert_eq!(
            Condition::of_version(Some("W/\"4\"")).unwrap(),
            Condition::OneOf(vec![4.into()])
        );
        assert!(Condition::of_version(Some("4")).is_err());
    }

    #[test]
    fn a_stale_version_does_not_pass() {
        assert!(condition("W/\"5\"").unwrap().check(5).is_ok());
        assert!(condition("*").unwrap().check(5).is_ok());
        assert!(condition("W/\"4\"").unwrap().check(5).is_err());
        assert!(condition("\"other\"").unwrap().check(5).is_err());
    }
}
