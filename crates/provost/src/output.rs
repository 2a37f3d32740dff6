//! Standard output: a table for people, or JSON alone for programs.

use anyhow::Result;
use comfy_table::{ContentArrangement, presets};
use serde::Serialize;
use std::io::{ErrorKind, Write as _};

/// Prints a text and a line end. Who closes the pipe has read enough: that is not an error.
pub(crate) fn line(text: impl AsRef<str>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{}", text.as_ref()).and_then(|()| out.flush());
    match written {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// Prints a value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    line(serde_json::to_string_pretty(value)?)
}

/// Prints JSON when it is asked for, else the text for people.
pub(crate) fn either(as_json: bool, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
    if as_json { json(value) } else { line(text()) }
}

/// A table for people: aligned, without lines, fitted to the terminal.
pub(crate) struct Table(comfy_table::Table);

impl Table {
    /// A table with these headings.
    pub fn new<const N: usize>(headings: [&str; N]) -> Self {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(headings.map(str::to_uppercase));
        Self(table)
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.add_row(cells);
    }

    /// The table's text, or `nothing` when it has no rows.
    pub fn text_or(mut self, nothing: &str) -> String {
        if self.0.is_empty() {
            return nothing.to_owned();
        }
        for column in self.0.column_iter_mut() {
            column.set_padding((0, 2));
        }
        self.0.trim_fmt()
    }
}

/// `1 person`, `3 people`.
pub(crate) fn count(number: impl Into<i128>, one: &str, many: &str) -> String {
    let number = number.into();
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Names and values under each other, indented, the values in one column.
pub(crate) fn pairs(all: &[(&str, String)]) -> String {
    let width = all
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let lines: Vec<String> = all
        .iter()
        .map(|(name, value)| format!("  {name:width$}  {value}").trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// The same text, each line indented as [`pairs`] are.
pub(crate) fn indent(text: &str) -> String {
    text.lines()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
