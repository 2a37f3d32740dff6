//! Settings of the mail server.

use serde::{Deserialize, Serialize};

use super::failure::{Cause, Failure};

/// What an administrator enters. Secret: `password`, when there is a `user`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Host name or address of the mail server.
    pub host: String,
    /// Port; by default 587 for STARTTLS, 465 for TLS, 25 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// How the line is protected.
    #[serde(default)]
    pub security: Security,
    /// The name to sign in with; without it there is no sign-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The address that mail comes from.
    pub from: String,
    /// Whether `security = "none"` may be used over a public network, and a password be sent
    /// without protection beyond this machine.
    #[serde(default)]
    pub allow_plain: bool,
    /// Certificates in PEM form that are trusted besides the system's, for a server with a
    /// certificate of the organisation's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trusted: Option<String>,
}

/// How the line to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Plain first, then TLS by the command STARTTLS (RFC 3207), which must succeed.
    #[default]
    StartTls,
    /// TLS from the beginning (RFC 8314).
    Tls,
    /// No protection: only to this machine and to private networks.
    None,
}

impl Settings {
    /// The port that is used.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            Security::StartTls => 587,
            Security::Tls => 465,
            Security::None => 25,
        })
    }

    /// Host and port, for messages.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", crate::error::quote(&self.host), self.port())
    }

    pub(super) fn check(&self) -> Result<(), Failure> {
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if self.host.is_empty() || self.host.len() > 253 || !self.host.chars().all(inner) {
            return Err(self.wrong("`host` must be the name or address of the mail server, without a scheme"));
        }
        if self.port == Some(0) {
            return Err(self.wrong("`port` must be 1 to 65535"));
        }
        Ok(())
    }

    pub(super) fn wrong(&self, reason: &str) -> Failure {
        Failure::new(Cause::Settings, self.place(), reason)
    }
}
