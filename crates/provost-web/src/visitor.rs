//! Who looks at the console: from a cookie to an administrator with a role, and whether what they sent comes from one
//! of our own pages. Routes say what they ask ([`crate::policy`]); a handler that takes a [`Visitor`] gets one that
//! was let in.

use crate::console::refusal::Refusal;
use crate::console::{lack, page};
use crate::form;
use crate::policy::{Act, page_above};
use crate::router;
use crate::state::{State, now};
use crate::texts::Language;
use axum::RequestPartsExt;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use provost_signin::Signed;
use provost_store::administrator::Role;
use provost_store::workspace;

/// The name of the session's cookie over HTTPS; browsers hold a `__Host-` cookie to this host and to HTTPS.
const SECURE_COOKIE: &str = "__Host-provost";
/// The name of the session's cookie without HTTPS, as on the machine itself.
const PLAIN_COOKIE: &str = "provost_session";
/// The cookie in which the browser's script leaves the reader's time zone.
const ZONE_COOKIE: &str = "provost_zone";

/// A signed-in administrator.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    /// The session, the administrator and their roles.
    pub signed: Signed,
    /// The workspace of the address, where it names one.
    pub inside: Option<Inside>,
    /// The language of the pages.
    pub language: Language,
    /// The IANA name of the reader's time zone; none: UTC.
    pub zone: Option<String>,
    /// The path and query that were asked for.
    pub here: String,
}

/// The workspace that an address names, and what the visitor is there.
#[derive(Debug, Clone)]
pub(crate) struct Inside {
    /// Its key.
    pub key: i64,
    /// Its name.
    pub name: String,
    /// What the visitor is there.
    pub role: Role,
    /// Whether the installation has several: then commands name it.
    pub is_one_of_several: bool,
}

impl Visitor {
    /// The workspace of the address.
    ///
    /// # Errors
    /// [`Refusal::Absent`] on a page that belongs to none, which its route rules out.
    pub fn workspace(&self) -> Result<&Inside, Refusal> {
        self.inside
            .as_ref()
            .ok_or_else(|| Refusal::Absent("This page belongs to no workspace.".to_owned()))
    }

    /// Whether the visitor may do this here.
    pub fn may(&self, act: Act) -> bool {
        let role = match &self.inside {
            Some(inside) => Some(inside.role),
            None => self.signed.role_everywhere(),
        };
        role.is_some_and(|role| act.is_allowed_to(role))
    }

    /// For the audit log and the provisioning log.
    pub fn actor(&self) -> String {
        format!("administrator {}", self.signed.administrator.email)
    }

    /// What forms carry, so that no other site can send them.
    pub fn csrf(&self) -> &str {
        &self.signed.session.csrf
    }
}

/// What a route asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asks {
    within: Within,
    act: Act,
    fresh: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Anything,
    Workspace,
    Installation,
}

impl Asks {
    /// Any role anywhere.
    pub const ANY: Self = Self {
        within: Within::Anything,
        act: Act::Look,
        fresh: false,
    };

    /// A role in the workspace that the address names.
    pub fn workspace(act: Act) -> Self {
        Self {
            within: Within::Workspace,
            act,
            fresh: false,
        }
    }

    /// A role in the whole installation.
    pub fn installation(act: Act) -> Self {
        Self {
            within: Within::Installation,
            act,
            fresh: false,
        }
    }

    /// The same of somebody who proved just now who they are.
    pub fn fresh(mut self) -> Self {
        self.fresh = true;
        self
    }
}

