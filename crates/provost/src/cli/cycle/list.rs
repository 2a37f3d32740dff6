//! `provost cycle list` and `show`.

use crate::cli::Place;
use crate::cli::log::show::{entry, names, table};
use crate::clock;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::connection::{self, Connection};
use provost_store::cycle::{self, Cycle};
use provost_store::provisioning_log;
use serde_json::{Value, json};

/// A connection's cycles, newest first.
pub(super) async fn list(place: &Place, hub: &Hub, name: &str, limit: u32) -> Result<()> {
    let connection = hub.connection(name).await?;
    let cycles = hub
        .db
        .read(move |tx| cycle::latest(tx, connection.key, i64::from(limit)))
        .await?;
    let answer: Vec<Value> = cycles.iter().map(row).collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["key", "started", "mode", "state", "took", "done"]);
        for one in &cycles {
            table.row([
                one.key.to_string(),
                clock::text(one.started),
                one.mode.clone(),
                one.state.clone(),
                took(one),
                summary(one),
            ]);
        }
        table.text_or("No cycle yet.")
    })
}

/// One cycle as JSON.
pub(in crate::cli) fn row(one: &Cycle) -> Value {
    json!({
        "key": one.key, "mode": one.mode, "state": one.state, "started": clock::text(one.started),
        "finished": clock::text_or_none(one.finished), "counts": parsed(one),
    })
}

fn took(one: &Cycle) -> String {
    let took = one
        .finished
        .map(|end| format!("{:.1} s", (end - one.started) as f64 / 1000.0));
    took.unwrap_or_default()
}

fn parsed(one: &Cycle) -> Value {
    serde_json::from_str(&one.counts).unwrap_or(Value::Null)
}

/// What was done, in a line: the actions and their numbers, then what failed.
pub(in crate::cli) fn summary(one: &Cycle) -> String {
    let counted = |(name, value): (&str, &Value)| {
        let number = value.as_u64().filter(|number| *number > 0)?;
        Some(format!("{} {number}", name.replace('_', " ")))
    };
    let counts = parsed(one);
    let applied = counts["applied"].as_object().into_iter().flatten();
    let rest = ["adopted", "failed"].map(|name| (name, &counts[name]));
    let all = applied.map(|(name, value)| (name.as_str(), value)).chain(rest);
    all.filter_map(counted).collect::<Vec<_>>().join(", ")
}

/// The workspace's cycle with this key, and the connection that it ran for.
///
/// # Errors
/// When there is none; another workspace's is none.
pub(in crate::cli) async fn find(hub: &Hub, key: i64) -> Result<(Cycle, Connection)> {
    let workspace = hub.workspace.key;
    let found = hub
        .db
        .read(move |tx| {
            let Some((cycle, owner)) = cycle::get(tx, key)? else {
                return Ok(None);
            };
            let connection = connection::by_key(tx, owner)?.filter(|one| one.workspace == workspace);
            Ok::<_, provost_store::Error>(connection.map(|connection| (cycle, connection)))
        })
        .await?;
    found.ok_or_else(|| {
        let hint = "`provost cycle list CONNECTION` shows the cycles with their keys.";
        Failure::new(format!("there is no cycle {key}"), hint).into()
    })
}

/// One cycle with the lines of its log.
pub(super) async fn show(place: &Place, hub: &Hub, key: i64, limit: u32) -> Result<()> {
    let (one, connection) = find(hub, key).await?;
    let workspace = hub.workspace.key;
    let (lines, names) = hub
        .db
        .read(move |tx| {
            let lines = provisioning_log::of_cycle(tx, key, 0, i64::from(limit))?;
            Ok::<_, provost_store::Error>((lines, names(tx, workspace)?))
        })
        .await?;
    let mut answer = row(&one);
    answer["connection"] = json!(connection.name);
    answer["lines"] = lines.iter().map(|line| entry(line, &names)).collect();
    output::either(place.json, &answer, || {
        let head = output::pairs(&[
            ("connection", connection.name.clone()),
            ("mode", one.mode.clone()),
            ("state", one.state.clone()),
            ("started", clock::text(one.started)),
            ("finished", clock::text_or(one.finished, "not yet")),
            ("done", summary(&one)),
        ]);
        let shown = match table(&lines, &names) {
            none if none.is_empty() => "Nothing was written.".to_owned(),
            lines => lines,
        };
        let more = if lines.len() == limit as usize {
            format!("\n\nMore: provost log --cycle {key}")
        } else {
            String::new()
        };
        format!("Cycle {key}\n{head}\n\n{shown}{more}")
    })
}
