//! `provost licence list`.

use crate::cli::Place;
use crate::clock;
use crate::hub::Hub;
use crate::output::{self, Table};
use crate::progress;
use anyhow::Result;
use provost_sync::LicenceLine;
use serde_json::{Value, json};

/// Which connection's products.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// The connection
    connection: String,
    /// Show the seats as they were last read: the target is not asked
    #[arg(long)]
    stored: bool,
}

impl List {
    /// Lists the products.
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let connection = hub.connection(&self.connection).await?;
        let engine = hub.engine()?;
        let bar = progress::spinner("reading seats, and what the next cycle needs of them");
        let read = match self.stored {
            true => Ok(()),
            false => engine.read_products(connection.key).await,
        };
        let lines = match read {
            Ok(()) => engine.licence_page(connection.key).await,
            Err(error) => Err(error),
        };
        bar.finish_and_clear();
        let mut lines = lines?;
        lines.sort_by(|a, b| (&a.name, &a.product).cmp(&(&b.name, &b.product)));
        let answer: Vec<Value> = lines
            .iter()
            .map(|line| {
                let mut row = json!(line);
                row["seen"] = json!((line.seen > 0).then(|| clock::text(line.seen)));
                row
            })
            .collect();
        output::either(place.json, &answer, || text(&lines))
    }
}

fn text(lines: &[LicenceLine]) -> String {
    let mut table = Table::new([
        "product",
        "state",
        "seats",
        "used",
        "free",
        "from Provost",
        "planned",
        "short",
    ]);
    for line in lines {
        let state = match line {
            line if line.seen == 0 => "not owned".to_owned(),
            line if !line.assignable => "not for people".to_owned(),
            line => line.state.to_lowercase(),
        };
        table.row([
            line.name.clone(),
            state,
            line.seats.to_string(),
            line.used.to_string(),
            line.free.to_string(),
            line.given.to_string(),
            line.planned.to_string(),
            line.short.to_string(),
        ]);
    }
    let mut parts = vec![table.text_or("The organisation owns no product, as far as was read.")];
    let short = lines.iter().filter(|line| line.short > 0);
    parts.extend(short.map(|line| {
        let people = output::count(line.short, "person stays", "people stay");
        format!("{people} without {} until there are seats.", line.name)
    }));
    parts.join("\n\n")
}
