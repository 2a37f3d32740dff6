//! An expression as text again: what is printed parses to the same expression.

use std::fmt::{self, Display, Formatter, Write};

use super::{Call, Expr, Node};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.node {
            Node::Omitted | Node::Broken => Ok(()),
            Node::Attribute(lookup) => write!(f, "[{}]", lookup.text()),
            Node::Text(text) => quoted(text, f),
            Node::Integer(number) => number.fmt(f),
            Node::Keyword(keyword) => f.write_str(keyword.name()),
            Node::Call(Call {
                function, arguments, ..
            }) => {
                f.write_str(function.doc.name)?;
                f.write_char('(')?;
                joined(arguments, ", ", f)?;
                f.write_char(')')
            }
            Node::Compare(how, sides) => write!(f, "{} {} {}", sides.0, how.sign(), sides.1),
            Node::Concat(parts) => joined(parts, " & ", f),
        }
    }
}

fn joined(parts: &[Expr], separator: &str, f: &mut Formatter<'_>) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        part.fmt(f)?;
    }
    Ok(())
}

fn quoted(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}
