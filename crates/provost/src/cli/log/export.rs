//! `provost log export`.

use super::show::{Names, entry, names};
use super::{Search, csv};
use crate::cli::{Place, field};
use crate::failure::{self, Failure};
use crate::hub::Hub;
use crate::{clock, output, progress};
use anyhow::{Context as _, Result};
use provost_store::provisioning_log::{self, Entry};
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Lines that are read at once.
const PAGE: usize = 1_000;

/// What is exported.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    search: Search,
    /// Write log.csv, steps.csv and modified.csv into this folder, instead of JSON lines on standard output
    #[arg(long, value_name = "FOLDER")]
    csv: Option<PathBuf>,
}

impl Export {
    /// Writes everything that fits, newest first.
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        match &self.csv {
            None => {
                let mut out = BufWriter::new(std::io::stdout());
                let written = self.every(hub, |line, names| {
                    serde_json::to_writer(&mut out, &entry(line, names))?;
                    Ok(out.write_all(b"\n")?)
                });
                let written = written.await.and_then(|_| Ok(out.flush()?));
                until_closed(written)
            }
            Some(folder) => {
                let mut files = Files::create(folder)?;
                let count = self.every(hub, |line, names| files.write(line, names)).await?;
                files.finish()?;
                let answer = json!({"folder": folder, "lines": count});
                output::either(place.json, &answer, || {
                    let lines = output::count(count, "line", "lines");
                    format!(
                        "{lines} written to log.csv, steps.csv and modified.csv in {}.",
                        folder.display()
                    )
                })
            }
        }
    }

    /// Hands over every line, page by page, and answers how many there were.
    async fn every(&self, hub: &Hub, mut take: impl FnMut(&Entry, &Names) -> Result<()>) -> Result<u64> {
        let workspace = hub.workspace.key;
        let names = hub.db.read(move |tx| names(tx, workspace)).await?;
        let mut asked = self.search.asked(hub, None, PAGE).await?;
        let spinner = progress::spinner("exporting");
        let mut count = 0;
        loop {
            let ask = asked.clone();
            let page = hub
                .db
                .read(move |tx| provisioning_log::search(tx, workspace, &ask))
                .await?;
            for line in &page.entries {
                take(line, &names)?;
                count += 1;
            }
            spinner.set_message(format!("{count} lines"));
            match page.next {
                Some(next) => asked.before_key = Some(next),
                None => break,
            }
        }
        spinner.finish_and_clear();
        Ok(count)
    }
}

/// Who closes the pipe has read enough.
pub(in crate::cli) fn until_closed(written: Result<()>) -> Result<()> {
    match written {
        Err(error) if is_closed(&error) => Ok(()),
        other => other,
    }
}

fn is_closed(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    let json = error
        .downcast_ref::<serde_json::Error>()
        .and_then(serde_json::Error::io_error_kind);
    io.or(json) == Some(ErrorKind::BrokenPipe)
}

/// The three files. A line of the log, its steps and its modified attributes share the change's id.
struct Files {
    log: BufWriter<File>,
    steps: BufWriter<File>,
    modified: BufWriter<File>,
}

impl Files {
    fn create(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let mut files = Self {
            log: create(&folder.join("log.csv"))?,
            steps: create(&folder.join("steps.csv"))?,
            modified: create(&folder.join("modified.csv"))?,
        };
        csv::row(
            &mut files.log,
            [
                "change_id",
                "key",
                "at",
                "connection",
                "cycle",
                "kind",
                "id",
                "object",
                "target_id",
                "action",
                "status",
                "code",
                "reason",
                "micros",
                "initiator",
            ],
        )?;
        csv::row(
            &mut files.steps,
            [
                "change_id",
                "key",
                "number",
                "name",
                "status",
                "description",
                "details",
            ],
        )?;
        csv::row(&mut files.modified, ["change_id", "key", "name", "old", "new"])?;
        Ok(files)
    }

    fn write(&mut self, line: &Entry, names: &Names) -> Result<()> {
        let change = line.change_id.map(|id| id.to_string()).unwrap_or_default();
        let key = line.key.to_string();
        self.write_line(&change, &key, line, names)?;
        self.write_steps(&change, &key, line)?;
        for one in &line.trace.modified {
            let (old, new) = (field::shown(&one.old), field::shown(&one.new));
            csv::row(&mut self.modified, [&change, &key, &one.name, &old, &new])?;
        }
        Ok(())
    }

    fn write_line(&mut self, change: &str, key: &str, line: &Entry, names: &Names) -> Result<()> {
        let fields = [
            change,
            key,
            &clock::text(line.at),
            names.get(&line.connection).map_or("", String::as_str),
            &line.cycle.to_string(),
            &line.kind.to_string(),
            &line.object_id.to_string(),
            &line.label,
            &line.target_id,
            &line.action,
            &line.status,
            &line.code,
            &line.reason,
            &line.micros.to_string(),
            &line.initiator,
        ];
        Ok(csv::row(&mut self.log, fields)?)
    }

    fn write_steps(&mut self, change: &str, key: &str, line: &Entry) -> Result<()> {
        for (number, step) in (1_u32..).zip(&line.trace.steps) {
            let (number, details) = (number.to_string(), serde_json::to_string(&step.details)?);
            let fields = [
                change,
                key,
                &number,
                &step.name,
                &step.status,
                &step.description,
                &details,
            ];
            csv::row(&mut self.steps, fields)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.log.flush()?;
        self.steps.flush()?;
        Ok(self.modified.flush()?)
    }
}

fn create(path: &Path) -> Result<BufWriter<File>> {
    let file = File::create_new(path).map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            let hint = "Name an empty folder; nothing was overwritten.";
            let wrong = Failure::new(format!("{} is there already", path.display()), hint);
            anyhow::Error::new(wrong.with_status(failure::USAGE))
        } else {
            anyhow::Error::new(error).context(format!("cannot write {}", path.display()))
        }
    })?;
    Ok(BufWriter::new(file))
}
