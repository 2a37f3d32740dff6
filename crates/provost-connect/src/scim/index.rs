//! All objects of an application by the values that they are recognised by, for applications that
//! cannot filter, and where one listing is cheaper than thousands of searches.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::Scim;
use super::find::EXACT;
use super::path::Path;
use super::read::equal;
use crate::{Account, Error, Kind, Record, Result};

/// An index is read anew after this time: somebody else may have made objects.
const GOOD_FOR: Duration = Duration::from_secs(600);
/// Objects after which an application is too large to be held in memory.
const MOST_OBJECTS: usize = 3_000_000;
/// Attributes that an index of people holds without being asked for them.
const USUAL: [(Kind, &str); 3] = [
    (Kind::Person, "userName"),
    (Kind::Person, "externalId"),
    (Kind::Group, "displayName"),
];

/// What was read, by kind.
#[derive(Default)]
pub(crate) struct Indexes {
    ready: Mutex<HashMap<Kind, Index>>,
    /// Held while everything is read, so that it is read once.
    reading: tokio::sync::Mutex<()>,
}

struct Index {
    read: Instant,
    ids: HashMap<String, HashMap<String, Vec<String>>>,
}

impl Indexes {
    /// The ids with this value; `None` when there is no index that could tell.
    fn look(&self, kind: Kind, attribute: &str, value: &Value, age: Duration) -> Option<Vec<String>> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let index = ready.get(&kind).filter(|index| index.read.elapsed() < age)?;
        let values = index.ids.get(attribute)?;
        let found = key(attribute, value).and_then(|key| values.get(&key));
        Some(found.cloned().unwrap_or_default())
    }

    /// Whether this attribute is answered from memory.
    pub(crate) fn holds(&self, kind: Kind, attribute: &str) -> bool {
        self.look(kind, attribute, &Value::Null, GOOD_FOR).is_some()
    }

    /// Notes what was written, so that an index stays true to our own changes. An old value stays:
    /// every hit is read before it counts.
    pub(crate) fn note(&self, kind: Kind, id: &str, record: &Record) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(index) = ready.get_mut(&kind) else {
            return;
        };
        for (attribute, values) in &mut index.ids {
            if let Some(key) = record.get(attribute).and_then(|value| key(attribute, value)) {
                add(values, key, id);
            }
        }
    }

    /// Something was made that the index does not know.
    pub(crate) fn forget(&self, kind: Kind) {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.remove(&kind);
    }
}

impl Scim {
    /// Accounts by attribute out of the index, which is read when there is none.
    pub(crate) async fn indexed(&self, kind: Kind, attribute: &str, value: &Value) -> Result<Vec<Account>> {
        self.indexed_since(kind, attribute, value, GOOD_FOR).await
    }

    /// The same with an index that is not older than this.
    pub(crate) async fn indexed_since(
        &self,
        kind: Kind,
        attribute: &str,
        value: &Value,
        age: Duration,
    ) -> Result<Vec<Account>> {
        let ids = match self.indexes.look(kind, attribute, value, age) {
            Some(ids) => ids,
            None => {
                let _turn = self.indexes.reading.lock().await;
                // Somebody else may have read it while this one waited.
                match self.indexes.look(kind, attribute, value, age) {
                    Some(ids) => ids,
                    None => {
                        self.read_index(kind, attribute).await?;
                        self.indexes
                            .look(kind, attribute, value, GOOD_FOR)
                            .unwrap_or_default()
                    }
                }
            }
        };
        let (path, wanted) = (Path::parse(attribute)?, [attribute.to_owned()]);
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(account) = self.get_by_id(kind, &id, &wanted).await? {
                let holds = account.record.get(attribute);
                if holds.is_some_and(|held| equal(attribute, &path, held, value)) {
                    found.push(account);
                }
            }
        }
        Ok(found)
    }

    /// Reads everything once.
    async fn read_index(&self, kind: Kind, attribute: &str) -> Result<()> {
        let mut wanted: BTreeSet<String> = self.searches.attributes(kind);
        wanted.insert(attribute.to_owned());
        wanted.extend(
            USUAL
                .iter()
                .filter(|(of, _)| *of == kind)
                .map(|(_, name)| (*name).to_owned()),
        );
        let attributes: Vec<String> = wanted.into_iter().collect();
        let read = Instant::now();
        let mut ids: HashMap<String, HashMap<String, Vec<String>>> =
            attributes.iter().map(|a| (a.clone(), HashMap::new())).collect();
        let (mut page, mut count) = (None, 0);
        loop {
            let this = self.list_page(kind, page.as_deref(), &attributes).await?;
            count += this.accounts.len();
            if count > MOST_OBJECTS {
                return Err(Error::Paging {
                    kind,
                    reason: format!("there are more than {MOST_OBJECTS}"),
                });
            }
            for account in &this.accounts {
                for (attribute, values) in &mut ids {
                    if let Some(key) = account.record.get(attribute).and_then(|v| key(attribute, v)) {
                        add(values, key, &account.id);
                    }
                }
            }
            page = this.next;
            if page.is_none() {
                break;
            }
        }
        let mut ready = self.indexes.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.insert(kind, Index { read, ids });
        Ok(())
    }
}

fn add(values: &mut HashMap<String, Vec<String>>, key: String, id: &str) {
    let ids = values.entry(key).or_default();
    if !ids.iter().any(|known| known == id) {
        ids.push(id.to_owned());
    }
}

/// A value as it is looked up: text without regard to letter case unless the attribute is exact.
fn key(attribute: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) if EXACT.contains(&attribute) => Some(text.clone()),
        Value::String(text) => Some(provost_scim::resource::fold(text.trim()).to_string()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
