//! What is done to the domain at Microsoft: begun before the first request leaves, ended by what stands afterwards.

use super::{SENT, STATE, State, make, note, of};
use crate::microsoft_365::{self, Provider};
use crate::{Error, Result, Row, Tx, word};
use serde_json::Value;

crate::statements! {
    BEGIN = "INSERT INTO federation_act (key, provider, workspace, act, began, ended, outcome, before, sent, told, actor) \
             VALUES ($1, $2, $3, $4, $5, 0, 'open', $6, $7, '', $8)";
    END = "UPDATE federation_act SET ended = $1, outcome = $2, told = $3 WHERE key = $4 AND outcome = 'open'";
    GIVE_UP = "UPDATE federation_act SET ended = $1, outcome = 'failed', told = 'another act took its place' \
               WHERE provider = $2 AND outcome = 'open'";
    LIST = "SELECT key, act, began, ended, outcome, before, sent, told, actor FROM federation_act WHERE provider = $1 \
            AND key < $2 ORDER BY key DESC LIMIT $3";
    UNFINISHED = "SELECT DISTINCT provider FROM federation_act WHERE outcome = 'open' AND began <= $1 \
                  ORDER BY provider LIMIT $2";
    SWITCHED = "UPDATE federation SET switched = $1 WHERE provider = $2";
    FORGET = "DELETE FROM federation_act WHERE provider = $1";
}

word::words! {
    /// What is done.
    ActKind, "act on a federation":
    /// The domain becomes federated.
    Switch = "switch",
    /// The domain becomes managed again.
    RollBack = "roll_back",
    /// The certificates of the federation change.
    Certificate = "certificate",
}

word::words! {
    /// What came of it.
    Outcome, "outcome of an act":
    /// It is under way, or nobody knows yet.
    Open = "open",
    /// It is as it was meant.
    Done = "done",
    /// Nothing was changed.
    Failed = "failed",
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// The inside key; later ones are larger.
    pub key: i64,
    /// What.
    pub act: ActKind,
    /// When it began.
    pub began: i64,
    /// When it ended; 0 while it is open.
    pub ended: i64,
    /// What came of it.
    pub outcome: Outcome,
    /// The federation that stood before, so that it can be put back; null for none.
    pub before: Value,
    /// What was sent.
    pub sent: Value,
    /// What there is to say about it.
    pub told: String,
    /// Who did it.
    pub actor: String,
}

fn read(row: &Row) -> Result<Act> {
    Ok(Act {
        key: row.int(0)?,
        act: row.str(1)?.parse()?,
        began: row.int(2)?,
        ended: row.int(3)?,
        outcome: row.str(4)?.parse()?,
        before: super::json(row, 5)?,
        sent: super::json(row, 6)?,
        told: row.text(7)?,
        actor: row.text(8)?,
    })
}

/// An act that is to begin.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// What is to be done.
    pub act: ActKind,
    /// The federation that stands; null for none.
    pub before: &'a Value,
    /// What will be sent.
    pub sent: &'a Value,
    /// Milliseconds that have to lie between two switches.
    pub rest: i64,
}

/// When the domain may be switched again; 0 for now.
pub fn free_at(switched: i64, rest: i64, now: i64) -> i64 {
    let free = switched.saturating_add(rest);
    if switched == 0 || free <= now { 0 } else { free }
}

/// Begins an act: one at a time, from the right state, and no switch within the rest after the one before. It is on the
/// disk before anything is sent; whoever comes second is refused.
///
/// # Errors
/// [`Error::Refused`]: `PRV-FEDERATION-STATE`, `PRV-FEDERATION-LOCKED`.
pub fn begin(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, order: Order) -> Result<i64> {
    make(tx, provider)?;
    let before = of(tx, provider.key)?;
    let (is_right, to) = match order.act {
        ActKind::Switch => (before.state == State::Managed, State::Switching),
        ActKind::RollBack => (before.state != State::Managed, State::RollingBack),
        ActKind::Certificate => (before.state == State::Federated, State::Federated),
    };
    if !is_right {
        return Err(Error::refused(
            "PRV-FEDERATION-STATE",
            format!("the domain {} is {}", provider.domain, before.state),
            "Look at the page Federation: it says what stands and what can be done.",
        ));
    }
    let free = free_at(before.switched, order.rest, now);
    if order.act != ActKind::Certificate && free > 0 {
        return Err(Error::refused(
            "PRV-FEDERATION-LOCKED",
            format!(
                "the domain {} was switched a short while ago, and Microsoft takes no other switch for {} more seconds",
                provider.domain,
                (free - now + 999) / 1000
            ),
            "Wait until the time is over; the page counts it down.",
        ));
    }
    tx.execute(GIVE_UP, &[now.into(), provider.key.into()])?;
    let key = tx.key();
    let (old, sent) = (order.before.to_string(), order.sent.to_string());
    let params = [
        key.into(),
        provider.key.into(),
        provider.workspace.into(),
        order.act.as_str().into(),
        now.into(),
        (&old).into(),
        (&sent).into(),
        actor.into(),
    ];
    tx.execute(BEGIN, &params)?;
    if to != before.state {
        tx.execute(STATE, &[to.as_str().into(), now.into(), provider.key.into()])?;
    }
    if order.act != ActKind::RollBack {
        tx.execute(SENT, &[(&sent).into(), provider.key.into()])?;
    }
    let detail = format!("{}, from {}", provider.domain, before.state);
    note(tx, now, actor, &format!("{}.begin", order.act), provider, &detail)?;
    Ok(key)
}

