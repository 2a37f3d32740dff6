//! Times as text.

use jiff::Timestamp;

/// RFC 3339 in UTC, with whole seconds.
pub(crate) fn text(milliseconds: i64) -> String {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// As [`text`], with milliseconds.
pub(crate) fn fine(milliseconds: i64) -> String {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// As [`text`], without the offset.
pub(crate) fn bare(milliseconds: i64) -> String {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// As HTTP writes it (RFC 9110 section 5.6.7).
pub(crate) fn http(milliseconds: i64) -> String {
    let at = Timestamp::from_millisecond(milliseconds).unwrap_or_default();
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Whether this is a date and time with an offset.
pub(crate) fn is_valid(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok()
}

/// Milliseconds since the epoch of a date and time with an offset.
pub(crate) fn parse(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}
