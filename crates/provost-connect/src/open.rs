//! From settings to a connector.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::http::{self, Network, Origin, Policy};
use crate::{Error, Result, Secret, Secrets, Target, graph, scim};

/// Opens a connection. No request is made.
///
/// # Errors
/// [`Error::Settings`] naming the setting or secret at fault, [`Error::AddressRefused`],
/// [`Error::Local`].
pub fn open(
    connector: &str,
    settings: &Value,
    secrets: &Secrets,
    http: &http::Factory,
) -> Result<Arc<dyn Target>> {
    match connector {
        "graph" => Ok(Arc::new(graph::Graph::open(settings, secrets, http)?)),
        "scim" => Ok(Arc::new(scim::Scim::open(settings, secrets, http)?)),
        other => Err(Error::Settings {
            field: "connector".to_owned(),
            reason: format!(
                "`{}` is not known; use `graph` or `scim`",
                crate::error::quote(other)
            ),
        }),
    }
}

/// Reads a settings object; unknown, missing and ill-typed settings are named.
pub(crate) fn parse_settings<T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|error| {
        let message = error.to_string();
        // serde names the field between backquotes when one is unknown or missing.
        let field = message
            .split('`')
            .nth(1)
            .filter(|_| message.contains("field"))
            .unwrap_or("settings");
        Error::Settings {
            field: crate::error::quote(field),
            reason: crate::error::quote(&message),
        }
    })
}

/// A base URL: http or https, no user information, query or fragment; without a trailing slash
/// in its path.
pub(crate) fn base_url(field: &str, text: &str) -> Result<Url> {
    let wrong = |reason: &str| Error::Settings {
        field: field.to_owned(),
        reason: reason.to_owned(),
    };
    let mut url = Url::parse(text.trim())
        .map_err(|error| wrong(&format!("`{}` is not a URL: {error}", crate::error::quote(text))))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("it must begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "a user name or password in it is not allowed; enter the credential as a secret",
        ));
    }
    if url.fragment().is_some() {
        return Err(wrong("it must not contain #"));
    }
    url.set_query(None);
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// The policy for calls to `url` only.
pub(crate) fn policy(field: &str, url: &Url, private: bool, networks: &[String]) -> Result<Policy> {
    let origin = Origin::of(url).ok_or_else(|| Error::Settings {
        field: field.to_owned(),
        reason: "it has no host".to_owned(),
    })?;
    if !origin.is_https() && !private {
        return Err(Error::Settings {
            field: field.to_owned(),
            reason: "it must begin with https:// (plain http is only for private networks, see allow_private_network)".to_owned(),
        });
    }
    let allowed_networks = networks
        .iter()
        .map(|text| text.parse::<Network>())
        .collect::<Result<_, _>>()
        .map_err(|reason| Error::Settings {
            field: "allowed_networks".to_owned(),
            reason,
        })?;
    Ok(Policy {
        origins: vec![origin],
        allow_private_network: private,
        allowed_networks,
    })
}

/// A secret that must be there.
pub(crate) fn secret(secrets: &Secrets, name: &str) -> Result<Secret> {
    secrets
        .get(name)
        .filter(|secret| !secret.expose().trim().is_empty())
        .cloned()
        .ok_or_else(|| Error::Settings {
            field: name.to_owned(),
            reason: "this secret is missing; enter it again".to_owned(),
        })
}

#[cfg(test)]
mod tests;
