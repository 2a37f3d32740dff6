//! Values while an expression is evaluated, borrowed from the document or the expression where possible.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::mapping::ValueType;

/// A value of the expression language.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// Text.
    Text(Cow<'a, str>),
    /// Several texts.
    List(Vec<Cow<'a, str>>),
    /// True or false; as text `True` and `False`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A structured or fractional value of the document, untouched.
    Json(&'a Json),
    /// Structured values that a function made.
    Complex(Vec<Json>),
    /// The result of `IgnoreAttributeFlow`: this attribute is left alone.
    Ignore,
    /// The result of `IgnoreObjectFlow`: the whole object is left alone.
    IgnoreObject,
}

/// Several values stand where one is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotOne;

impl<'a> From<&'a Json> for Value<'a> {
    fn from(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::String(text) => Self::Text(Cow::Borrowed(text)),
            Json::Number(number) => number.as_i64().map_or(Self::Json(json), Self::Integer),
            Json::Array(items) if items.is_empty() => Self::Null,
            Json::Array(_) | Json::Object(_) => Self::Json(json),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Option<Cow<'a, str>>> for Value<'a> {
    fn from(text: Option<Cow<'a, str>>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

impl<'a> Value<'a> {
    /// Whether there is no value at all.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether there is no value, or only empty text.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(texts) => texts.is_empty(),
            Self::Complex(items) => items.is_empty(),
            _ => false,
        }
    }

    /// The value as true or false, where it is one; numbers are true when not zero.
    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Integer(number) => Some(*number != 0),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// Every single text of the value, in order; nothing for null.
    pub(crate) fn each(&self, take: &mut impl FnMut(Cow<'a, str>)) {
        match self {
            Self::Null | Self::Ignore | Self::IgnoreObject => {}
            Self::Text(text) => take(text.clone()),
            Self::List(texts) => texts.iter().cloned().for_each(take),
            Self::Bool(value) => take(Cow::Borrowed(bool_text(*value))),
            Self::Integer(number) => take(Cow::Owned(number.to_string())),
            Self::Json(json) => each_json(json, take),
            Self::Complex(items) => {
                for item in items {
                    each_json(item, &mut |text: Cow<'_, str>| {
                        take(Cow::Owned(text.into_owned()))
                    });
                }
            }
        }
    }

    /// The single text of the value; `None` for null.
    pub(crate) fn into_text(self) -> Result<Option<Cow<'a, str>>, NotOne> {
        match self {
            Self::Text(text) => Ok(Some(text)),
            other => {
                let (mut found, mut count) = (None, 0);
                other.each(&mut |text| {
                    count += 1;
                    found = Some(text);
                });
                if count > 1 { Err(NotOne) } else { Ok(found) }
            }
        }
    }

    /// How much text the value holds, for the evaluation's bounds.
    pub(crate) fn text_len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::List(texts) => texts.iter().map(|text| text.len() + 1).sum(),
            Self::Complex(items) => items.len() * 64,
            _ => 0,
        }
    }

    /// How many values there are, for the evaluation's bounds.
    pub(crate) fn breadth(&self) -> u32 {
        let count = match self {
            Self::List(texts) => texts.len(),
            Self::Json(Json::Array(items)) => items.len(),
            Self::Complex(items) => items.len(),
            _ => 1,
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The value as the target is to get it, converted to the declared type; `None` when there is no
    /// value (null, empty text, an empty list) or when the attribute or object is to be left alone.
    ///
    /// # Errors
    /// A sentence about why the value does not fit the type, without the value.
    pub fn into_json(self, kind: Option<ValueType>) -> Result<Option<Json>, String> {
        if self.is_empty() {
            return Ok(None);
        }
        match kind {
            None => Ok(self.natural()),
            Some(ValueType::Strings) => {
                let mut texts = Vec::new();
                self.each(&mut |text| texts.push(Json::String(text.into_owned())));
                Ok((!texts.is_empty()).then_some(Json::Array(texts)))
            }
            Some(ValueType::Boolean) => match self.as_bool() {
                Some(value) => Ok(Some(Json::Bool(value))),
                None => Err("the value is neither True nor False".to_owned()),
            },
            Some(kind) => {
                let text = self
                    .into_text()
                    .map_err(|NotOne| "there are several values, but the attribute takes one".to_owned())?;
                match (text, kind) {
                    (None, _) => Ok(None),
                    (Some(text), ValueType::Integer) => match text.trim().parse::<i64>() {
                        Ok(number) => Ok(Some(Json::from(number))),
                        Err(_) => Err("the value is no whole number".to_owned()),
                    },
                    (Some(text), _) => Ok(Some(Json::String(text.into_owned()))),
                }
            }
        }
    }

    fn natural(self) -> Option<Json> {
        match self {
            Self::Null | Self::Ignore | Self::IgnoreObject => None,
            Self::Text(text) => Some(Json::String(text.into_owned())),
            Self::List(texts) => Some(
                texts
                    .into_iter()
                    .map(|text| Json::String(text.into_owned()))
                    .collect(),
            ),
            Self::Bool(value) => Some(Json::Bool(value)),
            Self::Integer(number) => Some(Json::from(number)),
            Self::Json(json) => Some(json.clone()),
            Self::Complex(items) => Some(Json::Array(items)),
        }
    }
}

pub(crate) fn bool_text(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// The texts of a JSON value; a complex value stands for its `value` (RFC 7643 section 2.4).
fn each_json<'a>(json: &'a Json, take: &mut impl FnMut(Cow<'a, str>)) {
    match json {
        Json::Null => {}
        Json::Bool(value) => take(Cow::Borrowed(bool_text(*value))),
        Json::Number(number) => take(Cow::Owned(number.to_string())),
        Json::String(text) => take(Cow::Borrowed(text)),
        Json::Array(items) => items.iter().for_each(|item| match item {
            // One level only: SCIM has no lists of lists.
            Json::Array(_) => {}
            item => each_json(item, take),
        }),
        Json::Object(map) => match map.get("value") {
            Some(Json::Object(_) | Json::Array(_)) | None => {}
            Some(value) => each_json(value, take),
        },
    }
}
