//! `GET /setup/{key}`: what a customer's administrator does at their identity provider, with pictures, the address and
//! the token, and live checks of what arrives. Nobody signs in: who has the address may make one token through it, until
//! it expires or is revoked.

mod consent;
mod guide;
pub mod key;
mod limit;
mod live;
mod pictures;

use super::authenticate::Known;
use super::place;
use crate::console::page::{self, Frame};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, DAY};
use crate::form;
use crate::network::Peer;
use crate::policy::{Policy, Routes};
use crate::state::{State, now};
use crate::texts::{Language, text};
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Extension, Path, Query};
use axum::http::header::{ACCEPT_LANGUAGE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use consent::Consent;
use guide::{Step, System};
use live::Live;
use provost_scim::leniency::Dialect;
use provost_store::provider::Provider;
use provost_store::setup_link::{self, SetupLink};
use provost_store::{Error as Store, Tx, attempt, provider, token, workspace};
use serde::Deserialize;

/// Days for which a token that is made here is valid.
const VALID: i64 = 365;

/// The pages, which nobody signs in for.
pub(super) fn routes(routes: Routes) -> Routes {
    let open = Policy::Public(
        "a customer's administrator has no account here; the key in the address is what opens it",
    );
    routes
        .get("/setup/{key}", open, show)
        .get("/setup/{key}/live", open, refresh)
        .post("/setup/{key}/token", open, mint)
        .post(
            "/setup/{key}/consent",
            Policy::Open(
                "a customer's administrator has no account here; the key in the address is what opens it",
            ),
            consent::begin,
        )
        .get(
            "/setup-pictures/{name}",
            Policy::Public("the pictures of the setup page"),
            pictures::picture,
        )
}

#[derive(Template)]
#[template(path = "providers/setup.html")]
struct Page {
    frame: Frame,
    workspace: String,
    provider: String,
    expires: String,
    tenant_url: String,
    is_reachable: bool,
    /// A token that was made just now.
    token: Option<String>,
    /// Why none can be made; empty when one can.
    why: String,
    action: String,
    /// Address, name and whether it is chosen, of each identity provider.
    systems: Vec<(String, String, bool)>,
    steps: Vec<Step>,
    /// The consent of the tenant; none where nothing can be consented to.
    consent: Option<Consent>,
    live: Live,
    from: String,
}

/// The checks alone, for the script that asks for them again.
#[derive(Template)]
#[template(path = "providers/setup_live.html")]
struct Fragment {
    frame: Frame,
    live: Live,
}

/// What stands behind the question mark.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    system: String,
}

/// A link that works, and what it is about.
struct Opened {
    link: SetupLink,
    provider: Provider,
    consent: Known,
    workspace: String,
    people: i64,
    groups: i64,
    /// The newest request that failed: when, and why.
    failed: Option<(i64, String)>,
    /// When the token was made that belongs to the link.
    token: Option<i64>,
}

type Wanted = std::result::Result<Query<Asked>, QueryRejection>;
type Caller = Option<Extension<Peer>>;

/// The page.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    Path(text): Path<String>,
    asked: Wanted,
    peer: Caller,
    headers: HeaderMap,
) -> Result<Response> {
    let opened = match open(&state, &text, peer, &headers).await? {
        Ok(opened) => opened,
        Err(refusal) => return Ok(refusal),
    };
    if opened.link.opened.is_none() {
        let link = opened.link.clone();
        state
            .db()
            .write(move |tx| setup_link::note_opened(tx, &link, now()))
            .await?;
    }
    let Query(asked) = asked.unwrap_or_default();
    let page = view(&state, &headers, &text, opened, &asked, None, String::new());
    Ok(page::html(StatusCode::OK, &page))
}

