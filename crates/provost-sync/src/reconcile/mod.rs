//! Reconcile: the target is read to its end and compared with what was written there.
//!
//! What is seen becomes what is known: where a mapping is to be repaired, the link remembers what the target
//! holds now, and the object is looked at again. The cycle that follows is an incremental one, which plans the
//! repair like any other difference, through the same policies and the same guard.
//!
//! Only a list that came to its end without an error says anything about who is missing.

mod account;
mod ledger;
mod licence;
mod member;
mod vanished;

use crate::engine::Options;
use crate::open::Open;
use crate::progress::{Counter, Phase};
use crate::{Engine, Result, discover, urgent};
pub(crate) use account::{compare as compare_accounts, is_as_written};
pub(crate) use ledger::{Entry, Ledger};
pub(crate) use member::look_at as compare_members;
pub(crate) use vanished::settle_missing;

use provost_connect::{Account, Error as TargetError};
use provost_engine::object::Kind;
use provost_engine::rule::LICENCES;
use provost_store::lease::Lease;
use provost_store::{drift, unowned};
use std::collections::BTreeSet;

/// The attribute under which drift of a group's members is kept.
pub(crate) const MEMBERS: &str = "members";
/// Milliseconds until a reconcile that could not be completed is tried again.
const AGAIN: i64 = 3_600_000;
/// Milliseconds between two looks for urgent changes.
const LOOK: i64 = 5_000;
/// Accounts that nobody owns that are sorted at once.
const STRANGERS: usize = 50_000;

/// What a reconcile saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observed {
    /// Attributes, memberships and accounts that are not as they were left.
    pub drift: u64,
    /// Whether everything was read to its end.
    pub is_complete: bool,
    /// When the last reconcile counts to have been, when this one is not complete.
    pub again: i64,
    /// What could not be done, for people; empty when all is well.
    pub trouble: String,
    /// The error that ended the reading.
    pub error: Option<TargetError>,
    /// Why the cycle has to end: the target has lost too many of its accounts.
    pub shrunk: Option<String>,
}

/// A reading under way.
pub(crate) struct Reading<'a> {
    pub engine: &'a Engine,
    pub lease: Lease,
    /// With everybody listed who is assigned.
    pub open: Open,
    pub options: &'a Options,
    pub began: i64,
    pub observed: Observed,
    /// The position up to which urgent changes were looked at, and when.
    position: i64,
    looked: i64,
}

/// Reads the target and notes what differs.
pub(crate) async fn observe(
    engine: &Engine,
    lease: Lease,
    open: &Open,
    options: &Options,
) -> Result<Observed> {
    let mut reading = Reading::begin(engine, lease, open, options).await?;
    let began = reading.began;
    let is_complete = reading.all().await?;
    let mut observed = reading.observed;
    observed.is_complete = is_complete;
    if is_complete {
        forget_unseen(engine, open, began).await?;
    } else {
        let interval = i64::from(open.preferences.reconcile_hours) * 3_600_000;
        observed.again = open.now() - interval + AGAIN.min(interval);
    }
    Ok(observed)
}

/// After a complete reading: what was not seen again is not there any more.
async fn forget_unseen(engine: &Engine, open: &Open, began: i64) -> Result<()> {
    let (connection, discovers) = (open.connection.key, open.preferences.discover);
    let rules: Vec<i64> = open.rules.iter().map(|r| r.key).collect();
    engine
        .db
        .write(move |tx| {
            for rule in &rules {
                drift::settle_unseen(tx, *rule, began)?;
            }
            if discovers {
                unowned::clear_unseen(tx, connection, began)?;
            }
            Ok::<_, provost_store::Error>(())
        })
        .await?;
    Ok(())
}

impl<'a> Reading<'a> {
    /// A reading that begins now.
    pub async fn begin(engine: &'a Engine, lease: Lease, open: &Open, options: &'a Options) -> Result<Self> {
        let began = open.now();
        Ok(Self {
            engine,
            lease,
            open: open.with_everybody_listed(&engine.db).await?,
            options,
            began,
            observed: Observed::default(),
            position: open.connection.watermark,
            looked: began,
        })
    }
}

impl Reading<'_> {
    /// Reads every kind; `false`: not to the end.
    async fn all(&mut self) -> Result<bool> {
        let kinds = self.open.target.describe().kinds;
        for kind in [Kind::Person, Kind::Group] {
            if !kinds.contains(&kind) || self.open.rules_for(kind).next().is_none() {
                continue;
            }
            let mut ledger = Ledger::load(&self.engine.db, &self.open, kind).await?;
            if !self.list(kind, &mut ledger).await? || !vanished::settle(self, kind, &ledger).await? {
                return Ok(false);
            }
            if kind == Kind::Group && !member::compare(self, &ledger).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Lists the accounts of a kind; `false`: not to the end.
    async fn list(&mut self, kind: Kind, ledger: &mut Ledger) -> Result<bool> {
        let open = self.open.clone();
        let attributes = attributes(&open, kind);
        let counter = Counter::new(
            &open,
            self.options.progress.as_ref(),
            Phase::Compare,
            ledger.len() as u64,
        );
        let (mut next, mut strangers) = (None::<String>, Vec::new());
        loop {
            if self.is_stopped() {
                return Ok(false);
            }
            self.let_urgent_in().await?;
            let page = match open.target.list(kind, next.as_deref(), &attributes).await {
                Ok(page) => page,
                Err(e) => return Ok(self.gave_up(e)),
            };
            counter.add(page.accounts.len() as u64);
            strangers.extend(account::compare(self, kind, ledger, page.accounts).await?);
            if strangers.len() >= STRANGERS || page.next.is_none() {
                self.keep(kind, std::mem::take(&mut strangers)).await?;
            }
            match page.next {
                Some(following) => next = Some(following),
                None => return Ok(true),
            }
        }
    }

    /// Keeps the accounts that nobody owns.
    pub async fn keep(&self, kind: Kind, strangers: Vec<Account>) -> Result<()> {
        if self.open.preferences.discover && !strangers.is_empty() {
            discover::keep(&self.engine.db, &self.open, kind, strangers, self.began).await?;
        }
        Ok(())
    }

    pub fn is_stopped(&self) -> bool {
        self.options.stop.as_ref().is_some_and(|stop| *stop.borrow())
    }

    /// Whoever loses access does not wait for a long list.
    pub async fn let_urgent_in(&mut self) -> Result<()> {
        let now = self.open.now();
        if now >= self.looked + LOOK {
            let (_, position) = urgent::alone(self.engine, self.lease, self.position, self.options).await?;
            (self.position, self.looked) = (position, now);
        }
        Ok(())
    }

    /// The reading ends here: nothing follows from what was not read.
    pub fn gave_up(&mut self, error: TargetError) -> bool {
        self.observed.trouble = format!(
            "PRV-RECONCILE-INCOMPLETE: {error}. Nothing was concluded from what could not be read; it is tried again. {}",
            error.hint()
        );
        self.observed.error = Some(error);
        false
    }
}

/// What is read of each account: what is compared, and by what a stranger may be recognised.
pub(crate) fn attributes(open: &Open, kind: Kind) -> Vec<String> {
    let compared = open.rules_for(kind).flat_map(|r| r.comparable.iter().cloned());
    let mut attributes: BTreeSet<String> = compared.collect();
    if open.licences.is_used && kind == Kind::Person {
        attributes.insert(LICENCES.to_owned());
    }
    if open.preferences.discover {
        attributes.extend(discover::asked_for(open, kind));
    }
    attributes.into_iter().collect()
}
