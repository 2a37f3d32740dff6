//! What a cycle has to look at: everything, or what the change log, a due date or a person names.

use crate::Result;
use crate::apply::shrink::SHRANK;
use crate::nesting;
use crate::open::Open;
use crate::reconcile::Observed;
use crate::touched::{self, Touched};
use crate::weigh::UnderWay;
use provost_engine::object::Kind;
use provost_store::connection::State;
use provost_store::{Db, Tx, change_log, link, recycle, retry, revisit, staged};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Failed steps, and objects to look at again, in one cycle.
const LIMIT: i64 = 10_000;
/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;

/// The kinds of cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Over the whole directory: the first one, and after a change of rules.
    Initial,
    /// Over what changed since the last one.
    Incremental,
    /// As an incremental one, and the target is read and compared with what was written.
    Reconcile,
}

impl Mode {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Incremental => "incremental",
            Self::Reconcile => "reconcile",
        }
    }
}

/// Objects to look at.
#[derive(Debug, Clone)]
pub(crate) enum Scope {
    /// All of them.
    Everything,
    /// These.
    Some(Touched),
}

/// The work of a cycle.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub mode: Mode,
    pub scope: Scope,
    /// Rules that look at everything although the cycle does not: those that depend on the time, when it has
    /// passed, and those of people when a whole group of the assigned is gone.
    pub whole: BTreeSet<i64>,
    /// The position that the cycle will have finished.
    pub upto: i64,
    /// Failed steps whose next try is now, as (rule, object, member).
    pub due: Vec<(i64, i64, i64)>,
    /// Objects that were to be looked at again, as (object, member).
    pub revisits: Vec<(i64, i64)>,
    /// When the work was read: revisits that are asked for later stay.
    pub at: i64,
    /// Whether rules that depend on the time are evaluated now.
    pub timed: bool,
    /// What a reconcile saw in the target.
    pub observed: Option<Observed>,
    /// Only what takes access away is carried out; a whole cycle over the same changes follows.
    pub is_urgent: bool,
    /// What a cycle has let through that this work comes in between of.
    pub under_way: UnderWay,
    /// A person asked for single objects: neither the watermark nor the connection's condition follows.
    pub is_on_demand: bool,
    /// Versions of the objects by key, as a person approved them (0: gone): a step whose object is another one by now
    /// is left to the next cycle.
    pub pinned: Option<Arc<HashMap<i64, i64>>>,
}

impl Work {
    /// Work over these objects only.
    pub fn over(mode: Mode, touched: Touched, upto: i64, at: i64) -> Self {
        Self {
            mode,
            scope: Scope::Some(touched),
            whole: BTreeSet::new(),
            upto,
            due: Vec::new(),
            revisits: Vec::new(),
            at,
            timed: false,
            observed: None,
            is_urgent: false,
            under_way: UnderWay::default(),
            is_on_demand: false,
            pinned: None,
        }
    }

    /// What one rule looks at.
    pub fn scope_of(&self, rule: i64) -> &Scope {
        if self.whole.contains(&rule) {
            &Scope::Everything
        } else {
            &self.scope
        }
    }

    /// Whether any rule looks at everything.
    pub fn is_whole(&self) -> bool {
        !self.whole.is_empty() || matches!(self.scope, Scope::Everything)
    }

    pub fn is_empty(&self) -> bool {
        self.whole.is_empty()
            && self.mode != Mode::Reconcile
            && matches!(&self.scope, Scope::Some(touched) if touched.is_empty())
    }
}

/// Which cycle it will be: before the initial one is through there is no other.
pub(crate) fn mode(open: &Open, asked: Option<Mode>) -> Mode {
    match asked {
        _ if open.connection.watermark < 0 => Mode::Initial,
        // Nothing is written before the accounts have been seen again.
        _ if open.connection.state == State::Quarantine && open.connection.code == SHRANK => Mode::Reconcile,
        Some(mode) => mode,
        None if open.connection.wanted == Mode::Reconcile.word() => Mode::Reconcile,
        None => Mode::Incremental,
    }
}

