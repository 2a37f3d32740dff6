//! At a quiet point: does the target hold what the oracle says, and nothing of it twice?

use super::configuration::{Remove, Vanished};
use super::oracle::Oracle;
use crate::model::{KEY, World as Held};
use provost_engine::object::Kind;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What does not agree. `unsure` are keys of people whose create may have happened without anybody hearing of it.
pub fn faults(oracle: &Oracle, held: &Held, unsure: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let tables = &oracle.tables;
    for (key, person) in &tables.people {
        let link = tables.link(Kind::Person, *key);
        let account = link.and_then(|link| held.people.get(&link.target_id));
        let name = person.user_name();
        if oracle.wants(*key) {
            match account {
                None if is_excused(oracle, held, *key, &name) => {}
                None => faults.push(format!(
                    "convergence: {name} is wanted and has no account (link {link:?})"
                )),
                Some(record) => compare(oracle, *key, record, &mut faults),
            }
        } else if let Some(record) = account {
            if oracle.is_in_scope(*key) {
                compare(oracle, *key, record, &mut faults);
            } else {
                gone(oracle, *key, &name, record, &mut faults);
            }
        } else if link.is_none() {
            orphan(held, &person.id, &name, unsure, &mut faults);
        }
    }
    for link in tables.links_of(Kind::Person) {
        if let (false, Some(record)) = (
            tables.people.contains_key(&link.object),
            held.people.get(&link.target_id),
        ) {
            gone(oracle, link.object, &link.label, record, &mut faults);
        }
    }
    groups(oracle, held, &mut faults);
    faults
}

/// Somebody else has the account that would be theirs, or a person has to decide.
fn is_excused(oracle: &Oracle, held: &Held, key: i64, name: &str) -> bool {
    let tables = &oracle.tables;
    let id = &tables.people[&key].id;
    let is_other = |account: &String| {
        tables
            .owner(Kind::Person, account)
            .is_some_and(|owner| owner != key)
    };
    let is_his = |record: &BTreeMap<String, Value>| {
        let named = record
            .get("userName")
            .and_then(Value::as_str)
            .map(str::to_lowercase);
        named.as_deref() == Some(name) || record.get(KEY) == Some(&json!(id))
    };
    let is_taken = held
        .people
        .iter()
        .any(|(account, record)| is_other(account) && is_his(record));
    let matches = held.people.values().filter(|record| is_his(record)).count();
    let waits = oracle.shape.vanished == Vanished::Fail && tables.link(Kind::Person, key).is_some();
    is_taken || matches > 1 || waits
}

fn compare(oracle: &Oracle, key: i64, record: &BTreeMap<String, Value>, faults: &mut Vec<String>) {
    let name = oracle.tables.people[&key].user_name();
    for (attribute, expected) in oracle.record(key) {
        let found = record.get(attribute).cloned().unwrap_or_default();
        if found != expected {
            faults.push(format!(
                "convergence: {name}: {attribute} is {found}, not {expected}"
            ));
        }
    }
}

fn gone(oracle: &Oracle, key: i64, name: &str, record: &BTreeMap<String, Value>, faults: &mut Vec<String>) {
    match oracle.farewell(key) {
        Remove::Leave => {}
        Remove::Delete => faults.push(format!("convergence: {name} left and still has an account")),
        Remove::Disable if record.get("active") == Some(&json!(false)) => {}
        Remove::Disable => faults.push(format!("convergence: {name} left and the account is open")),
    }
}

/// An account that was made for somebody who is not linked.
fn orphan(held: &Held, id: &str, name: &str, unsure: &BTreeSet<String>, faults: &mut Vec<String>) {
    let made = held
        .people
        .values()
        .find(|record| record.get(KEY) == Some(&json!(id)));
    if made.is_some_and(|record| record.get("active") != Some(&json!(false))) && !unsure.contains(id) {
        faults.push(format!(
            "convergence: {name} is not wanted and not linked, but has an account"
        ));
    }
}

fn groups(oracle: &Oracle, held: &Held, faults: &mut Vec<String>) {
    let tables = &oracle.tables;
    for (key, (_, name)) in &tables.groups {
        let link = tables
            .link(Kind::Group, *key)
            .filter(|link| held.groups.contains_key(&link.target_id));
        match (oracle.wants_group(*key), link) {
            (true, None) => {
                let is_fixed =
                    oracle.shape.vanished == Vanished::Fail && tables.link(Kind::Group, *key).is_some();
                let is_named =
                    |record: &BTreeMap<String, Value>| record.get("displayName") == Some(&json!(name));
                let is_taken = held.groups.values().any(is_named);
                if !is_fixed && !is_taken {
                    faults.push(format!("convergence: {name} is wanted and is not there"));
                }
            }
            (true, Some(link)) => {
                if held.groups[&link.target_id].get("displayName") != Some(&json!(name)) {
                    faults.push(format!("convergence: {name} has another name"));
                }
                members(oracle, held, *key, name, &link.target_id, faults);
            }
            (false, Some(_)) if !oracle.preference.skip => {
                faults.push(format!("convergence: {name} is not wanted and is there"));
            }
            _ => {}
        }
    }
    for link in tables.links_of(Kind::Group) {
        if !tables.groups.contains_key(&link.object) && held.groups.contains_key(&link.target_id) {
            faults.push(format!("convergence: {} was deleted and is there", link.label));
        }
    }
}

fn members(oracle: &Oracle, held: &Held, group: i64, name: &str, id: &str, faults: &mut Vec<String>) {
    let tables = &oracle.tables;
    let account = |person: &i64| {
        tables
            .link(Kind::Person, *person)
            .map(|link| link.target_id.clone())
    };
    let is_there = |id: &String| held.people.contains_key(id);
    let wanted: BTreeSet<String> = oracle
        .people_in(group)
        .iter()
        .filter_map(account)
        .filter(is_there)
        .collect();
    let is_ours = |id: &&String| tables.owner(Kind::Person, id).is_some();
    let found = held.members.get(id).cloned().unwrap_or_default();
    let found: BTreeSet<String> = found.iter().filter(is_ours).cloned().collect();
    if found != wanted {
        faults.push(format!(
            "convergence: the members of {name} are {found:?}, not {wanted:?}"
        ));
    }
}

/// One person has one account, one account has one person, and every link names an account that was there.
pub fn twins(oracle: &Oracle, held: &Held, ever: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for records in [&held.people, &held.groups] {
        let mut keys = BTreeSet::new();
        for key in records.values().filter_map(|record| record.get(KEY)) {
            if !keys.insert(key.to_string()) {
                faults.push(format!("twin: two accounts were made for {key}"));
            }
        }
    }
    let mut accounts = BTreeMap::new();
    for (kind, link) in &oracle.tables.links {
        if let Some(other) = accounts.insert((*kind as u8, &link.target_id), link.object) {
            faults.push(format!(
                "links: {} belongs to {other} and {}",
                link.target_id, link.object
            ));
        }
        if !ever.contains(&link.target_id) {
            faults.push(format!("links: {} was never there", link.target_id));
        }
    }
    faults
}
