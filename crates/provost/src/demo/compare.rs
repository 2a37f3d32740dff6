//! Whether a target holds what the directory holds, by reading both: our links are not asked.

use super::contoso::ENTERPRISE;
use anyhow::Result;
use m365_sim::Simulator;
use provost_engine::object::Kind;
use provost_store::directory::{self, Range};
use provost_store::{Db, Tx, member};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long reading a whole directory may take.
const READ: Duration = Duration::from_secs(30);

/// A person's values in words that all three systems share.
type Person = BTreeMap<&'static str, String>;

/// What a system holds, with people called by their user names everywhere.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Snapshot {
    people: BTreeMap<String, Person>,
    groups: BTreeMap<String, BTreeSet<String>>,
    /// What is wrong with the system itself, such as somebody who was made twice.
    wrong: Vec<String>,
}

/// Where a value stands in a SCIM resource and in a Graph user.
const VALUES: [(&str, &str, &str); 11] = [
    ("display name", "/displayName", "displayName"),
    ("given name", "/name/givenName", "givenName"),
    ("family name", "/name/familyName", "surname"),
    ("title", "/title", "jobTitle"),
    ("language", "/preferredLanguage", "preferredLanguage"),
    ("department", "/ENTERPRISE/department", "department"),
    ("employee number", "/ENTERPRISE/employeeNumber", "employeeId"),
    ("mobile phone", "/phoneNumbers/0/value", "mobilePhone"),
    ("city", "/addresses/0/locality", "city"),
    ("country", "/addresses/0/country", "country"),
    ("usage location", "/addresses/0/country", "usageLocation"),
];

/// Only a SCIM application gets this value: Microsoft 365 makes addresses itself.
const MAIL: (&str, &str) = ("mail", "/emails/0/value");
/// The link key: the directory's id, by which an account is found again.
const LINK_KEY: &str = "link key";

/// What a Provost database holds: the hub's own, or that of the sample application.
///
/// `is_target`: the link key is the external id that was written there, not the id.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn of_database(db: &Db, workspace: i64, is_target: bool) -> Result<Snapshot> {
    let read = db.read_within(READ, move |tx| {
        let people = objects(tx, workspace, Kind::Person)?;
        let names: BTreeMap<i64, String> = people
            .iter()
            .map(|one| (one.key, text(&one.document, "/userName")))
            .collect();
        let by_id: BTreeMap<&str, &str> = people
            .iter()
            .map(|one| (one.id.as_str(), names[&one.key].as_str()))
            .collect();
        let mut snapshot = Snapshot::default();
        for one in &people {
            snapshot
                .people
                .insert(names[&one.key].clone(), scim_person(one, &by_id, is_target));
        }
        for group in objects(tx, workspace, Kind::Group)? {
            let members = member::keys(tx, group.key)?;
            let named = members
                .iter()
                .map(|key| names.get(key).cloned().unwrap_or_else(|| format!("key {key}")));
            snapshot
                .groups
                .insert(text(&group.document, "/displayName"), named.collect());
        }
        Ok::<_, provost_store::Error>(snapshot)
    });
    Ok(read.await?)
}

struct Object {
    key: i64,
    id: String,
    document: Value,
}

fn objects(tx: &mut Tx, workspace: i64, kind: Kind) -> provost_store::Result<Vec<Object>> {
    let range = Range {
        after: 0,
        upto: directory::highest_key(tx)?,
    };
    let mut all = Vec::new();
    directory::for_each(tx, workspace, kind, range, |row| {
        let damaged = |error: serde_json::Error| provost_store::Error::Damaged(error.to_string());
        let document = serde_json::from_str(row.document()?).map_err(damaged)?;
        all.push(Object {
            key: row.key()?,
            id: row.id()?.to_string(),
            document,
        });
        Ok(())
    })?;
    Ok(all)
}

fn scim_person(one: &Object, by_id: &BTreeMap<&str, &str>, is_target: bool) -> Person {
    let document = &one.document;
    let mut person = Person::new();
    for (name, pointer, _) in VALUES {
        put(
            &mut person,
            name,
            text(document, &pointer.replace("ENTERPRISE", ENTERPRISE)),
        );
    }
    put(&mut person, MAIL.0, text(document, MAIL.1));
    let manager = text(document, &format!("/{ENTERPRISE}/manager/value"));
    put(&mut person, "manager", named(by_id, &manager));
    person.insert("active", (document["active"] != Value::Bool(false)).to_string());
    person.insert(
        LINK_KEY,
        if is_target {
            text(document, "/externalId")
        } else {
            one.id.clone()
        },
    );
    person
}

