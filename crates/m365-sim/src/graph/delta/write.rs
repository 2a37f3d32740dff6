//! The entries of a delta page.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use serde_json::{Map, Value, json};

use super::round::{At, Round};
use crate::call::Call;
use crate::directory::{Object, Serial, What};
use crate::query::Selection;
use crate::schema;

/// A page in the making.
pub(super) struct Page<'a> {
    call: &'a Call<'a>,
    round: &'a Round,
    properties: Selection,
    /// The most entries, and the most members in one entry.
    size: usize,
    minimal: bool,
    entries: Vec<Value>,
}

/// What the log says of one object within a page.
#[derive(Debug, Default)]
struct Happened {
    /// New, or back from the bin.
    appeared: bool,
    restored: bool,
    removed: bool,
    names: BTreeSet<Box<str>>,
    members: BTreeMap<Serial, bool>,
    owners: BTreeMap<Serial, bool>,
    /// The manager before the first change.
    manager: Option<Option<Serial>>,
}

impl<'a> Page<'a> {
    pub(super) fn new(call: &'a Call<'a>, round: &'a Round, size: usize) -> Page<'a> {
        let minimal = call.request.headers.prefers("return=minimal");
        Page {
            call,
            round,
            properties: round.properties(),
            size,
            minimal,
            entries: Vec::new(),
        }
    }

    pub(super) fn into_entries(self) -> Vec<Value> {
        self.entries
    }

    /// Objects as they are now. Answers where the next page begins, and whether this one was the last.
    pub(super) fn all(&mut self, after: Serial, member_after: Option<Serial>, begun: usize) -> (At, bool) {
        let directory = self.call.directory();
        if let (Some(told), Some(group)) = (member_after, directory.live(after))
            && let Some(told) = self.members_from(group, told)
        {
            return (
                At::All {
                    after,
                    member_after: Some(told),
                    begun,
                },
                false,
            );
        }
        let mut after = after;
        for serial in directory
            .serials(self.round.kind)
            .range((Bound::Excluded(after), Bound::Unbounded))
        {
            if self.entries.len() >= self.size {
                return (
                    At::All {
                        after,
                        member_after: None,
                        begun,
                    },
                    false,
                );
            }
            let Some(object) = directory
                .live(*serial)
                .filter(|object| self.round.wants(&object.id))
            else {
                continue;
            };
            after = *serial;
            if let Some(told) = self.whole(object) {
                return (
                    At::All {
                        after,
                        member_after: Some(told),
                        begun,
                    },
                    false,
                );
            }
        }
        (At::Since(begun), true)
    }

    /// One object with what it has, and its first members. Answers the last member told when there are more.
    fn whole(&mut self, object: &Object) -> Option<Serial> {
        let mut entry = self.properties(object, None);
        if self.round.follows("manager")
            && let Some(manager) = object.manager
        {
            entry.insert("manager@delta".to_owned(), json!([self.link(manager, true)]));
        }
        if self.round.follows("owners") && !object.owners.is_empty() {
            let owners: Vec<Value> = object
                .owners
                .iter()
                .map(|owner| self.link(*owner, true))
                .collect();
            entry.insert("owners@delta".to_owned(), json!(owners));
        }
        if !self.round.follows("members") || object.members.is_empty() {
            self.entries.push(Value::Object(entry));
            return None;
        }
        let first: Vec<Serial> = object.members.iter().copied().take(self.size).collect();
        let links: Vec<Value> = first.iter().map(|member| self.link(*member, true)).collect();
        entry.insert("members@delta".to_owned(), json!(links));
        self.entries.push(Value::Object(entry));
        first
            .last()
            .copied()
            .filter(|_| object.members.len() > first.len())
    }

    /// More entries of a group whose members do not fit into one. Answers the last member told when there are more.
    fn members_from(&mut self, group: &Object, told: Serial) -> Option<Serial> {
        let rest = group.members.range((Bound::Excluded(told), Bound::Unbounded));
        let part: Vec<Serial> = rest.copied().take(self.size + 1).collect();
        let more = part.len() > self.size;
        let part = part.get(..self.size.min(part.len())).unwrap_or_default();
        let links: Vec<Value> = part.iter().map(|member| self.link(*member, true)).collect();
        if !links.is_empty() {
            self.entries.push(json!({"id": group.id, "members@delta": links}));
        }
        part.last().copied().filter(|_| more)
    }

    /// What happened since a position. Answers where the next page begins, and whether this one was the last.
    pub(super) fn since(&mut self, position: usize) -> (At, bool) {
        let directory = self.call.directory();
        let log = directory.log().since(position);
        let mut order: Vec<Serial> = Vec::new();
        let mut happened: HashMap<Serial, Happened> = HashMap::new();
        let mut read = 0;
        for entry in log {
            let concerns = directory
                .id_of(entry.serial)
                .filter(|(kind, id)| *kind == self.round.kind && self.round.wants(id));
            if concerns.is_some() {
                if !happened.contains_key(&entry.serial) {
                    if order.len() >= self.size {
                        break;
                    }
                    order.push(entry.serial);
                }
                happened.entry(entry.serial).or_default().note(&entry.what);
            }
            read += 1;
        }
        for serial in order {
            if let Some(happened) = happened.remove(&serial) {
                self.changed(serial, happened);
            }
        }
        let next = position + read;
        (At::Since(next), next >= directory.log().end())
    }

    fn changed(&mut self, serial: Serial, mut happened: Happened) {
        let directory = self.call.directory();
        let Some((_, id)) = directory.id_of(serial) else {
            return;
        };
        let Some(object) = directory.live(serial) else {
            if happened.removed || happened.appeared {
                let reason = if directory.object(serial).is_some() {
                    "changed"
                } else {
                    "deleted"
                };
                self.entries
                    .push(json!({"id": id, "@removed": {"reason": reason}}));
            }
            return;
        };
        if happened.restored {
            happened
                .members
                .extend(object.members.iter().map(|member| (*member, true)));
            happened
                .owners
                .extend(object.owners.iter().map(|owner| (*owner, true)));
        }
        let followed = happened.appeared
            || happened
                .names
                .iter()
                .any(|name| self.follows_property(object, name));
        let only = (self.minimal && !happened.appeared).then_some(&happened.names);
        let mut entry = if followed {
            self.properties(object, only)
        } else {
            self.properties(object, Some(&BTreeSet::new()))
        };
        let mut worth_telling = followed;
        if self.round.follows("manager")
            && let Some(before) = happened.manager
        {
            entry.insert("manager@delta".to_owned(), self.manager(object, before));
            worth_telling = true;
        }
        if self.round.follows("owners") && !happened.owners.is_empty() {
            let links: Vec<Value> = happened
                .owners
                .iter()
                .map(|(owner, added)| self.link(*owner, *added))
                .collect();
            entry.insert("owners@delta".to_owned(), json!(links));
            worth_telling = true;
        }
        if self.round.follows("members") && !happened.members.is_empty() {
            self.with_members(entry, &happened.members);
        } else if worth_telling {
            self.entries.push(Value::Object(entry));
        }
    }

    /// The entry, repeated as often as its changed members need.
    fn with_members(&mut self, mut entry: Map<String, Value>, members: &BTreeMap<Serial, bool>) {
        let id = entry.get("id").cloned().unwrap_or_default();
        let links: Vec<Value> = members
            .iter()
            .map(|(member, added)| self.link(*member, *added))
            .collect();
        for part in links.chunks(self.size) {
            entry.insert("members@delta".to_owned(), json!(part));
            self.entries.push(Value::Object(std::mem::replace(
                &mut entry,
                Map::from_iter([("id".to_owned(), id.clone())]),
            )));
        }
    }

    fn manager(&self, object: &Object, before: Option<Serial>) -> Value {
        let gone = before
            .filter(|before| Some(*before) != object.manager)
            .map(|before| self.link(before, false));
        let now = object.manager.map(|manager| self.link(manager, true));
        json!(gone.into_iter().chain(now).collect::<Vec<_>>())
    }

    fn follows_property(&self, object: &Object, name: &str) -> bool {
        match &self.properties {
            Selection::Names(names) => names.iter().any(|known| known == name),
            Selection::Default => schema::property(object.kind, name).is_some_and(|property| property.shown),
        }
    }

    /// The id and the followed properties that ever had a value; null for those that have none any more.
    fn properties(&self, object: &Object, only: Option<&BTreeSet<Box<str>>>) -> Map<String, Value> {
        let mut out = self.call.view().object(object, &self.properties, false);
        out.retain(|name, value| {
            let computed_and_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            let ever_set = object.properties.contains_key(name) || !computed_and_empty;
            ever_set && only.is_none_or(|only| only.contains(name.as_str()))
        });
        out.insert("id".to_owned(), json!(object.id));
        out
    }

    /// A reference as it stands in `members@delta`.
    fn link(&self, serial: Serial, added: bool) -> Value {
        let Some((kind, id)) = self.call.directory().id_of(serial) else {
            return Value::Null;
        };
        let mut link = json!({"@odata.type": kind.odata_type(), "id": id});
        if !added {
            link["@removed"] = json!({"reason": "deleted"});
        }
        link
    }
}

impl Happened {
    fn note(&mut self, what: &What) {
        match what {
            What::Created => self.appeared = true,
            What::Restored => {
                self.appeared = true;
                self.restored = true;
            }
            What::Changed(names) => self.names.extend(names.iter().cloned()),
            What::Deleted | What::Purged => self.removed = true,
            What::Member { member, add } => {
                self.members.insert(*member, *add);
            }
            What::Owner { owner, add } => {
                self.owners.insert(*owner, *add);
            }
            What::Manager { before } => {
                self.manager.get_or_insert(*before);
            }
        }
    }
}
