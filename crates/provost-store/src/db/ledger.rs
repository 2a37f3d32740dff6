//! Numbers that every writer of a transaction shares: keys, change-log positions, audit heads and live
//! counts. They are read once per transaction and written once before its commit, so that 256 grouped
//! writes pay for them once. A savepoint that is rolled back gives its numbers back.

use super::backend::{Backend, missing};
use crate::Result;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

crate::statements! {
    LOCK_SQLITE = "SELECT next_key, change_position FROM sequencer WHERE id = 1";
    SAVE = "UPDATE sequencer SET next_key = $1, change_position = $2 WHERE id = 1";
    HEAD = "SELECT position, hash FROM audit_head WHERE workspace = $1";
    SAVE_HEAD = "INSERT INTO audit_head (workspace, position, hash) VALUES ($1, $2, $3) \
                 ON CONFLICT (workspace) DO UPDATE SET position = excluded.position, hash = excluded.hash";
    SAVE_LIVE = "INSERT INTO live_count (owner, kind, bucket, objects) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (owner, kind, bucket) DO UPDATE SET objects = live_count.objects + excluded.objects";
}

/// PostgreSQL's form of `LOCK_SQLITE`: the row lock is what makes one writer at a time of all nodes, and the
/// transaction's number is what a lost COMMIT is asked about. (SQLite has `BEGIN IMMEDIATE`.)
const LOCK_POSTGRES: &str =
    "SELECT next_key, change_position, txid_current() FROM sequencer WHERE id = 1 FOR UPDATE";

/// Objects whose keys share a bucket are counted together: a page at any position is found by summing at
/// most 1/1024 of the rows.
pub(crate) const BUCKET: i64 = 1024;

/// The end of a workspace's audit chain.
#[derive(Clone, Default)]
pub(crate) struct AuditHead {
    pub position: i64,
    pub hash: Vec<u8>,
}

/// The shared numbers of one open write transaction.
#[derive(Clone, Default)]
pub(crate) struct Ledger {
    next_key: i64,
    change_position: i64,
    saved: (i64, i64),
    /// PostgreSQL's number of this transaction; 0 on SQLite.
    pub xid: i64,
    audit: BTreeMap<i64, AuditHead>,
    live: BTreeMap<(i64, i64, i64), i64>,
    arrivals: BTreeSet<i64>,
}

impl Ledger {
    /// Takes the write lock of the cluster and reads the numbers.
    pub fn open(backend: &mut Backend) -> Result<Self> {
        let postgres = matches!(backend, Backend::Postgres(_));
        let mut found = None;
        backend.for_each(if postgres { LOCK_POSTGRES } else { LOCK_SQLITE }, &[], |row| {
            found = Some((row.int(0)?, row.int(1)?, if postgres { row.int(2)? } else { 0 }));
            Ok(false)
        })?;
        let (next_key, change_position, xid) = found.ok_or_else(|| missing("the sequencer row"))?;
        Ok(Self {
            next_key,
            change_position,
            saved: (next_key, change_position),
            xid,
            ..Self::default()
        })
    }

    /// A key that no row of any table has or will have.
    pub fn key(&mut self) -> i64 {
        self.next_key += 1;
        self.next_key
    }

    /// The next position of the change log.
    pub fn change(&mut self) -> i64 {
        self.change_position += 1;
        self.change_position
    }

    /// The last position given out.
    pub fn change_position(&self) -> i64 {
        self.change_position
    }

    /// Whether the change log has grown in this transaction.
    pub fn has_changes(&self) -> bool {
        self.change_position != self.saved.1
    }

    /// The end of the workspace's audit chain, as this transaction has left it.
    pub fn audit_head(&mut self, backend: &mut Backend, workspace: i64) -> Result<&mut AuditHead> {
        match self.audit.entry(workspace) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(free) => {
                let mut head = AuditHead::default();
                backend.for_each(HEAD, &[workspace.into()], |row| {
                    head = AuditHead {
                        position: row.int(0)?,
                        hash: row.bytes(1)?,
                    };
                    Ok(false)
                })?;
                Ok(free.insert(head))
            }
        }
    }

    /// Notes that an object of `owner` with this key came (+1) or went (−1).
    pub fn live(&mut self, owner: i64, kind: i64, key: i64, by: i64) {
        *self.live.entry((owner, kind, key / BUCKET)).or_default() += by;
    }

    /// Notes that an object came in this transaction, so that nobody has seen it yet.
    pub fn arrived(&mut self, key: i64) {
        self.arrivals.insert(key);
    }

    /// Whether the object came in this transaction.
    pub fn has_arrived(&self, key: i64) -> bool {
        self.arrivals.contains(&key)
    }

    /// Writes the numbers back. Called once, right before the commit.
    pub fn save(&self, backend: &mut Backend) -> Result<()> {
        if (self.next_key, self.change_position) != self.saved {
            backend.execute(SAVE, &[self.next_key.into(), self.change_position.into()])?;
        }
        for (workspace, head) in &self.audit {
            backend.execute(
                SAVE_HEAD,
                &[
                    (*workspace).into(),
                    head.position.into(),
                    head.hash.as_slice().into(),
                ],
            )?;
        }
        for ((owner, kind, bucket), by) in self.live.iter().filter(|(_, by)| **by != 0) {
            backend.execute(
                SAVE_LIVE,
                &[(*owner).into(), (*kind).into(), (*bucket).into(), (*by).into()],
            )?;
        }
        Ok(())
    }
}
