//! Reading a target by its changes: between two reconciles, what was changed there is found without listing it whole.
//!
//! What is seen is dealt with by the same code as in a reconcile: differences become drift, accounts that are gone
//! vanish, accounts that nobody owns are kept. A removal that is reported is asked for again before it is believed,
//! and many at once are believed by nobody. The place where the reading goes on is kept only once everything before
//! it was dealt with, so that a reading that ends early is repeated, which does no harm.

mod page;

use crate::engine::Options;
use crate::open::{self, Open};
use crate::proposal::Proposal;
use crate::reconcile::{self, Entry, Reading};
use crate::{Engine, Error, Result, setup};
use page::Found;
use provost_connect::Then;
use provost_engine::object::Kind;
use provost_store::connection::{self, Condition, State};
use provost_store::lease::{self, Lease};
use provost_store::{drift, link, read_mark};
use serde::Serialize;
use std::collections::HashSet;

/// Pages of one reading at most: a target whose changes have no end is read anew another time.
const MOST_PAGES: usize = 50_000;
/// The stable word for a target that does not tell its changes.
const UNSUPPORTED: &str = "PRV-CHANGES-UNSUPPORTED";

/// What a reading of changes found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReadBack {
    /// Accounts and groups that the target named as new or changed, those that Provost changed itself included.
    pub changed: u64,
    /// Those that it named as gone.
    pub removed: u64,
    /// Attributes, memberships and accounts that are not as they were left.
    pub drift: u64,
    /// Whether everything was read to its end.
    pub complete: bool,
    /// Whether the target has lost the place: a reconcile was asked for, and the next reading begins anew.
    pub restarted: bool,
    /// What could not be done, for people; empty when all is well.
    pub trouble: String,
}

/// How the reading of one kind ended.
enum End {
    Complete,
    Early,
    Restart,
}

impl Engine {
    /// Reads what changed in the target since it was last read; the first time, everything. What differs is repaired
    /// by the next cycle, as the mappings want it.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-CHANGES-UNSUPPORTED` or `PRV-CONNECTION-INVALID`; [`Error::Paused`];
    /// [`Error::Running`]. What the target answers stands in the report.
    pub async fn read_changes(&self, connection: i64, options: &Options) -> Result<ReadBack> {
        self.with_lease(connection, options, |lease| read(self, lease, options))
            .await
    }
}

async fn read(engine: &Engine, lease: Lease, options: &Options) -> Result<ReadBack> {
    let open = open::open_with(engine, lease.connection, &Proposal::default()).await?;
    if open.connection.state == State::Paused {
        return Err(Error::Paused(open.connection.name.clone()));
    }
    if !open.target.describe().tells_changes {
        return Err(Error::refused(
            UNSUPPORTED,
            format!(
                "the target of \"{}\" does not tell its changes",
                open.connection.name
            ),
            "Reconcile instead: that lists everything there is.",
        ));
    }
    let mut reading = Reading::begin(engine, lease, &open, options).await?;
    let mut report = ReadBack {
        complete: true,
        ..ReadBack::default()
    };
    for kind in [Kind::Person, Kind::Group] {
        if !open.target.describe().kinds.contains(&kind) || open.rules_for(kind).next().is_none() {
            continue;
        }
        match one_kind(&mut reading, kind, &mut report).await? {
            End::Complete => {}
            End::Restart => report.restarted = true,
            End::Early => {
                report.complete = false;
                break;
            }
        }
    }
    conclude(&reading, &open, &mut report).await?;
    Ok(report)
}

