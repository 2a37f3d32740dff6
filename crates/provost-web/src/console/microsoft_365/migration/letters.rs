//! The letters to the people who move: the announcement before it is sent, the reminders, and what became of each.

use super::super::place::{self as places, Head, Named, Place};
use crate::console::address::escaped;
use crate::console::confirm::{self, Question};
use crate::console::connections::{Tab, aside, trouble};
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place;
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
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
use provost_store::Tx;
use provost_store::migration::{self, Letter, LetterCounts, LetterState, LettersPage, Mailing};
use provost_sync::Error as Sync;
use provost_sync::migration::{Announcement, LetterShown, Lettering};
use serde::Deserialize;

/// Letters of one page.
const PAGE: i64 = 50;
/// People without an address, and recipients, that the page names.
const NAMED: usize = 100;

#[derive(Template)]
#[template(path = "microsoft_365/letters.html")]
struct Page {
    frame: Frame,
    head: Head,
    faults: Faults,
    here: String,
    back: String,
    letters: Vec<LetterShown>,
    recipients: usize,
    /// The first of them: name and address.
    to: Vec<(String, String)>,
    /// Who has no address: name and page.
    unreachable: Vec<(String, String)>,
    without: usize,
    /// How many get none, and why: keys of the catalogue.
    left_out: Vec<(&'static str, i64)>,
    digest: String,
    lack: String,
    verb: String,
    dead: String,
    mailings: Vec<Line>,
    reminders: Vec<Reminder>,
    owner: String,
    shown: Option<Shown>,
}

/// A mailing.
struct Line {
    what: String,
    address: String,
    failed: String,
    first: Moment,
    last: Moment,
    actor: String,
    counts: LetterCounts,
}

/// A reminder of the present deadline.
struct Reminder {
    what: String,
    due: Moment,
    sent: Option<Moment>,
}

/// The letters of the mailing that was asked for.
struct Shown {
    what: String,
    tabs: Vec<Tab>,
    letters: Vec<One>,
    is_later: bool,
    first: String,
    next: Option<String>,
}

/// A letter.
struct One {
    who: String,
    address: String,
    /// Keys of the catalogue.
    state: &'static str,
    class: &'static str,
    at: Moment,
    attempts: i64,
    reason: String,
}

/// What the page is asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::console) struct Asked {
    /// A mailing; without it, none is shown, or the first with letters of the state.
    mailing: String,
    state: String,
    after: Option<String>,
}

