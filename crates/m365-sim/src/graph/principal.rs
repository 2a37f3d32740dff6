//! Service principals: how an application finds out what it was granted.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::entity;
use super::organization::selected;
use super::permission::ROLE_IDS;
use crate::call::Call;
use crate::error::{Error, Result};
use crate::message::{ALTERNATE, Reply};
use crate::query::filter::{self, Filter, Literal, Op};
use crate::{SigningKey, moment};

/// Graph's own application id, the same everywhere.
const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";
const GRAPH_NAME: &str = "Microsoft Graph";

/// `GET /servicePrincipals`, with `$filter=appId eq '…'` or without.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply> {
    let wanted = match call.request.option("filter").map(filter::parse).transpose()? {
        None => None,
        Some(Filter::Compare {
            path,
            op: Op::Eq,
            value: Literal::Text(id),
        }) if path == "appId" => Some(id),
        Some(_) => {
            return Err(Error::unsupported_query(
                "Service principals can be filtered by appId here, nothing else.",
            ));
        }
    };
    let ids = call
        .settings
        .applications
        .iter()
        .map(|app| app.client_id.as_str())
        .chain([GRAPH_APP_ID]);
    let asked = ids.filter(|id| {
        wanted
            .as_ref()
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(id))
    });
    let value: Vec<Value> = asked
        .map(|id| selected(call, describe(call, id)).into())
        .collect();
    let context = format!("{}/$metadata#servicePrincipals", call.request.base);
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": value}),
    ))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    let app_id = app_id(call)?;
    let context = format!("{}/$metadata#servicePrincipals/$entity", call.request.base);
    Ok(entity(200, context, selected(call, describe(call, app_id))))
}

pub(super) fn role_assignments(call: &mut Call<'_>) -> Result<Reply> {
    let app_id = app_id(call)?;
    let application = call
        .settings
        .applications
        .iter()
        .find(|app| app.client_id.eq_ignore_ascii_case(app_id));
    let roles = application.map(|app| app.roles.as_slice()).unwrap_or_default();
    let name = application.map_or(GRAPH_NAME, |app| &app.display_name);
    let principal = principal_id(call, app_id);
    let assignment = |(role, role_id): (&String, &str)| {
        json!({
            "id": fixed_id(&[&principal, role]),
            "deletedDateTime": null,
            "appRoleId": role_id,
            "createdDateTime": "2026-01-05T09:00:00Z",
            "principalDisplayName": name,
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "resourceDisplayName": GRAPH_NAME,
            "resourceId": principal_id(call, GRAPH_APP_ID),
        })
    };
    let known = roles.iter().filter_map(|role| role_id(role).map(|id| (role, id)));
    let value: Vec<Value> = known.map(assignment).collect();
    let context = format!("{}/$metadata#appRoleAssignments", call.request.base);
    Ok(Reply::json(
        200,
        json!({"@odata.context": context, "value": value}),
    ))
}

/// The application whose principal the address names, by the principal's id or by `appId`.
fn app_id<'a>(call: &Call<'a>) -> Result<&'a str> {
    let key = call.key(0);
    let mut ids = call
        .settings
        .applications
        .iter()
        .map(|app| app.client_id.as_str())
        .chain([GRAPH_APP_ID]);
    let found = match &call.request.alternate {
        Some((name, value)) if key == ALTERNATE && name == "appId" => {
            ids.find(|id| id.eq_ignore_ascii_case(value))
        }
        Some((name, _)) if key == ALTERNATE => {
            return Err(Error::malformed(format!(
                "'{name}' is not an alternate key of the resource."
            )));
        }
        _ => ids.find(|id| principal_id(call, id).eq_ignore_ascii_case(key)),
    };
    found.ok_or_else(|| Error::not_found(key))
}

fn describe(call: &Call<'_>, app_id: &str) -> Map<String, Value> {
    let application = call
        .settings
        .applications
        .iter()
        .find(|app| app.client_id == app_id);
    let name = application.map_or(GRAPH_NAME, |app| &app.display_name);
    let roles: Vec<Value> = if application.is_none() {
        ROLE_IDS.iter().map(app_role).collect()
    } else {
        Vec::new()
    };
    let sign_on = application.and_then(|app| app.saml.as_ref());
    let identifiers = sign_on
        .map(|saml| saml.identifiers.as_slice())
        .unwrap_or_default();
    let names: Vec<&str> = std::iter::once(app_id)
        .chain(identifiers.iter().map(String::as_str))
        .collect();
    let mut body = json!({
        "id": principal_id(call, app_id),
        "deletedDateTime": null,
        "accountEnabled": application.is_none_or(|app| app.enabled),
        "appId": app_id,
        "appDisplayName": name,
        "displayName": name,
        "appRoleAssignmentRequired": false,
        "appRoles": roles,
        "servicePrincipalType": "Application",
        "servicePrincipalNames": names,
        "signInAudience": "AzureADMyOrg",
        "tags": [],
    });
    if let Some(saml) = sign_on {
        body["preferredSingleSignOnMode"] = json!("saml");
        body["replyUrls"] = json!(saml.reply_urls);
        body["preferredTokenSigningKeyThumbprint"] = json!(saml.key(call.now).map(SigningKey::thumbprint));
        body["keyCredentials"] = saml.keys.iter().map(key_credential).collect();
    }
    body.as_object().cloned().unwrap_or_default()
}

/// A signing certificate of an application. The certificate itself is told to nobody here.
fn key_credential(key: &SigningKey) -> Value {
    let (from, until) = key.life();
    let thumbprint = key.thumbprint();
    json!({
        "customKeyIdentifier": URL_SAFE_NO_PAD.encode(thumbprint.as_bytes()),
        "displayName": "CN=Microsoft Azure Federated SSO Certificate",
        "startDateTime": moment::text(from),
        "endDateTime": moment::text(until),
        "key": null,
        "keyId": fixed_id(&[&thumbprint]),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    })
}

fn app_role((name, id): &(&str, &str)) -> Value {
    json!({
        "id": id,
        "value": name,
        "displayName": name,
        "description": name,
        "isEnabled": true,
        "origin": "Application",
        "allowedMemberTypes": ["Application"],
    })
}

fn role_id(name: &str) -> Option<&'static str> {
    ROLE_IDS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, id)| *id)
}

fn principal_id(call: &Call<'_>, app_id: &str) -> String {
    fixed_id(&[&call.settings.tenant_id, app_id])
}

/// An id that is the same at every start.
pub(super) fn fixed_id(parts: &[&str]) -> String {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, parts).hash(&mut hasher);
        hasher.finish()
    };
    uuid::Builder::from_random_bytes(Uuid::from_u64_pair(half(0), half(1)).into_bytes())
        .into_uuid()
        .to_string()
}
