//! `provost leaver list`.

use super::run;
use crate::cli::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::leaver::{self, Leaver};
use provost_sync::{LeaverStep, StepStatus};
use serde_json::{Value, json};

/// Whose leavers.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The connection
    connection: String,
    /// Show each step
    #[arg(long)]
    steps: bool,
    /// Only those after this key
    #[arg(long, value_name = "KEY", default_value_t = 0)]
    after: i64,
    /// How many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: u32,
}

impl List {
    /// Lists who leaves.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let key = hub.connection(&self.connection).await?.key;
        let (after, limit) = (self.after, i64::from(self.limit));
        let all = hub.db.read(move |tx| leaver::list(tx, key, after, limit)).await?;
        let next = all
            .last()
            .filter(|_| all.len() == self.limit as usize)
            .map(|one| one.object);
        let rows: Vec<Value> = all
            .iter()
            .map(|one| {
                json!({
                    "id": one.id, "label": one.label, "state": one.state, "steps": one.steps,
                    "since": clock::text(one.created), "by": one.actor,
                })
            })
            .collect();
        output::either(place.json, &json!({"leavers": rows, "next": next}), || {
            let shown = if self.steps { with_steps(&all) } else { table(&all) };
            match next {
                Some(next) => format!("{shown}\n\nMore: --after {next}"),
                None => shown,
            }
        })
    }
}

const NOBODY: &str = "Nobody leaves.";

fn table(all: &[Leaver]) -> String {
    let mut table = Table::new(["person", "state", "steps left", "since", "by"]);
    for one in all {
        let left = of(one)
            .iter()
            .filter(|step| step.status == StepStatus::Failed)
            .count();
        table.row([
            one.label.clone(),
            one.state.to_string(),
            left.to_string(),
            clock::text(one.created),
            one.actor.clone(),
        ]);
    }
    table.text_or(NOBODY)
}

fn with_steps(all: &[Leaver]) -> String {
    if all.is_empty() {
        return NOBODY.to_owned();
    }
    let shown: Vec<String> = all
        .iter()
        .map(|one| {
            let steps = output::indent(&run::steps(&of(one)));
            format!(
                "{} ({}, since {})\n{steps}",
                one.label,
                one.state,
                clock::text(one.created)
            )
        })
        .collect();
    shown.join("\n\n")
}

/// The steps as they were kept; none while the run has not come to its end.
fn of(one: &Leaver) -> Vec<LeaverStep> {
    serde_json::from_value(one.steps.clone()).unwrap_or_default()
}
