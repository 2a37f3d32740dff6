//! A mapping as the editor's form has it: every field as it was typed, so that a mistake loses nothing.

use super::catalogue::Attribute;
use super::evaluated;
use crate::form::Form;
use crate::texts::text;
use provost_engine::mapping::{Apply, Drift, Mapping, MappingSource, NullPolicy, ValueType};
use serde_json::Value;

/// Where a value comes from, as the form offers it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Way {
    #[default]
    Direct,
    Constant,
    Expression,
    Generated,
    Sealed,
    Nothing,
}

/// The words of the form, with their labels and what each means.
const WAYS: [(Way, &str, &str, &str); 6] = [
    (
        Way::Direct,
        "direct",
        text("An attribute"),
        text("A copy of one attribute of the directory."),
    ),
    (
        Way::Expression,
        "expression",
        text("An expression"),
        text("Computed from attributes by functions."),
    ),
    (
        Way::Constant,
        "constant",
        text("A fixed value"),
        text("The same for everybody."),
    ),
    (
        Way::Generated,
        "generated",
        text("A generated password"),
        text("24 characters, made for each account, sent once and kept nowhere."),
    ),
    (
        Way::Sealed,
        "sealed",
        text("A fixed password"),
        text("The same for everybody, kept sealed. Whoever knows it can sign in as any new person."),
    ),
    (
        Way::Nothing,
        "none",
        text("Nothing"),
        text("The target keeps what it has; a default fills it where it is empty."),
    ),
];

pub(super) const APPLIES: [(&str, &str, &str); 5] = [
    ("always", text("Always"), text("On create and on every update.")),
    (
        "on_create",
        text("On create"),
        text("Once; later changes stay in the directory."),
    ),
    (
        "if_empty",
        text("Where it is empty"),
        text("On create, and later as long as the target has nothing."),
    ),
    (
        "value_add_only",
        text("Never removed"),
        text("Set and changed, but never emptied."),
    ),
    (
        "add_only",
        text("Only added"),
        text("Values are added to the target's list, never taken away."),
    ),
];

pub(super) const NULLS: [(&str, &str); 4] = [
    ("skip", text("leave what the target has")),
    ("clear", text("remove the target's value")),
    ("default", text("write the default")),
    (
        "default_if_empty",
        text("write the default where the target has nothing"),
    ),
];

pub(super) const DRIFTS: [(&str, &str); 3] = [
    ("repair", text("write it again")),
    ("report", text("report it and wait for a person")),
    ("accept", text("let the target's value count")),
];

/// What was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    pub way: Way,
    pub direct: String,
    pub constant: String,
    pub expression: String,
    /// A password that was typed; never shown again.
    pub password: String,
    /// The name of the sealed password that is kept.
    pub sealed: Option<String>,
    pub apply: Apply,
    pub null: NullPolicy,
    pub default: String,
    pub kind: Option<ValueType>,
    pub is_reference: bool,
    pub is_resent: bool,
    pub drift: Drift,
}

impl Way {
    /// The word of the form.
    pub fn word(self) -> &'static str {
        WAYS.iter()
            .find(|(way, ..)| *way == self)
            .map_or("", |(_, word, ..)| word)
    }

    fn of(word: &str) -> Self {
        WAYS.iter()
            .find(|(_, known, ..)| *known == word)
            .map_or(Self::Direct, |(way, ..)| *way)
    }

    /// What the form offers for an attribute: passwords only where one belongs, and there no value that stays readable.
    pub fn offered(attribute: &Attribute) -> Vec<(&'static str, &'static str, &'static str)> {
        let fits = |way: &Way| match way {
            Way::Generated | Way::Sealed => attribute.is_password,
            Way::Constant => !attribute.is_password,
            Way::Direct | Way::Expression | Way::Nothing => true,
        };
        let all = WAYS.iter().filter(|(way, ..)| fits(way));
        all.map(|(_, word, label, about)| (*word, *label, *about))
            .collect()
    }
}

fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

fn read<T: serde::de::DeserializeOwned + Default>(word: &str) -> T {
    serde_json::from_value(Value::String(word.to_owned())).unwrap_or_default()
}

