//! `provost cycle`: runs of a connection.

use super::Place;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{self, Table};
use crate::stop::Stop;
use crate::{clock, progress};
use anyhow::Result;
use provost_store::cycle;
use provost_sync::{Options, Report};
use serde_json::{Value, json};

/// Cycles: initial over everything, incremental over what changed.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Cycle {
    /// Run one now. Ctrl-C ends it in good order; the next one goes on where it stopped
    Run {
        /// The connection
        name: String,
    },
    /// List a connection's cycles, newest first
    List {
        /// The connection
        name: String,
        /// How many
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
}

impl Cycle {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Cycle::Run { name } => run(place, &hub, &name).await,
            Cycle::List { name, limit } => list(place, &hub, &name, limit).await,
        };
        hub.close();
        done
    }
}

async fn run(place: &Place, hub: &Hub, name: &str) -> Result<()> {
    let connection = hub.connection(name).await?;
    let bar = progress::bar(name);
    let options = Options {
        progress: Some(progress::watch(&bar)),
        stop: Some(Stop::listen().receiver()),
    };
    let report = hub.engine()?.run_cycle(connection.key, &options).await;
    bar.finish_and_clear();
    let report = report?;
    output::either(place.json, &report, || text(&report))?;
    if report.state == "failed" {
        let hint = format!("`provost log \"{name}\"` says what became of each object.");
        return Err(Failure::new(format!("the cycle of \"{name}\" failed: {}", report.reason), hint).into());
    }
    Ok(())
}

fn text(report: &Report) -> String {
    let name = &report.connection;
    let seconds = report.millis as f64 / 1000.0;
    let looked = output::count(report.looked, "object", "objects");
    let mut parts = vec![format!(
        "{}: {} cycle, {looked} looked at, {seconds:.1} s: {}.",
        name, report.mode, report.state
    )];
    let mut table = Table::new(["done", "steps"]);
    for (action, steps) in &report.applied {
        table.row([action.to_string(), steps.to_string()]);
    }
    parts.push(table.text_or("Nothing had to be written."));
    if report.adopted > 0 {
        let accounts = output::count(report.adopted, "account was", "accounts were");
        parts.push(format!(
            "{accounts} found in the target and linked instead of created."
        ));
    }
    if report.failed > 0 {
        let steps = output::count(report.failed, "step", "steps");
        parts.push(format!(
            "{steps} failed and will be tried again. `provost log \"{name}\"` says why."
        ));
    }
    for held in &report.held {
        let removals = output::count(held.steps, "removal", "removals");
        parts.push(format!(
            "Held: {removals}. {} `provost staged list \"{name}\"` shows them.",
            held.sentence
        ));
    }
    if !report.reason.is_empty() {
        parts.push(report.reason.clone());
    }
    parts.join("\n")
}

async fn list(place: &Place, hub: &Hub, name: &str, limit: u32) -> Result<()> {
    let connection = hub.connection(name).await?;
    let cycles = hub
        .db
        .read(move |tx| cycle::latest(tx, connection.key, i64::from(limit)))
        .await?;
    let answer: Vec<Value> = cycles
        .iter()
        .map(|one| {
            json!({
                "key": one.key, "mode": one.mode, "state": one.state, "started": clock::text(one.started),
                "finished": clock::text_or_none(one.finished), "counts": parsed(&one.counts),
            })
        })
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["started", "mode", "state", "took", "done"]);
        for one in &cycles {
            let took = one
                .finished
                .map(|end| format!("{:.1} s", (end - one.started) as f64 / 1000.0));
            table.row([
                clock::text(one.started),
                one.mode.clone(),
                one.state.clone(),
                took.unwrap_or_default(),
                summary(&parsed(&one.counts)),
            ]);
        }
        table.text_or("No cycle yet.")
    })
}

fn parsed(counts: &str) -> Value {
    serde_json::from_str(counts).unwrap_or(Value::Null)
}

/// What was done, in a line: the actions and their numbers, then what failed.
fn summary(counts: &Value) -> String {
    let counted = |(name, value): (&str, &Value)| {
        let number = value.as_u64().filter(|number| *number > 0)?;
        Some(format!("{} {number}", name.replace('_', " ")))
    };
    let applied = counts["applied"].as_object().into_iter().flatten();
    let rest = ["adopted", "failed"].map(|name| (name, &counts[name]));
    let all = applied.map(|(name, value)| (name.as_str(), value)).chain(rest);
    all.filter_map(counted).collect::<Vec<_>>().join(", ")
}
