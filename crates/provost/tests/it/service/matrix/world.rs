//! Three providers with people and groups: us, a neighbour in the same workspace, a stranger in another one.

use super::Hub;
use crate::service::http::{Answer, Client, ENTERPRISE};
use serde_json::json;
use std::cell::Cell;

/// Stands in everything that others own, and must never be answered to us.
pub const SECRET: &str = "Secretive";
/// What our own objects are called, with four digits behind it.
pub const NAME: &str = "probe-";

pub struct World {
    pub us: Client,
    pub neighbour: Client,
    pub stranger: Client,
    foreign: Vec<String>,
    made: Cell<u32>,
    /// `GET` or `HEAD`: how rows read.
    pub reading: Cell<&'static str>,
}

impl World {
    pub fn new(hub: &Hub) -> Self {
        let us = hub.provider("Us --rate 0");
        let neighbour = hub.provider("Neighbour --rate 0");
        let stranger = hub.provider_in("Elsewhere", "Stranger --rate 0");
        let mut foreign = Vec::new();
        for (client, name) in [(&neighbour, "neighbour"), (&stranger, "stranger")] {
            foreign.extend(filled(client, name));
        }
        Self {
            us,
            neighbour,
            stranger,
            foreign,
            made: Cell::new(1000),
            reading: Cell::new("GET"),
        }
    }

    /// Our reading request.
    pub fn get(&self, path: &str) -> Answer {
        self.read(path, &[], "")
    }

    /// The same with headers.
    pub fn read(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.us.call(self.reading.get(), path, headers, body)
    }

    /// A person and a group of each of the others.
    pub fn foreign_ids(&self) -> impl Iterator<Item = &str> {
        self.foreign.iter().map(String::as_str)
    }

    /// Everything that the others own, as they see it.
    pub fn others(&self) -> Vec<String> {
        let all = [&self.neighbour, &self.stranger].into_iter();
        all.flat_map(|client| ["/Users", "/Groups"].map(|path| client.get(path).text))
            .collect()
    }

    /// A name that was not used before.
    pub fn name(&self) -> String {
        self.made.set(self.made.get() + 1);
        format!("{NAME}{}", self.made.get())
    }

    /// A person of ours; the number tells apart several in one request.
    pub fn person(&self, number: usize) -> String {
        let name = format!("{}.{number}@contoso.example", self.name());
        self.us.make(
            "/Users",
            &json!({"userName": name, ENTERPRISE: {"department": "D"}}),
        )
    }

    /// A group of ours with one member.
    pub fn group(&self) -> String {
        let member = self.person(0);
        self.us.make(
            "/Groups",
            &json!({"displayName": self.name(), "members": [{"value": member}]}),
        )
    }
}

/// Two people, one managing the other, and a group with both: the ids of one person and of the group.
fn filled(client: &Client, name: &str) -> [String; 2] {
    let boss = client.make(
        "/Users",
        &json!({"userName": format!("boss.{name}@contoso.example"), "displayName": SECRET}),
    );
    let person = client.make("/Users", &json!({
        "userName": format!("{name}@contoso.example"), "displayName": SECRET, "title": SECRET, "externalId": format!("{SECRET}-{name}"),
        ENTERPRISE: {"manager": {"value": boss}},
    }));
    let group = client.make(
        "/Groups",
        &json!({"displayName": format!("{SECRET} {name}"), "members": [{"value": person}, {"value": boss}]}),
    );
    [person, group]
}
