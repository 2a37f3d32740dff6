//! A target that lost many of its linked accounts at once was more likely emptied, restored from an old backup, or is
//! another one. Then nothing is forgotten and nobody is made again, until a person says that it is right.

use super::run::Run;
use crate::Result;
use crate::open::{ActiveRule, Open};
use provost_connect::{Error as TargetError, Target};
use provost_engine::object::Kind;
use provost_engine::plan::{Action, Step};
use provost_engine::policy::Guard;
use provost_store::link;

/// The stable word for a target that has not got the accounts any more that are linked to it.
pub(crate) const SHRANK: &str = "PRV-TARGET-SHRANK";
/// Linked accounts that are looked for before one that is missing is believed to be the only one.
const SAMPLE: usize = 25;

/// What is to be thought of missing accounts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Loss {
    /// They are few: each is treated as its rule says.
    Few,
    /// So many of those looked for are not there, of so many.
    Many {
        /// Not there.
        missing: usize,
        /// Looked for.
        of: usize,
    },
    /// The target could not be asked: nothing follows.
    Unknown(TargetError),
}

/// Whether so many missing accounts are more than the guard takes for single losses.
pub(crate) fn is_many(guard: &Guard, missing: usize, of: usize) -> bool {
    guard.enabled && missing > guard.shrink_minimum as usize && is_large_share(guard, missing, of)
}

fn is_large_share(guard: &Guard, missing: usize, of: usize) -> bool {
    missing as f64 * 100.0 > of as f64 * guard.shrink_percent
}

/// What an administrator reads. `found` says what was found, as a sentence without a full stop.
pub(crate) fn sentence(found: &str) -> String {
    format!(
        "{SHRANK}: {found}. Nothing was forgotten, made or changed there: check that the connection leads to the \
         right target, and bring the accounts back if they were lost. If it is right as it is, restart the \
         connection with a full reset, which looks for everybody anew and makes whoever is not found."
    )
}

/// The words for many accounts of a kind.
pub(crate) fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "accounts",
        Kind::Group => "groups",
    }
}

/// Looks for accounts by their ids, and stops as soon as it is sure.
pub(crate) async fn ask(open: &Open, kind: Kind, ids: &[String]) -> Loss {
    let (target, guard) = (&open.target, &open.guard);
    let (mut missing, of) = (0, ids.len().min(SAMPLE));
    for id in ids.iter().take(SAMPLE) {
        match is_there(target.as_ref(), kind, id).await {
            Ok(true) => {}
            Ok(false) => missing += 1,
            Err(error) => return Loss::Unknown(error),
        }
    }
    if is_large_share(guard, missing, of) {
        Loss::Many { missing, of }
    } else {
        Loss::Few
    }
}

async fn is_there(target: &dyn Target, kind: Kind, id: &str) -> provost_connect::Result<bool> {
    match target.get(kind, id, &[]).await {
        Ok(account) => Ok(account.is_some()),
        // A target that reads nothing by id tells it by a write only.
        Err(TargetError::Unsupported { .. }) => Ok(true),
        Err(TargetError::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// An account of this rule is missing: is it alone? Asked once in a cycle; where it is not, the cycle ends.
pub(super) async fn weigh(run: &Run, rule: &ActiveRule) -> Loss {
    let mut known = run.losses().await;
    if let Some(loss) = known.get(&rule.key) {
        return loss.clone();
    }
    let loss = look(run, rule).await;
    if let Loss::Many { missing, of } = loss {
        let what = plural(rule.kind);
        run.shrink(sentence(&format!(
            "{missing} of {of} linked {what} that were looked for are not in the target any more"
        )));
    }
    if !matches!(loss, Loss::Unknown(_)) {
        known.insert(rule.key, loss.clone());
    }
    loss
}

/// A delete of something that is not there counts as done, also in the wrong target, and the real account would be
/// forgotten and left in. So the first one is looked for.
pub(super) async fn before_deletes(run: &Run, rule: &ActiveRule, steps: &[Step]) -> Result<()> {
    let Some(step) = steps.iter().find(|s| s.action == Action::Delete) else {
        return Ok(());
    };
    let (key, object) = (rule.key, step.object);
    let Some(link) = run.db.read(move |tx| link::get(tx, key, object)).await? else {
        return Ok(());
    };
    match is_there(run.open.target.as_ref(), rule.kind, &link.target_id).await {
        Ok(true) => {}
        // Where it is not alone, this ends the cycle.
        Ok(false) => drop(weigh(run, rule).await),
        Err(error) => run.stop_at(&error),
    }
    Ok(())
}

async fn look(run: &Run, rule: &ActiveRule) -> Loss {
    let (key, guard) = (rule.key, run.open.guard);
    if !guard.enabled {
        return Loss::Few;
    }
    let read = run
        .db
        .read(move |tx| {
            let mut ids = Vec::new();
            if link::count(tx, key)? > i64::from(guard.shrink_minimum) {
                link::for_each_by_target(tx, key, "", SAMPLE as i64, |_, id, _| {
                    ids.push(id.to_owned());
                    Ok(())
                })?;
            }
            Ok::<_, provost_store::Error>(ids)
        })
        .await;
    match read {
        Ok(ids) if ids.is_empty() => Loss::Few,
        Ok(ids) => ask(&run.open, rule.kind, &ids).await,
        Err(error) => Loss::Unknown(TargetError::Local {
            reason: error.to_string(),
        }),
    }
}
