//! Settings of a Microsoft Graph connection.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::open::{base_url, parse_settings};
use crate::pace::{Pace, Rate};
use crate::{Error, Result};

/// What an administrator enters. Hosts default to the global cloud; for another cloud both must be
/// set together (Microsoft Graph national cloud deployments).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Tenant id or a verified domain of the tenant.
    pub tenant: String,
    /// Application (client) id.
    pub client_id: String,
    #[serde(default = "graph_url")]
    pub graph_url: String,
    #[serde(default = "login_url")]
    pub login_url: String,
    #[serde(default)]
    pub allow_private_network: bool,
    #[serde(default)]
    pub allowed_networks: Vec<String>,
    /// Steady writes per second; above 20 the tenant's own limit answers.
    #[serde(default = "writes_per_second")]
    pub writes_per_second: f64,
    /// Writes that may go at once.
    #[serde(default = "write_burst")]
    pub write_burst: u32,
    /// Pauses, in milliseconds, between attempts while a fresh object is not everywhere yet.
    #[serde(default = "fresh_retry_ms")]
    pub fresh_retry_ms: Vec<u64>,
}

fn graph_url() -> String {
    "https://graph.microsoft.com".to_owned()
}

fn login_url() -> String {
    "https://login.microsoftonline.com".to_owned()
}

fn writes_per_second() -> f64 {
    19.6
}

fn write_burst() -> u32 {
    3000
}

fn fresh_retry_ms() -> Vec<u64> {
    vec![1000, 2000, 4000, 8000, 16_000, 16_000]
}

impl Settings {
    /// Reads and checks the settings.
    pub(crate) fn parse(value: &Value) -> Result<Self> {
        let settings: Self = parse_settings(value)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        if settings.tenant.is_empty() || !settings.tenant.chars().all(plain) {
            return Err(wrong(
                "tenant",
                "it must be the tenant's id or one of its domains",
            ));
        }
        if matches!(settings.tenant.as_str(), "common" | "organizations" | "consumers") {
            return Err(wrong(
                "tenant",
                "an application signs in to one tenant: enter its id or domain",
            ));
        }
        if settings.client_id.trim().is_empty() {
            return Err(wrong("client_id", "it must be the application's id"));
        }
        if !(settings.writes_per_second > 0.0 && settings.writes_per_second <= 10_000.0) {
            return Err(wrong("writes_per_second", "it must be above 0 and at most 10000"));
        }
        if settings.write_burst == 0 {
            return Err(wrong("write_burst", "it must be at least 1"));
        }
        Ok(settings)
    }

    /// The Graph root, `https://graph.microsoft.com`.
    pub(crate) fn graph(&self) -> Result<Url> {
        base_url("graph_url", &self.graph_url)
    }

    /// The sign-in root, `https://login.microsoftonline.com`.
    pub(crate) fn login(&self) -> Result<Url> {
        base_url("login_url", &self.login_url)
    }

    pub(crate) fn pace(&self) -> Pace {
        Pace {
            writes: Some(Rate {
                burst: self.write_burst,
                per_second: self.writes_per_second,
                span: Duration::from_secs(150),
            }),
            ..Pace::GRAPH
        }
    }

    pub(crate) fn fresh_retry(&self) -> Vec<Duration> {
        self.fresh_retry_ms
            .iter()
            .map(|ms| Duration::from_millis(*ms))
            .collect()
    }
}

fn wrong(field: &str, reason: &str) -> Error {
    Error::Settings {
        field: field.to_owned(),
        reason: reason.to_owned(),
    }
}
