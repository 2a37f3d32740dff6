//! Who has come, who is left, and what is decided.

use super::super::place::{self as places, Head, Named, Place};
use crate::console::address::escaped;
use crate::console::chart::{Chart, Days};
use crate::console::confirm::{self, Question};
use crate::console::connections::{Tab, aside, trouble};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, DAY, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::migration::{self, Conflict, Counts, Request, Standing};
use provost_store::{Tx, directory};
use provost_sync::Error as Sync;
use serde::Deserialize;
use uuid::Uuid;

/// Lines of one page.
const PAGE: i64 = 50;
/// Days of the chart.
const DAYS: i64 = 30;

#[derive(Template)]
#[template(path = "microsoft_365/onboarding.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    here: String,
    state: &'static str,
    class: &'static str,
    counts: Counts,
    read: Option<Moment>,
    identifiers: String,
    chart: Option<Chart>,
    tabs: Vec<Tab>,
    is_left: bool,
    lines: Vec<Line>,
    left: Vec<Left>,
    typed: Typed,
    filter: String,
    dead: String,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// Somebody who signed in.
struct Line {
    account: String,
    name: String,
    label: String,
    typed: String,
    /// Keys of the catalogue.
    state: &'static str,
    class: &'static str,
    conflict: &'static str,
    person: String,
    address: Option<String>,
    last: Moment,
    reason: String,
    actor: String,
}

/// Somebody who has not.
struct Left {
    label: String,
    name: String,
    address: String,
    /// A key of the catalogue.
    link: &'static str,
}

/// What a form that was sent says.
#[derive(Debug, Clone, Default)]
struct Typed {
    account: String,
    who: String,
    reason: String,
}

/// What the page is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::console) struct Asked {
    /// A state; `left` for those who are not onboarded; empty for everybody who signed in.
    filter: String,
    after: Option<String>,
}

