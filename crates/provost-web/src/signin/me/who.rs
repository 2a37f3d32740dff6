//! Who looks at their own pages: from a cookie to a person of the workspace that the address names.

use crate::console::address::escaped;
use crate::console::page;
use crate::console::refusal::Refusal;
use crate::console::time::Clock;
use crate::form;
use crate::policy::page_above;
use crate::router;
use crate::signin::knock::Knock;
use crate::signin::signin;
use crate::state::{State, now};
use crate::texts::Language;
use crate::visitor::{self, cookie};
use axum::RequestPartsExt;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use provost_signin::person::{People, RETURN, Return, SignedIn};
use provost_store::workspace::{self, Workspace};

/// The name of the cookie of a person's session over HTTPS, and without, as on the machine itself.
const SECURE_COOKIE: &str = "__Host-provost-me";
const PLAIN_COOKIE: &str = "provost_me";

/// A person who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Me {
    /// The session, the person, and what they chose.
    pub signed: SignedIn,
    /// The name of the workspace.
    pub workspace: String,
    /// The language of the pages.
    pub language: Language,
    /// The IANA name of the reader's time zone; none: UTC.
    pub zone: Option<String>,
    /// The path and query that were asked for.
    pub here: String,
}

impl Me {
    /// Their first page.
    pub fn home(&self) -> String {
        home(&self.workspace)
    }

    /// A page below it.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.home())
    }

    /// Their clock at `now`.
    pub fn clock(&self, now: i64) -> Clock {
        Clock::read(self.language, self.zone.as_deref(), now)
    }
}

/// The first page of the people of this workspace.
pub(crate) fn home(workspace: &str) -> String {
    format!("/me/{}", escaped(workspace))
}

/// The page on which a person begins, for whoever has this key.
pub(crate) fn link_to(origin: &str, workspace: &str, key: &str) -> String {
    format!("{origin}{}/enrol?key={key}", home(workspace))
}

/// The name of the cookie of a person's session.
pub(in crate::signin) fn cookie_name(state: &State) -> &'static str {
    if state.is_https() {
        SECURE_COOKIE
    } else {
        PLAIN_COOKIE
    }
}

/// The sign-in of people at this server.
pub(in crate::signin) fn people(state: &State) -> Result<People, Refusal> {
    Ok(signin(state)?.people())
}

/// The workspace of an address; none where there is none of this name.
pub(super) async fn workspace_of(state: &State, name: &str) -> Result<Option<Workspace>, Refusal> {
    let name = name.to_owned();
    let read = move |tx: &mut provost_store::Tx| workspace::by_name(tx, &name);
    Ok(state.db().read_short(read).await?)
}

/// The session of a request in this workspace.
pub(crate) async fn signed(
    state: &State,
    headers: &HeaderMap,
    workspace: i64,
) -> Result<Option<SignedIn>, Refusal> {
    let Some(cookie) = cookie(headers, cookie_name(state)) else {
        return Ok(None);
    };
    if state.signin().is_none() {
        return Ok(None);
    }
    Ok(people(state)?.check(cookie, workspace, now()).await?)
}

/// Lets a request of a person in, with its [`Me`], or answers it. With `fresh`, of somebody who proved just now who they
/// are; others do so, and come back.
pub(crate) async fn admit(state: &State, fresh: bool, request: Request) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let me = match find(state, &mut parts).await {
        Ok(me) => me,
        Err(refusal) => return Err(refusal.into_response()),
    };
    let knock = Knock::from_request_parts(&mut parts, state)
        .await
        .map_err(IntoResponse::into_response)?;
    let request = Request::from_parts(parts, body);
    let mut request = if request.method().is_safe() {
        request
    } else {
        form::own(state, &me.signed.session.csrf, request)
            .await
            .map_err(|refusal| page::framed_for(&me, refusal.into_response()))?
    };
    if fresh && !me.signed.is_fresh(now()) {
        // What was typed is not kept: whoever comes back finds the page that has the form.
        let to = if request.method().is_safe() {
            me.here.clone()
        } else {
            page_above(&router::declared(state), request.uri().path())
        };
        return Err(again(state, &me, &knock, to)
            .await
            .unwrap_or_else(IntoResponse::into_response));
    }
    request.extensions_mut().insert(me);
    Ok(request)
}

/// Sends somebody to prove once more who they are, and back.
async fn again(state: &State, me: &Me, knock: &Knock, to: String) -> Result<Response, Refusal> {
    let back = Return { to, again: true };
    let workspace = me.signed.person.workspace;
    let handle = people(state)?
        .keep_return(workspace, &knock.browser, back, &knock.visit, now())
        .await?;
    let response = page::elsewhere(&me.at(&format!("/sign-in?{RETURN}={handle}")));
    Ok(knock.tell(state, response))
}

/// Who sent it. A workspace that there is not leads to its sign-in like any other.
async fn find(state: &State, parts: &mut Parts) -> Result<Me, Refusal> {
    let here = parts
        .uri
        .path_and_query()
        .map_or_else(String::new, ToString::to_string);
    let params = parts.extract::<RawPathParams>().await.map_err(Refusal::address)?;
    let name = params
        .iter()
        .find(|(name, _)| *name == "workspace")
        .map(|(_, value)| value.to_owned())
        .ok_or_else(Refusal::nothing)?;
    let closed = || Refusal::Outside(format!("{}/sign-in", home(&name)));
    let workspace = workspace_of(state, &name).await?.ok_or_else(closed)?;
    let signed = signed(state, &parts.headers, workspace.key)
        .await?
        .ok_or_else(closed)?;
    Ok(Me {
        workspace: workspace.name,
        language: Language::chosen(&signed.account.language, parts.headers.get(ACCEPT_LANGUAGE)),
        zone: visitor::zone(&signed.account.zone, &parts.headers),
        here,
        signed,
    })
}

impl FromRequestParts<State> for Me {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Refusal> {
        // Only a route that was declared without a person has none.
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(Refusal::nothing)
    }
}
