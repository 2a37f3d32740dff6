//! A SCIM application that keeps state, with the bad habits of real ones as switches.

mod change;
mod dress;
mod query;
mod quirks;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

pub use quirks::Quirks;

/// A bad day, for the next requests that match.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Not carried out, this status and `Retry-After`.
    Status(u16, Option<&'static str>),
    /// Not carried out, a web page.
    Html(u16),
    /// Carried out; the answer breaks off in the middle of its body.
    Cut,
    /// Carried out, never answered.
    Hang,
    /// Not carried out, redirected.
    Redirect(u16),
}

/// What the application holds.
#[derive(Debug, Default)]
pub struct Store {
    pub users: BTreeMap<String, Value>,
    pub groups: BTreeMap<String, Value>,
    pub versions: BTreeMap<String, u64>,
    pub quirks: Quirks,
    pub faults: Vec<(&'static str, &'static str, Fault, usize)>,
    /// Method, path and body of every request.
    pub seen: Vec<(String, String, Value)>,
    next: u64,
    /// How often each new object will still be missing.
    pub missing: BTreeMap<String, usize>,
    reads: u64,
}

/// A running application.
#[derive(Clone)]
pub struct Application {
    pub url: String,
    store: Arc<Mutex<Store>>,
}

pub const TOKEN: &str = "canary-scim-token";

impl Application {
    pub async fn start(quirks: Quirks) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
        let store = Arc::new(Mutex::new(Store {
            quirks,
            ..Store::default()
        }));
        let router = Router::new().fallback(serve).with_state(store.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, store }
    }

    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap()
    }

    pub fn fail(&self, method: &'static str, path: &'static str, fault: Fault, times: usize) {
        self.store().faults.push((method, path, fault, times));
    }

    /// How often a method was used on paths with this text.
    pub fn count(&self, method: &str, path: &str) -> usize {
        let store = self.store();
        store
            .seen
            .iter()
            .filter(|(m, p, _)| m == method && p.contains(path))
            .count()
    }
}

impl Store {
    fn strike(&mut self, method: &str, path: &str) -> Option<Fault> {
        let index = self
            .faults
            .iter()
            .position(|(m, p, _, _)| (m.is_empty() || *m == method) && path.contains(p))?;
        let (_, _, fault, times) = &mut self.faults[index];
        let fault = fault.clone();
        *times -= 1;
        if *times == 0 {
            self.faults.remove(index);
        }
        Some(fault)
    }

    fn collection(&mut self, name: &str) -> Option<&mut BTreeMap<String, Value>> {
        match name {
            "Users" => Some(&mut self.users),
            "Groups" => Some(&mut self.groups),
            _ => None,
        }
    }