impl Typed {
    /// The form of a saved mapping.
    pub fn of(mapping: &Mapping) -> Self {
        let mut typed = Self {
            apply: mapping.apply,
            null: mapping.null,
            default: mapping
                .default
                .as_ref()
                .map(|value| plain(value, mapping.kind))
                .unwrap_or_default(),
            kind: mapping.kind,
            is_reference: mapping.reference,
            is_resent: mapping.resend,
            drift: mapping.drift,
            ..Self::default()
        };
        match &mapping.source {
            MappingSource::Direct { attribute } => typed.direct.clone_from(attribute),
            MappingSource::Constant { value } => {
                (typed.way, typed.constant) = (Way::Constant, plain(value, mapping.kind));
            }
            MappingSource::Expression { text } => {
                (typed.way, typed.expression) = (Way::Expression, text.clone());
            }
            MappingSource::Generated => typed.way = Way::Generated,
            MappingSource::Secret { name } => (typed.way, typed.sealed) = (Way::Sealed, Some(name.clone())),
            MappingSource::None => typed.way = Way::Nothing,
        }
        typed
    }

    /// The form of a mapping that there is none of yet, as the attribute wants it.
    pub fn new(attribute: &Attribute) -> Self {
        let is_once = attribute.is_create_only || attribute.is_password;
        Self {
            way: if attribute.is_password {
                Way::Generated
            } else {
                Way::Direct
            },
            apply: if is_once { Apply::OnCreate } else { Apply::Always },
            kind: attribute.kind,
            is_reference: attribute.is_reference,
            ..Self::default()
        }
    }

    /// What a form has.
    pub fn read(form: &Form, before: Option<&Mapping>) -> Self {
        let sealed = match before.map(|mapping| &mapping.source) {
            Some(MappingSource::Secret { name }) => Some(name.clone()),
            _ => None,
        };
        Self {
            way: Way::of(form.get("source")),
            direct: form.get("direct").trim().to_owned(),
            constant: form.get("constant").to_owned(),
            expression: form.get("expression").replace("\r\n", "\n"),
            password: form.get("password").to_owned(),
            sealed,
            apply: read(form.get("apply")),
            null: read(form.get("null")),
            default: form.get("default").to_owned(),
            kind: evaluated::kind(form.get("kind")),
            is_reference: form.is_on("reference"),
            is_resent: form.is_on("resend"),
            drift: read(form.get("drift")),
        }
    }

    /// The mapping that was typed; none where a sealed password is wanted and there is none.
    pub fn mapping(&self, target: &str) -> Option<Mapping> {
        let source = match self.way {
            Way::Direct => MappingSource::Direct {
                attribute: self.direct.clone(),
            },
            Way::Constant => MappingSource::Constant {
                value: self.constant_value(),
            },
            Way::Expression => MappingSource::Expression {
                text: self.expression.clone(),
            },
            Way::Generated => MappingSource::Generated,
            Way::Sealed => match (&self.sealed, self.password.is_empty()) {
                (_, false) => MappingSource::Constant {
                    value: Value::String(self.password.clone()),
                },
                (Some(name), true) => MappingSource::Secret { name: name.clone() },
                (None, true) => return None,
            },
            Way::Nothing => MappingSource::None,
        };
        let default = self.default.trim();
        let mut mapping = Mapping::none(target);
        mapping.source = source;
        mapping.apply = self.apply;
        mapping.null = self.null;
        mapping.default = (!default.is_empty()).then(|| value(default, self.kind));
        mapping.kind = self.kind;
        mapping.reference = self.is_reference;
        mapping.resend = self.is_resent;
        mapping.drift = self.drift;
        Some(mapping)
    }

    /// The fixed value.
    pub fn constant_value(&self) -> Value {
        value(self.constant.trim(), self.kind)
    }

    /// The text that mistakes are about.
    pub fn text(&self) -> &str {
        match self.way {
            Way::Direct => &self.direct,
            Way::Expression => &self.expression,
            Way::Constant => &self.constant,
            Way::Generated | Way::Sealed | Way::Nothing => "",
        }
    }

