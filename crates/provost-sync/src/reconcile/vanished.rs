//! Links whose account a complete list did not show.

use super::Reading;
use super::account::{self, Suspect};
use super::ledger::{Entry, Ledger};
use crate::Result;
use crate::apply;
use crate::apply::shrink::{self, Loss};
use crate::open::{ActiveRule, Open};
use provost_engine::object::Kind;
use provost_engine::rule::Vanished;
use provost_store::link::{self, Link};
use provost_store::provisioning_log::{self, Entry as Line};
use provost_store::{Tx, lease, revisit};
use std::sync::Arc;

/// Missing accounts that are asked for one by one before many are believed to be gone.
const ASKED: usize = 25;

/// Settles the links of accounts that are not there any more; `false`: the target could not be asked.
pub(super) async fn settle(reading: &mut Reading<'_>, kind: Kind, ledger: &Ledger) -> Result<bool> {
    let missing = missing(reading, ledger).await?;
    settle_missing(reading, kind, missing, ledger.len()).await
}

/// Settles the links of these accounts, of `all` that are linked; `false`: the target could not be asked, or many
/// are gone at once.
pub(crate) async fn settle_missing(
    reading: &mut Reading<'_>,
    kind: Kind,
    missing: Vec<Entry>,
    all: usize,
) -> Result<bool> {
    if shrink::is_many(&reading.open.guard, missing.len(), all) {
        return refuse(reading, kind, &missing, all).await;
    }
    for entry in missing {
        if reading.is_stopped() {
            return Ok(false);
        }
        reading.let_urgent_in().await?;
        let (rule, object) = (entry.rule, entry.object);
        let link = reading
            .engine
            .db
            .read(move |tx| link::get(tx, rule, object))
            .await?;
        let (Some(link), Some(rule)) = (link, reading.open.rule(rule).cloned()) else {
            continue;
        };
        // The list may have missed it: what it says is not enough to give an account up.
        let answer = reading
            .open
            .target
            .get(kind, &link.target_id, &rule.attributes)
            .await;
        match answer {
            Ok(Some(found)) => {
                let mut record = found.record;
                reading.open.target.normalize(kind, &mut record);
                let suspect = Suspect {
                    rule,
                    object,
                    found: record,
                    enabled: found.enabled,
                };
                account::note(reading, vec![suspect]).await?;
            }
            Ok(None) => gone(reading, rule, link).await?,
            Err(e) => return Ok(reading.gave_up(e)),
        }
    }
    Ok(true)
}

/// The links that the list did not show although it should have.
async fn missing(reading: &Reading<'_>, ledger: &Ledger) -> Result<Vec<Entry>> {
    let all: Vec<Entry> = ledger.iter(false).copied().collect();
    if !reading.open.target.describe().hides_disabled {
        return Ok(all);
    }
    let mut missing = Vec::new();
    for entry in all {
        let (rule, object) = (entry.rule, entry.object);
        let link = reading
            .engine
            .db
            .read(move |tx| link::get(tx, rule, object))
            .await?;
        if link.is_some_and(|link| link.enabled) {
            missing.push(entry);
        }
    }
    Ok(missing)
}

/// Many are missing at once. Either the list does not show them, or the target has lost them, or it is another one:
/// nothing is made there again without a person. Answers that the reading is not complete.
async fn refuse(reading: &mut Reading<'_>, kind: Kind, missing: &[Entry], all: usize) -> Result<bool> {
    let ids = some_ids(reading, missing).await?;
    let (count, what) = (missing.len(), shrink::plural(kind));
    match shrink::ask(&reading.open, kind, &ids).await {
        Loss::Few => {
            reading.observed.trouble = format!(
                "PRV-RECONCILE-INCOMPLETE: the target's list left out {count} of {all} linked {what}, but those that \
                 were asked for one by one are there. Nothing was concluded from the list; it is tried again. Report \
                 it to the target's vendor if it stays."
            );
        }
        Loss::Many { .. } => {
            reading.observed.shrunk = Some(shrink::sentence(&format!(
                "{count} of {all} linked {what} are not in the target any more"
            )));
        }
        Loss::Unknown(error) => return Ok(reading.gave_up(error)),
    }
    Ok(false)
}

/// Ids of missing accounts from all over the ledger, which is in no order that means anything.
async fn some_ids(reading: &Reading<'_>, missing: &[Entry]) -> Result<Vec<String>> {
    let wanted: Vec<(i64, i64)> = missing.iter().take(ASKED).map(|e| (e.rule, e.object)).collect();
    let ids = reading
        .engine
        .db
        .read(move |tx| {
            let mut ids = Vec::new();
            for (rule, object) in &wanted {
                ids.extend(link::get(tx, *rule, *object)?.map(|link| link.target_id));
            }
            Ok::<_, provost_store::Error>(ids)
        })
        .await?;
    Ok(ids)
}

/// The account is gone: the rule says what follows.
async fn gone(reading: &mut Reading<'_>, rule: Arc<ActiveRule>, link: Link) -> Result<()> {
    let (open, lease, now) = (reading.open.clone(), reading.lease, reading.open.now());
    reading
        .engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            match rule.compiled.rule().vanished {
                Vanished::MatchAgain => {
                    apply::forget(tx, &open, rule.key, link.object)?;
                    tell(tx, &open, &rule, &link, now)?;
                }
                // Whatever is written next finds the account missing, and does what the rule wants.
                Vanished::CreateAgain | Vanished::Fail => {
                    let mut empty = link.clone();
                    empty.written.clear();
                    empty.hash = 0;
                    link::put(tx, now, &empty)?;
                }
            }
            revisit::ask(tx, open.connection.key, link.object, 0, now, "vanished")
        })
        .await?;
    reading.observed.drift += 1;
    Ok(())
}

fn tell(tx: &mut Tx, open: &Open, rule: &ActiveRule, link: &Link, now: i64) -> provost_store::Result<()> {
    let line = Line {
        at: now,
        connection: open.connection.key,
        kind: rule.kind,
        object: link.object,
        object_id: link.object_id,
        label: link.label.clone(),
        action: "unlink".into(),
        status: "failure".into(),
        code: "PRV-LINK-VANISHED".into(),
        reason:
            "PRV-LINK-VANISHED: a reconcile did not find it in the target any more; it is looked for again."
                .into(),
        target_id: link.target_id.clone(),
        ..Line::default()
    };
    provisioning_log::append(tx, open.connection.workspace, &line)
}
