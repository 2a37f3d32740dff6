//! Scoping filters, between Entra's groups of clauses and ours.

use serde_json::{Value, json};

use super::attribute::homeless;
use super::{Problem, alias, list, text};
use crate::object::Kind;
use crate::scope::{Clause, Filter, Operator, Scope};

/// Filters that have no counterpart here.
const OTHER_GROUPS: [&str; 2] = ["inputFilterGroups", "categoryFilterGroups"];

/// A scope that was read.
pub(super) struct Found {
    pub(super) scope: Scope,
    /// All filters are here; without one of them more or other objects would be meant.
    pub(super) complete: bool,
}

/// Reads the filters of an object mapping.
pub(super) fn read(scope: &Value, kind: Kind, place: &str, problems: &mut Vec<Problem>) -> Found {
    let mut found = Found {
        scope: Scope::default(),
        complete: true,
    };
    for (index, group) in list(scope, "groups").iter().enumerate() {
        let name = text(group, "name").unwrap_or_default().to_owned();
        let shown = if name.is_empty() {
            (index + 1).to_string()
        } else {
            name.clone()
        };
        let place = format!("{place} / scoping filter {shown}");
        let clauses: Vec<_> = list(group, "clauses")
            .iter()
            .filter_map(|entry| clause(entry, kind, &place, problems))
            .collect();
        let whole = clauses.len() == list(group, "clauses").len();
        if whole && !clauses.is_empty() {
            found.scope.filters.push(Filter {
                name,
                clauses,
                scim: None,
            });
        } else {
            found.complete = false;
            if whole {
                let message = "it has no clause";
                problems.push(Problem::unsupported(
                    &place,
                    message,
                    "remove it, or give it a clause",
                ));
            }
        }
    }
    for name in OTHER_GROUPS {
        if !list(scope, name).is_empty() {
            found.complete = false;
            let message = format!("{name} are not supported");
            let hint = "say the same with scoping filters, then switch the rule on";
            problems.push(Problem::unsupported(place, message, hint));
        }
    }
    found
}

fn clause(entry: &Value, kind: Kind, place: &str, problems: &mut Vec<Problem>) -> Option<Clause> {
    let name = text(entry, "sourceOperandName").unwrap_or_default();
    let operator = text(entry, "operatorName").unwrap_or_default();
    let operator = match Operator::try_from(operator.to_owned()) {
        Ok(operator) => operator,
        Err(message) => {
            let hint = "write the condition with another operator, then switch the rule on";
            problems.push(Problem::unsupported(place, message, hint));
            return None;
        }
    };
    let attribute = alias::to_directory(kind, name);
    if matches!(attribute, alias::Place::Extension(_)) {
        problems.push(homeless(place, name, attribute.path()));
    }
    Some(Clause {
        attribute: attribute.path().to_owned(),
        value: if operator.is_unary() {
            Value::Null
        } else {
            operand(entry)
        },
        operator,
        multivalued: None,
    })
}

/// One value stands alone, several are a list of which any may fit.
fn operand(entry: &Value) -> Value {
    let values = entry
        .get("targetOperand")
        .map_or(&[][..], |operand| list(operand, "values"));
    match values {
        [one] => one.clone(),
        several => Value::Array(several.to_vec()),
    }
}

/// Writes the filters in Entra's shape; SCIM filters have none and are left out.
pub(super) fn write(scope: &Scope, kind: Kind) -> Value {
    let filters = scope.filters.iter().filter(|filter| filter.scim.is_none());
    filters
        .map(|filter| {
            let clauses: Vec<_> = filter.clauses.iter().map(|one| write_clause(one, kind)).collect();
            json!({"name": filter.name, "clauses": clauses})
        })
        .collect()
}

fn write_clause(clause: &Clause, kind: Kind) -> Value {
    let values = match &clause.value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().map(super::source::plain).collect(),
        one => vec![super::source::plain(one)],
    };
    json!({
        "operatorName": clause.operator.name(),
        "sourceOperandName": alias::to_entra(kind, &clause.attribute),
        "targetOperand": {"values": values},
    })
}
