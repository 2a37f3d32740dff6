//! A rule, checked whole and prepared for evaluation.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::check;
use super::compiled::{Compiled, CompiledMapping, Producer, names_a_password};
use super::error::RuleError;
use super::licence::is_licences;
use super::{ENABLED_ATTRIBUTES, Rule};
use crate::attribute::Lookup;
use crate::expr::{self, ExprError, Value};
use crate::mapping::{Mapping, MappingSource, NullPolicy, ValueType};
use crate::matching::TARGET_ID;
use crate::object::{Kind, Record};
use crate::scope::CompiledScope;

/// Checks and prepares a rule.
pub(super) fn compile(rule: &Rule) -> Result<Compiled, Vec<RuleError>> {
    let mut compiler = Compiler {
        rule,
        errors: Vec::new(),
        warnings: Vec::new(),
    };
    let scope = compiler.scope();
    let mut mappings = compiler.mappings();
    let mut leaver = compiler.leaver();
    let licences = take_licences(&mut mappings);
    let leaver_licences = take_licences(&mut leaver);
    let matching = compiler.matching();
    compiler.settings();
    if !compiler.errors.is_empty() {
        return Err(compiler.errors);
    }
    Ok(Compiled {
        rule: rule.clone(),
        scope,
        mappings,
        leaver_constants: constants(&leaver),
        leaver,
        licences,
        leaver_licences,
        matching,
        skip_out_of_scope: false,
        warnings: compiler.warnings,
    })
}

/// Takes the mapping to [`super::LICENCES`] out of a list.
fn take_licences(mappings: &mut Vec<CompiledMapping>) -> Option<CompiledMapping> {
    let at = mappings.iter().position(|mapping| is_licences(&mapping.target))?;
    Some(mappings.remove(at))
}

/// What leaver mappings say without a document.
fn constants(leaver: &[CompiledMapping]) -> Record {
    let values = leaver.iter().filter(|mapping| !mapping.reference);
    values
        .filter_map(|mapping| match &mapping.producer {
            Producer::Constant(value) => Some((mapping.target.clone(), value.clone())),
            Producer::Nothing => Some((mapping.target.clone(), Json::Null)),
            Producer::Direct(_) | Producer::Expression(_) | Producer::Generated | Producer::Secret(_) => None,
        })
        .collect()
}

struct Compiler<'r> {
    rule: &'r Rule,
    errors: Vec<RuleError>,
    warnings: Vec<RuleError>,
}

