//! The page with its two lists.

use super::super::place::{self as places, Head, Named, Place};
use crate::console::address::escaped;
use crate::console::connections::Tab;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::Tx;
use provost_store::identifier::{
    self, Account, AccountsAsked, Counts, ImmutableState, LinkState, Mark, PeopleAsked, PersonLine,
};
use provost_sync::identifier::Summary;
use serde::Deserialize;

/// Lines of one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "microsoft_365/identifiers.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    notes: Vec<String>,
    here: String,
    tabs: Vec<Tab>,
    is_people: bool,
    /// Whether the accounts were read to their end once.
    read: Option<Moment>,
    trouble: String,
    not_needed: bool,
    to_write: i64,
    accounts: Counts,
    people: Counts,
    asked: Asked,
    typed: Typed,
    states: Vec<(String, String)>,
    marks: Vec<(String, String)>,
    lines: Vec<Line>,
    /// Why nothing can be done; empty where it can.
    dead: String,
    /// Why it cannot be read; empty where it can.
    dead_read: String,
    is_narrowed: bool,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// An account or a person.
struct Line {
    /// The object id, or the public id.
    id: String,
    label: String,
    name: String,
    is_ticked: bool,
    /// The person's page.
    address: Option<String>,
    /// The word of the state, a key of the catalogue, and its colour.
    state: &'static str,
    class: &'static str,
    /// The other side, where somebody is linked or suggested, and their page.
    other: String,
    other_address: Option<String>,
    score: i64,
    why: String,
    /// Why nobody is needed, and who answers for that.
    reason: String,
    owner: String,
    /// Keys of the catalogue.
    marks: Vec<&'static str>,
    /// What is to be done about the immutable id, a key of the catalogue; empty where nothing is.
    immutable: &'static str,
}

/// What the page is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::console) struct Asked {
    tab: String,
    state: String,
    mark: String,
    search: String,
    after: Option<String>,
}

/// What a form that was sent says: it stands in the page again when it was refused.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    pub who: String,
    pub target: String,
    pub reason: String,
    pub owner: String,
    /// The ids of the lines that were ticked.
    pub ticked: Vec<String>,
}

impl Asked {
    /// The list of people, or that of accounts.
    fn of(tab: &str) -> Self {
        Self {
            tab: tab.to_owned(),
            ..Self::default()
        }
    }

    /// The list on which a form stood.
    pub(super) fn from(form: &Form) -> Self {
        let given = |name: &str| form.get(name).to_owned();
        Self {
            tab: given("tab"),
            state: given("state"),
            mark: given("mark"),
            search: given("search"),
            after: Some(given("after")).filter(|after| !after.is_empty()),
        }
    }

    /// The address of the list, in this place of it.
    pub(super) fn address(&self, place: &Place) -> String {
        let path = format!("/microsoft-365/{}/identifiers", escaped(&place.provider.name));
        place.space.page(path, &self.parameters(self.after.clone()))
    }

    pub(super) fn is_people(&self) -> bool {
        self.tab == "people"
    }

    fn parameters(&self, after: Option<String>) -> Vec<(&'static str, String)> {
        let texts = [
            ("tab", &self.tab),
            ("state", &self.state),
            ("mark", &self.mark),
            ("search", &self.search),
        ];
        let mut all: Vec<_> = texts
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name, value.clone()))
            .collect();
        all.extend(after.map(|after| ("after", after)));
        all
    }
}

/// The page.
pub(in crate::console) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    asked: std::result::Result<Query<Asked>, QueryRejection>,
) -> Result<Response> {
    let Query(asked) = asked.map_err(Refusal::address)?;
    let place = places::find(&state, &visitor, named).await?;
    let fresh = (StatusCode::OK, Faults::none(), Vec::new());
    render(&state, &visitor, &place, (asked, Typed::default()), fresh).await
}

fn word<T: std::str::FromStr>(text: &str) -> Result<Option<T>>
where
    T::Err: std::fmt::Debug,
{
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(Refusal::address),
    }
}

