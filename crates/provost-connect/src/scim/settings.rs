//! Settings of a SCIM connection.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::preset::Server;
use crate::open::parse_settings;
use crate::pace::{Pace, Rate};
use crate::{Error, Result};

/// What an administrator enters, completed by what the named server is known for. What each one
/// means stands in [`super::SETTINGS`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub url: String,
    #[serde(default)]
    pub server: Server,
    #[serde(default)]
    pub dialect: Dialect,
    #[serde(default)]
    pub allow_private_network: bool,
    #[serde(default)]
    pub allowed_networks: Vec<String>,
    pub patch: Option<bool>,
    pub put: Option<bool>,
    pub value_paths: Option<bool>,
    pub filter: Option<bool>,
    #[serde(default)]
    pub paging: Paging,
    pub page_size: Option<usize>,
    #[serde(default)]
    pub ignore_totals: bool,
    #[serde(default = "yes")]
    pub external_id: bool,
    #[serde(default)]
    pub attributes: Vec<String>,
    #[serde(default)]
    pub omit: Vec<String>,
    pub one_value: Option<bool>,
    pub members_per_request: Option<usize>,
    pub members_shown: Option<bool>,
    #[serde(default)]
    pub read_back: bool,
    #[serde(default = "read_back_ms")]
    pub read_back_ms: Vec<u64>,
    #[serde(default = "yes")]
    pub reactivate: bool,
    #[serde(default)]
    pub deprovision: Deprovision,
    #[serde(default)]
    pub hides_inactive: bool,
    #[serde(default)]
    pub media_type: MediaType,
    pub writes_per_second: Option<f64>,
    pub concurrency: Option<u32>,
    pub token_url: Option<String>,
    pub client_id: Option<String>,
    pub scope: Option<String>,
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

/// How a list is continued.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Paging {
    /// By `startIndex`, and by a cursor as soon as the application names one.
    #[default]
    Auto,
    /// By cursor from the first page on (RFC 9865).
    Cursor,
}

/// What becomes of an account whose person may no longer come in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Deprovision {
    /// `active` is set to false.
    #[default]
    Deactivate,
    /// The account is deleted: for applications that do not know `active`.
    Delete,
    /// Disabling is refused with an error, so that nobody takes it for done.
    Nothing,
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

fn read_back_ms() -> Vec<u64> {
    vec![250, 500, 1000]
}

impl Settings {
    /// Reads and checks the settings.
    pub(crate) fn parse(value: &Value) -> Result<Self> {
        let mut settings: Self = parse_settings(value)?;
        settings.server.complete(&mut settings);
        within("page_size", settings.page_size(), 1000)?;
        within("members_per_request", settings.members_per_request(), 10_000)?;
        within("concurrency", settings.window() as usize, 64)?;
        if settings
            .writes_per_second
            .is_some_and(|rate| !(rate > 0.0 && rate <= 10_000.0))
        {
            return Err(wrong("writes_per_second", "it must be above 0 and at most 10000"));
        }
        if settings.read_back_ms.len() > 10 || settings.read_back_ms.iter().any(|ms| *ms > 60_000) {
            return Err(wrong("read_back_ms", "at most 10 pauses of at most 60000"));
        }
        for (field, paths) in [("attributes", &settings.attributes), ("omit", &settings.omit)] {
            if let Some(bad) = paths.iter().find(|path| super::path::Path::parse(path).is_err()) {
                let reason = format!("`{}` is not a SCIM attribute path", crate::error::quote(bad));
                return Err(wrong(field, &reason));
            }
        }
        if settings.patch == Some(false) && settings.put == Some(false) {
            return Err(wrong("put", "without PATCH and PUT nothing can be changed"));
        }
        Ok(settings)
    }

    pub(crate) fn pace(&self) -> Pace {
        let writes = self.writes_per_second.map(|per_second| Rate {
            burst: per_second.ceil() as u32,
            per_second,
            span: Duration::from_secs(1),
        });
        Pace {
            writes,
            units: None,
            window: self.window(),
        }
    }

    /// Requests in flight at the same time.
    pub(crate) fn window(&self) -> u32 {
        self.concurrency.unwrap_or(8)
    }

    pub(crate) fn page_size(&self) -> usize {
        self.page_size.unwrap_or(100)
    }

    pub(crate) fn members_per_request(&self) -> usize {
        self.members_per_request.unwrap_or(100)
    }

    pub(crate) fn value_paths(&self) -> bool {
        self.value_paths.unwrap_or(self.dialect == Dialect::Entra)
    }

    /// Pauses before the next look at what was written.
    pub(crate) fn pauses(&self) -> Vec<Duration> {
        self.read_back_ms
            .iter()
            .map(|ms| Duration::from_millis(*ms))
            .collect()
    }
}

fn within(field: &str, value: usize, most: usize) -> Result<()> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    Err(wrong(field, &format!("it must be 1 to {most}")))
}

fn wrong(field: &str, reason: &str) -> Error {
    Error::Settings {
        field: field.to_owned(),
        reason: reason.to_owned(),
    }
}
