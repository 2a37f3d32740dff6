//! `POST /{tenant}/oauth2/v2.0/token` (Microsoft identity platform documentation, "OAuth 2.0 client credentials flow" and
//! "Microsoft Entra authentication and authorization error codes").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{application, assertion, is_graph, issue};
use crate::dice::Dice;
use crate::fault::catalogue::TokenRow;
use crate::moment;
use crate::query::encoding;
use crate::settings::{Application, Settings};

/// Where lives begin that are drawn at random, and how far they reach beyond.
const SHORTEST_S: u64 = 3_600;
const SPAN_S: u64 = 1_800;

/// A request for a token.
#[derive(Debug)]
pub(crate) struct TokenForm<'a> {
    /// The path segment: the tenant's id or one of its domains.
    pub tenant: &'a str,
    /// The `Authorization` header, if any.
    pub authorization: Option<&'a str>,
    /// The form.
    pub fields: Vec<(String, String)>,
    /// The `Host` header.
    pub host: &'a str,
}

/// A refusal of the token endpoint.
struct Refusal {
    status: u16,
    error: &'static str,
    code: u32,
    text: String,
}

type Result<T> = std::result::Result<T, Refusal>;

/// The endpoint's answer: status and body.
pub(crate) fn answer(settings: &Settings, form: &TokenForm<'_>, now: i64, dice: &mut Dice) -> (u16, Value) {
    match grant(settings, form, now, dice) {
        Ok(body) => (200, body),
        Err(refusal) => (refusal.status, refusal.body(now)),
    }
}

/// The application that redeems a code.
///
/// # Errors
/// Status and body of a refusal.
pub(crate) fn authenticated<'a>(
    settings: &'a Settings,
    form: &TokenForm<'_>,
    now: i64,
) -> std::result::Result<&'a Application, (u16, Value)> {
    let found = form
        .credentials()
        .and_then(|credentials| authenticate(settings, form, &credentials, now));
    found.map_err(|refusal| (refusal.status, refusal.body(now)))
}

/// The body of a refusal from the catalogue.
pub(crate) fn refusal(row: &TokenRow, now: i64) -> Value {
    refuse(row.status, row.error, row.code, row.text.to_owned()).body(now)
}

fn grant(settings: &Settings, form: &TokenForm<'_>, now: i64, dice: &mut Dice) -> Result<Value> {
    check_tenant(settings, form.tenant)?;
    let grant_type = form.required("grant_type")?;
    if grant_type != "client_credentials" {
        let text = format!("The app requested an unsupported grant type '{grant_type}'.");
        return Err(refuse(400, "unsupported_grant_type", 70_003, text));
    }
    let credentials = form.credentials()?;
    let application = authenticate(settings, form, &credentials, now)?;
    let audience = check_scope(form.required("scope")?, form.host)?;
    let life = if settings.unproved.random_token_life {
        SHORTEST_S + dice.next() % SPAN_S
    } else {
        settings.token_lifetime_s
    };
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": life,
        "access_token": issue(settings, application, &audience, now, life),
    });
    if settings.unproved.ext_expires_in {
        body["ext_expires_in"] = json!(life);
    }
    Ok(body)
}

fn check_tenant(settings: &Settings, tenant: &str) -> Result<()> {
    if matches!(tenant, "common" | "consumers" | "organizations") {
        let text = format!(
            "The grant type is not supported over the /{tenant} endpoint. Use a tenant-specific endpoint."
        );
        return Err(refuse(400, "invalid_request", 9_001_023, text));
    }
    let known = tenant.eq_ignore_ascii_case(&settings.tenant_id)
        || settings.domain(tenant).is_some_and(|domain| domain.verified);
    if known {
        return Ok(());
    }
    let text = format!("Tenant '{tenant}' not found. Check the tenant id, and that the right cloud is used.");
    Err(refuse(400, "invalid_request", 90_002, text))
}

/// Who asks, and how they prove it.
struct Credentials {
    client_id: String,
    secret: Option<String>,
    assertion: Option<String>,
}

