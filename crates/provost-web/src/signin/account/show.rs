//! `GET /account`.

use super::{signin, ways};
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::signin::administrator::role_name;
use crate::signin::knock::{Knock, Passkeys};
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::{Method, Session, Ways};
use provost_store::workspace;

#[derive(Template)]
#[template(path = "signin/account.html")]
struct Page {
    frame: Frame,
    name: String,
    email: String,
    language: String,
    zone: String,
    /// Where, and as what.
    roles: Vec<(String, String)>,
    /// Whether there is any way to come back.
    has_way: bool,
    can_make_passkeys: bool,
    passkeys: Vec<PasskeyLine>,
    password: Option<Moment>,
    code: bool,
    recovery_codes: i64,
    identities: Vec<IdentityLine>,
    /// The providers that can be added.
    providers: Vec<String>,
    sessions: Vec<SessionLine>,
}

struct PasskeyLine {
    key: i64,
    name: String,
    created: Moment,
    used: Option<Moment>,
}

struct IdentityLine {
    provider: String,
    shown: String,
    issuer: String,
    subject: String,
    used: Option<Moment>,
}

struct SessionLine {
    key: i64,
    is_this: bool,
    how: String,
    address: String,
    agent: String,
    since: Moment,
    seen: Moment,
}

/// The account of whoever is signed in.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
) -> Result<Response> {
    let ways = ways(&state, &visitor).await?;
    let clock = Clock::of(&visitor, now());
    let sessions = signin(&state)?.sessions(&visitor.signed).await?;
    let offered = signin(&state)?.providers().await?;
    let name_of = |issuer: &str| offered.iter().find(|one| one.issuer == issuer);
    let identities: Vec<IdentityLine> = ways
        .identities
        .iter()
        .map(|one| IdentityLine {
            provider: name_of(&one.issuer).map_or_else(|| one.issuer.clone(), |found| found.name.clone()),
            shown: one.shown.clone(),
            issuer: one.issuer.clone(),
            subject: one.subject.clone(),
            used: one.last_used.map(|at| clock.moment(at)),
        })
        .collect();
    let is_tied = |issuer: &str| identities.iter().any(|one| one.issuer == issuer);
    let providers = offered
        .iter()
        .filter(|one| one.enabled && !is_tied(&one.issuer))
        .map(|one| one.name.clone())
        .collect();
    let own = &visitor.signed.administrator;
    let page = Page {
        name: own.name.clone(),
        email: own.email.clone(),
        language: language(visitor.language, &own.language),
        zone: zone(visitor.language, &own.zone),
        roles: roles(&state, &visitor).await?,
        has_way: !ways.is_empty(),
        can_make_passkeys: knock.passkeys(&state) != Passkeys::None,
        passkeys: passkeys(&ways, &clock),
        password: ways.password.map(|at| clock.moment(at)),
        code: ways.code,
        recovery_codes: ways.recovery_codes,
        identities,
        providers,
        sessions: sessions.iter().map(|one| line(one, &visitor, &clock)).collect(),
        frame: Frame::new(&visitor, text("Your account")),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn passkeys(ways: &Ways, clock: &Clock) -> Vec<PasskeyLine> {
    let lines = ways.passkeys.iter().map(|one| PasskeyLine {
        key: one.key,
        name: one.name.clone(),
        created: clock.moment(one.created),
        used: one.last_used.map(|at| clock.moment(at)),
    });
    lines.collect()
}

fn line(one: &Session, visitor: &Visitor, clock: &Clock) -> SessionLine {
    SessionLine {
        key: one.key,
        is_this: one.key == visitor.signed.session.key,
        how: clock.language.t(how(one.method)).to_owned(),
        address: one.address.clone(),
        agent: one.agent.clone(),
        since: clock.moment(one.created),
        seen: clock.moment(one.seen),
    }
}

/// How somebody has signed in, for people.
fn how(method: Method) -> &'static str {
    match method {
        Method::Link => text("by a link"),
        Method::Passkey => text("with a passkey"),
        Method::Password => text("with a password"),
        Method::Code => text("with a password and a code"),
        Method::Provider => text("with another system"),
    }
}

/// What somebody chose, for a reader.
pub(in crate::signin) fn language(reader: Language, chosen: &str) -> String {
    let found = Language::ALL.into_iter().find(|one| one.tag() == chosen);
    found.map_or_else(
        || reader.t(text("as the browser says")).to_owned(),
        |one| one.name().to_owned(),
    )
}

/// The same for the time zone.
pub(in crate::signin) fn zone(reader: Language, chosen: &str) -> String {
    if chosen.is_empty() {
        reader.t(text("as the browser says")).to_owned()
    } else {
        chosen.to_owned()
    }
}

/// Where the visitor has which role.
async fn roles(state: &State, visitor: &Visitor) -> Result<Vec<(String, String)>> {
    let all = state.db().read_short(workspace::all).await?;
    let roles = visitor.signed.grants.iter().filter_map(|grant| {
        let place = match grant.workspace {
            None => visitor.language.t(text("all workspaces")).to_owned(),
            Some(key) => all.iter().find(|one| one.key == key)?.name.clone(),
        };
        Some((place, visitor.language.t(role_name(grant.role)).to_owned()))
    });
    Ok(roles.collect())
}
