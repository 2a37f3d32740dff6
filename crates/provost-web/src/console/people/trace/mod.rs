//! `GET /people/{id}` and `GET /groups/{id}`: the trace of somebody. What came in, what the directory has, and for each
//! connection and rule whether they are meant, how they are matched, which values they get, what comes next, and what
//! was asked of the target last; also of who is gone. The page begins with the answer to "why has she no account".

mod inbound;
mod mapping;
mod read;
mod record;
mod rules;
mod verdict;

use super::acts::{self, Acts};
use super::sign_in::{self, SignIn};
use crate::console::history::{self, LogLine};
use crate::console::page::{self, Frame};
use crate::console::place::{self, Somebody, Standing};
use crate::console::refusal::{Refusal, Result};
use crate::console::status::shown;
use crate::console::time::{Clock, Moment};
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use inbound::Inbound;
use provost_engine::object::Kind;
use provost_store::connection::Connection;
use provost_store::{Error as Store, Tx, directory, member};
use provost_sync::Trace;
use record::Record;
use rules::RuleView;
use serde::Deserialize;
use uuid::Uuid;

/// Groups, or members, that the page shows; a list of its own has the others.
const PEERS: usize = 20;

#[derive(Template)]
#[template(path = "people/trace.html")]
struct Page {
    frame: Frame,
    label: String,
    id: Uuid,
    is_person: bool,
    noun: &'static str,
    state: &'static str,
    class: &'static str,
    since: Option<Moment>,
    /// Who sends them, with the provider's page; none for who is kept by hand.
    provider: Option<(String, String)>,
    can: Acts,
    /// How they sign in for themselves; none for groups, and for who is not in the directory.
    sign_in: Option<SignIn>,
    rules: Vec<RuleView>,
    /// Why the rules cannot be told.
    trouble: String,
    inbound: Inbound,
    requests: String,
    record: Record,
    /// Groups of a person, or members of a group: name and address.
    peers: Vec<(String, String)>,
    more_peers: bool,
    members: String,
    log: Vec<LogLine>,
    is_later: bool,
    newest: String,
    older: Option<String>,
}

type Place = std::result::Result<Path<(String, Uuid)>, PathRejection>;
type Wanted = std::result::Result<Query<Asked>, QueryRejection>;

/// What stands behind the question mark.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// The line of the log before which older ones are shown.
    before: Option<i64>,
    /// The rule whose values are shown.
    rule: Option<i64>,
}

/// The page of a person.
pub(crate) async fn person(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    asked: Wanted,
) -> Result<Response> {
    show(&state, &visitor, place, asked, Kind::Person).await
}

/// The page of a group.
pub(crate) async fn group(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    asked: Wanted,
) -> Result<Response> {
    show(&state, &visitor, place, asked, Kind::Group).await
}