/// Lets a request in, with its [`Visitor`], or answers it.
pub(crate) async fn admit(state: &State, asks: Asks, request: Request) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let (visitor, role) = match find(state, asks, &mut parts).await {
        Ok(found) => found,
        Err(refusal) => return Err(refusal.into_response()),
    };
    if let Some(role) = role
        && !asks.act.is_allowed_to(role)
    {
        return Err(lack::page(state, &visitor, asks.act, role, &parts.headers).await);
    }
    let request = Request::from_parts(parts, body);
    let mut request = if request.method().is_safe() {
        request
    } else {
        form::own(state, visitor.csrf(), request)
            .await
            .map_err(|refusal| page::framed(&visitor, refusal.into_response()))?
    };
    if asks.fresh && !visitor.signed.is_fresh(now()) {
        // What was typed is not kept: whoever confirms comes back to the page that has the form.
        let page = if request.method().is_safe() {
            visitor.here.clone()
        } else {
            page_above(&router::declared(state), request.uri().path())
        };
        return Err(Refusal::Stale(page).into_response());
    }
    request.extensions_mut().insert(visitor);
    Ok(request)
}

/// Who sent it, and what they are where the route asks for a role.
async fn find(state: &State, asks: Asks, parts: &mut Parts) -> Result<(Visitor, Option<Role>), Refusal> {
    let here = parts
        .uri
        .path_and_query()
        .map_or_else(String::new, ToString::to_string);
    let signed = signed(state, &parts.headers)
        .await?
        .ok_or_else(|| Refusal::Closed(here.clone()))?;
    let inside = match asks.within {
        Within::Workspace => Some(inside(state, &signed, parts).await?),
        Within::Anything | Within::Installation => None,
    };
    let role = match asks.within {
        Within::Anything => None,
        Within::Workspace => inside.as_ref().map(|inside| inside.role),
        Within::Installation => Some(signed.role_everywhere().ok_or_else(Refusal::nothing)?),
    };
    let chosen = &signed.administrator;
    let visitor = Visitor {
        language: Language::chosen(&chosen.language, parts.headers.get(ACCEPT_LANGUAGE)),
        zone: zone(&chosen.zone, &parts.headers),
        inside,
        here,
        signed,
    };
    Ok((visitor, role))
}

/// The session of a request.
///
/// # Errors
/// When the store cannot answer.
pub(crate) async fn signed(state: &State, headers: &HeaderMap) -> Result<Option<Signed>, Refusal> {
    let name = cookie_name(state);
    let Some(cookie) = cookie(headers, name) else {
        return Ok(None);
    };
    let Some(signin) = state.signin() else {
        return Ok(None);
    };
    Ok(signin.check(cookie, now()).await?)
}

/// The name of the session's cookie.
pub(crate) fn cookie_name(state: &State) -> &'static str {
    if state.is_https() {
        SECURE_COOKIE
    } else {
        PLAIN_COOKIE
    }
}

/// A cookie of a request.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lists = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    lists
        .flat_map(|list| list.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The workspace of the address; one where the administrator has no role looks as if there were none.
async fn inside(state: &State, signed: &Signed, parts: &mut Parts) -> Result<Inside, Refusal> {
    let params = parts.extract::<RawPathParams>().await.map_err(Refusal::address)?;
    let name = params
        .iter()
        .find(|(name, _)| *name == "workspace")
        .map(|(_, value)| value.to_owned())
        .ok_or_else(Refusal::nothing)?;
    let read = move |tx: &mut provost_store::Tx| {
        let found = workspace::by_name(tx, &name)?;
        Ok::<_, provost_store::Error>((found, workspace::all(tx)?.len()))
    };
    let (found, count) = state.db().read_short(read).await?;
    let found = found.ok_or_else(Refusal::nothing)?;
    let role = signed.role_in(found.key).ok_or_else(Refusal::nothing)?;
    Ok(Inside {
        key: found.key,
        name: found.name,
        role,
        is_one_of_several: count > 1,
    })
}

/// The reader's own choice, else what the browser's script has left, where it is a name of a zone.
pub(crate) fn zone(chosen: &str, headers: &HeaderMap) -> Option<String> {
    let name = if chosen.is_empty() {
        cookie(headers, ZONE_COOKIE)?.replace("%2F", "/")
    } else {
        chosen.to_owned()
    };
    jiff::tz::TimeZone::get(&name).ok().map(|_| name)
}

impl FromRequestParts<State> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Refusal> {
        // Only a route that was declared as public has none.
        let here = parts.uri.path().to_owned();
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(Refusal::Closed(here))
    }
}
