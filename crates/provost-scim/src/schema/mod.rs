//! What a User and a Group are (RFC 7643), as data: everything else in this crate is driven by it.

mod attribute;
mod catalogue;
pub mod discovery;
mod extension;
mod tables;

use crate::path::AttrPath;

pub use attribute::{Attribute, AttributeType, Mutability, Returned, Uniqueness};
pub use catalogue::{Catalogue, group, user};
pub use discovery::{Limits, resource_types, schemas, service_provider_config};
pub use extension::{Extension, MAX_ATTRIBUTES, MAX_EXTENSIONS};
pub use tables::common;

/// Core schema of a person (RFC 7643 section 4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Core schema of a group (RFC 7643 section 4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Enterprise extension of a person (RFC 7643 section 4.3).
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Schema of `ServiceProviderConfig` (RFC 7643 section 5).
pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// Schema of a resource type description (RFC 7643 section 6).
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// Schema of a schema description (RFC 7643 section 7).
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// A list answer (RFC 7644 section 3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// A query in a body (RFC 7644 section 3.4.3).
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// A PATCH body (RFC 7644 section 3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// A bulk request (RFC 7644 section 3.7).
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// A bulk answer (RFC 7644 section 3.7).
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// An error (RFC 7644 section 3.12).
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A named set of attributes: the core of a resource type, or an extension of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// The short name, `EnterpriseUser`.
    pub name: String,
    /// One line for people.
    pub description: String,
    /// The attributes in the order of the RFC's tables.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute of that name, in any letter case.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        attribute::by_name(&self.attributes, name)
    }
}

/// A kind of resource with its endpoint and schemas.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceType {
    /// `User` or `Group`; also the `meta.resourceType`.
    pub name: String,
    /// The endpoint below the base address, `/Users`.
    pub endpoint: String,
    /// One line for people.
    pub description: String,
    /// The core schema.
    pub schema: Schema,
    /// Extensions, each with whether a resource must have it.
    pub extensions: Vec<(Schema, bool)>,
}

impl ResourceType {
    /// The core or common attribute (`id`, `externalId`, `schemas`, `meta`) of that name, in any letter
    /// case.
    #[must_use]
    pub fn core_attribute(&self, name: &str) -> Option<&Attribute> {
        self.schema
            .attribute(name)
            .or_else(|| attribute::by_name(common(), name))
    }

    /// The extension with that URN, in any letter case.
    #[must_use]
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions
            .iter()
            .map(|(schema, _)| schema)
            .find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// The only extension that defines an attribute of that name: what a bare `manager` means. `None` when
    /// no extension or several do. A core attribute of the same name comes first; the caller asks for that
    /// before.
    #[must_use]
    pub fn extension_of(&self, name: &str) -> Option<(&Schema, &Attribute)> {
        let mut found = self
            .extensions
            .iter()
            .filter_map(|(schema, _)| schema.attribute(name).map(|attribute| (schema, attribute)));
        let first = found.next()?;
        if found.next().is_some() { None } else { Some(first) }
    }

    /// Whether a bare name could mean an attribute of several extensions.
    #[must_use]
    pub fn is_ambiguous(&self, name: &str) -> bool {
        self.core_attribute(name).is_none()
            && self
                .extensions
                .iter()
                .filter(|(schema, _)| schema.attribute(name).is_some())
                .nth(1)
                .is_some()
    }

    /// The attributes of extensions that an ordinary answer does not show (`returned` is `never` or
    /// `request`), each with the URN of its extension.
    pub fn hidden(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        self.extensions.iter().flat_map(|(schema, _)| {
            let hidden =
                |attribute: &&Attribute| matches!(attribute.returned, Returned::Never | Returned::Request);
            schema
                .attributes
                .iter()
                .filter(hidden)
                .map(|attribute| (schema.id.as_str(), attribute))
        })
    }

    /// The attribute that the path's name stands for, whatever its sub-attribute.
    #[must_use]
    pub fn top(&self, path: &AttrPath) -> Option<&Attribute> {
        match &path.urn {
            Some(urn) => self.extension(urn)?.attribute(&path.name),
            None => self.core_attribute(&path.name),
        }
    }

    /// The attribute or sub-attribute that the path names; `None` when it is unknown or names a whole
    /// extension.
    #[must_use]
    pub fn attribute(&self, path: &AttrPath) -> Option<&Attribute> {
        let top = self.top(path)?;
        match &path.sub {
            Some(sub) => top.sub_attribute(sub),
            None => Some(top),
        }
    }

    /// The core schema and every extension.
    pub fn all_schemas(&self) -> impl Iterator<Item = &Schema> {
        std::iter::once(&self.schema).chain(self.extensions.iter().map(|(schema, _)| schema))
    }
}

#[cfg(test)]
mod tests;