/// The page, with what was wrong or what came of an act.
pub(super) async fn render(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    (asked, typed): (Asked, Typed),
    (status, faults, notes): (StatusCode, Faults, Vec<String>),
) -> Result<Response> {
    let provider = &place.provider;
    let summary: Summary = place::engine(state)?
        .identifiers(provider.workspace, &provider.name)
        .await?;
    let connection = provider.connection.unwrap_or(0);
    let (mut lines, next) = if asked.is_people() {
        people(state, place, connection, &asked).await?
    } else {
        accounts(state, place, connection, &asked).await?
    };
    for line in &mut lines {
        line.is_ticked = typed.ticked.contains(&line.id);
    }
    let language = visitor.language;
    let page_of = |after: Option<String>| {
        let asked = Asked {
            after,
            ..asked.clone()
        };
        asked.address(place)
    };
    let tab = |name: &str, label| Tab {
        label,
        address: Asked::of(name).address(place),
        is_here: (name == "people") == asked.is_people(),
    };
    let choices = |every: &'static str, words: &[(&'static str, &'static str)]| {
        let mut all = vec![(String::new(), language.t(every).to_owned())];
        all.extend(
            words
                .iter()
                .map(|(value, label)| ((*value).to_owned(), language.t(label).to_owned())),
        );
        all
    };
    let states: Vec<_> = LinkState::ALL
        .iter()
        .map(|one| (one.as_str(), state_of(*one).0))
        .collect();
    let marks: Vec<_> = Mark::ALL
        .iter()
        .map(|one| (one.as_str(), mark_of(*one)))
        .collect();
    let view = Page {
        frame: place.frame(visitor, text("Identifiers")),
        head: place.head("identifiers"),
        faults,
        notes,
        here: place.at("identifiers"),
        tabs: vec![
            tab("", text("Microsoft 365 accounts")),
            tab("people", text("Directory people")),
        ],
        is_people: asked.is_people(),
        read: Clock::of(visitor, now()).moment_if(summary.read),
        trouble: summary.trouble,
        not_needed: summary.not_needed,
        to_write: summary.to_write,
        accounts: summary.accounts,
        people: summary.people,
        // Who is linked stands in the list of accounts; here, only those are listed with whom there is something to do.
        states: choices(
            match asked.is_people() {
                true => text("not linked"),
                false => text("all"),
            },
            &states,
        ),
        marks: choices(text("all"), &marks),
        lines,
        dead: page::lack(visitor, Act::Configure),
        dead_read: match provider.connection {
            Some(_) => page::lack(visitor, Act::Operate),
            None => language
                .t(text(
                    "Configure Provisioning first: the accounts are read with its credentials.",
                ))
                .to_owned(),
        },
        is_narrowed: !asked.search.is_empty() || !asked.state.is_empty() || !asked.mark.is_empty(),
        is_later: asked.after.is_some(),
        first: page_of(None),
        next: next.map(|next| page_of(Some(next))),
        asked,
        typed,
    };
    Ok(page::html(status, &view))
}

async fn accounts(
    state: &State,
    place: &Place,
    connection: i64,
    asked: &Asked,
) -> Result<(Vec<Line>, Option<String>)> {
    let wanted = AccountsAsked {
        connection,
        state: word(&asked.state)?,
        mark: word(&asked.mark)?,
        text: Some(asked.search.clone()),
        after: word(asked.after.as_deref().unwrap_or_default())?,
    };
    let read = move |tx: &mut Tx| identifier::accounts(tx, &wanted, PAGE);
    let page = state.db().read(read).await?;
    let lines = page.accounts.into_iter().map(|one| account(place, one)).collect();
    Ok((lines, page.next.map(|next| next.to_string())))
}

async fn people(
    state: &State,
    place: &Place,
    connection: i64,
    asked: &Asked,
) -> Result<(Vec<Line>, Option<String>)> {
    let wanted = PeopleAsked {
        connection,
        state: word(&asked.state)?,
        text: Some(asked.search.clone()),
        after: word(asked.after.as_deref().unwrap_or_default())?,
    };
    let read = move |tx: &mut Tx| identifier::people(tx, &wanted, PAGE);
    let page = state.db().read(read).await?;
    let lines = page.people.into_iter().map(|line| person(place, line)).collect();
    Ok((lines, page.next.map(|next| next.to_string())))
}

fn account(place: &Place, one: Account) -> Line {
    let (word, class) = state_of(one.state);
    let marks = Mark::ALL
        .iter()
        .filter(|mark| mark.is_of(&one))
        .map(|mark| mark_of(*mark))
        .collect();
    Line {
        id: one.facts.id,
        label: one.facts.label,
        name: one.facts.name,
        is_ticked: false,
        address: None,
        state: word,
        class,
        other: one.person_label,
        other_address: one.person_id.map(|id| place.space.person(id)),
        score: one.score,
        why: one.why,
        reason: one.reason,
        owner: one.owner,
        marks,
        immutable: match one.immutable {
            ImmutableState::None | ImmutableState::Same => "",
            ImmutableState::Write => text("immutable id to be written"),
            ImmutableState::Kept => text("keeps its immutable id"),
        },
    }
}

fn person(place: &Place, line: PersonLine) -> Line {
    let (word, class) = state_of(line.person.state);
    Line {
        id: line.id.to_string(),
        label: line.label,
        name: line.name,
        is_ticked: false,
        address: Some(place.space.person(line.id)),
        state: word,
        class,
        other: line.account_name,
        other_address: None,
        score: line.person.score,
        why: line.person.why,
        reason: line.person.reason,
        owner: line.person.owner,
        marks: Vec::new(),
        immutable: "",
    }
}

/// The word of a state and its colour.
fn state_of(state: LinkState) -> (&'static str, &'static str) {
    match state {
        LinkState::Unlinked => (text("unlinked"), "failed"),
        LinkState::Suggested => (text("suggested"), "partial"),
        LinkState::Exempt => (text("exempt"), "unsynced"),
        LinkState::Linked => (text("linked"), "success"),
    }
}

fn mark_of(mark: Mark) -> &'static str {
    match mark {
        Mark::Guest => text("guest"),
        Mark::Shared => text("shared mailbox"),
        Mark::Disabled => text("disabled"),
        Mark::Protected => text("protected"),
        Mark::Synchronised => text("synchronised from on premises"),
    }
}
