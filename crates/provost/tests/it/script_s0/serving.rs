//! The real server, with everything that it logs.

use crate::run::Place;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Stdio};

/// `provost serve` with everything that it logs; killed when the test ends.
pub struct Serving {
    child: Child,
    pub host: String,
    log: PathBuf,
    _out: BufReader<ChildStdout>,
}

impl Serving {
    /// Serves an installation on a free port; answers once requests are.
    pub fn start(place: &Place) -> Self {
        let log = place.beside("server.log");
        let mut child = place
            .command("serve --listen 127.0.0.1:0")
            .env("PROVOST_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let host = line.trim_end().strip_prefix("ready http://").map(str::to_owned);
        Self {
            child,
            host: host.unwrap_or_else(|| panic!("the server did not start: {line}")),
            log,
            _out: out,
        }
    }

    /// What it has logged so far, down to the last detail.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap()).into_owned()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
