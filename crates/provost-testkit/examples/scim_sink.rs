//! A SCIM application that does as little as it can: everything in memory, nothing validated. What is measured
//! against it is the hub, not the application.
//!
//! ```text
//! cargo run --release -p provost-testkit --example scim_sink -- [PORT]
//! ```
//!
//! Prints `ready URL`. Takes every token. `GET /_stats` counts requests, and creates that repeat an
//! `externalId` (twins) or a `userName` (refused with 409).
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a program for measurements"
)]

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

/// One collection: `Users` or `Groups`. Objects are kept as text, which is a quarter of the memory.
#[derive(Default)]
struct Collection {
    objects: Vec<Option<Box<str>>>,
    by_name: HashMap<String, usize>,
    by_external_id: HashMap<String, usize>,
    live: usize,
}

#[derive(Default)]
struct Store {
    users: Collection,
    groups: Collection,
    counts: BTreeMap<&'static str, u64>,
}

type Shared = Arc<Mutex<Store>>;

impl Store {
    fn collection(&mut self, name: &str) -> Option<&mut Collection> {
        match name {
            "Users" => Some(&mut self.users),
            "Groups" => Some(&mut self.groups),
            _ => None,
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}

fn name_of(object: &Value) -> String {
    let name = object.get("userName").or_else(|| object.get("displayName"));
    name.and_then(Value::as_str).unwrap_or_default().to_lowercase()
}

fn answer(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/scim+json")], body).into_response()
}

fn refused(status: StatusCode, kind: &str) -> Response {
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": status.as_str(), "scimType": kind});
    answer(status, body.to_string())
}

async fn create(State(store): State<Shared>, Path(name): Path<String>, body: Bytes) -> Response {
    let mut object: Value = serde_json::from_slice(&body).unwrap();
    let mut store = store.lock().unwrap();
    store.count("create");
    let Some(collection) = store.collection(&name) else {
        return refused(StatusCode::NOT_FOUND, "");
    };
    let wanted = name_of(&object);
    if collection.by_name.contains_key(&wanted) {
        store.count("conflict");
        return refused(StatusCode::CONFLICT, "uniqueness");
    }
    let at = collection.objects.len();
    object["id"] = json!(at.to_string());
    let external_id = object["externalId"].as_str().map(str::to_owned);
    let text = object.to_string();
    collection.objects.push(Some(text.clone().into_boxed_str()));
    collection.by_name.insert(wanted, at);
    collection.live += 1;
    let twin = external_id.is_some_and(|key| collection.by_external_id.insert(key, at).is_some());
    if twin {
        store.count("twin");
    }
    answer(StatusCode::CREATED, text)
}

async fn list(
    State(store): State<Shared>,
    Path(name): Path<String>,
    Query(asked): Query<HashMap<String, String>>,
) -> Response {
    let mut store = store.lock().unwrap();
    store.count("list");
    let Some(collection) = store.collection(&name) else {
        return refused(StatusCode::NOT_FOUND, "");
    };
    let number = |key: &str, default| asked.get(key).and_then(|n| n.parse().ok()).unwrap_or(default);
    let (start, count): (usize, usize) = (number("startIndex", 1), number("count", 100));
    let (total, found): (usize, Vec<&str>) = match asked.get("filter") {
        Some(filter) => {
            let found: Vec<&str> = lookup(collection, filter).into_iter().collect();
            (found.len(), found)
        }
        None => {
            // By position, which is right for as long as nobody is deleted while a list is read.
            let rest = collection.objects.get(start.max(1) - 1..).unwrap_or_default();
            let page = rest.iter().flatten().map(AsRef::as_ref).take(count);
            (collection.live, page.collect())
        }
    };
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":{total},"startIndex":{start},"itemsPerPage":{},"Resources":[{}]}}"#,
        found.len(),
        found.join(",")
    );
    answer(StatusCode::OK, body)
}

/// `attribute eq "value"` over the two indexes; any other filter finds nobody.
fn lookup<'a>(collection: &'a Collection, filter: &str) -> Option<&'a str> {
    let (attribute, value) = filter.split_once(" eq ")?;
    let value: String = serde_json::from_str(value).ok()?;
    let at = match attribute {
        "userName" | "displayName" => collection.by_name.get(&value.to_lowercase()),
        "externalId" => collection.by_external_id.get(&value),
        _ => None,
    }?;
    collection.objects.get(*at)?.as_deref()
}

