//! The mappings of a rule with the value that each gives for somebody, beside what was last written.

use crate::console::time::Clock;
use crate::texts::text;
use provost_engine::mapping::{Apply, Mapping, MappingSource};
use provost_engine::object::{Record, Source};
use provost_engine::rule::{Compiled, Env, Need, Rule};
use provost_sync::RuleTrace;
use serde_json::Value;

/// Characters of a value that are shown.
const MOST: usize = 120;
/// What is shown instead of a value that nobody should read.
const REDACTED: &str = "[Redact]";

/// One mapping.
pub(super) struct MappingLine {
    pub target: String,
    /// Where the value comes from, in the rule's own words.
    pub source: String,
    /// When it is written; a key of the catalogue.
    pub when: &'static str,
    /// The value now; none where the mapping gives none.
    pub value: Option<String>,
    /// The value that was last written; none where none was.
    pub written: Option<String>,
    /// Whether the next cycle writes it, as far as it is kept up to date.
    pub differs: bool,
}

/// Every mapping of a rule, in the rule's order.
pub(super) fn lines(
    rule: &Rule,
    compiled: Option<&Compiled>,
    source: Option<&Source>,
    trace: Option<&RuleTrace>,
    clock: &Clock,
) -> Vec<MappingLine> {
    let created = created(compiled, source, clock.now);
    let line = |mapping: &Mapping| {
        let kept = trace.and_then(|one| one.attributes.get(&mapping.target));
        let value = kept.or_else(|| created.get(&mapping.target));
        let written = trace.and_then(|one| one.written.as_ref()?.get(&mapping.target));
        let is_linked = trace.is_some_and(|one| one.written.is_some());
        MappingLine {
            target: mapping.target.clone(),
            source: from(&mapping.source),
            when: when(mapping.apply),
            differs: is_linked && kept.is_some_and(|kept| !is_same(kept, written)),
            value: value.filter(|value| !value.is_null()).map(shown),
            written: written.map(shown),
        }
    };
    rule.mappings.iter().map(line).collect()
}

/// A value that is to be cleared is the same as none.
fn is_same(wanted: &Value, written: Option<&Value>) -> bool {
    match written {
        Some(written) => wanted == written,
        None => wanted.is_null(),
    }
}

/// What an account would be made with, without what nobody should read.
fn created(rule: Option<&Compiled>, source: Option<&Source>, now: i64) -> Record {
    let Some((rule, source)) = rule.zip(source) else {
        return Record::new();
    };
    let env = Env {
        now,
        ..Env::default()
    };
    // A mapping that fails is told by the trace.
    let Ok(evaluation) = rule.evaluate_for(source, &env, Need::Create) else {
        return Record::new();
    };
    let hidden = |(name, value): (String, Value)| {
        let is_hidden = rule.is_sensitive(&name) && !value.is_null();
        let value = if is_hidden {
            Value::String(REDACTED.to_owned())
        } else {
            value
        };
        (name, value)
    };
    evaluation.create.into_iter().map(hidden).collect()
}

/// Where a value comes from, as the rule has it.
fn from(source: &MappingSource) -> String {
    match source {
        MappingSource::Direct { attribute } => attribute.clone(),
        MappingSource::Constant { value } => shown(value),
        MappingSource::Expression { text } => cut(text),
        MappingSource::Generated => "generated".to_owned(),
        MappingSource::Secret { name } => format!("secret {name}"),
        MappingSource::None => "none".to_owned(),
    }
}

fn when(apply: Apply) -> &'static str {
    match apply {
        Apply::Always => text("always"),
        Apply::OnCreate => text("when it is made"),
        Apply::AddOnly | Apply::ValueAddOnly => text("only added"),
        Apply::IfEmpty => text("where it is empty"),
    }
}

/// A value as a page shows it: a text as it is, anything else as JSON.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => cut(text),
        other => cut(&other.to_string()),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_that_nobody_should_read_is_not_shown() {
        let rule: Rule = serde_json::from_value(json!({
            "name": "People", "object": "person", "matching": [{"target": "userName", "precedence": 1}],
            "mappings": [
                {"target": "userName", "direct": "userName"},
                {"target": "password", "expression": "Redact([userName])", "apply": "on_create"},
            ],
        }))
        .unwrap();
        let compiled = rule.compile().unwrap();
        let document = json!({"userName": "ann@contoso.example"});
        let source = Source {
            kind: provost_engine::object::Kind::Person,
            id: "1",
            document: &document,
            assigned: true,
        };
        let found = lines(&rule, Some(&compiled), Some(&source), None, &Clock::bare(0));
        let values: Vec<_> = found.iter().map(|line| line.value.as_deref()).collect();
        assert_eq!(values, [Some("ann@contoso.example"), Some(REDACTED)]);
    }

    #[test]
    fn what_is_to_be_cleared_is_the_same_as_none() {
        assert!(is_same(&Value::Null, None));
        assert!(is_same(&json!("a"), Some(&json!("a"))));
        assert!(!is_same(&json!("a"), None));
    }
}
