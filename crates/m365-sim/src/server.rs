//! HTTP: from the wire to [`Request`]s and back.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use axum::routing::{any, get};
use serde_json::Value;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::Inner;
use crate::error::{Error, Trace};
use crate::fault::FaultKind;
use crate::message::{Content, Headers, Method, Reply, Request};
use crate::plug::{Plug, PluggedListener};
use crate::query::encoding;
use crate::token::{self, TokenForm};
use crate::{graph, moment, state};

/// Graph takes no request body above this many bytes.
const MAX_BODY: usize = 4 * 1024 * 1024;
const JSON: &str =
    "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
/// Request headers that have a meaning here.
const HEADERS: [&str; 6] = [
    "authorization",
    "client-request-id",
    "consistencylevel",
    "content-type",
    "prefer",
    "x-ms-throttle-priority",
];

pub(crate) fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/", get(front_page))
        .route("/_sim/state", get(sim_state))
        .route("/{tenant}/oauth2/v2.0/token", any(entra))
        .fallback(any(graph_call))
        .with_state(inner)
}

pub(crate) async fn serve(inner: Arc<Inner>, listener: TcpListener) -> io::Result<()> {
    let service = router(inner).into_make_service_with_connect_info::<Plug>();
    axum::serve(PluggedListener(listener), service).await
}

async fn front_page(State(inner): State<Arc<Inner>>) -> Response<Body> {
    let settings = &inner.settings;
    let text = format!(
        "A simulated Microsoft 365, tenant {} ({}).\n\n\
         Token endpoint  POST /{}/oauth2/v2.0/token\n\
         Microsoft Graph /v1.0\n\
         What it holds   GET /_sim/state   (not part of Graph)\n",
        settings.display_name, settings.tenant_id, settings.tenant_id
    );
    plain(200, "text/plain; charset=utf-8", Body::from(text))
}

async fn sim_state(State(inner): State<Arc<Inner>>) -> Response<Body> {
    plain(
        200,
        "application/json",
        Body::from(state::snapshot(&inner).to_string()),
    )
}

async fn entra(
    State(inner): State<Arc<Inner>>,
    Path(tenant): Path<String>,
    method: axum::http::Method,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    if method != axum::http::Method::POST {
        let text = "AADSTS900561: The endpoint only accepts POST requests. Received a GET request.";
        let body = serde_json::json!({"error": "invalid_request", "error_description": text, "error_codes": [900_561]});
        return plain(
            400,
            "application/json; charset=utf-8",
            Body::from(body.to_string()),
        );
    }
    let body = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let form = TokenForm {
        tenant: &tenant,
        authorization: text(&headers, "authorization"),
        fields: encoding::pairs(&String::from_utf8_lossy(&body)),
        host: text(&headers, "host").unwrap_or_default(),
    };
    let (status, body) = token::answer(&inner.settings, &form, inner.now());
    if status == 200 {
        inner.tenant().counters.tokens += 1;
    }
    let mut response = plain(
        status,
        "application/json; charset=utf-8",
        Body::from(body.to_string()),
    );
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store, no-cache"),
    );
    response
}

async fn graph_call(State(inner): State<Arc<Inner>>, request: axum::extract::Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let plug = parts
        .extensions
        .get::<ConnectInfo<Plug>>()
        .map(|info| info.0.clone());
    if !inner.settings.latency.is_zero() {
        tokio::time::sleep(inner.settings.latency).await;
    }
    let trace = trace(&parts.headers, inner.now());
    let fault = inner.faults().strike(parts.method.as_str(), parts.uri.path());
    if let Some(kind) = &fault
        && let Some(response) = instead(kind, plug.as_ref(), &trace).await
    {
        return response;
    }
    let host = text(&parts.headers, "host").unwrap_or("localhost").to_owned();
    let url = parts.uri.path_and_query().map_or("/", |url| url.as_str());
    let reply = match to_bytes(body, MAX_BODY).await {
        Ok(body) => match read(parts.method.as_str(), url, &host, &parts.headers, &body) {
            Ok(request) => graph::answer(&inner, &request, &host, &trace),
            Err(error) => Reply::error(&error, &trace),
        },
        Err(_) => Reply::error(
            &Error::new(413, "RequestEntityTooLarge", "The request body is too large."),
            &trace,
        ),
    };
    if let (Some(kind), Some(plug)) = (&fault, &plug) {
        match kind {
            FaultKind::LoseAnswer => plug.pull_after(0),
            FaultKind::Truncate(bytes) => plug.pull_after(*bytes),
            _ => {}
        }
    }
    respond(reply, &trace)
}

