//! `GET` and `POST …/{id}/provision`: one person, or a group with some of its members, now; and each of the steps that
//! were taken, as the engine tells them.

use super::access::Place;
use crate::console::faults::Faults;
use crate::console::page::{self, Frame};
use crate::console::place::{self, Somebody};
use crate::console::refusal::{Refusal, Result};
use crate::console::status::shown;
use crate::form::Form;
use crate::state::State;
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::Response;
use provost_engine::object::Kind;
use provost_store::connection::{self, Connection};
use provost_store::directory;
use provost_store::{Error as Store, Tx};
use provost_sync::{MOST_MEMBERS, Outcome, Provisioned, ShownStep};

/// Characters that are shown of what a step read or wrote.
const DETAILS: usize = 4_000;

#[derive(Template)]
#[template(path = "people/provision.html")]
struct Page {
    frame: Frame,
    label: String,
    is_group: bool,
    action: String,
    back: String,
    /// Where it can be done: a connection's key and name.
    connections: Vec<(String, String)>,
    chosen: String,
    members: String,
    most: usize,
    faults: Faults,
    told: Option<Told>,
}

/// What was done.
struct Told {
    connection: String,
    word: &'static str,
    class: &'static str,
    steps: Vec<Step>,
    /// The cycle under which it stands in the log.
    cycle: Option<String>,
}

/// One of the five steps.
struct Step {
    name: &'static str,
    rule: String,
    word: &'static str,
    class: &'static str,
    description: String,
    /// As JSON, line by line; empty where there are none.
    details: String,
}

/// The question where.
pub(crate) async fn ask(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
) -> Result<Response> {
    let Path((_, id)) = place.map_err(Refusal::address)?;
    let who = place::somebody(&state, &visitor, id).await?;
    let page = view(
        &visitor,
        &who,
        &connections(&state, &who).await?,
        &Form::default(),
    );
    Ok(page::html(StatusCode::OK, &page))
}

/// Does it.
pub(crate) async fn run(
    extract::State(state): extract::State<State>,
    visitor: Visitor,
    place: Place,
    form: Form,
) -> Result<Response> {
    let Path((_, id)) = place.map_err(Refusal::address)?;
    let who = place::somebody(&state, &visitor, id).await?;
    let connections = connections(&state, &who).await?;
    let mut page = view(&visitor, &who, &connections, &form);
    let Some(connection) = connections
        .iter()
        .find(|one| one.key.to_string() == form.get("connection"))
    else {
        page.faults = Faults::one(
            "connection",
            visitor.language.t(text("Choose where it is to be done.")),
        );
        return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let members = match members(&state, &visitor, &who, form.get("members")).await? {
        Ok(members) => members,
        Err(sentence) => {
            page.faults = Faults::one("members", sentence);
            return Ok(page::html(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let engine = place::engine(&state)?.clone();
    let (connection, object, actor) = (connection.key, who.key, visitor.actor());
    // It must not end half way when the browser goes away.
    let deed = tokio::spawn(async move { engine.provision(connection, object, &members, &actor).await });
    let done = deed
        .await
        .map_err(|broken| crate::error::Error::from(Store::Database(broken.to_string())))?;
    match done {
        Ok(done) => page.told = Some(told(&who, done)),
        // Somebody who is gone from the directory, and from the target too.
        Err(error) if error.code() == Some("PRV-OBJECT-UNKNOWN") => {
            let sentence = text("Nothing is left to do there: a cycle has closed the account already.");
            page.faults = Faults::one("connection", visitor.language.t(sentence));
            return Ok(page::html(StatusCode::CONFLICT, &page));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(page::html(StatusCode::OK, &page))
}

async fn connections(state: &State, who: &Somebody) -> Result<Vec<Connection>> {
    let workspace = who.workspace;
    Ok(state
        .db()
        .read_short(move |tx| connection::all(tx, workspace))
        .await?)
}

/// The members that were named, one a line; or what is wrong with one of them.
async fn members(
    state: &State,
    visitor: &Visitor,
    who: &Somebody,
    typed: &str,
) -> Result<std::result::Result<Vec<i64>, String>> {
    let lines = typed.lines().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    if lines.len() > MOST_MEMBERS {
        let most = MOST_MEMBERS.to_string();
        return Ok(Err(visitor
            .language
            .f("At most {} members can be named at once.", &[&most])));
    }
    let (workspace, language) = (who.workspace, visitor.language);
    let read = move |tx: &mut Tx| {
        let mut keys = Vec::with_capacity(lines.len());
        for line in &lines {
            let mut found = directory::find(tx, workspace, line)?;
            match (found.pop(), found.is_empty()) {
                (Some(one), true) => keys.push(one.key),
                _ => {
                    let sentence =
                        text("\"{}\" is not one member that can be told. Type the user name or the id.");
                    return Ok(Err(language.f(sentence, &[line])));
                }
            }
        }
        Ok::<_, Store>(Ok(keys))
    };
    Ok(state.db().read(read).await?)
}

fn view(visitor: &Visitor, who: &Somebody, connections: &[Connection], form: &Form) -> Page {
    let (path, above) = match who.kind {
        Kind::Person => ("/people", text("People")),
        Kind::Group => ("/groups", text("Groups")),
    };
    let label = shown(&who.label).to_owned();
    let first = connections.first().map(|one| one.key.to_string());
    Page {
        frame: Frame::new(visitor, text("Provision now"))
            .below(who.space.at(path), visitor.language.t(above))
            .below(who.address(), &label),
        label,
        is_group: who.kind == Kind::Group,
        action: who.below("/provision"),
        back: who.address(),
        connections: connections
            .iter()
            .map(|one| (one.key.to_string(), one.name.clone()))
            .collect(),
        chosen: form
            .text("connection")
            .map(str::to_owned)
            .or(first)
            .unwrap_or_default(),
        members: form.get("members").to_owned(),
        most: MOST_MEMBERS,
        faults: Faults::none(),
        told: None,
    }
}

fn told(who: &Somebody, done: Provisioned) -> Told {
    let (word, class) = outcome(done.outcome);
    Told {
        cycle: done.cycle.map(|key| who.space.at(&format!("/cycles/{key}"))),
        steps: done.steps.into_iter().map(step).collect(),
        connection: done.connection,
        word,
        class,
    }
}

fn step(step: ShownStep) -> Step {
    let (word, class) = outcome(step.status);
    let details = match step.details.is_null() {
        true => String::new(),
        false => serde_json::to_string_pretty(&step.details).unwrap_or_default(),
    };
    Step {
        name: match step.name {
            "connection" => text("connection"),
            "import" => text("what the directory has"),
            "scope" => text("scope"),
            "match" => text("match"),
            "mapping" => text("what it is to look like"),
            _ => text("action"),
        },
        rule: step.rule,
        description: step.description,
        details: details.chars().take(DETAILS).collect(),
        word,
        class,
    }
}

fn outcome(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Skipped => (text("skipped"), "unsynced"),
        Outcome::Success => (text("success"), "success"),
        Outcome::Held => (text("held"), "partial"),
        Outcome::Failure => (text("failed"), "failed"),
    }
}
