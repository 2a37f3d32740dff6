//! `provost audit verify`.

use crate::cli::Place;
use crate::failure::{BROKEN, Failure};
use crate::hub::Hub;
use crate::{output, progress};
use anyhow::Result;
use provost_store::audit::{self, INSTALLATION, Progress, Step, Verdict};
use serde_json::json;

/// Checks the chain, and says whether it holds.
pub(super) async fn run(place: &Place, hub: &Hub, installation: bool) -> Result<()> {
    let (key, workspace) = if installation {
        (INSTALLATION, "the installation")
    } else {
        (hub.workspace.key, hub.workspace.name.as_str())
    };
    let verdict = walk(hub, key).await?;
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
async fn walk(hub: &Hub, workspace: i64) -> Result<Verdict> {
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
