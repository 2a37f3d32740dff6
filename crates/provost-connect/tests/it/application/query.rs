//! Reading: get, list, filter, pages.

use serde_json::{Value, json};

use super::{Quirks, Reply, Store, error};

pub fn get(store: &mut Store, collection: &str, id: &str, query: &str) -> Reply {
    store.reads += 1;
    let restless = if store.quirks.restless_versions {
        store.reads
    } else {
        0
    };
    let version = store.versions.get(id).copied().unwrap_or_default() + restless;
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
    let filter = parameter("filter").filter(|_| !quirks.ignores_filter);
    if filter.is_some() && quirks.refuses_filter {
        return error(400, "invalidFilter", "filters are not for you");
    }
    if (quirks.plain_filter || quirks.aws) && filter.as_deref().is_some_and(|filter| filter.contains('[')) {
        return error(400, "invalidFilter", "no brackets");
    }
    let mut found: Vec<Value> = Vec::new();
    for object in objects
        .values()
        .filter(|_| filter.is_none() || !quirks.filter_is_empty)
    {
        let matched = filter
            .as_deref()
            .map(|filter| matches(object, filter, quirks.filter_is_exact));
        let asks_inactive = filter
            .as_deref()
            .is_some_and(|filter| filter.contains("active eq false"));
        if quirks.soft_deletes && object["active"] == false && !asks_inactive {
            continue;
        }
        match matched {
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
    page(store, &quirks, &found, &parameter)
}

fn page(
    store: &mut Store,
    quirks: &Quirks,
    found: &[Value],
    parameter: &dyn Fn(&str) -> Option<String>,
) -> Reply {
    let number = |name: &str| parameter(name).and_then(|text| text.parse::<usize>().ok());
    let total = found.len();
    let by_cursor = quirks.cursor_only || quirks.entra;
    let first = usize::from(!quirks.zero_based);
    let mut skip = match (by_cursor, parameter("cursor")) {
        (true, Some(cursor)) if !cursor.is_empty() => match cursor.strip_prefix("after-") {
            Some(skip) => skip.parse().unwrap(),
            None => return error(400, "invalidCursor", "unknown cursor"),
        },
        (true, _) if number("startIndex").is_some() => return error(400, "invalidValue", "no startIndex"),
        (true, _) => 0,
        (false, _) => number("startIndex")
            .filter(|_| !quirks.ignores_start)
            .map_or(0, |start| start.saturating_sub(first)),
    };
    if quirks.overlaps {
        skip = skip.saturating_sub(1);
    }
    if quirks.refuses_beyond && skip > 0 && skip >= total {
        return error(400, "invalidValue", "there is no such page");
    }
    let count = number("count")
        .unwrap_or(100)
        .min(quirks.page_limit.unwrap_or(1000));
    let page: Vec<Value> = found.iter().skip(skip).take(count).cloned().collect();
    let told = if quirks.total_is_page { page.len() } else { total };
    let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": quirks.total_is.unwrap_or(told), "startIndex": skip + first,
        "itemsPerPage": page.len(), "Resources": page});
    if by_cursor && skip + count < total {
        body["nextCursor"] = json!(format!("after-{}", skip + count));
    }
    if by_cursor {
        body.as_object_mut().unwrap().remove("totalResults");
    }
    if quirks.loses_one && skip == 0 && total > count {
        let gone = found[0]["id"].as_str().unwrap();
        store.users.remove(gone);
        store.quirks.loses_one = false;
    }
    (200, Some(body), Vec::new())
}

/// `attribute eq "value"`, `userName eq "value" and active eq false`, `emails.value eq "x"` and
/// `emails[type eq "work" and value eq "x"]`; `None` = not understood.
fn matches(object: &Value, filter: &str, exact: bool) -> Option<bool> {
    if let Some(name) = filter.strip_suffix(" and active eq false") {
        return Some(object["active"] == false && matches(object, name, exact)?);
    }
    if filter.starts_with("emails.value") {
        let value = literal(filter, "emails.value")?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
        let emails = object["emails"].as_array().cloned().unwrap_or_default();
        return Some(emails.iter().any(|email| text(&email["value"]) == text(&value)));
    }
    if let Some(rest) = filter.strip_prefix("emails[") {
        let (kind, value) = rest.strip_suffix(']')?.split_once(" and ")?;
        let (kind, value) = (literal(kind, "type")?, literal(value, "value")?);
        let emails = object["emails"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
        let same = |a: &Value, b: &Value| if exact { a == b } else { text(a) == text(b) };
        return Some(
            emails
                .iter()
                .any(|e| e["type"] == kind && same(&e["value"], &value)),
        );
    }
    let attribute = ["userName", "externalId", "displayName", "active"]
        .into_iter()
        .find(|name| filter.starts_with(&format!("{name} ")))?;
    let value = literal(filter, attribute)?;
    Some(match (&object[attribute], &value) {
        (Value::String(found), Value::String(value)) if attribute != "externalId" && !exact => {
            found.to_lowercase() == value.to_lowercase()
        }
        (found, value) => found == value,
    })
}

fn literal(term: &str, attribute: &str) -> Option<Value> {
    serde_json::from_str(term.strip_prefix(attribute)?.strip_prefix(" eq ")?).ok()
}
