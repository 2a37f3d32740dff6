//! From text to a checked expression.
//!
//! Every mistake is collected, so that an author sees all of them at once: after a syntax error the parse
//! goes on with the next argument of the call, unless a string or a parenthesis is left open.

mod meaning;

use super::scan::Cursor;
use super::{Comparison, Expr, ExprError, Node};
use crate::attribute::Lookup;

/// The longest expression, in characters (Entra: "Known issues for provisioning").
pub const MAX_LENGTH: usize = 10_000;
/// How deep calls may nest.
pub const MAX_DEPTH: usize = 40;

/// A checked expression with what its author should know about it.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The expression.
    pub expr: Expr,
    /// Things that work but are better written otherwise.
    pub warnings: Vec<ExprError>,
}

/// Parses and checks an expression.
///
/// # Errors
/// Every mistake that could be found, in the order of the text.
pub fn parse(text: &str) -> Result<Expr, Vec<ExprError>> {
    parse_with_warnings(text).map(|parsed| parsed.expr)
}

/// Parses and checks an expression, and keeps the warnings.
///
/// # Errors
/// As [`parse`].
pub fn parse_with_warnings(text: &str) -> Result<Parsed, Vec<ExprError>> {
    if text.chars().nth(MAX_LENGTH).is_some() {
        return Err(vec![ExprError::new(
            0..text.len(),
            format!("the expression is longer than {MAX_LENGTH} characters"),
            "split it into several mappings or shorten it",
        )]);
    }
    let mut parser = Parser {
        cursor: Cursor::new(text),
        depth: 0,
        errors: Vec::new(),
        warnings: Vec::new(),
    };
    let expr = parser.whole();
    if let Ok(expr) = &expr {
        parser.check_places(expr);
    }
    match expr {
        Ok(expr) if parser.errors.is_empty() => Ok(Parsed {
            expr,
            warnings: parser.warnings,
        }),
        _ => Err(parser.sorted_errors()),
    }
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    depth: usize,
    /// Mistakes that do not hide what follows them.
    errors: Vec<ExprError>,
    warnings: Vec<ExprError>,
}

/// What follows a mistake cannot be understood; the mistake is among the errors.
struct Stop;

type Parse<T> = Result<T, Stop>;

