//! What the steps of one running cycle share.

use super::lane::{Lane, Turn};
use super::shrink::Loss;
use super::twin::Bin;
use crate::draft::RuleDraft;
use crate::engine::Options;
use crate::licence::Counter as SeatCounter;
use crate::open::Open;
use crate::progress::Watcher;
use crate::weigh::UnderWay;
use crate::work::{Mode, Work};
use crate::{Result, urgent};
use provost_connect::{Error, Retry};
use provost_engine::object::Kind;
use provost_engine::plan::Action;
use provost_store::connection::{self, State};
use provost_store::lease::Lease;
use provost_store::{Db, Error as StoreError, Tx, cycle};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Unreachable answers in a row after which the target counts as down.
const UNREACHABLE: u32 = 20;
/// Milliseconds between two readings of the seats in one cycle.
const SEATS: i64 = 60_000;

/// What a cycle has done so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Totals {
    pub applied: BTreeMap<Action, u64>,
    pub adopted: u64,
    pub failed: u64,
    pub failed_references: u64,
    /// Objects that were left alone when it came to their step.
    pub skipped: u64,
}

/// A running cycle. Clones are the same cycle.
#[derive(Clone)]
pub(crate) struct Run {
    pub db: Db,
    pub open: Open,
    pub lease: Lease,
    /// The cycle's key in the store.
    pub cycle: i64,
    pub mode: Mode,
    pub watcher: Option<Watcher>,
    /// Who began it, for the log.
    pub initiator: Arc<str>,
    stop: Option<watch::Receiver<bool>>,
    state: Arc<Shared>,
    /// Where urgent changes come in between; none while they do.
    lane: Option<Arc<Lane>>,
    /// [`Work::is_on_demand`].
    is_on_demand: bool,
    /// What it is to remove.
    pub planned: UnderWay,
    /// Seats that are left of each product.
    pub seats: Arc<SeatCounter>,
    /// [`Work::pinned`].
    pub pinned: Option<Arc<HashMap<i64, i64>>>,
    /// [`Work::at`].
    pub began: i64,
}

#[derive(Default)]
struct Shared {
    totals: Mutex<Totals>,
    halted: Mutex<Option<Error>>,
    /// Why nothing that the target seems to have lost is believed.
    shrunk: Mutex<Option<String>>,
    /// What was found out about missing accounts, by rule.
    losses: tokio::sync::Mutex<HashMap<i64, Loss>>,
    /// What lies in the target's bin, read once before the first create of its kind.
    people_bin: Bin,
    groups_bin: Bin,
    /// Objects that were made, of which more follows in this cycle.
    followed: Mutex<Vec<i64>>,
    unreachable: AtomicU32,
    /// Whether a person has stopped the cycle, or switched the connection off, since it began.
    called_off: AtomicBool,
    /// When the seats were last read because none was left.
    seats_read: AtomicI64,
}

impl Run {
    pub fn new(db: Db, open: Open, lease: Lease, cycle: i64, work: &Work, options: &Options) -> Self {
        // What a person asked for is that, and nothing else comes in between.
        let is_alone = work.is_urgent || work.is_on_demand || work.pinned.is_some();
        let lane = (!is_alone).then(|| Arc::new(Lane::new(work.upto, open.now())));
        let seats = Arc::new(SeatCounter::of(&open.licences));
        let initiator = options.initiator.as_deref().unwrap_or("provost").into();
        Self {
            db,
            open,
            lease,
            cycle,
            mode: work.mode,
            watcher: options.progress.clone(),
            initiator,
            stop: options.stop.clone(),
            state: Arc::default(),
            lane,
            is_on_demand: work.is_on_demand,
            planned: UnderWay::default(),
            seats,
            pinned: work.pinned.clone(),
            began: work.at,
        }
    }

    /// The same cycle with these drafts to carry out.
    pub fn planning(self, drafts: &[RuleDraft]) -> Self {
        Self {
            planned: UnderWay::of(drafts),
            ..self
        }
    }

    /// The same cycle while it carries out urgent changes: nothing else comes in between.
    pub fn urgently(&self) -> Self {
        Self {
            lane: None,
            watcher: None,
            ..self.clone()
        }
    }

