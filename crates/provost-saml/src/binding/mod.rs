//! How messages travel: HTTP-Redirect and HTTP-POST.
//!
//! Source: SAML 2.0 Bindings sections 3.4 and 3.5.

mod post;
mod redirect;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, Result};

pub use post::{decode, encode};
pub use redirect::{Incoming, Kind, MAX_INFLATED, MAX_QUERY, outgoing};

/// The longest RelayState that we send (SAML 2.0 Bindings section 3.4.3); others send longer ones.
pub const MAX_RELAY_STATE: usize = 80;

/// Base64 in a value: line breaks are allowed in it, other characters are not.
pub(crate) fn base64(text: &str) -> Result<Vec<u8>> {
    let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if packed.is_empty() {
        return Err(Error::Base64);
    }
    STANDARD.decode(packed).map_err(|_| Error::Base64)
}
