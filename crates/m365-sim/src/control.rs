//! The control interface below `/_sim`: settings at run time, faults, counters, saving and loading. No part of Graph.
//!
//! It exists only when [`crate::Settings::control`] is set, and only for callers on this machine: the connection must come
//! from a loopback address, and the `Host` header must name one, so that no web page elsewhere can reach it.

mod saml;
mod settings;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Request, State};
use axum::http::{Response, StatusCode};
use axum::middleware::{self, Next};
use axum::routing::{delete, get, post, put};
use serde_json::{Value, json};

use crate::calls::Calls;
use crate::directory::{Change, Kind, Snapshot};
use crate::fault::{Rule, catalogue};
use crate::plug::Plug;
use crate::server::plain;
use crate::tenant::Counters;
use crate::{Inner, moment, page};

/// The most that a saved state may be, in bytes.
const MAX_STATE: usize = 1024 * 1024 * 1024;

type Answer = Result<Value, (u16, String)>;

/// The routes of the control interface and of the page.
pub(crate) fn routes(inner: Arc<Inner>) -> Router<Arc<Inner>> {
    Router::new()
        .route("/_sim", get(page::show))
        .route("/_sim/page.css", get(page::style))
        .route("/_sim/control", get(index))
        .route(
            "/_sim/control/settings",
            get(read_settings).patch(change_settings),
        )
        .route("/_sim/control/clock", get(read_clock).post(set_clock))
        .route("/_sim/control/counters", get(counters).delete(reset_counters))
        .route("/_sim/control/calls", get(calls))
        .route("/_sim/control/consents", get(consents))
        .route("/_sim/control/sign-ins", get(saml::sign_ins))
        .route("/_sim/control/saml/response", post(saml::make))
        .route(
            "/_sim/control/applications/{id}/saml",
            get(saml::show).patch(saml::set),
        )
        .route("/_sim/control/applications/{id}/certificates", post(saml::add))
        .route(
            "/_sim/control/applications/{id}/certificates/{thumbprint}",
            put(saml::activate).delete(saml::remove),
        )
        .route("/_sim/control/catalogue", get(names))
        .route(
            "/_sim/control/faults",
            get(faults).post(inject).delete(clear_faults),
        )
        .route("/_sim/control/faults/{id}", delete(withdraw))
        .route("/_sim/control/delta/reset", post(reset_delta))
        .route("/_sim/control/users/{user}/roles", put(set_roles))
        .route("/_sim/control/state", get(save).put(load))
        .layer(DefaultBodyLimit::max(MAX_STATE))
        .route_layer(middleware::from_fn_with_state(inner, guard))
}

