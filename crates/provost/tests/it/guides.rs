//! The guides are true: every command in them is run, and every request is sent, in their order, against a
//! fresh installation.
//!
//! A guide's blocks: `sh` holds commands, `sh serve` starts the server, `toml` is written into the
//! configuration, `http` is a request with the status that it must get (a success when none is named). Words
//! that stand for something: `TOKEN` is the last token that a command printed, `KEY` the first key of the last
//! table, `{id}` the last id that was made, `127.0.0.1:8080` where the server is.

use crate::run::{Place, show};
use crate::service::harness::Running;
use crate::service::http::{Answer, Client};
use std::time::{Duration, Instant};

/// How long a changed setting may take until every node knows it, and a little more.
const SOON: Duration = Duration::from_secs(10);

struct Block {
    kind: String,
    text: String,
}

/// The fenced blocks; those in lists are indented.
fn blocks(guide: &str) -> Vec<Block> {
    let mut all: Vec<Block> = Vec::new();
    let (mut open, mut indent) = (false, 0);
    for line in guide.lines() {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            open = !open;
            indent = line.len() - line.trim_start().len();
            if open {
                all.push(Block {
                    kind: kind.to_owned(),
                    text: String::new(),
                });
            }
        } else if open {
            let block = all.last_mut().unwrap();
            block.text.push_str(line.get(indent..).unwrap_or_default());
            block.text.push('\n');
        }
    }
    assert!(!open, "a block is not closed");
    all
}

/// Somebody who follows a guide.
struct Reader {
    place: Place,
    server: Option<Running>,
    variables: Vec<(String, String)>,
    token: String,
    key: String,
    id: String,
}

impl Reader {
    fn new() -> Self {
        Self {
            place: Place::empty(),
            server: None,
            variables: Vec::new(),
            token: String::new(),
            key: String::new(),
            id: String::new(),
        }
    }

    fn follow(&mut self, guide: &str) -> usize {
        let blocks = blocks(guide);
        for block in &blocks {
            match block.kind.split(' ').collect::<Vec<_>>()[..] {
                ["sh"] => block.text.lines().for_each(|line| self.command(line)),
                ["sh", "serve"] => {
                    assert_eq!(block.text.trim(), "provost serve");
                    self.server = Some(Running::start(&self.place));
                }
                ["toml"] => self.configure(&block.text),
                ["http"] => self.request(&block.text, 200..300),
                ["http", status] => {
                    let status = status.parse().unwrap();
                    self.request(&block.text, status..status + 1);
                }
                _ => panic!("a block of an unknown kind: {}", block.kind),
            }
        }
        blocks.len()
    }

    fn host(&self) -> &str {
        &self
            .server
            .as_ref()
            .expect("the guide serves before it sends")
            .host
    }

    fn command(&mut self, line: &str) {
        if let Some(variable) = line.strip_prefix("export ") {
            let (name, value) = variable.split_once('=').unwrap();
            let value = if value == "TOKEN" { &self.token } else { value };
            self.variables.push((name.to_owned(), value.to_owned()));
            return;
        }
        let mut words = words(line);
        assert_eq!(words.remove(0), "provost", "{line}");
        for word in &mut words {
            match word.as_str() {
                "KEY" => word.clone_from(&self.key),
                address if address.contains("127.0.0.1:8080") => {
                    *word = address.replace("127.0.0.1:8080", self.host())
                }
                _ => {}
            }
        }
        let variables = self.variables.iter().map(|(name, value)| (name, value));
        let output = self
            .place
            .command("")
            .args(&words)
            .envs(variables)
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}\n{}", show(&output));
        self.remember(&String::from_utf8_lossy(&output.stdout));
    }

    fn remember(&mut self, said: &str) {
        if let Some(token) = said.split_whitespace().find(|word| word.starts_with("prv_")) {
            token.clone_into(&mut self.token);
        }
        let mut lines = said.lines().skip_while(|line| !line.starts_with("KEY"));
        if let Some(key) = lines.nth(1).and_then(|row| row.split_whitespace().next()) {
            key.clone_into(&mut self.key);
        }
    }

    /// Puts the keys below their section's header, where the file has it.
    fn configure(&self, text: &str) {
        let (section, keys) = text.split_once('\n').unwrap();
        let file = self.place.data().join("provost.toml");
        let before = std::fs::read_to_string(&file).unwrap();
        let header = format!("{section}\n");
        assert!(
            before.contains(&header),
            "{section} is no section of the configuration"
        );
        std::fs::write(&file, before.replacen(&header, &format!("{header}{keys}"), 1)).unwrap();
    }

    fn request(&mut self, text: &str, expected: std::ops::Range<u16>) {
        let (line, body) = text.split_once('\n').unwrap();
        let (method, target) = line.split_once(' ').unwrap();
        let path = target.strip_prefix("/scim/v2").unwrap().replace("{id}", &self.id);
        let body = body.trim().replace("{id}", &self.id);
        let client = Client::new(self.host(), &self.token);
        let started = Instant::now();
        let answer: Answer = loop {
            let answer = client.call(method, &path, &[], &body);
            if expected.contains(&answer.status) || started.elapsed() > SOON {
                break answer;
            }
            std::thread::sleep(Duration::from_millis(200));
        };
        assert!(
            expected.contains(&answer.status),
            "{line}: {} {}",
            answer.status,
            answer.text
        );
        if method == "POST" && answer.status == 201 {
            self.id = answer.json()["id"].as_str().unwrap().to_owned();
        }
    }
}

/// The words of a command; double quotes keep blanks.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let mut words = Vec::new();
    for (i, part) in parts {
        if i % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn connect_microsoft_entra() {
    let done = Reader::new().follow(include_str!("../../../../docs/guides/entra.md"));
    assert!(done > 15, "only {done} blocks");
}

#[test]
fn connect_okta() {
    let done = Reader::new().follow(include_str!("../../../../docs/guides/okta.md"));
    assert!(done > 10, "only {done} blocks");
}

#[test]
fn every_limit_of_the_configuration_is_documented_with_its_default() {
    let limits = include_str!("../../../../docs/reference/limits.md");
    let default = include_str!("../../src/config/default.toml");
    let section = default
        .split("[limits]")
        .nth(1)
        .unwrap()
        .split("\n[")
        .next()
        .unwrap();
    let mut keys = 0;
    for line in section.lines() {
        let Some((key, value)) = line.strip_prefix("# ").and_then(|rest| rest.split_once(" = ")) else {
            continue;
        };
        assert!(
            limits.contains(&format!("| `{key}` | {value} |")),
            "{key} = {value} is missing"
        );
        keys += 1;
    }
    assert!(keys > 5, "only {keys} keys");
}
