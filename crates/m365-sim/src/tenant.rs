//! Everything that a tenant remembers.

use std::cell::Cell;
use std::io;

use crate::directory::{Change, Directory, Journal, Object};
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::throttle::Budget;

/// What has happened since the start of the process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counters {
    /// Graph requests, entries of batches counted one by one.
    pub requests: u64,
    /// Batches.
    pub batches: u64,
    /// Requests that changed something or would have: accepted POST, PATCH, PUT and DELETE.
    pub writes: u64,
    /// Users made.
    pub users_created: u64,
    /// Groups made.
    pub groups_created: u64,
    /// Objects changed.
    pub updates: u64,
    /// Objects deleted, into the bin or out of it.
    pub deletes: u64,
    /// Members and owners added and removed.
    pub membership_changes: u64,
    /// Requests answered 429.
    pub throttled: u64,
    /// Requests answered with another error.
    pub refused: u64,
    /// Tokens given out.
    pub tokens: u64,
}

/// The state behind the lock.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub directory: Directory,
    pub budget: Budget,
    pub counters: Counters,
    journal: Option<Journal>,
    /// Looks at fresh objects so far: decides which of them miss.
    looks: Cell<u64>,
}

impl Tenant {
    /// # Errors
    /// When the journal cannot be opened or is not this tenant's.
    pub(crate) fn new(settings: &Settings) -> io::Result<Tenant> {
        let mut directory = Directory::default();
        let journal = match &settings.journal {
            Some(path) => Some(Journal::open(path, &settings.tenant_id, &mut directory)?),
            None => None,
        };
        Ok(Tenant {
            directory,
            budget: Budget::default(),
            counters: Counters::default(),
            journal,
            looks: Cell::new(0),
        })
    }

    /// Writes changes down, then makes them.
    ///
    /// # Errors
    /// 503 when they cannot be written down; nothing has changed then.
    pub(crate) fn commit(&mut self, changes: Vec<Change>) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        if let Some(journal) = &mut self.journal {
            let unavailable = |error: io::Error| {
                Error::new(
                    503,
                    "serviceNotAvailable",
                    format!("The simulator cannot write its journal: {error}."),
                )
            };
            journal.append(&changes).map_err(unavailable)?;
        }
        for change in changes {
            self.count(&change);
            self.directory.apply(change);
        }
        Ok(())
    }

    /// Fresh objects are missed by so many looks in a hundred, evenly spread.
    pub(crate) fn sees(&self, settings: &Settings, object: &Object, now: i64) -> bool {
        let age = u64::try_from(now.saturating_sub(object.created)).unwrap_or(0);
        if settings.read_delay_ms == 0 || age >= settings.read_delay_ms {
            return true;
        }
        let (looks, percent) = (self.looks.get(), u64::from(settings.read_delay_percent));
        self.looks.set(looks + 1);
        (looks + 1) * percent / 100 == looks * percent / 100
    }

    fn count(&mut self, change: &Change) {
        use crate::directory::Kind;
        let counters = &mut self.counters;
        match change {
            Change::Create { kind: Kind::User, .. } => counters.users_created += 1,
            Change::Create {
                kind: Kind::Group, ..
            } => counters.groups_created += 1,
            Change::Update { .. }
            | Change::Manager { .. }
            | Change::Licenses { .. }
            | Change::Restore { .. } => {
                counters.updates += 1;
            }
            Change::Delete { .. } | Change::Purge { .. } => counters.deletes += 1,
            Change::Member { .. } | Change::Owner { .. } => counters.membership_changes += 1,
            Change::ResetDelta => {}
        }
    }
}
