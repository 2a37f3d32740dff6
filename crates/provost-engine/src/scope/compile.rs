//! Scoping filters, checked and prepared.

use regex::Regex;
use serde_json::Value as Json;

use super::{Clause, Filter, Operator, Scope};
use crate::attribute::Lookup;
use crate::expr::{Context, Mistake, Value, pattern};
use crate::object::Source;
use crate::rule::Env;

/// Scoping filters ready to judge.
#[derive(Debug, Clone, Default)]
pub(crate) struct CompiledScope(Vec<CompiledFilter>);

#[derive(Debug, Clone)]
struct CompiledFilter {
    clauses: Vec<CompiledClause>,
}

#[derive(Debug, Clone)]
struct CompiledClause {
    lookup: Lookup,
    operator: Operator,
    operands: Operands,
    /// What to say when the clause keeps somebody out.
    reason: String,
    /// The clause's name for an error.
    place: String,
}

#[derive(Debug, Clone)]
enum Operands {
    None,
    Texts(Vec<String>),
    Integers(Vec<i64>),
    Patterns(Vec<Regex>),
}

/// A clause that cannot be applied to an object: no verdict, so nothing may follow from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScopeFailure {
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl CompiledScope {
    /// Checks and prepares all filters; every mistake at once.
    pub(crate) fn compile(scope: &Scope) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut filters = Vec::new();
        for (index, filter) in scope.filters.iter().enumerate() {
            filters.push(compile_filter(index, filter, &mut mistakes));
        }
        if mistakes.is_empty() {
            Ok(Self(filters))
        } else {
            Err(mistakes)
        }
    }

    /// Why the object is out of scope; `None` when it is in.
    pub(crate) fn refusal(&self, source: &Source) -> Result<Option<String>, ScopeFailure> {
        let context = Context {
            source: *source,
            soft_deleted: false,
            env: Env::default(),
        };
        let mut reasons = Vec::new();
        for filter in &self.0 {
            match filter.failing_clause(&context)? {
                None => return Ok(None),
                Some(clause) => reasons.push(clause.reason.as_str()),
            }
        }
        Ok((!reasons.is_empty()).then(|| reasons.join("; ")))
    }
}

impl CompiledFilter {
    fn failing_clause(&self, context: &Context) -> Result<Option<&CompiledClause>, ScopeFailure> {
        for clause in &self.clauses {
            if !clause.holds(context)? {
                return Ok(Some(clause));
            }
        }
        Ok(None)
    }
}

fn compile_filter(index: usize, filter: &Filter, mistakes: &mut Vec<Mistake>) -> CompiledFilter {
    let title = if filter.name.is_empty() {
        format!("scoping filter {}", index + 1)
    } else {
        format!("scoping filter \"{}\"", filter.name)
    };
    if filter.clauses.is_empty() {
        mistakes.push((
            format!("{title} has no clause and would let everybody in"),
            "add a clause or remove the filter".to_owned(),
        ));
    }
    let mut clauses = Vec::new();
    for clause in &filter.clauses {
        match compile_clause(&title, clause) {
            Ok(compiled) => clauses.push(compiled),
            Err((message, hint)) => {
                mistakes.push((format!("{title}, \"{}\": {message}", clause.attribute), hint));
            }
        }
    }
    CompiledFilter { clauses }
}

fn compile_clause(title: &str, clause: &Clause) -> Result<CompiledClause, Mistake> {
    let lookup = Lookup::parse(&clause.attribute)
        .map_err(|message| (message, "write the path as in a direct mapping".to_owned()))?;
    if lookup.is_soft_deleted() {
        return Err((
            "IsSoftDeleted follows from the scope and cannot decide it".to_owned(),
            "use the attribute active".to_owned(),
        ));
    }
    let texts = operand_texts(&clause.value);
    let operator = clause.operator;
    if operator.is_unary() != texts.is_empty() {
        let message = if operator.is_unary() {
            format!("{operator} takes no value")
        } else {
            format!("{operator} needs a value")
        };
        return Err((
            message,
            "give \"value\" for operators that compare, and only for them".into(),
        ));
    }
    let shown = if texts.is_empty() {
        String::new()
    } else {
        format!(" \"{}\"", texts.join("\" or \""))
    };
    let place = format!("{title}, {} {operator}", clause.attribute);
    Ok(CompiledClause {
        lookup,
        operator,
        reason: format!("{title} needs {} {operator}{shown}", clause.attribute),
        place,
        operands: prepare(operator, texts)?,
    })
}

