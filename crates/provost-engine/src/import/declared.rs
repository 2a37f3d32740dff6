//! What a schema's directories say about their attributes.

use serde_json::Value;

use super::{list, same, text};
use crate::mapping::ValueType;

/// One object type of one directory in the file.
#[derive(Clone, Copy)]
pub(super) struct Declared<'v>(Option<&'v Value>);

impl<'v> Declared<'v> {
    /// Looks for an object type; files may leave their directories out.
    pub(super) fn find(schema: &'v Value, directory: &str, object: &str) -> Self {
        let directory = list(schema, "directories")
            .iter()
            .find(|candidate| text(candidate, "name") == Some(directory));
        Self(directory.and_then(|directory| {
            list(directory, "objects")
                .iter()
                .find(|candidate| text(candidate, "name") == Some(object))
        }))
    }

    fn attribute(&self, name: &str) -> Option<&'v Value> {
        list(self.0?, "attributes")
            .iter()
            .find(|attribute| text(attribute, "name").is_some_and(|n| n.eq_ignore_ascii_case(name)))
    }

    fn is(&self, name: &str, kind: &str) -> bool {
        self.attribute(name)
            .and_then(|attribute| text(attribute, "type"))
            .is_some_and(|declared| same(declared, kind))
    }

    /// Whether the attribute holds the id of another object.
    pub(super) fn is_reference(&self, name: &str) -> bool {
        self.is(name, "Reference")
    }

    /// The type that values of the attribute are converted to.
    pub(super) fn value_type(&self, name: &str) -> Option<ValueType> {
        let several = self
            .attribute(name)
            .and_then(|attribute| attribute.get("multivalued"))
            .is_some_and(|several| *several == Value::Bool(true));
        let types = [
            ("Boolean", ValueType::Boolean),
            ("Integer", ValueType::Integer),
            ("String", ValueType::String),
        ];
        let declared = types.into_iter().find(|(kind, _)| self.is(name, kind));
        declared.filter(|_| !several).map(|(_, kind)| kind)
    }

    /// Whether a missing value of the attribute is to flow.
    pub(super) fn flows_nulls(&self, name: &str) -> bool {
        self.attribute(name)
            .and_then(|attribute| attribute.get(FLOW_NULLS))
            .is_some_and(|flows| *flows == Value::Bool(true))
    }

    /// Whether the target's objects cannot be disabled, only deleted.
    pub(super) fn has_no_disabled_state(&self) -> bool {
        let entries = self.0.map_or(&[][..], |object| list(object, "metadata"));
        entries.iter().any(|entry| {
            text(entry, "key").is_some_and(|key| same(key, "IsSoftDeletionSupported"))
                && text(entry, "value").is_some_and(|value| same(value, "false"))
        })
    }
}

/// The switch that lets missing values flow, on a source attribute and on a mapping.
pub(super) const FLOW_NULLS: &str = "flowNullValues";
