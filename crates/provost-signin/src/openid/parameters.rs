//! Parameters of a request: each at most once, and one without a value counts as absent (RFC 6749 section 3.1).

use super::Refused;

/// The parameters of a request, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads `application/x-www-form-urlencoded`, as it stands in a query or a body.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(bytes);
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    /// A parameter's value.
    ///
    /// # Errors
    /// `invalid_request` for one that stands twice.
    pub fn once(&self, name: &str) -> Result<Option<&str>, Refused> {
        let mut found = self
            .0
            .iter()
            .filter(|(key, value)| key == name && !value.is_empty());
        match (found.next(), found.next()) {
            (first, None) => Ok(first.map(|(_, value)| value.as_str())),
            _ => Err(Refused::request("a parameter stands twice")),
        }
    }

    /// The same, owned.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Refused> {
        Ok(self.once(name)?.map(str::to_owned))
    }
}

impl From<Vec<(String, String)>> for Parameters {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stands_once_or_not_at_all() {
        let read = Parameters::read(b"a=1&b=&c=x%20y+z&d=1&d=2");
        assert_eq!(read.once("a").unwrap(), Some("1"));
        assert_eq!(read.once("b").unwrap(), None);
        assert_eq!(read.once("c").unwrap(), Some("x y z"));
        assert_eq!(read.once("d").unwrap_err().error, "invalid_request");
    }
}
