//! `/connections/{name}/assignments`: the people and groups that a connection means. Before somebody is taken out it is
//! shown who leaves with it.

use super::aside;
use super::base::{Base, OfConnection, at, frame};
use super::moves;
use super::trouble;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::microsoft_365::{Owner, of_connection};
use crate::console::page::{self, Frame};
use crate::console::place::{self, Asked, Place};
use crate::console::refusal::{Refusal, Result};
use crate::console::time::{Clock, Moment};
use crate::counted;
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::{Language, text};
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::assignment::{self, Assigned, Inside};
use provost_store::connection::{self, Assignment};
use provost_store::directory::{self, Object};
use provost_sync::{Error as Sync, Proposal};

/// Lines of one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "connections/assignments.html")]
struct Page {
    frame: Frame,
    base: Base,
    here: String,
    /// The provider that the connection belongs to, and why nobody can be assigned.
    owner: Option<Owner>,
    counts_only_assigned: bool,
    preferences: String,
    count: i64,
    typed: String,
    /// Who is meant by what was typed, where several are.
    found: Vec<(i64, String, String)>,
    lines: Vec<Line>,
    is_later: bool,
    first: String,
    next: Option<String>,
}

impl Page {
    /// Whether the provider that the connection belongs to lets nobody be assigned.
    fn is_locked(&self) -> bool {
        self.owner.as_ref().is_some_and(|owner| !owner.dead.is_empty())
    }
}

/// Somebody who is assigned.
struct Line {
    key: i64,
    label: String,
    address: Option<String>,
    kind: &'static str,
    /// Of a group, who is in it; empty of a person.
    inside: String,
    /// Of a group, how many groups are inside whose people are not meant.
    left_out: i64,
    since: Moment,
    actor: String,
}

type Named = std::result::Result<Path<OfConnection>, PathRejection>;
type OfQuery = std::result::Result<Query<Asked>, QueryRejection>;

/// The list.
pub(super) async fn show(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
    asked: OfQuery,
) -> Result<Response> {
    let (Path(path), Query(asked)) = (path.map_err(Refusal::address)?, asked.map_err(Refusal::address)?);
    let place = place::connection(&state, &visitor, &path.name).await?;
    let page = page(&state, &visitor, &place, asked.after_key()?, Faults::none()).await?;
    Ok(page::html(StatusCode::OK, &page))
}

async fn page(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    after: Option<i64>,
    faults: Faults,
) -> Result<Page> {
    let key = place.connection.key;
    let read = move |tx: &mut provost_store::Tx| {
        let mut lines = Vec::new();
        for one in assignment::list(tx, key, after.unwrap_or(0), PAGE)? {
            let inside = match one.kind {
                Kind::Group => Some(assignment::inside(tx, one.object)?),
                Kind::Person => None,
            };
            lines.push((one, inside));
        }
        Ok::<_, provost_store::Error>(lines)
    };
    let lines: Vec<(Assigned, Option<Inside>)> = state.db().read(read).await?;
    let count = counted::assigned(state.db(), key).await?;
    let is_full = i64::try_from(lines.len()).is_ok_and(|count| count == PAGE);
    let here = at(place, &["assignments"]);
    let next = lines
        .last()
        .filter(|_| is_full)
        .map(|(last, _)| format!("{here}?after={}", last.object));
    Ok(Page {
        frame: frame(visitor, place, text("Assignments")),
        base: Base::new(visitor, place, "assignments", Act::Access).with(faults),
        owner: of_connection(state, key, &place.space, visitor.language).await?,
        counts_only_assigned: place.connection.preferences.assignment == Assignment::Assigned,
        preferences: at(place, &["preferences"]),
        count,
        typed: String::new(),
        found: Vec::new(),
        lines: lines.into_iter().map(|one| line(visitor, place, one)).collect(),
        is_later: after.is_some(),
        first: here.clone(),
        here,
        next,
    })
}

fn line(visitor: &Visitor, place: &Place, (one, inside): (Assigned, Option<Inside>)) -> Line {
    let address = one.id.map(|id| match one.kind {
        Kind::Person => place.space.person(id),
        Kind::Group => place.space.group(id),
    });
    Line {
        key: one.object,
        label: one.label,
        address,
        kind: visitor.language.t(kind(one.kind)),
        inside: inside.map_or_else(String::new, |inside| told(visitor.language, inside)),
        left_out: inside
            .filter(|_| !place.connection.preferences.nested)
            .map_or(0, |inside| inside.groups),
        since: Clock::of(visitor, now()).moment(one.created),
        actor: one.actor,
    }
}

/// Who is in a group: `12 people, 1 group`.
fn told(language: Language, inside: Inside) -> String {
    let people = language.n(inside.people, "1 person", "{} people");
    let all = match inside.groups {
        0 => people,
        groups => format!("{people}, {}", language.n(groups, "1 group", "{} groups")),
    };
    match inside.is_more {
        true => language.f("{} and more", &[&all]),
        false => all,
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => text("person"),
        Kind::Group => text("group"),
    }
}

