//! One open connection to either database, with the same few verbs.

use super::{Param, Row, postgres as pg, sqlite};
use crate::{Error, Result};
use std::collections::HashMap;

/// An open connection.
pub(super) enum Backend {
    Sqlite(rusqlite::Connection),
    Postgres(Box<PostgresSession>),
}

/// A PostgreSQL connection with its prepared statements.
pub(super) struct PostgresSession {
    pub client: postgres::Client,
    statements: HashMap<String, postgres::Statement>,
}

/// Prepared statements kept per PostgreSQL connection. Fixed statements are fewer; the rest are
/// filters, whose texts differ only by shape because their values are bound.
const STATEMENTS: usize = 512;

impl PostgresSession {
    pub fn new(client: postgres::Client) -> Self {
        Self {
            client,
            statements: HashMap::new(),
        }
    }

    fn prepared(&mut self, sql: &str) -> Result<postgres::Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        let statement = self.client.prepare(sql).map_err(pg::error)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

impl Backend {
    /// Runs a statement and says how many rows it touched.
    pub fn execute(&mut self, sql: &str, params: &[Param]) -> Result<u64> {
        match self {
            Backend::Sqlite(c) => {
                let mut statement = c.prepare_cached(sql).map_err(sqlite::error)?;
                let rows = statement
                    .execute(rusqlite::params_from_iter(params))
                    .map_err(sqlite::error)?;
                Ok(rows as u64)
            }
            Backend::Postgres(s) => {
                let statement = s.prepared(sql)?;
                s.client.execute(&statement, &borrowed(params)).map_err(pg::error)
            }
        }
    }

    /// Runs a query and hands each row to `each`, until it answers `false`.
    pub fn for_each(
        &mut self,
        sql: &str,
        params: &[Param],
        mut each: impl FnMut(&Row) -> Result<bool>,
    ) -> Result<()> {
        match self {
            Backend::Sqlite(c) => {
                let mut statement = c.prepare_cached(sql).map_err(sqlite::error)?;
                let mut rows = statement
                    .query(rusqlite::params_from_iter(params))
                    .map_err(sqlite::error)?;
                while let Some(row) = rows.next().map_err(sqlite::error)? {
                    if !each(&Row::Sqlite(row))? {
                        break;
                    }
                }
            }
            Backend::Postgres(s) => {
                let statement = s.prepared(sql)?;
                for row in &s.client.query(&statement, &borrowed(params)).map_err(pg::error)? {
                    if !each(&Row::Postgres(row))? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// Prepares a statement without running it.
    pub fn check(&mut self, sql: &str) -> Result<()> {
        match self {
            Backend::Sqlite(c) => c.prepare_cached(sql).map(drop).map_err(sqlite::error),
            Backend::Postgres(s) => s.prepared(sql).map(drop),
        }
    }

    /// Runs one statement without parameters that belongs to transaction control.
    pub fn control(&mut self, sql: &'static str) -> Result<()> {
        match self {
            Backend::Sqlite(c) => c
                .prepare_cached(sql)
                .and_then(|mut s| s.execute([]))
                .map(drop)
                .map_err(sqlite::error),
            Backend::Postgres(s) => s.client.batch_execute(sql).map_err(pg::error),
        }
    }

    /// Runs several statements at once, for migrations.
    pub fn script(&mut self, sql: &str) -> Result<()> {
        match self {
            Backend::Sqlite(c) => c.execute_batch(sql).map_err(sqlite::error),
            Backend::Postgres(s) => s.client.batch_execute(sql).map_err(pg::error),
        }
    }

    /// Whether the connection is gone and must be opened anew.
    pub fn is_lost(&self) -> bool {
        match self {
            Backend::Sqlite(_) => false,
            Backend::Postgres(s) => s.client.is_closed(),
        }
    }
}

fn borrowed<'a>(params: &'a [Param<'a>]) -> Vec<&'a (dyn postgres::types::ToSql + Sync)> {
    params
        .iter()
        .map(|p| p as &(dyn postgres::types::ToSql + Sync))
        .collect()
}

impl From<rusqlite::Connection> for Backend {
    fn from(connection: rusqlite::Connection) -> Self {
        Backend::Sqlite(connection)
    }
}

/// The error of a value that must be there.
pub(super) fn missing(what: &str) -> Error {
    Error::Damaged(format!("{what} is missing"))
}
