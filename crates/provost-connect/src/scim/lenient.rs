//! Reading what applications really answer: any letter case, numbers as text, missing members.

use serde_json::{Map, Value};

/// The member of this name in any letter case; the exact spelling wins.
pub(crate) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// The spelling under which a member stands.
pub(crate) fn key_of(object: &Map<String, Value>, name: &str) -> Option<String> {
    if object.contains_key(name) {
        return Some(name.to_owned());
    }
    object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
}

/// A boolean, also as text.
pub(crate) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A count, also as text.
pub(crate) fn count(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A list answer.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct List {
    pub resources: Vec<Map<String, Value>>,
    pub total: Option<u64>,
    pub next_cursor: Option<String>,
}

/// A ListResponse, or a bare array of resources; `None` when it is neither. Takes the body apart: a page is read
/// once, and copying it would cost as much as parsing it.
pub(crate) fn list(body: Value) -> Option<List> {
    let mut object = match body {
        Value::Array(_) => {
            return Some(List {
                resources: objects(body)?,
                ..List::default()
            });
        }
        Value::Object(object) => object,
        _ => return None,
    };
    let total = count(member(&object, "totalResults"));
    let resources = match key_of(&object, "Resources").and_then(|key| object.remove(&key)) {
        // Without results the list may be left out or null (RFC 7644 section 3.4.2).
        None | Some(Value::Null) => {
            total?;
            Vec::new()
        }
        Some(list) => objects(list)?,
    };
    let next_cursor = member(&object, "nextCursor")
        .and_then(Value::as_str)
        .filter(|cursor| !cursor.is_empty())
        .map(str::to_owned);
    Some(List {
        resources,
        total,
        next_cursor,
    })
}

fn objects(list: Value) -> Option<Vec<Map<String, Value>>> {
    let Value::Array(items) = list else { return None };
    let object = |item| match item {
        Value::Object(object) => Some(object),
        _ => None,
    };
    items.into_iter().map(object).collect()
}

/// `scimType` and `detail` of an error body.
pub(crate) fn error(body: Option<&Value>) -> (String, String) {
    let text = |name: &str| {
        body.and_then(Value::as_object)
            .and_then(|object| member(object, name))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let detail = [
        text("detail"),
        text("message"),
        text("error_description"),
        text("error"),
    ]
    .into_iter()
    .find(|text| !text.is_empty())
    .unwrap_or_default();
    (text("scimType"), detail)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_in_every_shape() {
        let one = list(json!({"totalResults": "7", "resources": [{"id": 1}]})).unwrap();
        assert_eq!((one.total, one.resources.len()), (Some(7), 1));
        assert_eq!(
            list(json!({"totalResults": 0})).unwrap(),
            List {
                total: Some(0),
                ..List::default()
            }
        );
        assert_eq!(list(json!([{"id": 1}])).unwrap().resources.len(), 1);
        assert_eq!(
            list(json!({"totalResults": 1, "Resources": null, "nextCursor": "c"}))
                .unwrap()
                .next_cursor
                .unwrap(),
            "c"
        );
        for wrong in [
            json!({}),
            json!("x"),
            json!({"Resources": [1]}),
            json!({"id": "u"}),
        ] {
            assert_eq!(list(wrong.clone()), None, "{wrong}");
        }
    }
}