impl TokenForm<'_> {
    /// A field's value; empty where it was not sent.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.field(name).unwrap_or_default()
    }

    fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    fn required(&self, name: &str) -> Result<&str> {
        let text = || format!("The request body must contain the following parameter: '{name}'.");
        self.field(name)
            .ok_or_else(|| refuse(400, "invalid_request", 900_144, text()))
    }

    /// From the form or from HTTP Basic, where id and secret are form-encoded first (RFC 6749 section 2.3.1).
    fn credentials(&self) -> Result<Credentials> {
        if let Some((client_id, secret)) = self.authorization.and_then(basic) {
            return Ok(Credentials {
                client_id,
                secret: Some(secret),
                assertion: None,
            });
        }
        Ok(Credentials {
            client_id: self.required("client_id")?.to_owned(),
            secret: self.field("client_secret").map(str::to_owned),
            assertion: self.field("client_assertion").map(str::to_owned),
        })
    }
}

fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((encoding::decode(id, true)?, encoding::decode(secret, true)?))
}

fn authenticate<'a>(
    settings: &'a Settings,
    form: &TokenForm<'_>,
    credentials: &Credentials,
    now: i64,
) -> Result<&'a Application> {
    let id = &credentials.client_id;
    let Some(found) = application(settings, id) else {
        let text = format!(
            "Application with identifier '{id}' was not found in the directory '{}'.",
            settings.display_name
        );
        return Err(refuse(400, "unauthorized_client", 700_016, text));
    };
    if !found.enabled {
        let text = format!("Application '{id}'({}) is disabled.", found.display_name);
        return Err(refuse(400, "unauthorized_client", 7_000_112, text));
    }
    if let Some(assertion) = &credentials.assertion {
        if form.field("client_assertion_type") != Some(assertion::TYPE) {
            let text = "The request body must contain the following parameter: 'client_assertion_type'.";
            return Err(refuse(400, "invalid_request", 900_144, text.to_owned()));
        }
        let end = format!("/{}/oauth2/v2.0/token", form.tenant);
        return match assertion::check(assertion, found, &end, now) {
            Ok(()) => Ok(found),
            Err((code, text)) => Err(refuse(401, "invalid_client", code, text)),
        };
    }
    let Some(secret) = &credentials.secret else {
        let text =
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(refuse(401, "invalid_client", 7_000_218, text.to_owned()));
    };
    if *secret != found.client_secret {
        let text = format!(
            "Invalid client secret provided. Ensure that the secret being sent is the client secret value, not the client secret ID, for a secret added to app '{id}'."
        );
        return Err(refuse(401, "invalid_client", 7_000_215, text));
    }
    if found.secret_expires.is_some_and(|at| at <= now) {
        let text = format!("The provided client secret keys for app '{id}' are expired.");
        return Err(refuse(401, "invalid_client", 7_000_222, text));
    }
    Ok(found)
}

/// One scope, and it must be all that was granted on Graph.
fn check_scope(scope: &str, host: &str) -> Result<String> {
    let wrong = |code: u32, text: String| refuse(400, "invalid_scope", code, text);
    let scopes: Vec<&str> = scope.split_whitespace().collect();
    let [scope] = scopes.as_slice() else {
        if scopes.iter().any(|scope| scopes.first() != Some(scope)) {
            let text =
                format!("The provided value for scope {scope} is not valid: it has more than one resource.");
            return Err(wrong(700_022, text));
        }
        return Err(wrong(
            70_011,
            format!(
                "The provided request must include one resource in the 'scope' input parameter; '{scope}' is not valid."
            ),
        ));
    };
    let Some(resource) = scope.strip_suffix("/.default") else {
        return Err(wrong(
            70_011,
            format!(
                "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid; it must be a resource followed by '/.default'."
            ),
        ));
    };
    if is_graph(resource, host) {
        return Ok(resource.to_owned());
    }
    let text = format!("The resource principal named {resource} was not found in the tenant.");
    Err(refuse(400, "invalid_resource", 500_011, text))
}

fn refuse(status: u16, error: &'static str, code: u32, text: String) -> Refusal {
    Refusal {
        status,
        error,
        code,
        text,
    }
}

impl Refusal {
    fn body(&self, now: i64) -> Value {
        let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
        let timestamp = moment::text(now).replace('T', " ");
        json!({
            "error": self.error,
            "error_description": format!(
                "AADSTS{}: {} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
                self.code, self.text
            ),
            "error_codes": [self.code],
            "timestamp": timestamp,
            "trace_id": trace.to_string(),
            "correlation_id": correlation.to_string(),
            "error_uri": format!("https://login.microsoftonline.com/error?code={}", self.code),
        })
    }
}
