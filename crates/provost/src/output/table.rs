//! A table for people: aligned, without lines, one line for each row, fitted to the terminal.

use super::fit::{self, Column};
use super::screen::{self, Tone, on_one_line};
use unicode_width::UnicodeWidthStr as _;

/// Blanks between two columns.
const GAP: usize = 2;
/// Blanks that a table may be set in by.
const INDENT: usize = 2;

/// A table for people. Counted numbers stand on the right; what is too long for the terminal is shortened in the column
/// that matters least, and nothing is shortened where there is no terminal.
pub(crate) struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// How a table is to be laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// The columns of the terminal; none: as wide as it comes.
    pub width: Option<usize>,
    /// Whether words of states have colours.
    pub is_coloured: bool,
}

impl Layout {
    fn of_standard_output() -> Self {
        Self {
            // Many a table is set in by two blanks, below its heading.
            width: screen::width().map(|width| width.saturating_sub(INDENT)),
            is_coloured: screen::is_coloured(&std::io::stdout()),
        }
    }
}

impl Table {
    /// A table with these headings.
    pub fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self {
            headings: headings.map(str::to_owned).to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows
            .push(cells.iter().map(|cell| on_one_line(cell)).collect());
    }

    /// The table's text, or `nothing` when it has no rows.
    pub fn text_or(self, nothing: &str) -> String {
        if self.rows.is_empty() {
            return nothing.to_owned();
        }
        self.laid_out(Layout::of_standard_output())
    }

    pub(super) fn laid_out(&self, layout: Layout) -> String {
        let mut columns: Vec<Column> = self.columns();
        if let Some(width) = layout.width
            && !fit::shrink(&mut columns, width, GAP)
        {
            return self.as_records(layout);
        }
        let mut lines = vec![self.line(&columns, layout, None)];
        lines.extend(self.rows.iter().map(|row| self.line(&columns, layout, Some(row))));
        lines.join("\n")
    }

    fn columns(&self) -> Vec<Column> {
        let column = |(at, heading): (usize, &String)| {
            let cells: Vec<&str> = self
                .rows
                .iter()
                .filter_map(|row| row.get(at))
                .map(String::as_str)
                .collect();
            Column::of(heading, &cells)
        };
        self.headings.iter().enumerate().map(column).collect()
    }

    /// One line: the headings, or a row.
    fn line(&self, columns: &[Column], layout: Layout, row: Option<&Vec<String>>) -> String {
        let mut out = String::new();
        let cells = row.unwrap_or(&self.headings);
        for (at, (column, cell)) in columns.iter().zip(cells).enumerate() {
            if at > 0 {
                out.push_str(&" ".repeat(GAP));
            }
            let text = match row {
                None => fit::cut(&cell.to_uppercase(), column.width),
                Some(_) => fit::shorten(cell, column.width),
            };
            let blanks = " ".repeat(column.width.saturating_sub(text.width()));
            let tone = match row {
                None => Some(Tone::Heading),
                Some(_) => column.tone(cell),
            };
            let painted = match tone.filter(|_| layout.is_coloured && !text.is_empty()) {
                Some(tone) => screen::paint(tone, &text),
                None => text,
            };
            match column.is_number {
                true => out.extend([blanks.as_str(), painted.as_str()]),
                false => out.extend([painted.as_str(), blanks.as_str()]),
            }
        }
        out.trim_end().to_owned()
    }

    /// For a terminal too narrow for the columns: each row below the other, a cell a line.
    fn as_records(&self, layout: Layout) -> String {
        let left = self
            .headings
            .iter()
            .map(|heading| heading.width())
            .max()
            .unwrap_or(0);
        let room = layout
            .width
            .unwrap_or(usize::MAX)
            .saturating_sub(left + GAP)
            .max(1);
        let record = |row: &Vec<String>| {
            let cells = self.headings.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
            let lines = cells.map(|(heading, cell)| {
                let blanks = " ".repeat(left - heading.width() + GAP);
                let text = if fit::is_whole(heading) {
                    cell.clone()
                } else {
                    fit::shorten(cell, room)
                };
                format!("{}{blanks}{text}", heading.to_uppercase())
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        self.rows.iter().map(record).collect::<Vec<_>>().join("\n\n")
    }
}

#[cfg(test)]
mod tests;
