//! Every link of a kind by the target's id, small enough for a million: an id is kept as its hash of 128 bits.

use crate::Result;
use crate::open::Open;
use provost_engine::object::Kind;
use provost_store::{Db, link};
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_128;

/// Links that are read at once.
const PAGE: i64 = 50_000;
/// How long that may take.
const LIMIT: Duration = Duration::from_secs(60);

/// A link.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    id: [u64; 2],
    pub object: i64,
    /// [`crate::known::hash`] of what was written; 0 where it is not known.
    pub hash: i64,
    pub rule: i64,
    /// Whether the target listed it.
    pub seen: bool,
}

/// All links of a kind, in the order of their ids' hashes.
pub(crate) struct Ledger(Vec<Entry>);

impl Ledger {
    pub async fn load(db: &Db, open: &Open, kind: Kind) -> Result<Self> {
        let mut entries: Vec<Entry> = Vec::new();
        let rules: Vec<i64> = open.rules_for(kind).map(|r| r.key).collect();
        for rule in rules {
            let mut after = String::new();
            loop {
                let from = after.clone();
                let (page, last) = db
                    .read_within(LIMIT, move |tx| {
                        let mut page = Vec::new();
                        let last = link::for_each_by_target(tx, rule, &from, PAGE, |object, id, hash| {
                            page.push(Entry {
                                id: short(id),
                                object,
                                hash,
                                rule,
                                seen: false,
                            });
                            Ok(())
                        })?;
                        Ok::<_, provost_store::Error>((page, last))
                    })
                    .await?;
                entries.extend(page);
                match last {
                    Some(last) => after = last,
                    None => break,
                }
            }
        }
        entries.sort_unstable_by_key(|entry| entry.id);
        Ok(Self(entries))
    }

    /// Only the links of accounts with these ids.
    pub async fn of(db: &Db, open: &Open, kind: Kind, ids: Vec<String>) -> Result<Self> {
        let rules: Vec<i64> = open.rules_for(kind).map(|r| r.key).collect();
        let mut entries = db
            .read_within(LIMIT, move |tx| {
                let (mut entries, ids) = (Vec::new(), ids.iter().map(String::as_str).collect::<Vec<_>>());
                for rule in &rules {
                    for object in link::objects_of_targets(tx, *rule, &ids)?.into_values() {
                        entries.extend(link::get(tx, *rule, object)?.map(|link| Entry {
                            id: short(&link.target_id),
                            object,
                            hash: link.hash,
                            rule: *rule,
                            seen: false,
                        }));
                    }
                }
                Ok::<_, provost_store::Error>(entries)
            })
            .await?;
        entries.sort_unstable_by_key(|entry| entry.id);
        Ok(Self(entries))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The link of an account.
    pub fn find(&mut self, id: &str) -> Option<&mut Entry> {
        let wanted = short(id);
        let place = self.0.binary_search_by_key(&wanted, |entry| entry.id).ok()?;
        self.0.get_mut(place)
    }

    /// Links whose account the target has not listed, or has.
    pub fn iter(&self, seen: bool) -> impl Iterator<Item = &Entry> {
        self.0.iter().filter(move |entry| entry.seen == seen)
    }
}

fn short(id: &str) -> [u64; 2] {
    let hash = xxh3_128(id.as_bytes());
    [(hash >> 64) as u64, hash as u64]
}
