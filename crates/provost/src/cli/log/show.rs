//! `provost log`: lines on the screen.

use super::Search;
use crate::cli::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::provisioning_log::{self, Entry, Page};
use provost_store::{Tx, connection, provider};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Which lines are shown.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    #[command(flatten)]
    search: Search,
    /// Show the steps and the modified attributes of each line
    #[arg(long)]
    steps: bool,
    /// Only those before this key
    #[arg(long, value_name = "KEY")]
    before: Option<i64>,
    /// How many lines
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

/// Names of connections and providers by their keys.
pub(in crate::cli) type Names = BTreeMap<i64, String>;

impl Show {
    /// Shows a page of the log.
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let asked = self.search.asked(hub, self.before, self.limit as usize).await?;
        let workspace = hub.workspace.key;
        let (page, names) = hub
            .db
            .read(move |tx| {
                let page = provisioning_log::search(tx, workspace, &asked)?;
                Ok::<_, provost_store::Error>((page, names(tx, workspace)?))
            })
            .await?;
        let lines: Vec<Value> = page.entries.iter().map(|line| entry(line, &names)).collect();
        let answer = json!({"lines": lines, "next": page.next});
        output::either(place.json, &answer, || self.text(&page, &names))
    }

    fn text(&self, page: &Page, names: &Names) -> String {
        let shown = if self.steps {
            let whole: Vec<String> = page.entries.iter().map(|line| whole(line, names)).collect();
            whole.join("\n\n")
        } else {
            table(&page.entries, names)
        };
        let shown = match (shown.is_empty(), page.next) {
            (true, None) => return "Nothing has happened that fits.".to_owned(),
            (true, Some(_)) => "Nothing so far that fits.".to_owned(),
            (false, _) => shown,
        };
        match page.next {
            Some(next) => format!("{shown}\n\nMore: --before {next}"),
            None => shown,
        }
    }
}

/// The names of the workspace's connections, and of the providers whose records came in.
pub(in crate::cli) fn names(tx: &mut Tx, workspace: i64) -> provost_store::Result<Names> {
    let connections = connection::all(tx, workspace)?;
    let providers = provider::all(tx, workspace)?;
    let named = connections.into_iter().map(|one| (one.key, one.name));
    Ok(named
        .chain(providers.into_iter().map(|one| (one.key, one.name)))
        .collect())
}

fn name(line: &Entry, names: &Names) -> String {
    names.get(&line.connection).cloned().unwrap_or_default()
}

/// Lines as a table; empty without any.
pub(in crate::cli) fn table(lines: &[Entry], names: &Names) -> String {
    let mut table = Table::new(["at", "connection", "action", "object", "status", "reason"]);
    for line in lines {
        table.row([
            clock::text(line.at),
            name(line, names),
            line.action.replace('_', " "),
            line.label.clone(),
            line.status.clone(),
            reason(line),
        ]);
    }
    table.text_or("")
}

/// Why, with the stable word where there is one.
fn reason(line: &Entry) -> String {
    if line.code.is_empty() || line.reason.contains(&line.code) {
        line.reason.clone()
    } else {
        format!("{} ({})", line.reason, line.code)
    }
}

/// One line with its story.
fn whole(line: &Entry, names: &Names) -> String {
    let head = format!(
        "{}  {}  {} {}: {}",
        clock::text(line.at),
        name(line, names),
        line.action.replace('_', " "),
        line.label,
        line.status
    );
    let mut pairs = vec![
        ("person or group", line.object_id.to_string()),
        ("in the target", line.target_id.clone()),
        ("took", format!("{:.1} ms", line.micros as f64 / 1000.0)),
        ("begun by", line.initiator.clone()),
    ];
    if !line.reason.is_empty() {
        pairs.insert(0, ("reason", reason(line)));
    }
    let mut parts = vec![format!("{head}\n{}", output::pairs(&pairs))];
    parts.extend(story(line));
    parts.join("\n")
}

/// The steps and the modified attributes.
fn story(line: &Entry) -> Vec<String> {
    let mut parts = Vec::new();
    for step in &line.trace.steps {
        parts.push(format!("  {}: {}. {}", step.name, step.status, step.description));
        parts.extend(
            step.details
                .iter()
                .map(|(name, value)| format!("    {name}: {value}")),
        );
    }
    let mut table = Table::new(["modified", "before", "after"]);
    for one in &line.trace.modified {
        table.row([
            one.name.clone(),
            crate::cli::field::shown(&one.old),
            crate::cli::field::shown(&one.new),
        ]);
    }
    let modified = table.text_or("");
    if !modified.is_empty() {
        parts.push(output::indent(&modified));
    }
    parts
}

/// One line as JSON.
pub(in crate::cli) fn entry(line: &Entry, names: &Names) -> Value {
    json!({
        "key": line.key, "at": clock::text(line.at), "connection": names.get(&line.connection), "cycle": line.cycle,
        "change_id": line.change_id, "kind": line.kind, "id": line.object_id, "object": line.label,
        "target_id": line.target_id, "action": line.action, "status": line.status, "code": line.code,
        "reason": line.reason, "detail": detail(line), "micros": line.micros, "initiator": line.initiator,
        "steps": line.trace.steps, "modified": line.trace.modified,
    })
}

/// What older lines hold as JSON, and newer ones as text.
fn detail(line: &Entry) -> Value {
    serde_json::from_str(&line.detail).unwrap_or(Value::String(line.detail.clone()))
}
