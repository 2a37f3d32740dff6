//! Ids of messages and assertions.

use std::fmt;

/// An id that we give: an underscore (an id begins with no digit) and 160 random bits in hexadecimal.
///
/// Source: SAML 2.0 Core section 1.3.4, which asks for 128 bits or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageId(String);

impl MessageId {
    /// From random bits, which are used for nothing else.
    #[must_use]
    pub fn from_random(bits: [u8; 20]) -> Self {
        Self(
            std::iter::once("_".to_owned())
                .chain(bits.iter().map(|byte| format!("{byte:02x}")))
                .collect(),
        )
    }

    /// The id as it stands in a message.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
