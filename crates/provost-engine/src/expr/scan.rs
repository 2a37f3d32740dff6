//! The smallest parts of an expression: a cursor over the text that never leaves a character boundary.

use super::ExprError;

/// A place in the text.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Consumes `expected` if it comes next.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.at += expected.len();
        }
        found
    }

    /// Consumes characters while they fit.
    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Goes from an argument's start to the comma or closing parenthesis behind it. False, without
    /// moving, when there is none.
    pub(super) fn skip_argument(&mut self, start: usize) -> bool {
        let mut scan = Cursor {
            text: self.text,
            at: start,
        };
        let mut depth = 0_usize;
        while let Some(c) = scan.peek() {
            match c {
                '"' if scan.string().is_err() => return false,
                '[' if scan.attribute().is_err() => return false,
                // Both have moved behind what they read.
                '"' | '[' => continue,
                ',' | ')' if depth == 0 => {
                    self.at = scan.at;
                    return true;
                }
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            scan.at += c.len_utf8();
        }
        false
    }

    /// The string constant whose opening quote comes next.
    pub(super) fn string(&mut self) -> Result<String, ExprError> {
        let start = self.at;
        let mut out = String::new();
        let mut chars = self.rest().char_indices().skip(1).peekable();
        while let Some((offset, c)) = chars.next() {
            match (c, chars.peek().map(|(_, next)| *next)) {
                ('"', _) => {
                    self.at = start + offset + 1;
                    return Ok(out);
                }
                ('\\', Some(next @ ('"' | '\\'))) => {
                    out.push(next);
                    chars.next();
                }
                _ => out.push(c),
            }
        }
        Err(ExprError::new(
            start..self.text.len(),
            "this string is not closed",
            "end it with a quote; a quote inside a string is written \\\"",
        ))
    }

    /// The text between the brackets of an attribute whose opening bracket comes next. Brackets may
    /// nest; those inside quotes within inner brackets do not count.
    pub(super) fn attribute(&mut self) -> Result<&'t str, ExprError> {
        let start = self.at;
        let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
        for (offset, byte) in self.rest().bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' if depth > 1 => quoted = !quoted,
                _ if quoted => {}
                b'[' => depth += 1,
                b']' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.at = start + offset + 1;
                return Ok(&self.text[start + 1..self.at - 1]);
            }
        }
        Err(ExprError::new(
            start..self.text.len(),
            "this attribute is not closed",
            "write attributes in brackets, for example [userName]",
        ))
    }
}
