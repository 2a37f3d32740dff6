//! `provost completions`.

use super::Cli;
use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use std::io::Write as _;

/// Print a completion script. For bash: provost completions bash > ~/.local/share/bash-completion/completions/provost
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    pub fn run(self) -> Result<()> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "provost", &mut script);
        Ok(std::io::stdout().lock().write_all(&script)?)
    }
}
