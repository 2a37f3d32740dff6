//! `provost config`: the configuration file.

use super::Place;
use crate::config::{self, FILE};
use crate::failure::Failure;
use crate::output;
use anyhow::Result;
use serde_json::json;
use std::path::PathBuf;

/// The configuration file, `provost.toml` in the data folder.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Config {
    /// Check a file without starting anything
    Check {
        /// The file, if not the one in the data folder
        file: Option<PathBuf>,
    },
}

impl Config {
    /// Runs the command.
    pub fn run(self, place: &Place) -> Result<()> {
        let Config::Check { file } = self;
        let path = file.unwrap_or_else(|| place.data().join(FILE));
        if !path.exists() {
            let sentence = format!("there is no file {}", path.display());
            return Err(Failure::new(
                sentence,
                "`provost init` makes one; without one, every key has its default.",
            )
            .into());
        }
        let config = config::Config::read(&path)?;
        let answer = json!({
            "file": path, "valid": true, "listen": config.server.listen, "public_url": config.server.public_url,
        });
        output::either(place.json, &answer, || format!("{} is valid.", path.display()))
    }
}
