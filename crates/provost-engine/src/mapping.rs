//! One target attribute: where its value comes from and when it is written.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How one target attribute gets its value.
///
/// As JSON exactly one of `direct`, `constant`, `expression`, `generated`, `secret` and `none` is given:
/// `{"target": "mailNickname", "direct": "userName"}`, `{"target": "manager", "none": true}`.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Mapping {
    /// The target attribute's name or path in the target's own words.
    pub target: String,
    /// Where the value comes from.
    pub source: MappingSource,
    /// Whether the attribute is kept up to date or only set on create.
    pub apply: Apply,
    /// What happens when the source gives no value. Empty text and an empty list are no value.
    pub null: NullPolicy,
    /// The value on create when the source gives none; with [`NullPolicy::Default`] and
    /// [`NullPolicy::DefaultIfEmpty`] on update too.
    pub default: Option<Value>,
    /// The value is a directory id of a person (for example a manager), written in a second pass as the
    /// id of that person's account.
    pub reference: bool,
    /// The type the target attribute is declared with; `None` leaves the value's own type.
    pub kind: Option<ValueType>,
    /// The value is sent along whenever the object is written for another reason, also unchanged
    /// (Entra's `FlowAlways`). It is never the only cause of a step when a whole directory is looked at;
    /// see [`crate::rule::Compiled::resent`].
    pub resend: bool,
    /// What happens when somebody changed the attribute in the target.
    pub drift: Drift,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum MappingSource {
    /// A copy of one attribute of the directory object.
    Direct {
        /// The attribute's path, for example `name.givenName` or `emails[type eq "work"].value`.
        attribute: String,
    },
    /// Always the same value.
    Constant {
        /// That value.
        value: Value,
    },
    /// Computed by the expression language of [`crate::expr`].
    Expression {
        /// The expression as the author wrote it.
        text: String,
    },
    /// A password of 24 characters, made for each account when it is created.
    Generated,
    /// A value that the connection keeps sealed, because nobody may read it in the rule.
    Secret {
        /// Its name among the connection's secrets.
        name: String,
    },
    /// Nowhere: the target keeps what it has, except that an empty attribute gets the mapping's default.
    None,
}

/// When a mapping is applied.
#[derive(Serialize, Deserialize, Debug, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Apply {
    /// On create and on every update.
    #[default]
    Always,
    /// On create only; later changes stay in the directory.
    OnCreate,
    /// On create and update, but values are only ever added to the target's list (Entra's
    /// `MultiValueAddOnly`).
    AddOnly,
    /// On create and update, but a value is only set or changed, never removed (Entra's `ValueAddOnly`).
    ValueAddOnly,
    /// On create, and on update as long as the target attribute is empty (Entra's `AttributeAddOnly`).
    IfEmpty,
}

/// What happens on update when the source gives no value.
#[derive(Serialize, Deserialize, Debug, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum NullPolicy {
    /// The target keeps what it has.
    #[default]
    Skip,
    /// The target's value is removed.
    Clear,
    /// The mapping's default is written.
    Default,
    /// The mapping's default is written where the target's attribute is empty.
    DefaultIfEmpty,
}

/// What happens when an attribute was changed in the target since it was written.
#[derive(Serialize, Deserialize, Debug, Default, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// It is written again.
    #[default]
    Repair,
    /// It is reported and stays until a person decides.
    Report,
    /// The target's value counts from now on, until the directory's changes.
    Accept,
}

/// The declared type of a target attribute.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    /// Text. Booleans become `True` and `False`.
    String,
    /// A whole number, also from text that is one.
    Integer,
    /// True or false, also from the texts `True` and `False` in any letter case.
    Boolean,
    /// A list of texts; a single value becomes a list of one.
    Strings,
}

/// The JSON shape of a mapping. Separate because "exactly one of six" and "no unknown fields" cannot
/// be said together on the enum itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    target: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    direct: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    constant: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expression: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    generated: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    none: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    apply: Apply,
    #[serde(default, skip_serializing_if = "is_default")]
    null: NullPolicy,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    #[serde(default, skip_serializing_if = "is_default")]
    reference: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<ValueType>,
    #[serde(default, skip_serializing_if = "is_default")]
    resend: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    drift: Drift,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl TryFrom<Stored> for Mapping {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        let given = [
            stored.direct.map(|attribute| MappingSource::Direct { attribute }),
            stored.constant.map(|value| MappingSource::Constant { value }),
            stored.expression.map(|text| MappingSource::Expression { text }),
            stored.generated.then_some(MappingSource::Generated),
            stored.secret.map(|name| MappingSource::Secret { name }),
            stored.none.then_some(MappingSource::None),
        ];
        let mut given = given.into_iter().flatten();
        let (Some(source), None) = (given.next(), given.next()) else {
            return Err(format!(
                "the mapping of \"{}\" needs exactly one of \"direct\", \"constant\", \"expression\", \
                 \"generated\", \"secret\" and \"none\"",
                stored.target
            ));
        };
        Ok(Self {
            target: stored.target,
            source,
            apply: stored.apply,
            null: stored.null,
            default: stored.default,
            reference: stored.reference,
            kind: stored.kind,
            resend: stored.resend,
            drift: stored.drift,
        })
    }
}