/// The checks.
pub(crate) async fn refresh(
    extract::State(state): extract::State<State>,
    Path(text): Path<String>,
    peer: Caller,
    headers: HeaderMap,
) -> Result<Response> {
    let opened = match open(&state, &text, peer, &headers).await? {
        Ok(opened) => opened,
        Err(refusal) => return Ok(refusal),
    };
    let language = language(&headers);
    let page = Fragment {
        frame: Frame::bare(language, ""),
        live: Live::of(&opened, &clock(language)),
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// Makes the link's one token, and shows it once.
pub(crate) async fn mint(
    extract::State(state): extract::State<State>,
    Path(text): Path<String>,
    asked: Wanted,
    peer: Caller,
    headers: HeaderMap,
) -> Result<Response> {
    if !form::is_same_origin(&state, &headers) {
        return Err(Refusal::Foreign);
    }
    let opened = match open(&state, &text, peer, &headers).await? {
        Ok(opened) => opened,
        Err(refusal) => return Ok(refusal),
    };
    let made = made(&state, &text, &opened.link).await?;
    let (token, why, status) = match made {
        Made::Token(token) => (Some(token), String::new(), StatusCode::OK),
        Made::Refused(sentence) => (None, sentence, StatusCode::CONFLICT),
        Made::Wait(seconds) => return Ok(wait(seconds)),
    };
    let opened = match open(&state, &text, peer, &headers).await? {
        Ok(opened) => opened,
        Err(refusal) => return Ok(refusal),
    };
    let Query(asked) = asked.unwrap_or_default();
    let page = view(&state, &headers, &text, opened, &asked, token, why);
    Ok(page::html(status, &page))
}

/// What came of asking for a token.
enum Made {
    Token(String),
    Refused(String),
    Wait(i64),
}

async fn made(state: &State, text: &str, link: &SetupLink) -> Result<Made> {
    let (hash, key) = (key::hash(text), link.key);
    let write = move |tx: &mut Tx| {
        let now = now();
        let (subject, per_hour, burst) = limit::tokens(key);
        if let Some(seconds) = attempt::take(tx, &subject, now, per_hour, burst)? {
            return Ok(Made::Wait(seconds));
        }
        // It may have been revoked, or used by somebody quicker, since the page was looked at.
        let Some(link) = setup_link::find(tx, &hash, now)?.filter(|link| link.token.is_none()) else {
            return Ok(Made::Refused(ALREADY.to_owned()));
        };
        let Some(provider) = provider::by_key(tx, link.provider)? else {
            return Ok(Made::Refused(ALREADY.to_owned()));
        };
        let (actor, label) = (
            format!("setup link {}", link.label),
            format!("setup link {}", link.label),
        );
        let ends = Some(now.saturating_add(VALID * DAY));
        let minted = token::mint(tx, &actor, now, &provider, &label, ends)?;
        setup_link::note_token(tx, link.key, minted.key)?;
        Ok::<_, Store>(Made::Token(minted.text))
    };
    match state.db().write(write).await {
        // Which tokens there are besides is the other side's own business.
        Err(Store::Refused { .. }) => Ok(Made::Refused(FULL.to_owned())),
        made => Ok(made?),
    }
}

const ALREADY: &str = text(
    "The token of this link was made already, and is shown once. Ask who sent you the link for another one.",
);
const FULL: &str = text(
    "No further token can be made for this provider. Ask who sent you the link to revoke one that is not in use.",
);

/// What a key opens; else the answer that nothing is opened.
async fn open(
    state: &State,
    text: &str,
    peer: Caller,
    headers: &HeaderMap,
) -> Result<std::result::Result<Opened, Response>> {
    if let Err(seconds) = limit::page() {
        return Ok(Err(wait(i64::try_from(seconds).unwrap_or(1))));
    }
    let found = if key::is_well_formed(text) {
        let hash = key::hash(text);
        state.db().read(move |tx| read(tx, &hash, now())).await?
    } else {
        None
    };
    if let Some(found) = found {
        return Ok(Ok(found));
    }
    let peer = peer.map(|Extension(peer)| peer);
    Ok(Err(match limit::guess(state, peer, headers).await? {
        Some(seconds) => wait(seconds),
        None => page::absent(
            "This setup link does not work, or not any more. Ask who sent it to you for a new one.",
        ),
    }))
}

fn read(tx: &mut Tx, hash: &[u8], now: i64) -> std::result::Result<Option<Opened>, Store> {
    let Some(link) = setup_link::find(tx, hash, now)? else {
        return Ok(None);
    };
    let Some(provider) = provider::by_key(tx, link.provider)? else {
        return Ok(None);
    };
    let spaces = workspace::all(tx)?;
    let space = spaces.into_iter().find(|one| one.key == link.workspace);
    let (people, groups) = live::counts(tx, &provider)?;
    let tokens = token::of_provider(tx, provider.key)?;
    let token = link
        .token
        .and_then(|key| tokens.iter().find(|one| one.key == key));
    Ok(Some(Opened {
        token: token.map(|one| one.created),
        failed: live::failed(tx, &provider)?,
        consent: Known::read(tx, &provider)?,
        workspace: space.map(|one| one.name).unwrap_or_default(),
        people,
        groups,
        provider,
        link,
    }))
}

/// 429: too many for now.
fn wait(seconds: i64) -> Response {
    let mut response = page::told(
        StatusCode::TOO_MANY_REQUESTS,
        &format!("Too many requests came for setup pages. Try again in {seconds} seconds."),
    );
    if let Ok(value) = HeaderValue::try_from(seconds.to_string()) {
        response.headers_mut().insert(RETRY_AFTER, value);
    }
    response
}

fn language(headers: &HeaderMap) -> Language {
    Language::chosen("", headers.get(ACCEPT_LANGUAGE))
}

/// The clock of somebody whose zone nobody knows.
fn clock(language: Language) -> Clock {
    let mut clock = Clock::bare(now());
    clock.language = language;
    clock
}

fn view(
    state: &State,
    headers: &HeaderMap,
    key: &str,
    opened: Opened,
    asked: &Asked,
    token: Option<String>,
    why: String,
) -> Page {
    let language = language(headers);
    let clock = clock(language);
    let usual = match opened.provider.settings.dialect.or(opened.provider.seen) {
        Some(Dialect::Okta) => System::Okta,
        Some(Dialect::Generic | Dialect::Strict) => System::Other,
        _ => System::Entra,
    };
    let system = System::of(&asked.system).unwrap_or(usual);
    let here = format!("/setup/{key}");
    let why = match (why.is_empty(), opened.link.token.is_some()) {
        (true, true) if token.is_none() => language.t(ALREADY).to_owned(),
        (true, _) => String::new(),
        (false, _) => language.t(&why).to_owned(),
    };
    let live = Live::of(&opened, &clock);
    Page {
        frame: Frame::bare(language, text("Set up provisioning")),
        expires: clock.exact(opened.link.expires),
        tenant_url: place::tenant_url(state, headers),
        is_reachable: place::is_reachable(state),
        action: format!("{here}/token?system={}", system.word()),
        from: format!("{here}/live"),
        systems: System::ALL
            .iter()
            .map(|one| {
                let address = format!("{here}?system={}", one.word());
                (address, language.t(one.name()).to_owned(), *one == system)
            })
            .collect(),
        steps: system.steps(language),
        consent: Consent::of(opened.consent, system, &here, &clock),
        live,
        workspace: opened.workspace,
        provider: opened.provider.name,
        token,
        why,
    }
}
