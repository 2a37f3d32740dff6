//! `provost audit`: who did what in Provost.

use super::Place;
use crate::failure::{BROKEN, Failure};
use crate::hub::Hub;
use crate::output::{self, Table};
use crate::{clock, progress};
use anyhow::Result;
use provost_store::audit::{self, Progress, Step, Verdict};
use serde_json::{Value, json};

/// The audit log: every change, written with it, chained by hash.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Audit {
    /// List the newest rows
    List {
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: u32,
    },
    /// Check that no row was changed, added or removed; exit status 3 when one was
    Verify,
}

impl Audit {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self {
            Audit::List { limit } => list(place, &hub, limit).await,
            Audit::Verify => verify(place, &hub).await,
        };
        hub.close();
        done
    }
}

async fn list(place: &Place, hub: &Hub, limit: u32) -> Result<()> {
    let workspace = hub.workspace.key;
    let rows = hub
        .db
        .read(move |tx| audit::latest(tx, workspace, i64::from(limit)))
        .await?;
    let answer: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "position": row.position, "at": clock::text(row.at), "actor": row.actor, "action": row.action,
                "subject": row.subject, "detail": row.detail,
            })
        })
        .collect();
    output::either(place.json, &answer, || {
        let mut table = Table::new(["row", "at", "actor", "action", "subject", "detail"]);
        for row in rows {
            table.row([
                row.position.to_string(),
                clock::text(row.at),
                row.actor,
                row.action,
                row.subject,
                row.detail,
            ]);
        }
        table.text_or("The audit log is empty.")
    })
}

async fn verify(place: &Place, hub: &Hub) -> Result<()> {
    let verdict = walk(hub).await?;
    let workspace = &hub.workspace.name;
    match verdict {
        Verdict::Intact { rows, head } => {
            let answer = json!({"workspace": workspace, "intact": true, "rows": rows, "head": head});
            output::either(place.json, &answer, || {
                format!("The audit log of \"{workspace}\" is intact: {rows} rows, head {head}")
            })
        }
        Verdict::Broken { position, reason } => {
            if place.json {
                let answer =
                    json!({"workspace": workspace, "intact": false, "position": position, "reason": reason});
                output::json(&answer)?;
            }
            let sentence = format!("the audit log of \"{workspace}\" is broken at row {position}: {reason}");
            let hint = "Somebody changed the database outside Provost. Keep the file as it is, compare it with a backup, \
                        and find out who could write to it.";
            Err(Failure::new(sentence, hint).with_status(BROKEN).into())
        }
    }
}

/// Walks the whole chain in short reads.
async fn walk(hub: &Hub) -> Result<Verdict> {
    let workspace = hub.workspace.key;
    let newest = hub.db.read(move |tx| audit::latest(tx, workspace, 1)).await?;
    let bar = progress::bar("audit log");
    bar.set_length(newest.first().map_or(0, |row| row.position.unsigned_abs()));
    let mut from = Progress::default();
    let verdict = loop {
        let here = from.clone();
        match hub
            .db
            .read(move |tx| audit::verify_next(tx, workspace, &here))
            .await?
        {
            Step::Further(next) => from = next,
            Step::Done(verdict) => break verdict,
        }
        bar.set_position(from.position.unsigned_abs());
    };
    bar.finish_and_clear();
    Ok(verdict)
}
