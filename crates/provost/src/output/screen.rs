//! What the command writes to: a terminal with a width and colours, or a file or pipe, which gets everything plain.

use std::io::IsTerminal;

/// Columns of a terminal that does not say how many it has.
const USUAL: usize = 80;

/// How many columns a line of standard output may have; none where it is no terminal: a file is never cut.
pub(crate) fn width() -> Option<usize> {
    let out = std::io::stdout();
    if !out.is_terminal() {
        return None;
    }
    let named = std::env::var("COLUMNS").ok();
    let named = named.and_then(|text| text.trim().parse().ok()).filter(|n| *n > 0);
    let asked = || terminal_size::terminal_size_of(&out).map(|(width, _)| usize::from(width.0));
    Some(named.or_else(asked).filter(|n| *n > 0).unwrap_or(USUAL))
}

/// What a piece of text is, for the eye. Colour is never the only sign: each of these has its words too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// The headings of a table.
    Heading,
    /// Something failed, or is refused.
    Bad,
    /// Somebody should look.
    Attention,
    /// As it should be.
    Good,
    /// What to do next.
    Hint,
}

impl Tone {
    /// Its parameters of "select graphic rendition" (ECMA-48, 8.3.117): the terminal's own palette, which its owner chose.
    fn parameters(self) -> &'static str {
        match self {
            Self::Heading => "1",
            Self::Bad => "31",
            Self::Attention => "33",
            Self::Good => "32",
            Self::Hint => "36",
        }
    }
}

/// Whether colours go there: to a terminal that can show them, unless `NO_COLOR` says no (no-color.org).
pub(crate) fn is_coloured(stream: &impl IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    !refused && !dumb && stream.is_terminal()
}

/// The text in a tone.
pub(crate) fn paint(tone: Tone, text: &str) -> String {
    format!("\u{1b}[{}m{text}\u{1b}[0m", tone.parameters())
}

/// The text without what could move the cursor, change colours or break a line: much of it was written by strangers.
pub(crate) fn on_one_line(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        c if is_unsafe(c) => '\u{fffd}',
        c => c,
    };
    text.trim_end_matches(['\n', '\r']).chars().map(shown).collect()
}

/// The same for a text of several lines.
pub(crate) fn on_several_lines(text: &str) -> String {
    let shown = |c: char| {
        if c != '\n' && c != '\t' && is_unsafe(c) {
            '\u{fffd}'
        } else {
            c
        }
    };
    text.replace("\r\n", "\n").chars().map(shown).collect()
}

/// Control characters, and those that turn the direction of writing (Unicode Standard Annex 9, section 2).
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_wrote_cannot_steer_the_terminal() {
        let harm = "a\u{1b}[2Jb\u{7}c\nd\u{202e}e\u{9b}2J";
        assert_eq!(on_one_line(harm), "a\u{fffd}[2Jb\u{fffd}c d\u{fffd}e\u{fffd}2J");
        assert_eq!(on_several_lines("a\r\nb\u{1b}"), "a\nb\u{fffd}");
        assert_eq!(on_one_line("Ärzte 医者\n"), "Ärzte 医者");
    }
}
