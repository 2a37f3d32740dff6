//! HTTP-POST: Base64 in a field of a form, never compressed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, Result};
use crate::xml::{Document, MAX_BYTES};

/// Reads the value of the field `SAMLResponse` or `SAMLRequest`.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::Base64`], and those of [`Document::parse`].
pub fn decode(field: &str) -> Result<Document> {
    // Four characters for three bytes, and line breaks.
    if field.len() > MAX_BYTES / 3 * 4 + MAX_BYTES / 32 {
        return Err(Error::TooLarge { limit: MAX_BYTES });
    }
    Document::parse(&super::base64(field)?)
}

/// The value of a field for a message that we send.
#[must_use]
pub fn encode(message: &str) -> String {
    STANDARD.encode(message)
}
