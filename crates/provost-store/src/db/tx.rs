//! The one transaction type: store code is plain functions over [`Tx`], the same for both databases.

use super::backend::Backend;
use super::ledger::{AuditHead, Ledger};
use super::{Param, Row};
use crate::{Error, Result};
use std::fmt::Write as _;
use std::time::Instant;

/// An open transaction, on SQLite or PostgreSQL.
///
/// Statements are written once: parameters are `$1 …` in the order of their first use, key columns are
/// computed in Rust, and what must differ between the databases stays inside this crate.
pub struct Tx<'c> {
    pub(super) backend: &'c mut Backend,
    pub(super) ledger: &'c mut Ledger,
    pub(super) deadline: Option<Instant>,
    /// The last error that may heal by running the closure again.
    pub(super) transient: Option<Error>,
}

impl Tx<'_> {
    /// Runs a statement and says how many rows it touched.
    ///
    /// # Errors
    /// [`Error::Conflict`] when a unique value is taken; any error of the database.
    pub(crate) fn execute(&mut self, sql: &str, params: &[Param]) -> Result<u64> {
        let result = self.backend.execute(sql, params);
        self.note(result)
    }

    /// Runs a query and turns each row into a value.
    pub(crate) fn query<T>(
        &mut self,
        sql: &str,
        params: &[Param],
        mut map: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut out = Vec::new();
        self.for_each(sql, params, |row| {
            out.push(map(row)?);
            Ok(true)
        })?;
        Ok(out)
    }

    /// Runs a query and hands each row to `each` until it answers `false`.
    pub(crate) fn for_each(
        &mut self,
        sql: &str,
        params: &[Param],
        each: impl FnMut(&Row) -> Result<bool>,
    ) -> Result<()> {
        let result = self.backend.for_each(sql, params, each);
        self.note(result)
    }

    /// The first row, if there is one.
    pub(crate) fn first<T>(
        &mut self,
        sql: &str,
        params: &[Param],
        mut map: impl FnMut(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut out = None;
        self.for_each(sql, params, |row| {
            out = Some(map(row)?);
            Ok(false)
        })?;
        Ok(out)
    }

    /// Runs a statement over many items, up to 512 at a time, and hands every row of the answers to `each`.
    ///
    /// `bind` makes an item's values. `text` makes the statement around the list of their places: `$2, $3`
    /// for one value an item, `($2, $3), ($4, $5)` for several, after the places of `first`. The few lengths
    /// of the list keep the statements few, so that the databases prepare each of them once.
    pub(crate) fn batches<T, const N: usize>(
        &mut self,
        first: &[Param],
        items: &[T],
        bind: impl for<'t> Fn(&'t T) -> [Param<'t>; N],
        text: impl Fn(&str) -> String,
        mut each: impl FnMut(&Row) -> Result<()>,
    ) -> Result<()> {
        let mut rest = items;
        while !rest.is_empty() {
            let length = BATCHES.into_iter().find(|n| *n <= rest.len()).unwrap_or(1);
            let (now, later) = rest.split_at(length);
            let mut params = first.to_vec();
            params.extend(now.iter().flat_map(&bind));
            let sql = text(&places(first.len(), length, N));
            self.for_each(&sql, &params, |row| each(row).map(|()| true))?;
            rest = later;
        }
        Ok(())
    }

    /// Prepares a statement without running it: the check that it fits the schema.
    pub fn check(&mut self, sql: &str) -> Result<()> {
        let result = self.backend.check(sql);
        self.note(result)
    }

    /// A new key; see [`Ledger::key`].
    pub(crate) fn key(&mut self) -> i64 {
        self.ledger.key()
    }

    pub(crate) fn change(&mut self) -> i64 {
        self.ledger.change()
    }

    pub(crate) fn live(&mut self, owner: i64, kind: i64, key: i64, by: i64) {
        self.ledger.live(owner, kind, key, by);
    }

    /// Notes that an object came in this transaction; see [`Tx::has_arrived`].
    pub(crate) fn note_arrival(&mut self, key: i64) {
        self.ledger.arrived(key);
    }

    /// Whether the object came in this transaction: then its `Create` in the change log says all there is.
    pub(crate) fn has_arrived(&self, key: i64) -> bool {
        self.ledger.has_arrived(key)
    }

    pub(crate) fn audit_head(&mut self, workspace: i64) -> Result<&mut AuditHead> {
        self.ledger.audit_head(self.backend, workspace)
    }

    /// Gives up when the read has run for longer than it may. Called between rows that are looked at in Rust.
    pub(crate) fn keep_time(&self) -> Result<()> {
        self.deadline().keep()
    }

    /// The moment by which the read must end, to look at while the transaction is in use.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline(self.deadline)
    }

    fn note<T>(&mut self, result: Result<T>) -> Result<T> {
        if let Err(e) = &result
            && e.is_transient()
        {
            self.transient = Some(e.clone());
        }
        result
    }
}

/// Items in one statement of [`Tx::batches`].
const BATCHES: [usize; 4] = [512, 64, 8, 1];

/// The places of `items` items with `each` values, numbered from `after` + 1.
fn places(after: usize, items: usize, each: usize) -> String {
    let mut out = String::with_capacity(items * each * 7);
    for item in 0..items {
        if item > 0 {
            out.push_str(", ");
        }
        let first = after + item * each;
        let numbers = (first + 1..=first + each).enumerate();
        if each > 1 {
            out.push('(');
        }
        for (i, number) in numbers {
            let joint = if i > 0 { ", " } else { "" };
            // Writing into a String has no way to fail.
            let _ = write!(out, "{joint}${number}");
        }
        if each > 1 {
            out.push(')');
        }
    }
    out
}

/// The moment by which a read must end.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// Gives up once the moment has passed.
    pub fn keep(self) -> Result<()> {
        match self.0 {
            Some(at) if Instant::now() > at => Err(Error::Timeout {
                millis: super::READ_MILLIS,
            }),
            _ => Ok(()),
        }
    }
}
