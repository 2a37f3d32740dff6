//! Where the command gets secrets from: the environment, a file or standard input, never an argument, because
//! arguments are visible to every user of the machine.

use crate::cli::setting::{FromEnvironment, FromFile};
use crate::failure::Failure;
use anyhow::{Context as _, Result};
use provost_connect::Secret;
use std::fs::File;
use std::io::Read as _;

/// The most that a secret may hold, in bytes.
const LIMIT: u64 = 64 * 1024;

/// The arguments that say where secrets are read from.
#[derive(Debug, Default, clap::Args)]
pub(in crate::cli) struct Sources {
    /// A secret of the connector, read from an environment variable, as name=VARIABLE; repeatable
    #[arg(long, value_name = "NAME=VARIABLE")]
    secret_env: Vec<FromEnvironment>,
    /// A secret that is read from a file, such as certificate=m365.pem with its key; repeatable
    #[arg(long, value_name = "NAME=FILE")]
    secret_file: Vec<FromFile>,
    /// The name of a secret that is read from standard input
    #[arg(long, value_name = "NAME")]
    secret_stdin: Option<String>,
}

impl Sources {
    /// Reads every secret that the arguments point to.
    ///
    /// # Errors
    /// When a variable is not set, a file cannot be read, or a secret is empty or not text.
    pub fn read(&self) -> Result<Given> {
        let mut given = Given::read(&self.secret_env, self.secret_stdin.as_deref())?;
        for from in &self.secret_file {
            let path = from.file.display();
            let unread = || format!("cannot read the secret {} from {path}", from.name);
            let mut text = String::new();
            let file = File::open(&from.file).with_context(unread)?;
            file.take(LIMIT).read_to_string(&mut text).with_context(unread)?;
            given.0.push((from.name.clone(), checked(&from.name, &text)?));
        }
        Ok(given)
    }
}

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