/// What the simulated Microsoft 365 holds.
pub(super) fn of_microsoft_365(simulator: &Simulator) -> Snapshot {
    let users = simulator.users();
    let names: BTreeMap<String, String> = users
        .iter()
        .map(|user| (text(user, "/id"), text(user, "/userPrincipalName")))
        .collect();
    let by_id: BTreeMap<&str, &str> = names
        .iter()
        .map(|(id, name)| (id.as_str(), name.as_str()))
        .collect();
    let mut snapshot = Snapshot {
        wrong: made_twice(&simulator.creations()),
        ..Snapshot::default()
    };
    for user in &users {
        let mut person = Person::new();
        for (name, _, property) in VALUES {
            put(&mut person, name, text(user, &format!("/{property}")));
        }
        put(&mut person, "manager", named(&by_id, &text(user, "/manager")));
        person.insert(
            "active",
            (user["accountEnabled"] == Value::Bool(true)).to_string(),
        );
        person.insert(LINK_KEY, text(user, "/onPremisesImmutableId"));
        snapshot.people.insert(text(user, "/userPrincipalName"), person);
    }
    for group in simulator.groups() {
        let members = simulator.members(&text(&group, "/id"));
        let members = members.iter().map(|id| named(&by_id, id)).collect();
        let name = text(&group, "/displayName");
        if snapshot.groups.insert(name.clone(), members).is_some() {
            snapshot.wrong.push(format!("the group {name} exists twice"));
        }
    }
    snapshot
}

fn made_twice(creations: &[String]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    creations
        .iter()
        .filter(|name| !seen.insert(*name))
        .map(|name| format!("{name} was created twice"))
        .collect()
}

/// Ids differ between systems, names must not.
fn named(by_id: &BTreeMap<&str, &str>, id: &str) -> String {
    match by_id.get(id) {
        Some(name) => (*name).to_owned(),
        None if id.is_empty() => String::new(),
        None => format!("unknown {id}"),
    }
}

fn put(person: &mut Person, name: &'static str, value: String) {
    if !value.is_empty() {
        person.insert(name, value);
    }
}

fn text(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// One kind of thing, counted on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Count {
    /// In the directory.
    pub directory: usize,
    /// In the target.
    pub target: usize,
    /// Whether every value is the same.
    pub equal: bool,
}

/// A target beside the directory.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Comparison {
    /// People with all their values.
    pub people: Count,
    /// Groups by name.
    pub groups: Count,
    /// Who is in which group.
    pub memberships: Count,
    /// What differs, in words; the first few.
    pub differences: Vec<String>,
}

/// How many differences are told.
const TOLD: usize = 20;

impl Snapshot {
    /// Leaves the values out that are not written to Microsoft 365.
    pub fn for_microsoft_365(mut self) -> Self {
        for person in self.people.values_mut() {
            person.remove(MAIL.0);
        }
        self
    }

    fn memberships(&self) -> BTreeSet<(&str, &str)> {
        self.groups
            .iter()
            .flat_map(|(group, members)| pairs(group, members))
            .collect()
    }
}

/// A group's memberships, each with the group's name.
fn pairs<'a>(group: &'a str, members: &'a BTreeSet<String>) -> impl Iterator<Item = (&'a str, &'a str)> {
    members.iter().map(move |one| (group, one.as_str()))
}

impl Comparison {
    /// Compares a target with the directory.
    pub fn of(directory: &Snapshot, target: &Snapshot) -> Self {
        let (wanted, found) = (directory.memberships(), target.memberships());
        let names = |snapshot: &Snapshot| snapshot.groups.keys().cloned().collect::<BTreeSet<_>>();
        let count = |directory: usize, target: usize, equal: bool| Count {
            directory,
            target,
            equal,
        };
        Self {
            people: count(
                directory.people.len(),
                target.people.len(),
                directory.people == target.people && target.wrong.is_empty(),
            ),
            groups: count(
                directory.groups.len(),
                target.groups.len(),
                names(directory) == names(target),
            ),
            memberships: count(wanted.len(), found.len(), wanted == found),
            differences: differences(directory, target),
        }
    }

