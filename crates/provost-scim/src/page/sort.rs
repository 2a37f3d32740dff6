//! The order of a list (RFC 7644 section 3.4.2.3).

use std::cmp::Ordering;

use serde_json::Value;

use super::key::SortKey;
use crate::error::{Error, Result};
use crate::path::{self, AttrPath};
use crate::schema::{AttributeType, ResourceType, Returned};

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
        self.compare_keys((&self.key(rt, a), id(a)), (&self.key(rt, b), id(b)))
    }

    /// The order of two resources by their keys and ids: what [`Sort::compare`] says of the resources. The
    /// ids ascend in both orders.
    #[must_use]
    pub fn compare_keys(&self, a: (&SortKey, &str), b: (&SortKey, &str)) -> Ordering {
        let order = a.0.cmp(b.0);
        let order = if self.descending { order.reverse() } else { order };
        order.then_with(|| a.1.cmp(b.1))
    }

    /// What the full resource is ordered by. Of a list it is the element that is marked as primary, else
    /// the first.
    #[must_use]
    pub fn key(&self, rt: &ResourceType, resource: &Value) -> SortKey {
        let Some(top) = rt.top(&self.path) else {
            return SortKey::NOTHING;
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
            (Some(attribute), Some(value)) => SortKey::of(attribute, value),
            _ => SortKey::NOTHING,
        }
    }
}

fn id(resource: &Value) -> &str {
    resource.get("id").and_then(Value::as_str).unwrap_or_default()
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

#[cfg(test)]
mod tests;
