//! From property values to objects.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{Object, Serial};

/// The properties that can be looked up without a scan.
const INDEXED: [&str; 8] = [
    "displayName",
    "employeeId",
    "mail",
    "mailNickname",
    "onPremisesImmutableId",
    "proxyAddresses",
    "uniqueName",
    "userPrincipalName",
];

/// Objects that share a value: nearly always one.
#[derive(Debug, Clone)]
pub(crate) enum Holders {
    One(Serial),
    Many(BTreeSet<Serial>),
}

impl Holders {
    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = &Serial> + '_> {
        match self {
            Holders::One(serial) => Box::new(std::iter::once(serial)),
            Holders::Many(serials) => Box::new(serials.iter()),
        }
    }
}

/// Indexes over live objects of both kinds.
#[derive(Debug, Default)]
pub(crate) struct Indexes {
    tables: HashMap<&'static str, HashMap<String, Holders>>,
}

impl Indexes {
    /// Whether lookups by this property are possible.
    pub(crate) fn covers(property: &str) -> bool {
        INDEXED.contains(&property)
    }

    /// The objects whose property has this value, or nearly: letter case may differ.
    pub(crate) fn find(&self, property: &str, value: &str) -> Option<&Holders> {
        self.tables.get(property)?.get(&key(property, value))
    }

    pub(super) fn add(&mut self, object: &Object) {
        for property in INDEXED {
            if let Some(value) = object.properties.get(property) {
                self.enter(property, value, object.serial);
            }
        }
    }

    pub(super) fn remove(&mut self, object: &Object) {
        for property in INDEXED {
            if let Some(value) = object.properties.get(property) {
                self.leave(property, value, object.serial);
            }
        }
    }

    fn enter(&mut self, property: &'static str, value: &Value, serial: Serial) {
        let table = self.tables.entry(property).or_default();
        for text in texts(value) {
            table
                .entry(key(property, text))
                .and_modify(|holders| join(holders, serial))
                .or_insert(Holders::One(serial));
        }
    }

    fn leave(&mut self, property: &'static str, value: &Value, serial: Serial) {
        let Some(table) = self.tables.get_mut(property) else {
            return;
        };
        for text in texts(value) {
            let key = key(property, text);
            let empty = match table.get_mut(&key) {
                Some(Holders::One(holder)) => *holder == serial,
                Some(Holders::Many(holders)) => holders.remove(&serial) && holders.is_empty(),
                None => false,
            };
            if empty {
                table.remove(&key);
            }
        }
    }
}

fn join(holders: &mut Holders, serial: Serial) {
    match holders {
        Holders::One(holder) if *holder == serial => {}
        Holders::One(holder) => *holders = Holders::Many(BTreeSet::from([*holder, serial])),
        Holders::Many(all) => {
            all.insert(serial);
        }
    }
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let list = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    value.as_str().into_iter().chain(list)
}

/// Immutable ids are usually base64, so letter case means something there and nowhere else.
fn key(property: &str, value: &str) -> String {
    if property == "onPremisesImmutableId" {
        value.to_owned()
    } else {
        value.to_lowercase()
    }
}