async fn read(State(store): State<Shared>, Path((name, id)): Path<(String, usize)>) -> Response {
    let mut store = store.lock().unwrap();
    store.count("read");
    let found = store.collection(&name).and_then(|c| c.objects.get(id)?.clone());
    match found {
        Some(text) => answer(StatusCode::OK, text.into()),
        None => refused(StatusCode::NOT_FOUND, ""),
    }
}

async fn patch(
    State(store): State<Shared>,
    Path((name, id)): Path<(String, usize)>,
    body: Bytes,
) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap();
    let mut store = store.lock().unwrap();
    store.count("patch");
    let Some(slot) = store.collection(&name).and_then(|c| c.objects.get_mut(id)) else {
        return refused(StatusCode::NOT_FOUND, "");
    };
    let Some(text) = slot else {
        return refused(StatusCode::NOT_FOUND, "");
    };
    let mut object: Value = serde_json::from_str(text).unwrap();
    for operation in request["Operations"].as_array().into_iter().flatten() {
        apply(&mut object, operation);
    }
    let text = object.to_string();
    *slot = Some(text.clone().into_boxed_str());
    answer(StatusCode::OK, text)
}

/// The shapes that a client sends for whole attributes and for members.
fn apply(object: &mut Value, operation: &Value) {
    let path = operation["path"].as_str().unwrap_or_default();
    let is_removal = operation["op"]
        .as_str()
        .is_some_and(|op| op.eq_ignore_ascii_case("remove"));
    if let Some(filter) = path.strip_prefix("members[value eq ") {
        let id: Value = serde_json::from_str(filter.trim_end_matches(']')).unwrap_or_default();
        if let Some(members) = object["members"].as_array_mut() {
            members.retain(|member| member["value"] != id);
        }
        return;
    }
    if path == "members" && !is_removal {
        let more = operation["value"].as_array().cloned().unwrap_or_default();
        if object["members"].is_null() {
            object["members"] = json!([]);
        }
        if let Some(members) = object["members"].as_array_mut() {
            members.extend(more);
        }
        return;
    }
    let (holder, attribute) = match path.rfind(':') {
        Some(at) => (&mut object[&path[..at]], &path[at + 1..]),
        None => (object, path),
    };
    let mut place = holder;
    for part in attribute.split('.') {
        place = &mut place[part];
    }
    *place = if is_removal {
        Value::Null
    } else {
        operation["value"].clone()
    };
}

async fn delete(State(store): State<Shared>, Path((name, id)): Path<(String, usize)>) -> Response {
    let mut store = store.lock().unwrap();
    store.count("delete");
    let Some(collection) = store.collection(&name) else {
        return refused(StatusCode::NOT_FOUND, "");
    };
    let Some(text) = collection.objects.get_mut(id).and_then(Option::take) else {
        return refused(StatusCode::NOT_FOUND, "");
    };
    let object: Value = serde_json::from_str(&text).unwrap();
    collection.by_name.remove(&name_of(&object));
    collection.live -= 1;
    StatusCode::NO_CONTENT.into_response()
}

async fn stats(State(store): State<Shared>) -> Json<Value> {
    let store = store.lock().unwrap();
    Json(json!({"users": store.users.live, "groups": store.groups.live, "counts": store.counts}))
}

async fn configuration() -> Json<Value> {
    Json(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true}, "filter": {"supported": true, "maxResults": 1000},
        "bulk": {"supported": false}, "etag": {"supported": false}, "sort": {"supported": false},
        "changePassword": {"supported": false}, "authenticationSchemes": [],
    }))
}

#[tokio::main]
async fn main() {
    let port = std::env::args().nth(1).unwrap_or_else(|| "0".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .unwrap();
    println!("ready http://{}/scim/v2", listener.local_addr().unwrap());
    let routes = Router::new()
        .route("/_stats", get(stats))
        .route("/scim/v2/ServiceProviderConfig", get(configuration))
        .route("/scim/v2/{collection}", get(list).post(create))
        .route(
            "/scim/v2/{collection}/{id}",
            get(read).patch(patch).delete(delete),
        )
        .with_state(Shared::default());
    axum::serve(listener, routes).await.unwrap();
}
