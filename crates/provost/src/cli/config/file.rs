//! A connection as a file: what it holds, and reading it with every mistake shown where it is.

use crate::cli::rule::read;
use crate::failure::Failure;
use anyhow::{Context as _, Result};
use provost_engine::policy::Guard;
use provost_engine::rule::Rule;
use provost_store::config_version::Definition;
use provost_store::connection::{Connection, Preferences};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// A connection as a file. Secrets are no part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// The connection's name.
    pub connection: String,
    /// The code that speaks to the application.
    pub connector: String,
    /// The connector's settings.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// How it runs.
    #[serde(default)]
    pub preferences: Preferences,
    /// Its deletion guard.
    #[serde(default)]
    pub guard: Guard,
    /// Its rules, in their order.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

impl File {
    /// What is saved of a connection, as a file.
    pub fn of(connection: &Connection, definition: Definition) -> Self {
        Self {
            connection: connection.name.clone(),
            connector: connection.connector.clone(),
            settings: definition.settings.as_object().cloned().unwrap_or_default(),
            preferences: definition.preferences,
            guard: definition.guard,
            rules: definition.rules,
        }
    }

    /// What it would be saved as.
    pub fn definition(&self) -> Definition {
        Definition {
            rules: self.rules.clone(),
            preferences: self.preferences.clone(),
            guard: self.guard,
            settings: Value::Object(self.settings.clone()),
            // A file says nothing of them: they stay as they are.
            group_licences: None,
        }
    }

    /// Reads and checks a file; every rule compiles.
    ///
    /// # Errors
    /// A syntax error with its line; every mistake of every rule; a preference out of its range.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
        let file: Self = if is_toml(path) {
            toml::from_str(&text).map_err(|error| read::toml_mistake(&error, &text, &name))?
        } else {
            serde_json::from_str(&text).map_err(|error| read::json_mistake(&error, &text, &name))?
        };
        file.preferences.check()?;
        read::compiled(&file.rules, &name)?;
        let mut names: Vec<&str> = file.rules.iter().map(|rule| rule.name.as_str()).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let sentence = format!("{name} holds two rules with the name \"{}\"", pair[0]);
            return Err(Failure::new(sentence, "Give each rule a name of its own.").into());
        }
        Ok(file)
    }

    /// The file as a value for comparing, without what is as it is by default.
    pub fn value(&self) -> Value {
        let rules: Vec<Value> = self.rules.iter().map(rule_value).collect();
        let mut map = Map::new();
        map.insert("connection".into(), json!(self.connection));
        map.insert("connector".into(), json!(self.connector));
        map.insert("settings".into(), Value::Object(self.settings.clone()));
        map.insert(
            "preferences".into(),
            without_defaults(&self.preferences, &Preferences::default()),
        );
        map.insert("guard".into(), without_defaults(&self.guard, &Guard::default()));
        map.insert("rule".into(), Value::Array(rules));
        Value::Object(map)
    }
}

/// A rule without what is as it is by default. Its name, object and mappings are always said.
pub(super) fn rule_value(rule: &Rule) -> Value {
    let mut value = without_defaults(rule, &Rule::new("", rule.object));
    value["object"] = json!(rule.object);
    value
}

/// The fields that differ from the default, inside of objects too. What is null is not said.
fn without_defaults<T: Serialize>(value: &T, default: &T) -> Value {
    let (mut value, default) = (
        serde_json::to_value(value).unwrap_or_default(),
        serde_json::to_value(default).unwrap_or_default(),
    );
    prune(&mut value, &default);
    value
}

fn prune(value: &mut Value, default: &Value) {
    let Value::Object(map) = value else { return };
    map.retain(|name, inner| {
        let usual = &default[name.as_str()];
        if inner == usual || inner.is_null() {
            return false;
        }
        prune(inner, usual);
        true
    });
}

/// The files that the paths name: a folder stands for every `.toml` and `.json` file in it.
///
/// # Errors
/// When a folder cannot be read, or holds none.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut inside: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| is_toml(path) || has_extension(path, "json"))
            .collect();
        inside.sort();
        if inside.is_empty() {
            let sentence = format!("the folder {} holds no .toml or .json file", path.display());
            return Err(Failure::new(sentence, "`provost config export --folder DIR` writes some.").into());
        }
        found.extend(inside);
    }
    Ok(found)
}

fn is_toml(path: &Path) -> bool {
    has_extension(path, "toml")
}

fn has_extension(path: &Path, wanted: &str) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}
