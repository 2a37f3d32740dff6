//! List requests: the parameters (RFC 7644 sections 3.4.2 and 3.4.3), the window of a page, the order, and
//! the answer around the resources.

mod sort;

use std::ops::Range;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::filter::{self, Filter};
use crate::project::Projection;
use crate::schema::{LIST_RESPONSE, ResourceType};

pub use sort::Sort;

/// What a list request asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct ListQuery {
    /// Who is meant; everybody when absent.
    pub filter: Option<Filter>,
    /// In which order; by creation when absent.
    pub sort: Option<Sort>,
    /// The position of the first resource of the page, counted from 1.
    pub start_index: u64,
    /// How many resources; the server's choice when absent.
    pub count: Option<u64>,
    /// Paging by cursor (RFC 9865): empty on the first page.
    pub cursor: Option<String>,
    /// What is shown of each.
    pub projection: Projection,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            filter: None,
            sort: None,
            start_index: 1,
            count: None,
            cursor: None,
            projection: Projection::default(),
        }
    }
}

/// The parameters as they came, from the address or from a body.
#[derive(Default)]
struct Raw {
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<i128>,
    count: Option<i128>,
    cursor: Option<String>,
    attributes: Option<String>,
    excluded: Option<String>,
}

impl ListQuery {
    /// Reads the parameters of an address, already decoded. Names are taken in any letter case; unknown
    /// ones are ignored, as the RFC asks (Entra adds flags that way).
    ///
    /// # Errors
    /// 400 `invalidFilter` for the filter; 400 `invalidValue` for any other value that cannot be read, and
    /// for a parameter that stands twice.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(
        rt: &ResourceType,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self> {
        let mut raw = Raw::default();
        for (name, value) in pairs {
            raw.set(name.as_ref(), value.as_ref())?;
        }
        raw.read(rt)
    }

    /// Reads a `SearchRequest` body. `attributes` and `excludedAttributes` are arrays, or text with commas.
    ///
    /// # Errors
    /// As [`ListQuery::from_pairs`]; 400 `invalidSyntax` when the body is not an object.
    pub fn from_search(rt: &ResourceType, body: &Value) -> Result<Self> {
        let Some(members) = body.as_object() else {
            return Err(Error::invalid_syntax("the body of a search is a JSON object"));
        };
        let mut raw = Raw::default();
        for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            raw.set(name, &parameter_text(name, value)?)?;
        }
        raw.read(rt)
    }

    /// How many resources this page may hold: `default` when the caller does not say, never over `maximum`.
    #[must_use]
    pub fn limit(&self, default: u64, maximum: u64) -> u64 {
        self.count.unwrap_or(default).min(maximum)
    }

    /// The positions, counted from 0, that this page shows of `total` matches; empty beyond the end.
    #[must_use]
    pub fn window(&self, total: u64, default: u64, maximum: u64) -> Range<u64> {
        let start = (self.start_index - 1).min(total);
        start..start.saturating_add(self.limit(default, maximum)).min(total)
    }
}

impl Raw {
    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let text = match name.to_ascii_lowercase().as_str() {
            "filter" => &mut self.filter,
            "sortby" => &mut self.sort_by,
            "sortorder" => &mut self.sort_order,
            "cursor" => &mut self.cursor,
            "attributes" => &mut self.attributes,
            "excludedattributes" => &mut self.excluded,
            "startindex" => return set_once(&mut self.start_index, name, whole_number(name, value)?),
            "count" => return set_once(&mut self.count, name, whole_number(name, value)?),
            _ => return Ok(()),
        };
        set_once(text, name, value.to_owned())
    }

    fn read(self, rt: &ResourceType) -> Result<ListQuery> {
        // What lies beyond 64 bits means the end of the list all the same.
        let clamp = |number: i128, least: u64| u64::try_from(number.max(0)).unwrap_or(u64::MAX).max(least);
        Ok(ListQuery {
            filter: self.filter.map(|text| filter::parse(&text, rt)).transpose()?,
            sort: Sort::parse(rt, self.sort_by.as_deref(), self.sort_order.as_deref())?,
            start_index: self.start_index.map_or(1, |number| clamp(number, 1)),
            count: self.count.map(|number| clamp(number, 0)),
            cursor: self.cursor,
            projection: Projection::parse(rt, self.attributes.as_deref(), self.excluded.as_deref())?,
        })
    }
}

/// A parameter that stands twice is refused: of two filters, the one that we dropped may have been meant.
fn set_once<T>(place: &mut Option<T>, name: &str, value: T) -> Result<()> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Error::invalid_value(format!(
            "the parameter {} stands twice",
            shown(name)
        ))),
    }
}

fn whole_number(name: &str, value: &str) -> Result<i128> {
    let text = value.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::invalid_value(format!(
            "{} is a whole number, not \"{}\"",
            shown(name),
            shown(value)
        )));
    }
    let beyond = if text.starts_with('-') {
        i128::MIN
    } else {
        i128::MAX
    };
    Ok(text.parse().unwrap_or(beyond))
}

/// The value of a body's member as the text that it would be in an address.
fn parameter_text(name: &str, value: &Value) -> Result<String> {
    let wrong = || Error::invalid_value(format!("{} has a value of the wrong type", shown(name)));
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Array(list) => {
            let names: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            Ok(names.ok_or_else(wrong)?.join(","))
        }
        _ if is_parameter(name) => Err(wrong()),
        _ => Ok(String::new()),
    }
}

fn is_parameter(name: &str) -> bool {
    let all = [
        "filter",
        "sortBy",
        "sortOrder",
        "startIndex",
        "count",
        "cursor",
        "attributes",
        "excludedAttributes",
    ];
    all.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The beginning of a list answer's text, up to the resources; they follow, with commas between, and then
/// `]}`. `items` is how many follow.
#[must_use]
pub fn list_response_head(total: u64, start_index: u64, items: u64) -> String {
    format!(
        "{{\"schemas\":[\"{LIST_RESPONSE}\"],\"totalResults\":{total},\"startIndex\":{start_index},\
         \"itemsPerPage\":{items},\"Resources\":["
    )
}

/// A list answer as a value, all on one page: for the discovery endpoints.
#[must_use]
pub fn list_response(resources: &[Value]) -> Value {
    json!({
        "schemas": [LIST_RESPONSE],
        "totalResults": resources.len(),
        "startIndex": 1,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}

#[cfg(test)]
mod tests;
