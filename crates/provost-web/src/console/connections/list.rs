//! `/connections`: each with its one state, why it is in it, and how many it has linked.

use super::base::needs;
use super::gallery::protocol;
use crate::console::address::Space;
use crate::console::page::{self, Frame};
use crate::console::refusal::Result;
use crate::console::time::{Clock, Moment};
use crate::policy::Act;
use crate::state::{State, now};
use crate::texts::text;
use crate::visitor::Visitor;
use askama::Template;
use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;
use provost_store::connection::{self, Connection};
use provost_store::rule;

#[derive(Template)]
#[template(path = "connections/list.html")]
struct Page {
    frame: Frame,
    new: String,
    needs: String,
    lines: Vec<Line>,
}

/// A connection.
struct Line {
    name: String,
    address: String,
    protocol: &'static str,
    description: String,
    state: &'static str,
    reason: String,
    since: Option<Moment>,
    last_run: Option<Moment>,
    /// Rules, and those of them that are switched on.
    rules: i64,
    enabled: i64,
}

/// The list. There are as many as an organisation has applications; each is one line.
pub(super) async fn show(extract::State(state): extract::State<State>, visitor: Visitor) -> Result<Response> {
    let inside = visitor.workspace()?;
    let (space, workspace) = (Space::of(inside), inside.key);
    let read = move |tx: &mut provost_store::Tx| {
        let mut found = Vec::new();
        for one in connection::all(tx, workspace)? {
            let rules = rule::of_connection(tx, one.key)?;
            let enabled = rules.iter().filter(|rule| rule.rule.enabled).count();
            found.push((one, rules.len(), enabled));
        }
        Ok::<_, provost_store::Error>(found)
    };
    let found = state.db().read(read).await?;
    let clock = Clock::of(&visitor, now());
    let page = Page {
        frame: Frame::new(&visitor, text("Connections")),
        new: space.at("/new-connection"),
        needs: needs(&visitor, Act::Configure),
        lines: found
            .iter()
            .map(|(one, rules, enabled)| line(&space, one, *rules, *enabled, &clock))
            .collect(),
    };
    Ok(page::html(StatusCode::OK, &page))
}

fn line(space: &Space, one: &Connection, rules: usize, enabled: usize, clock: &Clock) -> Line {
    Line {
        name: one.name.clone(),
        address: space.connection(&one.name),
        protocol: protocol(&one.connector),
        description: one.preferences.description.clone(),
        state: one.state.name(),
        reason: one.reason.clone(),
        since: clock.moment_if(one.since),
        last_run: clock.moment_if(one.last_run),
        rules: i64::try_from(rules).unwrap_or(i64::MAX),
        enabled: i64::try_from(enabled).unwrap_or(i64::MAX),
    }
}
