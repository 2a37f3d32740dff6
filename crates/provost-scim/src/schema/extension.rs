//! A schema that a workspace defined itself, read from the JSON that `/Schemas` would show of it.

mod read;

use serde_json::{Value, json};

use super::{Schema, discovery};
use crate::error::Result;

/// Most attributes of one extension, sub-attributes not counted.
pub const MAX_ATTRIBUTES: usize = 100;
/// Most extensions of one workspace.
pub const MAX_EXTENSIONS: usize = 20;

/// An extension of people or of groups (RFC 7643 section 3.3).
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// The resource type that it extends: `User` or `Group`.
    pub resource: String,
    /// Whether every resource of that type must have it.
    pub required: bool,
    /// Its URN and attributes.
    pub schema: Schema,
}

impl Extension {
    /// Reads a definition: one element of `/Schemas` (RFC 7643 section 7), with `resource` and, when every
    /// resource must have it, `required` beside its members. Characteristics that are left out have the
    /// RFC's defaults; the extension and each attribute say the rest.
    ///
    /// What the directory could not keep is refused: uniqueness, parts that are returned apart from their
    /// attribute, and parts that are write-only.
    ///
    /// # Errors
    /// 400 `invalidValue` that names the attribute and what is wrong with it: a URN that is none, or one
    /// of SCIM's own; a name that is none, or stands twice in any letter case; a characteristic or a word
    /// that RFC 7643 section 2 does not have; sub-attributes of sub-attributes; more than
    /// [`MAX_ATTRIBUTES`].
    pub fn parse(definition: &Value) -> Result<Self> {
        read::extension(definition)
    }

    /// The definition as [`Extension::parse`] reads it, with every characteristic.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "schemas": [super::SCHEMA],
            "id": self.schema.id,
            "name": self.schema.name,
            "description": self.schema.description,
            "resource": self.resource,
            "required": self.required,
            "attributes": self.schema.attributes.iter().map(discovery::describe).collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests;
