//! Names and addresses of the two sides, as somebody configured them: compared octet for octet, never rebuilt from what
//! a request says.

use std::fmt;

use crate::error::{Error, Result};

/// The name of an identity provider or a service provider: an absolute URI of at most 1,024 characters (SAML 2.0 Core
/// section 8.3.6).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntityId(String);

/// Where messages are received: an absolute `https` address, or `http` for trials on one machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint(String);

impl EntityId {
    /// Takes a name as it is.
    ///
    /// # Errors
    /// [`Error::EntityId`] for what is no absolute URI, is longer than 1,024 characters, or has white space in it.
    pub fn parse(text: &str) -> Result<Self> {
        let (scheme, rest) = text.split_once(':').ok_or(Error::EntityId)?;
        let fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
            && !rest.is_empty()
            && text.len() <= 1_024
            && !text.contains(|c: char| c.is_whitespace() || c.is_control());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::EntityId)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Endpoint {
    /// Takes an address as it is.
    ///
    /// # Errors
    /// [`Error::Endpoint`] for what is no absolute `https` or `http` address, has a user, a fragment or white space in
    /// it, or is longer than 2,048 characters.
    pub fn parse(text: &str) -> Result<Self> {
        let url = url::Url::parse(text).map_err(|_| Error::Endpoint)?;
        let fits = matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && text.len() <= 2_048
            && !text.contains(|c: char| c.is_whitespace() || c.is_control());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::Endpoint)
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
