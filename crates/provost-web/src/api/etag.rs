//! Entity tags of what can be changed: who sends the tag that was read changes only what was read (RFC 9110
//! sections 8.8.3 and 13.1.1). Tags are strong, made of everything that a change replaces.

use super::problem::{Problem, Result};
use axum::http::header::{ETAG, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128;

/// The longest `If-Match` that is read.
const LONGEST: usize = 4_096;

/// The tag of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag(String);

impl Tag {
    /// The tag of what `state` shows.
    pub fn of(state: &impl Serialize) -> Self {
        let text = serde_json::to_vec(state).unwrap_or_default();
        Self(format!("\"{:032x}\"", xxh3_128(&text)))
    }

    /// An answer with the tag.
    pub fn on(&self, status: StatusCode, body: impl Serialize) -> Response {
        let mut response = (status, Json(body)).into_response();
        if let Ok(value) = HeaderValue::try_from(&self.0) {
            response.headers_mut().insert(ETAG, value);
        }
        response
    }
}

/// What `If-Match` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Match {
    /// Nothing was said.
    #[default]
    Unsaid,
    /// Whatever is there.
    Any,
    /// One of these strong tags. Weak ones never match.
    OneOf(Vec<String>),
}

impl Match {
    /// Reads the header.
    ///
    /// # Errors
    /// 400 for what is no list of tags.
    pub fn of(headers: &HeaderMap) -> Result<Self> {
        let mut tags = Vec::new();
        let mut is_said = false;
        for value in headers.get_all(IF_MATCH) {
            is_said = true;
            let text = value
                .to_str()
                .ok()
                .filter(|text| text.len() <= LONGEST)
                .ok_or_else(malformed)?;
            if text.trim() == "*" {
                return Ok(Self::Any);
            }
            for tag in text.split(',').map(str::trim).filter(|tag| !tag.is_empty()) {
                let opaque = tag.strip_prefix("W/").unwrap_or(tag);
                let is_tag = opaque.len() >= 2 && opaque.starts_with('"') && opaque.ends_with('"');
                if !is_tag {
                    return Err(malformed());
                }
                if opaque.len() == tag.len() {
                    tags.push(tag.to_owned());
                }
            }
        }
        Ok(if is_said { Self::OneOf(tags) } else { Self::Unsaid })
    }

    /// Lets a change of what has this tag pass.
    ///
    /// # Errors
    /// 412 when another state was meant.
    pub fn check(&self, tag: &Tag) -> Result<()> {
        match self {
            Self::OneOf(tags) if !tags.contains(&tag.0) => Err(changed()),
            _ => Ok(()),
        }
    }

    /// Lets it pass like [`Match::check`], without the tag being worked out where nothing was said.
    ///
    /// # Errors
    /// 412 when another state was meant.
    pub fn check_state(&self, state: &impl Serialize) -> Result<()> {
        match self {
            Self::OneOf(_) => self.check(&Tag::of(state)),
            Self::Unsaid | Self::Any => Ok(()),
        }
    }
}

fn malformed() -> Problem {
    Problem::request(
        "`If-Match` is no list of entity tags",
        "Send the `ETag` of the answer that was read, with its quotation marks, or `*`.",
    )
}

fn changed() -> Problem {
    Problem::new(
        StatusCode::PRECONDITION_FAILED,
        "PRV-API-CHANGED",
        "it has changed since it was read, or the tag that was sent is a weak one",
        "Read it again, look at what is different, and send the change with the new `ETag`.",
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn said(text: &str) -> Result<Match> {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_str(text).unwrap());
        Match::of(&headers)
    }

    #[test]
    fn a_tag_follows_the_state_and_nothing_else() {
        let (one, same, other) = (Tag::of(&(1, "a")), Tag::of(&(1, "a")), Tag::of(&(2, "a")));
        assert!(one == same && one != other);
    }

    #[test]
    fn only_the_strong_tag_of_the_present_state_matches() {
        let tag = Tag::of(&"state");
        for text in [tag.0.clone(), format!("\"other\", {}", tag.0), "*".to_owned()] {
            assert!(said(&text).unwrap().check(&tag).is_ok(), "{text}");
        }
        for text in [
            format!("W/{}", tag.0),
            "\"other\"".to_owned(),
            "W/\"x\", \"y\"".to_owned(),
        ] {
            assert!(said(&text).unwrap().check(&tag).is_err(), "{text}");
        }
        assert!(Match::of(&HeaderMap::new()).unwrap().check(&tag).is_ok());
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for text in ["abc", "\"", "W/", "*, \"a\""] {
            assert!(said(text).is_err(), "{text}");
        }
    }
}
