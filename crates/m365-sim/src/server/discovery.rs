//! `GET /{tenant}/v2.0/.well-known/openid-configuration`: what Entra's sign-in service tells everybody about a tenant, by
//! its id or by any of its verified domains (OpenID Connect Discovery 1.0 section 4; Microsoft identity platform,
//! "OpenID Connect on the Microsoft identity platform").

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, Response};
use serde_json::{Value, json};

use super::entra::{instead, respond};
use super::spoil::Struck;
use super::trace;
use super::wire::text;
use crate::Inner;
use crate::fault::catalogue;
use crate::plug::Plug;
use crate::settings::Neighbour;
use crate::token;

/// How rules of fault injection name it.
const OPERATION: &str = "/openid-configuration";

pub(super) async fn document(
    State(inner): State<Arc<Inner>>,
    Path(tenant): Path<String>,
    plug: Option<Extension<ConnectInfo<Plug>>>,
    headers: HeaderMap,
) -> Response<Body> {
    let now = inner.now();
    let effect = super::entra::strike(&inner, "GET", OPERATION);
    let trace = trace(&headers, now);
    let struck = effect.as_ref().map(|effect| Struck {
        effect,
        plug: plug.as_ref().map(|plug| &plug.0.0),
        trace: &trace,
        now,
        address: OPERATION,
    });
    if let Some(struck) = &struck
        && let Some(response) = instead(struck, now).await
    {
        return response;
    }
    let host = text(&headers, "host").unwrap_or("localhost");
    let mut response = match whose(&inner, &tenant) {
        Some(id) => respond(200, &describe(&format!("http://{host}"), &tenant, &id)),
        None => unknown(now),
    };
    if let Some(struck) = &struck {
        struck.disturb(&mut response);
    }
    response
}

/// The id of the tenant that a name belongs to. A domain counts once it is verified.
fn whose(inner: &Inner, name: &str) -> Option<String> {
    let settings = inner.settings();
    if name.eq_ignore_ascii_case(&settings.tenant_id) {
        return Some(settings.tenant_id.clone());
    }
    let tenant = inner.tenant();
    let mut domains = tenant.directory.records().domains.iter();
    if domains.any(|domain| domain.verified && domain.name.eq_ignore_ascii_case(name)) {
        return Some(settings.tenant_id.clone());
    }
    let has = |neighbour: &&Neighbour| {
        let mut names = neighbour.domains.iter().chain([&neighbour.tenant_id]);
        names.any(|known| known.eq_ignore_ascii_case(name))
    };
    settings
        .neighbours
        .iter()
        .find(has)
        .map(|found| found.tenant_id.clone())
}

/// Endpoints are named as they were asked for, the issuer always by the tenant's id.
fn describe(root: &str, asked: &str, id: &str) -> Value {
    let at = |path: &str| format!("{root}/{asked}/{path}");
    json!({
        "token_endpoint": at("oauth2/v2.0/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "jwks_uri": at("discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": format!("{root}/{id}/v2.0"),
        "request_uri_parameter_supported": false,
        "userinfo_endpoint": "https://graph.microsoft.com/oidc/userinfo",
        "authorization_endpoint": at("oauth2/v2.0/authorize"),
        "device_authorization_endpoint": at("oauth2/v2.0/devicecode"),
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "end_session_endpoint": at("oauth2/v2.0/logout"),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username",
            "name", "tid", "ver", "at_hash", "c_hash", "email"],
        "tenant_region_scope": "EU",
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
    })
}

/// The refusal of a name that is nobody's: `AADSTS90002`, under another word than at the token endpoint.
fn unknown(now: i64) -> Response<Body> {
    let Some(row) = catalogue::token("AADSTS90002") else {
        return respond(400, &Value::Null);
    };
    let mut body = token::refusal(row, now);
    body["error"] = json!("invalid_tenant");
    respond(400, &body)
}
