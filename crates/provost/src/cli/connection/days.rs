//! `provost connection days`.

use crate::cli::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use anyhow::Result;
use provost_store::connection_day::{self, Figures};
use serde_json::{Value, json};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Which days are shown.
#[derive(Debug, clap::Args)]
pub(crate) struct Days {
    /// The connection
    name: String,
    /// How many days back
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
}

impl Days {
    /// Shows what each day brought.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let key = hub.connection(&self.name).await?.key;
        let first = connection_day::day_of(clock::now()) - i64::from(self.days) + 1;
        let found = hub
            .db
            .read(move |tx| connection_day::since(tx, key, first))
            .await?;
        let rows: Vec<Value> = found.iter().map(row).collect();
        output::either(place.json, &json!({"days": rows}), || {
            let mut table = Table::new(["day", "cycles", "written", "removed", "failed"]);
            for (day, figures) in &found {
                let numbers = [figures.cycles, figures.written, figures.removed, figures.failed];
                let [cycles, written, removed, failed] = numbers.map(|number| number.to_string());
                table.row([date(*day), cycles, written, removed, failed]);
            }
            table.text_or("No cycle ended in these days.")
        })
    }
}

/// `2026-01-05`.
fn date(day: i64) -> String {
    let text = clock::text(day.saturating_mul(DAY));
    text.split('T').next().unwrap_or_default().to_owned()
}

fn row((day, figures): &(i64, Figures)) -> Value {
    json!({
        "day": date(*day), "cycles": figures.cycles, "written": figures.written, "removed": figures.removed,
        "failed": figures.failed,
    })
}
