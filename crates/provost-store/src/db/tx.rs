//! The one transaction type: store code is plain functions over [`Tx`], the same for both databases.

use super::backend::Backend;
use super::ledger::{AuditHead, Ledger};
use super::{Param, Row};
use crate::{Error, Result};
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
