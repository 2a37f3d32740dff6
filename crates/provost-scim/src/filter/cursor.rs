//! Walking over the text of a filter, byte by byte; every error says where.

use serde_json::{Number, Value};

use super::Literal;
use crate::error::{Error, Result};

/// A place in the text of a filter or of a PATCH path.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_ascii_start().len();
    }

    /// The next byte after spaces, without taking it.
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.skip_spaces();
        self.rest().bytes().next()
    }

    /// Takes this byte, and spaces before it, when it comes next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    /// The word that comes next, without taking it: everything up to a space, a bracket, a parenthesis or
    /// a quote.
    pub(super) fn peek_word(&mut self) -> &'a str {
        self.skip_spaces();
        let rest = self.rest();
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '"');
        rest.get(..rest.find(ends).unwrap_or(rest.len()))
            .unwrap_or_default()
    }

    /// Takes the word that comes next.
    pub(super) fn word(&mut self) -> &'a str {
        let word = self.peek_word();
        self.at += word.len();
        word
    }

    /// Takes this word, in any letter case, when it comes next.
    pub(super) fn take_word(&mut self, expected: &str) -> bool {
        let word = self.peek_word();
        let next = word.eq_ignore_ascii_case(expected);
        self.at += if next { word.len() } else { 0 };
        next
    }

    /// Takes a JSON string, number, `true`, `false` or `null`.
    pub(super) fn literal(&mut self) -> Result<Literal> {
        if self.peek() == Some(b'"') {
            return self.string().map(Literal::String);
        }
        let start = self.at;
        match self.word() {
            "" => Err(self.error_at(start, "a value is missing")),
            "true" => Ok(Literal::Bool(true)),
            "false" => Ok(Literal::Bool(false)),
            "null" => Ok(Literal::Null),
            word => number(word).map(Literal::Number).ok_or_else(|| {
                self.error_at(
                    start,
                    "a value is a text in double quotes, a number, true, false or null (in lower case)",
                )
            }),
        }
    }

    /// Takes a JSON string; the cursor stands at its quote.
    fn string(&mut self) -> Result<String> {
        let start = self.at;
        let mut escaped = false;
        let end = self.rest().bytes().skip(1).position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let Some(end) = end else {
            return Err(self.error_at(start, "the text that starts here has no closing quote"));
        };
        // One quote before what was searched, one at its end.
        let length = end + 2;
        let source = self.rest().get(..length).unwrap_or_default();
        self.at += length;
        match serde_json::from_str::<Value>(source) {
            Ok(Value::String(text)) if text.contains('\0') => {
                Err(self.error_at(start, "the character U+0000 stands in no value"))
            }
            Ok(Value::String(text)) => Ok(text),
            _ => Err(self.error_at(start, "this is not a JSON text: check its escapes")),
        }
    }

    /// 400 `invalidFilter` at the place where the cursor stands.
    pub(super) fn error(&self, problem: &str) -> Error {
        self.error_at(self.at, problem)
    }

    fn error_at(&self, at: usize, problem: &str) -> Error {
        let column = self.text.get(..at).map_or(at, |before| before.chars().count()) + 1;
        Error::invalid_filter(format!(
            "the filter cannot be read at character {column}: {problem}"
        ))
    }
}

/// A JSON number. One with a fraction is read by the standard library, which finds the nearest value
/// always, so that a printed number reads as the same number.
fn number(word: &str) -> Option<Number> {
    let number: Number = serde_json::from_str(word).ok()?;
    if number.is_f64() {
        Number::from_f64(word.parse().ok()?)
    } else {
        Some(number)
    }
}