/// The texts of the clause's value; JSON of another shape is kept as its text and fails to compare.
fn operand_texts(value: &Json) -> Vec<String> {
    match value {
        Json::Null => Vec::new(),
        Json::String(text) => vec![text.clone()],
        Json::Array(items) => items.iter().flat_map(operand_texts).collect(),
        other => vec![other.to_string()],
    }
}

fn prepare(operator: Operator, texts: Vec<String>) -> Result<Operands, Mistake> {
    Ok(match operator {
        _ if operator.is_unary() => Operands::None,
        Operator::RegexMatch | Operator::NotRegexMatch => {
            Operands::Patterns(texts.iter().map(|text| pattern(text)).collect::<Result<_, _>>()?)
        }
        Operator::GreaterThan | Operator::GreaterThanOrEquals => {
            let numbers = texts
                .iter()
                .map(|text| text.trim().parse())
                .collect::<Result<_, _>>();
            Operands::Integers(numbers.map_err(|_| {
                (
                    format!("{operator} compares whole numbers only"),
                    "give a whole number without quotes or with".to_owned(),
                )
            })?)
        }
        _ => Operands::Texts(texts),
    })
}

impl CompiledClause {
    fn holds(&self, context: &Context) -> Result<bool, ScopeFailure> {
        let value = self.lookup.find(context);
        let empty = value.is_empty();
        match self.operator {
            Operator::IsNull => return Ok(empty),
            Operator::IsNotNull => return Ok(!empty),
            _ if empty => return Ok(false),
            Operator::IsTrue => return self.boolean(&value),
            Operator::IsFalse => return self.boolean(&value).map(|value| !value),
            _ => {}
        }
        let (test, negated) = match self.operator.negated() {
            Some(test) => (test, true),
            None => (self.operator, false),
        };
        let mut any = Ok(false);
        value.each(&mut |text| {
            if any == Ok(false) {
                any = self.one(test, &text);
            }
        });
        any.map(|any| any != negated)
    }

    /// A positive test of one value.
    fn one(&self, test: Operator, value: &str) -> Result<bool, ScopeFailure> {
        Ok(match (&self.operands, test) {
            (Operands::Texts(texts), Operator::Equals) => texts.iter().any(|t| t == value),
            (Operands::Texts(texts), Operator::Includes) => texts.iter().any(|t| value.contains(t.as_str())),
            (Operands::Texts(texts), Operator::EndsWith) => texts.iter().any(|t| value.ends_with(t.as_str())),
            (Operands::Texts(texts), _) => texts.iter().any(|t| within(value, t)),
            (Operands::Patterns(patterns), _) => patterns.iter().any(|p| p.is_match(value)),
            (Operands::Integers(numbers), test) => {
                let value: i64 = value
                    .trim()
                    .parse()
                    .map_err(|_| self.failure("no whole number"))?;
                numbers.iter().any(|number| match test {
                    Operator::GreaterThan => value > *number,
                    _ => value >= *number,
                })
            }
            (Operands::None, _) => false,
        })
    }

    fn boolean(&self, value: &Value) -> Result<bool, ScopeFailure> {
        value
            .as_bool()
            .ok_or_else(|| self.failure("neither true nor false"))
    }

    fn failure(&self, what: &str) -> ScopeFailure {
        ScopeFailure {
            message: format!("{}: the attribute's value is {what}", self.place),
            hint: "correct the person's attribute, or choose an operator for its type".to_owned(),
        }
    }
}

fn within(value: &str, operand: &str) -> bool {
    match (value.parse::<i64>(), operand.parse::<i64>()) {
        (Ok(value), Ok(mask)) => value & mask != 0,
        _ => operand.contains(value),
    }
}
