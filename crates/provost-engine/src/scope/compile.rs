//! Scoping filters, checked and prepared.

use serde_json::Value as Json;

use super::{Clause, Filter, Multivalued, Operator, Scope, scim};
use crate::attribute::Lookup;
use crate::expr::{Context, Mistake, Pattern, TOO_HARD, Value, pattern};
use crate::object::{Kind, Source};
use crate::rule::Env;

/// Scoping filters ready to judge.
#[derive(Debug, Clone, Default)]
pub(crate) struct CompiledScope(Vec<CompiledFilter>);

#[derive(Debug, Clone)]
enum CompiledFilter {
    Clauses(Vec<CompiledClause>),
    Scim(scim::Condition),
}

#[derive(Debug, Clone)]
struct CompiledClause {
    lookup: Lookup,
    operator: Operator,
    operands: Operands,
    multivalued: Option<Multivalued>,
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
    Patterns(Vec<Pattern>),
}

/// A clause that cannot be applied to an object: no verdict, so nothing may follow from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScopeFailure {
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl CompiledScope {
    /// Checks and prepares all filters for people or groups; with them come warnings, or every mistake at
    /// once.
    pub(crate) fn compile(scope: &Scope, object: Kind) -> Result<(Self, Vec<Mistake>), Vec<Mistake>> {
        let mut notes = Notes::default();
        let mut filters = Vec::new();
        for (index, filter) in scope.filters.iter().enumerate() {
            filters.push(compile_filter(index, filter, object, &mut notes));
        }
        if notes.mistakes.is_empty() {
            Ok((Self(filters), notes.warnings))
        } else {
            Err(notes.mistakes)
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
            match filter.refusal(&context)? {
                None => return Ok(None),
                Some(reason) => reasons.push(reason),
            }
        }
        Ok((!reasons.is_empty()).then(|| reasons.join("; ")))
    }

    /// Every condition with its verdict on one object.
    pub(crate) fn conditions(&self, source: &Source) -> Vec<Condition> {
        let context = Context {
            source: *source,
            soft_deleted: false,
            env: Env::default(),
        };
        let mut conditions = Vec::new();
        for (filter, number) in self.0.iter().zip(1..) {
            match filter {
                CompiledFilter::Clauses(clauses) => conditions.extend(
                    clauses
                        .iter()
                        .map(|clause| Condition::new(number, &clause.reason, clause.holds(&context))),
                ),
                CompiledFilter::Scim(condition) => {
                    let holds = condition.refusal(source.document).is_none();
                    conditions.push(Condition::new(number, condition.reason(), Ok(holds)));
                }
            }
        }
        conditions
    }
}

/// One condition of a scope and whether an object meets it. The conditions of one filter must all hold; one filter
/// whose conditions hold is enough.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Condition {
    /// The filter it belongs to, counted from 1.
    pub filter: usize,
    /// What it asks for.
    pub text: String,
    /// Whether the object meets it; `None` when it cannot be applied to the object.
    pub holds: Option<bool>,
    /// Why it cannot be applied; empty when it can.
    pub trouble: String,
}

impl Condition {
    fn new(filter: usize, text: &str, verdict: Result<bool, ScopeFailure>) -> Self {
        let (holds, trouble) = match verdict {
            Ok(holds) => (Some(holds), String::new()),
            Err(failure) => (None, failure.message),
        };
        Self {
            filter,
            text: text.to_owned(),
            holds,
            trouble,
        }
    }
}

/// What is said about a scope while it is compiled.
#[derive(Default)]
struct Notes {
    mistakes: Vec<Mistake>,
    warnings: Vec<Mistake>,
}

impl CompiledFilter {
    /// What keeps the object out; `None` when the filter lets it in.
    fn refusal(&self, context: &Context) -> Result<Option<&str>, ScopeFailure> {
        match self {
            Self::Clauses(clauses) => {
                for clause in clauses {
                    if !clause.holds(context)? {
                        return Ok(Some(&clause.reason));
                    }
                }
                Ok(None)
            }
            Self::Scim(condition) => Ok(condition.refusal(context.source.document)),
        }
    }
}

fn compile_filter(index: usize, filter: &Filter, object: Kind, notes: &mut Notes) -> CompiledFilter {
    let title = if filter.name.is_empty() {
        format!("scoping filter {}", index + 1)
    } else {
        format!("scoping filter \"{}\"", filter.name)
    };
    if let Some(text) = &filter.scim {
        if !filter.clauses.is_empty() {
            let hint = "keep one of them; the SCIM filter can say what the clauses say";
            notes.mistakes.push((
                format!("{title} has both clauses and a SCIM filter"),
                hint.to_owned(),
            ));
        }
        match scim::Condition::compile(&title, text, object) {
            Ok(condition) => return CompiledFilter::Scim(condition),
            Err((message, hint)) => notes.mistakes.push((format!("{title}: {message}"), hint)),
        }
    } else if filter.clauses.is_empty() {
        notes.mistakes.push((
            format!("{title} has no clause and would let everybody in"),
            "add a clause or remove the filter".to_owned(),
        ));
    }
    let mut clauses = Vec::new();
    for clause in &filter.clauses {
        let place = |message| format!("{title}, \"{}\": {message}", clause.attribute);
        match compile_clause(&title, clause) {
            Ok(compiled) => clauses.push(compiled),
            Err((message, hint)) => notes.mistakes.push((place(message), hint)),
        }
        if has_loose_pattern(clause) {
            let message = "the regular expression may match anywhere within the value".to_owned();
            let hint = "write ^ before it and $ behind it when the whole value is meant".to_owned();
            notes.warnings.push((place(message), hint));
        }
    }
    CompiledFilter::Clauses(clauses)
}

/// Whether a pattern is not tied to the value's beginning and end. Vendors' examples read as if it were.
fn has_loose_pattern(clause: &Clause) -> bool {
    let is_pattern = matches!(clause.operator, Operator::RegexMatch | Operator::NotRegexMatch);
    let tied = |text: &String| text.starts_with('^') && text.ends_with('$');
    is_pattern && !operand_texts(&clause.value).iter().all(tied)
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
        multivalued: clause.multivalued,
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
        // A negated operator says something about every value, unless the clause says otherwise.
        let all = self.multivalued.map_or(negated, |m| m == Multivalued::All);
        let mut verdict = Ok(all);
        value.each(&mut |text| {
            if verdict == Ok(all) {
                verdict = self.one(test, &text).map(|holds| holds != negated);
            }
        });
        verdict
    }

    /// A positive test of one value.
    fn one(&self, test: Operator, value: &str) -> Result<bool, ScopeFailure> {
        Ok(match (&self.operands, test) {
            (Operands::Texts(texts), Operator::Equals) => texts.iter().any(|t| t == value),
            (Operands::Texts(texts), Operator::Includes) => texts.iter().any(|t| value.contains(t.as_str())),
            (Operands::Texts(texts), Operator::EndsWith) => texts.iter().any(|t| value.ends_with(t.as_str())),
            (Operands::Texts(texts), _) => texts.iter().any(|t| within(value, t)),
            (Operands::Patterns(patterns), _) => {
                for pattern in patterns {
                    if pattern.is_match(value).map_err(|_| self.too_hard())? {
                        return Ok(true);
                    }
                }
                false
            }
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

    fn too_hard(&self) -> ScopeFailure {
        let (message, hint) = TOO_HARD;
        ScopeFailure {
            message: format!("{}: {message}", self.place),
            hint: hint.to_owned(),
        }
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
