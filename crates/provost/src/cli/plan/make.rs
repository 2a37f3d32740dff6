//! `provost plan CONNECTION`.

use super::{stored, text};
use crate::cli::Place;
use crate::cli::mode::Mode;
use crate::cli::rule::proposed;
use crate::hub::{self, Hub};
use crate::output;
use crate::progress;
use anyhow::Result;
use provost_store::connection::Connection;
use provost_sync::{PlanSummary, Preview, Proposal};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What is planned.
#[derive(Debug, clap::Args)]
pub(super) struct Make {
    /// The connection
    name: String,
    /// How many steps of each rule are shown by name
    #[arg(long, default_value_t = 20, value_name = "STEPS")]
    limit: usize,
    /// Which cycle; without it, the one that is due
    #[arg(long, value_enum)]
    mode: Option<Mode>,
    /// Plan as if the rules of this file were saved; applying the plan saves them
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Keep the plan with every value before and after, to be read, approved and applied
    #[arg(long)]
    save: bool,
}

impl Make {
    /// Plans, and shows it.
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.name).await?;
        if self.mode.is_none() && self.rules.is_none() && !self.save {
            return self.preview(place, hub, &connection).await;
        }
        let proposal = match &self.rules {
            Some(file) => proposed(hub, &connection, file).await?,
            None => Proposal::default(),
        };
        let summary = self.make(hub, &connection, &proposal).await?;
        let steps = match summary.id {
            Some(id) => stored::first_steps(hub, id, self.limit).await?,
            None => Vec::new(),
        };
        output::either(place.json, &summary, || text::summary(&summary, &steps))
    }

    async fn make(&self, hub: &Hub, connection: &Connection, proposal: &Proposal) -> Result<PlanSummary> {
        let bar = progress::bar(&self.name);
        let watcher = progress::watch(&bar);
        let mode = self.mode.map(Into::into);
        let engine = hub.engine()?;
        let actor = hub::actor();
        let made = engine.make_plan(connection.key, mode, proposal, &actor, self.save, Some(&watcher));
        let made = made.await;
        bar.finish_and_clear();
        Ok(made?)
    }

    /// The quick look: nothing is kept, and no request is made.
    async fn preview(&self, place: &Place, hub: &Hub, connection: &Connection) -> Result<()> {
        let bar = progress::bar(&self.name);
        let preview = hub
            .engine()?
            .plan(connection.key, self.limit, Some(&progress::watch(&bar)))
            .await;
        bar.finish_and_clear();
        let preview = preview?;
        output::either(place.json, &with_total(&preview)?, || text::preview(&preview))
    }
}

/// The preview with the number of its steps in front, held ones included.
fn with_total(preview: &Preview) -> Result<Value> {
    let mut answer = serde_json::to_value(preview)?;
    if let Value::Object(map) = &mut answer {
        map.insert("steps".to_owned(), json!(text::steps(&preview.rules)));
    }
    Ok(answer)
}
