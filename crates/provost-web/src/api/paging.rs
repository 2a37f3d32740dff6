//! Lists, a page at a time: `limit` says how many lines, `after` where to go on. `next` of an answer is what to send
//! as `after`, until it is `null`.

use super::problem::{Problem, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use std::str::FromStr;

/// Lines on a page when nothing is said, and at most.
pub(super) const LINES: i64 = 100;
pub(super) const MOST: i64 = 500;

/// Which page.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Page {
    /// The `next` of the page before; without it, the first.
    pub after: Option<String>,
    /// Lines on the page: 100, at most 500.
    pub limit: Option<i64>,
}

impl Page {
    /// Lines on the page.
    pub fn lines(&self) -> i64 {
        lines(self.limit)
    }

    /// Where to go on, as a key.
    ///
    /// # Errors
    /// 400 for what no page has answered.
    pub fn key(&self) -> Result<Option<i64>> {
        self.after.as_deref().map(place).transpose()
    }
}

/// How many lines are wanted.
pub(super) fn lines(limit: Option<i64>) -> i64 {
    limit.unwrap_or(LINES).clamp(1, MOST)
}

/// The same for lists that count otherwise.
pub(super) fn count(limit: Option<i64>) -> usize {
    usize::try_from(lines(limit)).unwrap_or(1)
}

/// Where a list goes on.
///
/// # Errors
/// 400 for what no page has answered.
pub(super) fn place<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| strange())
}

/// Several keys with a dash between them.
///
/// # Errors
/// 400 for what no page has answered.
pub(super) fn keys<const N: usize>(text: &str) -> Result<[i64; N]> {
    let keys: std::result::Result<Vec<i64>, _> = text.split('-').map(str::parse).collect();
    keys.ok()
        .and_then(|keys| keys.try_into().ok())
        .ok_or_else(strange)
}

/// The refusal of a place that no page has answered.
pub(super) fn strange() -> Problem {
    Problem::request("`after` is no `next` of another page", "Leave it out to begin.")
}

/// Where a full page goes on.
pub(super) fn next<T>(page: &[T], limit: i64, place: impl FnOnce(&T) -> String) -> Option<String> {
    let is_full = i64::try_from(page.len()).is_ok_and(|count| count >= limit);
    page.last().filter(|_| is_full).map(place)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_as_it_was_given() {
        assert_eq!(keys::<3>("1-20-300").unwrap(), [1, 20, 300]);
        for wrong in ["1-2", "1-2-3-4", "a-b-c", ""] {
            assert!(keys::<3>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_a_full_page_goes_on() {
        assert_eq!(next(&[1, 2], 2, ToString::to_string), Some("2".to_owned()));
        assert_eq!(next(&[1], 2, ToString::to_string), None);
        assert_eq!(next(&[] as &[i64], 1, ToString::to_string), None);
        assert!(lines(Some(0)) == 1 && lines(Some(1_000_000)) == MOST && lines(None) == LINES);
    }
}
