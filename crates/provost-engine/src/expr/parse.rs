//! From text to a checked expression.
//!
//! A syntax error ends the parse, since what follows it cannot be trusted; everything else (unknown
//! functions, wrong numbers of arguments, bad attribute paths and patterns) is collected, so that an
//! author sees all of it at once.

use std::ops::Range;

use super::scan::Cursor;
use super::{Call, Comparison, Expr, ExprError, Function, Keyword, Node, function, pattern};
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
    match parser.whole() {
        Ok(expr) if parser.errors.is_empty() => Ok(Parsed {
            expr,
            warnings: parser.warnings,
        }),
        Ok(_) => Err(parser.sorted_errors()),
        Err(error) => {
            parser.errors.push(error);
            Err(parser.sorted_errors())
        }
    }
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    depth: usize,
    /// Mistakes that do not hide what follows them.
    errors: Vec<ExprError>,
    warnings: Vec<ExprError>,
}

type Parse<T> = Result<T, ExprError>;

impl Parser<'_> {
    fn sorted_errors(mut self) -> Vec<ExprError> {
        self.errors.sort_by_key(|error| error.span.start);
        self.errors
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
            return Err(ExprError::new(
                span.start..self.cursor.at,
                "a comparison cannot be compared again",
                "there is no And; nest IIF instead",
            ));
        }
        Ok(Expr {
            span,
            node: Node::Compare(comparison, Box::new((left, right))),
        })
    }

    fn comparison(&mut self) -> Option<Comparison> {
        const SIGNS: [(&str, Comparison); 6] = [
            ("<>", Comparison::Differs),
            (">=", Comparison::GreaterOrEqual),
            ("<=", Comparison::LessOrEqual),
            ("=", Comparison::Equal),
            (">", Comparison::Greater),
            ("<", Comparison::Less),
        ];
        SIGNS
            .iter()
            .find(|(sign, _)| self.cursor.eat(sign))
            .map(|(_, comparison)| *comparison)
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
            Some('"') => Node::Text(self.cursor.string()?),
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
        let path = self.cursor.attribute()?;
        Ok(match Lookup::parse(path) {
            Ok(lookup) => Node::Attribute(lookup),
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
        text.parse()
            .map(Node::Integer)
            .map_err(|_| self.bad_number(start))
    }

    fn hexadecimal(&mut self) -> Parse<Node> {
        let start = self.cursor.at;
        if !self.cursor.eat("&H") && !self.cursor.eat("&h") {
            return Err(self.unexpected("a value is missing"));
        }
        let digits = self.cursor.take_while(|c| c.is_ascii_hexdigit());
        i64::from_str_radix(digits, 16)
            .map(Node::Integer)
            .map_err(|_| self.bad_number(start))
    }

    fn bad_number(&self, start: usize) -> ExprError {
        ExprError::new(
            start..self.cursor.at,
            "this is not a whole number of at most 63 bits",
            "write digits, with - in front if negative, or &H and hexadecimal digits",
        )
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
            return Err(ExprError::new(
                span,
                format!("calls nest deeper than {MAX_DEPTH}"),
                "compute parts of it in mappings of their own",
            ));
        }
        self.depth += 1;
        let arguments = self.arguments()?;
        self.depth -= 1;
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
            if matches!(self.cursor.peek(), Some(',' | ')')) {
                arguments.push(Expr {
                    span: at..at,
                    node: Node::Omitted,
                });
            } else {
                arguments.push(self.expression()?);
            }
            if self.cursor.eat(")") {
                return Ok(arguments);
            }
            if !self.cursor.eat(",") {
                return Err(self.unexpected("a comma or a closing parenthesis is missing"));
            }
        }
    }

    fn keyword(&mut self, name: &str, span: Range<usize>) -> Node {
        let found = Keyword::ALL
            .into_iter()
            .find(|k| k.name().eq_ignore_ascii_case(name));
        match found {
            Some(keyword) => {
                self.warn_about_case(name, keyword.name(), span);
                Node::Keyword(keyword)
            }
            None => {
                let hint = format!("a text is written \"{name}\", an attribute [{name}], a call {name}(…)");
                let message = format!("\"{name}\" is no value by itself");
                self.errors.push(ExprError::new(span, message, hint));
                Node::Broken
            }
        }
    }

    fn function(&mut self, name: &str, span: Range<usize>) -> Option<&'static Function> {
        let Some(function) = function::find(name) else {
            let nearest = function::nearest(name);
            let hint = format!("did you mean {}?", nearest.name);
            let message = format!("there is no function {name}");
            self.errors.push(ExprError::new(span, message, hint));
            return None;
        };
        self.warn_about_case(name, function.name, span);
        Some(function)
    }

    fn warn_about_case(&mut self, written: &str, name: &str, span: Range<usize>) {
        if written != name {
            let message = format!("{written} was read as {name}");
            let hint = "names are case-sensitive elsewhere; write them exactly";
            self.warnings.push(ExprError::new(span, message, hint));
        }
    }

    fn call(&mut self, function: &'static Function, span: Range<usize>, arguments: Vec<Expr>) -> Node {
        if let Err(message) = function.check(&arguments) {
            let hint = format!("{}: {}", function.signature, function.summary);
            self.errors.push(ExprError::new(span, message, hint));
        }
        let pattern = function
            .pattern
            .and_then(|index| self.pattern(arguments.get(index)?));
        Node::Call(Call {
            function,
            arguments,
            pattern,
        })
    }

    /// A regular expression must stand in the text: compiling one for every object would be slow, and
    /// its mistakes would be found too late.
    fn pattern(&mut self, argument: &Expr) -> Option<regex::Regex> {
        let compiled = match &argument.node {
            Node::Omitted | Node::Broken => return None,
            Node::Text(text) if text.is_empty() => return None,
            Node::Text(text) => pattern(text),
            _ => Err((
                "the regular expression must be a string constant".to_owned(),
                "write it in quotes".to_owned(),
            )),
        };
        compiled
            .map_err(|(message, hint)| {
                self.errors
                    .push(ExprError::new(argument.span.clone(), message, hint));
            })
            .ok()
    }

    fn unexpected(&self, message: &str) -> ExprError {
        let at = self.cursor.at;
        let end = at + self.cursor.peek().map_or(0, char::len_utf8);
        let message = match self.cursor.peek() {
            Some(c) => format!("{message}, but there is {c:?}"),
            None => format!("{message}, but the text ends"),
        };
        ExprError::new(
            at..end,
            message,
            "an expression is a call, [attribute], \"text\" or number",
        )
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
