//! Scoping filters as a form has them: groups of clauses that must all hold, one group being enough. Rows without an
//! attribute are left out, so that there is always one to fill in.

use crate::form::Form;
use crate::texts::text;
use provost_engine::scope::{Clause, Filter, Multivalued, Operator, Scope};
use serde_json::Value;

/// Groups of a form, and clauses of a group, at most.
const MOST: usize = 50;

/// A group of clauses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub name: String,
    /// A filter in SCIM's language in place of clauses.
    pub scim: String,
    pub rows: Vec<Row>,
}

/// A clause as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub attribute: String,
    pub operator: String,
    pub value: String,
    /// `any`, `all`, or empty: as the operator wants it.
    pub multivalued: String,
}

/// The operators with what they mean.
pub(super) const OPERATORS: [(Operator, &str); 14] = [
    (Operator::Equals, text("is")),
    (Operator::NotEquals, text("is not")),
    (Operator::Includes, text("contains")),
    (Operator::EndsWith, text("ends with")),
    (Operator::IsNull, text("has no value")),
    (Operator::IsNotNull, text("has a value")),
    (Operator::IsTrue, text("is true")),
    (Operator::IsFalse, text("is false")),
    (Operator::GreaterThan, text("is greater than")),
    (Operator::GreaterThanOrEquals, text("is at least")),
    (Operator::RegexMatch, text("matches the regular expression")),
    (
        Operator::NotRegexMatch,
        text("does not match the regular expression"),
    ),
    (Operator::Within, text("is part of, or has a common bit with")),
    (
        Operator::NotWithin,
        text("is no part of, and has no common bit with"),
    ),
];

/// The groups of a saved scope.
pub(super) fn of(scope: &Scope) -> Vec<Group> {
    scope
        .filters
        .iter()
        .map(|filter| Group {
            name: filter.name.clone(),
            scim: filter.scim.clone().unwrap_or_default(),
            rows: filter.clauses.iter().map(row).collect(),
        })
        .collect()
}

fn row(clause: &Clause) -> Row {
    Row {
        attribute: clause.attribute.clone(),
        operator: clause.operator.name().to_owned(),
        value: shown(clause.operator, &clause.value),
        multivalued: match clause.multivalued {
            None => "",
            Some(Multivalued::Any) => "any",
            Some(Multivalued::All) => "all",
        }
        .to_owned(),
    }
}

/// A value as a field shows it: several with `|` between them. A regular expression has bars of its own: several of
/// them are one that matches what any of them matches.
fn shown(operator: Operator, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if is_pattern(operator) => text.clone(),
        Value::String(text) => escaped(text),
        Value::Array(items) => {
            let texts = items.iter().map(|item| shown(operator, item));
            match is_pattern(operator) {
                true => texts
                    .map(|text| format!("(?:{text})"))
                    .collect::<Vec<_>>()
                    .join("|"),
                false => texts.collect::<Vec<_>>().join(" | "),
            }
        }
        other => other.to_string(),
    }
}

fn is_pattern(operator: Operator) -> bool {
    matches!(operator, Operator::RegexMatch | Operator::NotRegexMatch)
}

/// A bar that is a part of the text has a backslash before it, and so has a backslash that would be read as such.
fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '|' || c == '\\' && matches!(rest.peek(), Some('|' | '\\')) {
            shown.push('\\');
        }
        shown.push(c);
    }
    shown
}

/// What a form has, rows that were emptied left out.
pub(super) fn read(form: &Form) -> Vec<Group> {
    let mut groups = Vec::new();
    for group in 0..MOST {
        let field = |name: &str| form.get(&format!("{name}.{group}")).trim().to_owned();
        let rows: Vec<Row> = (0..MOST).filter_map(|row| read_row(form, group, row)).collect();
        let one = Group {
            name: field("name"),
            scim: field("scim"),
            rows,
        };
        if !one.rows.is_empty() || !one.scim.is_empty() {
            groups.push(one);
        }
    }
    groups
}

fn read_row(form: &Form, group: usize, row: usize) -> Option<Row> {
    let field = |name: &str| form.get(&format!("{name}.{group}.{row}")).trim().to_owned();
    let one = Row {
        attribute: field("attribute"),
        operator: field("operator"),
        value: field("value"),
        multivalued: field("multivalued"),
    };
    (!one.attribute.is_empty()).then_some(one)
}

