//! `/api/v1/settings` and `/api/v1/notification`: limits, what is kept for how long, and who is written to. What is kept
//! for how long is an owner's to change, in the console or by the command line.

use super::body;
use super::caller::{Configurer, Reader};
use super::etag::{Match, Tag};
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Json, Response};
use provost_connect::Secret;
use provost_store::Tx;
use provost_store::retention::Retention;
use provost_sync::notify::Settings as Mail;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Settings", summary);
    api.get(
        "/api/v1/settings",
        Act::Look,
        show,
        about("limits, and what is kept for how long").answers::<Settings>(),
    )
    .get(
        "/api/v1/notification",
        Act::Look,
        mail,
        about("who is written to; the password is never shown")
            .answers::<shape::mail::Settings>()
            .tagged(),
    )
    .put(
        "/api/v1/notification",
        Act::Configure,
        set_mail,
        about("all settings of mail, with the server's `password` where it is new")
            .body::<MailChange>()
            .answers::<shape::mail::Settings>()
            .tagged()
            .conditional(),
    )
    .post(
        "/api/v1/notification/test",
        Act::Configure,
        test,
        about("sends a mail now, to see that the settings are right").answers::<Sent>(),
    )
}

/// What the installation accepts, and what the workspace keeps for how long.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Settings {
    /// The address under which clients reach this server.
    public_url: Option<String>,
    api: RateLimit,
    requests: RequestLimits,
    kept: Kept,
}

/// How fast one token may ask.
#[derive(Serialize, JsonSchema)]
struct RateLimit {
    per_second: u32,
    burst: u32,
}

/// How much a request may have.
#[derive(Serialize, JsonSchema)]
struct RequestLimits {
    body_bytes: usize,
    bulk_bytes: usize,
    bulk_operations: usize,
    import_operations: usize,
    page: u64,
    max_page: u64,
}

/// Days that something is kept.
#[derive(Serialize, JsonSchema)]
struct Kept {
    provisioning_log_days: u32,
}

async fn show(extract::State(state): extract::State<State>, caller: Reader) -> Result<Json<Settings>> {
    let workspace = caller.workspace();
    let retention = state
        .db()
        .read_short(move |tx: &mut Tx| Retention::of(tx, workspace))
        .await?;
    let (own, limits) = (state.settings(), state.settings().limits);
    Ok(Json(Settings {
        public_url: own.public_url.clone(),
        api: RateLimit {
            per_second: own.api_rate.per_second,
            burst: own.api_rate.burst,
        },
        requests: RequestLimits {
            body_bytes: limits.body_bytes,
            bulk_bytes: limits.bulk_bytes,
            bulk_operations: limits.bulk_operations,
            import_operations: own.import_operations.0,
            page: limits.page,
            max_page: limits.max_page,
        },
        kept: Kept {
            provisioning_log_days: retention.provisioning_log_days,
        },
    }))
}

async fn mail(extract::State(state): extract::State<State>, caller: Reader) -> Result<Response> {
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    let settings = engine.notification(caller.workspace()).await?;
    Ok(Tag::of(&settings).on(StatusCode::OK, settings))
}

/// The settings of mail.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailChange {
    #[schemars(with = "shape::mail::Settings")]
    settings: Mail,
    /// The mail server's password: a new one, or an empty one for none; without it, the one that is there stays.
    #[serde(default)]
    password: Option<String>,
}

async fn set_mail(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let condition = Match::of(&headers)?;
    let MailChange { settings, password } = body::read(&state, &headers, body).await?;
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    let workspace = caller.workspace();
    condition.check_state(&engine.notification(workspace).await?)?;
    let password = password.map(Secret::new);
    engine
        .set_notification(workspace, &caller.actor(), &settings, password.as_ref())
        .await?;
    Ok(Tag::of(&settings).on(StatusCode::OK, settings))
}

/// What the mail server said.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MailSent")]
pub(crate) struct Sent {
    message: String,
}

async fn test(extract::State(state): extract::State<State>, caller: Configurer) -> Result<Json<Sent>> {
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    let message = engine.test_notification(caller.workspace()).await?;
    Ok(Json(Sent { message }))
}
