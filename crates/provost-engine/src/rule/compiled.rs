//! A checked rule and what can be asked of it without an object.

use serde_json::Value as Json;

use super::error::{MapError, RuleError};
use super::password;
use super::{RemoveAction, Rule};
use crate::attribute::Lookup;
use crate::drift::Watched;
use crate::expr::{self, Context, Expr, ExprError, Value};
use crate::mapping::{Apply, Drift, NullPolicy, ValueType};
use crate::object::{Kind, Record};
use crate::plan::Known;
use crate::scope::{CompiledScope, ScopeFailure};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A checked rule. Cheap to evaluate, and to share between threads.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub(super) rule: Rule,
    pub(super) scope: CompiledScope,
    /// In the order of targets, so that records are built sorted.
    pub(super) mappings: Vec<CompiledMapping>,
    /// Written with the disable of somebody who leaves; in the order of targets.
    pub(super) leaver: Vec<CompiledMapping>,
    /// What the leaver mappings say about somebody of whom nothing is known any more.
    pub(super) leaver_constants: Record,
    /// The mapping to [`super::LICENCES`], which stands in neither list: licences are no attributes of an account.
    pub(super) licences: Option<CompiledMapping>,
    /// The leaver mapping to [`super::LICENCES`].
    pub(super) leaver_licences: Option<CompiledMapping>,
    /// Matching attributes by precedence.
    pub(super) matching: Vec<String>,
    pub(super) skip_out_of_scope: bool,
    pub(super) warnings: Vec<RuleError>,
}

