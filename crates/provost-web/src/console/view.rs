//! What the overview shows, read in one snapshot and put into words.

use super::address::Space;
use super::time::{Moment, grouped, span};
use crate::error::Result;
use provost_engine::object::Kind;
use provost_store::connection::{Connection, State};
use provost_store::cycle::Cycle;
use provost_store::provisioning_log::Entry;
use provost_store::workspace::Workspace;
use provost_store::{
    Tx, change_log, connection, cycle, directory, link, provider, provisioning_log, retry, rule, staged,
    token, workspace,
};
use serde_json::{Map, Value};

/// Cycles shown for a connection.
const CYCLES: i64 = 5;
/// Lines of the provisioning log shown for a connection.
const LINES: i64 = 12;
/// Waiting steps that are counted one by one.
const WAITING: i64 = 1_000;

/// A workspace as the overview shows it.
pub(super) struct WorkspaceView {
    pub name: String,
    pub people: String,
    pub groups: String,
    pub providers: Vec<ProviderView>,
    pub connections: Vec<ConnectionView>,
}

/// An inbound provider.
pub(super) struct ProviderView {
    pub name: String,
    pub tokens: usize,
    pub last_used: Option<Moment>,
}

/// A connection.
pub(super) struct ConnectionView {
    pub name: String,
    /// The connection's page.
    pub address: String,
    pub connector: String,
    /// The state's word, also the name of its colour.
    pub state: &'static str,
    pub reason: String,
    pub lag: String,
    pub people: String,
    pub groups: String,
    pub waiting: String,
    pub staged: String,
    pub cycles: Vec<CycleView>,
    pub lines: Vec<LineView>,
}

/// A cycle.
pub(super) struct CycleView {
    pub mode: String,
    pub state: String,
    pub started: Moment,
    pub took: String,
    pub counts: String,
}

/// A line of the provisioning log.
pub(super) struct LineView {
    pub at: Moment,
    pub label: String,
    /// The page of whom it is about; none where the line names nobody.
    pub address: Option<String>,
    pub action: String,
    pub status: String,
    pub reason: String,
}

/// Everything the overview shows, as it is at `now`.
pub(super) fn read(tx: &mut Tx, now: i64) -> Result<Vec<WorkspaceView>> {
    let mut views = Vec::new();
    let all = workspace::all(tx)?;
    let count = all.len();
    for space in all {
        views.push(workspace_view(tx, space, count, now)?);
    }
    Ok(views)
}

fn workspace_view(tx: &mut Tx, space: Workspace, count: usize, now: i64) -> Result<WorkspaceView> {
    let mut providers = Vec::new();
    for each in provider::all(tx, space.key)? {
        let live = token::of_provider(tx, each.key)?
            .into_iter()
            .filter(|token| token.revoked.is_none() && token.expires.is_none_or(|at| at > now));
        let tokens: Vec<_> = live.collect();
        let last_used = tokens.iter().filter_map(|token| token.last_used).max();
        let last_used = last_used.map(|at| Moment::new(at, now));
        providers.push(ProviderView {
            name: each.name,
            tokens: tokens.len(),
            last_used,
        });
    }
    let mut connections = Vec::new();
    let addresses = Space::new(&space.name, count);
    for each in connection::all(tx, space.key)? {
        connections.push(connection_view(tx, each, &addresses, now)?);
    }
    Ok(WorkspaceView {
        people: grouped(directory::count(tx, space.key, Kind::Person)?),
        groups: grouped(directory::count(tx, space.key, Kind::Group)?),
        name: space.name,
        providers,
        connections,
    })
}

