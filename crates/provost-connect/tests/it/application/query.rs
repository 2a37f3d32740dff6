//! Reading: get, list, filter, pages.

use serde_json::{Value, json};

use super::{Reply, Store, error};

pub fn get(store: &mut Store, collection: &str, id: &str, query: &str) -> Reply {
    let version = store.versions.get(id).copied().unwrap_or_default();
    match store
        .collection(collection)
        .and_then(|objects| objects.get(id).cloned())
    {
        Some(mut object) => {
            if query.contains("excludedAttributes=members") {
                object.as_object_mut().unwrap().remove("members");
            }
            (200, Some(object), vec![("etag", format!("W/\"{version}\""))])
        }
        None => error(404, "", "no such resource"),
    }
}

pub fn list(store: &mut Store, collection: &str, query: &str) -> Reply {
    let quirks = store.quirks.clone();
    let Some(objects) = store.collection(collection) else {
        return error(404, "", "no such endpoint");
    };
    let parameter = |name: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let number = |name: &str| parameter(name).and_then(|text| text.parse::<usize>().ok());
    let filter = parameter("filter").filter(|_| !quirks.ignores_filter);
    if filter.is_some() && quirks.refuses_filter {
        return error(400, "invalidFilter", "filters are not for you");
    }
    let mut found: Vec<Value> = Vec::new();
    for object in objects.values() {
        match filter.as_deref().map(|filter| matches(object, filter)) {
            None | Some(Some(true)) => found.push(object.clone()),
            Some(Some(false)) => {}
            Some(None) => return error(400, "invalidFilter", "not understood"),
        }
    }
    if quirks.hides_inactive {
        found.retain(|object| object["active"] != false);
    }
    if found.is_empty() && filter.is_some() && quirks.missing_is_404 {
        return error(404, "", "nobody matches");
    }
    if parameter("excludedAttributes").as_deref() == Some("members") {
        for object in &mut found {
            object.as_object_mut().unwrap().remove("members");
        }
    }
    let total = found.len();
    let start = number("startIndex")
        .filter(|_| !quirks.ignores_start)
        .unwrap_or(1)
        .max(1);
    let count = number("count")
        .unwrap_or(100)
        .min(quirks.page_limit.unwrap_or(1000));
    let page: Vec<Value> = found.into_iter().skip(start - 1).take(count).collect();
    let told = if quirks.total_is_page { page.len() } else { total };
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": told, "startIndex": start, "itemsPerPage": page.len(), "Resources": page});
    (200, Some(body), Vec::new())
}

/// `attribute eq "value"` and `emails[type eq "work" and value eq "x"]`; `None` = not understood.
fn matches(object: &Value, filter: &str) -> Option<bool> {
    if let Some(rest) = filter.strip_prefix("emails[") {
        let (kind, value) = rest.strip_suffix(']')?.split_once(" and ")?;
        let (kind, value) = (literal(kind, "type")?, literal(value, "value")?);
        let emails = object["emails"].as_array().cloned().unwrap_or_default();
        return Some(emails.iter().any(|e| e["type"] == kind && e["value"] == value));
    }
    let attribute = ["userName", "externalId", "displayName", "active"]
        .into_iter()
        .find(|name| filter.starts_with(&format!("{name} ")))?;
    let value = literal(filter, attribute)?;
    Some(match (&object[attribute], &value) {
        (Value::String(found), Value::String(value)) if attribute != "externalId" => {
            found.to_lowercase() == value.to_lowercase()
        }
        (found, value) => found == value,
    })
}

fn literal(term: &str, attribute: &str) -> Option<Value> {
    serde_json::from_str(term.strip_prefix(attribute)?.strip_prefix(" eq ")?).ok()
}