async fn show(state: &State, visitor: &Visitor, place: Place, asked: Wanted, kind: Kind) -> Result<Response> {
    let (Path((_, id)), Query(asked)) = (place.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let who = place::somebody(state, visitor, id).await?;
    if who.kind != kind {
        return Ok(page::elsewhere(&who.address()));
    }
    let clock = Clock::of(visitor, now());
    let found = Found::read(state, &who).await?;
    let (trace, trouble) = traced(state, &who).await;
    let history = history::read(
        state,
        &who,
        &found.connections(),
        asked.before,
        clock.now,
        clock.language,
    )
    .await?;
    let acts = acts::of(state, visitor, &who).await?;
    let page = found.page(visitor, &who, acts, (trace, trouble), asked.rule, &clock);
    let page = Page {
        sign_in: sign_in::of(state, visitor, &who).await?,
        is_later: asked.before.is_some(),
        older: history
            .next
            .map(|key| crate::console::address::Space::older(&who.address(), key)),
        log: history.lines,
        ..page
    };
    Ok(page::html(StatusCode::OK, &page))
}

/// What the engine makes of somebody. That it cannot tell takes nothing else from the page.
async fn traced(state: &State, who: &Somebody) -> (Option<Trace>, String) {
    let Some(engine) = state.engine() else {
        let sentence = "This process runs no connections, so it cannot tell what the rules make of them.";
        return (None, sentence.to_owned());
    };
    match engine.explain(who.workspace, &who.id.to_string()).await {
        Ok(traces) => (traces.into_iter().find(|one| one.id == who.id), String::new()),
        Err(error) => (None, format!("{error} {}", error.hint())),
    }
}

/// What the store has about somebody.
struct Found {
    known: read::Known,
    placed: directory::Placed,
    inbound: (
        provost_store::request::Page,
        Vec<provost_store::source_record::SourceRecord>,
    ),
    members: Vec<member::Peer>,
}

impl Found {
    async fn read(state: &State, who: &Somebody) -> Result<Self> {
        let who = who.clone();
        let read = move |tx: &mut Tx| {
            let most = i64::try_from(PEERS).unwrap_or(i64::MAX).saturating_add(1);
            Ok::<_, Store>(Self {
                known: read::known(tx, &who)?,
                placed: directory::placement(tx, who.key)?.unwrap_or_default(),
                inbound: inbound::read(tx, &who)?,
                members: match who.kind {
                    Kind::Group => member::of_group(tx, who.key, i64::MIN, most)?,
                    Kind::Person => Vec::new(),
                },
            })
        };
        Ok(state.db().read(read).await?)
    }

    fn connections(&self) -> Vec<Connection> {
        self.known
            .connections
            .iter()
            .map(|one| one.connection.clone())
            .collect()
    }

    fn page(
        self,
        visitor: &Visitor,
        who: &Somebody,
        acts: Acts,
        (trace, trouble): (Option<Trace>, String),
        opened: Option<i64>,
        clock: &Clock,
    ) -> Page {
        let (state, class, since) = standing(who, clock);
        let is_person = who.kind == Kind::Person;
        let peers = if is_person {
            &self.known.groups
        } else {
            &self.members
        };
        let provider = who.owner().and_then(|key| self.known.providers.get(&key));
        let label = shown(&who.label).to_owned();
        Page {
            provider: provider.map(|name| (name.clone(), who.space.to(&["providers", name]))),
            requests: requests(who, provider.map(String::as_str)),
            more_peers: peers.len() > PEERS,
            peers: peers.iter().take(PEERS).map(|peer| named(who, peer)).collect(),
            members: who.below("/members"),
            inbound: inbound::view(self.inbound, &self.known.providers, clock),
            record: record::of(who, self.placed, clock),
            rules: rules::views(who, self.known, trace.as_ref(), opened, clock),
            frame: frame(visitor, who, &label),
            noun: rules::noun(who.kind, clock.language),
            newest: who.address(),
            id: who.id,
            label,
            is_person,
            state,
            class,
            since,
            can: acts,
            sign_in: None,
            trouble,
            log: Vec::new(),
            is_later: false,
            older: None,
        }
    }
}

fn frame(visitor: &Visitor, who: &Somebody, label: &str) -> Frame {
    let (path, name) = match who.kind {
        Kind::Person => ("/people", text("People")),
        Kind::Group => ("/groups", text("Groups")),
    };
    Frame::new(visitor, label.to_owned()).below(who.space.at(path), visitor.language.t(name))
}

fn named(who: &Somebody, peer: &member::Peer) -> (String, String) {
    let address = match peer.kind {
        Kind::Person => who.space.person(peer.id),
        Kind::Group => who.space.group(peer.id),
    };
    (shown(&peer.label).to_owned(), address)
}

/// The request log, narrowed to them.
fn requests(who: &Somebody, provider: Option<&str>) -> String {
    let Some(name) = provider else {
        return String::new();
    };
    let address = who.space.to(&["providers", name, "requests"]);
    format!("{address}?search={}", who.id)
}

fn standing(who: &Somebody, clock: &Clock) -> (&'static str, &'static str, Option<Moment>) {
    match who.standing {
        Standing::Active => (text("active"), "active", None),
        Standing::Inactive => (text("inactive"), "inactive", None),
        Standing::Blocked(since) => (text("blocked"), "failed", Some(clock.moment(since))),
        Standing::Deleted(since) => (text("deleted"), "deleted", Some(clock.moment(since))),
        Standing::Gone => (text("gone"), "deleted", None),
    }
}