/// Assigns somebody, or ends an assignment.
pub(super) async fn change(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    path: Named,
    form: Form,
) -> Result<Response> {
    let Path(path) = path.map_err(Refusal::address)?;
    let place = place::connection(&state, &visitor, &path.name).await?;
    let here = at(&place, &["assignments"]);
    if let Some(key) = form.text("unassign") {
        let key: i64 = key.parse().map_err(Refusal::address)?;
        return end(&state, &visitor, &place, key, &form, &here).await;
    }
    let typed = form.text("who").unwrap_or_default().to_owned();
    let found = candidates(&state, &place, form.text("object"), &typed).await?;
    let language = visitor.language;
    match found.as_slice() {
        [] => {
            let sentence = match typed.as_str() {
                "" => language
                    .t(text("Type the name, e-mail address or id of a person or group."))
                    .to_owned(),
                _ => language.f(text("The directory has nobody of the name {}."), &[&typed]),
            };
            let page = page(&state, &visitor, &place, None, Faults::one("who", sentence)).await?;
            Ok(page::html(
                StatusCode::UNPROCESSABLE_ENTITY,
                &Page { typed, ..page },
            ))
        }
        [one] => match assign(&state, &visitor, &place, one.clone()).await? {
            Ok(()) => Ok(page::elsewhere(&done::after(&here, "assigned"))),
            Err(refused) => {
                let page = page(&state, &visitor, &place, None, trouble::all(&refused)).await?;
                Ok(page::html(aside::status(&refused), &Page { typed, ..page }))
            }
        },
        several => {
            let found = several.iter().map(|one| {
                let about = format!("{}, {}", language.t(kind(one.kind)), one.id);
                (one.key, one.label.clone(), about)
            });
            let found = found.collect();
            let page = page(&state, &visitor, &place, None, Faults::none()).await?;
            Ok(page::html(
                StatusCode::UNPROCESSABLE_ENTITY,
                &Page { typed, found, ..page },
            ))
        }
    }
}

/// Who is meant: by the key that was chosen from a list, else by what was typed.
async fn candidates(state: &State, place: &Place, chosen: Option<&str>, typed: &str) -> Result<Vec<Object>> {
    let workspace = place.connection.workspace;
    let key = chosen
        .map(str::parse::<i64>)
        .transpose()
        .map_err(Refusal::address)?;
    let typed = typed.to_owned();
    let read = move |tx: &mut provost_store::Tx| match key {
        Some(key) => Ok(directory::by_key(tx, key)?
            .filter(|one| one.workspace == workspace)
            .into_iter()
            .collect()),
        None if typed.is_empty() => Ok(Vec::new()),
        None => directory::find(tx, workspace, &typed),
    };
    Ok(state.db().read(read).await?)
}

/// Assigns somebody, or says why the provider that the connection belongs to does not let anybody.
async fn assign(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    object: Object,
) -> Result<std::result::Result<(), Sync>> {
    let (connection, actor, now) = (place.connection.key, visitor.actor(), now());
    let by = actor.clone();
    let done = state
        .db()
        .write(move |tx| match connection::by_key(tx, connection)? {
            Some(found) => assignment::add(tx, &by, now, &found, &object),
            None => Ok(false),
        });
    let done = done.await;
    let told = place::engine(state)?.told_assignment(&place.connection, &actor, done);
    match told.await {
        Ok(_) => Ok(Ok(())),
        Err(error) if error.code().is_some() => Ok(Err(error)),
        Err(error) => Err(error.into()),
    }
}

async fn end(
    state: &State,
    visitor: &Visitor,
    place: &Place,
    object: i64,
    form: &Form,
    here: &str,
) -> Result<Response> {
    // Where everybody is meant, an assignment moves nobody.
    if place.connection.preferences.assignment == Assignment::Assigned {
        let proposal = Proposal {
            unassign: vec![object],
            ..Proposal::default()
        };
        let how = moves::How {
            verb: visitor.language.t(text("End the assignment")),
            action: here,
            back: here,
            what: "the end of this assignment",
        };
        match moves::of(state, &place.connection, &proposal).await? {
            Ok(preview) => {
                if let Some(question) = moves::question(visitor, &preview, form, &how) {
                    return Ok(question);
                }
            }
            Err(error) => {
                let page = page(state, visitor, place, None, trouble::all(&error)).await?;
                return Ok(page::html(StatusCode::CONFLICT, &page));
            }
        }
    }
    let (connection, actor, now) = (place.connection.key, visitor.actor(), now());
    state
        .db()
        .write(move |tx| match connection::by_key(tx, connection)? {
            Some(found) => assignment::remove(tx, &actor, now, &found, object),
            None => Ok(false),
        })
        .await?;
    Ok(page::elsewhere(&done::after(here, "unassigned")))
}
