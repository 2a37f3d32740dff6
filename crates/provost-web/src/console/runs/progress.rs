//! How far a running cycle is, by object. Whichever process runs it, its lines in the provisioning log tell.

use super::report::Report;
use provost_engine::object::Kind;
use provost_store::connection::Connection;
use provost_store::cycle::Cycle;
use provost_store::provisioning_log::{self, Asked, Entry};
use provost_store::{Error as Store, Tx, directory, link, rule};

/// Lines that are counted; more are told as "or more".
const COUNTED: usize = 2_000;

/// How far a cycle is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Lines that it has written.
    pub lines: usize,
    /// Whether there are more than were counted.
    pub is_more: bool,
    /// The last object that it wrote.
    pub last: String,
    /// Linked people and groups, and how many the directory has: for an initial cycle.
    pub linked: Option<(i64, i64)>,
    applied: std::collections::BTreeMap<String, i64>,
    failed: i64,
    skipped: i64,
}

/// Reads it.
pub(super) fn read(tx: &mut Tx, cycle: &Cycle, connection: &Connection) -> Result<Progress, Store> {
    let asked = Asked {
        cycle: Some(cycle.key),
        limit: COUNTED,
        ..Asked::default()
    };
    let found = provisioning_log::search(tx, connection.workspace, &asked)?;
    let mut progress = Progress {
        lines: found.entries.len(),
        is_more: found.next.is_some(),
        last: found
            .entries
            .first()
            .map(|entry| entry.label.clone())
            .unwrap_or_default(),
        ..Progress::default()
    };
    found.entries.iter().for_each(|entry| progress.count(entry));
    if cycle.mode == "initial" {
        progress.linked = Some(linked(tx, connection)?);
    }
    Ok(progress)
}

/// How many are linked, and how many there are at most.
fn linked(tx: &mut Tx, connection: &Connection) -> Result<(i64, i64), Store> {
    let (mut linked, mut all) = (0, 0);
    for stored in rule::of_connection(tx, connection.key)? {
        if stored.rule.enabled {
            linked += link::count(tx, stored.key)?;
            all += match stored.kind {
                Kind::Person => directory::count(tx, connection.workspace, Kind::Person)?,
                Kind::Group => directory::count(tx, connection.workspace, Kind::Group)?,
            };
        }
    }
    Ok((linked, all.max(linked)))
}

impl Progress {
    fn count(&mut self, entry: &Entry) {
        match entry.status.as_str() {
            "failure" => self.failed += 1,
            "skipped" => self.skipped += 1,
            _ => *self.applied.entry(entry.action.replace(' ', "_")).or_default() += 1,
        }
    }

    /// What it has done, in the shape of a report.
    pub fn so_far(&self) -> Report {
        Report {
            applied: self.applied.clone(),
            failed: self.failed,
            skipped: self.skipped,
            ..Report::default()
        }
    }

    /// Thousandths of the way, where that can be told.
    pub fn thousandths(&self) -> i64 {
        self.linked
            .map_or(0, |(linked, all)| (linked * 1_000).checked_div(all).unwrap_or(0))
    }
}
