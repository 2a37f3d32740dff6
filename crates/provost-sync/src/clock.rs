//! The one place of this crate that reads the clock.

/// Milliseconds since 1970 (UTC).
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
