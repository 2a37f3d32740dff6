//! How wide each column of a table may be, and how a cell is shortened.

use super::screen::Tone;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Free texts, the least important in front: they give way first.
const FREE: &[&str] = &[
    "note",
    "notes",
    "detail",
    "details",
    "description",
    "browser",
    "what it gives",
    "reason",
    "sentence",
    "what is wrong",
    "meant",
    "sends like",
    "because of",
    "would be done",
    "what was done",
    "outcome",
    "in the target",
    "before",
    "after",
    "was",
    "written",
    "found",
    "should be",
    "last written",
];
/// What another command takes, or somebody searches for: it stays whole, because a part of it is good for nothing.
const WHOLE: &[&str] = &[
    "key",
    "id",
    "run",
    "row",
    "cycle",
    "version",
    "plan",
    "code",
    "client id",
    "urn",
    "setting",
    "digest",
];
/// What is numbered rather than counted: it stands on the left, as a name does.
const NUMBERED: &[&str] = &[
    "key", "id", "run", "row", "cycle", "version", "number", "status", "code",
];
/// Columns whose words say how something stands.
const STATES: &[&str] = &["state", "status", "severity", "outcome", "equal"];

/// Columns that a free text keeps at first, so that its beginning can still be read.
const READABLE: usize = 24;
/// Columns that any shortened text keeps.
const LEAST: usize = 8;
/// Columns of a time to the second, and to the minute: `2026-01-05T09:00:00Z`.
const SECONDS: usize = 20;
const MINUTES: usize = 17;

/// One column.
#[derive(Debug, Clone)]
pub(super) struct Column {
    heading: String,
    /// How wide it is.
    pub width: usize,
    /// Whether it holds counted numbers, which stand on the right.
    pub is_number: bool,
    is_time: bool,
}

impl Column {
    /// The column of a heading and its cells, as wide as the widest.
    pub fn of(heading: &str, cells: &[&str]) -> Self {
        let width = cells.iter().map(|cell| cell.width()).max().unwrap_or(0);
        let filled = || cells.iter().filter(|cell| !cell.is_empty() && **cell != "–");
        let is_number =
            !NUMBERED.contains(&heading) && filled().next().is_some() && filled().all(|cell| is_number(cell));
        Self {
            width: width.max(heading.to_uppercase().width()),
            is_time: filled().any(|cell| is_time(cell)),
            is_number,
            heading: heading.to_owned(),
        }
    }

    /// The tone of a cell, where its word says how something stands.
    pub fn tone(&self, cell: &str) -> Option<Tone> {
        let is_state = STATES.contains(&self.heading.as_str());
        is_state.then(|| tone(cell)).flatten()
    }

    fn least(&self) -> usize {
        match () {
            () if self.is_number || is_whole(&self.heading) => self.width,
            () if self.is_time => MINUTES.min(self.width),
            () => LEAST.max(self.heading.width()).min(self.width),
        }
    }
}

/// Makes columns narrower until the table fits. `false`: it cannot, and the columns are as they were.
pub(super) fn shrink(columns: &mut [Column], width: usize, gap: usize) -> bool {
    let gaps = gap * columns.len().saturating_sub(1);
    let least: usize = columns.iter().map(Column::least).sum();
    if least + gaps > width {
        return columns.iter().map(|one| one.width).sum::<usize>() + gaps <= width;
    }
    let too_much = |columns: &[Column]| {
        (columns.iter().map(|one| one.width).sum::<usize>() + gaps).saturating_sub(width)
    };
    let free = |columns: &[Column]| -> Vec<usize> {
        let place = |word: &&str| columns.iter().position(|one| one.heading == **word);
        FREE.iter().filter_map(place).collect()
    };
    for at in free(columns) {
        narrow(columns, at, READABLE, too_much(columns));
    }
    for least in [SECONDS, MINUTES] {
        for at in (0..columns.len())
            .filter(|at| columns.get(*at).is_some_and(|one| one.is_time))
            .collect::<Vec<_>>()
        {
            narrow(columns, at, least, too_much(columns));
        }
    }
    for at in free(columns) {
        narrow(columns, at, 0, too_much(columns));
    }
    // What is left are names: the longest gives way, a character at a time.
    while too_much(columns) > 0 {
        let widest = columns
            .iter_mut()
            .filter(|one| one.width > one.least())
            .max_by_key(|one| one.width);
        match widest {
            Some(column) => column.width -= 1,
            None => return false,
        }
    }
    true
}

/// Takes away from a column as much as is too much, and leaves it at least `least`.
fn narrow(columns: &mut [Column], at: usize, least: usize, too_much: usize) {
    if let Some(column) = columns.get_mut(at) {
        let least = least.max(column.least()).min(column.width);
        column.width = column.width.saturating_sub(too_much).max(least);
    }
}

/// Whether a column with this heading is never shortened.
pub(super) fn is_whole(heading: &str) -> bool {
    WHOLE.contains(&heading)
}

/// A cell in so many columns: a time loses its fractions, then its seconds; a text loses its end.
pub(super) fn shorten(cell: &str, width: usize) -> String {
    if cell.width() <= width {
        return cell.to_owned();
    }
    if is_time(cell) {
        let to_minutes = cell.get(..16).filter(|_| width >= MINUTES);
        let to_seconds = cell.get(..19).filter(|_| width >= SECONDS);
        if let Some(part) = to_seconds.or(to_minutes) {
            return format!("{part}Z");
        }
    }
    cut(cell, width)
}

/// The beginning of a text, with an ellipsis where it does not end.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut out, mut used) = (String::new(), 1);
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(c);
    }
    format!("{}…", out.trim_end())
}

fn is_number(cell: &str) -> bool {
    let digits = cell.trim_start_matches('-').trim_end_matches(" %");
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
}

/// Whether it is a time as [`crate::clock::text`] writes it.
fn is_time(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    bytes.len() == 24 && bytes.ends_with(b"Z") && bytes.get(10) == Some(&b'T') && bytes.get(19) == Some(&b'.')
}

/// The tone of a word for a state.
fn tone(word: &str) -> Option<Tone> {
    match word {
        "active" | "success" | "succeeded" | "ok" | "valid" | "saved" | "applied" | "done" | "enabled"
        | "yes" => Some(Tone::Good),
        "failed" | "failure" | "invalid" | "expired" | "blocked" | "quarantine" | "revoked" | "rejected"
        | "no" => Some(Tone::Bad),
        "held" | "paused" | "pending" | "open" | "warning" | "skipped" | "draft" | "unsynced"
        | "partially synced" | "running" | "inactive" => Some(Tone::Attention),
        _ => None,
    }
}
