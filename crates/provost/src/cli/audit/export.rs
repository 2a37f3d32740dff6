//! `provost audit export`.

use super::{Search, list};
use crate::cli::Place;
use crate::cli::log::{csv, until_closed};
use crate::failure::{self, Failure};
use crate::hub::Hub;
use crate::{clock, output, progress};
use anyhow::{Context as _, Result};
use provost_store::audit::{self, Entry};
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::PathBuf;

/// Rows that are read at once.
const PAGE: usize = 1_000;

/// What is exported.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(super) search: Search,
    /// Write this CSV file, instead of JSON lines on standard output
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let Some(path) = &self.csv else {
            let mut out = BufWriter::new(std::io::stdout());
            let write = |one: &Entry| Ok(writeln!(out, "{}", list::row(one))?);
            let written = self.every(hub, write).await;
            return until_closed(written.and_then(|_| Ok(out.flush()?)));
        };
        let mut file = BufWriter::new(File::create_new(path).map_err(|error| cannot(path, error))?);
        csv::row(
            &mut file,
            ["position", "at", "actor", "action", "subject", "detail"],
        )?;
        let write = |one: &Entry| {
            let (position, at) = (one.position.to_string(), clock::text(one.at));
            Ok(csv::row(
                &mut file,
                [&position, &at, &one.actor, &one.action, &one.subject, &one.detail],
            )?)
        };
        let rows = self.every(hub, write).await?;
        file.flush()
            .with_context(|| format!("cannot write {}", path.display()))?;
        output::either(place.json, &json!({"file": path, "rows": rows}), || {
            let rows = output::count(rows, "row", "rows");
            format!("{rows} written to {}.", path.display())
        })
    }

    /// Hands over every row, page by page, and answers how many there were.
    async fn every(&self, hub: &Hub, mut take: impl FnMut(&Entry) -> Result<()>) -> Result<u64> {
        let mut asked = self.search.asked(hub);
        let spinner = progress::spinner("exporting");
        let mut count = 0;
        loop {
            let question = asked.clone();
            let page = hub.db.read(move |tx| audit::page(tx, &question, PAGE)).await?;
            for one in &page.entries {
                take(one)?;
                count += 1;
            }
            spinner.set_message(format!("{count} rows"));
            match page.next {
                Some(next) => asked.before = Some(next),
                None => break,
            }
        }
        spinner.finish_and_clear();
        Ok(count)
    }
}

fn cannot(path: &std::path::Path, error: std::io::Error) -> anyhow::Error {
    if error.kind() == ErrorKind::AlreadyExists {
        let hint = "Name another file; nothing was overwritten.";
        let wrong = Failure::new(format!("{} is there already", path.display()), hint);
        return wrong.with_status(failure::USAGE).into();
    }
    anyhow::Error::new(error).context(format!("cannot write {}", path.display()))
}
