//! An answer, and judging it. Pure.

use std::time::Duration;

use serde_json::{Map, Value};

use super::check::{Judged, Stop};
use crate::error::quote;
use crate::scim::path::Path;

/// An answer as far as checks look at it.
#[derive(Debug, Clone, Default)]
pub(super) struct Reply {
    pub status: u16,
    /// The media type without parameters, lower case; empty when there is none.
    pub media_type: String,
    pub etag: Option<String>,
    pub location: Option<String>,
    pub challenge: Option<String>,
    /// The body, when it is JSON.
    pub body: Option<Value>,
    /// The body, when it is something else.
    pub text: String,
    pub took: Duration,
}

/// A list answer (RFC 7644 section 3.4.2).
#[derive(Debug)]
pub(super) struct Listed<'a> {
    pub total: u64,
    pub resources: Vec<&'a Map<String, Value>>,
}

impl Listed<'_> {
    /// The ids of the page, in order.
    pub(super) fn ids(&self) -> Vec<String> {
        self.resources.iter().map(|one| text_of(one.get("id"))).collect()
    }
}

impl Reply {
    /// The status, and what the server says about it.
    pub(super) fn summary(&self) -> String {
        let detail = self.member("detail").and_then(Value::as_str).unwrap_or_default();
        let scim_type = self
            .scim_type()
            .map(|word| format!(" ({word})"))
            .unwrap_or_default();
        match (detail, self.text.as_str()) {
            ("", "") => format!("status {}{scim_type}", self.status),
            ("", text) => format!(
                "status {} with a body that is not JSON: {}",
                self.status,
                quote(text)
            ),
            (detail, _) => format!("status {}{scim_type}: {}", self.status, quote(detail)),
        }
    }

    /// One of these statuses.
    pub(super) fn is(&self, statuses: &[u16]) -> Judged<&Self> {
        if statuses.contains(&self.status) {
            return Ok(self);
        }
        let words: Vec<String> = statuses.iter().map(u16::to_string).collect();
        Err(Stop::wrong(
            format!("status {}", words.join(" or ")),
            self.summary(),
        ))
    }

    /// The body as an object.
    pub(super) fn object(&self) -> Judged<&Map<String, Value>> {
        self.body.as_ref().and_then(Value::as_object).ok_or_else(|| {
            let came = match (&self.body, self.text.as_str()) {
                (Some(_), _) => "JSON that is not an object".to_owned(),
                (None, "") => "an empty body".to_owned(),
                (None, text) => quote(text),
            };
            Stop::wrong(
                "a JSON object as the body",
                format!("status {} with {came}", self.status),
            )
        })
    }

    /// The resource's id.
    pub(super) fn id(&self) -> Judged<String> {
        match self.object()?.get("id") {
            Some(Value::String(id)) if !id.is_empty() => Ok(id.clone()),
            Some(Value::Number(id)) => Ok(id.to_string()),
            _ => Err(Stop::wrong(
                "a body with an `id`",
                format!("status {} without one", self.status),
            )),
        }
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.body.as_ref()?.get(name)
    }

    /// The value at an attribute path, in the RFC's spelling.
    pub(super) fn at(&self, path: &str) -> Option<&Value> {
        value_at(self.body.as_ref()?.as_object()?, path)
    }

    /// The value at a path is this one.
    pub(super) fn holds(&self, path: &str, wanted: &Value) -> Judged {
        self.object()?;
        match self.at(path) {
            Some(found) if found == wanted => Ok(()),
            found => Err(Stop::wrong(
                format!("`{path}` is {wanted}"),
                format!(
                    "`{path}` is {}",
                    found.map_or_else(|| "not there".to_owned(), cut)
                ),
            )),
        }
    }

    /// Each of these.
    pub(super) fn holds_all(&self, wanted: &[(&str, Value)]) -> Judged {
        wanted
            .iter()
            .try_for_each(|(path, value)| self.holds(path, value))
    }

    /// There is no value at a path. Null and an empty list are none (RFC 7643 section 2.5).
    pub(super) fn lacks(&self, path: &str) -> Judged {
        self.object()?;
        match self.at(path).filter(|value| !is_nothing(value)) {
            None => Ok(()),
            Some(found) => Err(Stop::wrong(
                format!("no `{path}`"),
                format!("`{path}` is {}", cut(found)),
            )),
        }
    }

    /// How many elements of a list fit: `emails[type eq "work"]`.
    pub(super) fn count(&self, path: &str, wanted: usize) -> Judged {
        let resource = self.object()?;
        let found = elements(resource, path);
        if found == wanted {
            return Ok(());
        }
        Err(Stop::wrong(
            format!("{wanted} of `{path}`"),
            format!("{found} of `{path}`"),
        ))
    }

