//! The guides are true: every command in them is run, and every request is sent, in their order, against a
//! fresh installation.
//!
//! A guide's blocks: `sh` holds commands, `sh serve` starts the server, `sh sim` the simulated Microsoft 365, `toml`
//! is written into the configuration, `toml`, `csv` or `json` with a name into the file of that name, `http` is a
//! request with the status that it must get (a success when none is named), `http sim` one to the simulated tenant,
//! `text` is only to be read. Words that stand for something: `TOKEN` is the last token that a command printed, `KEY`
//! the first key of the last table, `PLAN` the last plan that was kept, `RUN` and `DIGEST` those of the import that
//! was held last, `{provider}` the id of the provider that was shown last, `{id}` the last id that was made,
//! `{person}` that of the last person, `127.0.0.1:8080` where the server is, `127.0.0.1:8365` the simulated tenant.

use crate::run::{Place, show};
use crate::service::harness::Running;
use crate::service::http::{Answer, exchange};
use crate::tenant::Tenant;
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
    tenant: Option<Tenant>,
    variables: Vec<(String, String)>,
    token: String,
    key: String,
    plan: String,
    run: String,
    digest: String,
    provider: String,
    id: String,
    person: String,
}

impl Reader {
    fn new() -> Self {
        Self {
            place: Place::empty(),
            server: None,
            tenant: None,
            variables: Vec::new(),
            token: String::new(),
            key: String::new(),
            plan: String::new(),
            run: String::new(),
            digest: String::new(),
            provider: String::new(),
            id: String::new(),
            person: String::new(),
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
                ["sh", "sim"] => self.tenant = Some(Tenant::start(&self.place, &words(&block.text))),
                ["toml"] => self.configure(&block.text),
                ["toml" | "csv" | "json", file] => self.place.write(file, &block.text),
                ["text"] => {}
                ["http"] => self.request(&block.text, 200..300),
                ["http", "sim"] => self.ask_tenant(&block.text),
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
                "PLAN" => word.clone_from(&self.plan),
                "RUN" => word.clone_from(&self.run),
                "DIGEST" => word.clone_from(&self.digest),
                address if address.contains("127.0.0.1:8080") => {
                    *word = address.replace("127.0.0.1:8080", self.host())
                }
                text => *word = self.placed(text),
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

    /// The text with the address at which the simulated tenant really is.
    fn placed(&self, text: &str) -> String {
        match &self.tenant {
            Some(tenant) => text.replace("127.0.0.1:8365", &tenant.host),
            None => text.to_owned(),
        }
    }

    fn ask_tenant(&self, text: &str) {
        let tenant = self
            .tenant
            .as_ref()
            .expect("the guide starts the tenant before it asks");
        let (line, body) = text.split_once('\n').unwrap();
        let (method, target) = line.split_once(' ').unwrap();
        let headers = [("Content-Type", "application/json")];
        let answer = exchange(&tenant.host, method, target, &headers, body.trim());
        assert!((200..300).contains(&answer.status), "{line}: {}", answer.text);
    }

    fn remember(&mut self, said: &str) {
        if let Some(token) = said.split_whitespace().find(|word| word.starts_with("prv_")) {
            token.clone_into(&mut self.token);
        }
        if let Some((_, rest)) = said.split_once("Kept as plan ") {
            rest.split(' ')
                .next()
                .unwrap_or_default()
                .clone_into(&mut self.plan);
        }
        if let Some((_, rest)) = said.split_once("provost import approve ") {
            let words: Vec<&str> = rest.split_whitespace().collect();
            (self.run, self.digest) = (words[0].to_owned(), words[2].to_owned());
        }
        let ids = said
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("id "));
        for id in ids.map(str::trim).filter(|id| id.len() == 36) {
            id.clone_into(&mut self.provider);
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
        let target = target
            .replace("{id}", &self.id)
            .replace("{person}", &self.person)
            .replace("{provider}", &self.provider);
        let body = self.placed(&body.trim().replace("{id}", &self.id));
        let bearer = format!("Bearer {}", self.token);
        let kind = if target.starts_with("/api/") {
            "application/json"
        } else {
            "application/scim+json"
        };
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
        let started = Instant::now();
        let answer: Answer = loop {
            let answer = exchange(self.host(), method, &target, &headers, &body);
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
            if target == "/scim/v2/Users" {
                self.person.clone_from(&self.id);
            }
        }
    }
}

/// The words of a command; quotes of either kind keep blanks, and single ones double ones.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut open, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.trim().chars() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => open.get_or_insert_default().push(c),
            None if c == '"' || c == '\'' => {
                open.get_or_insert_default();
                quote = Some(c);
            }
            None if c.is_whitespace() => words.extend(open.take()),
            None => open.get_or_insert_default().push(c),
        }
    }
    assert!(quote.is_none(), "a quote is not closed: {line}");
    words.extend(open);
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
fn open_the_console() {
    let mut reader = Reader::new();
    let done = reader.follow(include_str!("../../../../docs/guides/console.md"));
    assert!(done > 5, "only {done} blocks");
    let list = reader.place.json("administrator list");
    let states: Vec<_> = list["administrators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["email"].as_str().unwrap(), one["state"].as_str().unwrap()))
        .collect();
    let all = [
        ("owner@contoso.example", "active"),
        ("auditor@contoso.example", "active"),
    ];
    assert_eq!(states, all);
}

#[test]
fn provision_an_application() {
    let done = Reader::new().follow(include_str!("../../../../docs/guides/provisioning.md"));
    assert!(done > 20, "only {done} blocks");
}

#[test]
fn import_the_records_of_a_personnel_system() {
    let mut reader = Reader::new();
    let done = reader.follow(include_str!("../../../../docs/guides/hr-import.md"));
    assert!(done > 15, "only {done} blocks");
    let started = Instant::now();
    let people = loop {
        let people = reader.place.json("person list");
        if people.to_string().contains("eva.nord") || started.elapsed() > SOON {
            break people;
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    let is_active = |name: &str| {
        let person = people.as_array().unwrap().iter().find(|one| one["name"] == name);
        person.unwrap_or_else(|| panic!("{name} is not there: {people}"))["state"] == "active"
    };
    for name in ["ada.berg", "bo.lund", "cleo.dahl", "eva.nord"] {
        assert!(is_active(&format!("{name}@contoso.example")), "{name}");
    }
    assert!(!is_active("bo.lund2@contoso.example"), "the first day is ahead");
}

#[test]
fn take_over_a_job_of_microsoft_entra() {
    let mut reader = Reader::new();
    reader.place.write(
        "schema.json",
        include_str!("../../../provost-engine/tests/it/entra_schema.json"),
    );
    let done = reader.follow(include_str!("../../../../docs/guides/from-entra.md"));
    assert!(done > 15, "only {done} blocks");
    let read = |name| std::fs::read_to_string(reader.place.beside(name)).unwrap();
    let value = |text: String| serde_json::from_str::<serde_json::Value>(&text).unwrap();
    assert_eq!(value(read("schema.json")), value(read("back.json")));
    let log = reader.place.run("log Travel --workspace Main");
    assert!(log.contains("match") && !log.contains("failure"), "{log}");
}

#[test]
fn provision_microsoft_365() {
    let mut reader = Reader::new();
    let guide = include_str!("../../../../docs/guides/microsoft-365.md");
    let done = reader.follow(guide);
    assert!(done > 30, "only {done} blocks");
    // The tenant is as the guide leaves it: who is meant has an account, with the licence and without what is left out.
    let tenant = reader.tenant.as_ref().unwrap();
    let state = exchange(&tenant.host, "GET", "/_sim/state", &[], "").json();
    let users = state["users"].as_array().unwrap();
    let user = |name: &str| users.iter().find(|user| user["userPrincipalName"] == name);
    for name in ["ada@contoso.example", "ben@contoso.example"] {
        let found = user(name).unwrap_or_else(|| panic!("{name} is not there: {state}"));
        let licences = found["assignedLicenses"].as_array().unwrap();
        assert!(licences.len() == 1 && found["accountEnabled"] == true, "{found}");
        assert_eq!(
            licences[0]["disabledPlans"].as_array().unwrap().len(),
            1,
            "{found}"
        );
    }
    assert!(
        user("cleo@contoso.example").is_none(),
        "who is not meant has no account"
    );
    let said = reader.place.run("audit verify");
    assert!(said.ends_with("exit 0"), "{said}");
}

#[test]
fn move_microsoft_365() {
    let mut reader = Reader::new();
    let guide = include_str!("../../../../docs/guides/move-microsoft-365.md");
    let done = reader.follow(guide);
    assert!(done > 15, "only {done} blocks");
    // The provider is as the guide leaves it, and its first three steps touched nobody at Microsoft.
    let shown = reader.place.json("microsoft-365 list");
    assert_eq!(
        (&shown[0]["state"], &shown[0]["mode"]),
        (&"active".into(), &"provisioning_only".into()),
        "{shown}"
    );
    let tenant = reader.tenant.as_ref().unwrap();
    let state = exchange(&tenant.host, "GET", "/_sim/state", &[], "").json();
    assert_eq!(state["users"].as_array().map(Vec::len), Some(0), "{state}");
    assert!(reader.place.run("audit verify").ends_with("exit 0"));
}

#[test]
fn people_sign_in() {
    let mut reader = Reader::new();
    let guide = include_str!("../../../../docs/guides/people-sign-in.md");
    let done = reader.follow(guide);
    assert!(done >= 3, "only {done} blocks");
    let shown = reader.place.json("person sign-in ada@contoso.example");
    assert_eq!(shown["closed"], serde_json::Value::Null, "{shown}");
    assert_eq!(
        shown["links"][0]["state"], "withdrawn",
        "the block has withdrawn it: {shown}"
    );
    assert!(reader.place.run("audit verify").ends_with("exit 0"));
}

#[test]
fn sign_in_to_applications() {
    let mut reader = Reader::new();
    let guide = include_str!("../../../../docs/guides/sign-in-to-applications.md");
    let done = reader.follow(guide);
    assert!(done >= 3, "only {done} blocks");
    let shown = reader.place.json("connection sign-in show Wiki");
    assert_eq!(
        (&shown["enabled"], &shown["algorithm"]),
        (&true.into(), &"RS256".into()),
        "{shown}"
    );
    assert!(reader.place.run("audit verify").ends_with("exit 0"));
}

/// What stands in a guide between backticks and begins with the program's name.
fn commands(guide: &str) -> Vec<&str> {
    let inline = guide.split('`').skip(1).step_by(2);
    inline.filter(|text| text.starts_with("provost ")).collect()
}

#[test]
fn the_commands_that_a_guide_only_mentions_exist() {
    let place = Place::empty();
    let guide = concat!(
        include_str!("../../../../docs/guides/microsoft-365.md"),
        include_str!("../../../../docs/guides/move-microsoft-365.md"),
        include_str!("../../../../docs/guides/people-sign-in.md"),
        include_str!("../../../../docs/guides/sign-in-to-applications.md"),
    );
    let shown = blocks(guide);
    let shown = shown.iter().filter(|block| block.kind == "text");
    let shown = shown
        .flat_map(|block| block.text.lines())
        .filter(|line| line.starts_with("provost "));
    let mentioned: Vec<&str> = commands(guide).into_iter().chain(shown).collect();
    assert!(mentioned.len() > 10, "{mentioned:?}");
    for line in mentioned {
        let all = words(line);
        // The command itself: plain words in small letters, up to the first name or option.
        let is_word = |word: &&String| {
            word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
        };
        let command: Vec<&str> = all
            .iter()
            .skip(1)
            .take_while(is_word)
            .map(String::as_str)
            .collect();
        let help = place.run(&format!("{} --help", command.join(" ")));
        assert!(help.ends_with("exit 0"), "{line}: {help}");
        for option in all.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(option.as_str()), "{line}: {option}");
        }
    }
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
