//! `provost config check`: the configuration file of the installation.

use crate::cli::Place;
use crate::config::{self, FILE};
use crate::failure::Failure;
use crate::output;
use anyhow::Result;
use serde_json::json;
use std::path::PathBuf;

/// Reads the file and says what is wrong with it.
pub(super) fn run(place: &Place, file: Option<PathBuf>) -> Result<()> {
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