    fn is_missing(&mut self, id: &str) -> bool {
        match self.missing.get_mut(id) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    fn touch(&mut self, id: &str) {
        *self.versions.entry(id.to_owned()).or_default() += 1;
    }
}

type Reply = (u16, Option<Value>, Vec<(&'static str, String)>);

async fn serve(State(store): State<Arc<Mutex<Store>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let method = head.method.to_string();
    let path = head.uri.path().to_owned();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let fault = {
        let mut store = store.lock().unwrap();
        store
            .seen
            .push((method.clone(), head.uri.to_string(), body.clone()));
        store.strike(&method, &path)
    };
    match fault {
        Some(Fault::Status(status, after)) => {
            let after = after.map(|after| ("retry-after", after.to_owned()));
            let reply = error(status, "", "a bad day");
            return render((reply.0, reply.1, after.into_iter().collect()));
        }
        Some(Fault::Html(status)) => return page(status),
        Some(Fault::Redirect(status)) => {
            return render((status, None, vec![("location", "/login".to_owned())]));
        }
        _ => {}
    }
    let (reply, quirks) = {
        let mut store = store.lock().unwrap();
        let reply = answer(&mut store, &head.headers, &method, &path, &query, &body);
        (reply, store.quirks.clone())
    };
    let reply = dress::dressed(reply, &quirks);
    match fault {
        Some(Fault::Hang) => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            render(reply)
        }
        Some(Fault::Cut) => cut(reply),
        _ if quirks.called_html => dress::called_html(render(reply)).await,
        _ => render(reply),
    }
}

fn answer(
    store: &mut Store,
    headers: &HeaderMap,
    method: &str,
    path: &str,
    query: &str,
    body: &Value,
) -> Reply {
    let authorized = headers
        .get("authorization")
        .is_some_and(|v| v == &format!("Bearer {TOKEN}"));
    if !authorized {
        return error(401, "", "unknown token");
    }
    if let Some(reply) = dress::refused(&store.quirks, headers, method, body) {
        return reply;
    }
    let Some(rest) = path.strip_prefix("/scim/v2/") else {
        return error(404, "", "no such endpoint");
    };
    let parts: Vec<&str> = rest.split('/').collect();
    if let [_, id] = parts.as_slice()
        && store.is_missing(id)
    {
        return error(404, "", "not yet");
    }
    match (method, parts.as_slice()) {
        ("GET", ["ServiceProviderConfig"]) => discovery(store),
        ("PUT" | "PATCH", ["ServiceProviderConfig"]) => error(405, "", "only GET"),
        ("POST", _) if body.is_null() => error(400, "invalidSyntax", "no JSON"),
        ("GET", [collection]) => query::list(store, collection, query),
        ("POST", [collection]) => change::create(store, collection, body),
        ("GET", [collection, id]) => query::get(store, collection, id, query),
        ("PUT", _) if store.quirks.put_status.is_some() || store.quirks.entra => {
            error(store.quirks.put_status.unwrap_or(405), "", "no PUT here")
        }
        ("PUT", [collection, id]) => {
            let version = headers.get("if-match").and_then(|v| v.to_str().ok());
            change::replace(store, collection, id, body, version)
        }
        ("PATCH", [collection, id]) => change::patch(store, collection, id, body),
        ("DELETE", _) if store.quirks.never_deletes => error(405, "", "nobody is deleted here"),
        ("DELETE", [collection, id]) => change::delete(store, collection, id),
        _ => error(405, "", "not here"),
    }
}

fn discovery(store: &Store) -> Reply {
    if store.quirks.no_discovery {
        return error(404, "", "no such endpoint");
    }
    let restless = store.quirks.restless_versions;
    let body = json!({"patch": {"supported": true}, "filter": {"supported": true},
        "etag": {"supported": store.quirks.wants_version || restless}});
    (200, Some(body), Vec::new())
}

pub fn error(status: u16, scim_type: &str, detail: &str) -> Reply {
    let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.to_string(), "detail": detail});
    if !scim_type.is_empty() {
        body["scimType"] = json!(scim_type);
    }
    (status, Some(body), Vec::new())
}

fn render((status, body, headers): Reply) -> Response {
    let mut response = match body {
        Some(body) => body.to_string().into_response(),
        None => Body::empty().into_response(),
    };
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
        .headers_mut()
        .insert("content-type", "application/scim+json".parse().unwrap());
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

fn page(status: u16) -> Response {
    let mut response = axum::response::Html("<html><title>Sign in</title></html>").into_response();
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// Half of the body, then the connection closes.
fn cut((status, body, _): Reply) -> Response {
    let text = body.unwrap_or(json!({})).to_string();
    let half = Bytes::from(text[..text.len() / 2].to_owned());
    let pieces = futures::stream::unfold(Some(half), |half| async move {
        match half {
            Some(half) => Some((Ok(half), None)),
            None => {
                // The first half has to be on its way before the connection goes.
                tokio::time::sleep(Duration::from_millis(50)).await;
                Some((Err(std::io::Error::other("cut")), None))
            }
        }
    });
    let mut response = Response::new(Body::from_stream(pieces));
    // A 204 has no body that could break off.
    let status = if status == 204 { 200 } else { status };
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
        .headers_mut()
        .insert("content-length", text.len().to_string().parse().unwrap());
    response
}
