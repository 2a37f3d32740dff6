//! `provost import csv` and `provost import records`.

use crate::cli::Place;
use crate::failure::Failure;
use crate::hub::{self, Hub};
use crate::{output, progress};
use anyhow::{Context as _, Result};
use provost_connect::csv;
use provost_sync::import::{Broken, ImportReport, Mode, Record};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The longest line of JSON that is read, in bytes.
const LONGEST_LINE: u64 = 1024 * 1024;

/// Which CSV file is taken in.
#[derive(Debug, clap::Args)]
pub(crate) struct Csv {
    /// The inbound provider whose people they are
    provider: String,
    /// The file; - for standard input
    file: PathBuf,
    /// The character between two fields; recognised by itself when it is , ; or a tab
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<char>,
    /// The file holds everybody: who is missing in it is absent
    #[arg(long)]
    full: bool,
}

/// Which JSON lines are taken in.
#[derive(Debug, clap::Args)]
pub(crate) struct Records {
    /// The inbound provider whose people they are
    provider: String,
    /// The file; - for standard input
    file: PathBuf,
    /// The file holds everybody: who is missing in it is absent
    #[arg(long)]
    full: bool,
}

impl Csv {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let options = csv::Options {
            delimiter: self.delimiter,
            ..csv::Options::default()
        };
        let mut reader = csv::read(open(&self.file)?, &options);
        if let Err(fault) = reader.columns() {
            let sentence = format!("{} cannot be read: {fault}", self.file.display());
            return Err(Failure::new(
                sentence,
                "Nothing was taken in. Correct the file and run the command again.",
            )
            .into());
        }
        let rows = reader.map(|row| {
            row.map_err(|fault| Broken {
                place: format!("line {}", fault.line),
                reason: fault.message,
            })
        });
        take_in(place, hub, &self.provider, rows, self.full).await
    }
}

impl Records {
    pub async fn run(self, place: &Place, hub: &Hub) -> Result<()> {
        let lines = Lines {
            reader: BufReader::new(open(&self.file)?),
            number: 0,
        };
        take_in(place, hub, &self.provider, lines, self.full).await
    }
}

fn open(path: &Path) -> Result<Box<dyn Read + Send>> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin()));
    }
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Box::new(file))
}

/// JSON objects, a line each; empty lines are passed over.
struct Lines<R> {
    reader: R,
    number: u64,
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Record, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.number += 1;
            let broken = |reason: String| {
                Some(Err(Broken {
                    place: format!("line {}", self.number),
                    reason,
                }))
            };
            let mut line = Vec::new();
            let read = (&mut self.reader)
                .take(LONGEST_LINE + 1)
                .read_until(b'\n', &mut line);
            match read {
                Err(error) => return broken(format!("it cannot be read: {error}")),
                Ok(0) => return None,
                Ok(length) if length as u64 > LONGEST_LINE => {
                    return broken(format!("it is longer than {LONGEST_LINE} bytes"));
                }
                Ok(_) if line.iter().all(u8::is_ascii_whitespace) => {}
                Ok(_) => {
                    return match serde_json::from_slice(&line) {
                        Ok(record) => Some(Ok(record)),
                        // The parser's own words may quote the line, which is about a person.
                        Err(error) => broken(format!("it is no JSON object (column {})", error.column())),
                    };
                }
            }
        }
    }
}

async fn take_in(
    place: &Place,
    hub: &Hub,
    provider: &str,
    records: impl Iterator<Item = Result<Record, Broken>>,
    full: bool,
) -> Result<()> {
    let provider = hub.provider(provider).await?;
    let mode = if full { Mode::Full } else { Mode::Delta };
    let spinner = progress::spinner("taking records in");
    let report = hub
        .engine()?
        .import(&provider, records, mode, &hub::actor())
        .await;
    spinner.finish_and_clear();
    let report = report?;
    output::either(place.json, &report, || text(&provider.name, &report))
}

/// What an import did, for people.
pub(super) fn text(provider: &str, report: &ImportReport) -> String {
    let counts = [
        ("created", report.created),
        ("updated", report.updated),
        ("enabled again", report.enabled),
        ("disabled", report.disabled),
        ("deleted", report.deleted),
        ("unchanged", report.unchanged),
        ("skipped", report.skipped),
        ("waiting for a manager", report.waiting),
        ("failed", report.failed),
        ("absent", report.absent),
    ];
    let shown: Vec<(&str, String)> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| (name, count.to_string()))
        .collect();
    let read = output::count(i128::from(report.read), "record", "records");
    let mut parts = vec![format!(
        "{read} taken in for \"{provider}\" in {:.1} s.",
        report.millis as f64 / 1000.0
    )];
    if !shown.is_empty() {
        parts.push(output::pairs(&shown));
    }
    if !report.failures.is_empty() {
        let lines: Vec<String> = report
            .failures
            .iter()
            .map(|one| format!("{}: {}", one.anchor, one.reason))
            .collect();
        parts.push(format!("Failed:\n{}", output::indent(&lines.join("\n"))));
    }
    if let Some(held) = &report.held {
        parts.push(format!(
            "Held: {}. Nobody of them was touched.\n  provost import approve {} --digest {}",
            held.sentence, report.run, held.digest
        ));
    }
    if !report.incomplete.is_empty() {
        parts.push(format!("Nobody was counted as absent: {}.", report.incomplete));
    }
    parts.join("\n\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_and_a_broken_one_does_not_quote_itself() {
        let text = "{\"externalId\": \"1\"}\n\n[\"Ada Secret\"]\n{\"externalId\": \"2\"}";
        let read: Vec<_> = Lines {
            reader: text.as_bytes(),
            number: 0,
        }
        .collect();
        assert_eq!(read.len(), 3);
        assert_eq!(read[0].as_ref().unwrap()["externalId"], "1");
        let broken = read[1].as_ref().unwrap_err();
        assert_eq!(broken.place, "line 3");
        assert!(!broken.reason.contains("Secret"), "{broken:?}");
        assert!(read[2].is_ok());
    }
}
