//! `provost completions`.

use super::Cli;
use crate::output;
use anyhow::Result;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

/// Where the usual shells look for it.
const WHERE: &str = "\
bash: provost completions bash > ~/.local/share/bash-completion/completions/provost
zsh:  provost completions zsh > \"${fpath[1]}/_provost\"
fish: provost completions fish > ~/.config/fish/completions/provost.fish";

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = WHERE)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    pub fn run(self) -> Result<()> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "provost", &mut script);
        output::line(String::from_utf8_lossy(&script).trim_end())
    }
}
