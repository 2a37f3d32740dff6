//! Parameters and rows: the few types the schema uses, on both databases.

use crate::{Error, Result};
use rusqlite::types::{ToSqlOutput, ValueRef};
use uuid::Uuid;

/// A bound parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Param<'a> {
    /// SQL NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text without NUL (PostgreSQL cannot keep it; it is refused at the edge).
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A public identifier.
    Uuid(Uuid),
}

macro_rules! from {
    ($($from:ty => $variant:ident),* $(,)?) => {
        $(impl<'a> From<$from> for Param<'a> { fn from(value: $from) -> Self { Param::$variant(value) } })*
        $(impl<'a> From<Option<$from>> for Param<'a> {
            fn from(value: Option<$from>) -> Self { value.map_or(Param::Null, Param::$variant) }
        })*
    };
}
from!(bool => Bool, i64 => Int, &'a str => Text, &'a [u8] => Bytes, Uuid => Uuid);

impl<'a> From<&'a String> for Param<'a> {
    fn from(value: &'a String) -> Self {
        Param::Text(value)
    }
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Bool(b) => ValueRef::Integer(i64::from(*b)),
            Param::Int(i) => ValueRef::Integer(*i),
            Param::Text(s) => ValueRef::Text(s.as_bytes()),
            Param::Bytes(b) => ValueRef::Blob(b),
            Param::Uuid(u) => ValueRef::Blob(u.as_bytes()),
        }))
    }
}

/// Writes a [`Param`] in PostgreSQL's binary format. Accepts every type, because key columns have a
/// domain type (`key_text`) that the driver does not know by name.
impl postgres::types::ToSql for Param<'_> {
    fn to_sql(
        &self,
        ty: &postgres::types::Type,
        out: &mut postgres::types::private::BytesMut,
    ) -> std::result::Result<postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
        use postgres::types::{IsNull, Type};
        match self {
            Param::Null => return Ok(IsNull::Yes),
            Param::Bool(b) => return b.to_sql(ty, out),
            Param::Int(i) if *ty == Type::INT4 => return i32::try_from(*i)?.to_sql(ty, out),
            Param::Int(i) => return i.to_sql(ty, out),
            Param::Text(s) => out.extend_from_slice(s.as_bytes()),
            Param::Bytes(b) => out.extend_from_slice(b),
            Param::Uuid(u) => out.extend_from_slice(u.as_bytes()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &postgres::types::Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// A row of a result, whichever database it comes from. Columns are counted from 0.
pub enum Row<'a> {
    /// A row of SQLite.
    Sqlite(&'a rusqlite::Row<'a>),
    /// A row of PostgreSQL.
    Postgres(&'a postgres::Row),
}

impl Row<'_> {
    /// A whole number.
    pub fn int(&self, i: usize) -> Result<i64> {
        match self {
            Row::Sqlite(r) => r.get(i).map_err(damaged),
            Row::Postgres(r) => r.try_get(i).map_err(damaged),
        }
    }

    /// A whole number or NULL.
    pub fn int_or_null(&self, i: usize) -> Result<Option<i64>> {
        match self {
            Row::Sqlite(r) => r.get(i).map_err(damaged),
            Row::Postgres(r) => r.try_get(i).map_err(damaged),
        }
    }

    /// A truth value.
    pub fn bool(&self, i: usize) -> Result<bool> {
        match self {
            Row::Sqlite(r) => r.get(i).map_err(damaged),
            Row::Postgres(r) => r.try_get(i).map_err(damaged),
        }
    }

    /// A truth value or NULL.
    pub fn bool_or_null(&self, i: usize) -> Result<Option<bool>> {
        match self {
            Row::Sqlite(r) => r.get(i).map_err(damaged),
            Row::Postgres(r) => r.try_get(i).map_err(damaged),
        }
    }

    /// Text.
    pub fn text(&self, i: usize) -> Result<String> {
        match self {
            Row::Sqlite(r) => r.get(i).map_err(damaged),
            Row::Postgres(r) => r.try_get(i).map_err(damaged),
        }
    }

    /// Text or NULL.
    pub fn text_or_null(&self, i: usize) -> Result<Option<String>> {
        match self {
            Row::Sqlite(r) => r.get(i).map_err(damaged),
            Row::Postgres(r) => r.try_get(i).map_err(damaged),
        }
    }

    /// Text without a copy.
    pub fn str(&self, i: usize) -> Result<&str> {
        match self {
            Row::Sqlite(r) => r.get_ref(i).map_err(damaged)?.as_str().map_err(damaged),
            Row::Postgres(r) => r.try_get(i).map_err(damaged),
        }
    }

    /// Bytes.
    pub fn bytes(&self, i: usize) -> Result<Vec<u8>> {
        match self {
            Row::Sqlite(r) => r.get(i).map_err(damaged),
            Row::Postgres(r) => r.try_get(i).map_err(damaged),
        }
    }

    /// A public identifier or NULL.
    pub fn uuid_or_null(&self, i: usize) -> Result<Option<Uuid>> {
        let is_null = match self {
            Row::Sqlite(r) => r.get_ref(i).map_err(damaged)? == ValueRef::Null,
            Row::Postgres(r) => {
                return r
                    .try_get::<_, Option<RawUuid>>(i)
                    .map(|u| u.map(|u| u.0))
                    .map_err(damaged);
            }
        };
        if is_null { Ok(None) } else { self.uuid(i).map(Some) }
    }

    /// A public identifier.
    pub fn uuid(&self, i: usize) -> Result<Uuid> {
        match self {
            Row::Sqlite(r) => {
                let bytes = r.get_ref(i).map_err(damaged)?.as_blob().map_err(damaged)?;
                Uuid::from_slice(bytes).map_err(damaged)
            }
            Row::Postgres(r) => r.try_get::<_, RawUuid>(i).map(|u| u.0).map_err(damaged),
        }
    }
}

fn damaged(error: impl std::fmt::Display) -> Error {
    Error::Damaged(error.to_string())
}

/// Reads PostgreSQL's 16 bytes of a `uuid` without the driver's optional feature.
struct RawUuid(Uuid);

impl<'a> postgres::types::FromSql<'a> for RawUuid {
    fn from_sql(
        _: &postgres::types::Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(RawUuid(Uuid::from_slice(raw)?))
    }

    fn accepts(ty: &postgres::types::Type) -> bool {
        *ty == postgres::types::Type::UUID
    }
}