    /// Waits for the turn of one group of writes. Urgent changes that came meanwhile are carried out before it,
    /// while no other group is under way.
    pub async fn turn(&self) -> Result<Turn<'_>> {
        let Some(lane) = &self.lane else {
            return Ok(Turn::Free);
        };
        if lane.is_due(self.open.now()) {
            urgent::pass(self, lane).await?;
        }
        Ok(Turn::Shared(lane.share().await))
    }

    /// Whether a person, or the end of the process, has asked the cycle to stop.
    pub fn is_stopped(&self) -> bool {
        let is_asked = self.stop.as_ref().is_some_and(|stop| *stop.borrow());
        is_asked || self.state.called_off.load(Ordering::Relaxed)
    }

    /// Whether the next request that writes may be sent. Looked up before each of them: whoever stops a cycle, or
    /// switches its connection off, expects that nothing is written after that.
    pub async fn may_write(&self) -> Result<bool> {
        if self.is_over() {
            return Ok(false);
        }
        let (key, running) = (self.open.connection.key, self.cycle);
        let read = move |tx: &mut Tx| {
            Ok::<_, StoreError>((connection::by_key(tx, key)?, cycle::is_stopping(tx, running)?))
        };
        let (found, is_stopping) = self.db.read(read).await?;
        // An undo and a single person on demand work while the connection is paused; they are asked for after that.
        let is_off = found.is_none_or(|c| matches!(c.state, State::Paused | State::Invalid));
        let is_called_off = is_stopping || (is_off && !self.is_on_demand);
        if is_called_off {
            self.state.called_off.store(true, Ordering::Relaxed);
        }
        Ok(!is_called_off)
    }

    /// Whether the seats may be read again: not for each of many people who find none.
    pub fn may_read_seats(&self) -> bool {
        let (now, last) = (self.open.now(), self.state.seats_read.load(Ordering::Relaxed));
        let is_due = last == 0 || now >= last + SEATS || now < last;
        is_due
            && self
                .state
                .seats_read
                .compare_exchange(last, now.max(1), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// Whether no further step is to be begun.
    pub fn is_over(&self) -> bool {
        self.is_stopped() || self.halted().is_some() || self.shrunk().is_some()
    }

    /// Why the cycle ended because of accounts that the target has not got any more.
    pub fn shrunk(&self) -> Option<String> {
        self.state.shrunk.lock().map(|s| s.clone()).unwrap_or_default()
    }

    /// Ends the cycle: the target seems to be emptied, or another one.
    pub fn shrink(&self, sentence: String) {
        if let Ok(mut shrunk) = self.state.shrunk.lock() {
            shrunk.get_or_insert(sentence);
        }
    }

    /// What lies in the target's bin.
    pub(super) fn bin(&self, kind: Kind) -> &Bin {
        match kind {
            Kind::Person => &self.state.people_bin,
            Kind::Group => &self.state.groups_bin,
        }
    }

    /// What was found out about missing accounts, by rule; whoever asks first finds it out.
    pub(super) async fn losses(&self) -> tokio::sync::MutexGuard<'_, HashMap<i64, Loss>> {
        self.state.losses.lock().await
    }

    /// The error that ended the cycle.
    pub fn halted(&self) -> Option<Error> {
        self.state
            .halted
            .lock()
            .map(|halted| halted.clone())
            .unwrap_or_default()
    }

    /// Takes note of a failure: one that concerns the whole connection ends the cycle, and so does a target
    /// that is down.
    pub fn consider(&self, error: &Error) {
        let is_down = matches!(error, Error::Unreachable { .. })
            && self.state.unreachable.fetch_add(1, Ordering::Relaxed) + 1 >= UNREACHABLE;
        if (is_down || error.retry() == Retry::StopConnection)
            && let Ok(mut halted) = self.state.halted.lock()
        {
            halted.get_or_insert_with(|| error.clone());
        }
    }

    /// Ends the cycle with this error.
    pub fn fail(&self, error: Error) {
        if let Ok(mut halted) = self.state.halted.lock() {
            halted.get_or_insert(error);
        }
    }

    /// Ends the cycle at once after an error with which nothing on the connection can succeed.
    pub fn stop_at(&self, error: &Error) {
        if error.retry() == Retry::StopConnection {
            self.consider(error);
        }
    }

    /// The target has answered: it is not down.
    pub fn reached(&self) {
        self.state.unreachable.store(0, Ordering::Relaxed);
    }

    /// How long to wait before the next try when the target is only down: seconds that double, up to five
    /// minutes. `None`: the reason is another, and the engine's quarantine decides.
    pub fn patience(&self, failures: i64) -> Option<i64> {
        let down = matches!(self.halted(), Some(Error::Unreachable { .. }));
        down.then(|| 5_000_i64.saturating_mul(1 << failures.clamp(0, 6)).min(300_000))
    }

    /// Takes note of objects of which more follows in this cycle.
    pub fn follow(&self, objects: &[i64]) {
        if let Ok(mut followed) = self.state.followed.lock() {
            followed.extend_from_slice(objects);
        }
    }

    /// The objects of which more followed.
    pub fn followed(&self) -> Vec<i64> {
        self.state.followed.lock().map(|f| f.clone()).unwrap_or_default()
    }

    pub fn count(&self, change: impl FnOnce(&mut Totals)) {
        if let Ok(mut totals) = self.state.totals.lock() {
            change(&mut totals);
        }
    }

    pub fn totals(&self) -> Totals {
        self.state
            .totals
            .lock()
            .map(|totals| totals.clone())
            .unwrap_or_default()
    }
}
