//! `GET /credentials`: every secret, token and certificate of both directions, those that end first on top.

use crate::console::address::Space;
use crate::console::page::{self, Frame};
use crate::console::place::Asked;
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, DAY, Moment};
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::certificate::{self, Usage};
use provost_store::{Error as Store, Tx, api_token, client, connection, provider, secret, token};

/// Lines of one page.
/// How the names of sealed passwords begin.
const PASSWORD: &str = "password.";
const PAGE: usize = 50;
/// Days before its end from which on a secret is said to end soon.
const SOON: i64 = 30;
/// Days for which one that has ended is still shown: its end may be what somebody looks for.
const AFTER: i64 = 30;
/// Tokens of the interface that are looked at.
const TOKENS: i64 = 1_000;

#[derive(Template)]
#[template(path = "providers/credentials.html")]
struct Page {
    frame: Frame,
    lines: Vec<Line>,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// A secret.
struct Line {
    /// What it opens; a key of the catalogue.
    direction: &'static str,
    what: &'static str,
    name: String,
    of: String,
    address: Option<String>,
    expires: Option<Moment>,
    last_used: Option<Moment>,
    state: &'static str,
    class: &'static str,
}

/// A secret as it was read.
struct Found {
    direction: &'static str,
    what: &'static str,
    name: String,
    of: String,
    address: Option<String>,
    expires: Option<i64>,
    last_used: Option<i64>,
    /// Nobody has said when it ends.
    is_unknown: bool,
}

/// The list.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let from = asked
        .after_key()?
        .and_then(|from| usize::try_from(from).ok())
        .unwrap_or(0);
    let inside = visitor.workspace()?;
    let (workspace, space, clock) = (inside.key, Space::of(inside), Clock::of(&visitor, now()));
    let (here, at) = (space.clone(), clock.now);
    let is_owner = visitor.may(Act::Own);
    let mut found = state
        .db()
        .read(move |tx| inbound(tx, workspace, &here, is_owner, at))
        .await?;
    found.extend(outbound(&state, workspace, &space).await?);
    found.sort_by(|one, other| {
        let end = |one: &Found| one.expires.unwrap_or(i64::MAX);
        (end(one), &one.of, &one.name).cmp(&(end(other), &other.of, &other.name))
    });
    let more = found.len() > from.saturating_add(PAGE);
    let address = space.at("/credentials");
    let page = Page {
        frame: Frame::new(&visitor, text("Credentials")),
        lines: found
            .into_iter()
            .skip(from)
            .take(PAGE)
            .map(|one| line(one, &clock))
            .collect(),
        is_later: from > 0,
        next: more.then(|| format!("{address}?after={}", from.saturating_add(PAGE))),
        first: address,
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// What opens this server: tokens and clients of providers, tokens of the interface.
fn inbound(
    tx: &mut Tx,
    workspace: i64,
    space: &Space,
    is_owner: bool,
    now: i64,
) -> std::result::Result<Vec<Found>, Store> {
    let mut found = Vec::new();
    let is_shown = |revoked: Option<i64>, expires: Option<i64>| {
        revoked.is_none() && expires.is_none_or(|at| at > now.saturating_sub(AFTER * DAY))
    };
    for one in provider::all(tx, workspace)? {
        let address = Some(space.to(&["providers", &one.name, "tokens"]));
        let of = |what, name, expires, last_used| Found {
            direction: text("in"),
            what,
            name,
            of: one.name.clone(),
            address: address.clone(),
            expires,
            last_used,
            is_unknown: false,
        };
        for each in token::of_provider(tx, one.key)? {
            if is_shown(each.revoked, each.expires) {
                found.push(of(text("SCIM token"), each.label, each.expires, each.last_used));
            }
        }
        for each in client::of_provider(tx, one.key)? {
            if is_shown(each.revoked, each.expires) {
                found.push(of(text("OAuth client"), each.label, each.expires, each.last_used));
            }
        }
    }
    for one in api_token::list(tx, workspace, 0, TOKENS)? {
        if is_shown(one.token.revoked, one.token.expires) {
            found.push(Found {
                direction: text("in"),
                what: text("token of the interface"),
                name: one.token.label,
                of: one.token.actor,
                // The page is the owner's alone.
                address: is_owner.then(|| space.at("/api-tokens")),
                expires: one.token.expires,
                last_used: one.token.last_used,
                is_unknown: false,
            });
        }
    }
    certificates(tx, workspace, space, &mut found)?;
    Ok(found)
}

/// The certificates of sign-ins: those with which we sign, and those by which the tenant is known in the window.
fn certificates(
    tx: &mut Tx,
    workspace: i64,
    space: &Space,
    found: &mut Vec<Found>,
) -> std::result::Result<(), Store> {
    for one in certificate::of_workspace(tx, workspace)? {
        let (what, direction, section) = match one.usage {
            Usage::Signing => (text("certificate that signs"), text("out"), "authentication"),
            Usage::NextSigning => (text("next signing certificate"), text("out"), "authentication"),
            Usage::Onboarding => (text("certificate of the window"), text("in"), "migration"),
        };
        found.push(Found {
            direction,
            what,
            address: Some(space.to(&["microsoft-365", &one.provider, section])),
            name: one.subject,
            of: one.provider,
            expires: Some(one.ends),
            last_used: None,
            is_unknown: false,
        });
    }
    Ok(())
}

/// What opens targets: the secrets of connections, of which only the end is known that somebody noted.
async fn outbound(state: &State, workspace: i64, space: &Space) -> Result<Vec<Found>> {
    let read = move |tx: &mut Tx| {
        let mut found = Vec::new();
        for one in connection::all(tx, workspace)? {
            let fields = secret::fields(tx, "connection", one.key)?;
            found.push((one, fields));
        }
        Ok::<_, Store>(found)
    };
    let connections = state.db().read(read).await?;
    let mut found = Vec::new();
    for (one, fields) in connections {
        let ends = match state.engine() {
            Some(engine) => engine.credential_expiry(one.key).await?,
            None => None,
        };
        for (field, _) in fields {
            // What new accounts are given opens nothing of the target's interface, and has no end.
            let is_password = field.starts_with(PASSWORD);
            let ends = ends.filter(|_| !is_password);
            found.push(Found {
                direction: text("out"),
                what: match is_password {
                    true => text("fixed password of a rule"),
                    false => text("secret of a connection"),
                },
                name: field,
                of: one.name.clone(),
                address: Some(space.connection(&one.name)),
                expires: ends,
                last_used: Some(one.last_run).filter(|at| *at > 0),
                is_unknown: ends.is_none() && !is_password,
            });
        }
    }
    Ok(found)
}

fn line(one: Found, clock: &Clock) -> Line {
    let left = one.expires.map(|at| at.saturating_sub(clock.now));
    let (state, class) = match left {
        None if one.is_unknown => (text("end not known"), "unsynced"),
        None => (text("without an end"), "unsynced"),
        Some(..=0) => (text("expired"), "failed"),
        Some(left) if left < SOON * DAY => (text("ends soon"), "partial"),
        Some(_) => (text("works"), "success"),
    };
    Line {
        direction: one.direction,
        what: one.what,
        name: one.name,
        of: one.of,
        address: one.address,
        expires: one.expires.map(|at| clock.moment(at)),
        last_used: one.last_used.map(|at| clock.moment(at)),
        state,
        class,
    }
}
