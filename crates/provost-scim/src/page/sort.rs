//! The order of a list (RFC 7644 section 3.4.2.3).

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::filter::instant;
use crate::path::{self, AttrPath};
use crate::resource::folded;
use crate::schema::{Attribute, AttributeType, ResourceType, Returned};

/// `sortBy` and `sortOrder`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The attribute.
    pub path: AttrPath,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Sort {
    /// Reads the two parameters. No order when `sortBy` is absent or names what no resource of the type
    /// has: then there is nothing to order by.
    ///
    /// # Errors
    /// 400 `invalidValue` for another word than `ascending` and `descending`, for a malformed name, for an
    /// attribute that is never returned, and for one with several parts and no `value`.
    pub fn parse(rt: &ResourceType, by: Option<&str>, order: Option<&str>) -> Result<Option<Self>> {
        let descending = match order.map(str::trim) {
            None => false,
            Some(word) if word.eq_ignore_ascii_case("ascending") => false,
            Some(word) if word.eq_ignore_ascii_case("descending") => true,
            Some(_) => return Err(Error::invalid_value("sortOrder is ascending or descending")),
        };
        let Some(by) = by.map(str::trim).filter(|by| !by.is_empty()) else {
            return Ok(None);
        };
        let path =
            path::parse(by, rt).map_err(|error| Error::invalid_value(format!("sortBy: {}", error.detail)))?;
        let Some(attribute) = rt.attribute(&path) else {
            return Ok(None);
        };
        if attribute.returned == Returned::Never {
            return Err(Error::invalid_value(format!("sortBy: {path} is never returned")));
        }
        match rt.top(&path).and_then(|top| top.comparand(path.sub.as_deref())) {
            Some(_) => Ok(Some(Self { path, descending })),
            None => Err(Error::invalid_value(format!(
                "sortBy: {path} has several parts, name one of them"
            ))),
        }
    }

    /// The order of two full resources; by `id` where the attribute does not tell them apart. A resource
    /// without a value comes last in ascending order and first in descending order.
    #[must_use]
    pub fn compare(&self, rt: &ResourceType, a: &Value, b: &Value) -> Ordering {
        let order = self.key(rt, a).cmp(&self.key(rt, b));
        let order = if self.descending { order.reverse() } else { order };
        order.then_with(|| a["id"].as_str().cmp(&b["id"].as_str()))
    }

    fn key<'a>(&self, rt: &ResourceType, resource: &'a Value) -> Key<'a> {
        let Some(top) = rt.top(&self.path) else {
            return Key::Nothing;
        };
        let holder = match &self.path.urn {
            Some(urn) => resource.get(urn),
            None => Some(resource),
        };
        let value = holder
            .and_then(|holder| holder.get(&self.path.name))
            .and_then(preferred);
        let sub = self.path.sub.as_deref();
        let sub = sub.or((top.kind == AttributeType::Complex).then_some("value"));
        let value = match sub {
            Some(sub) => value.and_then(|value| value.get(sub)),
            None => value,
        };
        match (top.comparand(self.path.sub.as_deref()), value) {
            (Some(attribute), Some(value)) => key(attribute, value),
            _ => Key::Nothing,
        }
    }
}

/// Of a list, the element that is marked as primary, else the first.
fn preferred(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(list) => list
            .iter()
            .find(|element| element.get("primary") == Some(&Value::Bool(true)))
            .or(list.first()),
        single => Some(single),
    }
}

fn key<'a>(attribute: &Attribute, value: &'a Value) -> Key<'a> {
    match (attribute.kind, value) {
        (AttributeType::DateTime, Value::String(text)) => instant(text).map_or(Key::Nothing, Key::Instant),
        (_, Value::String(text)) if attribute.case_exact => Key::Text(Cow::Borrowed(text)),
        (_, Value::String(text)) => Key::Text(folded(text)),
        (_, Value::Bool(value)) => Key::Boolean(*value),
        (_, Value::Number(number)) => number
            .as_f64()
            .map_or(Key::Nothing, |value| Key::Number(Total(value))),
        _ => Key::Nothing,
    }
}

/// What is compared. No value is the greatest: last when ascending, first when descending.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Boolean(bool),
    Number(Total),
    Instant(Timestamp),
    Text(Cow<'a, str>),
    Nothing,
}

/// A number in the total order of IEEE 754; JSON has no others than those that compare as expected there.
struct Total(f64);

impl PartialEq for Total {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Total {}

impl PartialOrd for Total {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Total {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}