/// Reads the work of a connection. The position is read before anything else, so that a change made
/// meanwhile is looked at again rather than missed.
pub(crate) async fn read(db: &Db, open: &Open, asked: Option<Mode>) -> Result<Work> {
    let at = open.now();
    let upto = db.read(change_log::last_position).await?;
    // A watermark ahead of the change log comes from another database, or from before a backup was restored:
    // nobody knows what it has seen.
    let mode = match mode(open, asked) {
        _ if open.connection.watermark > upto => Mode::Initial,
        mode => mode,
    };
    let was_ahead = open.connection.last_run > at;
    if was_ahead {
        set_clock_back(db, open, at).await?;
    }
    let mut work = Work::over(mode, Touched::default(), upto, at);
    let minutes = i64::from(open.preferences.clock_minutes);
    work.timed = was_ahead || open.connection.timed + minutes * MINUTE <= at;
    let touched = if mode == Mode::Initial {
        None
    } else {
        let changed = touched::since(db, open, open.connection.watermark, upto).await?;
        if work.timed {
            let timed = open.rules.iter().filter(|r| r.compiled.rule().enabled);
            work.whole
                .extend(timed.filter(|r| r.compiled.uses_clock()).map(|r| r.key));
        }
        if changed.lost_assigned_group {
            work.whole.extend(open.rules_for(Kind::Person).map(|r| r.key));
        }
        Some(changed.touched)
    };
    let (open, touched) = (open.clone(), touched.unwrap_or_default());
    let (more, due, revisits) = db
        .read(move |tx| {
            let (mut more, mut due) = (touched.clone(), Vec::new());
            for rule in open.rules.iter() {
                for (object, member) in retry::due(tx, rule.key, at, LIMIT)? {
                    more.enter(rule.kind, object, member);
                    due.push((rule.key, object, member));
                }
            }
            for step in staged::approved(tx, open.connection.key)? {
                if let Some(rule) = open.rule(step.rule) {
                    more.enter(rule.kind, step.object, step.member);
                }
            }
            let revisits = revisit::due(tx, open.connection.key, at, LIMIT)?;
            for (object, member) in &revisits {
                if *member == revisit::WHOLE {
                    enter_whole(tx, &open, *object, &mut more)?;
                } else if let Some(kind) = kind_of(tx, &open, *object, *member)? {
                    more.enter(kind, *object, *member);
                }
            }
            Ok::<_, provost_store::Error>((more, due, revisits))
        })
        .await?;
    work.due = due;
    work.revisits = revisits;
    work.scope = match mode {
        Mode::Initial => Scope::Everything,
        Mode::Incremental | Mode::Reconcile => Scope::Some(more),
    };
    Ok(work)
}

/// The clock was ahead when the last cycle ran: what was to be tried again by that clock is tried now.
async fn set_clock_back(db: &Db, open: &Open, at: i64) -> Result<()> {
    let connection = open.connection.clone();
    db.write(move |tx| retry::now(tx, "provost", at, &connection, None))
        .await?;
    Ok(())
}

/// Enters an object with everything about it: its own values, and its memberships from either end.
fn enter_whole(tx: &mut Tx, open: &Open, object: i64, touched: &mut Touched) -> provost_store::Result<()> {
    let kind = match kind_of(tx, open, object, 0)? {
        Some(kind) => Some(kind),
        None => recycle::get(tx, object)?.map(|gone| gone.kind),
    };
    match kind {
        Some(Kind::Person) => {
            touched.people.insert(object);
            let groups = nesting::groups_of(tx, object, open.preferences.nested)?;
            touched
                .memberships
                .extend(groups.into_iter().map(|group| (group, object)));
        }
        Some(Kind::Group) => {
            touched.groups.insert(object);
            touched.whole.insert(object);
        }
        None => {}
    }
    Ok(())
}

/// What an object is, also when only its link is left of it.
fn kind_of(tx: &mut Tx, open: &Open, object: i64, member: i64) -> provost_store::Result<Option<Kind>> {
    if member != 0 {
        return Ok(Some(Kind::Group));
    }
    if let Some(kind) = nesting::kind_of(tx, object)? {
        return Ok(Some(kind));
    }
    let links = link::of_object(tx, object)?;
    Ok(links
        .iter()
        .find_map(|link| open.rule(link.rule))
        .map(|rule| rule.kind))
}