/// Reads one kind to the end of its changes.
async fn one_kind(reading: &mut Reading<'_>, kind: Kind, report: &mut ReadBack) -> Result<End> {
    let attributes = reconcile::attributes(&reading.open, kind);
    let (connection, asked) = (reading.open.connection.key, attributes.clone());
    let mark = reading
        .engine
        .db
        .read(move |tx| read_mark::get(tx, connection, kind, &asked))
        .await?;
    let (mut place, mut seen) = (mark.map(|mark| mark.mark), HashSet::new());
    let mut found = Found::new(kind, attributes, place.is_none());
    for _ in 0..MOST_PAGES {
        if reading.is_stopped() {
            return Ok(End::Early);
        }
        reading.let_urgent_in().await?;
        let target = reading.open.target.clone();
        let page = match target.changes(kind, place.as_deref(), &found.attributes).await {
            Ok(page) => page,
            Err(error) => {
                reading.gave_up(error);
                return Ok(End::Early);
            }
        };
        report.changed += page.changed.len() as u64;
        report.removed += page.removed.len() as u64;
        let then = page.then.clone();
        if !found.take(reading, page).await? {
            return Ok(End::Early);
        }
        match then {
            Then::End(mark) => return finish(reading, found, mark).await,
            Then::Restart => return restart(reading, kind).await,
            // A target that names a place twice will do so for ever.
            Then::Page(next) if !seen.insert(next.clone()) => return restart(reading, kind).await,
            Then::Page(next) => place = Some(next),
        }
    }
    restart(reading, kind).await
}

/// Deals with what can be judged only when all pages are known, then keeps the place.
async fn finish(reading: &mut Reading<'_>, found: Found, mark: String) -> Result<End> {
    let (kind, attributes) = (found.kind, found.attributes.clone());
    let gone: Vec<Entry> = found.gone(reading).await?;
    let all = linked(reading, kind).await?;
    if !gone.is_empty() && !reconcile::settle_missing(reading, kind, gone, all).await? {
        return Ok(End::Early);
    }
    if !found.compare_members(reading).await? {
        return Ok(End::Early);
    }
    let (lease, now) = (reading.lease, reading.open.now());
    reading
        .engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            read_mark::put(tx, now, lease.connection, kind, &attributes, &mark)
        })
        .await?;
    Ok(End::Complete)
}

/// How many accounts of a kind are linked.
async fn linked(reading: &Reading<'_>, kind: Kind) -> Result<usize> {
    let rules: Vec<i64> = reading.open.rules_for(kind).map(|r| r.key).collect();
    let count = reading
        .engine
        .db
        .read(move |tx| {
            let mut sum = 0;
            for rule in &rules {
                sum += link::count(tx, *rule)?;
            }
            Ok::<_, provost_store::Error>(sum)
        })
        .await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// The place is lost: what was changed since is found by a reconcile.
async fn restart(reading: &Reading<'_>, kind: Kind) -> Result<End> {
    let lease = reading.lease;
    reading
        .engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            read_mark::remove(tx, lease.connection, Some(kind))?;
            connection::want(tx, lease.connection, "reconcile")
        })
        .await?;
    Ok(End::Restart)
}

/// What the connection learns from the reading.
async fn conclude(reading: &Reading<'_>, open: &Open, report: &mut ReadBack) -> Result<()> {
    let observed = &reading.observed;
    report.drift = observed.drift;
    report.trouble.clone_from(&observed.trouble);
    if let Some(shrunk) = &observed.shrunk {
        report.trouble.clone_from(shrunk);
    }
    let refused = observed.error.clone().filter(setup::is_refused);
    let has_shrunk = observed.shrunk.is_some();
    if refused.is_none() && !has_shrunk {
        return Ok(());
    }
    let (lease, now, before) = (reading.lease, open.now(), open.connection.clone());
    reading
        .engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            if has_shrunk {
                // It looks at everything, and stops the connection if it sees the same.
                connection::want(tx, before.key, "reconcile")?;
            }
            if let Some(error) = &refused {
                let to: Condition = setup::invalid(error, &before, now + setup::CHECK_AGAIN);
                connection::set_state(tx, "provost", now, &before, &to)?;
            }
            Ok::<_, provost_store::Error>(())
        })
        .await?;
    Ok(())
}

/// Drift that a change of the target has undone itself.
pub(super) async fn settle_drift(reading: &Reading<'_>, rule: i64, object: i64) -> Result<()> {
    let (lease, now) = (reading.lease, reading.open.now());
    reading
        .engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            drift::repaired(tx, now, rule, object, None)
        })
        .await?;
    Ok(())
}
