//! Filters and PATCH paths in a log. They are read word by word, not parsed: the one that cannot be parsed
//! is the one that somebody looks for.

use super::rule::{self, Rule};
use super::{MAX_BYTES, OMITTED, ruled, text};
use crate::filter::Op;
use crate::path;
use crate::schema::{ResourceType, group, user};

/// Longest result.
const LIMIT: usize = MAX_BYTES / 4;

/// The text with everything masked that is not an attribute, an operator, a number, or a literal that may
/// be kept for its attribute.
pub(super) fn masked(rt: Option<&ResourceType>, text: &str) -> String {
    let mut reader = Reader {
        rt,
        out: String::new(),
        top: String::new(),
        sub: None,
        bracket: false,
    };
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if reader.out.len() > LIMIT {
            reader.out.push_str(OMITTED);
            break;
        }
        let length = match first {
            '"' => literal_length(rest),
            _ if is_separator(first) => first.len_utf8(),
            _ => rest.find(is_separator).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(length);
        reader.token(first, token);
        rest = after;
    }
    reader.out
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '"')
}

/// From a quote to the one that ends the text, or to the end.
fn literal_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

struct Reader<'a> {
    rt: Option<&'a ResourceType>,
    out: String,
    /// The attribute that was named last.
    top: String,
    /// Its sub-attribute.
    sub: Option<String>,
    /// Whether this is between brackets, where names are those of sub-attributes.
    bracket: bool,
}

impl Reader<'_> {
    fn token(&mut self, first: char, token: &str) {
        match first {
            '[' => {
                self.bracket = true;
                self.out.push('[');
            }
            ']' => {
                self.bracket = false;
                self.out.push(']');
            }
            '(' | ')' => self.out.push(first),
            '"' => self.literal(token),
            c if c.is_whitespace() => self.out.push(' '),
            _ => self.word(token),
        }
    }

    fn literal(&mut self, token: &str) {
        // What is cut off or wrongly escaped is masked as it stands.
        let Ok(found) = serde_json::from_str::<String>(token) else {
            self.out.push_str(&text(token.trim_start_matches('"')));
            return;
        };
        let shown = ruled(self.rt, self.rule(), &found);
        self.out.push_str(&serde_json::Value::from(shown).to_string());
    }

    fn rule(&self) -> Rule {
        let here = rule::Inside {
            group: self.rt.is_some_and(|rt| rt.name == group().name),
            holder: rule::Holder::Plain,
        };
        let path = match &self.sub {
            Some(sub) => format!("{}.{sub}", self.top),
            None => self.top.clone(),
        };
        match rule::of_path(&path, here).0 {
            // An expression within a literal would be read twice.
            Rule::Expression | Rule::Names | Rule::Address => Rule::Mask,
            rule => rule,
        }
    }

    fn word(&mut self, word: &str) {
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        let is_literal = ["true", "false", "null"].into_iter().any(is) || is_number(word);
        let is_operator = ["and", "or", "not", "pr"].into_iter().any(is) || Op::from_word(word).is_some();
        if is_literal || is_operator || self.name(word) {
            self.out.push_str(word);
        } else {
            self.out.push_str(&text(word));
        }
    }

    /// Whether the word is the name of an attribute; it is then what the next literal belongs to.
    fn name(&mut self, word: &str) -> bool {
        let (top, sub) = rule::names(word);
        let known = match word.strip_prefix('.') {
            Some(sub) => {
                return self.is_sub_attribute(sub) && {
                    self.sub = Some(sub.to_owned());
                    true
                };
            }
            None if self.bracket => {
                return self.is_sub_attribute(word) && {
                    self.sub = Some(word.to_owned());
                    true
                };
            }
            None => self.types().any(|rt| is_attribute(rt, word)) || is_urn(word),
        };
        if known {
            self.top = top.to_owned();
            self.sub = sub.map(str::to_owned);
        }
        known
    }

    fn is_sub_attribute(&self, name: &str) -> bool {
        let known = |rt: &ResourceType| {
            let path = path::parse(&self.top, rt).ok();
            let top = path.and_then(|path| rt.top(&path));
            top.is_some_and(|top| top.sub_attribute(name).is_some())
        };
        self.types().any(known)
    }

    fn types(&self) -> impl Iterator<Item = &ResourceType> {
        let standard = [user(), group()].into_iter().filter(|_| self.rt.is_none());
        self.rt.into_iter().chain(standard)
    }
}

fn is_attribute(rt: &ResourceType, word: &str) -> bool {
    path::parse(word, rt).is_ok_and(|path| path.is_whole_schema() || rt.attribute(&path).is_some())
}

/// The name of an attribute of an extension that is not known here.
fn is_urn(word: &str) -> bool {
    let urn = word
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
    urn && word.len() <= 256
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'.' | b'-' | b'_' | b'$'))
}

fn is_number(word: &str) -> bool {
    word.len() <= 32 && serde_json::from_str::<serde_json::Number>(word).is_ok()
}