impl From<Mapping> for Stored {
    fn from(mapping: Mapping) -> Self {
        let mut stored = Self {
            target: mapping.target,
            direct: None,
            constant: None,
            expression: None,
            generated: false,
            secret: None,
            none: false,
            apply: mapping.apply,
            null: mapping.null,
            default: mapping.default,
            reference: mapping.reference,
            kind: mapping.kind,
            resend: mapping.resend,
            drift: mapping.drift,
        };
        match mapping.source {
            MappingSource::Direct { attribute } => stored.direct = Some(attribute),
            MappingSource::Constant { value } => stored.constant = Some(value),
            MappingSource::Expression { text } => stored.expression = Some(text),
            MappingSource::Generated => stored.generated = true,
            MappingSource::Secret { name } => stored.secret = Some(name),
            MappingSource::None => stored.none = true,
        }
        stored
    }
}

impl Mapping {
    /// A mapping that copies one attribute and is always applied.
    pub fn direct(target: impl Into<String>, attribute: impl Into<String>) -> Self {
        let attribute = attribute.into();
        Self::of(target.into(), MappingSource::Direct { attribute })
    }

    /// A mapping that always gives the same value and is always applied.
    pub fn constant(target: impl Into<String>, value: impl Into<Value>) -> Self {
        let value = value.into();
        Self::of(target.into(), MappingSource::Constant { value })
    }

    /// A mapping that computes its value and is always applied.
    pub fn expression(target: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::of(target.into(), MappingSource::Expression { text })
    }

    /// A mapping that makes a password for each account that is created.
    pub fn generated(target: impl Into<String>) -> Self {
        Self {
            apply: Apply::OnCreate,
            ..Self::of(target.into(), MappingSource::Generated)
        }
    }

    /// A mapping that writes a secret of the connection on create.
    pub fn secret(target: impl Into<String>, name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            apply: Apply::OnCreate,
            ..Self::of(target.into(), MappingSource::Secret { name })
        }
    }

    /// A mapping that leaves the target alone.
    pub fn none(target: impl Into<String>) -> Self {
        Self::of(target.into(), MappingSource::None)
    }

    fn of(target: String, source: MappingSource) -> Self {
        Self {
            target,
            source,
            apply: Apply::Always,
            null: NullPolicy::Skip,
            default: None,
            reference: false,
            kind: None,
            resend: false,
            drift: Drift::Repair,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_shape_survives_the_way_to_json_and_back() {
        for shape in [
            json!({"target": "mailNickname", "direct": "userName"}),
            json!({"target": "usageLocation", "constant": "NO", "kind": "string"}),
            json!({"target": "displayName", "expression": "ToUpper([userName])", "apply": "on_create",
                   "null": "default", "default": "x"}),
            json!({"target": "manager", "direct": "manager.value", "reference": true, "null": "clear"}),
            json!({"target": "note", "none": true, "default": "new here"}),
            json!({"target": "phones", "direct": "phoneNumbers", "apply": "add_only", "resend": true,
                   "drift": "report"}),
            json!({"target": "city", "direct": "city", "apply": "if_empty", "null": "default_if_empty",
                   "default": "Oslo", "drift": "accept"}),
            json!({"target": "title", "direct": "title", "apply": "value_add_only"}),
            json!({"target": "password", "generated": true, "apply": "on_create"}),
            json!({"target": "password", "secret": "password.people", "apply": "on_create"}),
        ] {
            let mapping: Mapping = serde_json::from_value(shape.clone()).unwrap();
            assert_eq!(serde_json::to_value(&mapping).unwrap(), shape);
        }
    }

    #[test]
    fn two_sources_none_and_unknown_fields_are_refused() {
        let two = serde_json::from_value::<Mapping>(json!({"target": "a", "direct": "b", "constant": "c"}));
        assert!(two.unwrap_err().to_string().contains("exactly one of"));
        for wrong in [
            json!({"target": "a"}),
            json!({"target": "a", "none": false}),
            json!({"target": "a", "none": true, "constant": 1}),
            json!({"target": "password", "generated": true, "secret": "x"}),
        ] {
            assert!(serde_json::from_value::<Mapping>(wrong).is_err());
        }
        assert!(
            serde_json::from_value::<Mapping>(json!({"target": "a", "direct": "b", "aply": "always"}))
                .is_err()
        );
    }
}
