//! What became of licence steps: the list of what was given, the provisioning log and the retries, in one commit that
//! carries the lease's epoch.

use super::apply::ATTRIBUTE;
use super::wanted::Wanted;
use crate::Result;
use crate::apply::{Failed, Run, receipts, step};
use crate::open::ActiveRule;
use provost_engine::plan::Action;
use provost_store::link_licence::{self, Given};
use provost_store::provisioning_log::{self, Entry, Modified, Trace};
use provost_store::retry::{self, Failure};
use provost_store::{drift, lease, staged};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// The detail of a licence's line that holds the target's id of the product.
pub(crate) const PRODUCT: &str = "product";
/// The detail that holds the ids of the services that are left out, separated by spaces.
pub(crate) const LEFT_OUT: &str = "leftOut";

/// What changes for one person.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub key: i64,
    pub id: Uuid,
    pub label: String,
    pub target_id: String,
    /// Whether the account is never written.
    pub is_untouchable: bool,
    /// Whether the account has a usage location.
    pub has_location: bool,
    pub doing: Vec<Doing>,
}

/// One licence of a change.
#[derive(Debug, Clone)]
pub(super) struct Doing {
    pub product: i64,
    /// The target's id of the product.
    pub sku: String,
    pub action: Action,
    /// What the person is to have; none when it is taken back.
    pub wanted: Option<Wanted>,
    /// What was left out so far; none when it does not stand in the list.
    pub before: Option<Vec<String>>,
    /// Whether nobody knows if an earlier try gave it.
    pub was_begun: bool,
    pub failed: Option<Failed>,
    /// Whether it may be done in the target although it failed.
    pub may_be_done: bool,
}

impl Doing {
    /// Whether it is handed to the target.
    pub fn is_sent(&self) -> bool {
        self.failed.is_none()
    }

    /// Whether it takes a seat that the person did not have.
    pub fn needs_seat(&self) -> bool {
        self.action == Action::AddLicence && (self.before.is_none() || self.was_begun)
    }
}

impl Change {
    /// Whether any of it is handed to the target.
    pub fn is_sent(&self) -> bool {
        !self.is_untouchable && self.doing.iter().any(Doing::is_sent)
    }
}

/// Writes the outcomes of a chunk.
pub(super) async fn record(
    run: &Run,
    rule: &Arc<ActiveRule>,
    changes: Vec<Change>,
    micros: i64,
) -> Result<()> {
    for doing in changes
        .iter()
        .filter(|c| !c.is_untouchable)
        .flat_map(|c| &c.doing)
    {
        match doing.failed {
            Some(_) => run.count(|t| t.failed += 1),
            None => run.count(|t| *t.applied.entry(doing.action).or_default() += 1),
        }
        if doing.failed.is_none() && doing.action == Action::RemoveLicence {
            run.seats.give_back(doing.product);
        }
    }
    let mut entries = Vec::new();
    for change in &changes {
        let receipts = receipts(&run.open, &[&change.target_id]);
        for doing in &change.doing {
            let mut line = entry(run, change, doing, micros);
            line.trace.receipts.clone_from(&receipts);
            entries.push(line);
        }
    }
    let (run, rule) = (run.clone(), rule.key);
    run.db
        .clone()
        .write(move |tx| {
            lease::prove(tx, run.lease)?;
            let (connection, now) = (run.open.connection.key, run.open.now());
            let (mut done, mut failures, mut place) = (Vec::new(), Vec::new(), entries.iter());
            for change in &changes {
                for doing in &change.doing {
                    let line = place.next();
                    if change.is_untouchable {
                        done.push((change.key, doing.product));
                        continue;
                    }
                    keep(tx, rule, change.key, doing, now)?;
                    match (&doing.failed, line) {
                        (Some(failed), Some(line)) => failures.push(Failure {
                            rule,
                            object: change.key,
                            member: doing.product,
                            wait: failed.wait,
                            code: &line.code,
                            reason: &line.reason,
                        }),
                        _ => done.push((change.key, doing.product)),
                    }
                }
                if change.doing.iter().all(|d| d.failed.is_none()) {
                    drift::repaired(tx, now, rule, change.key, Some(ATTRIBUTE))?;
                }
            }
            retry::settle_all(tx, rule, &done)?;
            staged::remove_all(tx, connection, rule, &done)?;
            retry::note_all(tx, now, &failures)?;
            provisioning_log::append_all(tx, run.open.connection.workspace, &entries)
        })
        .await?;
    Ok(())
}

/// The list follows what is known to be there. What may be there stays noted as begun.
fn keep(
    tx: &mut provost_store::Tx,
    rule: i64,
    object: i64,
    doing: &Doing,
    now: i64,
) -> provost_store::Result<()> {
    let is_noted = doing.before.is_none() || doing.was_begun;
    match (&doing.failed, &doing.wanted) {
        (None, Some(wanted)) => {
            let given = Given {
                rule,
                object,
                product: doing.product,
                disabled_plans: wanted.plans.clone(),
                modified: now,
                origin: wanted.origin,
            };
            link_licence::put(tx, now, &given)
        }
        (None, None) => link_licence::remove(tx, rule, object, doing.product),
        (Some(_), Some(_)) if is_noted && !doing.may_be_done => {
            link_licence::remove(tx, rule, object, doing.product)
        }
        (Some(_), _) => Ok(()),
    }
}

fn entry(run: &Run, change: &Change, doing: &Doing, micros: i64) -> Entry {
    let plans = |wanted: &Option<Vec<String>>| match wanted {
        Some(plans) => Value::from(run.open.licences.name(doing.product, plans)),
        None => Value::Null,
    };
    let (status, code, reason) = match &doing.failed {
        _ if change.is_untouchable => ("skipped", crate::apply::UNTOUCHABLE, crate::apply::untouchable()),
        None => ("success", "", String::new()),
        Some(failed) => ("failure", failed.code.as_str(), failed.reason.clone()),
    };
    let description = match status {
        "success" => "Done in the target.".to_owned(),
        _ => reason.clone(),
    };
    let mut step = step(&doing.action.to_string(), status, description);
    // An undo gives back exactly what was taken.
    step.details.insert(PRODUCT.to_owned(), doing.sku.clone());
    if let Some(plans) = doing.before.as_ref().filter(|plans| !plans.is_empty()) {
        step.details.insert(LEFT_OUT.to_owned(), plans.join(" "));
    }
    if let Some(failed) = &doing.failed {
        step.details
            .insert("errorCode".to_owned(), failed.word.to_owned());
    }
    let after = doing.wanted.as_ref().map(|w| w.plans.clone());
    Entry {
        at: run.open.now(),
        connection: run.open.connection.key,
        cycle: run.cycle,
        object: change.key,
        object_id: change.id,
        label: change.label.clone(),
        action: doing.action.to_string(),
        status: status.to_owned(),
        code: code.to_owned(),
        reason,
        detail: run.open.licences.name(doing.product, &[]),
        target_id: change.target_id.clone(),
        change_id: Some(Uuid::now_v7()),
        micros,
        initiator: run.initiator.to_string(),
        trace: Trace {
            steps: vec![step],
            modified: vec![Modified {
                name: ATTRIBUTE.to_owned(),
                old: plans(&doing.before),
                new: plans(&after),
            }],
            ..Trace::default()
        },
        ..Entry::default()
    }
}
