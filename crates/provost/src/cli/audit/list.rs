//! `provost audit list`.

use super::Search;
use crate::cli::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::audit::{self, Entry};
use serde_json::{Value, json};

/// Which rows are listed.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(super) search: Search,
    /// How many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
}

impl List {
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let (asked, limit) = (self.search.asked(hub), self.limit as usize);
        let page = hub.db.read(move |tx| audit::page(tx, &asked, limit)).await?;
        let answer: Vec<Value> = page.entries.iter().map(row).collect();
        output::either(place.json, &answer, || {
            let mut table = Table::new(["row", "at", "actor", "action", "subject", "detail"]);
            for one in &page.entries {
                table.row([
                    one.position.to_string(),
                    clock::text(one.at),
                    one.actor.clone(),
                    one.action.clone(),
                    one.subject.clone(),
                    one.detail.clone(),
                ]);
            }
            let shown = table.text_or("No row fits.");
            match page.next {
                Some(next) => format!("{shown}\n\nMore: --before {next}"),
                None => shown,
            }
        })
    }
}

/// A row for programs.
pub(super) fn row(one: &Entry) -> Value {
    json!({
        "position": one.position, "at": clock::text(one.at), "actor": one.actor, "action": one.action,
        "subject": one.subject, "detail": one.detail,
    })
}
