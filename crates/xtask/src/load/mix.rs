//! What an identity provider sends during a day: lookups mostly, some reads, few changes, fewer creates.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::connection::{Answer, Connection};
use super::random::Random;

/// What is sent; in this order in every report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A lookup by userName of somebody who is there.
    Filter,
    /// A read by id.
    Get,
    /// A change of `active` or `title`.
    Patch,
    /// A new person.
    Create,
}

impl Kind {
    /// Every kind with its share of a hundred requests.
    pub const SHARES: [(Kind, usize); 4] = [
        (Kind::Filter, 60),
        (Kind::Get, 20),
        (Kind::Patch, 12),
        (Kind::Create, 8),
    ];

    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Filter => "filter",
            Kind::Get => "get",
            Kind::Patch => "patch",
            Kind::Create => "create",
        }
    }

    fn drawn(random: &mut Random) -> Self {
        let mut at = random.below(100);
        for (kind, share) in Self::SHARES {
            match at.checked_sub(share) {
                Some(rest) => at = rest,
                None => return kind,
            }
        }
        Kind::Filter
    }
}

/// One request.
#[derive(Debug)]
pub struct Request {
    /// What it is.
    pub kind: Kind,
    /// The method.
    pub method: &'static str,
    /// The address below the base.
    pub path: String,
    /// The body; none when empty.
    pub body: String,
}

impl Request {
    /// Whether the answer is the one that was asked for: its status, or what is wrong with it.
    pub fn judged(&self, answer: io::Result<Answer>) -> Result<u16, String> {
        let answer = answer.map_err(|e| format!("no answer: {e}"))?;
        let text = String::from_utf8_lossy(&answer.body);
        let right = match self.kind {
            Kind::Filter => answer.status == 200 && text.contains("\"totalResults\":1,"),
            Kind::Get => answer.status == 200,
            Kind::Patch => matches!(answer.status, 200 | 204),
            Kind::Create => answer.status == 201,
        };
        if right {
            return Ok(answer.status);
        }
        Err(format!(
            "{}: {}",
            answer.status,
            text.chars().take(300).collect::<String>()
        ))
    }
}

/// One provider's people, and what is asked about them.
#[derive(Debug, Clone)]
pub struct Mix {
    provider: usize,
    token: String,
    /// `(userName, id)`.
    people: Arc<[(String, String)]>,
    /// Tells this run's creates from those of earlier ones: when it began.
    run: u64,
}

impl Mix {
    /// Reads a provider's people, and creates those that are missing.
    ///
    /// # Errors
    /// When the server refuses one, or does not list them as SCIM says.
    pub fn filled(connection: &mut Connection, provider: usize, wanted: usize) -> Result<Self> {
        let mut people = Vec::with_capacity(wanted);
        let mut total = list(connection, &mut people, wanted)?;
        while people.len() < wanted {
            let name = format!("p{provider:04}.u{:06}@contoso.example", total);
            let created = ask(connection, "POST", "/Users".to_owned(), person(&name, total))?;
            let id = created["id"].as_str().context("a person without an id")?;
            people.push((name, id.to_owned()));
            total += 1;
        }
        Ok(Self {
            provider,
            token: connection.token().to_owned(),
            people: people.into(),
            run: SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
        })
    }

    /// Which provider this is, counted from 0.
    pub fn provider(&self) -> usize {
        self.provider
    }

    /// Its token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The next request; `number` counts the provider's requests.
    pub fn next(&mut self, random: &mut Random, number: usize) -> Request {
        let (name, id) = &self.people[random.below(self.people.len())];
        let kind = Kind::drawn(random);
        let (method, path, body) = match kind {
            Kind::Filter => (
                "GET",
                format!("/Users?filter=userName%20eq%20%22{}%22", name.replace('@', "%40")),
                String::new(),
            ),
            Kind::Get => ("GET", format!("/Users/{id}"), String::new()),
            Kind::Patch => ("PATCH", format!("/Users/{id}"), change(random, number)),
            Kind::Create => {
                let name = format!(
                    "p{:04}.r{:x}.n{number:06}@contoso.example",
                    self.provider, self.run
                );
                ("POST", "/Users".to_owned(), person(&name, number))
            }
        };
        Request {
            kind,
            method,
            path,
            body,
        }
    }
}

/// The people that a provider has, up to `wanted`; answers how many it has.
fn list(connection: &mut Connection, people: &mut Vec<(String, String)>, wanted: usize) -> Result<usize> {
    loop {
        let path = format!(
            "/Users?attributes=userName&startIndex={}&count=200",
            people.len() + 1
        );
        let page = ask(connection, "GET", path, String::new())?;
        let total = page["totalResults"]
            .as_u64()
            .context("a list without totalResults")? as usize;
        let found = page["Resources"].as_array().context("a list without Resources")?;
        for each in found {
            let (name, id) = (each["userName"].as_str(), each["id"].as_str());
            let (name, id) = name.zip(id).context("a person without userName or id")?;
            people.push((name.to_owned(), id.to_owned()));
        }
        people.truncate(wanted);
        if found.is_empty() || people.len() >= wanted.min(total) {
            return Ok(total);
        }
    }
}

fn ask(connection: &mut Connection, method: &'static str, path: String, body: String) -> Result<Value> {
    let request = Request {
        kind: Kind::Get,
        method,
        path,
        body,
    };
    let answer = connection.send(&request)?;
    if answer.status >= 300 {
        bail!(
            "{method} {}: {} {}",
            request.path,
            answer.status,
            String::from_utf8_lossy(&answer.body)
        );
    }
    Ok(serde_json::from_slice(&answer.body)?)
}

/// A change in the shape of Entra: half of them `active`, half of them `title`.
fn change(random: &mut Random, number: usize) -> String {
    let (path, value) = match random.below(4) {
        0 => ("active", json!("False")),
        1 => ("active", json!("True")),
        _ => ("title", json!(format!("Specialist {}", number % 1000))),
    };
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "Replace", "path": path, "value": value}],
    })
    .to_string()
}

/// A person of about a kilobyte, as Entra sends one with its default mappings.
fn person(name: &str, number: usize) -> String {
    let mut external = String::new();
    let _ = write!(
        external,
        "{number:08x}-4b1c-4d7e-9a5f-{:012x}",
        name.len() * 7919 + number
    );
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "userName": name, "externalId": external, "active": true, "displayName": format!("Anna Andersen {number:06}"),
        "title": "Senior Specialist", "preferredLanguage": "en-GB", "locale": "en-GB", "timezone": "Europe/Brussels",
        "name": {"formatted": "Anna Andersen", "givenName": "Anna", "familyName": "Andersen"},
        "emails": [{"value": name, "type": "work", "primary": true}],
        "phoneNumbers": [{"value": format!("+32 2 {number:08}"), "type": "work"}, {"value": format!("+32 470 {number:08}"), "type": "mobile"}],
        "addresses": [{"type": "work", "streetAddress": "Rue de la Loi 16", "locality": "Brussels", "region": "Brussels-Capital", "postalCode": "1000", "country": "BE"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": format!("{number:08}"), "department": "Engineering", "costCenter": "CC0017", "division": "EMEA"},
    })
    .to_string()
}
