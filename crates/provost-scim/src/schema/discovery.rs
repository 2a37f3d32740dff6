//! The discovery documents (RFC 7643 sections 5 to 7, RFC 7644 section 4). They hold no nulls, and they
//! advertise only what works.

use serde_json::{Map, Value, json};

use super::{
    Attribute, AttributeType, Catalogue, RESOURCE_TYPE, ResourceType, SCHEMA, SERVICE_PROVIDER_CONFIG, Schema,
};

/// What the service advertises in its `ServiceProviderConfig`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Address of the documentation for people, when there is one.
    pub documentation: Option<String>,
    /// Most resources on one page.
    pub max_results: u64,
    /// Resources on a page when the caller does not say.
    pub default_results: u64,
    /// Bulk limits, operations and bytes; `None` while bulk is not offered.
    pub bulk: Option<(u64, u64)>,
    /// Whether results can be sorted.
    pub sort: bool,
    /// For how many seconds a cursor can be used (RFC 9865); `None` while paging by cursor is not offered.
    pub cursor: Option<u64>,
    /// Whether access tokens are given for client credentials, beside tokens made by an administrator.
    pub oauth: bool,
    /// Whether a person's password can be set.
    pub change_password: bool,
}

/// The `ServiceProviderConfig`. `base_url` is the address above `/Users`, without a slash at its end.
#[must_use]
pub fn service_provider_config(base_url: &str, limits: &Limits) -> Value {
    let (operations, bytes) = limits.bulk.unwrap_or((0, 0));
    let mut config = json!({
        "schemas": [SERVICE_PROVIDER_CONFIG],
        "patch": {"supported": true},
        "bulk": {"supported": limits.bulk.is_some(), "maxOperations": operations, "maxPayloadSize": bytes},
        "filter": {"supported": true, "maxResults": limits.max_results},
        "changePassword": {"supported": limits.change_password},
        "sort": {"supported": limits.sort},
        "etag": {"supported": true},
        "pagination": pagination(limits),
        "authenticationSchemes": authentication_schemes(limits),
        "meta": meta(base_url, "ServiceProviderConfig", "ServiceProviderConfig"),
    });
    if let Some(address) = &limits.documentation {
        config["documentationUri"] = Value::from(address.as_str());
    }
    config
}

/// RFC 9865 section 4.
fn pagination(limits: &Limits) -> Value {
    let mut pagination = json!({
        "cursor": limits.cursor.is_some(), "index": true, "defaultPaginationMethod": "index",
        "defaultPageSize": limits.default_results, "maxPageSize": limits.max_results,
    });
    if let Some(seconds) = limits.cursor {
        pagination["cursorTimeout"] = Value::from(seconds);
    }
    pagination
}

fn authentication_schemes(limits: &Limits) -> Value {
    let token = json!({
        "type": "oauthbearertoken", "name": "Bearer token",
        "description": "A token made in Provost for one provider, sent as Authorization: Bearer",
        "specUri": "https://www.rfc-editor.org/info/rfc6750", "primary": true,
    });
    let client = json!({
        "type": "oauth2", "name": "OAuth 2.0 client credentials",
        "description": "An access token for a client of one provider, asked for at /oauth/token",
        "specUri": "https://www.rfc-editor.org/info/rfc6749", "primary": false,
    });
    if limits.oauth {
        json!([token, client])
    } else {
        json!([token])
    }
}

/// Every resource type description, in the order in which they are listed.
#[must_use]
pub fn resource_types(base_url: &str, catalogue: &Catalogue) -> Vec<Value> {
    catalogue.all().map(|rt| rt.to_json(base_url)).to_vec()
}

/// Every schema description: User, Group, EnterpriseUser, and what the workspace defined.
#[must_use]
pub fn schemas(base_url: &str, catalogue: &Catalogue) -> Vec<Value> {
    catalogue
        .schemas()
        .map(|schema| schema.to_json(base_url))
        .collect()
}

impl Schema {
    /// The schema description, as one element of `/Schemas`.
    #[must_use]
    pub fn to_json(&self, base_url: &str) -> Value {
        json!({
            "schemas": [SCHEMA],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": self.attributes.iter().map(describe).collect::<Vec<_>>(),
            "meta": meta(base_url, "Schema", &format!("Schemas/{}", self.id)),
        })
    }
}

impl ResourceType {
    /// The resource type description, as one element of `/ResourceTypes`.
    #[must_use]
    pub fn to_json(&self, base_url: &str) -> Value {
        let mut description = json!({
            "schemas": [RESOURCE_TYPE],
            "id": self.name,
            "name": self.name,
            "description": self.description,
            "endpoint": self.endpoint,
            "schema": self.schema.id,
            "meta": meta(base_url, "ResourceType", &format!("ResourceTypes/{}", self.name)),
        });
        if !self.extensions.is_empty() {
            let list = self.extensions.iter();
            description["schemaExtensions"] = list
                .map(|(schema, required)| json!({"schema": schema.id, "required": required}))
                .collect();
        }
        description
    }
}

fn meta(base_url: &str, resource_type: &str, place: &str) -> Value {
    json!({"resourceType": resource_type, "location": format!("{base_url}/{place}")})
}

/// One attribute with all its characteristics. Letter case and uniqueness mean nothing for booleans and
/// complex attributes, so they do not carry them.
pub(super) fn describe(attribute: &Attribute) -> Value {
    let mut out = Map::new();
    out.insert("name".to_owned(), Value::from(attribute.name.as_str()));
    out.insert("type".to_owned(), Value::from(attribute.kind.as_str()));
    out.insert("multiValued".to_owned(), Value::from(attribute.multi_valued));
    out.insert(
        "description".to_owned(),
        Value::from(attribute.description.as_str()),
    );
    out.insert("required".to_owned(), Value::from(attribute.required));
    out.insert(
        "mutability".to_owned(),
        Value::from(attribute.mutability.as_str()),
    );
    out.insert("returned".to_owned(), Value::from(attribute.returned.as_str()));
    if !matches!(attribute.kind, AttributeType::Boolean | AttributeType::Complex) {
        out.insert("caseExact".to_owned(), Value::from(attribute.case_exact));
        out.insert(
            "uniqueness".to_owned(),
            Value::from(attribute.uniqueness.as_str()),
        );
    }
    let lists = [
        ("canonicalValues", &attribute.canonical_values),
        ("referenceTypes", &attribute.reference_types),
    ];
    for (key, values) in lists.into_iter().filter(|(_, values)| !values.is_empty()) {
        out.insert(key.to_owned(), Value::from(values.as_slice()));
    }
    if !attribute.sub_attributes.is_empty() {
        out.insert(
            "subAttributes".to_owned(),
            attribute.sub_attributes.iter().map(describe).collect(),
        );
    }
    Value::Object(out)
}