fn connection_view(
    tx: &mut Tx,
    connection: Connection,
    addresses: &Space,
    now: i64,
) -> Result<ConnectionView> {
    let (mut people, mut groups) = (0, 0);
    for rule in rule::of_connection(tx, connection.key)? {
        let linked = link::count(tx, rule.key)?;
        match rule.kind {
            Kind::Person => people += linked,
            Kind::Group => groups += linked,
        }
    }
    let waiting = retry::list(tx, connection.key, WAITING)?.len() as i64;
    let more = if waiting >= WAITING { " or more" } else { "" };
    let cycles = cycle::latest(tx, connection.key, CYCLES)?;
    let lines = provisioning_log::of_connection(tx, connection.key, LINES)?;
    Ok(ConnectionView {
        lag: lag(tx, &connection, now)?,
        people: grouped(people),
        groups: grouped(groups),
        waiting: format!("{}{more}", grouped(waiting)),
        staged: grouped(staged::count(tx, connection.key, staged::Decision::Pending)?),
        cycles: cycles.into_iter().map(|cycle| cycle_view(cycle, now)).collect(),
        lines: lines
            .into_iter()
            .map(|entry| line_view(entry, addresses, now))
            .collect(),
        reason: reason(&connection, now),
        state: connection.state.name(),
        address: addresses.connection(&connection.name),
        name: connection.name,
        connector: connector(&connection.connector).to_owned(),
    })
}

/// How far the target is behind the directory.
fn lag(tx: &mut Tx, connection: &Connection, now: i64) -> Result<String> {
    if connection.watermark < 0 {
        return Ok("initial cycle not finished".to_owned());
    }
    let oldest = change_log::waiting_since(tx, connection.workspace, connection.watermark)?;
    Ok(match oldest {
        None => "up to date".to_owned(),
        Some(at) => format!("{} behind", span(now.saturating_sub(at).max(0))),
    })
}

/// Why the connection is in its state, and what comes next.
fn reason(connection: &Connection, now: i64) -> String {
    match connection.state {
        State::Quarantine => {
            let next = Moment::new(connection.next_try, now).ago;
            format!("{} The next try is {next}.", connection.reason)
        }
        State::Active | State::Paused | State::Held | State::Invalid => connection.reason.clone(),
    }
}

pub(super) fn connector(name: &str) -> &str {
    match name {
        "graph" => "Microsoft 365",
        "scim" => "SCIM application",
        other => other,
    }
}

fn cycle_view(cycle: Cycle, now: i64) -> CycleView {
    let took = match cycle.finished {
        Some(at) => span(at.saturating_sub(cycle.started).max(0)),
        None => "not finished".to_owned(),
    };
    CycleView {
        counts: counts(&cycle.counts),
        mode: cycle.mode,
        state: cycle.state,
        started: Moment::new(cycle.started, now),
        took,
    }
}

/// The counts of a cycle that are not zero, in words: `people: 3 create, 1 disable · groups: 2 create`.
fn counts(text: &str) -> String {
    let counts: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
    let mut parts = Vec::new();
    for (name, value) in &counts {
        let name = name.replace('_', " ");
        match value {
            Value::Object(inner) => {
                let words: Vec<String> = inner.iter().filter_map(|(name, n)| counted(name, n)).collect();
                parts.extend((!words.is_empty()).then(|| format!("{name}: {}", words.join(", "))));
            }
            other => parts.extend(counted(&name, other)),
        }
    }
    if parts.is_empty() {
        "nothing to do".to_owned()
    } else {
        parts.join(" · ")
    }
}

/// One count in words, unless it is zero.
fn counted(name: &str, count: &Value) -> Option<String> {
    let count = count.as_i64().filter(|count| *count != 0)?;
    Some(format!("{} {}", grouped(count), name.replace('_', " ")))
}

fn line_view(entry: Entry, addresses: &Space, now: i64) -> LineView {
    let address = match entry.kind {
        Kind::Person => addresses.person(entry.object_id),
        Kind::Group => addresses.group(entry.object_id),
    };
    LineView {
        at: Moment::new(entry.at, now),
        address: (!entry.object_id.is_nil()).then_some(address),
        label: entry.label,
        action: entry.action.replace('_', " "),
        status: entry.status,
        reason: entry.reason,
    }
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn counts_are_told_in_words_and_zeros_are_not() {
        let text = r#"{"people":{"create":1200,"delete":0},"groups":{"add_member":3,"create":1},"emptied_groups":0}"#;
        assert_eq!(
            counts(text),
            "groups: 3 add member, 1 create · people: 1,200 create"
        );
        assert_eq!(counts(r#"{"read":7}"#), "7 read");
        assert_eq!(counts("{}"), "nothing to do");
        assert_eq!(counts("not json"), "nothing to do");
    }
}