/// Lets only callers on this machine in, and only when the interface is on. Others see what they would see without it.
async fn guard(State(inner): State<Arc<Inner>>, request: Request, next: Next) -> Response<Body> {
    let local = request
        .extensions()
        .get::<ConnectInfo<Plug>>()
        .is_some_and(|info| info.0.is_local());
    let host = request
        .headers()
        .get("host")
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    if inner.settings().control && local && names_this_machine(host) {
        return next.run(request).await;
    }
    let mut response = plain(
        404,
        "text/plain; charset=utf-8",
        Body::from("There is nothing here.\n"),
    );
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn names_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name == "localhost"
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

async fn index() -> Response<Body> {
    respond(Ok(json!({
        "GET /_sim": "the page",
        "GET /_sim/state": "what the tenant holds, without anything that cannot be seen from outside",
        "GET, PATCH /_sim/control/settings": "settings; what a PATCH names changes, the rest stays",
        "GET, POST /_sim/control/clock": "{\"advance_ms\": n} or {\"at\": \"2026-01-05T09:00:00Z\"}",
        "GET, DELETE /_sim/control/counters": "calls by operation and status, writes, resource units, budget used, peaks",
        "GET /_sim/control/calls": "the latest calls with their request ids",
        "GET /_sim/control/consents": "what administrators have consented to, oldest first",
        "GET /_sim/control/sign-ins": "sign-ins through federated domains and the refusals among them, oldest first",
        "GET, PATCH /_sim/control/applications/{client id}/saml": "an application's sign-on by SAML: {\"identifiers\", \"reply_urls\", \"name_id\", \"signs\", \"algorithm\", \"without_claims\"}",
        "POST /_sim/control/applications/{client id}/certificates": "makes a further signing certificate; PUT and DELETE …/{thumbprint} activate one and take one away",
        "POST /_sim/control/saml/response": "an answer of SAML without a browser: {\"application\", \"account\", \"in_response_to\", \"relay_state\", \"wrong\", \"victim\"}",
        "GET /_sim/control/catalogue": "the names of all refusals, and of all answers of SAML that can be ordered wrong",
        "GET, POST, DELETE /_sim/control/faults": "rules: {\"operation\", \"when\": {\"skip\", \"every\", \"percent\", \"times\"}, \"effect\": {\"do\", …}}",
        "DELETE /_sim/control/faults/{id}": "takes one rule back",
        "POST /_sim/control/delta/reset": "delta links given out so far are answered 410",
        "PUT /_sim/control/users/{id or name}/roles": "{\"roles\": [\"Global Administrator\"]}",
        "GET, PUT /_sim/control/state": "saves and loads everything that the tenant holds",
    })))
}

async fn read_settings(State(inner): State<Arc<Inner>>) -> Response<Body> {
    respond(Ok(settings::view(&inner.settings())))
}

async fn change_settings(State(inner): State<Arc<Inner>>, body: Bytes) -> Response<Body> {
    let done = parsed(&body).and_then(|change: settings::Change| {
        let applied = inner.change(|current| change.apply(current));
        applied.map_err(|sentence| (400, sentence))
    });
    respond(done.map(|()| settings::view(&inner.settings())))
}

async fn read_clock(State(inner): State<Arc<Inner>>) -> Response<Body> {
    respond(Ok(clock(&inner)))
}

async fn set_clock(State(inner): State<Arc<Inner>>, body: Bytes) -> Response<Body> {
    let done = parsed(&body).and_then(|wanted: Value| {
        let by = wanted["advance_ms"].as_i64();
        let to = wanted["at"]
            .as_str()
            .and_then(moment::parse)
            .map(|at| at - inner.now());
        let by = by.or(to).ok_or((400, "Say `advance_ms` or `at`.".to_owned()))?;
        inner.ahead.fetch_add(by, Ordering::SeqCst);
        Ok(clock(&inner))
    });
    respond(done)
}

fn clock(inner: &Inner) -> Value {
    json!({"now": moment::text(inner.now()), "ahead_ms": inner.ahead.load(Ordering::SeqCst)})
}

async fn counters(State(inner): State<Arc<Inner>>) -> Response<Body> {
    respond(Ok(count(&inner)))
}

/// The counters, as the page shows them too.
pub(crate) fn count(inner: &Inner) -> Value {
    let (settings, now) = (inner.settings(), inner.now());
    let mut tenant = inner.tenant();
    let users = tenant.directory.serials(Kind::User).len();
    let mut all = tenant.calls.view();
    all["totals"] = json!(tenant.counters);
    all["budget"] = tenant.budget.used(&settings, users, now);
    all
}

async fn reset_counters(State(inner): State<Arc<Inner>>) -> Response<Body> {
    {
        let mut tenant = inner.tenant();
        tenant.calls = Calls::default();
        tenant.counters = Counters::default();
    }
    respond(Ok(count(&inner)))
}

async fn calls(State(inner): State<Arc<Inner>>) -> Response<Body> {
    let list: Vec<Value> = inner.tenant().calls.recent().map(|seen| json!(seen)).collect();
    respond(Ok(json!({ "calls": list })))
}

async fn consents(State(inner): State<Arc<Inner>>) -> Response<Body> {
    let given = inner.consents().given.clone();
    respond(Ok(json!({ "consents": given })))
}

async fn names() -> Response<Body> {
    respond(Ok(catalogue::listed()))
}

async fn faults(State(inner): State<Arc<Inner>>) -> Response<Body> {
    respond(Ok(json!({"faults": inner.faults().in_force()})))
}

async fn inject(State(inner): State<Arc<Inner>>, body: Bytes) -> Response<Body> {
    let done = parsed(&body).and_then(|rule: Rule| {
        rule.check().map_err(|sentence| (400, sentence))?;
        Ok(json!({"id": inner.faults().inject(rule)}))
    });
    respond(done)
}

async fn clear_faults(State(inner): State<Arc<Inner>>) -> Response<Body> {
    inner.faults().clear();
    respond(Ok(json!({"faults": []})))
}

async fn withdraw(State(inner): State<Arc<Inner>>, Path(id): Path<u64>) -> Response<Body> {
    if inner.faults().withdraw(id) {
        respond(Ok(json!({"faults": inner.faults().in_force()})))
    } else {
        respond(Err((404, format!("No fault {id} is in force."))))
    }
}

async fn reset_delta(State(inner): State<Arc<Inner>>) -> Response<Body> {
    respond(commit(&inner, Change::ResetDelta))
}

async fn set_roles(State(inner): State<Arc<Inner>>, Path(user): Path<String>, body: Bytes) -> Response<Body> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        roles: Vec<String>,
    }
    let done = parsed(&body).and_then(|wanted: Wanted| {
        let set = inner.tenant().set_roles(&user, wanted.roles.clone());
        set.map_err(|error| (error.status, error.message))?;
        Ok(json!({"roles": wanted.roles}))
    });
    respond(done)
}

async fn save(State(inner): State<Arc<Inner>>) -> Response<Body> {
    let snapshot = inner.tenant().directory.snapshot();
    respond(serde_json::to_value(snapshot).map_err(|error| (500, error.to_string())))
}

async fn load(State(inner): State<Arc<Inner>>, body: Bytes) -> Response<Body> {
    let done = parsed(&body).and_then(|snapshot: Snapshot| commit(&inner, Change::Load(Box::new(snapshot))));
    respond(done)
}

fn commit(inner: &Inner, change: Change) -> Answer {
    let mut tenant = inner.tenant();
    let done = tenant.commit(vec![change]);
    done.map(|()| json!({"users": tenant.directory.serials(Kind::User).len()}))
        .map_err(|error| (error.status, error.message))
}

fn parsed<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, (u16, String)> {
    serde_json::from_slice(body).map_err(|error| (400, format!("The body cannot be used: {error}.")))
}

fn respond(answer: Answer) -> Response<Body> {
    let (status, body) = match answer {
        Ok(body) => (200, body),
        Err((status, sentence)) => (status, json!({ "error": sentence })),
    };
    plain(status, "application/json", Body::from(body.to_string()))
}