/// The scope that was typed.
pub(super) fn scope(groups: &[Group]) -> Scope {
    let filters = groups.iter().map(|group| Filter {
        name: group.name.clone(),
        clauses: group.rows.iter().map(clause).collect(),
        scim: (!group.scim.is_empty()).then(|| group.scim.clone()),
    });
    Scope {
        filters: filters.collect(),
    }
}

fn clause(row: &Row) -> Clause {
    let operator = Operator::try_from(row.operator.clone()).unwrap_or(Operator::Equals);
    Clause {
        attribute: row.attribute.clone(),
        operator,
        // What is typed for an operator that compares with nothing says nothing.
        value: match operator {
            _ if operator.is_unary() => Value::Null,
            _ if is_pattern(operator) && !row.value.is_empty() => Value::String(row.value.clone()),
            _ => typed(&row.value),
        },
        multivalued: match row.multivalued.as_str() {
            "any" => Some(Multivalued::Any),
            "all" => Some(Multivalued::All),
            _ => None,
        },
    }
}

/// The texts between `|`; one text where there is none.
fn typed(text: &str) -> Value {
    let (mut texts, mut one, mut escaped) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            _ if std::mem::take(&mut escaped) => {
                // A backslash before anything else is one.
                if !matches!(c, '|' | '\\') {
                    one.push('\\');
                }
                one.push(c);
            }
            '\\' => escaped = true,
            '|' => texts.push(std::mem::take(&mut one)),
            c => one.push(c),
        }
    }
    if escaped {
        one.push('\\');
    }
    texts.push(one);
    let mut texts: Vec<Value> = texts
        .into_iter()
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .map(Value::String)
        .collect();
    match texts.len() {
        0 => Value::Null,
        1 => texts.swap_remove(0),
        _ => Value::Array(texts),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn through_the_form(scope: &Scope) -> Scope {
        let mut pairs = Vec::new();
        for (index, group) in of(scope).into_iter().enumerate() {
            pairs.push((format!("name.{index}"), group.name));
            pairs.push((format!("scim.{index}"), group.scim));
            for (at, row) in group.rows.into_iter().enumerate() {
                for (name, value) in [
                    ("attribute", row.attribute),
                    ("operator", row.operator),
                    ("value", row.value),
                    ("multivalued", row.multivalued),
                ] {
                    pairs.push((format!("{name}.{index}.{at}"), value));
                }
            }
            pairs.push((format!("attribute.{index}.9"), String::new()));
        }
        let text = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        super::scope(&read(&Form::read(text.as_bytes())))
    }

    #[test]
    fn a_scope_survives_the_form() {
        let scope: Scope = serde_json::from_value(json!({"filters": [
            {"name": "Sales", "clauses": [
                {"attribute": "title", "operator": "EQUALS", "value": ["Seller", "a|b", r"CONTOSO\x", r"\|", r"\\"]},
                {"attribute": "userType", "operator": "IS NOT NULL"},
                {"attribute": "locale", "operator": "REGEX MATCH", "value": r"^\d+|x\\$", "multivalued": "all"}]},
            {"name": "", "scim": "title co \"Sales\""}]}))
        .unwrap();
        assert_eq!(through_the_form(&scope), scope);
        assert_eq!(through_the_form(&Scope::default()), Scope::default());
    }

    #[test]
    fn emptied_rows_are_left_out_and_patterns_keep_their_backslashes() {
        let form = Form::read(b"attribute.0.0=&operator.0.0=EQUALS&value.0.0=x&name.0=empty");
        assert!(read(&form).is_empty());
        let both = json!(["a|b", "c"]);
        assert_eq!(shown(Operator::RegexMatch, &both), "(?:a|b)|(?:c)");
        assert_eq!(shown(Operator::Equals, &both), r"a\|b | c");
        assert_eq!(typed(r"a\"), json!(r"a\"));
        assert_eq!(typed(" "), Value::Null);
        assert_eq!(typed("a | b"), json!(["a", "b"]));
    }
}