/// The act that nobody knows the outcome of yet.
///
/// # Errors
/// Any error of the database.
pub fn open(tx: &mut Tx, provider: i64) -> Result<Option<Act>> {
    let newest = acts(tx, provider, i64::MAX, 1)?;
    Ok(newest.into_iter().find(|act| act.outcome == Outcome::Open))
}

/// Providers with an act that began at `before` or earlier, and of which nobody knows what came; at most `limit`.
///
/// # Errors
/// Any error of the database.
pub fn unfinished(tx: &mut Tx, before: i64, limit: i64) -> Result<Vec<i64>> {
    tx.query(UNFINISHED, &[before.into(), limit.into()], |row| row.int(0))
}

/// Ends an act by what stands at Microsoft. `None` for a state: it is not known, and the act stays open. A domain that is
/// federated opens the assignment of people, one that is managed closes it, in the same transaction.
///
/// # Errors
/// Any error of the database.
pub fn end(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    provider: &Provider,
    act: &Act,
    stands: Option<State>,
    told: &str,
) -> Result<()> {
    let Some(state) = stands else {
        return note(tx, now, actor, &format!("{}.unknown", act.act), provider, told);
    };
    let before = of(tx, provider.key)?;
    let is_done = match act.act {
        ActKind::Switch => state == State::Federated,
        ActKind::RollBack => state == State::Managed,
        ActKind::Certificate => told.is_empty(),
    };
    let outcome = if is_done { Outcome::Done } else { Outcome::Failed };
    let params = [now.into(), outcome.as_str().into(), told.into(), act.key.into()];
    if tx.execute(END, &params)? == 0 {
        return Ok(());
    }
    if state != before.state {
        tx.execute(STATE, &[state.as_str().into(), now.into(), provider.key.into()])?;
    }
    if is_done && act.act != ActKind::Certificate {
        tx.execute(SWITCHED, &[now.into(), provider.key.into()])?;
    }
    if state == State::Managed {
        tx.execute(SENT, &["null".into(), provider.key.into()])?;
    }
    settle(tx, actor, now, provider, state)?;
    let detail = if told.is_empty() {
        provider.domain.as_str()
    } else {
        told
    };
    note(
        tx,
        now,
        actor,
        &format!("{}.{outcome}", act.act),
        provider,
        detail,
    )
}

/// The provider's own state follows.
fn settle(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, state: State) -> Result<()> {
    let to = match state {
        State::Federated => microsoft_365::State::Federated,
        State::Managed => microsoft_365::State::Active,
        State::Switching | State::RollingBack => return Ok(()),
    };
    let found = microsoft_365::by_key(tx, provider.key)?;
    let Some(found) = found.filter(|one| one.state != to) else {
        return Ok(());
    };
    microsoft_365::set_state(tx, actor, now, &found, to)?;
    Ok(())
}

/// What was done, newest first, before the act with this key (`i64::MAX` for the newest).
///
/// # Errors
/// Any error of the database.
pub fn acts(tx: &mut Tx, provider: i64, before: i64, limit: i64) -> Result<Vec<Act>> {
    tx.query(LIST, &[provider.into(), before.into(), limit.into()], read)
}

pub(super) fn forget(tx: &mut Tx, provider: i64) -> Result<()> {
    tx.execute(FORGET, &[provider.into()])?;
    Ok(())
}
