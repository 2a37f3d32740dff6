//! Times in messages.

use jiff::{SignedDuration, Timestamp};

use crate::error::{Error, Result};

/// How far another server's clock may be off. Microsoft adds no margin of its own to what it issues.
pub const SKEW: SignedDuration = SignedDuration::from_secs(180);

/// Reads a time: `xs:dateTime` in UTC with a `Z`, seconds with or without a fraction (SAML 2.0 Core section 1.3.3). A
/// time zone is refused.
pub(crate) fn read(text: &str, what: &'static str) -> Result<Timestamp> {
    let wrong = || Error::Time { what };
    let shape = b"dddd-dd-ddTdd:dd:dd";
    let bytes = text.as_bytes();
    let fits = bytes.len() > shape.len()
        && shape.iter().zip(bytes).all(|(wanted, found)| {
            if *wanted == b'd' {
                found.is_ascii_digit()
            } else {
                wanted == found
            }
        });
    let rest = if fits { text.get(shape.len()..) } else { None }.ok_or_else(wrong)?;
    let fraction = rest.strip_suffix('Z').ok_or_else(wrong)?;
    let digits = fraction.strip_prefix('.');
    let is_fraction = digits.is_some_and(|digits| {
        (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    if !fraction.is_empty() && !is_fraction {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

/// Writes a time in whole seconds. What lies before it stays before it: the fraction is dropped.
pub(crate) fn write(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// A time that lies this far away; at the end of time it is that end.
pub(crate) fn after(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

/// The same into the past.
pub(crate) fn before(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_sub(by).unwrap_or(at)
}
