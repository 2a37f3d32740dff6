//! Standard output: a table for people, or JSON alone for programs.

mod fit;
pub(crate) mod screen;
mod table;

pub(crate) use table::Table;

use anyhow::Result;
use screen::on_one_line;
use serde::Serialize;
use std::io::{ErrorKind, Write as _};
use unicode_width::UnicodeWidthStr as _;

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

/// `1 person`, `3 people`.
pub(crate) fn count(number: impl Into<i128>, one: &str, many: &str) -> String {
    let number = number.into();
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Names and values under each other, indented, the values in one column.
pub(crate) fn pairs(all: &[(&str, String)]) -> String {
    let width = all.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    let lines: Vec<String> = all
        .iter()
        .map(|(name, value)| {
            let blanks = " ".repeat(width - name.width());
            format!("  {name}{blanks}  {}", on_one_line(value))
                .trim_end()
                .to_owned()
        })
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
