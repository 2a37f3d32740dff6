//! What a compiled rule says about one object.

use std::collections::BTreeMap;

use serde_json::Value;

use super::compiled::{Compiled, CompiledMapping, Flow};
use super::env::Env;
use super::error::MapError;
use super::licence::names;
use crate::expr::Context;
use crate::mapping::{Apply, NullPolicy};
use crate::matching;
use crate::object::{Kind, Record, Source};
use crate::plan::Reason;

/// Why nobody is in the scope of a rule that is being taken away.
const REMOVING: &str = "the rule is being taken away";

/// What a rule says about one object, from the full current document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// Whether the connection's assignment means the object: [`Source::assigned`].
    pub assigned: bool,
    /// Whether the object is assigned and the scoping filters let it in.
    pub in_scope: bool,
    /// Why not, in words without the object's values; empty when in scope.
    pub scope_reason: String,
    /// Attributes for a create: mappings applied always and on create, with defaults.
    pub create: Record,
    /// Attributes for an update: mappings applied on update, and for somebody who leaves the rule's
    /// leaver mappings. `Value::Null` means clear; an attribute that is to be left alone is absent.
    pub update: Record,
    /// The attributes of `update` whose value is meant only for a target attribute that is empty.
    pub if_empty: Vec<String>,
    /// Target attribute → directory id of the referenced person, written in a second pass once that
    /// person is linked. `None`: there is no reference (any more). Absent: leave it alone.
    pub references: BTreeMap<String, Option<String>>,
    /// The licences that the person is to have, each as the mapping to [`super::LICENCES`] names it; empty: none.
    /// `None`: nothing is said about licences, and those that the account has stay as they are. Either no
    /// mapping has them ([`Compiled::maps_licences`] tells), or it answered `IgnoreAttributeFlow`, or it failed
    /// for somebody who leaves.
    pub licences: Option<Vec<String>>,
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
        let refusal = if self.rule.removing {
            Some(REMOVING.to_owned())
        } else if source.assigned {
            self.scope.refusal(source).map_err(|e| self.scope_error(e))?
        } else {
            Some(Reason::NotAssigned.to_string())
        };
        let in_scope = refusal.is_none();
        let mut sitting = Sitting {
            rule: self,
            context: Context {
                source: *source,
                soft_deleted: !(in_scope && active),
                env: *env,
            },
            evaluation: Evaluation {
                assigned: source.assigned,
                in_scope,
                scope_reason: refusal.unwrap_or_default(),
                active,
                ..Evaluation::default()
            },
            sheet: Sheet::new(need, self.mappings.len()),
        };
        for mapping in self.mappings.iter().filter(|m| need.includes(m.apply)) {
            sitting.hear(mapping)?;
        }
        if let Some(mapping) = &self.licences {
            sitting.hear_licences(mapping, false)?;
        }
        let present = sitting.is_present();
        let turned_off = sitting.sheet.turned_off;
        if !present && need != Need::Create {
            for mapping in &self.leaver {
                sitting.hear_leaver(mapping);
            }
            if let Some(mapping) = &self.leaver_licences {
                sitting.hear_licences(mapping, true)?;
            }
        }
        let Sitting {
            mut evaluation,
            sheet,
            ..
        } = sitting;
        evaluation.enabled = present && !turned_off;
        evaluation.create = sheet.create.into_iter().collect();
        // Of two entries the later one stands: a leaver mapping replaces a mapping.
        evaluation.update = sheet.update.into_iter().collect();
        evaluation.if_empty = sheet.if_empty;
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

impl Evaluation {
    /// Whether the account is meant to be there and in use, as far as the directory is concerned: in scope
    /// and active.
    pub fn is_present(&self) -> bool {
        self.in_scope && self.active
    }
}

/// One evaluation under way.
struct Sitting<'a> {
    rule: &'a Compiled,
    context: Context<'a>,
    evaluation: Evaluation,
    sheet: Sheet,
}

impl<'a> Sitting<'a> {
    fn is_present(&self) -> bool {
        !self.context.soft_deleted
    }

    fn hear(&mut self, mapping: &'a CompiledMapping) -> Result<(), MapError> {
        match mapping.flow(&self.context) {
            Ok(Flow::Ignore) => {}
            Ok(Flow::IgnoreObject) => self.evaluation.ignored = true,
            Ok(Flow::Value(value)) if mapping.reference => self.refer(mapping, value),
            Ok(Flow::Value(_)) if mapping.enables && !self.is_present() => {
                self.sheet.enter(mapping, Some(mapping.disabled_value.clone()));
            }
            Ok(Flow::Value(value)) => self.sheet.enter(mapping, value),
            Err(error) => {
                let error = MapError::in_mapping(&self.rule.rule.name, &mapping.target, error);
                if self.is_present() {
                    return Err(error);
                }
                self.evaluation.problems.push(error);
            }
        }
        Ok(())
    }

