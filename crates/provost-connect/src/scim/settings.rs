//! Settings of a SCIM connection.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::open::parse_settings;
use crate::pace::{Pace, Rate};
use crate::{Error, Result};

/// What an administrator enters.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// The base address, `https://application/scim/v2`.
    pub url: String,
    #[serde(default)]
    pub dialect: Dialect,
    #[serde(default)]
    pub allow_private_network: bool,
    #[serde(default)]
    pub allowed_networks: Vec<String>,
    /// Whether the application takes `attribute[filter]` paths in a PATCH; by default only the
    /// Entra dialect uses them, everybody else gets the whole attribute.
    pub value_paths: Option<bool>,
    /// Whether to use PATCH; by default what the application says, and PUT when PATCH is refused.
    pub patch: Option<bool>,
    /// Whether to send our key as `externalId` on create when no mapping sets it.
    #[serde(default = "yes")]
    pub external_id: bool,
    #[serde(default = "page_size")]
    pub page_size: usize,
    #[serde(default)]
    pub media_type: MediaType,
    /// Writes per second, for applications that publish a limit.
    pub writes_per_second: Option<f64>,
}

/// The habits of the client that an application was built for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Dialect {
    /// RFC 7644 as written.
    #[default]
    Rfc,
    /// As Microsoft Entra's provisioning service sends by default: capitalised operations,
    /// booleans as text in PATCH, value paths, members removed by a value list.
    Entra,
}

/// The media type of requests; a few applications take plain JSON only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(crate) enum MediaType {
    #[default]
    #[serde(rename = "application/scim+json")]
    Scim,
    #[serde(rename = "application/json")]
    Json,
}

impl MediaType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Scim => "application/scim+json",
            Self::Json => "application/json",
        }
    }
}

fn yes() -> bool {
    true
}

fn page_size() -> usize {
    100
}

impl Settings {
    /// Reads and checks the settings.
    pub(crate) fn parse(value: &Value) -> Result<Self> {
        let settings: Self = parse_settings(value)?;
        if !(1..=1000).contains(&settings.page_size) {
            return Err(wrong("page_size", "it must be 1 to 1000"));
        }
        if settings
            .writes_per_second
            .is_some_and(|rate| !(rate > 0.0 && rate <= 10_000.0))
        {
            return Err(wrong("writes_per_second", "it must be above 0 and at most 10000"));
        }
        Ok(settings)
    }

    pub(crate) fn pace(&self) -> Pace {
        let writes = self.writes_per_second.map(|per_second| Rate {
            burst: per_second.ceil() as u32,
            per_second,
            span: Duration::from_secs(1),
        });
        Pace { writes, ..Pace::OPEN }
    }

    pub(crate) fn value_paths(&self) -> bool {
        self.value_paths.unwrap_or(self.dialect == Dialect::Entra)
    }
}

fn wrong(field: &str, reason: &str) -> Error {
    Error::Settings {
        field: field.to_owned(),
        reason: reason.to_owned(),
    }
}
