//! The text log on standard error: for who runs the machine. Standard output belongs to the command's answer.

use crate::config::{Format, Log};
use anyhow::{Context as _, Result};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Overrides the level, in `tracing`'s filter language: `info,provost_sync=debug`.
const VARIABLE: &str = "PROVOST_LOG";

/// Starts the log. Called once.
///
/// # Errors
/// When the environment variable does not hold a filter.
pub(crate) fn start(log: &Log) -> Result<()> {
    let filter = match std::env::var(VARIABLE) {
        Ok(text) => {
            EnvFilter::try_new(&text).with_context(|| format!("{VARIABLE} is not a log filter: {text}"))?
        }
        Err(_) => EnvFilter::new(log.level.name()),
    };
    let ansi = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(ansi);
    // A second start in one process (there is none today) keeps the first log.
    let _ = match log.format {
        Format::Text => builder.try_init(),
        Format::Json => builder.json().try_init(),
    };
    Ok(())
}