    /// A reference of somebody out of scope is nobody's business any more.
    fn refer(&mut self, mapping: &CompiledMapping, value: Option<Value>) {
        let referenced = value.and_then(text);
        let kept = referenced.is_none() && mapping.apply == Apply::ValueAddOnly;
        if self.evaluation.in_scope && !kept {
            self.evaluation
                .references
                .insert(mapping.target.clone(), referenced);
        }
    }

    /// An empty value is an answer: no licence. A leaver mapping stands over the other one.
    fn hear_licences(&mut self, mapping: &'a CompiledMapping, leaves: bool) -> Result<(), MapError> {
        match mapping.flow(&self.context) {
            Ok(Flow::Ignore) => {}
            Ok(Flow::IgnoreObject) => self.evaluation.ignored |= !leaves,
            Ok(Flow::Value(value)) => {
                let value = value.or_else(|| mapping.default.clone());
                self.evaluation.licences = Some(names(value));
            }
            Err(error) => {
                let error = MapError::in_mapping(&self.rule.rule.name, &mapping.target, error);
                if self.is_present() {
                    return Err(error);
                }
                self.evaluation.problems.push(error);
            }
        }
        Ok(())
    }

    /// A leaver mapping that fails is reported and left out: it must not keep the account open.
    fn hear_leaver(&mut self, mapping: &'a CompiledMapping) {
        match mapping.flow(&self.context) {
            Ok(Flow::Ignore | Flow::IgnoreObject) => {}
            Ok(Flow::Value(value)) if mapping.reference => {
                self.evaluation
                    .references
                    .insert(mapping.target.clone(), value.and_then(text));
            }
            Ok(Flow::Value(value)) => self.sheet.replace(mapping, value),
            Err(error) => {
                let error = MapError::in_mapping(&self.rule.rule.name, &mapping.target, error);
                self.evaluation.problems.push(error);
            }
        }
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
        self != Self::Update || apply != Apply::OnCreate
    }
}

/// The two records under construction, in the order of target attributes.
struct Sheet {
    need: Need,
    create: Vec<(String, Value)>,
    update: Vec<(String, Value)>,
    if_empty: Vec<String>,
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
            if_empty: Vec::new(),
            turned_off: false,
        }
    }

    /// Enters a mapping's value into the records, as its null policy says.
    fn enter(&mut self, mapping: &CompiledMapping, mut value: Option<Value>) {
        let on_update = mapping.apply != Apply::OnCreate;
        if on_update && mapping.enables {
            let default = mapping
                .default
                .as_ref()
                .filter(|_| mapping.null == NullPolicy::Default);
            self.turned_off = value.as_ref().or(default).is_some_and(is_false);
        }
        let wants_update = on_update && self.need != Need::Create;
        if self.need != Need::Update {
            let on_create = if wants_update { value.clone() } else { value.take() };
            let on_create = on_create.or_else(|| mapping.default.clone());
            self.create
                .extend(on_create.map(|value| (mapping.target.clone(), value)));
        }
        if wants_update {
            let is_fallback = value.is_none() && mapping.null == NullPolicy::DefaultIfEmpty;
            let Some(value) = value.or_else(|| mapping.without_value()) else {
                return;
            };
            if is_fallback || mapping.apply == Apply::IfEmpty {
                self.if_empty.push(mapping.target.clone());
            }
            self.update.push((mapping.target.clone(), value));
        }
    }

    /// Enters a leaver mapping's value over what a mapping has entered.
    fn replace(&mut self, mapping: &CompiledMapping, value: Option<Value>) {
        let Some(value) = value.or_else(|| mapping.without_value()) else {
            return;
        };
        self.if_empty.retain(|target| *target != mapping.target);
        self.update.push((mapping.target.clone(), value));
    }
}

impl CompiledMapping {
    /// What is written on update when the source gives no value.
    fn without_value(&self) -> Option<Value> {
        match self.null {
            NullPolicy::Skip => None,
            NullPolicy::Clear => Some(Value::Null),
            NullPolicy::Default | NullPolicy::DefaultIfEmpty => self.default.clone(),
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
