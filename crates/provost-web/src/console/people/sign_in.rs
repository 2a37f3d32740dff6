//! How a person signs in for themselves, as administrators see it: passkeys, sessions and the links by which they begin;
//! and `POST …/sign-in/link`, `…/withdraw`, `…/end`, `…/remove`.

use super::access::{Place, present};
use super::acts::role;
use crate::console::done;
use crate::console::page::{self, Frame};
use crate::console::place::Somebody;
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::signin::me::{self, PasskeyLine, SessionLine};
use crate::signin::{Knock, LinkPage, signin};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_signin::person::{Closed, Grant, Overseen};

/// Links that a page shows.
const LINKS: usize = 5;

/// How somebody signs in for themselves.
pub(super) struct SignIn {
    /// The page below which the acts are.
    pub address: String,
    /// Why they cannot sign in; empty where they can.
    pub closed: &'static str,
    pub last: Option<Moment>,
    pub passkeys: Vec<PasskeyLine>,
    pub sessions: Vec<SessionLine>,
    pub links: Vec<LinkLine>,
    pub applications: Vec<UsedLine>,
    /// Why the reader may not change it.
    pub access: String,
    /// Why there can be no link.
    pub link: String,
}

/// An application that they have signed in to.
pub(super) struct UsedLine {
    pub name: String,
    pub at: Moment,
}

/// A link that was made for them.
pub(super) struct LinkLine {
    pub key: i64,
    pub is_live: bool,
    /// The word for what became of it, and since when.
    pub state: &'static str,
    pub at: Moment,
    pub actor: String,
    pub made: Moment,
}

fn closed(one: Closed) -> &'static str {
    match one {
        Closed::Inactive => text("They cannot sign in: they are not active."),
        Closed::Blocked => text("They cannot sign in: they are blocked."),
        Closed::ProviderOff => text("They cannot sign in: the provider that sends them is switched off."),
    }
}

impl LinkLine {
    fn of(one: &Grant, clock: &Clock) -> Self {
        let (state, at) = match (one.used, one.withdrawn) {
            (Some(at), _) => (text("used"), at),
            (None, Some(at)) => (text("withdrawn"), at),
            (None, None) if one.expires <= clock.now => (text("expired"), one.expires),
            (None, None) => (text("works until"), one.expires),
        };
        Self {
            key: one.key,
            is_live: one.is_live(clock.now),
            state,
            at: clock.moment(at),
            actor: one.actor.clone(),
            made: clock.moment(one.created),
        }
    }
}

/// How somebody signs in for themselves; none for groups, for who is not in the directory, and where nobody signs in to
/// this server.
///
/// # Errors
/// When the store cannot answer.
pub(super) async fn of(state: &State, visitor: &Visitor, who: &Somebody) -> Result<Option<SignIn>> {
    let (Some(signin), true) = (state.signin(), who.kind == Kind::Person && who.object.is_some()) else {
        return Ok(None);
    };
    let found = match signin.people().overseen(who.workspace, who.key).await {
        Ok(found) => found,
        // Somebody has deleted them just now.
        Err(error) if error.code() == "PRV-PERSON-GONE" => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let clock = Clock::of(visitor, now());
    Ok(Some(view(
        &found,
        who,
        role(visitor, Act::Access),
        visitor,
        &clock,
    )))
}

fn view(found: &Overseen, who: &Somebody, access: String, visitor: &Visitor, clock: &Clock) -> SignIn {
    let closed = found.closed.map_or("", closed);
    let link = if access.is_empty() {
        visitor.language.t(closed).to_owned()
    } else {
        access.clone()
    };
    SignIn {
        address: who.below("/sign-in"),
        closed,
        last: found.account.last_signin.map(|at| clock.moment(at)),
        passkeys: found
            .passkeys
            .iter()
            .map(|one| PasskeyLine::of(one, clock))
            .collect(),
        sessions: found
            .sessions
            .iter()
            .map(|one| SessionLine::of(one, None, clock))
            .collect(),
        links: found
            .links
            .iter()
            .take(LINKS)
            .map(|one| LinkLine::of(one, clock))
            .collect(),
        applications: found
            .applications
            .iter()
            .map(|one| UsedLine {
                name: one.name.clone(),
                at: clock.moment(one.last_used),
            })
            .collect(),
        access,
        link,
    }
}

/// Makes the link by which they begin, and shows it this once.
pub(crate) async fn link(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    knock: Knock,
    place: Place,
) -> Result<Response> {
    let (who, _) = present(&state, &visitor, place).await?;
    let (key, _) = signin(&state)?
        .people()
        .make_link(&visitor.actor(), who.workspace, who.key, now())
        .await?;
    let page = LinkPage {
        frame: Frame::new(&visitor, who.label.clone())
            .below(who.space.at("/people"), visitor.language.t("People")),
        heading: text("A link to make a passkey"),
        sentence: visitor.language.f(
            "Give this link to {} by a way that nobody else reads. It is shown this once, works for seven days, and whoever opens it makes one passkey and is signed in.",
            &[&who.label],
        ),
        link: me::link_to(&knock.origin(&state), &visitor.workspace()?.name, &key),
        back: who.address(),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn key_of(form: &Form) -> Result<i64> {
    form.get("key").parse().map_err(Refusal::address)
}

fn back(who: &Somebody, word: &str) -> Response {
    page::elsewhere(&done::after(&format!("{}#sign-in", who.address()), word))
}

/// Withdraws a link. One that somebody else has withdrawn just now is withdrawn all the same.
pub(crate) async fn withdraw(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    form: Form,
) -> Result<Response> {
    let (who, _) = present(&state, &visitor, place).await?;
    let key = key_of(&form)?;
    signin(&state)?
        .people()
        .withdraw_link(&visitor.actor(), who.workspace, who.key, key, now())
        .await?;
    Ok(back(&who, "revoked"))
}

/// Ends one of their sessions, or all.
pub(crate) async fn end(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    form: Form,
) -> Result<Response> {
    let (who, _) = present(&state, &visitor, place).await?;
    let key = match form.text("key") {
        Some(_) => Some(key_of(&form)?),
        None => None,
    };
    signin(&state)?
        .people()
        .end_sessions(&visitor.actor(), who.workspace, who.key, key, now())
        .await?;
    Ok(back(&who, "ended"))
}

/// Takes a passkey from them; their sessions end.
pub(crate) async fn remove(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    form: Form,
) -> Result<Response> {
    let (who, _) = present(&state, &visitor, place).await?;
    let key = key_of(&form)?;
    signin(&state)?
        .people()
        .take_passkey(&visitor.actor(), who.workspace, who.key, key, now())
        .await?;
    Ok(back(&who, "removed"))
}
