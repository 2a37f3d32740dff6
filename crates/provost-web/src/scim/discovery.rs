//! What the service can do (RFC 7644 section 4). Paging and projection parameters mean nothing here.

use super::exchange::Exchange;
use crate::error::Result;
use axum::http::StatusCode;
use axum::response::Response;
use provost_scim::Error;
use provost_scim::page::list_response;
use provost_scim::schema::{self, Limits};
use serde_json::Value;

/// `GET /ServiceProviderConfig`: only what works is advertised, because clients use what they read here.
pub(crate) fn service_provider_config(x: &Exchange) -> Result<Response> {
    refuse_filter(x)?;
    let settings = x.state.settings();
    let limits = settings.limits;
    let offered = Limits {
        documentation: settings.documentation.clone(),
        max_results: limits.max_page,
        default_results: limits.page,
        bulk: Some((limits.bulk_operations as u64, limits.bulk_bytes as u64)),
        sort: true,
        cursor: Some(limits.cursor_seconds),
        change_password: false,
        oauth: true,
    };
    Ok(one(x, &schema::service_provider_config(&x.base, &offered)))
}

/// `GET /ResourceTypes`, or one of them by its name.
pub(crate) fn resource_types(x: &Exchange, name: Option<&str>) -> Result<Response> {
    answer(
        x,
        schema::resource_types(&x.base, x.caller.catalogue()),
        "ResourceType",
        name,
    )
}

/// `GET /Schemas`, or one of them by its URN, which has no letter case.
pub(crate) fn schemas(x: &Exchange, urn: Option<&str>) -> Result<Response> {
    answer(x, schema::schemas(&x.base, x.caller.catalogue()), "Schema", urn)
}

fn answer(x: &Exchange, all: Vec<Value>, what: &str, id: Option<&str>) -> Result<Response> {
    refuse_filter(x)?;
    let Some(id) = id else {
        return Ok(one(x, &list_response(&all)));
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