    /// The field that holds it.
    pub fn field(&self) -> &'static str {
        match self.way {
            Way::Direct => "direct",
            Way::Expression => "expression",
            Way::Constant => "constant",
            Way::Sealed => "password",
            Way::Generated | Way::Nothing => "source",
        }
    }

    /// When the value is written.
    pub fn when(&self) -> &'static str {
        match self.apply {
            Apply::Always => text("It is written on create and kept up to date."),
            Apply::OnCreate => text("It is only used at creation; an existing account is not updated."),
            Apply::IfEmpty => text("It is written as long as the target has nothing."),
            Apply::ValueAddOnly => text("It is set and changed, but never removed."),
            Apply::AddOnly => text("It is added to what the target has."),
        }
    }

    /// The words of the form's choices.
    pub fn apply_word(&self) -> String {
        word(&self.apply)
    }

    /// The same for the null policy.
    pub fn null_word(&self) -> String {
        word(&self.null)
    }

    /// The same for drift.
    pub fn drift_word(&self) -> String {
        word(&self.drift)
    }

    /// The same for the type.
    pub fn kind_word(&self) -> &'static str {
        evaluated::word(self.kind)
    }
}

/// A value as a field shows it, so that [`value`] reads the same back.
fn plain(value: &Value, kind: Option<ValueType>) -> String {
    match value {
        Value::String(text) if kind.is_some() || is_plain(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether a text is not taken for something else.
fn is_plain(text: &str) -> bool {
    text.trim() == text && serde_json::from_str::<Value>(text).is_err()
}

/// What was typed as a value: text, unless it reads as true, false, a number or a list in JSON and no type is
/// declared that says otherwise.
fn value(typed: &str, kind: Option<ValueType>) -> Value {
    let text = || Value::String(typed.to_owned());
    match kind {
        Some(ValueType::String) => text(),
        None | Some(_) => match serde_json::from_str(typed) {
            Ok(Value::Null) | Err(_) => text(),
            Ok(value) => value,
        },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn form(pairs: &[(&str, &str)]) -> Form {
        let text = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        Form::read(text.as_bytes())
    }

    #[test]
    fn every_mapping_survives_the_way_through_the_form() {
        for shape in [
            json!({"target": "mailNickname", "direct": "userName"}),
            json!({"target": "usageLocation", "constant": "NO", "kind": "string"}),
            json!({"target": "code", "constant": "12", "apply": "if_empty"}),
            json!({"target": "code", "constant": 12, "null": "default", "default": "x"}),
            json!({"target": "on", "constant": true}),
            json!({"target": "otherMails", "constant": ["a", "b"], "kind": "strings"}),
            json!({"target": "displayName", "expression": "Join(\" \",\n  [a], [b])", "drift": "report"}),
            json!({"target": "manager", "direct": "manager.value", "reference": true, "resend": true}),
            json!({"target": "note", "none": true, "default": "new here"}),
            json!({"target": "password", "generated": true, "apply": "on_create"}),
            json!({"target": "password", "secret": "password.people", "apply": "on_create"}),
        ] {
            let mapping: Mapping = serde_json::from_value(shape.clone()).unwrap();
            let typed = Typed::of(&mapping);
            let mut pairs = vec![
                ("source", typed.way.word().to_owned()),
                ("direct", typed.direct.clone()),
                ("constant", typed.constant.clone()),
                ("expression", typed.expression.replace('\n', "\r\n")),
                ("apply", typed.apply_word()),
                ("null", typed.null_word()),
                ("default", typed.default.clone()),
                ("kind", typed.kind_word().to_owned()),
                ("drift", typed.drift_word()),
            ];
            pairs.extend(typed.is_reference.then(|| ("reference", "on".to_owned())));
            pairs.extend(typed.is_resent.then(|| ("resend", "on".to_owned())));
            let pairs: Vec<(&str, &str)> = pairs
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            let back = Typed::read(&form(&pairs), Some(&mapping))
                .mapping(&mapping.target)
                .unwrap();
            assert_eq!(serde_json::to_value(back).unwrap(), shape);
        }
    }

    #[test]
    fn a_sealed_password_needs_one() {
        let typed = Typed::read(&form(&[("source", "sealed"), ("apply", "on_create")]), None);
        assert!(typed.mapping("password").is_none());
        let typed = Typed::read(
            &form(&[("source", "sealed"), ("password", "vK7#qTz9!mLw2xRb")]),
            None,
        );
        let source = typed.mapping("password").unwrap().source;
        assert_eq!(
            source,
            MappingSource::Constant {
                value: json!("vK7#qTz9!mLw2xRb")
            }
        );
    }
}
