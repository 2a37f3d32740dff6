//! `provost import runs`, `approve` and `reject`.

use super::file::text;
use crate::cli::Place;
use crate::clock;
use crate::hub::{self, Hub};
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::import_run::{self, Run};
use serde_json::{Value, json};

/// Whose runs are listed.
#[derive(Debug, clap::Args)]
pub(crate) struct Runs {
    /// The inbound provider
    provider: String,
    /// How many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

/// Which absences are carried out.
#[derive(Debug, clap::Args)]
pub(crate) struct Approve {
    /// The run, from `provost import runs`
    run: i64,
    /// What was shown with it
    #[arg(long)]
    digest: String,
}

/// Which absences are left.
#[derive(Debug, clap::Args)]
pub(crate) struct Reject {
    /// The run, from `provost import runs`
    run: i64,
}

impl Runs {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let provider = hub.provider(&self.provider).await?;
        let limit = self.limit;
        let runs = hub
            .db
            .read(move |tx| import_run::list(tx, provider.key, None, limit))
            .await?;
        let answer: Vec<Value> = runs.iter().map(to_json).collect();
        output::either(place.json, &answer, || table(&runs))
    }
}

fn to_json(run: &Run) -> Value {
    json!({
        "run": run.key, "mode": run.mode, "state": run.state.to_string(), "started": clock::text(run.started),
        "finished": clock::text_or_none(run.finished), "actor": run.actor, "counts": run.counts, "digest": run.digest,
    })
}

fn table(runs: &[Run]) -> String {
    let mut table = Table::new([
        "run", "mode", "state", "started", "by", "read", "changed", "failed",
    ]);
    for run in runs {
        let count = |names: &[&str]| {
            names
                .iter()
                .filter_map(|name| run.counts[*name].as_u64())
                .sum::<u64>()
        };
        table.row([
            run.key.to_string(),
            run.mode.clone(),
            run.state.to_string(),
            clock::text(run.started),
            run.actor.clone(),
            count(&["read"]).to_string(),
            count(&["created", "updated", "enabled", "disabled", "deleted"]).to_string(),
            count(&["failed"]).to_string(),
        ]);
    }
    table.text_or("No import yet. `provost import csv PROVIDER FILE` takes one in.")
}

impl Approve {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let report = hub
            .engine()?
            .approve_import(self.run, &self.digest, &hub::actor())
            .await?;
        output::either(place.json, &report, || {
            text(&format!("run {}", self.run), &report)
        })
    }
}

impl Reject {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        hub.engine()?.reject_import(self.run, &hub::actor()).await?;
        output::either(place.json, &json!({"run": self.run, "state": "rejected"}), || {
            format!("Nobody of run {} is touched.", self.run)
        })
    }
}