impl Asked {
    fn address(&self, place: &Place) -> String {
        let path = format!(
            "/microsoft-365/{}/migration/letters",
            escaped(&place.provider.name)
        );
        let mut all = vec![("mailing", self.mailing.clone())];
        if !self.state.is_empty() {
            all.push(("state", self.state.clone()));
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
    render(&state, &visitor, &place, asked, (Faults::none(), StatusCode::OK)).await
}

/// Sends the announcement: what was previewed on the page, or what is asked once more where that has changed.
pub(in crate::console) async fn send(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    named: Named,
    form: Form,
) -> Result<Response> {
    let place = places::find(&state, &visitor, named).await?;
    let (engine, actor) = (place::engine(&state)?.clone(), visitor.actor());
    let (workspace, name) = (place.provider.workspace, place.provider.name.clone());
    let given = confirm::given(&form);
    let deed = async move { engine.announce_migration(workspace, &name, &given, &actor).await };
    let here = place.at("migration/letters");
    match aside::finish(deed).await? {
        Ok(_) => Ok(page::elsewhere(&done::after(&here, "written"))),
        Err(error @ Sync::Confirm { .. }) => {
            let question = Question {
                verb: visitor.language.t(text("Send the announcement")).to_owned(),
                action: &here,
                back: here.clone(),
                undo: visitor
                    .language
                    .t(text("What the mail server has taken cannot be called back."))
                    .to_owned(),
                typed: None,
            };
            Ok(question.ask(&visitor, &error, &form))
        }
        Err(error) if error.code().is_some() => {
            let sent = (trouble::all(&error), aside::status(&error));
            render(&state, &visitor, &place, Asked::default(), sent).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn render(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    asked: Asked,
    (faults, status): (Faults, StatusCode),
) -> Result<Response> {
    let (engine, provider) = (place::engine(state)?, &place.provider);
    let announcement = engine
        .migration_announcement(provider.workspace, &provider.name)
        .await?;
    let lettering = engine
        .migration_letters(provider.workspace, &provider.name)
        .await?;
    let clock = Clock::of(visitor, now());
    let language = visitor.language;
    let shown = shown(state, place, asked, &lettering, &clock).await?;
    let Announcement {
        letters,
        audience,
        digest,
        lack,
    } = announcement;
    let recipients = audience.recipients.len();
    let view = Page {
        frame: place.frame(visitor, text("Letters")),
        head: place.head("migration"),
        faults,
        here: place.at("migration/letters"),
        back: place.at("migration"),
        letters,
        recipients,
        to: audience
            .recipients
            .into_iter()
            .take(NAMED)
            .map(|one| (one.label, one.address))
            .collect(),
        without: audience.unreachable.len(),
        unreachable: audience
            .unreachable
            .into_iter()
            .take(NAMED)
            .map(|one| (one.label, place.space.to(&["people", &one.id.to_string()])))
            .collect(),
        left_out: audience
            .left_out
            .iter()
            .map(|(reason, number)| (reason_word(reason), *number))
            .collect(),
        digest,
        lack,
        verb: language.f("Send {} letters", &[&recipients.to_string()]),
        dead: page::lack(visitor, Act::Configure),
        mailings: lettering
            .mailings
            .iter()
            .map(|one| line(place, &clock, one))
            .collect(),
        reminders: lettering
            .reminders
            .iter()
            .map(|one| Reminder {
                what: what(language, one.days),
                due: clock.moment(one.due),
                sent: one.sent.as_ref().map(|(sent, _)| clock.moment(sent.created)),
            })
            .collect(),
        owner: lettering.owner,
        shown,
    };
    Ok(page::html(status, &view))
}

/// What a mailing is called.
fn what(language: Language, days: i64) -> String {
    match days {
        0 => language.t(text("Announcement")).to_owned(),
        1 => language.t(text("Reminder, 1 day before the deadline")).to_owned(),
        days => language.f("Reminder, {} days before the deadline", &[&days.to_string()]),
    }
}

fn line(place: &Place, clock: &Clock, (one, counts): &(Mailing, LetterCounts)) -> Line {
    let asked = Asked {
        mailing: one.key.to_string(),
        ..Asked::default()
    };
    let failed = Asked {
        state: LetterState::Failed.as_str().to_owned(),
        ..asked.clone()
    };
    Line {
        what: what(clock.language, one.days),
        address: asked.address(place),
        failed: failed.address(place),
        first: clock.moment(one.created),
        last: clock.moment(one.changed),
        actor: one.actor.clone(),
        counts: *counts,
    }
}

/// The letters of the mailing that was asked for; none where there is no such mailing.
async fn shown(
    state: &State,
    place: &Place,
    asked: Asked,
    lettering: &Lettering,
    clock: &Clock,
) -> Result<Option<Shown>> {
    let of = match asked.state.as_str() {
        "" => None,
        word => Some(word.parse::<LetterState>().map_err(Refusal::address)?),
    };
    let is_meant = |(one, counts): &&(Mailing, LetterCounts)| match asked.mailing.as_str() {
        "" => of == Some(LetterState::Failed) && counts.failed > 0,
        id => one.key.to_string() == id,
    };
    let Some((mailing, _)) = lettering.mailings.iter().find(is_meant) else {
        return Ok(None);
    };
    let asked = Asked {
        mailing: mailing.key.to_string(),
        ..asked
    };
    let after = asked.after.as_deref().and_then(|place| {
        let (state, key) = place.split_once('~')?;
        Some((state.parse::<LetterState>().ok()?, key.parse::<i64>().ok()?))
    });
    let key = mailing.key;
    let read = move |tx: &mut Tx| migration::letters(tx, key, of, after, PAGE);
    let found: LettersPage = state.db().read(read).await?;
    let page_of = |after: Option<String>| {
        let asked = Asked {
            after,
            ..asked.clone()
        };
        asked.address(place)
    };
    let next = found.next.map(|(state, key)| format!("{state}~{key}"));
    Ok(Some(Shown {
        what: what(clock.language, mailing.days),
        tabs: tabs(place, &asked),
        letters: found.letters.into_iter().map(|one| letter(one, clock)).collect(),
        is_later: asked.after.is_some(),
        first: page_of(None),
        next: next.map(|next| page_of(Some(next))),
    }))
}

fn tabs(place: &Place, asked: &Asked) -> Vec<Tab> {
    let tab = |state: &str, label| Tab {
        label,
        address: Asked {
            mailing: asked.mailing.clone(),
            state: state.to_owned(),
            after: None,
        }
        .address(place),
        is_here: asked.state == state,
    };
    vec![
        tab("", text("all letters")),
        tab("sent", text("sent")),
        tab("waiting", text("waiting")),
        tab("failed", text("given up")),
        tab("dropped", text("not needed")),
    ]
}

fn letter(one: Letter, clock: &Clock) -> One {
    let (state, class) = match one.state {
        LetterState::Sent => (text("sent"), "done"),
        LetterState::Waiting => (text("waiting"), "partial"),
        LetterState::Failed => (text("given up"), "failed"),
        LetterState::Dropped => (text("not needed"), "unsynced"),
    };
    One {
        who: one.label,
        address: one.address,
        state,
        class,
        at: clock.moment(if one.settled > 0 { one.settled } else { one.created }),
        attempts: one.attempts,
        reason: one.reason,
    }
}

/// Why somebody gets no letter.
fn reason_word(reason: &str) -> &'static str {
    match reason {
        "onboarded" => text("onboarded"),
        "exempt" => text("exempt"),
        "inactive" => text("inactive or blocked"),
        "no_address" => text("without a mail address"),
        _ => text("have it already"),
    }
}
