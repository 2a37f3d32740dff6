//! `GET /providers/{name}/tokens`: the tokens and the OAuth clients of a provider. What is made is shown once, in the
//! answer to the form that made it.

use super::place::{self, Head, Named, Place};
use super::setting;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::people::{acts, entered};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, DAY, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_store::client::{self, Client};
use provost_store::provider::{Provider, State as Standing};
use provost_store::token::{self, LIVE, Token};
use provost_store::{Error as Store, Tx};

/// Days that a secret may be valid when it ends at all: ten years.
const MOST_DAYS: i64 = 3_650;
/// Tokens and clients that ended, of which the newest are shown.
const ENDED: usize = 20;

#[derive(Template)]
#[template(path = "providers/tokens.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    shown: Option<Shown>,
    tenant_url: String,
    is_reachable: bool,
    is_draft: bool,
    tokens: Vec<Line>,
    clients: Vec<Line>,
    /// Why no token can be made.
    full: String,
    why: String,
    tokens_address: String,
    clients_address: String,
    state_address: String,
    general_address: String,
    validities: Vec<(String, String)>,
    days: String,
}

/// What was made just now: the only moment that it is known.
pub(super) struct Shown {
    /// The sentence above it.
    heading: String,
    /// Label and value of each part.
    values: Vec<(&'static str, String)>,
}

impl Shown {
    /// A token, beside the address that goes with it.
    pub fn token(visitor: &Visitor, text: String, tenant_url: String) -> Self {
        let heading = visitor
            .language
            .t("This token is shown once. Put it where you keep secrets.");
        Self {
            heading: heading.to_owned(),
            values: vec![
                (crate::texts::text("Tenant URL"), tenant_url),
                (crate::texts::text("Secret token"), text),
            ],
        }
    }

    fn client(visitor: &Visitor, minted: client::Minted, address: String) -> Self {
        let heading = visitor
            .language
            .t("This secret is shown once. Put it where you keep secrets.");
        Self {
            heading: heading.to_owned(),
            values: vec![
                (text("Token URL"), address),
                (text("Client id"), minted.id),
                (text("Client secret"), minted.secret),
            ],
        }
    }
}

/// A token or a client.
struct Line {
    key: i64,
    label: String,
    /// The client's id, or the token's first characters.
    id: String,
    created: Moment,
    /// Who made it; empty where nobody knows.
    actor: String,
    expires: Option<Moment>,
    last_used: Option<Moment>,
    state: &'static str,
    class: &'static str,
    is_live: bool,
}

/// The page.
pub(crate) async fn list(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    headers: HeaderMap,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    page_with(&state, &visitor, &place, &headers, Faults::none(), None).await
}

/// Makes a token.
pub(crate) async fn mint(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let given = match Given::of(&visitor, &form) {
        Ok(given) => given,
        Err(faults) => return page_with(&state, &visitor, &place, &headers, faults, None).await,
    };
    let (provider, actor) = (place.provider.clone(), visitor.actor());
    let write = move |tx: &mut Tx| {
        let now = now();
        token::mint(tx, &actor, now, &provider, &given.label, given.ends(now))
    };
    let (faults, shown) = match state.db().write(write).await {
        Ok(minted) => {
            let address = place::tenant_url(&state, &headers);
            (Faults::none(), Some(Shown::token(&visitor, minted.text, address)))
        }
        Err(error) => (entered::fault(error, "")?, None),
    };
    page_with(&state, &visitor, &place, &headers, faults, shown).await
}

/// Makes an OAuth client.
pub(crate) async fn make_client(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let place = place::find(&state, &visitor, named).await?;
    let given = match Given::of(&visitor, &form) {
        Ok(given) => given,
        Err(faults) => return page_with(&state, &visitor, &place, &headers, faults, None).await,
    };
    let (provider, actor) = (place.provider.clone(), visitor.actor());
    let write = move |tx: &mut Tx| {
        let now = now();
        client::create(tx, &actor, now, &provider, &given.label, given.ends(now))
    };
    let (faults, shown) = match state.db().write(write).await {
        Ok(minted) => {
            let tenant = place::tenant_url(&state, &headers);
            let address = format!("{}/oauth/token", tenant.trim_end_matches("/scim/v2"));
            (Faults::none(), Some(Shown::client(&visitor, minted, address)))
        }
        Err(error) => (entered::fault(error, "")?, None),
    };
    page_with(&state, &visitor, &place, &headers, faults, shown).await
}

/// Revokes a token.
pub(crate) async fn revoke(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    end(&state, &visitor, named, &form, token::revoke).await
}

/// Revokes a client.
pub(crate) async fn revoke_client(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    end(&state, &visitor, named, &form, client::revoke).await
}

type Revoke = fn(&mut Tx, &str, i64, &Provider, i64) -> std::result::Result<bool, Store>;

async fn end(
    state: &State,
    visitor: &Visitor,
    named: Named,
    form: &Form,
    revoke: Revoke,
) -> Result<Response> {
    let place = place::find(state, visitor, named).await?;
    let key: i64 = form.get("key").parse().map_err(Refusal::address)?;
    let (provider, actor) = (place.provider.clone(), visitor.actor());
    // One that somebody else has revoked just now is revoked all the same.
    state
        .db()
        .write(move |tx| revoke(tx, &actor, now(), &provider, key))
        .await
        .map_err(entered::refused)?;
    Ok(page::elsewhere(&done::after(&place.at("tokens"), "revoked")))
}

/// What was typed about a new secret.
struct Given {
    label: String,
    days: Option<i64>,
}

impl Given {
    fn of(visitor: &Visitor, form: &Form) -> std::result::Result<Self, Faults> {
        let Some(label) = form.text("label") else {
            let sentence = text("Say what it is for: later the name tells which one is in use.");
            return Err(Faults::one("label", visitor.language.t(sentence)));
        };
        let days = form.text("days").map(str::parse::<i64>).transpose();
        match days {
            Ok(days) if days.is_none_or(|days| (1..=MOST_DAYS).contains(&days)) => Ok(Self {
                label: label.to_owned(),
                days,
            }),
            _ => Err(Faults::one(
                "days",
                visitor.language.t(text("Choose one of these.")),
            )),
        }
    }

