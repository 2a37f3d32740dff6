//! What applications ask by themselves: JSON, and the errors of RFC 6749 section 5.2 and RFC 6750 section 3.

use super::{form, within};
use crate::console::refusal::Refusal;
use crate::oauth;
use crate::signin::knock::Knock;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, FromRequest, FromRequestParts as _, Path, Request};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use provost_signin::Error;
use provost_signin::openid::{Answer, Credentials, Fault, Openid, Parameters, Refused};
use provost_store::workspace::Workspace;
use serde_json::{Value, json};

/// How long descriptions and keys may be kept. New keys are published a day before they sign.
const KEEP: &str = "public, max-age=3600";

type Place = Result<Path<String>, PathRejection>;

/// What the provider says about itself.
pub(super) async fn description(extract::State(state): extract::State<State>, place: Place) -> Response {
    match named(&state, place).await {
        Ok((provider, workspace)) => kept(&provider.describe(&workspace)),
        Err(refusal) => refusal,
    }
}

/// The keys that verify tokens.
pub(super) async fn keys(extract::State(state): extract::State<State>, place: Place) -> Response {
    match named(&state, place).await {
        Ok((provider, workspace)) => match provider.published(workspace.key, now()).await {
            Ok(keys) => kept(&keys),
            Err(error) => refused(Fault::Broken(error), false),
        },
        Err(refusal) => refusal,
    }
}

/// Keeps what an application asks.
pub(super) async fn push(knock: Knock, asked: Asked) -> Response {
    let pushed = asked
        .provider
        .push(
            &asked.workspace,
            &asked.credentials,
            &asked.parameters,
            &knock.visit,
            now(),
        )
        .await;
    match pushed {
        Ok(answer) => oauth::answer(StatusCode::CREATED, &answer),
        Err(fault) => refused(fault, asked.by_header),
    }
}

/// Gives tokens.
pub(super) async fn token(asked: Asked) -> Response {
    let given = asked
        .provider
        .token(&asked.workspace, &asked.credentials, &asked.parameters, now())
        .await;
    told(given, asked.by_header)
}

/// Says whether a token is good.
pub(super) async fn introspect(asked: Asked) -> Response {
    let said = asked
        .provider
        .introspect(&asked.workspace, &asked.credentials, &asked.parameters, now())
        .await;
    told(said, asked.by_header)
}

/// Takes a token back.
pub(super) async fn revoke(asked: Asked) -> Response {
    let done = asked
        .provider
        .revoke(&asked.workspace, &asked.credentials, &asked.parameters, now())
        .await;
    told(done.map(|()| json!({})), asked.by_header)
}

/// Says what is known of the person whose token this is: the header carries it, or the form (RFC 6750 section 2).
pub(super) async fn userinfo(
    extract::State(state): extract::State<State>,
    place: Place,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (provider, workspace) = match named(&state, place).await {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let mut token = bearer(&headers);
    if token.is_none() && method == Method::POST {
        token = match form(body).await {
            Ok(sent) => sent.once("access_token").ok().flatten().map(str::to_owned),
            Err(status) => return status.into_response(),
        };
    }
    let Some(token) = token else {
        return challenge("Bearer");
    };
    match provider.userinfo(&workspace, &token, now()).await {
        Ok(claims) => oauth::answer(StatusCode::OK, &claims),
        Err(Fault::Refused(_)) => challenge("Bearer error=\"invalid_token\""),
        Err(fault) => refused(fault, false),
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("Bearer")
        .then(|| token.trim().to_owned())
}

fn challenge(value: &'static str) -> Response {
    let mut response = oauth::answer(
        StatusCode::UNAUTHORIZED,
        &json!({"error": "invalid_token", "error_description": "a live access token is needed"}),
    );
    response
        .headers_mut()
        .insert(WWW_AUTHENTICATE, HeaderValue::from_static(value));
    response
}

/// What an application sent, and to whom.
pub(super) struct Asked {
    provider: Openid,
    workspace: Workspace,
    credentials: Credentials,
    parameters: Parameters,
    /// Whether it proves itself in a header: then a refusal names that way.
    by_header: bool,
}

impl FromRequest<State> for Asked {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let place = Path::from_request_parts(&mut parts, state).await;
        let (provider, workspace) = named(state, place).await?;
        if !is_form(&parts.headers) {
            let wrong = json!({
                "error": "invalid_request", "error_description": "the body must be application/x-www-form-urlencoded",
            });
            return Err(oauth::answer(StatusCode::BAD_REQUEST, &wrong));
        }
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        Ok(Self {
            provider,
            workspace,
            credentials: Credentials {
                basic: header.and_then(oauth::basic),
            },
            by_header: header.is_some(),
            parameters: form(body).await.map_err(IntoResponse::into_response)?,
        })
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| {
        kind.to_ascii_lowercase()
            .starts_with("application/x-www-form-urlencoded")
    })
}

async fn named(state: &State, place: Place) -> Result<(Openid, Workspace), Response> {
    let Path(id) = place.map_err(|_| nowhere())?;
    within(state, &id).await.map_err(|refusal| match refusal {
        Refusal::Absent(_) => nowhere(),
        other => other.into_response(),
    })
}

fn nowhere() -> Response {
    oauth::answer(StatusCode::NOT_FOUND, &json!({"error": "not_found"}))
}

fn kept(value: &Value) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (CACHE_CONTROL, HeaderValue::from_static(KEEP)),
    ];
    (headers, value.to_string()).into_response()
}

fn told(answer: Answer<Value>, by_header: bool) -> Response {
    match answer {
        Ok(value) => oauth::answer(StatusCode::OK, &value),
        Err(fault) => refused(fault, by_header),
    }
}

fn refused(fault: Fault, by_header: bool) -> Response {
    match fault {
        Fault::Refused(Refused { error, description }) => {
            let body = json!({"error": error, "error_description": description});
            if error != "invalid_client" {
                return oauth::answer(StatusCode::BAD_REQUEST, &body);
            }
            let mut response = oauth::answer(StatusCode::UNAUTHORIZED, &body);
            if by_header {
                let way = HeaderValue::from_static("Basic realm=\"provost\"");
                response.headers_mut().insert(WWW_AUTHENTICATE, way);
            }
            response
        }
        Fault::Broken(Error::Wait { seconds }) => {
            let body = json!({"error": "temporarily_unavailable", "error_description": "too many requests"});
            let mut response = oauth::answer(StatusCode::TOO_MANY_REQUESTS, &body);
            if let Ok(value) = HeaderValue::try_from(seconds.to_string()) {
                response.headers_mut().insert(RETRY_AFTER, value);
            }
            response
        }
        Fault::Broken(error) => {
            tracing::warn!(%error, "an application could not be answered");
            let body = json!({"error": "temporarily_unavailable", "error_description": "try again"});
            oauth::answer(StatusCode::SERVICE_UNAVAILABLE, &body)
        }
    }
}
