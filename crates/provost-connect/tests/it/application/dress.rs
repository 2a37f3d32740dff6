//! How answers look, and what requests must look like.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{Quirks, Reply, error};

/// The refusal of a request for its looks.
pub fn refused(quirks: &Quirks, headers: &HeaderMap, method: &str, body: &Value) -> Option<Reply> {
    let media_type = headers.get("content-type").and_then(|value| value.to_str().ok());
    if quirks.json_only && media_type.is_some_and(|kind| kind != "application/json") {
        return Some(error(415, "", "application/json only"));
    }
    if quirks.refuses_null && holds_null(body) && !body.is_null() {
        return Some(error(400, "invalidValue", "null is not a value"));
    }
    if let Some(known) = quirks.knows_only.filter(|_| method == "POST") {
        let mut names = body.as_object().into_iter().flat_map(Map::keys);
        let unknown = names.find(|name| *name != "schemas" && !known.contains(&name.as_str()));
        if let Some(unknown) = unknown {
            return Some(error(400, "invalidValue", &format!("{unknown} is not known")));
        }
    }
    let lists = body.as_object().into_iter().flatten();
    let two = |(name, value): (&String, &Value)| {
        !["schemas", "Operations", "members"].contains(&name.as_str())
            && value.as_array().is_some_and(|list| list.len() > 1)
    };
    (quirks.aws && lists.into_iter().any(two)).then(|| error(400, "invalidValue", "one value only"))
}

fn holds_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.iter().any(holds_null),
        Value::Object(object) => object.values().any(holds_null),
        _ => false,
    }
}

/// The same answer in the shape that the application gives it.
pub fn dressed((status, body, headers): Reply, quirks: &Quirks) -> Reply {
    let body = body.map(|mut body| {
        if quirks.hides_members || quirks.aws {
            without_members(&mut body);
        }
        if quirks.odd_shape {
            odd(&mut body);
        }
        if quirks.aws && status >= 400 {
            body["schema"] = body["schemas"].clone();
        }
        body
    });
    (status, body, headers)
}

fn without_members(body: &mut Value) {
    if let Some(list) = body["Resources"].as_array_mut() {
        list.iter_mut().for_each(without_members);
    } else if let Some(object) = body.as_object_mut() {
        object.remove("members");
    }
}

fn odd(body: &mut Value) {
    let Some(object) = body.as_object_mut() else {
        return;
    };
    object.remove("meta");
    if let Some(status) = object.get("status").and_then(Value::as_str) {
        let status: u16 = status.parse().unwrap();
        object.insert("status".to_owned(), json!(status));
    }
    if let Some(total) = object.remove("totalResults") {
        object.insert("totalResults".to_owned(), json!(total.to_string()));
    }
    if let Some(mut list) = object.remove("Resources") {
        list.as_array_mut().unwrap().iter_mut().for_each(odd);
        object.insert("resources".to_owned(), list);
    }
    if let Some(id) = object.get("id").and_then(Value::as_str) {
        let id: u64 = id.parse().unwrap();
        object.insert("id".to_owned(), json!(id));
        let members = object
            .get("members")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let numbers = |member: &Value| {
            let id: u64 = member["value"].as_str().unwrap().parse().unwrap();
            json!({"value": id})
        };
        let members: Vec<Value> = members.iter().map(numbers).collect();
        let members = if members.is_empty() {
            Value::Null
        } else {
            json!(members)
        };
        object.insert("members".to_owned(), members);
    }
}

/// JSON that says it is a web page, behind a byte order mark.
pub async fn called_html(response: Response) -> Response {
    let (mut head, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap();
    head.headers.insert("content-type", "text/html".parse().unwrap());
    head.headers.remove("content-length");
    if bytes.is_empty() {
        return Response::from_parts(head, Body::empty());
    }
    let marked = [&b"\xef\xbb\xbf"[..], &bytes].concat();
    Response::from_parts(head, Body::from(marked))
}
