//! The text of a filter: canonical names, lower-case operators, as few brackets as keep the tree.

use std::fmt::{Display, Formatter, Result};

use serde_json::Value;

use super::{Filter, Literal, Op, Tail, Test, ValuePath};

impl Display for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.as_str())
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::String(value) => write!(f, "{}", Value::from(value.as_str())),
        }
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Compare(op, value) => write!(f, "{op} {value}"),
            Self::Present => f.write_str("pr"),
        }
    }
}

impl Display for Tail {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, ".{} {}", self.sub, self.test)
    }
}

impl Display for Filter {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::And(list) => joined(f, list, " and ", |part| {
                matches!(part, Self::And(_) | Self::Or(_))
            }),
            Self::Or(list) => joined(f, list, " or ", |part| matches!(part, Self::Or(_))),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Compare { path, op, value } => write!(f, "{path} {op} {value}"),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Element {
                path,
                filter,
                tail: None,
            } => write!(f, "{path}[{filter}]"),
            Self::Element {
                path,
                filter,
                tail: Some(tail),
            } => write!(f, "{path}[{filter}]{tail}"),
            Self::Unknown { path, test } => write!(f, "{path} {test}"),
        }
    }
}

impl Display for ValuePath {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.path)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

fn joined(f: &mut Formatter<'_>, list: &[Filter], word: &str, brackets: fn(&Filter) -> bool) -> Result {
    for (index, part) in list.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        if brackets(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}
