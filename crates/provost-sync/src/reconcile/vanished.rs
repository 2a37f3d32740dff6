//! Links whose account a complete list did not show.

use super::Reading;
use super::account::{self, Suspect};
use super::ledger::{Entry, Ledger};
use crate::Result;
use crate::apply;
use crate::open::{ActiveRule, Open};
use provost_engine::object::Kind;
use provost_engine::rule::Vanished;
use provost_store::link::{self, Link};
use provost_store::provisioning_log::{self, Entry as Line};
use provost_store::{Tx, lease, revisit};
use std::sync::Arc;

/// Settles the links of accounts that are not there any more; `false`: the target could not be asked.
pub(super) async fn settle(reading: &mut Reading<'_>, kind: Kind, ledger: &Ledger) -> Result<bool> {
    let missing = missing(reading, ledger).await?;
    if missing.is_empty() || refused(reading, kind, missing.len(), ledger.len()) {
        return Ok(true);
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

/// A target that lost a large part of its accounts at once was more likely emptied, or is another one: nothing
/// is made there again without a person.
fn refused(reading: &mut Reading<'_>, kind: Kind, missing: usize, all: usize) -> bool {
    let guard = &reading.open.guard;
    let is_many =
        missing > guard.shrink_minimum as usize && missing as f64 > all as f64 * guard.shrink_percent / 100.0;
    if guard.enabled && is_many {
        let what = match kind {
            Kind::Person => "accounts",
            Kind::Group => "groups",
        };
        reading.observed.trouble = format!(
            "PRV-RECONCILE-SHRUNK: {missing} of {all} linked {what} are not in the target any more. Nothing was \
             done about them: check that the connection leads to the right target. If it is right, restart the \
             connection with a full reset to have everybody looked for and made again."
        );
    }
    guard.enabled && is_many
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
