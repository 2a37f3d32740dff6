//! `GET` and `POST /teams`: the parts of a workspace that inbound providers place their new people in.

use crate::console::address::Space;
use crate::console::done;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::people::{acts, entered};
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::form::Form;
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::provider::{self, Provider};
use provost_store::team::{self, Team};
use provost_store::{Error as Store, Tx};
use uuid::Uuid;

#[derive(Template)]
#[template(path = "providers/teams.html")]
struct Page {
    frame: Frame,
    faults: Faults,
    /// Why no team can be made here.
    why: String,
    action: String,
    typed: String,
    lines: Vec<Line>,
}

/// A team.
struct Line {
    name: String,
    created: Moment,
    /// Name and address of each provider that places its new people in it.
    providers: Vec<(String, String)>,
}

/// The teams.
pub(crate) async fn list(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let page = view(&state, &visitor, Faults::none(), "").await?;
    Ok(page::html(StatusCode::OK, &page))
}

/// Makes a team.
pub(crate) async fn make(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    form: Form,
) -> Result<Response> {
    let inside = visitor.workspace()?;
    let (workspace, here) = (inside.key, Space::of(inside).at("/teams"));
    let (actor, name) = (visitor.actor(), form.get("name").trim().to_owned());
    let write = move |tx: &mut Tx| team::create(tx, &actor, now(), workspace, Uuid::now_v7(), &name);
    let faults = match state.db().write(write).await {
        Ok(_) => return Ok(page::elsewhere(&done::after(&here, "added"))),
        Err(Store::Conflict) => {
            let sentence = text("There is a team of this name already.");
            Faults::one("name", visitor.language.t(sentence))
        }
        Err(error) => entered::fault(error, "name")?,
    };
    let page = view(&state, &visitor, faults, form.get("name")).await?;
    Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

async fn view(state: &State, visitor: &Visitor, faults: Faults, typed: &str) -> Result<Page> {
    let inside = visitor.workspace()?;
    let (workspace, space) = (inside.key, Space::of(inside));
    let read = move |tx: &mut Tx| Ok::<_, Store>((team::all(tx, workspace)?, provider::all(tx, workspace)?));
    let (teams, providers) = state.db().read_short(read).await?;
    let clock = Clock::of(visitor, now());
    Ok(Page {
        frame: Frame::new(visitor, text("Teams")).below(
            space.at("/providers"),
            visitor.language.t(text("Inbound providers")),
        ),
        faults,
        why: acts::role(visitor, Act::Configure),
        action: space.at("/teams"),
        typed: typed.to_owned(),
        lines: teams
            .into_iter()
            .map(|one| line(one, &providers, &space, &clock))
            .collect(),
    })
}

fn line(one: Team, providers: &[Provider], space: &Space, clock: &Clock) -> Line {
    let placing = providers
        .iter()
        .filter(|provider| provider.team.as_deref() == Some(&one.name));
    Line {
        providers: placing
            .map(|provider| (provider.name.clone(), space.to(&["providers", &provider.name])))
            .collect(),
        created: clock.moment(one.created),
        name: one.name,
    }
}
