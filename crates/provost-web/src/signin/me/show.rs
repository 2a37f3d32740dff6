//! `GET /me/{workspace}`.

use super::who::{Me, people};
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::signin::account::{language, zone};
use crate::signin::openid::provider;
use crate::signin::signin;
use crate::state::{State, now};
use crate::texts::text;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_signin::person::{Kept, Passkey, Session};

#[derive(Template)]
#[template(path = "me/show.html")]
struct Page {
    frame: Frame,
    home: String,
    label: String,
    user_name: String,
    workspace: String,
    language: String,
    zone: String,
    /// Where they can try their sign-in to Microsoft 365: the address and the domain.
    trials: Vec<(String, String)>,
    applications: Vec<ApplicationLine>,
    passkeys: Vec<PasskeyLine>,
    sessions: Vec<SessionLine>,
}

/// An application that they may sign in to.
struct ApplicationLine {
    name: String,
    /// Where they begin to use it.
    home: Option<String>,
    used: Option<Moment>,
}

/// A passkey as a list shows it.
pub(crate) struct PasskeyLine {
    pub key: i64,
    pub name: String,
    pub kept: &'static str,
    pub created: Moment,
    pub used: Option<Moment>,
}

/// A session as a list shows it.
pub(crate) struct SessionLine {
    pub key: i64,
    pub is_this: bool,
    pub address: String,
    pub agent: String,
    pub since: Moment,
    pub seen: Moment,
}

/// Where a passkey is, for people.
fn kept(one: Kept) -> &'static str {
    match one {
        Kept::OnDevice => text("on one device"),
        Kept::Syncable => text("on one device, and may be synchronised"),
        Kept::Synced => text("synchronised"),
    }
}

impl PasskeyLine {
    /// A line of a list.
    pub fn of(one: &Passkey, clock: &Clock) -> Self {
        Self {
            key: one.key,
            name: one.name.clone(),
            kept: kept(Kept::of(one)),
            created: clock.moment(one.created),
            used: one.last_used.map(|at| clock.moment(at)),
        }
    }
}

impl SessionLine {
    /// A line of a list; `this` is the key of the session in which it is read.
    pub fn of(one: &Session, this: Option<i64>, clock: &Clock) -> Self {
        Self {
            key: one.key,
            is_this: this == Some(one.key),
            address: one.address.clone(),
            agent: one.agent.clone(),
            since: clock.moment(one.created),
            seen: clock.moment(one.seen),
        }
    }
}

/// Their own page.
pub(super) async fn show(extract::State(state): extract::State<State>, me: Me) -> Result<Response> {
    let people = people(&state)?;
    let clock = me.clock(now());
    let (passkeys, sessions) = (
        people.passkeys(&me.signed).await?,
        people.sessions(&me.signed).await?,
    );
    let mine = provider(&state)?.mine(&me.signed).await?;
    let applications = mine.into_iter().map(|one| ApplicationLine {
        name: one.name,
        home: one.home,
        used: one.last_used.map(|at| clock.moment(at)),
    });
    let trials = signin(&state)?.federation().trials(&me.signed).await?;
    let trial = |(id, domain): (uuid::Uuid, String)| (format!("/idp/{}/try", id.hyphenated()), domain);
    let this = Some(me.signed.session.key);
    let page = Page {
        frame: Frame::of_person(&me, text("Your sign-in")),
        home: me.home(),
        label: me.signed.person.label.clone(),
        user_name: me.signed.person.user_name.clone(),
        language: language(me.language, &me.signed.account.language),
        zone: zone(me.language, &me.signed.account.zone),
        trials: trials.into_iter().map(trial).collect(),
        applications: applications.collect(),
        passkeys: passkeys.iter().map(|one| PasskeyLine::of(one, &clock)).collect(),
        sessions: sessions
            .iter()
            .map(|one| SessionLine::of(one, this, &clock))
            .collect(),
        workspace: me.workspace,
    };
    Ok(page::html(StatusCode::OK, &page))
}
