//! The letters to the people who move: the announcement, the reminders, and what became of each.

use crate::api::aside;
use crate::api::body;
use crate::api::caller::{Configurer, Reader};
use crate::api::connections::parameters;
use crate::api::microsoft_365::{about, engine, find};
use crate::api::moment::Moment;
use crate::api::paging;
use crate::api::path::Path;
use crate::api::problem::{Problem, Result};
use crate::api::route::Interface;
use crate::api::shape;
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::HeaderMap;
use axum::response::Json;
use provost_store::Tx;
use provost_store::migration::{self, Letter, LetterCounts, LetterState, LettersPage, Mailing};
use provost_sync::migration::Announcement;
use provost_sync::setup::Confirm;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) fn routes(api: Interface) -> Interface {
    api.get(
        "/api/v1/microsoft-365-providers/{name}/migration/announcement",
        Act::Look,
        preview,
        about("the announcement as it would be sent now: the letter in each language, and whom it goes to")
            .answers::<Preview>(),
    )
    .post(
        "/api/v1/microsoft-365-providers/{name}/migration/announcement",
        Act::Configure,
        announce,
        about("sends the announcement to everybody who did not get it, with `confirm`")
            .body::<Sending>()
            .answers::<Sent>(),
    )
    .get(
        "/api/v1/microsoft-365-providers/{name}/migration/letters",
        Act::Look,
        letters,
        about("what was written to people, what is going to be, and what became of each letter of a mailing")
            .query::<Wanted>()
            .answers::<Letters>(),
    )
}

/// The letter in one language.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AnnouncementLetter")]
struct Text {
    /// `en` or `de`.
    language: &'static str,
    /// How many get it in this language.
    recipients: usize,
    subject: String,
    /// As the first of them gets it.
    text: String,
}

/// Somebody.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AnnouncementUnreachable")]
struct Somebody {
    id: Uuid,
    label: String,
}

/// An announcement before it is sent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Announcement")]
pub(crate) struct Preview {
    letters: Vec<Text>,
    /// How many are written to.
    recipients: usize,
    /// The first 500 who have no mail address.
    unreachable: Vec<Somebody>,
    /// How many get none, by the reason: `onboarded`, `exempt`, `inactive`, `no_address` or `written` before.
    left_out: BTreeMap<&'static str, i64>,
    /// What confirms exactly this; empty where it cannot be sent.
    digest: String,
    /// Why it cannot be sent; empty where it can.
    lack: String,
}

/// Lines of who has no address.
const UNREACHABLE: usize = 500;

impl From<Announcement> for Preview {
    fn from(found: Announcement) -> Self {
        let letters = found.letters.into_iter().map(|one| Text {
            language: one.language,
            recipients: one.recipients,
            subject: one.subject,
            text: one.text,
        });
        let without = found.audience.unreachable.into_iter().take(UNREACHABLE);
        Self {
            letters: letters.collect(),
            recipients: found.audience.recipients.len(),
            unreachable: without
                .map(|one| Somebody {
                    id: one.id,
                    label: one.label,
                })
                .collect(),
            left_out: found.audience.left_out,
            digest: found.digest,
            lack: found.lack,
        }
    }
}

/// `GET …/migration/announcement`.
async fn preview(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
) -> Result<Json<Preview>> {
    let found = engine(&state)?
        .migration_announcement(caller.workspace(), &name)
        .await?;
    Ok(Json(found.into()))
}

/// What was confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AnnouncementSending")]
pub(crate) struct Sending {
    #[serde(default)]
    #[schemars(with = "shape::confirm::Confirm")]
    confirm: Confirm,
}

/// What was written.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AnnouncementSent")]
pub(crate) struct Sent {
    /// Letters that are on their way.
    written: u64,
}