impl Asked {
    fn address(&self, place: &Place) -> String {
        let path = format!("/microsoft-365/{}/onboarding", escaped(&place.provider.name));
        let mut all = Vec::new();
        if !self.filter.is_empty() {
            all.push(("filter", self.filter.clone()));
        }
        all.extend(self.after.clone().map(|after| ("after", after)));
        place.space.page(path, &all)
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
    let sent = (Typed::default(), Faults::none(), StatusCode::OK);
    render(&state, &visitor, &place, asked, sent).await
}

async fn render(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    asked: Asked,
    (typed, faults, status): (Typed, Faults, StatusCode),
) -> Result<Response> {
    let provider = &place.provider;
    let found = place::engine(state)?
        .migration(provider.workspace, &provider.name)
        .await?;
    let clock = Clock::of(visitor, now());
    let (word, class) = super::state(found.state);
    let is_left = asked.filter == "left";
    let (lines, left, next) = if is_left {
        let (left, next) = left_of(state, place, asked.after.as_deref()).await?;
        (Vec::new(), left, next)
    } else {
        let (lines, next) = requests_of(state, place, &asked, &clock).await?;
        (lines, Vec::new(), next)
    };
    let language = visitor.language;
    let page_of = |after: Option<String>| {
        let asked = Asked {
            after,
            ..asked.clone()
        };
        asked.address(place)
    };
    let view = Page {
        frame: place.frame(visitor, text("Onboarding")),
        head: place.head("migration"),
        faults,
        here: place.at("onboarding"),
        state: word,
        class,
        counts: found.counts,
        read: clock.moment_if(found.read),
        identifiers: place.at("identifiers"),
        chart: chart(&found.days, &clock, language),
        tabs: tabs(place, &asked.filter),
        is_left,
        lines,
        left,
        typed,
        dead: page::lack(visitor, Act::Configure),
        is_later: asked.after.is_some(),
        first: page_of(None),
        next: next.map(|next| page_of(Some(next))),
        filter: asked.filter,
    };
    Ok(page::html(status, &view))
}

fn tabs(place: &Place, here: &str) -> Vec<Tab> {
    let tab = |filter: &str, label| Tab {
        label,
        address: Asked {
            filter: filter.to_owned(),
            after: None,
        }
        .address(place),
        is_here: filter == here,
    };
    vec![
        tab("", text("all who signed in")),
        tab("pending", text("pending")),
        tab("left", text("not onboarded")),
        tab("mismatched", text("mismatched")),
        tab("approved", text("approved")),
        tab("denied", text("denied")),
        tab("onboarded", text("onboarded")),
    ]
}

async fn requests_of(
    state: &State,
    place: &Place,
    asked: &Asked,
    clock: &Clock,
) -> Result<(Vec<Line>, Option<String>)> {
    let standing: Option<Standing> = match asked.filter.as_str() {
        "" => None,
        word => Some(word.parse().map_err(Refusal::address)?),
    };
    let after = match asked.after.as_deref() {
        None => None,
        Some(text) => Some(place_of(text).ok_or_else(Refusal::nothing)?),
    };
    let key = place.provider.key;
    let read = move |tx: &mut Tx| migration::requests(tx, key, standing, after, PAGE);
    let page = state.db().read(read).await?;
    let next = page.next.map(|(state, key)| format!("{state}~{key}"));
    let lines = page
        .requests
        .into_iter()
        .map(|one| line(place, clock, one))
        .collect();
    Ok((lines, next))
}

fn place_of(text: &str) -> Option<(i64, i64)> {
    let (state, key) = text.split_once('~')?;
    Some((state.parse().ok()?, key.parse().ok()?))
}

async fn left_of(state: &State, place: &Place, after: Option<&str>) -> Result<(Vec<Left>, Option<String>)> {
    let after = match after {
        None => None,
        Some(text) => {
            let mut parts = text.splitn(3, '~');
            let number = |part: Option<&str>| part.and_then(|text| text.parse::<i64>().ok());
            let (state, key) = (number(parts.next()), number(parts.next()));
            match (state, key, parts.next()) {
                (Some(state), Some(key), Some(name)) => Some((state, name.to_owned(), key)),
                _ => return Err(Refusal::nothing()),
            }
        }
    };
    let (key, connection) = (place.provider.key, place.provider.connection.unwrap_or(0));
    let read = move |tx: &mut Tx| migration::left(tx, key, connection, after.clone(), PAGE as usize);
    let page = state.db().read(read).await?;
    let next = page
        .next
        .map(|(state, name, key)| format!("{state}~{key}~{name}"));
    let left = page
        .people
        .into_iter()
        .map(|one| Left {
            address: place.space.person(one.id),
            label: one.label,
            name: one.name,
            link: match one.link {
                provost_store::identifier::LinkState::Linked => text("linked"),
                provost_store::identifier::LinkState::Suggested => text("suggested"),
                _ => text("unlinked"),
            },
        })
        .collect();
    Ok((left, next))
}

fn line(place: &Place, clock: &Clock, one: Request) -> Line {
    let (state, class) = match one.standing {
        Standing::Pending => (text("pending"), "partial"),
        Standing::Mismatched => (text("mismatched"), "failed"),
        Standing::Approved => (text("approved"), "active"),
        Standing::Denied => (text("denied"), "unsynced"),
        Standing::Onboarded => (text("onboarded"), "success"),
    };
    Line {
        state,
        class,
        conflict: conflict(one.conflict),
        address: one.person_id.map(|id| place.space.person(id)),
        account: one.account,
        name: one.name,
        label: one.label,
        typed: one.typed,
        person: one.person_label,
        last: clock.moment(one.last),
        reason: one.reason,
        actor: one.actor,
    }
}

fn conflict(conflict: Conflict) -> &'static str {
    match conflict {
        Conflict::None => "",
        Conflict::Typed => text("the mail address that was typed is another's"),
        Conflict::Twice => text("the person of that name has another account, or waits with one"),
        Conflict::Mail => text("only a mail address is the same, which ties nobody"),
        Conflict::Stranger => text("nobody of the directory fits"),
        Conflict::Device => text("a second device came before the passkey of the first was made"),
        Conflict::Closed => text("the person cannot sign in at present"),
    }
}

