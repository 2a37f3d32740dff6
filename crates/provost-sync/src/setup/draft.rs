//! A connection before it is saved.

use provost_connect::{Secret, Secrets};
use provost_engine::rule::Rule;
use provost_store::connection::Preferences;
use provost_store::connection_template::Template;
use serde_json::Value;

/// A connection before it is saved.
#[derive(Debug, Clone, Default)]
pub struct ConnectionDraft {
    /// Its name, unique in the workspace.
    pub name: String,
    /// What it is for, for people; at most 400 characters.
    pub description: String,
    /// Which code speaks to the target: `graph`, `scim`.
    pub connector: String,
    /// The connector's settings, without secrets.
    pub settings: Value,
    /// The connector's secrets by name.
    pub secrets: Vec<(String, Secret)>,
    /// When the credential ends, in milliseconds since 1970; none when nobody knows.
    pub secret_expires: Option<i64>,
    /// How it runs and what it may do.
    pub preferences: Preferences,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// The template that it begins with: rules about what its application does not have are refused.
    pub template: Option<Template>,
    /// Whether it is known that a rule means everybody, or nobody. Else such a rule is saved switched off.
    pub understood: bool,
}

impl ConnectionDraft {
    /// The secrets as the connector takes them.
    pub(super) fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::new();
        for (name, secret) in &self.secrets {
            secrets.insert(name.clone(), secret.clone());
        }
        secrets
    }

    /// The preferences with the description in them, where it is kept.
    pub(super) fn preferences(&self) -> Preferences {
        let mut preferences = self.preferences.clone();
        if !self.description.is_empty() {
            preferences.description = self.description.clone();
        }
        preferences
    }
}
