//! Everything that a tenant remembers.

use std::cell::Cell;
use std::collections::HashMap;
use std::io;

use crate::calls::Calls;
use crate::directory::{Change, Directory, Journal, Kind, Object, Records, Serial};
use crate::error::{Error, Result};
use crate::notice::Notice;
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
    pub calls: Calls,
    /// Notifications that wait to be sent.
    pub outbox: Vec<Notice>,
    journal: Option<Journal>,
    /// Objects as they were before their latest changes, and when those were made.
    before: HashMap<Serial, (i64, Box<Object>)>,
    /// Looks at fresh objects so far: decides which of them miss.
    looks: Cell<u64>,
}

impl Tenant {
    /// # Errors
    /// When the journal cannot be opened or is not this tenant's.
    pub(crate) fn new(settings: &Settings) -> io::Result<Tenant> {
        let mut directory = Directory::with_records(Records::starting_with(&settings.domains));
        let journal = match &settings.journal {
            Some(path) => Some(Journal::open(path, &settings.tenant_id, &mut directory)?),
            None => None,
        };
        Ok(Tenant {
            directory,
            budget: Budget::default(),
            counters: Counters::default(),
            outbox: Vec::new(),
            calls: Calls::default(),
            journal,
            before: HashMap::new(),
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

    /// Gives a user Entra roles.
    ///
    /// # Errors
    /// 404 without such a user, 503 when it cannot be written down.
    pub(crate) fn set_roles(&mut self, user: &str, roles: Vec<String>) -> Result<()> {
        let by_id = self
            .directory
            .by_id(user)
            .filter(|object| object.kind == Kind::User);
        let found = by_id.or_else(|| self.directory.by_property(Kind::User, "userPrincipalName", user));
        let user = found.ok_or_else(|| Error::not_found(user))?.serial;
        self.commit(vec![Change::Roles { user, roles }])
    }

    /// Fresh objects are missed by so many looks in a hundred, evenly spread.
    pub(crate) fn sees(&self, settings: &Settings, object: &Object, now: i64) -> bool {
        let age = u64::try_from(now.saturating_sub(object.created)).unwrap_or(0);
        if settings.read_delay_ms == 0 || age >= settings.read_delay_ms {
            return true;
        }
        !self.misses(settings)
    }

    /// Whether this look meets an old copy.
    fn misses(&self, settings: &Settings) -> bool {
        let (looks, percent) = (self.looks.get(), u64::from(settings.read_delay_percent));
        self.looks.set(looks + 1);
        (looks + 1) * percent / 100 != looks * percent / 100
    }

    /// Keeps what the changes are about to alter, where reads may meet old copies.
    pub(crate) fn keep_copies(&mut self, settings: &Settings, changes: &[Change], now: i64) {
        if !settings.stale_reads || settings.read_delay_ms == 0 {
            return;
        }
        let delay = i64::try_from(settings.read_delay_ms).unwrap_or(i64::MAX);
        self.before.retain(|_, (at, _)| at.saturating_add(delay) > now);
        for serial in changes.iter().filter_map(Change::alters) {
            if let Some(object) = self.directory.object(serial) {
                self.before
                    .entry(serial)
                    .or_insert_with(|| (now, Box::new(object.clone())));
            }
        }
    }

    /// The copy of an object that a read meets: the newest, or for a while an old one.
    pub(crate) fn copy<'a>(&'a self, settings: &Settings, object: &'a Object, now: i64) -> &'a Object {
        let delay = i64::try_from(settings.read_delay_ms).unwrap_or(i64::MAX);
        match self.before.get(&object.serial) {
            Some((at, old))
                if settings.stale_reads && at.saturating_add(delay) > now && self.misses(settings) =>
            {
                old
            }
            _ => object,
        }
    }

    fn count(&mut self, change: &Change) {
        let counters = &mut self.counters;
        match change {
            Change::Create { kind: Kind::User, .. } => counters.users_created += 1,
            Change::Create {
                kind: Kind::Group, ..
            } => counters.groups_created += 1,
            Change::Update { .. }
            | Change::Manager { .. }
            | Change::Licenses { .. }
            | Change::GroupLicenses { .. }
            | Change::Domain { .. }
            | Change::Policy { .. }
            | Change::Subscription { .. }
            | Change::Roles { .. }
            | Change::Restore { .. } => {
                counters.updates += 1;
            }
            Change::Delete { .. } | Change::Purge { .. } => counters.deletes += 1,
            Change::Member { .. } | Change::Owner { .. } => counters.membership_changes += 1,
            Change::GroupProcessing { .. } | Change::Audit(_) | Change::Load(_) | Change::ResetDelta => {}
        }
    }
}
