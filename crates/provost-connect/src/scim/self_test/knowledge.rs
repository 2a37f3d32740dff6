//! What the server says that it offers, gathered by the discovery checks.

use std::collections::BTreeSet;

use serde_json::Value;

use super::check::Need;

/// What is known of the server. Unknown means: assume it, and let the checks tell.
#[derive(Debug, Default)]
pub(super) struct Knowledge {
    /// `/ServiceProviderConfig`.
    pub config: Option<Value>,
    /// Names of attributes in `/Schemas`, lower case.
    pub attributes: Option<BTreeSet<String>>,
    /// Whether `/Groups` answers.
    pub groups: Option<bool>,
}

impl Knowledge {
    /// Why a check that needs this does not apply, if it does not.
    pub(super) fn lacks(&self, need: Need) -> Option<String> {
        match need {
            Need::Groups => (self.groups == Some(false)).then(|| "the server has no /Groups".to_owned()),
            Need::Attribute(name) => self
                .attributes
                .as_ref()
                .is_some_and(|known| !known.contains(&name.to_ascii_lowercase()))
                .then(|| format!("the server's /Schemas has no attribute `{name}`")),
            Need::Etag => self.silent("etag", "ETags"),
            Need::Sort => self.silent("sort", "sorting"),
            Need::Bulk => self.silent("bulk", "bulk requests"),
            Need::Cursor => (!self.pages_by("cursor"))
                .then(|| "the server does not advertise paging by cursor".to_owned()),
        }
    }

    fn silent(&self, feature: &str, words: &str) -> Option<String> {
        (!self.supports(feature)).then(|| format!("the server does not advertise {words}"))
    }

    /// `feature.supported` (RFC 7643 section 5).
    pub(super) fn supports(&self, feature: &str) -> bool {
        self.said(&[feature, "supported"]) == Some(&Value::Bool(true))
    }

    fn pages_by(&self, method: &str) -> bool {
        self.said(&["pagination", method]) == Some(&Value::Bool(true))
    }

    /// A value of `/ServiceProviderConfig`.
    pub(super) fn said(&self, path: &[&str]) -> Option<&Value> {
        path.iter()
            .try_fold(self.config.as_ref()?, |value, name| value.get(name))
    }

    /// Reads the names of all attributes from the elements of `/Schemas`.
    pub(super) fn learn_schemas<'a>(&mut self, schemas: impl Iterator<Item = &'a Value>) {
        let names: BTreeSet<String> = schemas
            .filter_map(|schema| schema.get("attributes")?.as_array())
            .flatten()
            .filter_map(|attribute| attribute.get("name")?.as_str())
            .map(str::to_ascii_lowercase)
            .collect();
        // A document without a single attribute says nothing.
        self.attributes = (!names.is_empty()).then_some(names);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_is_tried_and_what_is_not_advertised_is_not() {
        let mut known = Knowledge::default();
        assert_eq!(known.lacks(Need::Attribute("manager")), None);
        assert_eq!(known.lacks(Need::Groups), None);
        assert!(known.lacks(Need::Bulk).is_some() && known.lacks(Need::Cursor).is_some());

        known.config = Some(json!({"bulk": {"supported": true}, "etag": {"supported": "true"},
            "pagination": {"cursor": true}}));
        assert_eq!(known.lacks(Need::Bulk), None);
        assert_eq!(known.lacks(Need::Cursor), None);
        assert!(known.lacks(Need::Etag).is_some());

        known.learn_schemas([json!({"attributes": [{"name": "userName"}, {"name": "Title"}]})].iter());
        assert_eq!(known.lacks(Need::Attribute("title")), None);
        assert!(
            known
                .lacks(Need::Attribute("manager"))
                .unwrap()
                .contains("manager")
        );
        known.learn_schemas([json!({"id": "urn:x"})].iter());
        assert_eq!(known.attributes, None);
    }
}
