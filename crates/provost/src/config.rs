//! The configuration file, `provost.toml` in the data folder: small, checked whole, every key optional.

mod check;
mod database;
mod limits;

pub(crate) use check::network;
pub(crate) use database::DatabaseUrl;
pub(crate) use limits::Limits;

use anyhow::{Context as _, Result};
use ipnet::IpNet;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The file's name in the data folder.
pub(crate) const FILE: &str = "provost.toml";
/// What `provost init` writes: every key with its default, commented out.
pub(crate) const DEFAULT_TEXT: &str = include_str!("config/default.toml");

/// The whole configuration. Unknown keys are refused: here they are spelling mistakes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// How the hub is reached.
    pub server: Server,
    /// Where the data is.
    pub database: Database,
    /// Where the sealing key is.
    pub secrets: Secrets,
    /// How cycles run.
    pub sync: Sync,
    /// How administrators sign in.
    pub signin: SignIn,
    /// How much a client may ask for.
    pub limits: Limits,
    /// The text log.
    pub log: Log,
}

/// How the hub is reached.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    /// The address and port to listen on. Port 0 takes a free one.
    #[serde(deserialize_with = "check::address")]
    pub listen: SocketAddr,
    /// The address under which clients reach the hub, without a path.
    #[serde(deserialize_with = "check::public_url")]
    pub public_url: Option<String>,
    /// Proxies whose `X-Forwarded-For` header is believed. It says from where a provider sends.
    #[serde(deserialize_with = "check::networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Whether `/metrics` answers without a token to who asks from this machine.
    pub metrics_on_loopback: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            trusted_proxies: Vec::new(),
            metrics_on_loopback: false,
        }
    }
}

/// Where the data is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// `sqlite:FILE`, in the data folder unless it is absolute, or `postgres://user@host/name`.
    #[serde(deserialize_with = "check::database_url")]
    pub url: DatabaseUrl,
}

/// Where the sealing key is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Secrets {
    /// The key file, in the data folder unless it is absolute.
    pub key_file: PathBuf,
}

impl Default for Secrets {
    fn default() -> Self {
        Self {
            key_file: "provost.key".into(),
        }
    }
}

/// How cycles run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Sync {
    /// Whether `serve` runs cycles. Off for a node that only answers requests.
    pub enabled: bool,
}

impl Default for Sync {
    fn default() -> Self {
        Self { enabled: true }
    }
}

/// How administrators sign in.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SignIn {
    /// Whether sign-in providers may be in the own network, there also without encryption.
    pub allow_private_network: bool,
}

/// The text log on standard error.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// What is important enough.
    pub level: Level,
    /// How a line looks.
    pub format: Format,
}

/// What is important enough to be logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Somebody has to act now.
    Error,
    /// Somebody has to act this week.
    Warn,
    /// What was started, finished or decided.
    #[default]
    Info,
    /// While looking for a fault.
    Debug,
}

impl Level {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
            Level::Debug => "debug",
        }
    }
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For log collectors: one object a line.
    Json,
}

impl Config {
    /// Reads the file; one that does not exist says nothing, so everything has its default.
    ///
    /// # Errors
    /// A file that cannot be read, or the first mistake in it with its line and a caret.
    pub fn read(path: &Path) -> Result<Config> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, &path.display().to_string()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(e) => Err(e).with_context(|| format!("cannot read the configuration {}", path.display())),
        }
    }

    /// Reads a configuration's text; `name` is how an error calls it.
    ///
    /// # Errors
    /// The first mistake, with its line and a caret.
    pub fn parse(text: &str, name: &str) -> Result<Config> {
        toml::from_str(text).map_err(|error| check::explain(&error, text, name).into())
    }
}

#[cfg(test)]
mod tests;
