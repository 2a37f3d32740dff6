//! What the outcome of a step says about its object, in the commit that records the outcome.

use provost_store::Tx;
use provost_store::sync_status::{self, Entry, State};

/// What a group of outcomes says.
#[derive(Default)]
pub(crate) struct Notes {
    wrong: Vec<Entry>,
    fine: Vec<i64>,
}

impl Notes {
    /// The object is as the rule wants it, or gone.
    pub fn fine(&mut self, object: i64) {
        self.fine.push(object);
    }

    /// It has no account, and none may be made.
    pub fn unsynced(&mut self, rule: i64, object: i64, code: &str, reason: &str) {
        self.wrong
            .push(entry(rule, object, State::Unsynced, code, reason));
    }

    /// It has an account that is not wholly as it should be.
    pub fn partial(&mut self, rule: i64, object: i64, code: &str, reason: &str) {
        self.wrong.push(entry(rule, object, State::Partial, code, reason));
    }

    /// Its step failed.
    pub fn failed(&mut self, rule: i64, object: i64, code: &str, reason: &str) {
        self.wrong.push(entry(rule, object, State::Failed, code, reason));
    }

    /// Writes them down. Where all is well, and was before, nothing is written.
    pub fn write(&self, tx: &mut Tx, rule: i64, now: i64) -> provost_store::Result<()> {
        let mut was_wrong: Vec<i64> = sync_status::among(tx, rule, &self.fine)?.into_iter().collect();
        was_wrong.sort_unstable();
        if !was_wrong.is_empty() {
            sync_status::clear(tx, rule, &was_wrong)?;
        }
        sync_status::put(tx, now, &self.wrong)
    }
}

/// The objects failed before the target was asked.
pub(crate) fn failed<'a>(
    tx: &mut Tx,
    now: i64,
    rule: i64,
    failures: impl Iterator<Item = (i64, &'a str, &'a str)>,
) -> provost_store::Result<()> {
    let mut notes = Notes::default();
    failures.for_each(|(object, code, reason)| notes.failed(rule, object, code, reason));
    notes.write(tx, rule, now)
}

/// A part of an object could not be written: a reference.
pub(crate) fn partial(
    tx: &mut Tx,
    now: i64,
    rule: i64,
    object: i64,
    code: &str,
    reason: &str,
) -> provost_store::Result<()> {
    sync_status::put(tx, now, &[entry(rule, object, State::Partial, code, reason)])
}

pub(super) fn entry(rule: i64, object: i64, state: State, code: &str, reason: &str) -> Entry {
    Entry {
        rule,
        object,
        state,
        code: code.to_owned(),
        reason: reason.to_owned(),
        since: 0,
    }
}
