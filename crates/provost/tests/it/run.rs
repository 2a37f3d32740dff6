//! Running the command.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A data folder of its own, and what is run in it.
pub struct Place {
    folder: TempDir,
}

impl Place {
    /// An empty folder.
    pub fn empty() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder with an installation.
    pub fn installed() -> Self {
        let place = Self::empty();
        let made = place.run("init");
        assert!(made.ends_with("exit 0"), "{made}");
        place
    }

    /// The data folder.
    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// A file or folder beside the data folder.
    pub fn beside(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the data folder, from where commands are run.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// The command with these words, in the folder; words are parted by blanks.
    pub fn command(&self, words: &str) -> Command {
        let mut command = command();
        command
            .args(words.split_whitespace())
            .env("PROVOST_DATA", "data")
            .current_dir(self.folder.path());
        command
    }

    /// Runs a command: what it said, with everything that differs from run to run made the same.
    pub fn run(&self, words: &str) -> String {
        self.shown(&mut self.command(words))
    }

    /// The same for a command that was prepared.
    pub fn shown(&self, command: &mut Command) -> String {
        redact(&show(&command.output().unwrap()), self.folder.path())
    }

    /// Runs a command that must succeed, and reads its JSON.
    pub fn json(&self, words: &str) -> Value {
        let output = self.command(words).arg("--json").output().unwrap();
        assert!(output.status.success(), "{words}: {}", show(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// The command, free of what the surroundings set.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provost"));
    for name in [
        "PROVOST_DATA",
        "PROVOST_WORKSPACE",
        "PROVOST_LOG",
        "PROVOST_DATABASE_PASSWORD",
    ] {
        command.env_remove(name);
    }
    command
        .env("COLUMNS", "100")
        .env("USER", "tester")
        .stdin(Stdio::null());
    command
}

/// Both outputs and the exit status, in one text.
pub fn show(output: &Output) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let mut shown = out.into_owned();
    if !err.is_empty() {
        shown.push_str("--- stderr\n");
        shown.push_str(&err);
    }
    let status = output
        .status
        .code()
        .map_or("killed".to_owned(), |code| code.to_string());
    shown.push_str(&format!("exit {status}"));
    shown.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Tokens, times, ids and hashes differ from run to run.
fn redact(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.display().to_string(), "FOLDER");
    let mut out = String::new();
    for part in text.split_inclusive([' ', '\n', '"', ',', '(', ')', '/', ';']) {
        let word = part.trim_end_matches([' ', '\n', '"', ',', '.', '(', ')', '/', ';']);
        let end = &part[word.len()..];
        out.push_str(if word.starts_with("prv_") {
            "TOKEN"
        } else if word.starts_with("prc_") {
            "CLIENT"
        } else if word.starts_with("prs_") {
            "SECRET"
        } else if word.len() == 36 && word.bytes().filter(|b| *b == b'-').count() == 4 {
            "ID"
        } else if word.len() >= 32 && word.bytes().all(|b| b.is_ascii_hexdigit()) {
            "HASH"
        } else if word.len() == 24 && word.as_bytes()[10] == b'T' {
            "TIME"
        } else {
            word
        });
        out.push_str(end);
    }
    out
}
