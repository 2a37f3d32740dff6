//! Tables as text (RFC 4180, and what spreadsheets make of it): the rows of a file one after
//! another, in bounded memory.
//!
//! Recognised by themselves: the encoding (UTF-8, UTF-16 in both orders, Windows-1252, with or
//! without a byte order mark), the delimiter (`,` `;` or tab, and Excel's first line `sep=`) and
//! every form of line end. A [`Fault`] names the line that an editor shows.

mod decode;
mod parse;

use std::io::Read;

use serde_json::{Map, Value};

use self::decode::Decoded;
pub use self::decode::Encoding;
use self::parse::Parser;

/// How a table is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The character between two fields; `None` recognises it from the first line.
    pub delimiter: Option<char>,
    /// How characters are written; `None` recognises it from the beginning of the file.
    pub encoding: Option<Encoding>,
    /// Most bytes of one field, as UTF-8. Default 64 KiB.
    pub field_bytes: usize,
    /// Most bytes of one row, as UTF-8. Default 1 MiB.
    pub row_bytes: usize,
    /// Most columns. Default 500.
    pub columns: usize,
    /// Most rows without the first line. Default 5,000,000.
    pub rows: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            delimiter: None,
            encoding: None,
            field_bytes: 64 * 1024,
            row_bytes: 1024 * 1024,
            columns: 500,
            rows: 5_000_000,
        }
    }
}

/// What is wrong with a table, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct Fault {
    /// The line on which the row at fault begins, or the fault itself stands; the first is 1.
    pub line: u64,
    /// What is wrong, in a sentence without the values of the row.
    pub message: String,
    /// Whether nothing after it can be read. Otherwise the next row is the next item.
    pub last: bool,
}

impl Fault {
    fn row(line: u64, message: impl Into<String>) -> Self {
        Self {
            line,
            message: message.into(),
            last: false,
        }
    }

    fn fatal(line: u64, message: impl Into<String>) -> Self {
        Self {
            last: true,
            ..Self::row(line, message)
        }
    }
}

/// A row: each column's name with its text, or `Null` where the field is empty.
pub type Row = Map<String, Value>;

/// Reads a table whose first line names the columns. Nothing is read before the first row or
/// [`Reader::columns`] is asked for.
pub fn read<R: Read>(reader: R, options: &Options) -> Reader<R> {
    Reader {
        parser: Parser::new(Decoded::new(reader, options.encoding), options),
        options: options.clone(),
        columns: None,
        rows: 0,
        over: false,
        line: 0,
    }
}

/// The rows of a table. An item is a [`Row`] or a [`Fault`]; after a fault that is the last one
/// the iterator ends.
pub struct Reader<R> {
    parser: Parser<R>,
    options: Options,
    columns: Option<Vec<String>>,
    rows: u64,
    over: bool,
    line: u64,
}

impl<R: Read> Reader<R> {
    /// The columns by their names as the first line has them, without the spaces around them.
    ///
    /// # Errors
    /// The [`Fault`] that makes the whole table unreadable: no first line, a column without a
    /// name or with the name of another, too many columns.
    pub fn columns(&mut self) -> Result<&[String], Fault> {
        if self.columns.is_none() {
            let names = self.read_columns().inspect_err(|_| self.over = true)?;
            self.columns = Some(names);
        }
        Ok(self.columns.as_deref().unwrap_or_default())
    }

    /// The line on which the row that came last begins.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    fn read_columns(&mut self) -> Result<Vec<String>, Fault> {
        if self.over {
            return Err(Fault::fatal(self.line.max(1), "the table could not be read"));
        }
        let Some((line, fields)) = self.parser.first()? else {
            return Err(Fault::fatal(
                1,
                "the file is empty: the first line must name the columns",
            ));
        };
        let names: Vec<String> = fields.into_iter().map(|name| name.trim().to_owned()).collect();
        for (index, name) in names.iter().enumerate() {
            if name.is_empty() {
                let message = format!("column {} has no name", index + 1);
                return Err(Fault::fatal(line, message));
            }
            let twin = |other: &&String| other.to_lowercase() == name.to_lowercase();
            if names.iter().take(index).any(|other| twin(&other)) {
                let message = format!("two columns are called {}", crate::error::quote(name));
                return Err(Fault::fatal(line, message));
            }
        }
        Ok(names)
    }

    fn row(&mut self) -> Result<Option<Row>, Fault> {
        self.columns()?;
        let Some((line, fields)) = self.parser.record()? else {
            return Ok(None);
        };
        self.line = line;
        self.rows += 1;
        if self.rows > self.options.rows {
            let message = format!("there are more than {} rows", self.options.rows);
            return Err(Fault::fatal(line, message));
        }
        let columns = self.columns.as_deref().unwrap_or_default();
        if fields.len() != columns.len() {
            let message = format!(
                "the row has {} fields, but there are {} columns",
                fields.len(),
                columns.len()
            );
            return Err(Fault::row(line, message));
        }
        if let Some(at) = fields.iter().position(|field| field.contains('\0')) {
            let message = format!(
                "the field {} holds a zero character",
                crate::error::quote(&columns[at])
            );
            return Err(Fault::row(line, message));
        }
        let values = fields.into_iter().map(|field| match field.trim() {
            "" => Value::Null,
            _ => Value::String(field),
        });
        Ok(Some(columns.iter().cloned().zip(values).collect()))
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Row, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let row = self.row().transpose();
        self.over = match &row {
            None => true,
            Some(Err(fault)) => fault.last,
            Some(Ok(_)) => false,
        };
        row
    }
}

#[cfg(test)]
mod tests;
