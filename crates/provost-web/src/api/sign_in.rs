//! `/api/v1/connections/{name}/sign-in`: how people sign in to the application behind a connection; and `/signing-keys`, by
//! which its tokens are signed.

use super::body;
use super::caller::{Configurer, Reader};
use super::connections::{self, parameters};
use super::moment::Moment;
use super::paging::Page;
use super::path::Path;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use crate::policy::Act;
use crate::state::{State, now};
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use provost_signin::openid::{Change, Openid, Roll, Settings, Shown, SigningKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::str::FromStr;
use uuid::Uuid;

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Sign-in to applications", summary);
    api.get(
        "/api/v1/connections/{name}/sign-in",
        Act::Look,
        show,
        about("how people sign in to this application, and where it finds what it needs").answers::<SignIn>(),
    )
    .patch(
        "/api/v1/connections/{name}/sign-in",
        Act::Configure,
        change,
        about("sets the sign-in up, or changes what is named")
            .body::<Altered>()
            .answers::<SignIn>(),
    )
    .post(
        "/api/v1/connections/{name}/sign-in/secrets",
        Act::Configure,
        add_secret,
        about("makes a secret, which is shown this once; there are two at most").makes::<NewSecret>(),
    )
    .delete(
        "/api/v1/connections/{name}/sign-in/secrets/{key}",
        Act::Configure,
        remove_secret,
        about("withdraws a secret").silent(),
    )
    .get(
        "/api/v1/connections/{name}/sign-in/people",
        Act::Look,
        people,
        about("who has signed in, newest first")
            .query::<Page>()
            .answers::<SignIns>(),
    )
    .get(
        "/api/v1/signing-keys",
        Act::Look,
        keys,
        about("the keys that sign the tokens of this workspace").answers::<Keys>(),
    )
    .post(
        "/api/v1/signing-keys",
        Act::Configure,
        roll,
        about("makes a new key for each algorithm, which signs a day later")
            .body::<Rolled>()
            .answers::<Keys>(),
    )
}

/// How people sign in to an application.
#[derive(Serialize, JsonSchema)]
struct SignIn {
    connection: String,
    /// Whether it was ever set up.
    is_set_up: bool,
    /// Whether anybody can sign in.
    enabled: bool,
    /// What the application calls itself.
    client_id: Option<String>,
    /// The address that most applications ask for; the others are found below it.
    issuer: String,
    /// `secret`, `private_key_jwt` or `public`.
    authentication: &'static str,
    jwks: Value,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    back_channel_logout_uri: Option<String>,
    require_par: bool,
    /// `RS256` or `ES256`.
    algorithm: &'static str,
    /// `public` or `pairwise`.
    subject: &'static str,
    home: Option<String>,
    secrets: Vec<Secret>,
}

/// A secret, without itself.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SignInSecret")]
struct Secret {
    key: i64,
    actor: String,
    created: Moment,
    /// To the hour.
    last_used: Option<Moment>,
}

fn shape(connection: String, shown: Shown) -> SignIn {
    let application = shown.application;
    let settings = application
        .as_ref()
        .map(|one| one.settings.clone())
        .unwrap_or_default();
    let Settings {
        authentication,
        jwks,
        redirect_uris,
        post_logout_redirect_uris,
        back_channel_logout_uri,
        require_par,
        algorithm,
        subject,
        home,
    } = settings;
    let secret = |one: provost_signin::openid::Secret| Secret {
        key: one.key,
        actor: one.actor,
        created: Moment::at(one.created),
        last_used: one.last_used.map(Moment::at),
    };
    SignIn {
        connection,
        is_set_up: application.is_some(),
        enabled: application.as_ref().is_some_and(|one| one.enabled),
        client_id: application.map(|one| one.client_id),
        issuer: shown.issuer,
        authentication: authentication.as_str(),
        jwks,
        redirect_uris,
        post_logout_redirect_uris,
        back_channel_logout_uri,
        require_par,
        algorithm: algorithm.as_str(),
        subject: subject.as_str(),
        home,
        secrets: shown.secrets.into_iter().map(secret).collect(),
    }
}

fn provider(state: &State) -> Result<Openid> {
    let signin = state.signin().ok_or_else(Problem::without_engine)?;
    Ok(signin.openid(provost_sync::is_meant))
}

