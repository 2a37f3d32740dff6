//! The functions of the expression language, in groups. Semantics and edge cases follow the function
//! reference of the Entra documentation; where it is silent, the choice stands at the function.

mod code;
mod country;
mod date;
mod identity;
mod list;
mod logic;
mod normalize;
mod random;
mod replace;
mod role;
mod text;
mod unique;

use std::sync::LazyLock;

use serde::Serialize;

use super::eval::Arguments;
use super::{Expr, ExprError, Node, Value};

/// What a function returns.
type Answer<'a> = Result<Value<'a>, ExprError>;

/// What people should know about a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FunctionDoc {
    /// Its exact name.
    pub name: &'static str,
    /// How it is called: optional arguments in braces, `…` behind one that may be repeated.
    pub signature: &'static str,
    /// What it gives, in one sentence without a full stop.
    pub summary: &'static str,
    /// An expression.
    pub example: &'static str,
    /// What the example gives, as text, or as JSON where it is a list or has a structure.
    pub result: &'static str,
}

/// One function.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) doc: FunctionDoc,
    /// The fewest arguments that must be given.
    least: usize,
    /// The most arguments that may be written.
    most: usize,
    /// The argument that is a regular expression.
    pub(super) pattern: Option<usize>,
    /// Whether it may only be the whole expression.
    pub(super) is_top_level: bool,
    /// What else must be true of the arguments.
    check: fn(&[Expr]) -> Result<(), String>,
    pub(super) body: for<'r, 'a> fn(&mut Arguments<'r, 'a>) -> Answer<'a>,
}

/// Any number of arguments (the length of the expression bounds it).
const MANY: usize = usize::MAX;

impl Function {
    /// A function without a regular expression and without further conditions.
    const fn new(
        name: &'static str,
        signature: &'static str,
        summary: &'static str,
        (example, result): (&'static str, &'static str),
        (least, most): (usize, usize),
        body: for<'r, 'a> fn(&mut Arguments<'r, 'a>) -> Answer<'a>,
    ) -> Self {
        Self {
            doc: FunctionDoc {
                name,
                signature,
                summary,
                example,
                result,
            },
            least,
            most,
            pattern: None,
            is_top_level: false,
            check: |_| Ok(()),
            body,
        }
    }

    /// The name of an argument, from the signature.
    pub(super) fn parameter(&self, index: usize) -> String {
        let inner = self.doc.signature.split_once('(').map_or("", |(_, inner)| inner);
        let names = inner.trim_end_matches(')').split(", ");
        let plain = |name: &str| name.trim_matches(['{', '}', '…']).to_owned();
        let mut names = names.filter(|name| *name != "…").map(plain);
        let last = names.clone().last();
        names.nth(index).or(last).unwrap_or_default()
    }

    /// Checks the number of arguments. Omitted ones at the end may be written or not.
    pub(super) fn check(&self, arguments: &[Expr]) -> Result<(), String> {
        let is_given = |argument: &Expr| !matches!(argument.node, Node::Omitted);
        let given = arguments.iter().rposition(is_given).map_or(0, |last| last + 1);
        let Self { least, most, .. } = self;
        let name = self.doc.name;
        if given < *least {
            return Err(format!("{name} needs {least} argument(s), but has {given}"));
        }
        if arguments.len() > *most {
            let written = arguments.len();
            return Err(format!(
                "{name} takes {most} argument(s) at most, but has {written}"
            ));
        }
        (self.check)(arguments)
    }
}

/// Every function.
pub(super) fn all() -> impl Iterator<Item = &'static Function> {
    [
        logic::FUNCTIONS,
        text::FUNCTIONS,
        list::FUNCTIONS,
        replace::FUNCTIONS,
        code::FUNCTIONS,
        country::FUNCTIONS,
        date::FUNCTIONS,
        identity::FUNCTIONS,
        role::FUNCTIONS,
        random::FUNCTIONS,
        unique::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The documentation of every function, sorted by name.
pub fn reference() -> &'static [FunctionDoc] {
    static DOCS: LazyLock<Vec<FunctionDoc>> = LazyLock::new(|| {
        let mut docs: Vec<FunctionDoc> = all().map(|function| function.doc).collect();
        docs.sort_by_key(|doc| doc.name);
        docs
    });
    &DOCS
}

/// The function of a name: exactly, else without regard to letter case.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    all()
        .find(|function| function.doc.name == name)
        .or_else(|| all().find(|function| function.doc.name.eq_ignore_ascii_case(name)))
}

/// The function with the most similar name.
pub(super) fn nearest(name: &str) -> &'static Function {
    let wanted = name.to_ascii_lowercase();
    let far = |function: &&Function| distance(&wanted, &function.doc.name.to_ascii_lowercase());
    all().min_by_key(far).unwrap_or(&logic::FUNCTIONS[0])
}

/// How many single characters must be inserted, removed or replaced (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.bytes().enumerate() {
            let replaced = diagonal + usize::from(l != r);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