/// `POST …/migration/announcement`.
async fn announce(
    extract::State(state): extract::State<State>,
    caller: Configurer,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Sent>> {
    let Sending { confirm } = body::read(&state, &headers, body).await?;
    let (engine, workspace, actor) = (engine(&state)?, caller.workspace(), caller.actor());
    aside(async move {
        let written = engine
            .announce_migration(workspace, &name, &confirm, &actor)
            .await?;
        Ok(Sent { written })
    })
    .await
}

/// Which letters.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "LettersWanted")]
pub(crate) struct Wanted {
    /// The id of a mailing, for its letters; without it, none.
    mailing: Option<String>,
    /// `dropped`, `failed`, `sent` or `waiting`; without it, all.
    state: Option<String>,
    /// The `next` of the page before; without it, the first.
    after: Option<String>,
    /// Lines on the page: 100, at most 500.
    limit: Option<i64>,
}

/// Something that people were written about.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Mailing")]
struct Written {
    id: String,
    /// Days before the deadline; 0 for the announcement.
    days: i64,
    /// The deadline that it is about.
    deadline: Option<Moment>,
    first: Moment,
    last: Moment,
    actor: String,
    sent: i64,
    waiting: i64,
    failed: i64,
    /// Not needed any more.
    dropped: i64,
}

impl From<(Mailing, LetterCounts)> for Written {
    fn from((one, counts): (Mailing, LetterCounts)) -> Self {
        Self {
            id: one.key.to_string(),
            days: one.days,
            deadline: Moment::after_all(one.deadline),
            first: Moment::at(one.created),
            last: Moment::at(one.changed),
            actor: one.actor,
            sent: counts.sent,
            waiting: counts.waiting,
            failed: counts.failed,
            dropped: counts.dropped,
        }
    }
}

/// A reminder of the present deadline.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MigrationReminder")]
struct Reminder {
    days: i64,
    due: Moment,
    /// The id of its mailing; none before.
    mailing: Option<String>,
}

/// A letter.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MigrationLetter")]
struct One {
    who: String,
    address: String,
    /// The tag of its language.
    language: String,
    /// `dropped`, `failed`, `sent` or `waiting`.
    state: &'static str,
    written: Moment,
    attempts: i64,
    /// When it was sent, given up or dropped.
    settled: Option<Moment>,
    /// Why the last try failed, or why it was dropped.
    reason: String,
}

impl From<Letter> for One {
    fn from(one: Letter) -> Self {
        Self {
            state: one.state.as_str(),
            who: one.label,
            address: one.address,
            language: one.language,
            written: Moment::at(one.created),
            attempts: one.attempts,
            settled: Moment::after_all(one.settled),
            reason: one.reason,
        }
    }
}

/// The letters of a migration.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MigrationLetters")]
pub(crate) struct Letters {
    mailings: Vec<Written>,
    reminders: Vec<Reminder>,
    /// Who gets the list of those who are left; empty for nobody.
    owner: String,
    /// Of the mailing that was asked for.
    letters: Vec<One>,
    next: Option<String>,
}

/// `GET …/migration/letters`.
async fn letters(
    extract::State(state): extract::State<State>,
    caller: Reader,
    Path(name): Path<String>,
    wanted: std::result::Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Letters>> {
    let wanted = parameters(wanted)?;
    let provider = find(&state, caller.workspace(), &name).await?;
    let found = engine(&state)?
        .migration_letters(caller.workspace(), &provider.name)
        .await?;
    let page = page(&state, &wanted, &found.mailings).await?;
    Ok(Json(Letters {
        reminders: found
            .reminders
            .iter()
            .map(|one| Reminder {
                days: one.days,
                due: Moment::at(one.due),
                mailing: one.sent.as_ref().map(|(sent, _)| sent.key.to_string()),
            })
            .collect(),
        mailings: found.mailings.into_iter().map(Written::from).collect(),
        owner: found.owner,
        next: page.next.map(|(state, key)| format!("{state}~{key}")),
        letters: page.letters.into_iter().map(One::from).collect(),
    }))
}

fn nowhere() -> Problem {
    Problem::request(
        "the list does not go on there",
        "Take `after` from the `next` of the page before, or leave it out.",
    )
}

async fn page(state: &State, wanted: &Wanted, mailings: &[(Mailing, LetterCounts)]) -> Result<LettersPage> {
    let Some(id) = wanted.mailing.as_deref() else {
        return Ok(LettersPage::default());
    };
    let mut keys = mailings.iter().map(|(one, _)| one.key);
    let Some(mailing) = keys.find(|key| key.to_string() == id) else {
        return Err(Problem::request(
            "there is no such mailing of this migration",
            "Take its id from `mailings`.",
        ));
    };
    let of = wanted.state.as_deref().map(str::parse::<LetterState>).transpose();
    let of = of.map_err(|error| Problem::request(error.to_string(), "Correct it, or leave it out."))?;
    let after = match wanted.after.as_deref() {
        None => None,
        Some(text) => {
            let (state, key) = text.split_once('~').ok_or_else(nowhere)?;
            let parts = (state.parse::<LetterState>(), key.parse::<i64>());
            let (Ok(state), Ok(key)) = parts else {
                return Err(nowhere());
            };
            Some((state, key))
        }
    };
    let limit = paging::count(wanted.limit) as i64;
    let read = move |tx: &mut Tx| migration::letters(tx, mailing, of, after, limit);
    Ok(state.db().read(read).await?)
}