fn chart(days: &[(i64, i64)], clock: &Clock, language: Language) -> Option<Chart> {
    if days.is_empty() {
        return None;
    }
    let last = now() / DAY;
    let numbers: Vec<Vec<i64>> = (last + 1 - DAYS..=last)
        .map(|day| {
            let found = days.iter().find(|(one, _)| *one == day);
            vec![found.map_or(0, |(_, count)| *count)]
        })
        .collect();
    let total = numbers.iter().flatten().sum();
    let drawn = Days {
        id: "onboarded",
        title: language.t(text("Onboarded on each day")).to_owned(),
        told: language.n(total, "1 person in 30 days", "{} people in 30 days"),
        classes: &["given"],
        last,
        days: numbers,
        words: &|numbers| {
            let count = numbers.first().copied().unwrap_or(0);
            language.n(count, "1 person", "{} people")
        },
    };
    Some(drawn.draw(clock))
}

/// Does what the pressed button says, with the one line that is chosen.
pub(in crate::console) async fn send(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let asked = Asked {
        filter: form.get("filter").to_owned(),
        after: None,
    };
    let list = asked.address(&place);
    let typed = Typed {
        account: form.get("account").to_owned(),
        who: form.get("who").to_owned(),
        reason: form.get("reason").to_owned(),
    };
    let act = form.get("do").to_owned();
    let mut person = Uuid::nil();
    if act == "merge" {
        match who(&state, place.provider.workspace, typed.who.trim().to_owned()).await? {
            Some(found) => person = found,
            None => {
                let sentence = "Say who is meant, by id, user name or mail address, so that one person fits. PRV-OBJECT-UNKNOWN";
                let wrong = (
                    typed,
                    Faults::one("who", sentence),
                    StatusCode::UNPROCESSABLE_ENTITY,
                );
                return render(&state, &visitor, &place, asked, wrong).await;
            }
        }
    }
    let (engine, actor, confirm) = (
        place::engine(&state)?.clone(),
        visitor.actor(),
        confirm::given(&form),
    );
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let (account, reason) = (typed.account.clone(), typed.reason.clone());
    let deed = async move {
        match act.as_str() {
            "approve" => {
                engine
                    .approve_onboarding(workspace, &name, &account, &actor)
                    .await
            }
            "deny" => {
                engine
                    .deny_onboarding(workspace, &name, &account, &reason, &actor)
                    .await
            }
            _ => {
                engine
                    .merge_onboarding(workspace, &name, &account, person, &confirm, &actor)
                    .await
            }
        }
    };
    match aside::finish(deed).await? {
        Ok(()) => Ok(page::elsewhere(&done::after(&list, "saved"))),
        Err(error @ Sync::Confirm { .. }) => {
            let question = Question {
                verb: visitor.language.t(text("Merge the two")).to_owned(),
                action: &place.at("onboarding"),
                back: list,
                ..Question::default()
            };
            Ok(question.ask(&visitor, &error, &form))
        }
        Err(error) if error.code().is_some() => {
            let wrong = (typed, trouble::all(&error), aside::status(&error));
            render(&state, &visitor, &place, asked, wrong).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The one person whom a text names.
async fn who(state: &State, workspace: i64, text: String) -> Result<Option<Uuid>> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = move |tx: &mut Tx| directory::find(tx, workspace, &text);
    let found = state.db().read(read).await?;
    let mut people = found.into_iter().filter(|one| one.kind == Kind::Person);
    Ok(match (people.next(), people.next()) {
        (Some(one), None) => Some(one.id),
        _ => None,
    })
}
