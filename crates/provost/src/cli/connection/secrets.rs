//! Where the command gets secrets from: the environment or standard input, never an argument, because
//! arguments are visible to every user of the machine.

use crate::cli::setting::FromEnvironment;
use crate::failure::Failure;
use anyhow::{Context as _, Result};
use provost_connect::Secret;
use std::io::Read as _;

/// The most that a secret may hold, in bytes.
const LIMIT: u64 = 64 * 1024;

/// A connection's secrets by name, for keeping them.
#[derive(Default)]
pub(in crate::cli) struct Given(Vec<(String, Secret)>);

impl Given {
    /// Reads every secret that the arguments point to.
    ///
    /// # Errors
    /// When a variable is not set, or a secret is empty or not text.
    pub fn read(environment: &[FromEnvironment], stdin: Option<&str>) -> Result<Self> {
        let mut given = Vec::new();
        for from in environment {
            let text = std::env::var(&from.variable).map_err(|_| {
                let hint = format!(
                    "Set it to the secret, then run the command again: export {}=…",
                    from.variable
                );
                Failure::new(
                    format!("the environment variable {} is not set", from.variable),
                    hint,
                )
            })?;
            given.push((from.name.clone(), checked(&from.name, &text)?));
        }
        if let Some(name) = stdin {
            let mut text = String::new();
            let limited = std::io::stdin().take(LIMIT).read_to_string(&mut text);
            limited.with_context(|| format!("cannot read the secret {name} from standard input"))?;
            given.push((name.to_owned(), checked(name, &text)?));
        }
        Ok(Self(given))
    }

    /// Every name with its secret.
    pub fn into_parts(self) -> Vec<(String, Secret)> {
        self.0
    }
}

/// A secret without the line end that files and `echo` add.
fn checked(name: &str, text: &str) -> Result<Secret> {
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() {
        return Err(Failure::new(
            format!("the secret {name} is empty"),
            "Give the credential that the application made.",
        )
        .into());
    }
    Ok(Secret::new(text))
}
