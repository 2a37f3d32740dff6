//! The simulated Microsoft 365 as the program starts it.

use crate::run::Place;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

/// `provost sim microsoft-365`; killed when the test ends.
pub struct Tenant {
    child: Child,
    /// Where it listens, as `127.0.0.1:PORT`.
    pub host: String,
}

impl Tenant {
    /// Runs the words of a command, on a free port instead of the one that it names.
    pub fn start(place: &Place, words: &[String]) -> Self {
        assert_eq!(words[..3], ["provost", "sim", "microsoft-365"]);
        let rest = words[3..].iter().map(|word| match word.as_str() {
            "127.0.0.1:8365" => "127.0.0.1:0",
            other => other,
        });
        let mut child = place
            .command("sim microsoft-365 --json")
            .args(rest)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let host = told["url"]
            .as_str()
            .unwrap()
            .strip_prefix("http://")
            .unwrap()
            .to_owned();
        Self { child, host }
    }
}

impl Drop for Tenant {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
