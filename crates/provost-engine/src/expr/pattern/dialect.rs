//! From the dialect of .NET to that of the engines. They agree on nearly everything; the differences are
//! in what needs no escape, in character classes, and in the spelling of group names.

use super::Mistake;

/// Rewrites a pattern.
pub(super) fn translate(pattern: &str) -> Result<String, Mistake> {
    let mut walk = Walk {
        rest: pattern,
        out: String::with_capacity(pattern.len() + 8),
    };
    while let Some(c) = walk.next() {
        match c {
            '\\' => {
                walk.escape(false)?;
            }
            '[' => walk.class(0)?,
            '(' => walk.group()?,
            '{' => walk.brace(),
            '}' | ']' => {
                walk.out.push('\\');
                walk.out.push(c);
            }
            c => walk.out.push(c),
        }
    }
    Ok(walk.out)
}

/// How deep classes may be taken from classes.
const MAX_CLASSES: usize = 8;

struct Walk<'t> {
    rest: &'t str,
    out: String,
}

impl Walk<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn eat(&mut self, expected: &str) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// What follows a backslash. True for a class of characters such as `\d`.
    fn escape(&mut self, in_class: bool) -> Result<bool, Mistake> {
        let Some(c) = self.next() else {
            return Err(mistake("it ends with a backslash", "double the backslash"));
        };
        match c {
            'e' => self.out.push_str("\\x1B"),
            'c' => return self.control().map(|()| false),
            'b' if in_class => self.out.push_str("\\x08"),
            'k' if self.eat("'") => {
                self.out.push_str("\\k<");
                self.until('\'', '>');
            }
            '0' => self.octal(),
            'd' | 'D' | 's' | 'S' | 'w' | 'W' | 'p' | 'P' => {
                self.out.push('\\');
                self.out.push(c);
                if matches!(c, 'p' | 'P') && self.eat("{") {
                    self.out.push('{');
                    self.until('}', '}');
                }
                return Ok(true);
            }
            'A'
            | 'B'
            | 'G'
            | 'Z'
            | 'a'
            | 'b'
            | 'f'
            | 'k'
            | 'n'
            | 'r'
            | 't'
            | 'u'
            | 'v'
            | 'x'
            | 'z'
            | '1'..='9' => {
                self.out.push('\\');
                self.out.push(c);
            }
            c if c.is_ascii_alphanumeric() => {
                return Err(mistake(
                    &format!("\\{c} is no escape"),
                    "write the letter without a backslash",
                ));
            }
            c => self.literal(c),
        }
        Ok(false)
    }

    /// One character that means itself, whatever the engine thinks of it.
    fn literal(&mut self, c: char) {
        match c {
            ' ' => self.out.push_str("\\x20"),
            c if c.is_ascii_punctuation() && !matches!(c, '_' | '<' | '>') => {
                self.out.push('\\');
                self.out.push(c);
            }
            c => self.out.push(c),
        }
    }

    fn control(&mut self) -> Result<(), Mistake> {
        match self.next() {
            Some(c) if c.is_ascii_alphabetic() => {
                let code = c.to_ascii_uppercase() as u32 - 64;
                self.out.push_str(&format!("\\x{code:02X}"));
                Ok(())
            }
            _ => Err(mistake("\\c needs a letter", "write \\x and two digits instead")),
        }
    }

    /// `\0` and up to two more octal digits.
    fn octal(&mut self) {
        let digits = self
            .rest
            .bytes()
            .take(2)
            .take_while(|b| (b'0'..=b'7').contains(b));
        let digits = digits.count();
        let code = u32::from_str_radix(&self.rest[..digits], 8).unwrap_or(0);
        self.rest = &self.rest[digits..];
        self.out.push_str(&format!("\\x{code:02X}"));
    }

    /// Copies up to and with a closing character, which may be written otherwise.
    fn until(&mut self, close: char, written: char) {
        while let Some(c) = self.next() {
            if c == close {
                self.out.push(written);
                return;
            }
            self.out.push(c);
        }
    }

    /// What follows an opening parenthesis.
    fn group(&mut self) -> Result<(), Mistake> {
        if self.peek() == Some('*') {
            return Err(mistake("nothing stands before *", "escape the * as \\*"));
        }
        if !self.eat("?") {
            self.out.push('(');
            return Ok(());
        }
        match self.peek() {
            Some('#') => while !matches!(self.next(), Some(')') | None) {},
            Some('\'') => {
                self.next();
                self.out.push_str("(?<");
                self.until('\'', '>');
            }
            Some(':' | '=' | '!' | '>' | '<' | '(' | '-' | 'i' | 'm' | 's' | 'x') => self.out.push_str("(?"),
            Some('P') if self.rest.starts_with("P<") => self.out.push_str("(?"),
            _ => {
                return Err(mistake(
                    "there is no such group",
                    "groups are (…), (?:…), (?<name>…), (?=…), (?!…), (?<=…), (?<!…), (?>…) and (?i)",
                ));
            }
        }
        Ok(())
    }

    /// A brace that is no repetition means itself.
    fn brace(&mut self) {
        let end = self.rest.find('}').unwrap_or(0);
        let inner = &self.rest[..end];
        let (least, most) = inner.split_once(',').unwrap_or((inner, ""));
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if !least.is_empty() && is_number(least) && is_number(most) {
            self.out.push('{');
            self.out.push_str(inner);
            self.out.push('}');
            self.rest = &self.rest[end + 1..];
        } else {
            self.out.push_str("\\{");
        }
    }

    /// What follows the opening bracket of a class: brackets and the engines' signs for set operations
    /// mean themselves, but `-[…]` takes characters out.
    fn class(&mut self, depth: usize) -> Result<(), Mistake> {
        if depth > MAX_CLASSES {
            return Err(mistake(
                "its classes nest too deep",
                "write the characters in one class",
            ));
        }
        self.out.push('[');
        if self.eat("^") {
            self.out.push('^');
        }
        if self.eat("]") {
            self.out.push_str("\\]");
        }
        while let Some(c) = self.next() {
            match c {
                ']' => {
                    self.out.push(']');
                    return Ok(());
                }
                '\\' => {
                    let many = self.escape(true)?;
                    // A class of characters starts no range.
                    if many && self.peek() == Some('-') && !self.rest.starts_with("-[") {
                        self.next();
                        self.out.push_str("\\-");
                    }
                }
                '-' if self.eat("[") => {
                    self.out.push_str("--");
                    self.class(depth + 1)?;
                }
                '-' if self.peek() == Some('-') => self.out.push_str("\\-"),
                '[' | '&' | '~' | ' ' | '#' => self.literal(c),
                c => self.out.push(c),
            }
        }
        Err(mistake("a [ is not closed", "close it, or escape it as \\["))
    }
}

fn mistake(cause: &str, hint: &str) -> Mistake {
    (
        format!("the regular expression is not valid: {cause}"),
        hint.to_owned(),
    )
}
