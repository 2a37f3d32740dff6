//! What a compiled rule says about one object.

use std::collections::BTreeMap;

use serde_json::Value;

use super::compile::{Compiled, CompiledMapping, Flow};
use super::error::MapError;
use crate::expr::Context;
use crate::mapping::{Apply, NullPolicy};
use crate::matching;
use crate::object::{Kind, Record, Source};

/// What an evaluation may know besides the object: everything that changes by itself is an argument.
#[derive(Debug, Clone, Copy, Default)]
pub struct Env<'a> {
    /// The time of the evaluation in milliseconds since the Unix epoch.
    pub now: i64,
    /// The target's default domain, for `DefaultDomain()`.
    pub default_domain: Option<&'a str>,
}

/// What a rule says about one object, from the full current document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// Whether the scoping filters let the object in.
    pub in_scope: bool,
    /// Why not, in words without the object's values; empty when in scope.
    pub scope_reason: String,
    /// Attributes for a create: mappings applied always and on create, with defaults.
    pub create: Record,
    /// Attributes for an update: mappings applied always. `Value::Null` means clear; an attribute that
    /// is to be left alone is absent.
    pub update: Record,
    /// Target attribute → directory id of the referenced person, written in a second pass once that
    /// person is linked. `None`: there is no reference (any more). Absent: leave it alone.
    pub references: BTreeMap<String, Option<String>>,
    /// Matching attributes and their values in order of precedence; empty ones are left out.
    pub matching: Vec<(String, Value)>,
    /// The document's `active` (absent = true, `null` = false); groups are always active.
    pub active: bool,
    /// Whether the account is to be usable: in scope, active, and not disabled by the rule's own mapping
    /// of `active` or `accountEnabled` (as for a hire whose first day is ahead).
    pub enabled: bool,
    /// A mapping said `IgnoreObjectFlow`: the object is left exactly as it is.
    pub ignored: bool,
    /// Mappings that failed for an object that is out of scope or inactive. They are left out and
    /// reported instead of failing the object: a bad attribute must not keep a leaver's account open.
    pub problems: Vec<MapError>,
}

impl Compiled {
    /// What the rule says about one object, from the full current document, for every purpose.
    ///
    /// # Errors
    /// A scoping filter that cannot be applied to the object, or (for an active object in scope) a
    /// mapping that fails. No decision may be derived from an object that could not be evaluated.
    pub fn evaluate(&self, source: &Source, env: &Env) -> Result<Evaluation, MapError> {
        self.evaluate_for(source, env, Need::Both)
    }

    /// As [`Compiled::evaluate`], but builds only the record that is needed, in little more than half
    /// the time. A linked object never fails for a mapping that is applied on create only.
    ///
    /// # Errors
    /// As [`Compiled::evaluate`].
    pub fn evaluate_for(&self, source: &Source, env: &Env, need: Need) -> Result<Evaluation, MapError> {
        let active = source.kind == Kind::Group || is_active(source.document);
        let scope_reason = self.scope.refusal(source).map_err(|e| self.scope_error(e))?;
        let in_scope = scope_reason.is_none();
        let present = in_scope && active;
        let context = Context {
            source: *source,
            soft_deleted: !present,
            env: *env,
        };

        let mut evaluation = Evaluation {
            in_scope,
            scope_reason: scope_reason.unwrap_or_default(),
            active,
            ..Evaluation::default()
        };
        let mut sheet = Sheet::new(need, self.mappings.len());
        for mapping in self
            .mappings
            .iter()
            .filter(|mapping| need.includes(mapping.apply))
        {
            match mapping.flow(&context) {
                Ok(Flow::Ignore) => {}
                Ok(Flow::IgnoreObject) => evaluation.ignored = true,
                Ok(Flow::Value(value)) if mapping.reference => {
                    evaluation
                        .references
                        .insert(mapping.target.clone(), value.and_then(text));
                }
                Ok(Flow::Value(_)) if mapping.enables && !present => {
                    sheet.enter(mapping, Some(mapping.disabled_value.clone()));
                }
                Ok(Flow::Value(value)) => sheet.enter(mapping, value),
                Err(error) => {
                    let error = MapError::in_mapping(&self.rule.name, &mapping.target, error);
                    if present {
                        return Err(error);
                    }
                    evaluation.problems.push(error);
                }
            }
        }
        evaluation.enabled = present && !sheet.turned_off;
        evaluation.create = sheet.create.into_iter().collect();
        evaluation.update = sheet.update.into_iter().collect();
        if need != Need::Update {
            evaluation.matching = matching::values(&self.matching, &evaluation.create, source);
        }
        Ok(evaluation)
    }

    /// Whether the rule wants the account to be usable: [`Evaluation::enabled`].
    ///
    /// After a create or a match this is the value for [`crate::plan::Known::enabled`].
    pub fn wants_enabled(&self, evaluation: &Evaluation) -> bool {
        evaluation.enabled
    }
}

/// What an evaluation is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Everything: matching, create and update.
    Both,
    /// An object that is not linked: `update` stays empty.
    Create,
    /// A linked object: `create` and `matching` stay empty.
    Update,
}

impl Need {
    fn includes(self, apply: Apply) -> bool {
        self != Self::Update || apply == Apply::Always
    }
}

/// The two records under construction, in the order of target attributes.
struct Sheet {
    need: Need,
    create: Vec<(String, Value)>,
    update: Vec<(String, Value)>,
    /// The rule's own mapping disables the account.
    turned_off: bool,
}

impl Sheet {
    fn new(need: Need, mappings: usize) -> Self {
        let room = |unless| Vec::with_capacity(if need == unless { 0 } else { mappings });
        Self {
            need,
            create: room(Need::Update),
            update: room(Need::Create),
            turned_off: false,
        }
    }

    /// Enters a mapping's value into the records, as its null policy says.
    fn enter(&mut self, mapping: &CompiledMapping, mut value: Option<Value>) {
        let always = mapping.apply == Apply::Always;
        if always && mapping.enables {
            let default = mapping
                .default
                .as_ref()
                .filter(|_| mapping.null == NullPolicy::Default);
            self.turned_off = value.as_ref().or(default).is_some_and(is_false);
        }
        let wants_update = always && self.need != Need::Create;
        if self.need != Need::Update {
            let on_create = if wants_update { value.clone() } else { value.take() };
            let on_create = on_create.or_else(|| mapping.default.clone());
            self.create
                .extend(on_create.map(|value| (mapping.target.clone(), value)));
        }
        if wants_update {
            let on_update = value.or_else(|| match mapping.null {
                NullPolicy::Skip => None,
                NullPolicy::Clear => Some(Value::Null),
                NullPolicy::Default => mapping.default.clone(),
            });
            self.update
                .extend(on_update.map(|value| (mapping.target.clone(), value)));
        }
    }
}

fn is_active(document: &Value) -> bool {
    !matches!(document.get("active"), Some(Value::Bool(false) | Value::Null))
}

/// The directory id in a reference's value.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn is_false(value: &Value) -> bool {
    match value {
        Value::Bool(value) => !value,
        Value::String(text) => text.eq_ignore_ascii_case("false"),
        _ => false,
    }
}