    /// Whether the target agrees with the directory in everything.
    pub fn equal(&self) -> bool {
        self.people.equal && self.groups.equal && self.memberships.equal
    }
}

fn differences(directory: &Snapshot, target: &Snapshot) -> Vec<String> {
    let mut told = target.wrong.clone();
    for name in directory
        .people
        .keys()
        .chain(target.people.keys())
        .collect::<BTreeSet<_>>()
    {
        match (directory.people.get(name), target.people.get(name)) {
            (Some(wanted), Some(found)) => told.extend(values_apart(name, wanted, found)),
            (Some(_), None) => told.push(format!("{name} is missing")),
            (None, _) => told.push(format!("{name} is not in the directory")),
        }
    }
    let none = BTreeSet::new();
    for name in directory
        .groups
        .keys()
        .chain(target.groups.keys())
        .collect::<BTreeSet<_>>()
    {
        let members = |snapshot: &'_ Snapshot| snapshot.groups.get(name).cloned();
        match (members(directory), members(target)) {
            (Some(_), None) => told.push(format!("the group {name} is missing")),
            (None, _) => told.push(format!("the group {name} is not in the directory")),
            (Some(wanted), found) => {
                let found = found.as_ref().unwrap_or(&none);
                told.extend(
                    wanted
                        .difference(found)
                        .map(|one| format!("{one} is missing in {name}")),
                );
                told.extend(
                    found
                        .difference(&wanted)
                        .map(|one| format!("{one} should not be in {name}")),
                );
            }
        }
    }
    told.truncate(TOLD);
    told
}

fn values_apart(name: &str, wanted: &Person, found: &Person) -> Vec<String> {
    let values = wanted.keys().chain(found.keys()).collect::<BTreeSet<_>>();
    let apart = values
        .into_iter()
        .filter(|value| wanted.get(*value) != found.get(*value));
    apart
        .map(|value| {
            let show = |person: &Person| {
                person
                    .get(value)
                    .map_or("nothing".to_owned(), |text| format!("\"{text}\""))
            };
            format!("{name}: {value} is {}, not {}", show(found), show(wanted))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(title: &str, members: &[&str]) -> Snapshot {
        let person = Person::from([("title", title.to_owned()), ("active", "true".to_owned())]);
        Snapshot {
            people: BTreeMap::from([("a@contoso.example".to_owned(), person)]),
            groups: BTreeMap::from([(
                "Sales".to_owned(),
                members.iter().map(|one| (*one).to_owned()).collect(),
            )]),
            wrong: Vec::new(),
        }
    }

    #[test]
    fn the_same_is_equal() {
        let one = snapshot("Clerk", &["a@contoso.example"]);
        let compared = Comparison::of(&one, &one.clone());
        assert!(compared.equal() && compared.differences.is_empty());
    }

    #[test]
    fn one_value_one_member_or_one_twin_is_enough_to_differ() {
        let one = snapshot("Clerk", &["a@contoso.example"]);
        let other = Comparison::of(&one, &snapshot("Lead", &["a@contoso.example"]));
        assert_eq!(
            other.differences,
            ["a@contoso.example: title is \"Lead\", not \"Clerk\""]
        );
        assert!(!other.people.equal && other.memberships.equal);
        let other = Comparison::of(&one, &snapshot("Clerk", &[]));
        assert_eq!(other.differences, ["a@contoso.example is missing in Sales"]);
        assert!(other.people.equal && !other.memberships.equal);
        let twin = Snapshot {
            wrong: made_twice(&["x".to_owned(), "x".to_owned()]),
            ..one.clone()
        };
        assert!(!Comparison::of(&one, &twin).equal());
    }

    #[test]
    fn a_target_without_the_group_or_the_person_differs() {
        let compared = Comparison::of(&snapshot("Clerk", &[]), &Snapshot::default());
        assert_eq!(
            compared.differences,
            ["a@contoso.example is missing", "the group Sales is missing"]
        );
        assert!(!compared.groups.equal);
    }
}
