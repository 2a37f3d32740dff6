//! A rule, checked whole and prepared for evaluation.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::error::{MapError, RuleError};
use super::{ENABLED_ATTRIBUTES, Rule};
use crate::attribute::Lookup;
use crate::expr::{self, Context, Expr, ExprError, Value};
use crate::mapping::{Apply, Mapping, MappingSource, NullPolicy, ValueType};
use crate::matching::TARGET_ID;
use crate::object::Kind;
use crate::scope::{CompiledScope, ScopeFailure};

/// A checked rule. Cheap to evaluate, and to share between threads.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub(super) rule: Rule,
    pub(super) scope: CompiledScope,
    /// In the order of targets, so that records are built sorted.
    pub(super) mappings: Vec<CompiledMapping>,
    /// Matching attributes by precedence.
    pub(super) matching: Vec<String>,
    warnings: Vec<RuleError>,
}

/// One mapping, prepared.
#[derive(Debug, Clone)]
pub(super) struct CompiledMapping {
    pub(super) target: String,
    producer: Producer,
    pub(super) apply: Apply,
    pub(super) null: NullPolicy,
    pub(super) default: Option<Json>,
    pub(super) reference: bool,
    kind: Option<ValueType>,
    /// The target is what says whether a person's account may be used.
    pub(super) enables: bool,
    /// What is written there for a person who is out of scope or inactive.
    pub(super) disabled_value: Json,
}

#[derive(Debug, Clone)]
enum Producer {
    Direct(Lookup),
    Constant(Json),
    Expression(Expr),
}

/// What a mapping gives for one object.
pub(super) enum Flow {
    Value(Option<Json>),
    Ignore,
    IgnoreObject,
}

impl CompiledMapping {
    pub(super) fn flow(&self, context: &Context) -> Result<Flow, ExprError> {
        let (value, span) = match &self.producer {
            Producer::Constant(value) => return Ok(Flow::Value(Some(value.clone()))),
            Producer::Direct(lookup) => (lookup.find(context), 0..0),
            Producer::Expression(expr) => (expr::eval(expr, context)?, expr.span.clone()),
        };
        match value {
            Value::Ignore => Ok(Flow::Ignore),
            Value::IgnoreObject => Ok(Flow::IgnoreObject),
            value => value.into_json(self.kind).map(Flow::Value).map_err(|message| {
                ExprError::new(
                    span,
                    message,
                    "correct the object's attribute, or the mapping's type",
                )
            }),
        }
    }
}

impl Compiled {
    /// The rule as it is stored.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// People or groups.
    pub fn object(&self) -> Kind {
        self.rule.object
    }

    /// The target attributes that the rule writes, sorted; references included.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        self.mappings.iter().map(|mapping| mapping.target.as_str())
    }

    /// The target attributes that are references, sorted.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.mappings
            .iter()
            .filter(|mapping| mapping.reference)
            .map(|m| m.target.as_str())
    }

    /// The matching attributes in order of precedence.
    pub fn matching(&self) -> &[String] {
        &self.matching
    }

    /// The mapped target attribute that says whether an account may be used.
    pub fn enabled_target(&self) -> Option<&str> {
        self.mappings
            .iter()
            .find(|mapping| mapping.enables)
            .map(|m| m.target.as_str())
    }

    /// Whether the result depends on the time, so that unchanged objects must be evaluated again.
    pub fn uses_clock(&self) -> bool {
        self.mappings.iter().any(|mapping| match &mapping.producer {
            Producer::Expression(expr) => expr.calls("Now"),
            Producer::Direct(_) | Producer::Constant(_) => false,
        })
    }

    /// Things that work but that the rule's author should know.
    pub fn warnings(&self) -> &[RuleError] {
        &self.warnings
    }

    pub(super) fn scope_error(&self, failure: ScopeFailure) -> MapError {
        MapError::in_scope(&self.rule.name, failure.message, failure.hint)
    }
}