    fn ends(&self, now: i64) -> Option<i64> {
        self.days.map(|days| now.saturating_add(days.saturating_mul(DAY)))
    }
}

/// The page with what was made, or what is wrong.
pub(super) async fn page_with(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    headers: &HeaderMap,
    faults: Faults,
    shown: Option<Shown>,
) -> Result<Response> {
    let key = place.provider.key;
    let read =
        move |tx: &mut Tx| Ok::<_, Store>((token::of_provider(tx, key)?, client::of_provider(tx, key)?));
    let (tokens, clients) = state.db().read_short(read).await?;
    let clock = Clock::of(visitor, now());
    let live = tokens.iter().filter(|one| one.is_live(clock.now)).count();
    let status = match faults.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let why = acts::role(visitor, Act::Configure);
    let page = Page {
        frame: place.frame(visitor),
        head: place.head("tokens"),
        faults,
        shown,
        tenant_url: place::tenant_url(state, headers),
        is_reachable: place::is_reachable(state),
        is_draft: place.provider.state == Standing::Draft,
        tokens: newest(tokens.iter().map(|one| token_line(one, &clock)).collect()),
        clients: newest(clients.iter().map(|one| client_line(one, &clock)).collect()),
        full: full(visitor, live, &why),
        why,
        tokens_address: place.at("tokens"),
        clients_address: place.at("clients"),
        state_address: place.at("state"),
        general_address: place.at(""),
        validities: setting::validities(visitor.language),
        days: "365".to_owned(),
    };
    Ok(page::html(status, &page))
}

/// The store's own guard, at the button.
fn full(visitor: &Visitor, live: usize, why: &str) -> String {
    if !why.is_empty() || live < LIVE {
        return why.to_owned();
    }
    let sentence = text(
        "There are two tokens that work. Revoke the one that is not in use any more, then make the new one.",
    );
    visitor.language.t(sentence).to_owned()
}

/// Those that work, and the newest of those that ended.
fn newest(lines: Vec<Line>) -> Vec<Line> {
    let (live, ended): (Vec<_>, Vec<_>) = lines.into_iter().partition(|one| one.is_live);
    let ended = ended.into_iter().rev().take(ENDED);
    live.into_iter().chain(ended).collect()
}

fn token_line(one: &Token, clock: &Clock) -> Line {
    let (state, class) = word(one.revoked, one.is_live(clock.now));
    Line {
        key: one.key,
        label: one.label.clone(),
        id: one.start.clone(),
        created: clock.moment(one.created),
        actor: one.actor.clone(),
        expires: one.expires.map(|at| clock.moment(at)),
        last_used: one.last_used.map(|at| clock.moment(at)),
        is_live: one.is_live(clock.now),
        state,
        class,
    }
}

fn client_line(one: &Client, clock: &Clock) -> Line {
    let (state, class) = word(one.revoked, one.is_live(clock.now));
    Line {
        key: one.key,
        label: one.label.clone(),
        id: one.id.clone(),
        created: clock.moment(one.created),
        actor: String::new(),
        expires: one.expires.map(|at| clock.moment(at)),
        last_used: one.last_used.map(|at| clock.moment(at)),
        is_live: one.is_live(clock.now),
        state,
        class,
    }
}

fn word(revoked: Option<i64>, is_live: bool) -> (&'static str, &'static str) {
    match (revoked, is_live) {
        (Some(_), _) => (text("revoked"), "unsynced"),
        (None, true) => (text("works"), "success"),
        (None, false) => (text("expired"), "failed"),
    }
}
