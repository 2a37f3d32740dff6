//! Holds everything that passes between a client and the simulator against the contract.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::Simulator;

use super::{Contract, address};

/// More than any answer of the simulator.
const MOST: usize = 64 * 1024 * 1024;
/// Where Graph begins.
const GRAPH: &str = "/v1.0";

/// Watches the calls that pass through a router. Clones share what was seen.
#[derive(Clone)]
pub struct Watch {
    contract: Arc<Contract>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    calls: usize,
    violations: Vec<String>,
}

impl Watch {
    /// A watch that holds calls against this contract.
    #[must_use]
    pub fn new(contract: Contract) -> Watch {
        Watch {
            contract: Arc::new(contract),
            seen: Arc::default(),
        }
    }

    /// The same router, watched.
    pub fn over(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), pass))
    }

    /// Serves a simulator, watched, until the future is dropped. Faults that cut connections need
    /// [`Simulator::serve`].
    ///
    /// # Errors
    /// When the listener fails for good.
    pub async fn serve(&self, simulator: &Simulator, listener: TcpListener) -> std::io::Result<()> {
        axum::serve(listener, self.over(simulator.router())).await
    }

    /// How many calls of Graph were held against the contract; a batch is one.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.seen().calls
    }

    /// Every request and answer that was not as described, in the order in which they came.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.seen().violations.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn judge(&self, method: &str, path: &str, asked: Option<&Value>, status: u16, answer: Option<&Value>) {
        let mut seen = self.seen();
        seen.calls += 1;
        let is_batch = address::is_batch(path);
        let request = self.contract.check_request(method, path, asked);
        let response = match (is_batch, asked, answer) {
            (true, Some(asked), Some(answer)) if status == 200 => self.contract.check_batch(asked, answer),
            (true, ..) => Ok(()),
            (false, ..) => self.contract.check_response(method, path, status, answer),
        };
        let wrong = [request, response].into_iter().filter_map(Result::err);
        seen.violations
            .extend(wrong.map(|error| format!("{method} {path} ({status}): {error}")));
    }
}

async fn pass(State(watch): State<Watch>, request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with(GRAPH) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let Ok(asked) = to_bytes(body, MOST).await else {
        return axum::http::StatusCode::BAD_REQUEST.into_response();
    };
    let (method, path) = (parts.method.to_string(), parts.uri.to_string());
    let request = Request::from_parts(parts, Body::from(asked.clone()));
    let (parts, body) = next.run(request).await.into_parts();
    let Ok(answer) = to_bytes(body, MOST).await else {
        return axum::http::StatusCode::BAD_GATEWAY.into_response();
    };
    let status = parts.status.as_u16();
    watch.judge(
        &method,
        &path,
        value(&asked).as_ref(),
        status,
        value(&answer).as_ref(),
    );
    Response::from_parts(parts, Body::from(answer))
}

/// The JSON value that bytes spell; a plain text is given as the value it is.
fn value(bytes: &Bytes) -> Option<Value> {
    if bytes.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(bytes);
    Some(serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned())))
}
