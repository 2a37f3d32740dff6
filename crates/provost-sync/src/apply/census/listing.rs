//! Accounts as a list showed them, kept small: who is found among them need not be asked for again.

use provost_connect::Account;
use provost_engine::object::Record;
use std::collections::HashMap;

/// Accounts that are kept at most; half a kilobyte each.
const MOST: usize = 200_000;
/// Milliseconds for which what was listed counts as what is there.
const FRESH: i64 = 600_000;

/// Accounts that may be taken over just so: nobody is linked to them, and their standing is that of most.
pub(super) struct Listing {
    accounts: Vec<Listed>,
    by_id: HashMap<Box<str>, u32>,
    /// Until when they count as fresh.
    until: i64,
}

struct Listed {
    id: Box<str>,
    enabled: Option<bool>,
    /// The record as JSON, which takes a fraction of the room.
    record: Box<[u8]>,
}

impl Listing {
    /// A listing that begins now.
    pub fn new(now: i64) -> Self {
        Self {
            accounts: Vec::new(),
            by_id: HashMap::new(),
            until: now + FRESH,
        }
    }

    /// Keeps an account; its place, unless there are too many.
    pub fn keep(&mut self, id: &str, enabled: Option<bool>, record: &Record) -> Option<u32> {
        let place = u32::try_from(self.accounts.len()).ok()?;
        if self.accounts.len() == MOST {
            return None;
        }
        let record = serde_json::to_vec(record).ok()?.into_boxed_slice();
        self.by_id.insert(id.into(), place);
        self.accounts.push(Listed {
            id: id.into(),
            enabled,
            record,
        });
        Some(place)
    }

    /// The account at a place, unless that was too long ago.
    pub fn at(&self, place: u32, now: i64) -> Option<Account> {
        let listed = self.accounts.get(place as usize).filter(|_| now < self.until)?;
        Some(Account {
            id: listed.id.to_string(),
            record: serde_json::from_slice(&listed.record).ok()?,
            enabled: listed.enabled,
        })
    }

    /// Whether it is known that nothing forbids taking this account over.
    pub fn is_ordinary(&self, id: &str, now: i64) -> bool {
        now < self.until && self.by_id.contains_key(id)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_listed_is_there_for_ten_minutes() {
        let mut listing = Listing::new(1_000);
        let record: Record = [("mail".to_owned(), json!("ann@contoso.example"))]
            .into_iter()
            .collect();
        let place = listing.keep("a1", Some(true), &record).unwrap();
        let account = listing.at(place, 600_999).unwrap();
        assert_eq!(
            (account.id.as_str(), account.enabled, account.record),
            ("a1", Some(true), record)
        );
        assert!(listing.is_ordinary("a1", 1_000) && !listing.is_ordinary("a2", 1_000));
        assert!(listing.at(place, 601_000).is_none() && !listing.is_ordinary("a1", 601_000));
    }
}