impl Parser<'_> {
    fn sorted_errors(mut self) -> Vec<ExprError> {
        self.errors.sort_by_key(|error| error.span.start);
        self.errors
    }

    fn stop(&mut self, error: ExprError) -> Stop {
        self.errors.push(error);
        Stop
    }

    fn whole(&mut self) -> Parse<Expr> {
        let expr = self.expression()?;
        match self.cursor.peek() {
            None => Ok(expr),
            Some(_) => Err(self.unexpected("the expression should end here")),
        }
    }

    fn expression(&mut self) -> Parse<Expr> {
        let left = self.concat()?;
        let Some(comparison) = self.comparison() else {
            return Ok(left);
        };
        let right = self.concat()?;
        let span = left.span.start..right.span.end;
        if self.comparison().is_some() {
            return Err(self.stop(ExprError::new(
                span.start..self.cursor.at,
                "a comparison cannot be compared again",
                "there is no And; nest IIF instead",
            )));
        }
        Ok(Expr {
            span,
            node: Node::Compare(comparison, Box::new((left, right))),
        })
    }

    fn comparison(&mut self) -> Option<Comparison> {
        Comparison::ALL
            .into_iter()
            .find(|comparison| self.cursor.eat(comparison.sign()))
    }

    fn concat(&mut self) -> Parse<Expr> {
        let first = self.primary()?;
        let mut parts = vec![first];
        while self.cursor.eat("&") {
            parts.push(self.primary()?);
        }
        match (parts.pop(), parts.first()) {
            (Some(last), Some(first)) => {
                let span = first.span.start..last.span.end;
                parts.push(last);
                Ok(Expr {
                    span,
                    node: Node::Concat(parts),
                })
            }
            (Some(only), None) => Ok(only),
            (None, _) => Err(self.unexpected("a value is missing")),
        }
    }

    /// A primary and the blanks around it.
    fn primary(&mut self) -> Parse<Expr> {
        self.cursor.skip_blanks();
        let start = self.cursor.at;
        let node = match self.cursor.peek() {
            Some('"') => match self.cursor.string() {
                Ok(text) => Node::Text(text),
                Err(error) => return Err(self.stop(error)),
            },
            Some('[') => self.attribute()?,
            Some(c) if c == '-' || c.is_ascii_digit() => self.number()?,
            Some('&') => self.hexadecimal()?,
            Some(c) if is_name(c) => self.call_or_keyword()?,
            _ => return Err(self.unexpected("a value is missing")),
        };
        let span = start..self.cursor.at;
        self.cursor.skip_blanks();
        Ok(Expr { span, node })
    }

    fn attribute(&mut self) -> Parse<Node> {
        let start = self.cursor.at;
        let path = match self.cursor.attribute() {
            Ok(path) => path,
            Err(error) => return Err(self.stop(error)),
        };
        Ok(match Lookup::parse(path) {
            Ok(lookup) => {
                if let Some((message, hint)) = lookup.note() {
                    self.warnings
                        .push(ExprError::new(start..self.cursor.at, message, hint));
                }
                Node::Attribute(lookup)
            }
            Err(message) => {
                let hint = "write the attribute's path, for example [name.givenName]";
                self.errors
                    .push(ExprError::new(start..self.cursor.at, message, hint));
                Node::Broken
            }
        })
    }

    /// Decimals stay text: the language knows whole numbers only, and compares texts as numbers.
    fn number(&mut self) -> Parse<Node> {
        let start = self.cursor.at;
        self.cursor.eat("-");
        let digits = self.cursor.take_while(|c| c.is_ascii_digit());
        let fraction = self.cursor.rest().strip_prefix('.').map_or("", |rest| {
            &rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())]
        });
        if !fraction.is_empty() {
            self.cursor.at += 1 + fraction.len();
        }
        let text = &self.cursor.text[start..self.cursor.at];
        if digits.is_empty() {
            return Err(self.bad_number(start));
        }
        if !fraction.is_empty() {
            return Ok(Node::Text(text.to_owned()));
        }
        let number = text.parse().ok();
        number.map(Node::Integer).ok_or_else(|| self.bad_number(start))
    }

    fn hexadecimal(&mut self) -> Parse<Node> {
        let start = self.cursor.at;
        if !self.cursor.eat("&H") && !self.cursor.eat("&h") {
            return Err(self.unexpected("a value is missing"));
        }
        let digits = self.cursor.take_while(|c| c.is_ascii_hexdigit());
        let number = i64::from_str_radix(digits, 16).ok();
        number.map(Node::Integer).ok_or_else(|| self.bad_number(start))
    }

    fn bad_number(&mut self, start: usize) -> Stop {
        self.stop(ExprError::new(
            start..self.cursor.at,
            "this is not a whole number of at most 63 bits",
            "write digits, with - in front if negative, or &H and hexadecimal digits",
        ))
    }

    fn call_or_keyword(&mut self) -> Parse<Node> {
        let start = self.cursor.at;
        let name = self.cursor.take_while(is_name);
        let span = start..self.cursor.at;
        self.cursor.skip_blanks();
        if !self.cursor.eat("(") {
            self.cursor.at = span.end;
            return Ok(self.keyword(name, span));
        }
        if self.depth == MAX_DEPTH {
            return Err(self.stop(ExprError::new(
                span,
                format!("calls nest deeper than {MAX_DEPTH}"),
                "compute parts of it in mappings of their own",
            )));
        }
        self.depth += 1;
        let arguments = self.arguments();
        self.depth -= 1;
        let arguments = arguments?;
        Ok(match self.function(name, span.clone()) {
            Some(function) => self.call(function, span, arguments),
            None => Node::Broken,
        })
    }

    /// The arguments after the opening parenthesis, up to and with the closing one.
    fn arguments(&mut self) -> Parse<Vec<Expr>> {
        let mut arguments = Vec::new();
        self.cursor.skip_blanks();
        if self.cursor.eat(")") {
            return Ok(arguments);
        }
        loop {
            self.cursor.skip_blanks();
            let at = self.cursor.at;
            let argument = match self.argument() {
                Ok(argument) => argument,
                Err(Stop) if self.cursor.skip_argument(at) => Expr {
                    span: at..self.cursor.at,
                    node: Node::Broken,
                },
                Err(Stop) => return Err(Stop),
            };
            arguments.push(argument);
            if self.cursor.eat(")") {
                return Ok(arguments);
            }
            // An argument ends before a comma or a closing parenthesis.
            self.cursor.eat(",");
        }
    }

    /// One argument, up to the comma or parenthesis behind it.
    fn argument(&mut self) -> Parse<Expr> {
        let at = self.cursor.at;
        if matches!(self.cursor.peek(), Some(',' | ')')) {
            return Ok(Expr {
                span: at..at,
                node: Node::Omitted,
            });
        }
        let argument = self.expression()?;
        match self.cursor.peek() {
            Some(',' | ')') => Ok(argument),
            _ => Err(self.unexpected("a comma or a closing parenthesis is missing")),
        }
    }

    fn unexpected(&mut self, message: &str) -> Stop {
        let at = self.cursor.at;
        let found = self.cursor.peek();
        let end = at + found.map_or(0, char::len_utf8);
        let message = match found {
            Some(c) => format!("{message}, but there is {c:?}"),
            None => format!("{message}, but the text ends"),
        };
        let hint = match found {
            Some('\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{2018}' | '\u{2019}' | '\'') => {
                "texts stand in straight double quotes: \"text\""
            }
            _ => "an expression is a call, [attribute], \"text\" or number",
        };
        self.stop(ExprError::new(at..end, message, hint))
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
