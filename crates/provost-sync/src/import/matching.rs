//! Recognising people who are in the directory already: by the record's link, else by the matching attributes in
//! order of precedence. Several hits are never guessed at.

use super::person;
use super::source::Prepared;
use crate::{Error, Result};
use provost_engine::object::Kind;
use provost_scim::resource;
use provost_store::directory::{self, Object, Range};
use provost_store::{Db, Tx};
use serde_json::Value;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Keys of people that one read looks at.
const STRETCH: i64 = 50_000;
/// Seconds that one such read may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// People with the same value that are remembered: more than one is too many in any case.
const NAMED: usize = 3;

/// Who has which value in the matching attributes that the database has no index of. Made by one walk over the
/// workspace's people, kept for the length of an import, and held up to date by it.
#[derive(Default)]
pub(super) struct Index(Mutex<HashMap<u64, Vec<i64>>>);

/// What a search by matching attributes found.
#[derive(Debug)]
pub(super) enum Match {
    /// Nobody.
    Nobody,
    /// One person.
    One(Box<Object>),
    /// More than one person has the value: of which attribute.
    Several(String),
}

impl Index {
    /// Looks at every person of the workspace, unless userName is all that the rule matches by.
    ///
    /// # Errors
    /// Any error of the store.
    pub async fn build(db: &Db, prepared: &std::sync::Arc<Prepared>) -> Result<Self> {
        let index = Self::default();
        if prepared.rule.matching().iter().all(|name| is_user_name(name)) {
            return Ok(index);
        }
        let workspace = prepared.provider.workspace;
        let upto = db.read(directory::highest_key).await?;
        let mut after = 0;
        while after < upto {
            let range = Range {
                after,
                upto: (after + STRETCH).min(upto),
            };
            let prepared = prepared.clone();
            let read = move |tx: &mut Tx| {
                let mut entries = Vec::new();
                directory::for_each(tx, workspace, Kind::Person, range, |row| {
                    let key = row.key()?;
                    let hashes = hashes(&prepared, &row.value()?);
                    entries.extend(hashes.into_iter().map(|hash| (hash, key)));
                    Ok(())
                })?;
                Ok::<_, Error>(entries)
            };
            for (hash, key) in db.read_within(PATIENCE, read).await? {
                index.enter(hash, key);
            }
            after = range.upto;
        }
        Ok(index)
    }

    /// Remembers somebody who was made or changed in this import.
    pub fn learn(&self, prepared: &Prepared, key: i64, document: &Value) {
        for hash in hashes(prepared, document) {
            self.enter(hash, key);
        }
    }

    fn enter(&self, hash: u64, key: i64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = known.entry(hash).or_default();
        if keys.len() < NAMED && !keys.contains(&key) {
            keys.push(key);
        }
    }

    fn candidates(&self, hash: u64) -> Vec<i64> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&hash).cloned().unwrap_or_default()
    }
}

/// Looks for the person whom the values mean. The first attribute that finds anybody decides.
///
/// # Errors
/// Any error of the store.
pub(super) fn find(
    tx: &mut Tx,
    prepared: &Prepared,
    index: &Index,
    matching: &[(String, Value)],
) -> provost_store::Result<Match> {
    for (attribute, value) in matching {
        let Some(value) = folded(value) else { continue };
        let mut hits = if is_user_name(attribute) {
            let workspace = prepared.provider.workspace;
            Vec::from_iter(directory::holder(tx, workspace, Kind::Person, &value)?)
        } else {
            having(tx, prepared, index, attribute, &value)?
        };
        match hits.len() {
            0 => {}
            1 => return Ok(hits.pop().map_or(Match::Nobody, |one| Match::One(Box::new(one)))),
            _ => return Ok(Match::Several(attribute.clone())),
        }
    }
    Ok(Match::Nobody)
}

/// The people who really have the value: the index knows only hashes, and what was true when it was made.
fn having(
    tx: &mut Tx,
    prepared: &Prepared,
    index: &Index,
    attribute: &str,
    value: &str,
) -> provost_store::Result<Vec<Object>> {
    let mut hits = Vec::new();
    for key in index.candidates(hash(attribute, value)) {
        let Some(object) = directory::by_key(tx, key)? else {
            continue;
        };
        let (_, there) = person::found(prepared, "", &object.value()?);
        let has =
            |(name, found): &(String, Value)| name == attribute && folded(found).as_deref() == Some(value);
        if there.iter().any(has) {
            hits.push(object);
        }
    }
    Ok(hits)
}

fn hashes(prepared: &Prepared, document: &Value) -> Vec<u64> {
    let (_, there) = person::found(prepared, "", document);
    there
        .iter()
        .filter(|(name, _)| !is_user_name(name))
        .filter_map(|(name, value)| Some(hash(name, &folded(value)?)))
        .collect()
}

fn hash(attribute: &str, value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (attribute, value).hash(&mut hasher);
    hasher.finish()
}

/// A value as it is compared: without regard to letter case.
fn folded(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(resource::fold(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn is_user_name(attribute: &str) -> bool {
    attribute.eq_ignore_ascii_case("userName")
}
