//! What the service can do (RFC 7644 section 4). Paging and projection parameters mean nothing here.

use super::exchange::Exchange;
use crate::error::Result;
use axum::http::StatusCode;
use axum::response::Response;
use provost_scim::Error;
use provost_scim::schema::{self, LIST_RESPONSE, Limits};
use serde_json::{Value, json};

/// `GET /ServiceProviderConfig`: only what works is advertised, because clients use what they read here.
pub(crate) fn service_provider_config(x: &Exchange) -> Result<Response> {
    refuse_filter(x)?;
    let limits = x.state.settings().limits;
    let offered = Limits {
        documentation: None,
        max_results: limits.max_page,
        default_results: limits.page,
        bulk: None,
        sort: false,
        cursor: false,
        change_password: false,
    };
    Ok(one(x, &schema::service_provider_config(&x.base, &offered)))
}

/// `GET /ResourceTypes`, or one of them by its name.
pub(crate) fn resource_types(x: &Exchange, name: Option<&str>) -> Result<Response> {
    answer(x, schema::resource_types(&x.base), "ResourceType", name)
}

/// `GET /Schemas`, or one of them by its URN, which has no letter case.
pub(crate) fn schemas(x: &Exchange, urn: Option<&str>) -> Result<Response> {
    answer(x, schema::schemas(&x.base), "Schema", urn)
}

fn answer(x: &Exchange, all: Vec<Value>, what: &str, id: Option<&str>) -> Result<Response> {
    refuse_filter(x)?;
    let Some(id) = id else {
        let list = json!({
            "schemas": [LIST_RESPONSE], "totalResults": all.len(), "startIndex": 1, "itemsPerPage": all.len(),
            "Resources": all,
        });
        return Ok(one(x, &list));
    };
    let found = all.iter().find(|each| {
        each["id"]
            .as_str()
            .is_some_and(|own| own.eq_ignore_ascii_case(id))
    });
    let shown: String = id.chars().take(128).collect();
    found
        .map(|each| one(x, each))
        .ok_or_else(|| Error::not_found(format!("there is no {what} {shown}")).into())
}

fn one(x: &Exchange, body: &Value) -> Response {
    x.json(StatusCode::OK, body.to_string())
}

/// A filter on these would promise that it is applied (RFC 7644 section 4: 403).
fn refuse_filter(x: &Exchange) -> Result<()> {
    if x.parameter("filter").is_some() {
        let detail =
            "discovery endpoints cannot be filtered; ask for the whole list or for one of it by its id";
        return Err(Error::forbidden(detail).into());
    }
    Ok(())
}
