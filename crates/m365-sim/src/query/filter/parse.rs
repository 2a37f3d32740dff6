//! From text to a filter. Bounded: 8 KB of text, 40 levels of nesting.

use super::{Filter, Literal, Op, TextTest};
use crate::error::{Error, Result};
use crate::moment;

const MAX_BYTES: usize = 8 * 1024;
const MAX_DEPTH: usize = 40;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Open,
    Close,
    Comma,
    Colon,
}

/// Parses a filter.
///
/// # Errors
/// 400 `BadRequest` for a syntax error.
pub(crate) fn parse(text: &str) -> Result<Filter> {
    if text.len() > MAX_BYTES {
        return Err(invalid("it is too long"));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let filter = parser.or()?;
    match parser.peek() {
        None => Ok(filter),
        Some(token) => Err(invalid(&format!("unexpected {token:?}"))),
    }
}

fn invalid(why: &str) -> Error {
    Error::malformed(format!("Invalid filter clause: {why}."))
}

fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(&next) = rest.peek() {
        match next {
            ' ' | '\t' => drop(rest.next()),
            '(' | ')' | ',' | ':' => {
                rest.next();
                out.push(match next {
                    '(' => Token::Open,
                    ')' => Token::Close,
                    ',' => Token::Comma,
                    _ => Token::Colon,
                });
            }
            '\'' => {
                rest.next();
                out.push(Token::Text(quoted(&mut rest)?));
            }
            _ => out.push(Token::Word(word(&mut rest))),
        }
    }
    Ok(out)
}

/// The rest of a quoted text; a quote within it is doubled.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String> {
    let mut out = String::new();
    while let Some(next) = rest.next() {
        if next != '\'' {
            out.push(next);
        } else if rest.next_if_eq(&'\'').is_some() {
            out.push('\'');
        } else {
            return Ok(out);
        }
    }
    Err(invalid("a quoted text does not end"))
}

/// A name, number, GUID or date. Colons belong to dates, which begin with a digit.
fn word(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut out = String::new();
    let number = rest.peek().is_some_and(char::is_ascii_digit);
    while let Some(next) =
        rest.next_if(|&c| !matches!(c, ' ' | '\t' | '(' | ')' | ',' | '\'') && (number || c != ':'))
    {
        out.push(next);
    }
    out
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token) -> Result<()> {
        match self.take() {
            Some(found) if found == *token => Ok(()),
            found => Err(invalid(&format!("{token:?} expected, found {found:?}"))),
        }
    }

    fn or(&mut self) -> Result<Filter> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(invalid("it is nested too deeply"));
        }
        let mut left = self.and()?;
        while self.keyword("or") {
            left = Filter::Or(Box::new(left), Box::new(self.and()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Filter> {
        let mut left = self.unary()?;
        while self.keyword("and") {
            left = Filter::And(Box::new(left), Box::new(self.unary()?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Filter> {
        let mut negated = false;
        while self.keyword("not") {
            negated = !negated;
        }
        let inner = self.primary()?;
        Ok(if negated {
            Filter::Not(Box::new(inner))
        } else {
            inner
        })
    }

    fn primary(&mut self) -> Result<Filter> {
        match self.take() {
            Some(Token::Open) => {
                let inner = self.or()?;
                self.expect(&Token::Close)?;
                Ok(inner)
            }
            Some(Token::Word(word)) => self.after_word(word),
            found => Err(invalid(&format!("a property expected, found {found:?}"))),
        }
    }

    fn after_word(&mut self, word: String) -> Result<Filter> {
        if self.peek() == Some(&Token::Open) {
            return match word.rsplit_once('/') {
                Some((path, "any")) => self.any(path.to_owned()),
                Some(_) => Err(Error::unsupported_query(format!(
                    "The function '{word}' is not supported."
                ))),
                None => self.function(&word),
            };
        }
        let Some(Token::Word(next)) = self.peek() else {
            return Ok(Filter::Flag(word));
        };
        let next = next.to_ascii_lowercase();
        if next == "in" {
            self.next += 1;
            return self.list(word);
        }
        let Some(op) = op(&next) else {
            return Ok(Filter::Flag(word));
        };
        self.next += 1;
        let value = self.literal()?;
        match (word.strip_suffix("/$count"), value) {
            (Some(path), Literal::Number(value)) => Ok(Filter::Count {
                path: path.to_owned(),
                op,
                value,
            }),
            (Some(_), _) => Err(invalid("a count is compared with a number")),
            (None, value) => Ok(Filter::Compare {
                path: word,
                op,
                value,
            }),
        }
    }

    fn function(&mut self, name: &str) -> Result<Filter> {
        let test = match name.to_ascii_lowercase().as_str() {
            "startswith" => TextTest::Starts,
            "endswith" => TextTest::Ends,
            "contains" => TextTest::Contains,
            _ => return Err(invalid(&format!("unknown function '{name}'"))),
        };
        self.expect(&Token::Open)?;
        let Some(Token::Word(path)) = self.take() else {
            return Err(invalid("a function begins with a property"));
        };
        self.expect(&Token::Comma)?;
        let Some(Token::Text(value)) = self.take() else {
            return Err(invalid("a function ends with a text"));
        };
        self.expect(&Token::Close)?;
        Ok(Filter::Text { path, test, value })
    }

    fn any(&mut self, path: String) -> Result<Filter> {
        self.expect(&Token::Open)?;
        if self.peek() == Some(&Token::Close) {
            self.next += 1;
            return Ok(Filter::Any {
                path,
                variable: String::new(),
                test: None,
            });
        }
        let Some(Token::Word(variable)) = self.take() else {
            return Err(invalid("'any' begins with a variable"));
        };
        self.expect(&Token::Colon)?;
        let test = Some(Box::new(self.or()?));
        self.expect(&Token::Close)?;
        Ok(Filter::Any { path, variable, test })
    }

    fn list(&mut self, path: String) -> Result<Filter> {
        self.expect(&Token::Open)?;
        let mut values = vec![self.literal()?];
        while self.peek() == Some(&Token::Comma) {
            self.next += 1;
            values.push(self.literal()?);
        }
        self.expect(&Token::Close)?;
        Ok(Filter::In { path, values })
    }

    fn literal(&mut self) -> Result<Literal> {
        match self.take() {
            Some(Token::Text(text)) => Ok(Literal::Text(text)),
            Some(Token::Word(word)) => match word.as_str() {
                "null" => Ok(Literal::Null),
                "true" => Ok(Literal::Flag(true)),
                "false" => Ok(Literal::Flag(false)),
                _ => bare(word),
            },
            found => Err(invalid(&format!("a value expected, found {found:?}"))),
        }
    }
}

fn bare(word: String) -> Result<Literal> {
    if let Ok(number) = word.parse() {
        return Ok(Literal::Number(number));
    }
    if uuid::Uuid::try_parse(&word).is_ok() || moment::is_valid(&word) {
        return Ok(Literal::Text(word));
    }
    Err(invalid(&format!(
        "'{word}' is not a value; text stands in single quotes"
    )))
}

fn op(word: &str) -> Option<Op> {
    match word {
        "eq" => Some(Op::Eq),
        "ne" => Some(Op::Ne),
        "gt" => Some(Op::Gt),
        "ge" => Some(Op::Ge),
        "lt" => Some(Op::Lt),
        "le" => Some(Op::Le),
        _ => None,
    }
}
