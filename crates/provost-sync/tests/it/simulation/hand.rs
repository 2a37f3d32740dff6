//! What people do in the target by hand, and what must stay as they left it.

use super::hostile::Hostile;
use super::source::{Source, user_name};
use super::step::{Meddling, Who};
use crate::model::World as Held;
use provost_engine::object::Kind;
use provost_store::link;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Attributes that the rules never write to an account that is there.
const UNMANAGED: [&str; 2] = ["phone", "nick"];

#[derive(Default)]
pub struct Hand {
    made: u32,
    /// What nobody may touch, by account and attribute.
    left: BTreeMap<(String, &'static str), Value>,
}

impl Hand {
    /// Does something by hand; answers the ids of what was touched.
    pub async fn meddle(&mut self, source: &Source, hostile: &Hostile, meddling: Meddling) -> Vec<String> {
        let account = match meddling {
            Meddling::Title(p) | Meddling::Phone(p) | Meddling::Switch(p) => id(source, Who::Person(p)).await,
            Meddling::Lose(who) => id(source, who).await,
            Meddling::AddMember(group, _) | Meddling::RemoveMember(group, _) => {
                id(source, Who::Group(group)).await
            }
            Meddling::Outsider(Some(group)) => id(source, Who::Group(group)).await,
            Meddling::Twin(_) | Meddling::Outsider(None) => None,
        };
        let person = match meddling {
            Meddling::AddMember(_, p) | Meddling::RemoveMember(_, p) => id(source, Who::Person(p)).await,
            _ => None,
        };
        self.made += 1;
        let mut held = source.world.held();
        match (meddling, &account, person) {
            (Meddling::Twin(place), ..) => {
                let name = user_name(place, false);
                if !held
                    .people
                    .values()
                    .any(|r| r.get("userName") == Some(&json!(name)))
                {
                    held.plant(
                        Kind::Person,
                        json!({"userName": name, "active": self.made.is_multiple_of(2)}),
                    );
                }
            }
            (Meddling::Outsider(_), group, _) => {
                let record =
                    json!({"userName": format!("local{}", self.made), "active": true, "title": "Local"});
                let outsider = held.plant(Kind::Person, record);
                if let Some(group) = group.as_ref().filter(|id| held.groups.contains_key(*id)) {
                    held.members
                        .entry(group.clone())
                        .or_default()
                        .insert(outsider.clone());
                }
                hostile.add_outsider(outsider);
            }
            (Meddling::AddMember(..), Some(group), Some(person)) if held.groups.contains_key(group) => {
                held.members.entry(group.clone()).or_default().insert(person);
            }
            (Meddling::RemoveMember(..), Some(group), Some(person)) if held.groups.contains_key(group) => {
                held.members.entry(group.clone()).or_default().remove(&person);
            }
            (Meddling::Lose(_), Some(id), _) => lose(&mut held, id),
            (Meddling::Title(_), Some(id), _) => set(&mut held, id, "title", json!("by hand")),
            (Meddling::Phone(_), Some(id), _) => {
                set(&mut held, id, "phone", json!(format!("+49 {}", self.made)))
            }
            (Meddling::Switch(_), Some(id), _) => {
                let is_open = held
                    .people
                    .get(id)
                    .is_some_and(|r| r.get("active") == Some(&json!(true)));
                set(&mut held, id, "active", json!(!is_open));
            }
            _ => {}
        }
        account.into_iter().collect()
    }

    /// Takes note of what nobody may touch from now on.
    pub fn see(&mut self, held: &Held) {
        self.left.clear();
        for (id, record) in &held.people {
            for name in UNMANAGED {
                let value = record.get(name).cloned().unwrap_or_default();
                self.left.insert((id.clone(), name), value);
            }
        }
    }

    /// What was touched since.
    pub fn touched(&self, held: &Held) -> Vec<String> {
        let mut wrong = Vec::new();
        for ((id, name), left) in &self.left {
            let Some(record) = held.people.get(id) else {
                continue;
            };
            let now = record.get(*name).cloned().unwrap_or_default();
            if now != *left {
                wrong.push(format!("frame: {name} of {id} was {left} and is {now}"));
            }
        }
        wrong
    }
}

/// The account of who is, or was last, in a place.
async fn id(source: &Source, who: Who) -> Option<String> {
    let (connection, key) = (source.world.connection, source.key_at(who)?);
    source
        .world
        .read(move |tx| link::target_of_key(tx, connection, key))
        .await
}

fn set(held: &mut Held, id: &str, name: &str, value: Value) {
    if let Some(record) = held.people.get_mut(id) {
        record.insert(name.to_owned(), value);
    }
}

fn lose(held: &mut Held, id: &str) {
    held.people.remove(id);
    held.groups.remove(id);
    held.members.remove(id);
    held.members.values_mut().for_each(|members| {
        members.remove(id);
    });
}