/// One mapping, prepared.
#[derive(Debug, Clone)]
pub(super) struct CompiledMapping {
    pub(super) target: String,
    pub(super) producer: Producer,
    pub(super) apply: Apply,
    pub(super) null: NullPolicy,
    pub(super) default: Option<Json>,
    pub(super) reference: bool,
    pub(super) kind: Option<ValueType>,
    /// The target is what says whether a person's account may be used.
    pub(super) enables: bool,
    /// What is written there for a person who is out of scope or inactive.
    pub(super) disabled_value: Json,
    pub(super) resend: bool,
    pub(super) drift: Drift,
    pub(super) sensitive: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Producer {
    Direct(Lookup),
    Constant(Json),
    Expression(Expr),
    /// A password, made anew each time.
    Generated,
    /// The connection's secret of this name.
    Secret(String),
    Nothing,
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
            Producer::Nothing => return Ok(Flow::Value(None)),
            Producer::Constant(value) => return Ok(Flow::Value(Some(value.clone()))),
            Producer::Generated => {
                return password::generated(context).map(|made| Flow::Value(Some(made.into())));
            }
            Producer::Secret(name) => {
                return password::sealed(context, name).map(|kept| Flow::Value(Some(kept.into())));
            }
            Producer::Direct(lookup) => (lookup.find(context), 0..0),
            Producer::Expression(expr) => (expr::eval_for(expr, context, &self.target)?, expr.span.clone()),
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

    pub(super) fn calls(&self, function: &str) -> bool {
        matches!(&self.producer, Producer::Expression(expr) if expr.calls(function))
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

    /// The same rule, but whoever is out of scope is left as they are (the connection's preference
    /// `skip_out_of_scope`, Entra's `SkipOutOfScopeDeletions`). Who is deleted in the directory still goes.
    #[must_use]
    pub fn skipping_out_of_scope(mut self, skip: bool) -> Self {
        self.skip_out_of_scope = skip;
        self
    }

    /// What happens to an account whose person leaves the scope: the rule's `remove`, or nothing where
    /// [`Compiled::skipping_out_of_scope`] was asked for.
    pub fn remove_action(&self) -> RemoveAction {
        if self.skip_out_of_scope && !self.rule.removing {
            RemoveAction::Leave
        } else {
            self.rule.remove
        }
    }

    /// The target attributes that the rule writes, sorted; references included, those of leaver mappings
    /// only where a mapping has them too, and never [`super::LICENCES`].
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

    /// The mapped target attribute that says whether an account may be used, with the value that it has in an
    /// account that may not.
    pub fn closed(&self) -> Option<(&str, &Json)> {
        let mapping = self.mappings.iter().find(|mapping| mapping.enables)?;
        Some((&mapping.target, &mapping.disabled_value))
    }

    /// Whether values of this target attribute are hidden wherever they would be shown: the mapping calls
    /// `Redact`, or the attribute's name tells of a password.
    pub fn is_sensitive(&self, target: &str) -> bool {
        self.every().any(|m| m.sensitive && m.target == target) || names_a_password(target)
    }

    /// Whether the result depends on the time, so that unchanged objects must be evaluated again.
    pub fn uses_clock(&self) -> bool {
        self.every().any(|mapping| mapping.calls("Now"))
    }

    /// Whether a create needs [`super::Env::random`].
    pub fn uses_random(&self) -> bool {
        self.every().any(|mapping| {
            matches!(mapping.producer, Producer::Generated)
                || RANDOM.iter().any(|function| mapping.calls(function))
        })
    }

    /// The names of the connection's secrets that a create needs from [`super::Env::secrets`].
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.mappings
            .iter()
            .filter_map(|mapping| match &mapping.producer {
                Producer::Secret(name) => Some(name.as_str()),
                _ => None,
            })
    }

    /// When an account that is disabled will have to be looked at again because its grace period ends, in
    /// milliseconds since the Unix epoch; `None` when nothing is waited for.
    pub fn due_again(&self, known: &Known, now: i64) -> Option<i64> {
        self.grace_ends(known).filter(|end| *end > now)
    }

    /// Things that work but that the rule's author should know.
    pub fn warnings(&self) -> &[RuleError] {
        &self.warnings
    }

    /// The end of the grace period; `None` when the account is enabled, when nobody knows since when it is
    /// disabled, or when the rule has no grace period.
    pub(crate) fn grace_ends(&self, known: &Known) -> Option<i64> {
        let days = i64::from(self.rule.delete_after_days?);
        let since = known.disabled_since.filter(|_| !known.enabled)?;
        (self.rule.object == Kind::Person).then(|| since.saturating_add(days.saturating_mul(DAY)))
    }

    /// The mappings that keep an attribute up to date, sorted by target.
    pub(crate) fn watched(&self) -> impl Iterator<Item = Watched<'_>> {
        let kept = |m: &&CompiledMapping| {
            !matches!(m.apply, Apply::OnCreate | Apply::IfEmpty)
                && !matches!(m.producer, Producer::Nothing)
                && !m.reference
        };
        self.mappings.iter().filter(kept).map(|mapping| Watched {
            target: &mapping.target,
            apply: mapping.apply,
            null: mapping.null,
            drift: mapping.drift,
            sensitive: mapping.sensitive,
        })
    }

    /// Whether a disable writes this attribute: it says that the account may not be used, or a leaver mapping has
    /// it.
    pub(crate) fn is_part_of_leaving(&self, target: &str) -> bool {
        self.enabled_target() == Some(target) || self.leaver.iter().any(|mapping| mapping.target == target)
    }

    /// What the leaver mappings say about somebody whose document is gone: constants, and what is cleared.
    pub(crate) fn leaver_constants(&self) -> &Record {
        &self.leaver_constants
    }

    pub(super) fn scope_error(&self, failure: ScopeFailure) -> MapError {
        MapError::in_scope(&self.rule.name, failure.message, failure.hint)
    }

    fn every(&self) -> impl Iterator<Item = &CompiledMapping> {
        let licences = self.licences.iter().chain(&self.leaver_licences);
        self.mappings.iter().chain(&self.leaver).chain(licences)
    }
}

/// Functions whose result differs every time.
pub(super) const RANDOM: [&str; 2] = ["RandomString", "Guid"];

pub(super) fn names_a_password(target: &str) -> bool {
    const PASSWORD: &[u8] = b"password";
    target
        .as_bytes()
        .windows(PASSWORD.len())
        .any(|part| part.eq_ignore_ascii_case(PASSWORD))
}
