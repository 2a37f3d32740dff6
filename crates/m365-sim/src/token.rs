//! Access tokens: shaped like Microsoft's (three base64url parts, claims readable), but signed only well enough that
//! a client cannot make one up by accident. They open nothing but a simulator.

mod assertion;
mod certificate;
mod endpoint;

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::{Error, Result};
use crate::settings::{Application, Settings};

pub(crate) use certificate::{der, der_integers, der_octets, public_key, rsa_parts};
pub(crate) use endpoint::{TokenForm, answer, authenticated, refusal};

/// Audiences that Graph accepts besides the address it is called by.
const GRAPH_AUDIENCES: [&str; 2] = [
    "https://graph.microsoft.com",
    "00000003-0000-0000-c000-000000000000",
];

/// The application behind a request, with the permissions frozen into its token.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub client_id: String,
    pub roles: Vec<String>,
    /// Entra roles of its service principal; not in the token, always current.
    pub directory_roles: Vec<String>,
}

impl Caller {
    pub(crate) fn has(&self, permission: &str) -> bool {
        self.roles.iter().any(|role| role == permission)
    }

    pub(crate) fn has_any(&self, permissions: &[&str]) -> bool {
        permissions.iter().any(|permission| self.has(permission))
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    appid: String,
    tid: String,
    idtyp: String,
    /// Absent when nothing is granted, as in real tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    ver: String,
}

/// A token for an application, good for `life` seconds.
pub(crate) fn issue(
    settings: &Settings,
    application: &Application,
    audience: &str,
    now: i64,
    life: u64,
) -> String {
    let seconds = now / 1_000;
    let claims = Claims {
        aud: audience.to_owned(),
        iss: format!("https://sts.windows.net/{}/", settings.tenant_id),
        iat: seconds,
        nbf: seconds,
        exp: seconds.saturating_add(i64::try_from(life).unwrap_or(i64::MAX)),
        appid: application.client_id.clone(),
        tid: settings.tenant_id.clone(),
        idtyp: "app".to_owned(),
        roles: application.roles.clone(),
        ver: "1.0".to_owned(),
    };
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(&json!({"typ": "JWT", "alg": "RS256", "kid": "simulated"}));
    let content = format!("{header}.{}", part(&json!(claims)));
    let signature = signature(settings, &content);
    format!("{content}.{signature}")
}

/// A token of somebody who has signed in; it opens nothing here.
pub(crate) fn for_person(tenant: &str, expires: i64) -> String {
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(&json!({"typ": "JWT", "alg": "none"}));
    format!(
        "{header}.{}.",
        part(&json!({"tid": tenant, "exp": expires, "idtyp": "user"}))
    )
}

/// The caller behind an `Authorization` header.
///
/// # Errors
/// 401 `InvalidAuthenticationToken` with Graph's reason.
pub(crate) fn verify(
    settings: &Settings,
    authorization: Option<&str>,
    host: &str,
    now: i64,
) -> Result<Caller> {
    let Some(authorization) = authorization else {
        return Err(unauthorized("Access token is empty."));
    };
    let token = authorization
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .filter(|token| !token.is_empty())
        .ok_or_else(|| unauthorized("Access token is empty."))?;
    let (content, signed) = token
        .rsplit_once('.')
        .filter(|(content, _)| content.contains('.'))
        .ok_or_else(|| unauthorized("CompactToken parsing failed with error code: 80049217"))?;
    if signed != signature(settings, content) {
        return Err(unauthorized(
            "Access token validation failure. Signature is invalid.",
        ));
    }
    let claims = content
        .split_once('.')
        .and_then(|(_, claims)| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims: Claims = claims
        .and_then(|claims| serde_json::from_slice(&claims).ok())
        .ok_or_else(|| unauthorized("CompactToken parsing failed with error code: 80049217"))?;
    if claims.exp.saturating_mul(1_000) <= now {
        return Err(unauthorized("Lifetime validation failed, the token is expired."));
    }
    if !is_graph(&claims.aud, host) {
        return Err(unauthorized("Access token validation failure. Invalid audience."));
    }
    let directory_roles = application(settings, &claims.appid).map(|app| app.directory_roles.clone());
    Ok(Caller {
        client_id: claims.appid,
        roles: claims.roles,
        directory_roles: directory_roles.unwrap_or_default(),
    })
}

fn application<'a>(settings: &'a Settings, client_id: &str) -> Option<&'a Application> {
    settings
        .applications
        .iter()
        .find(|app| app.client_id.eq_ignore_ascii_case(client_id))
}

/// Whether a resource names Graph, by its public name or by the address of this simulator.
fn is_graph(resource: &str, host: &str) -> bool {
    let resource = resource.trim_end_matches('/');
    let own = resource
        .strip_prefix("http://")
        .or_else(|| resource.strip_prefix("https://"));
    GRAPH_AUDIENCES.contains(&resource) || own == Some(host)
}

fn unauthorized(message: &str) -> Error {
    Error::new(401, "InvalidAuthenticationToken", message).header(
        "WWW-Authenticate",
        "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"",
    )
}

/// A keyed checksum over the content; the key is what only the tenant knows.
fn signature(settings: &Settings, content: &str) -> String {
    let mut bytes = Vec::with_capacity(32);
    for round in 0_u8..4 {
        let mut hasher = DefaultHasher::new();
        (round, &settings.tenant_id, content).hash(&mut hasher);
        for application in &settings.applications {
            application.client_secret.hash(&mut hasher);
        }
        bytes.extend(hasher.finish().to_be_bytes());
    }
    URL_SAFE_NO_PAD.encode(bytes)
}