    /// A list with counts that are whole numbers.
    pub(super) fn list(&self) -> Judged<Listed<'_>> {
        let object = self.is(&[200])?.object()?;
        let total = object.get("totalResults");
        let Some(number) = total.and_then(Value::as_u64) else {
            let came = total.map_or_else(
                || "no totalResults".to_owned(),
                |t| format!("totalResults is {}", cut(t)),
            );
            return Err(Stop::wrong("totalResults as a JSON number", came));
        };
        let resources = match object.get("Resources") {
            None if number == 0 => Vec::new(),
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_object).collect(),
            _ => return Err(Stop::wrong("a list named Resources", "none")),
        };
        Ok(Listed {
            total: number,
            resources,
        })
    }

    /// A list of exactly this one.
    pub(super) fn finds(&self, id: &str) -> Judged {
        let list = self.list()?;
        if list.ids() == [id] && list.total == 1 {
            return Ok(());
        }
        let ours = list.ids().iter().any(|found| found == id);
        let came = match (list.resources.len(), ours) {
            (0, _) => format!("nothing (totalResults {})", list.total),
            (1, false) => "another one".to_owned(),
            (1, true) => format!("it, but totalResults is {}", list.total),
            (many, true) => format!("{many} of {}, with it among them", list.total),
            (many, false) => format!("{many} of {}, without it", list.total),
        };
        Err(Stop::wrong("exactly the one that was asked for", came))
    }

    /// An empty list with status 200.
    pub(super) fn finds_nothing(&self) -> Judged {
        if self.status != 200 {
            return Err(Stop::wrong(
                "status 200 with an empty list (totalResults 0)",
                self.summary(),
            ));
        }
        let list = self.list()?;
        if list.total == 0 && list.resources.is_empty() {
            return Ok(());
        }
        Err(Stop::wrong(
            "an empty list (totalResults 0)",
            format!(
                "{} of {}: the filter is not applied",
                list.resources.len(),
                list.total
            ),
        ))
    }

    /// A refusal with the body that RFC 7644 section 3.12 describes.
    pub(super) fn refuses(&self, statuses: &[u16]) -> Judged {
        self.is(statuses)?;
        const URN: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
        let wrong = |came: &str| {
            let expected = format!(
                "an error body: schemas with {URN}, status \"{}\" as text, and a detail that is not empty",
                self.status
            );
            Stop::wrong(expected, came)
        };
        let body = self.object().map_err(|_| wrong("no JSON object as the body"))?;
        let schemas = body.get("schemas").and_then(Value::as_array);
        if !schemas.is_some_and(|list| list.iter().any(|urn| urn == URN)) {
            return Err(wrong("the error's schema is not named in `schemas`"));
        }
        match body.get("status") {
            Some(Value::String(text)) if *text == self.status.to_string() => {}
            Some(other) => return Err(wrong(&format!("`status` is {}", cut(other)))),
            None => return Err(wrong("no `status`")),
        }
        match body.get("detail").and_then(Value::as_str) {
            Some(detail) if !detail.trim().is_empty() => Ok(()),
            _ => Err(wrong("no `detail`")),
        }
    }

    /// The error keyword (RFC 7644 table 9).
    pub(super) fn scim_type(&self) -> Option<&str> {
        self.member("scimType").and_then(Value::as_str)
    }

    /// The ids in `members`.
    pub(super) fn member_ids(&self) -> Judged<Vec<String>> {
        let mut ids: Vec<String> = match self.object()?.get("members") {
            Some(Value::Array(list)) => list.iter().map(|member| text_of(member.get("value"))).collect(),
            _ => Vec::new(),
        };
        ids.sort();
        Ok(ids)
    }

    /// The members are exactly these; `names` says who is who in the finding.
    pub(super) fn has_members(&self, wanted: &[&str]) -> Judged {
        let found = self.member_ids()?;
        let mut sorted: Vec<&str> = wanted.to_vec();
        sorted.sort_unstable();
        if found == sorted {
            return Ok(());
        }
        let missing = sorted.iter().filter(|id| !found.iter().any(|f| f == *id)).count();
        let more = found.iter().filter(|id| !sorted.contains(&id.as_str())).count();
        let came = match (found.len(), missing, more) {
            (0, ..) => "no members at all".to_owned(),
            (n, 0, 0) => format!("{n} members: some of them more than once"),
            (n, missing, more) => format!("{n} members: {missing} missing, {more} too many"),
        };
        Err(Stop::wrong(format!("exactly {} members", wanted.len()), came))
    }
}

/// The value at an attribute path, in the RFC's spelling; of several elements the first that fits.
fn value_at<'a>(resource: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let path = Path::parse(path).ok()?;
    let value = whole(resource, &path)?;
    let value = match value {
        Value::Array(list) if !path.terms.is_empty() => list.iter().find(|element| fits(element, &path))?,
        value => value,
    };
    match &path.sub {
        None => Some(value),
        Some(sub) => value.get(sub),
    }
}

fn whole<'a>(resource: &'a Map<String, Value>, path: &Path) -> Option<&'a Value> {
    match &path.urn {
        None => resource.get(&path.name),
        Some(urn) => resource.get(urn)?.get(&path.name),
    }
}

fn elements(resource: &Map<String, Value>, path: &str) -> usize {
    let Ok(path) = Path::parse(path) else {
        return 0;
    };
    match whole(resource, &path) {
        Some(Value::Array(list)) => list.iter().filter(|element| fits(element, &path)).count(),
        _ => 0,
    }
}

fn fits(element: &Value, path: &Path) -> bool {
    path.terms
        .iter()
        .all(|(name, wanted)| element.get(name) == Some(wanted))
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Object(object) => object.values().all(is_nothing),
        _ => false,
    }
}

/// An id as text; some servers have numbers.
fn text_of(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

fn cut(value: &Value) -> String {
    quote(&value.to_string())
}

#[cfg(test)]
mod tests;
