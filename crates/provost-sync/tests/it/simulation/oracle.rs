//! What the target has to hold, told in another way than the engine tells it: from what is in the store's tables
//! and from the few choices that a world's rules have.

use super::configuration::{ENTERPRISE, Preference, Remove, Shape, Title};
use crate::world::World;
use provost_engine::object::Kind;
use provost_store::directory::{self, Range};
use provost_store::link::{self, Link};
use provost_store::staged::{self, Decision};
use provost_store::{Tx, assignment, member, protection, retry, rule};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Somebody in the directory.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: String,
    pub document: Value,
}

impl Person {
    fn text(&self, name: &str) -> Option<&str> {
        self.document.get(name)?.as_str()
    }

    fn enterprise(&self, name: &str) -> Option<&Value> {
        self.document.get(ENTERPRISE)?.get(name)
    }

    pub fn user_name(&self) -> String {
        self.text("userName").unwrap().to_lowercase()
    }
}

/// The store's tables at one moment.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    pub people: BTreeMap<i64, Person>,
    /// Groups by key, with id and name.
    pub groups: BTreeMap<i64, (String, String)>,
    pub members: BTreeMap<i64, BTreeSet<i64>>,
    pub assigned: BTreeSet<i64>,
    pub protected: BTreeSet<i64>,
    pub links: Vec<(Kind, Link)>,
    /// What waits for a person, or is approved, as object, member and action.
    pub staged: Vec<(i64, i64, String, Decision)>,
    pub retries: i64,
}

impl Tables {
    pub async fn read(world: &World) -> Self {
        let (space, connection) = (world.owner.workspace, world.connection);
        world.read(move |tx| read(tx, space, connection)).await
    }

    pub fn links_of(&self, kind: Kind) -> impl Iterator<Item = &Link> {
        self.links
            .iter()
            .filter(move |(k, _)| *k == kind)
            .map(|(_, link)| link)
    }

    pub fn link(&self, kind: Kind, object: i64) -> Option<&Link> {
        self.links_of(kind).find(|link| link.object == object)
    }

    pub fn owner(&self, kind: Kind, target_id: &str) -> Option<i64> {
        self.links_of(kind)
            .find(|link| link.target_id == target_id)
            .map(|link| link.object)
    }
}

fn read(tx: &mut Tx, space: i64, connection: i64) -> provost_store::Result<Tables> {
    let mut tables = Tables::default();
    let all = Range {
        after: 0,
        upto: i64::MAX,
    };
    directory::for_each(tx, space, Kind::Person, all, |row| {
        let (id, document) = (row.id()?.to_string(), row.value()?);
        tables.people.insert(row.key()?, Person { id, document });
        Ok(())
    })?;
    directory::for_each(tx, space, Kind::Group, all, |row| {
        tables
            .groups
            .insert(row.key()?, (row.id()?.to_string(), row.label()?.to_owned()));
        Ok(())
    })?;
    for group in tables.groups.keys() {
        let peers = member::of_group(tx, *group, 0, 10_000)?;
        tables
            .members
            .insert(*group, peers.into_iter().map(|peer| peer.key).collect());
    }
    tables.assigned = assignment::set(tx, connection)?.into_iter().collect();
    tables.protected = protection::set(tx, space, connection)?.into_iter().collect();
    for stored in rule::of_connection(tx, connection)? {
        let links = link::in_range(tx, stored.key, all)?;
        tables
            .links
            .extend(links.into_iter().map(|link| (stored.kind, link)));
    }
    for step in staged::list(tx, connection, 10_000)? {
        tables
            .staged
            .push((step.object, step.member, step.action, step.decision));
    }
    tables.retries = retry::list(tx, connection, 10_000)?.len() as i64;
    Ok(tables)
}

/// What follows from the tables.
#[derive(Debug, Clone)]
pub struct Oracle {
    pub tables: Tables,
    pub shape: Shape,
    pub preference: Preference,
}

impl Oracle {
    /// The people of a group, and with nested groups those of the groups in it.
    pub fn people_in(&self, group: i64) -> BTreeSet<i64> {
        let (mut people, mut seen, mut open) = (BTreeSet::new(), BTreeSet::from([group]), vec![group]);
        while let Some(group) = open.pop() {
            for member in self.tables.members.get(&group).into_iter().flatten() {
                if self.tables.people.contains_key(member) {
                    people.insert(*member);
                } else if self.preference.nested
                    && self.tables.groups.contains_key(member)
                    && seen.insert(*member)
                {
                    open.push(*member);
                }
            }
        }
        people
    }

    fn is_assigned(&self, person: i64) -> bool {
        let assigned = &self.tables.assigned;
        let through = |group: &i64| assigned.contains(group) && self.people_in(*group).contains(&person);
        !self.preference.assigned || assigned.contains(&person) || self.tables.groups.keys().any(through)
    }

    /// Whether a person is in the directory and in scope.
    pub fn is_in_scope(&self, person: i64) -> bool {
        let Some(found) = self.tables.people.get(&person) else {
            return false;
        };
        self.is_assigned(person) && (!self.shape.scoped || found.text("userType") == Some("Employee"))
    }

    /// Whether a person is to have an account that may be used.
    pub fn wants(&self, person: i64) -> bool {
        let is_active = self
            .tables
            .people
            .get(&person)
            .is_some_and(|p| p.document["active"] == json!(true));
        is_active && self.is_in_scope(person)
    }

    pub fn wants_group(&self, group: i64) -> bool {
        let is_assigned = !self.preference.assigned || self.tables.assigned.contains(&group);
        self.tables.groups.contains_key(&group) && is_assigned
    }

    /// What becomes of the account of somebody who is out of scope, or gone from the directory.
    pub fn farewell(&self, person: i64) -> Remove {
        let closed = if self.shape.may_delete {
            Remove::Delete
        } else {
            Remove::Disable
        };
        match self.tables.people.contains_key(&person) {
            false => closed,
            true if self.preference.skip => Remove::Leave,
            true if self.shape.remove == Remove::Delete => closed,
            true => self.shape.remove,
        }
    }

    /// What an account must hold: null for an attribute that must not be there. An attribute that is not named may
    /// be anything.
    pub fn record(&self, person: i64) -> BTreeMap<&'static str, Value> {
        let found = &self.tables.people[&person];
        let name = &found.document["userName"];
        let title = found.document.get("title").cloned();
        let mut record = BTreeMap::from([
            ("userName", name.clone()),
            ("displayName", found.document["displayName"].clone()),
            ("active", json!(self.wants(person))),
            (
                "department",
                found.enterprise("department").cloned().unwrap_or_default(),
            ),
        ]);
        let title = match self.shape.title {
            Title::Cleared => Some(title.unwrap_or_default()),
            Title::Kept => title,
            Title::Default => Some(title.unwrap_or(json!("Staff"))),
            Title::Expression => Some(json!(format!("{}!", name.as_str().unwrap()))),
            Title::Unmapped => None,
        };
        record.extend(title.map(|title| ("title", title)));
        record.extend(self.manager(person).map(|manager| ("manager", manager)));
        record
    }

    /// `None`: the manager has no account, and the reference waits.
    fn manager(&self, person: i64) -> Option<Value> {
        let Some(manager) = self.tables.people[&person].enterprise("manager") else {
            return Some(Value::Null);
        };
        let id = manager["value"].as_str().unwrap();
        let mut links = self.tables.links_of(Kind::Person);
        links
            .find(|link| link.object_id.to_string() == id)
            .map(|link| json!(link.target_id))
    }
}
