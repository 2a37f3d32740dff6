//! The directory's record of somebody, line by line.

use crate::console::place::Somebody;
use crate::console::time::{Clock, Moment};
use provost_store::directory::Placed;
use serde_json::Value;

/// Lines that are shown of a record.
const LINES: usize = 80;
/// Characters that are shown of a value.
const VALUE: usize = 200;

/// What the directory has.
pub(super) struct Record {
    /// Attribute and value.
    pub lines: Vec<(String, String)>,
    pub count: i64,
    pub is_cut: bool,
    pub created: Option<Moment>,
    pub modified: Option<Moment>,
    pub version: Option<i64>,
    pub placed: Placed,
}

/// The record of who is in the directory, or in the recycle bin.
pub(super) fn of(who: &Somebody, placed: Placed, clock: &Clock) -> Record {
    let text = match (&who.object, &who.deleted) {
        (Some(object), _) => object.document.as_str(),
        (None, Some(deleted)) => deleted.document.as_str(),
        (None, None) => "{}",
    };
    // A damaged document is told where it is used; here there is nothing to show of it.
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let mut lines = Vec::new();
    flatten("", &document, &mut lines);
    let is_cut = lines.len() > LINES;
    lines.truncate(LINES);
    let object = who.object.as_ref();
    let created = object
        .map(|one| one.created)
        .or(who.deleted.as_ref().map(|one| one.created));
    Record {
        count: i64::try_from(lines.len()).unwrap_or(i64::MAX),
        lines,
        is_cut,
        created: created.map(|at| clock.moment(at)),
        modified: object.map(|one| clock.moment(one.modified)),
        version: object.map(|one| one.version),
        placed: who.deleted.as_ref().map_or(placed, |one| one.placed.clone()),
    }
}

/// A line for each value, by the path that a mapping would name it with.
fn flatten(path: &str, value: &Value, lines: &mut Vec<(String, String)>) {
    match value {
        Value::Object(attributes) => {
            for (name, value) in attributes {
                if path.is_empty() && matches!(name.as_str(), "schemas" | "password") {
                    continue;
                }
                flatten(&joined(path, name), value, lines);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                flatten(&format!("{path}{}", selected(element, index)), element, lines);
            }
        }
        Value::Null => {}
        Value::String(text) => lines.push((path.to_owned(), cut(text))),
        other => lines.push((path.to_owned(), other.to_string())),
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        // Only the schema's name of a URN tells it apart from the others on a page.
        return name.rsplit(':').take(1).collect();
    }
    format!("{path}.{name}")
}

/// How one element of a list is told apart: by its type, else by its place.
fn selected(element: &Value, index: usize) -> String {
    match element.get("type").and_then(Value::as_str) {
        Some(kind) => format!("[type eq \"{kind}\"]"),
        None => format!("[{}]", index + 1),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= VALUE {
        return text.to_owned();
    }
    text.chars().take(VALUE).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::flatten;
    use serde_json::json;

    #[test]
    fn a_record_is_told_value_by_value() {
        let document = json!({
            "schemas": ["x"], "userName": "ann", "active": true, "nickName": null,
            "name": {"givenName": "Ann"},
            "emails": [{"type": "work", "value": "ann@contoso.example"}, {"value": "b@contoso.example"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales"},
        });
        let mut lines = Vec::new();
        flatten("", &document, &mut lines);
        lines.sort();
        let shown: Vec<String> = lines
            .iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        assert_eq!(
            shown,
            [
                "User.department = Sales",
                "active = true",
                "emails[2].value = b@contoso.example",
                "emails[type eq \"work\"].type = work",
                "emails[type eq \"work\"].value = ann@contoso.example",
                "name.givenName = Ann",
                "userName = ann",
            ]
        );
    }
}