async fn show(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<SignIn>> {
    let found = connections::find(&state, caller.workspace(), &name).await?;
    let shown = provider(&state)?.shown(&found).await?;
    Ok(Json(shape(found.name, shown)))
}

/// What changes; what is left out stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SignInChange")]
pub(crate) struct Altered {
    /// Whether anybody can sign in.
    enabled: Option<bool>,
    /// `secret`, `private_key_jwt` or `public`.
    authentication: Option<String>,
    /// The application's public keys, as a JSON Web Key Set.
    jwks: Option<Value>,
    /// Where browsers may be sent back: whole addresses.
    redirect_uris: Option<Vec<String>>,
    /// Where they may be sent after signing out.
    post_logout_redirect_uris: Option<Vec<String>>,
    /// Where the application is told that somebody has signed out; empty for nowhere.
    back_channel_logout_uri: Option<String>,
    /// Whether it has to push its requests (RFC 9126).
    require_par: Option<bool>,
    /// `RS256` or `ES256`.
    algorithm: Option<String>,
    /// `public` or `pairwise`; another one gives everybody another name there.
    subject: Option<String>,
    /// Where people begin to use it; empty for nowhere.
    home: Option<String>,
}

fn word<T: FromStr<Err = provost_store::Error>>(text: Option<String>) -> Result<Option<T>> {
    Ok(text.as_deref().map(str::parse).transpose()?)
}

async fn change(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SignIn>> {
    let altered: Altered = body::read(&state, &headers, body).await?;
    let found = connections::find(&state, caller.workspace(), &name).await?;
    let change = Change {
        enabled: altered.enabled,
        authentication: word(altered.authentication)?,
        jwks: altered.jwks,
        redirect_uris: altered.redirect_uris,
        post_logout_redirect_uris: altered.post_logout_redirect_uris,
        back_channel_logout_uri: altered.back_channel_logout_uri,
        require_par: altered.require_par,
        algorithm: word(altered.algorithm)?,
        subject: word(altered.subject)?,
        home: altered.home,
    };
    let provider = provider(&state)?;
    provider.change(&caller.actor(), &found, change, now()).await?;
    let shown = provider.shown(&found).await?;
    Ok(Json(shape(found.name, shown)))
}

/// A secret that was made just now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewSignInSecret")]
struct NewSecret {
    key: i64,
    /// It is shown this once.
    secret: String,
}

async fn add_secret(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<NewSecret>)> {
    let found = connections::find(&state, caller.workspace(), &name).await?;
    let (made, secret) = provider(&state)?
        .add_secret(&caller.actor(), &found, now())
        .await?;
    let key = made.key;
    Ok((StatusCode::CREATED, Json(NewSecret { key, secret })))
}

async fn remove_secret(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path((name, key)): Path<(String, i64)>,
) -> Result<StatusCode> {
    let found = connections::find(&state, caller.workspace(), &name).await?;
    provider(&state)?
        .remove_secret(&caller.actor(), &found, key, now())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A sign-in to an application.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ApplicationSignIn")]
struct Line {
    key: i64,
    /// None while they are deleted.
    id: Option<Uuid>,
    label: String,
    scope: String,
    created: Moment,
    /// When the application last fetched tokens.
    last_used: Moment,
    expires: Moment,
    ended: Option<Moment>,
    /// `signed_out`, `closed`, `off`, `revoked` or `reused`; empty while it goes on.
    why: String,
}

/// A page of sign-ins.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ApplicationSignIns")]
pub(crate) struct SignIns {
    people: Vec<Line>,
    next: Option<String>,
}

async fn people(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    page: std::result::Result<Query<Page>, QueryRejection>,
) -> Result<Json<SignIns>> {
    let page = parameters(page)?;
    let found = connections::find(&state, caller.workspace(), &name).await?;
    let sighted = provider(&state)?
        .entries(&found, page.key()?, page.lines())
        .await?;
    let line = |one: provost_signin::openid::Line| Line {
        key: one.entry.key,
        id: one.id,
        label: one.label,
        scope: one.entry.scope,
        created: Moment::at(one.entry.created),
        last_used: Moment::at(one.entry.last_used),
        expires: Moment::at(one.entry.expires),
        ended: one.entry.ended.map(Moment::at),
        why: one.entry.why,
    };
    Ok(Json(SignIns {
        people: sighted.lines.into_iter().map(line).collect(),
        next: sighted.next.map(|key| key.to_string()),
    }))
}

/// The keys of a workspace.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SigningKeys")]
pub(crate) struct Keys {
    signing_keys: Vec<KeyLine>,
}

/// A key, without its private half.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SigningKey")]
struct KeyLine {
    /// Its name in tokens.
    kid: String,
    /// `RS256` or `ES256`.
    algorithm: &'static str,
    created: Moment,
    /// From when it signs.
    begins: Moment,
    /// Until when it is published; none while it is the newest.
    ends: Option<Moment>,
}

fn listed(keys: Vec<SigningKey>) -> Json<Keys> {
    let line = |one: SigningKey| KeyLine {
        kid: one.kid,
        algorithm: one.algorithm.as_str(),
        created: Moment::at(one.created),
        begins: Moment::at(one.begins),
        ends: one.ends.map(Moment::at),
    };
    Json(Keys {
        signing_keys: keys.into_iter().map(line).collect(),
    })
}

async fn keys(extract::State(state): extract::State<State>, caller: Reader) -> Result<Json<Keys>> {
    Ok(listed(provider(&state)?.keys(caller.workspace()).await?))
}

/// How the new keys take over.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SigningKeysChange")]
pub(crate) struct Rolled {
    /// At once, and those before them are not published any more: for a key that somebody else has.
    #[serde(default)]
    now: bool,
}

async fn roll(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Keys>> {
    let rolled: Rolled = body::read(&state, &headers, body).await?;
    let roll = if rolled.now { Roll::Now } else { Roll::Orderly };
    let provider = provider(&state)?;
    provider
        .roll(caller.workspace(), roll, &caller.actor(), now())
        .await?;
    Ok(listed(provider.keys(caller.workspace()).await?))
}