/// The answer that a fault gives without carrying the request out.
async fn instead(kind: &FaultKind, plug: Option<&Plug>, trace: &Trace) -> Option<Response<Body>> {
    match kind {
        FaultKind::Status(status) => {
            let error = Error::new(
                *status,
                "serviceNotAvailable",
                "The service is temporarily unavailable.",
            );
            let error = if *status == 503 {
                error.header("Retry-After", "1")
            } else {
                error
            };
            Some(respond(Reply::error(&error, trace), trace))
        }
        FaultKind::Html => {
            let page =
                "<!DOCTYPE html><html><body><h1>Our services aren't available right now</h1></body></html>";
            Some(plain(200, "text/html", Body::from(page)))
        }
        FaultKind::Drop => {
            if let Some(plug) = plug {
                plug.pull_after(0);
            }
            Some(plain(503, "text/plain", Body::empty()))
        }
        FaultKind::Hang => std::future::pending().await,
        FaultKind::LoseAnswer | FaultKind::Truncate(_) => None,
    }
}

fn read(method: &str, url: &str, host: &str, headers: &HeaderMap, body: &Bytes) -> Result<Request, Error> {
    let method = Method::parse(method).ok_or_else(|| {
        Error::new(
            405,
            "Request_BadRequest",
            format!("Method {method} is not allowed."),
        )
    })?;
    let Some(rest) = url
        .strip_prefix("/v1.0")
        .filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    else {
        return Err(Error::malformed("Invalid version. Only v1.0 is offered here."));
    };
    let mut request = Request::parse(method, rest, &format!("http://{host}/v1.0"))?;
    let known = HEADERS
        .iter()
        .filter_map(|name| text(headers, name).map(|value| ((*name).to_owned(), value.to_owned())));
    request.headers = Headers(known.collect());
    request.body = parse_body(&request, body)?;
    Ok(request)
}

fn parse_body(request: &Request, body: &Bytes) -> Result<Option<Value>, Error> {
    if body.is_empty() || request.method == Method::Get {
        return Ok(None);
    }
    if !request
        .headers
        .get("content-type")
        .is_some_and(|kind| kind.trim_start().starts_with("application/json"))
    {
        return Err(Error::new(
            415,
            "UnsupportedMediaType",
            "The content type of the request body must be application/json.",
        ));
    }
    let wrong = |error: serde_json::Error| {
        Error::malformed(format!(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format: {error}."
        ))
    };
    serde_json::from_slice(body).map(Some).map_err(wrong)
}

fn trace(headers: &HeaderMap, now: i64) -> Trace {
    let request_id = Uuid::new_v4().to_string();
    let given = text(headers, "client-request-id").filter(|id| !id.is_empty() && id.len() <= 64);
    let client_request_id = given.map_or_else(|| request_id.clone(), str::to_owned);
    Trace {
        request_id,
        client_request_id,
        date: moment::bare(now),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn respond(reply: Reply, trace: &Trace) -> Response<Body> {
    let mut response = match reply.content {
        Content::Empty => plain(reply.status, "", Body::empty()),
        Content::Json(body) => plain(reply.status, JSON, Body::from(body.to_string())),
        Content::Text(body) => plain(reply.status, "text/plain", Body::from(body)),
    };
    let headers = response.headers_mut();
    let own = [
        ("request-id", trace.request_id.clone()),
        ("client-request-id", trace.client_request_id.clone()),
        (
            "x-ms-ags-diagnostic",
            r#"{"ServerInfo":{"DataCenter":"Simulated","Slice":"E","Ring":"1","ScaleUnit":"000"}}"#
                .to_owned(),
        ),
        ("odata-version", "4.0".to_owned()),
    ];
    for (name, value) in own.into_iter().chain(reply.headers) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}

fn plain(status: u16, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !content_type.is_empty() {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}
