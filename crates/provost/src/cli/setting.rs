//! `name=value` arguments.

use anyhow::{Result, bail};
use serde_json::Value;
use std::path::PathBuf;

/// A setting of a connection: `name=value`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting {
    /// The name.
    pub name: String,
    /// `true`, `false`, a number, a list or a text in quotes are themselves (JSON); everything else is text.
    pub value: Value,
}

impl std::str::FromStr for Setting {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, value) = split(text, "name=value")?;
        let value = match serde_json::from_str::<Value>(value) {
            Ok(scalar @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::String(_))) => scalar,
            _ => Value::String(value.to_owned()),
        };
        Ok(Self {
            name: name.to_owned(),
            value,
        })
    }
}

/// Where a secret is read from: `name=VARIABLE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FromEnvironment {
    /// The secret's name, such as `client_secret`.
    pub name: String,
    /// The environment variable that holds it.
    pub variable: String,
}

impl std::str::FromStr for FromEnvironment {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, variable) = split(text, "name=VARIABLE")?;
        if variable.is_empty() {
            bail!("the environment variable behind {name}= has no name");
        }
        Ok(Self {
            name: name.to_owned(),
            variable: variable.to_owned(),
        })
    }
}

/// Where a secret is read from: `name=FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FromFile {
    /// The secret's name, such as `certificate`.
    pub name: String,
    /// The file that holds it.
    pub file: PathBuf,
}

impl std::str::FromStr for FromFile {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, file) = split(text, "name=FILE")?;
        if file.is_empty() {
            bail!("the file behind {name}= has no name");
        }
        Ok(Self {
            name: name.to_owned(),
            file: file.into(),
        })
    }
}

fn split<'a>(text: &'a str, form: &str) -> Result<(&'a str, &'a str)> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        _ => bail!("write it as {form}"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scalars_are_themselves_and_the_rest_is_text() {
        for (text, value) in [
            ("a=true", json!(true)),
            ("a=19.5", json!(19.5)),
            ("a=[\"10.0.0.0/8\"]", json!(["10.0.0.0/8"])),
            ("a=http://x?b=c", json!("http://x?b=c")),
            ("a=", json!("")),
            ("a=\"19\"", json!("19")),
            ("a={}", json!("{}")),
            ("a=null", json!("null")),
        ] {
            assert_eq!(text.parse::<Setting>().unwrap().value, value, "{text}");
        }
        assert!("a".parse::<Setting>().is_err() && "=b".parse::<Setting>().is_err());
        assert!("a=".parse::<FromEnvironment>().is_err() && "a=".parse::<FromFile>().is_err());
    }
}
