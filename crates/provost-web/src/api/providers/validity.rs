//! How long a token or a client is valid.

use super::super::moment::Moment;
use super::super::problem::{Problem, Result};
use schemars::JsonSchema;
use serde::Deserialize;

/// Days for which a token or a client is valid when nothing is said.
const DAYS: i64 = 365;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// How long something is valid.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct Validity {
    /// When it ends, RFC 3339; without it, in a year.
    #[serde(default)]
    expires: Option<String>,
    /// Whether it never ends.
    #[serde(default)]
    never_expires: bool,
}

impl Validity {
    /// When it ends, in milliseconds since 1970; none for never.
    ///
    /// # Errors
    /// 400 for what is no time, a time that is over, and two answers at once.
    pub fn ends(&self, now: i64) -> Result<Option<i64>> {
        let named = Moment::read("expires", self.expires.as_deref())?;
        match (named, self.never_expires) {
            (Some(_), true) => Err(Problem::request(
                "it cannot end and never end",
                "Leave out `expires` or `never_expires`.",
            )),
            (Some(at), false) if at <= now => Err(Problem::request(
                "`expires` is over already",
                "Name a time that is to come.",
            )),
            (Some(at), false) => Ok(Some(at)),
            (None, true) => Ok(None),
            (None, false) => Ok(Some(now + DAYS * DAY)),
        }
    }
}

/// A token or a client that is made.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewCredential")]
pub(crate) struct New {
    /// What to call it in lists.
    #[serde(default)]
    pub label: String,
    #[serde(flatten)]
    pub validity: Validity,
}

/// The one word for how a credential stands.
pub(super) fn standing(revoked: Option<i64>, is_live: bool) -> &'static str {
    match (revoked, is_live) {
        (Some(_), _) => "revoked",
        (None, true) => "valid",
        (None, false) => "expired",
    }
}
