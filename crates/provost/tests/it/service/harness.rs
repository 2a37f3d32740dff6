//! The real program: an installation of its own for every test, served on a free port.

use super::http::Client;
use crate::run::Place;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

/// `provost serve` over an installation, and the means to run other commands beside it.
pub struct Hub {
    place: Place,
    running: Running,
    /// A client with the token of the provider `Entra` in the workspace `Main`.
    pub entra: Client,
}

/// `provost serve`; killed when the test ends.
pub struct Running {
    child: Child,
    /// Where it listens, as `127.0.0.1:PORT`.
    pub host: String,
    /// Kept open: the program may write to it as long as it runs.
    _out: BufReader<ChildStdout>,
}

/// Declares a test for both databases: `both! { fn name(hub) { … } }`.
macro_rules! both {
    ($($(#[$meta:meta])* fn $name:ident($hub:ident) $body:block)*) => {
        $($(#[$meta])* fn $name($hub: &$crate::service::harness::Hub) $body)*
        mod on_sqlite { $(#[test] fn $name() { $crate::service::harness::on_sqlite(super::$name) })* }
        mod on_postgres { $(#[test] fn $name() { $crate::service::harness::on_postgres(super::$name) })* }
    };
}
pub(crate) use both;

/// Runs a test over an SQLite file.
pub fn on_sqlite(test: fn(&Hub)) {
    test(&Hub::start(""));
}

/// Runs a test over a database of its own on the server that `PROVOST_TEST_POSTGRES` names.
pub fn on_postgres(test: fn(&Hub)) {
    provost_testkit::with_empty_postgres(|url| test(&Hub::start(&format!("[database]\nurl = \"{url}\"\n"))));
}

impl Hub {
    fn start(config: &str) -> Self {
        let place = Place::empty();
        if !config.is_empty() {
            std::fs::create_dir(place.data()).unwrap();
            std::fs::write(place.data().join("provost.toml"), config).unwrap();
        }
        let made = place.run("init");
        assert!(made.ends_with("exit 0"), "{made}");
        let token = token(&place, "provider add Entra");
        let running = Running::start(&place);
        let entra = Client::new(&running.host, &token);
        Self {
            place,
            running,
            entra,
        }
    }

    /// Another provider of the workspace `Main`: the words after `provider add`, such as `Okta --role user`.
    pub fn provider(&self, words: &str) -> Client {
        let words = format!("provider add {words} --workspace Main");
        Client::new(&self.running.host, &token(&self.place, &words))
    }

    /// A provider of another workspace.
    pub fn provider_in(&self, workspace: &str, words: &str) -> Client {
        let made = self.place.run(&format!("init --workspace {workspace}"));
        assert!(made.ends_with("exit 0"), "{made}");
        let words = format!("provider add {words} --workspace {workspace}");
        Client::new(&self.running.host, &token(&self.place, &words))
    }

    /// Where commands run.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

fn token(place: &Place, words: &str) -> String {
    place.json(words)["token"].as_str().unwrap().to_owned()
}

impl Running {
    /// Serves an installation on a free port; answers once requests are.
    pub fn start(place: &Place) -> Self {
        let mut child = place
            .command("serve --listen 127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let host = line.trim_end().strip_prefix("ready http://").map(str::to_owned);
        let mut running = Self {
            child,
            host: String::new(),
            _out: out,
        };
        running.host = host.unwrap_or_else(|| panic!("the server did not start: {line}"));
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