/// Checks and prepares a rule.
pub(super) fn compile(rule: &Rule) -> Result<Compiled, Vec<RuleError>> {
    let mut compiler = Compiler {
        rule,
        errors: Vec::new(),
        warnings: Vec::new(),
    };
    let scope = compiler.scope();
    let mappings = compiler.mappings();
    let matching = compiler.matching();
    if !compiler.errors.is_empty() {
        return Err(compiler.errors);
    }
    Ok(Compiled {
        rule: rule.clone(),
        scope,
        mappings,
        matching,
        warnings: compiler.warnings,
    })
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
        CompiledScope::compile(&self.rule.scope).unwrap_or_else(|mistakes| {
            for (message, hint) in mistakes {
                self.error(None, message, &hint);
            }
            CompiledScope::default()
        })
    }

    fn mappings(&mut self) -> Vec<CompiledMapping> {
        if self.rule.mappings.is_empty() {
            self.error(
                None,
                "the rule has no mapping",
                "map at least the matching attribute",
            );
        }
        let mut seen = BTreeMap::new();
        let mut compiled = Vec::with_capacity(self.rule.mappings.len());
        for mapping in &self.rule.mappings {
            let target = mapping.target.as_str();
            if seen.insert(target.to_ascii_lowercase(), ()).is_some() {
                self.error(
                    Some(target),
                    "two mappings have this target attribute",
                    "keep one of them; an expression can choose between two sources",
                );
            }
            self.check(mapping);
            compiled.extend(self.mapping(mapping));
        }
        compiled.sort_by(|a, b| a.target.cmp(&b.target));
        compiled
    }

    /// Settings that contradict each other.
    fn check(&mut self, mapping: &Mapping) {
        let target = Some(mapping.target.as_str());
        if mapping.target.trim().is_empty() {
            self.error(target, "the target attribute has no name", "name it");
        }
        match (mapping.null, &mapping.default) {
            (NullPolicy::Default, None) => self.error(
                target,
                "the default is to be written, but there is none",
                "give a \"default\"",
            ),
            // It would be written on create and cleared by the next cycle.
            (NullPolicy::Clear, Some(_)) => self.error(
                target,
                "a missing value is both cleared and replaced by a default",
                "choose \"null\": \"default\", or leave the default out",
            ),
            _ => {}
        }
        let is_constant = matches!(mapping.source, MappingSource::Constant { .. });
        let is_plain = mapping.apply == Apply::Always && mapping.default.is_none() && !is_constant;
        if mapping.reference && !is_plain {
            self.error(
                target,
                "a reference is never a constant or a default, and always kept up to date",
                "map it from an attribute that holds a directory id, such as manager.value",
            );
        }
    }

    fn mapping(&mut self, mapping: &Mapping) -> Option<CompiledMapping> {
        let enables = self.rule.object == Kind::Person
            && ENABLED_ATTRIBUTES
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&mapping.target));
        let kind = match mapping.kind {
            None if enables => Some(ValueType::Boolean),
            kind => kind,
        };
        let producer = match &mapping.source {
            MappingSource::Direct { attribute } => self.direct(mapping, attribute)?,
            MappingSource::Constant { value } => Producer::Constant(self.literal(mapping, value, kind)?),
            MappingSource::Expression { text } => self.expression(mapping, text)?,
        };
        let default = match &mapping.default {
            Some(value) => Some(self.literal(mapping, value, kind)?),
            None => None,
        };
        let disabled_value = Value::Bool(false).into_json(kind).ok().flatten();
        Some(CompiledMapping {
            target: mapping.target.clone(),
            producer,
            apply: mapping.apply,
            null: mapping.null,
            default,
            reference: mapping.reference,
            kind,
            enables,
            disabled_value: disabled_value.unwrap_or(Json::Bool(false)),
        })
    }

    fn direct(&mut self, mapping: &Mapping, attribute: &str) -> Option<Producer> {
        match Lookup::parse(attribute) {
            Ok(lookup) => Some(Producer::Direct(lookup)),
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
