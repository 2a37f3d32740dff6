//! A stretch of a text with a caret under the place that is meant.

use std::fmt;
use std::ops::Range;

/// A place in a text. `Display` shows its line, with carets under the place.
pub(crate) struct Excerpt<'a> {
    /// What the text is: a file's name, or `mapping of "displayName"`.
    pub name: &'a str,
    /// The whole text.
    pub text: &'a str,
    /// The place, in bytes. May lie at the end of the text.
    pub span: Range<usize>,
}

/// Longer lines are cut around the place: characters shown on each side.
const AROUND: usize = 60;

impl Excerpt<'_> {
    /// The place of the `column`th character of a `line`, both from 1.
    pub fn offset(text: &str, line: usize, column: usize) -> usize {
        let before: usize = text
            .split_inclusive('\n')
            .take(line.saturating_sub(1))
            .map(str::len)
            .sum();
        let row = text[before..].lines().next().unwrap_or_default();
        let inside = row
            .char_indices()
            .nth(column.saturating_sub(1))
            .map_or(row.len(), |(at, _)| at);
        before + inside
    }
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = floor(self.text, self.span.start);
        let end = floor(self.text, self.span.end).max(start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let row = self.text[line_start..].lines().next().unwrap_or_default();
        let line = self.text[..start].matches('\n').count() + 1;
        let column = self.text[line_start..start].chars().count();
        let width = self.text[start..end.min(line_start + row.len()).max(start)]
            .chars()
            .count()
            .max(1);

        let skipped = column.saturating_sub(AROUND);
        let shown: String = row
            .chars()
            .skip(skipped)
            .take(column - skipped + AROUND)
            .map(visible)
            .collect();
        let number = line.to_string();
        let gutter = " ".repeat(number.len());
        let dots = |cut: bool| if cut { "…" } else { "" };
        let (cut_before, cut_after) = (skipped > 0, row.chars().count() > column + AROUND);
        writeln!(f, "{gutter}--> {}:{line}:{}", self.name, column + 1)?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{number} | {}{shown}{}", dots(cut_before), dots(cut_after))?;
        let indent = column - skipped + usize::from(cut_before);
        write!(
            f,
            "{gutter} | {}{}",
            " ".repeat(indent),
            "^".repeat(width.min(AROUND))
        )
    }
}

/// The nearest character boundary at or below `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Every character one column wide, and none that moves the cursor.
fn visible(c: char) -> char {
    if c == '\t' {
        ' '
    } else if c.is_control() {
        '·'
    } else {
        c
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, span: Range<usize>) -> String {
        Excerpt {
            name: "x.toml",
            text,
            span,
        }
        .to_string()
    }

    #[test]
    fn the_caret_stands_under_the_character() {
        let text = "a = 1\nbé = x\n";
        let at = text.find('x').unwrap_or_default();
        assert_eq!(
            show(text, at..at + 1),
            " --> x.toml:2:6\n  |\n2 | bé = x\n  |      ^"
        );
    }

    #[test]
    fn the_end_of_the_text_and_places_beyond_it_can_be_shown() {
        assert_eq!(show("Join(", 5..5), " --> x.toml:1:6\n  |\n1 | Join(\n  |      ^");
        assert_eq!(show("", 7..9), " --> x.toml:1:1\n  |\n1 | \n  | ^");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let shown = show(&text, 500..501);
        let rows: Vec<&str> = shown.lines().collect();
        let caret = rows[3].chars().position(|c| c == '^');
        assert_eq!(rows[2].chars().nth(caret.unwrap_or_default()), Some('X'));
        assert!(rows[2].chars().count() < 140);
    }

    #[test]
    fn line_and_column_are_found_again() {
        let text = "ab\ncéd\n";
        assert_eq!(Excerpt::offset(text, 2, 3), text.find('d').unwrap_or_default());
        assert_eq!(Excerpt::offset(text, 9, 9), text.len());
    }
}
