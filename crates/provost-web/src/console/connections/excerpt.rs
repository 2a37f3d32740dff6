//! A place in a text that somebody typed: the line, with the very characters marked.

use std::ops::Range;

/// Characters of a line that are shown on each side of what is meant.
const SIDE: usize = 60;

/// A line with what is meant in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// What stands before it in the line.
    pub before: String,
    /// What is meant; a blank where it is the end of the line.
    pub marked: String,
    /// What stands behind it in the line.
    pub after: String,
    /// The line's number, from 1.
    pub number: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl Excerpt {
    /// The place between these characters, counted from 0 over the whole text.
    pub fn of_characters(text: &str, range: Range<usize>) -> Self {
        let (mut number, mut begins) = (1, 0);
        let mut last = "";
        for line in text.split('\n') {
            let length = line.chars().count();
            last = line;
            // An error at the very end of the text stands behind its last character.
            if range.start <= begins + length {
                return Self::in_line(line, number, range.start - begins, range.len());
            }
            begins += length + 1;
            number += 1;
        }
        Self::in_line(last, number - 1, last.chars().count(), 0)
    }

    /// The place between these bytes.
    pub fn of_bytes(text: &str, range: Range<usize>) -> Self {
        let characters = |byte: usize| text.char_indices().take_while(|(at, _)| *at < byte).count();
        Self::of_characters(text, characters(range.start)..characters(range.end))
    }

    fn in_line(line: &str, number: usize, column: usize, length: usize) -> Self {
        let line: Vec<char> = line.trim_end_matches('\r').chars().collect();
        let start = column.min(line.len());
        let end = (start + length.max(1)).min(line.len());
        let text = |part: &[char]| part.iter().collect::<String>();
        let marked = text(&line[start..end]);
        Self {
            before: text(&line[start.saturating_sub(SIDE)..start]),
            marked: if marked.is_empty() { " ".to_owned() } else { marked },
            after: text(&line[end..(end + SIDE).min(line.len())]),
            number,
            column: start + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(one: &Excerpt) -> [&str; 3] {
        [&one.before, &one.marked, &one.after]
    }

    #[test]
    fn the_very_characters_are_marked() {
        let one = Excerpt::of_characters("Jion([a])", 0..4);
        assert_eq!(parts(&one), ["", "Jion", "([a])"]);
        let text = "Join(\" \",\n\t[a],\r\n  Tö(1))";
        let third = Excerpt::of_bytes(text, 19..22);
        assert_eq!(parts(&third), ["  ", "Tö", "(1))"]);
        assert_eq!((third.number, third.column), (3, 3));
        let second = Excerpt::of_characters(text, 15..16);
        assert_eq!(
            parts(&second),
            ["\t[a],", " ", ""],
            "the end of a line without its return"
        );
    }

    #[test]
    fn an_error_at_the_end_has_a_mark_behind_the_text() {
        let end = Excerpt::of_bytes("Ü(", 3..3);
        assert_eq!(parts(&end), ["Ü(", " ", ""]);
        let nothing = Excerpt::of_characters("", 0..0);
        assert_eq!((nothing.marked.as_str(), nothing.number), (" ", 1));
        let beyond = Excerpt::of_characters("ab", 7..9);
        assert_eq!(parts(&beyond), ["ab", " ", ""]);
    }

    #[test]
    fn a_long_line_is_shown_around_the_place() {
        let text = "x".repeat(500);
        let one = Excerpt::of_characters(&text, 400..403);
        assert_eq!(parts(&one).map(str::len), [60, 3, 60]);
        assert_eq!(one.column, 401);
    }
}
