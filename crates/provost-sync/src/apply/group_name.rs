//! Names of groups. A name says least about whose a group is: one that is found by it alone is not taken over, and a
//! group of ours does not get the name of another one, before a person has said so.

use super::decided;
use super::doubtful::doubtful;
use super::outcome::{Failed, Outcome};
use super::run::Run;
use super::task::Task;
use crate::doubt::{NAME, RENAMED};
use crate::open::ActiveRule;
use provost_connect::{Account, Error as TargetError};
use provost_engine::object::{Kind, Record};
use provost_store::doubt::{Decision, Doubt};
use provost_store::link::Link;
use provost_store::{Tx, directory, link, sync_status};

/// The attribute that names a group (RFC 7643, section 4.2; Microsoft Graph `group` resource).
const GROUP_NAME: &str = "displayName";
/// The attribute that a client keeps its own key in (RFC 7643, section 3.1).
const CLIENT_KEY: &str = "externalId";
/// The failure after which nobody knows whether a create was carried out.
const LOST: &str = "PRV-CONNECT-ANSWER-LOST";

/// Why a group that was found by this attribute, and not by the key that only Provost writes, is not taken over just
/// so.
pub(super) fn by_match(matched: &str) -> Option<(&'static str, String)> {
    (matched != CLIENT_KEY).then(|| {
        let sentence = "a group of the same name is in the target, and it was not made for this one. Say whether the \
                        two are merged, or the one there is overwritten, or another one is made beside it.";
        (NAME, sentence.to_owned())
    })
}

/// Whether a group that was found by its name can only be what a create of ours has left behind: the target keeps no
/// key of ours, and the last create of this very group had no answer.
pub(super) async fn is_left_behind(run: &Run, rule: &ActiveRule, task: &Task) -> bool {
    if run.open.target.link_key(rule.kind, "").is_some() {
        return false;
    }
    let (rule, object) = (rule.key, task.key);
    let last = run.db.read(move |tx| sync_status::get(tx, rule, object)).await;
    last.ok().flatten().is_some_and(|entry| entry.code == LOST)
}

/// What becomes of a group whose new name another group of the target has: a person decides first. None when nobody
/// has it, or a person has let both have it.
pub(super) async fn renamed(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    link: &Link,
    changes: &Record,
) -> Option<Outcome> {
    let name = changes.get(GROUP_NAME).filter(|_| rule.kind == Kind::Group)?;
    let found = match run.open.target.find(rule.kind, GROUP_NAME, name).await {
        Ok(found) => found,
        // Who cannot be asked is told, and says by a conflict what it knows.
        Err(TargetError::Unsupported { .. }) => return None,
        Err(error) => return Some(Outcome::failed(&error)),
    };
    let others = found.into_iter().filter(|other| other.id != link.target_id);
    let others = match staying(run, rule, task, others.collect()).await {
        Ok(others) => others,
        Err(error) => {
            let failed = Failed::plain("PRV-DOUBT-UNREAD", &format!("{error}. It is tried again."));
            return Some(Outcome::Failed(Box::new(failed)));
        }
    };
    if others.is_empty() {
        return None;
    }
    match answered(task, &others) {
        Some(doubt) if doubt.decision == Some(Decision::Beside) => None,
        Some(doubt) => Some(decided::skipped(doubt)),
        None => {
            let sentence = "the group was renamed in the directory, and another group of the target has the name \
                            already. Nothing is merged: rename one of the two, or say that both have the name.";
            Some(doubtful(run, rule, RENAMED, sentence.to_owned(), &others, GROUP_NAME).await)
        }
    }
}

/// The doubt, if a person has decided it about just these groups.
fn answered<'a>(task: &'a Task, others: &[Account]) -> Option<&'a Doubt> {
    let doubt = task.doubt.as_ref()?;
    let is_known = |other: &Account| doubt.candidates.iter().any(|one| one.target_id == other.id);
    let is_same = doubt.code == RENAMED && others.iter().all(is_known);
    (is_same && doubt.decision.is_some()).then_some(doubt)
}

/// The groups that are going to keep the name: one of ours that has another name in the directory by now is about to
/// lose it, as when two groups change names.
async fn staying(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    others: Vec<Account>,
) -> provost_store::Result<Vec<Account>> {
    if others.is_empty() {
        return Ok(others);
    }
    let (rule, label) = (rule.key, task.label.clone());
    let read = move |tx: &mut Tx| {
        let mut staying = Vec::with_capacity(others.len());
        for other in &others {
            let ours = match link::object_of_target(tx, rule, &other.id)? {
                Some(object) => directory::by_key(tx, object)?,
                None => None,
            };
            if ours.is_none_or(|object| object.label == label) {
                staying.push(other.clone());
            }
        }
        Ok(staying)
    };
    run.db.read(read).await
}
