//! HTTP: from the wire to [`Request`]s and back.

mod consent;
mod discovery;
mod entra;
pub(crate) mod form;
mod login;
mod saml;
mod spoil;
mod wire;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Response, request};
use axum::routing::{any, get};
use serde_json::Value;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::Inner;
use crate::error::{Error, Trace};
use crate::fault::{Asked, Effect, Place};
use crate::message::{Headers, Method, Reply, Request};
use crate::plug::{Plug, PluggedListener};
use crate::settings::{Settings, Spread};
use crate::{control, graph, moment, notice, state};
use spoil::Struck;
use wire::{respond, text};

pub(crate) use spoil::{LOST, answer as fault_answer};
pub(crate) use wire::{page, plain};

/// Graph takes no request body above this many bytes.
const MAX_BODY: usize = 4 * 1024 * 1024;
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
        .merge(control::routes(Arc::clone(&inner)))
        .route("/{tenant}/oauth2/v2.0/token", any(entra::token))
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(discovery::document),
        )
        .route("/{tenant}/discovery/v2.0/keys", get(consent::keys))
        .route(
            "/{tenant}/v2.0/adminconsent",
            get(consent::ask).post(consent::answer),
        )
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(consent::authorize).post(consent::enter_as),
        )
        .route("/{tenant}/saml2", get(saml::sign_in).post(saml::sign_in))
        .route(
            "/{tenant}/federationmetadata/2007-06/federationmetadata.xml",
            get(saml::metadata),
        )
        .route("/login.srf", get(login::open).post(login::take))
        .route("/logout.srf", get(login::leave))
        .route("/getuserrealm.srf", get(login::old_realm))
        .route("/{tenant}/userrealm/{user}", get(login::realm))
        .route(
            "/federationmetadata/saml20/federationmetadata.xml",
            get(login::metadata),
        )
        .route("/_sim/consent.css", get(crate::page::style))
        .route("/_sim/submit.js", get(form::script))
        .fallback(any(graph_call))
        .with_state(inner)
}

pub(crate) async fn serve(inner: Arc<Inner>, listener: TcpListener) -> io::Result<()> {
    let service = router(inner).into_make_service_with_connect_info::<Plug>();
    axum::serve(PluggedListener(listener), service).await
}

async fn front_page(State(inner): State<Arc<Inner>>) -> Response<Body> {
    let settings = inner.settings();
    let text = format!(
        "A simulated Microsoft 365, tenant {} ({}).\n\n\
         Token endpoint  POST /{}/oauth2/v2.0/token\n\
         Administrator's consent  GET /{{tenant}}/v2.0/adminconsent\n\
         Sign-in by SAML  /{{tenant}}/saml2, its metadata /{{tenant}}/federationmetadata/2007-06/federationmetadata.xml?appid=\n\
         Sign-in of federated domains  /login.srf\n\
         Whose a domain is  GET /{{domain}}/v2.0/.well-known/openid-configuration\n\
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

async fn graph_call(State(inner): State<Arc<Inner>>, request: axum::extract::Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let plug = parts
        .extensions
        .get::<ConnectInfo<Plug>>()
        .map(|info| info.0.clone());
    linger(&inner, &inner.settings()).await;
    let mut trace = trace(&parts.headers, inner.now());
    let host = text(&parts.headers, "host").unwrap_or("localhost").to_owned();
    let url = parts.uri.path_and_query().map_or("/", |url| url.as_str());
    let effect = strike(&inner, &parts);
    trace.fault = effect.is_some();
    let address = format!("http://{host}{url}");
    let struck = effect.as_ref().map(|effect| Struck {
        effect,
        plug: plug.as_ref(),
        trace: &trace,
        now: inner.now(),
        address: &address,
    });
    if let Some(struck) = &struck
        && let Some((status, response)) = struck.instead().await
    {
        graph::note_outer(&inner, parts.method.as_str(), parts.uri.path(), status, &trace);
        return response;
    }
    let reply = match to_bytes(body, MAX_BODY).await {
        Ok(body) => match read(parts.method.as_str(), url, &host, &parts.headers, &body) {
            Ok(mut request) => {
                notice::validate(&inner, &host, &mut request).await;
                let reply = graph::answer(&inner, &request, &host, &trace);
                notice::deliver(&inner);
                reply
            }
            Err(error) => Reply::error(&error, &trace),
        },
        Err(_) => Reply::error(
            &Error::new(413, "RequestEntityTooLarge", "The request body is too large."),
            &trace,
        ),
    };
    match struck {
        Some(struck) => struck.spoil(reply, &mut inner.dice()),
        None => respond(reply, &trace),
    }
}

/// Waits as long as answers take.
async fn linger(inner: &Inner, settings: &Settings) {
    let mut latency = settings.latency;
    if settings.latency_spread != Spread::default() {
        latency += settings.latency_spread.at(inner.dice().share());
    }
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
}

/// The fault that befalls this request, if any.
fn strike(inner: &Inner, parts: &request::Parts) -> Option<Effect> {
    let path = parts.uri.path();
    let asked = Asked {
        method: parts.method.as_str(),
        written: parts.uri.path_and_query().map_or(path, |url| url.as_str()),
        segments: &graph::segments(path),
        place: Place::Outer,
    };
    inner.faults().strike(&asked)
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
        in_batch: false,
        fault: false,
    }
}
