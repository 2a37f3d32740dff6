//! `provost backup`: copies of the database, which holds every workspace.

mod restore;

use super::Place;
use crate::hub::{self, Hub, Purpose};
use crate::output::{self, Table};
use crate::{clock, progress};
use anyhow::Result;
use jiff::Timestamp;
use provost_store::{Backup as Written, audit};
use serde_json::{Value, json};

/// Copies that are listed.
const LISTED: usize = 1_000;

/// Copies of the database, written while it works. Without the key file, which is not in them, the secrets in a copy
/// stay sealed for ever: keep it too, in another place.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Backup {
    /// Write a copy into the folder `backups` beside the database
    Write {
        /// The file's name; without it, one with the time
        name: Option<String>,
    },
    /// List the copies, newest first
    List,
    /// Put a copy in the place of the database, when it is whole and the key file belongs to it
    ///
    /// Nothing else may run on the data folder. The copy is checked first: its pages, its version, its audit logs, and
    /// whether the key file opens its secrets. It takes the place in one step, and the database that was there is kept
    /// beside it. A PostgreSQL database is restored with the tools of its server.
    Restore(restore::Restore),
}

impl Backup {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        match self {
            Self::Write { name } => {
                let hub = open(place).await?;
                let done = write(place, &hub, name).await;
                hub.close();
                done
            }
            Self::List => {
                let hub = open(place).await?;
                let done = list(place, &hub);
                hub.close();
                done
            }
            // The database that is there may be the reason to restore one: it is not opened.
            Self::Restore(restore) => restore.run(place).await,
        }
    }
}

async fn open(place: &Place) -> Result<Hub> {
    Hub::open_for(place, Purpose::Serve).await
}

async fn write(place: &Place, hub: &Hub, name: Option<String>) -> Result<()> {
    let name = name.unwrap_or_else(|| suggested(clock::now()));
    let spinner = progress::spinner("copying the database");
    let written = hub.db.backup(&name).await;
    spinner.finish_and_clear();
    let written = written?;
    let (subject, detail) = (
        written.path.display().to_string(),
        format!("{} bytes", written.bytes),
    );
    hub.db
        .write(move |tx| {
            audit::append_installation(tx, clock::now(), &hub::actor(), "backup.write", &subject, &detail)
        })
        .await?;
    let key_file = hub.folder.join(&hub.config.secrets.key_file);
    let mut answer = row(&written);
    answer["key_file"] = json!(key_file);
    output::either(place.json, &answer, || {
        format!(
            "{} is written, {}.\nKeep it in another place, and {} in a third: without that key its secrets stay sealed.\n\
             To restore: stop every `provost serve`, then run `provost backup restore {}`.",
            written.path.display(),
            size(written.bytes),
            key_file.display(),
            written.path.display()
        )
    })
}

fn list(place: &Place, hub: &Hub) -> Result<()> {
    let all = hub.db.backups(LISTED)?;
    let rows: Vec<Value> = all.iter().map(row).collect();
    output::either(place.json, &json!({"backups": rows}), || {
        let mut table = Table::new(["file", "size", "written"]);
        for one in &all {
            table.row([
                one.path.display().to_string(),
                size(one.bytes),
                clock::text(one.at),
            ]);
        }
        table.text_or("No copy yet. `provost backup write` makes one.")
    })
}

fn row(one: &Written) -> Value {
    json!({"path": one.path, "bytes": one.bytes, "at": clock::text(one.at)})
}

/// `provost-20261121-160509.db`, in UTC.
fn suggested(now: i64) -> String {
    format!("provost-{}.db", stamp(now))
}

/// A moment as it stands in the name of a file.
fn stamp(now: i64) -> String {
    let moment = Timestamp::from_millisecond(now).map(|at| at.strftime("%Y%m%d-%H%M%S").to_string());
    moment.unwrap_or_else(|_| now.to_string())
}

/// Bytes in the unit in which they are read.
fn size(bytes: u64) -> String {
    let (mut size, mut unit) = (bytes as f64 / 1024.0, "KiB");
    for larger in ["MiB", "GiB", "TiB"] {
        if size < 1024.0 {
            break;
        }
        size /= 1024.0;
        unit = larger;
    }
    format!("{size:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_told_in_the_unit_in_which_it_is_read() {
        assert_eq!(size(512), "0.5 KiB");
        assert_eq!(size(1_572_864), "1.5 MiB");
        assert_eq!(size(1 << 50), "1024.0 TiB");
        assert_eq!(suggested(0), "provost-19700101-000000.db");
    }
}