impl Compiler<'_> {
    fn error(&mut self, target: Option<&str>, message: impl Into<String>, hint: &str) {
        self.errors
            .push(RuleError::new(&self.rule.name, target, message, hint));
    }

    fn scope(&mut self) -> CompiledScope {
        match CompiledScope::compile(&self.rule.scope, self.rule.object) {
            Ok((scope, warnings)) => {
                let located = |(message, hint)| RuleError::new(&self.rule.name, None, message, hint);
                self.warnings.extend(warnings.into_iter().map(located));
                scope
            }
            Err(mistakes) => {
                for (message, hint) in mistakes {
                    self.error(None, message, &hint);
                }
                CompiledScope::default()
            }
        }
    }

    fn mappings(&mut self) -> Vec<CompiledMapping> {
        if self.rule.mappings.is_empty() {
            self.error(
                None,
                "the rule has no mapping",
                "map at least the matching attribute",
            );
        }
        let rule = self.rule;
        self.list(&rule.mappings, check::mapping)
    }

    /// The mappings for those who leave.
    fn leaver(&mut self) -> Vec<CompiledMapping> {
        let rule = self.rule;
        self.list(&rule.leaver, check::leaver)
    }

    /// Checks and prepares a list of mappings; the result is in the order of targets.
    fn list(
        &mut self,
        mappings: &[Mapping],
        check: fn(Kind, &Mapping) -> Vec<check::Complaint>,
    ) -> Vec<CompiledMapping> {
        let mut seen = BTreeSet::new();
        let mut compiled = Vec::with_capacity(mappings.len());
        for mapping in mappings {
            let target = mapping.target.as_str();
            if !seen.insert(target.to_ascii_lowercase()) {
                self.error(
                    Some(target),
                    "two mappings have this target attribute",
                    "keep one of them; an expression can choose between two sources",
                );
            }
            for (message, hint) in check(self.rule.object, mapping) {
                self.error(Some(target), message, hint);
            }
            let one = self.mapping(mapping);
            for (message, hint) in one.iter().flat_map(check::calls) {
                self.error(Some(target), message, hint);
            }
            compiled.extend(one);
        }
        // A mapping of the kind none without a default has nothing to say.
        compiled.retain(|m| {
            !matches!(m.producer, Producer::Nothing) || m.default.is_some() || m.null == NullPolicy::Clear
        });
        compiled.sort_by(|a, b| a.target.cmp(&b.target));
        compiled
    }

    /// Settings of the rule that contradict each other.
    fn settings(&mut self) {
        for (message, hint) in check::settings(self.rule) {
            self.error(None, message, hint);
        }
    }

    fn mapping(&mut self, mapping: &Mapping) -> Option<CompiledMapping> {
        let enables = self.rule.object == Kind::Person
            && ENABLED_ATTRIBUTES
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&mapping.target));
        let kind = match mapping.kind {
            None if enables => Some(ValueType::Boolean),
            None if is_licences(&mapping.target) => Some(ValueType::Strings),
            kind => kind,
        };
        let producer = match &mapping.source {
            MappingSource::Direct { attribute } => self.direct(mapping, attribute)?,
            MappingSource::Constant { value } => Producer::Constant(self.literal(mapping, value, kind)?),
            MappingSource::Expression { text } => self.expression(mapping, text)?,
            MappingSource::Generated => Producer::Generated,
            MappingSource::Secret { name } => Producer::Secret(name.clone()),
            MappingSource::None => Producer::Nothing,
        };
        let default = match &mapping.default {
            Some(value) => Some(self.literal(mapping, value, kind)?),
            None => None,
        };
        let disabled_value = Value::Bool(false).into_json(kind).ok().flatten();
        let null = match (&mapping.source, mapping.null) {
            // What is left alone gets its default where it is empty.
            (MappingSource::None, NullPolicy::Skip) => NullPolicy::DefaultIfEmpty,
            (_, null) => null,
        };
        let redacts = matches!(&producer, Producer::Expression(expr) if expr.calls("Redact"));
        Some(CompiledMapping {
            target: mapping.target.clone(),
            producer,
            apply: mapping.apply,
            null,
            default,
            reference: mapping.reference,
            kind,
            enables,
            disabled_value: disabled_value.unwrap_or(Json::Bool(false)),
            resend: mapping.resend,
            drift: mapping.drift,
            sensitive: redacts || names_a_password(&mapping.target),
        })
    }

    fn direct(&mut self, mapping: &Mapping, attribute: &str) -> Option<Producer> {
        match Lookup::parse(attribute) {
            Ok(lookup) => {
                let noted =
                    |(message, hint)| RuleError::new(&self.rule.name, Some(&mapping.target), message, hint);
                self.warnings.extend(lookup.note().map(noted));
                Some(Producer::Direct(lookup))
            }
            Err(message) => {
                let hint = "write a path such as userName or emails[type eq \"work\"].value";
                let error = ExprError::new(0..attribute.len(), message, hint);
                self.errors
                    .push(RuleError::in_text(&self.rule.name, &mapping.target, error));
                None
            }
        }
    }

    /// A value that stands in the rule, converted once.
    fn literal(&mut self, mapping: &Mapping, value: &Json, kind: Option<ValueType>) -> Option<Json> {
        match Value::from(value).into_json(kind) {
            Ok(Some(value)) => Some(value),
            Ok(None) => {
                let hint = "leave the mapping out, or clear with \"null\": \"clear\"";
                self.error(Some(&mapping.target), "the value in the rule is empty", hint);
                None
            }
            Err(message) => {
                let hint = "correct the value in the rule, or the mapping's \"kind\"";
                self.error(Some(&mapping.target), message, hint);
                None
            }
        }
    }

    fn expression(&mut self, mapping: &Mapping, text: &str) -> Option<Producer> {
        let located = |error| RuleError::in_text(&self.rule.name, &mapping.target, error);
        match expr::parse_with_warnings(text) {
            Ok(parsed) => {
                self.warnings.extend(parsed.warnings.into_iter().map(located));
                Some(Producer::Expression(parsed.expr))
            }
            Err(errors) => {
                self.errors.extend(errors.into_iter().map(located));
                None
            }
        }
    }

    fn matching(&mut self) -> Vec<String> {
        if self.rule.matching.is_empty() {
            self.error(
                None,
                "the rule has no matching attribute, so every account would be created anew",
                "name a target attribute that tells accounts apart, such as userName",
            );
        }
        let mut ordered = self.rule.matching.clone();
        ordered.sort_by_key(|matching| matching.precedence);
        for pair in ordered.windows(2) {
            if pair[0].precedence == pair[1].precedence {
                let message = format!("two matching attributes have precedence {}", pair[0].precedence);
                self.error(Some(&pair[1].target), message, "number them 1, 2, 3");
            }
        }
        for matching in &ordered {
            self.check_matching(&matching.target);
        }
        ordered.into_iter().map(|matching| matching.target).collect()
    }

    fn check_matching(&mut self, target: &str) {
        let mapping = self.rule.mappings.iter().find(|mapping| mapping.target == target);
        match mapping {
            None if target == TARGET_ID => {}
            Some(_) if is_licences(target) => self.error(
                Some(target),
                "licences do not tell accounts apart",
                "match by an attribute that differs from person to person",
            ),
            None => self.error(
                Some(target),
                "this matching attribute is not the target of a mapping",
                "map it: the mapping's result is what is searched for",
            ),
            Some(mapping) if mapping.reference => self.error(
                Some(target),
                "a reference cannot be a matching attribute",
                "match by an attribute with a value of its own",
            ),
            Some(Mapping {
                source: MappingSource::None,
                ..
            }) => self.error(
                Some(target),
                "an attribute that is left alone has no value to match by",
                "map it from an attribute that differs from person to person",
            ),
            Some(mapping) if check::is_made_up(mapping) => self.error(
                Some(target),
                "a matching attribute must have the same value every time",
                "match by an attribute whose mapping does not call RandomString, Guid or SelectUniqueValue",
            ),
            Some(Mapping {
                source: MappingSource::Generated | MappingSource::Secret { .. },
                ..
            }) => self.error(
                Some(target),
                "a password cannot be searched for",
                "match by an attribute that differs from person to person",
            ),
            Some(Mapping {
                source: MappingSource::Constant { .. },
                ..
            }) => self.error(
                Some(target),
                "a constant cannot tell accounts apart",
                "match by an attribute that differs from person to person",
            ),
            Some(_) => {}
        }
    }
}
