//! The record of a group's outcomes: links, provisioning log and retries in one commit that carries the lease's
//! epoch, by few statements.

use super::outcome::{Failed, Outcome};
use super::run::Run;
use super::story;
use super::task::Task;
use crate::open::ActiveRule;
use crate::status::Notes;
use crate::work::Mode;
use crate::{Result, known, stage};
use provost_engine::object::Kind;
use provost_engine::plan::{self, Action};
use provost_store::doubt::{self, Decision as Wish};
use provost_store::link::{self, Link};
use provost_store::link_licence::{self, Given, Origin};
use provost_store::provisioning_log::{self, Entry, Receipt};
use provost_store::retry::{self, Failure};
use provost_store::staged::{self, Decision, StagedStep};
use provost_store::{Tx, drift, identifier, lease, reference, revisit};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Writes the outcomes of a group in one commit, and counts them. `micros` is how long the group took.
pub(super) async fn record(
    run: &Run,
    rule: &Arc<ActiveRule>,
    tasks: Vec<Task>,
    mut outcomes: Vec<Outcome>,
    micros: i64,
) -> Result<()> {
    if tasks.is_empty() {
        return Ok(());
    }
    refuse_taken(run, rule, &tasks, &mut outcomes).await?;
    for outcome in &outcomes {
        count(run, rule.kind, outcome);
    }
    let mut batch = Batch::default();
    for (task, outcome) in tasks.iter().zip(&outcomes) {
        batch.enter(run, rule, task, outcome, micros);
    }
    let (run, rule, batch) = (run.clone(), rule.key, Arc::new(batch));
    run.db
        .clone()
        .write(move |tx| {
            lease::prove(tx, run.lease)?;
            batch.write(tx, &run, rule)
        })
        .await?;
    Ok(())
}

/// An account in the target belongs to one object only.
async fn refuse_taken(run: &Run, rule: &ActiveRule, tasks: &[Task], outcomes: &mut [Outcome]) -> Result<()> {
    let wanted: Vec<String> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Linked { target_id, .. } => Some(target_id.clone()),
            _ => None,
        })
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let mut taken = owners(run, rule, wanted).await?;
    for (task, outcome) in tasks.iter().zip(outcomes) {
        if let Outcome::Linked { target_id, .. } = outcome {
            let owner = *taken.entry(target_id.clone()).or_insert(task.key);
            if owner != task.key {
                *outcome = Outcome::taken(owner);
            }
        }
    }
    Ok(())
}

/// The objects to which accounts in the target belong, by the accounts' ids.
pub(super) async fn owners(run: &Run, rule: &ActiveRule, ids: Vec<String>) -> Result<HashMap<String, i64>> {
    let key = rule.key;
    // Of people of Microsoft 365, also those who hold an account without a link: nobody else ever gets it.
    let is_held = rule.kind == Kind::Person && run.open.connection.connector == "graph";
    let workspace = run.open.connection.workspace;
    let owners = run
        .db
        .read(move |tx| {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let mut owners = link::objects_of_targets(tx, key, &ids)?;
            if is_held {
                owners.extend(identifier::holders(tx, workspace, &ids)?);
            }
            Ok::<_, provost_store::Error>(owners)
        })
        .await?;
    Ok(owners)
}

fn count(run: &Run, kind: Kind, outcome: &Outcome) {
    if let Outcome::Updated {
        left: Some(failed), ..
    } = outcome
    {
        run.count(|t| t.failed += 1);
        failed.error.iter().for_each(|error| run.consider(error));
    }
    let action = match outcome {
        Outcome::Linked { matched: Some(_), .. } => {
            run.reached();
            return run.count(|t| t.adopted += 1);
        }
        Outcome::Linked { .. } => Action::Create,
        Outcome::Updated { changes, action, .. } if changes.is_empty() && *action == Action::Update => return,
        Outcome::Updated { action, .. } => *action,
        Outcome::Deleted => Action::Delete,
        Outcome::Failed(failed) => {
            if let Some(error) = &failed.error {
                tracing::debug!(%kind, %error, "a step failed");
                run.consider(error);
            }
            return run.count(|t| t.failed += 1);
        }
        Outcome::Skipped { .. } => return run.count(|t| t.skipped += 1),
        Outcome::Nothing | Outcome::Untried | Outcome::Vanished | Outcome::Staged { .. } => return,
    };
    run.reached();
    run.count(|t| *t.applied.entry(action).or_default() += 1);
}

/// What the target's provider wrote beside the answers about an object: under the key of a create, and under its id.
fn receipts_of(run: &Run, task: &Task, outcome: &Outcome) -> Vec<Receipt> {
    let key = task.link_key();
    let mut about = vec![key.as_str()];
    about.extend(task.link.as_ref().map(|link| link.target_id.as_str()));
    if let Outcome::Linked { target_id, .. } = outcome {
        about.push(target_id);
    }
    about.dedup();
    story::receipts(&run.open, &about)
}

/// An account that was made under another name than its mapping gives.
struct Renamed {
    object: i64,
    label: String,
    attribute: String,
    expected: Value,
    found: Value,
}

/// What a group's outcomes write.
#[derive(Default)]
struct Batch {
    links: Vec<Link>,
    entries: Vec<Entry>,
    /// Objects whose step is settled: no retry and no staged step is left of it.
    done: Vec<(i64, i64)>,
    failed: Vec<(i64, Failed)>,
    unlinked: Vec<i64>,
    /// Those of them that were deleted, so that nothing of theirs can be there.
    deleted: Vec<i64>,
    /// Objects that have an account now, or have it again: memberships and licences follow later in the cycle. Should it
    /// not come to them, the next one has to know: it finds somebody who has an account, and nothing that changed.
    follows: Vec<i64>,
    references: Vec<(i64, String, Uuid)>,
    /// Objects that have another account than before: who refers to them refers to it from now on.
    moved: Vec<Uuid>,
    /// Attributes that were written over what somebody had changed in the target.
    repaired: Vec<(i64, String)>,
    /// Objects to look at again, and when.
    again: Vec<(i64, i64)>,
    /// How the objects stand now.
    notes: Notes,
    /// Objects about which a person has to decide, and those about which nothing is doubtful any more.
    doubts: Vec<(i64, String, Failed)>,
    certain: Vec<i64>,
    /// Accounts that were made under another name than their mapping gives.
    renamed: Vec<Renamed>,
    /// Steps that wait for a person.
    staged: Vec<StagedStep>,
}

/// A step that waits for a person by itself: whoever approves it has looked at that one.
fn staging(rule: i64, step: &plan::Step, label: &str) -> StagedStep {
    let mut alone = plan::Plan::new();
    alone.push(*step);
    StagedStep {
        key: 0,
        rule,
        object: step.object,
        member: step.member,
        action: step.action.to_string(),
        label: label.to_owned(),
        digest: alone.digest(),
        decision: Decision::Pending,
        created: 0,
    }
}

impl Batch {
    fn enter(&mut self, run: &Run, rule: &ActiveRule, task: &Task, outcome: &Outcome, micros: i64) {
        let line = story::entry(run, rule, task, outcome, micros);
        let receipts = receipts_of(run, task, outcome);
        self.entries.extend(line.map(|mut line| {
            line.trace.receipts = receipts;
            line
        }));
        self.note(rule.key, task, outcome);
        self.doubt(task, outcome);
        match outcome {
            Outcome::Untried => {}
            Outcome::Staged { action, .. } => {
                let step = plan::Step::object(rule.kind, task.key, *action);
                self.staged.push(staging(rule.key, &step, &task.label));
            }
            Outcome::Nothing | Outcome::Skipped { .. } => self.done.push((task.key, 0)),
            Outcome::Linked {
                target_id,
                written,
                enabled,
                ..
            } => {
                self.link(run, rule, task, target_id, written.clone(), *enabled);
                self.done.push((task.key, 0));
                self.follows.push(task.key);
            }
            Outcome::Updated {
                changes,
                there,
                enabled,
                action,
                left,
                ..
            } => {
                if let Some(link) = &task.link {
                    let written = Outcome::kept(rule, task, changes, there);
                    self.link(run, rule, task, &link.target_id, written, *enabled);
                    if run.mode == Mode::Reconcile {
                        self.repaired
                            .extend(changes.keys().map(|name| (task.key, name.clone())));
                    }
                }
                self.done.push((task.key, 0));
                self.follows
                    .extend((*action == Action::Restore).then_some(task.key));
                self.failed
                    .extend(left.iter().map(|failed| (task.key, (**failed).clone())));
            }
            Outcome::Deleted => {
                self.unlinked.push(task.key);
                self.deleted.push(task.key);
                self.done.push((task.key, 0));
            }
            Outcome::Vanished => {
                self.unlinked.push(task.key);
                let again = Failed {
                    code: "PRV-LINK-VANISHED".to_owned(),
                    word: "",
                    reason:
                        "PRV-LINK-VANISHED: the target does not have it any more; it is looked for again."
                            .into(),
                    wait: Some(0),
                    error: None,
                    candidates: Vec::new(),
                };
                self.failed.push((task.key, again));
            }
            Outcome::Failed(failed) => self.failed.push((task.key, (**failed).clone())),
        }
    }

    fn note(&mut self, rule: i64, task: &Task, outcome: &Outcome) {
        let (notes, object) = (&mut self.notes, task.key);
        match outcome {
            Outcome::Untried => {}
            Outcome::Staged { sentence, .. } => {
                notes.partial(rule, object, super::standing::PRIVILEGED, sentence)
            }
            Outcome::Skipped { code, reason } if task.link.is_some() => {
                notes.partial(rule, object, code, reason);
            }
            Outcome::Skipped { code, reason } => notes.unsynced(rule, object, code, reason),
            Outcome::Updated {
                left: Some(failed), ..
            } => notes.partial(rule, object, &failed.code, &failed.reason),
            Outcome::Failed(failed) => notes.failed(rule, object, &failed.code, &failed.reason),
            Outcome::Nothing
            | Outcome::Linked { .. }
            | Outcome::Updated { .. }
            | Outcome::Deleted
            | Outcome::Vanished => notes.fine(object),
        }
    }

    fn doubt(&mut self, task: &Task, outcome: &Outcome) {
        match outcome {
            Outcome::Failed(failed) if !failed.candidates.is_empty() => {
                self.doubts
                    .push((task.key, task.label.clone(), (**failed).clone()));
            }
            Outcome::Linked { sent, written, .. } => {
                self.certain.extend(task.doubt.as_ref().map(|_| task.key));
                let is_renamed = task
                    .doubt
                    .as_ref()
                    .is_some_and(|d| d.decision == Some(Wish::Rename));
                let other = sent
                    .iter()
                    .find(|(name, value)| written.get(*name).is_some_and(|w| w != *value));
                if let (true, Some((name, value))) = (is_renamed, other) {
                    self.renamed.push(Renamed {
                        object: task.key,
                        label: task.label.clone(),
                        attribute: name.clone(),
                        expected: written.get(name).cloned().unwrap_or_default(),
                        found: value.clone(),
                    });
                }
            }
            Outcome::Nothing | Outcome::Updated { .. } | Outcome::Deleted => {
                self.certain.extend(task.doubt.as_ref().map(|_| task.key));
            }
            _ => {}
        }
    }

    /// What is doubtful, and what is not any more; and names that were given for the sake of one in the bin, which
    /// stand from then on.
    fn write_doubts(&self, tx: &mut Tx, run: &Run, rule: i64) -> provost_store::Result<()> {
        let (connection, now) = (&run.open.connection, run.open.now());
        let found: Vec<doubt::Found> = self
            .doubts
            .iter()
            .map(|(object, label, failed)| doubt::Found {
                rule,
                object: *object,
                label,
                code: &failed.code,
                reason: &failed.reason,
                candidates: &failed.candidates,
            })
            .collect();
        doubt::put(tx, now, connection.key, &found)?;
        for object in &self.certain {
            doubt::clear(tx, rule, *object)?;
        }
        for one in &self.renamed {
            let seen = drift::Seen {
                rule,
                object: one.object,
                attribute: &one.attribute,
                label: &one.label,
                expected: &one.expected,
                found: &one.found,
            };
            drift::see(tx, now, &[seen])?;
            let place = drift::Place {
                rule,
                object: one.object,
                attribute: &one.attribute,
            };
            drift::accept(tx, "provost", now, connection, &place)?;
        }
        Ok(())
    }

    fn link(
        &mut self,
        run: &Run,
        rule: &ActiveRule,
        task: &Task,
        target_id: &str,
        written: provost_engine::object::Record,
        enabled: bool,
    ) {
        let before = task.link.as_ref();
        if before.is_none_or(|link| link.target_id != target_id) {
            self.moved.push(task.id);
        }
        let disabled = match (enabled, before.map_or(0, |l| l.disabled)) {
            (true, _) => 0,
            (false, 0) => run.open.now(),
            (false, since) => since,
        };
        let link = Link {
            rule: rule.key,
            object: task.key,
            object_id: task.id,
            target_id: target_id.to_owned(),
            label: task.label.clone(),
            hash: known::hash(&run.open, rule, written.clone(), enabled),
            written,
            enabled,
            disabled,
        };
        let due = rule.compiled.due_again(&known::of(&link), run.open.now());
        // Whoever is disabled in the directory only stays: their grace ends when they are to be deleted.
        let leaves = task.look.evaluation.as_ref().is_none_or(|e| !e.in_scope);
        self.again
            .extend(due.filter(|_| leaves).map(|due| (task.key, due)));
        self.links.push(link);
        for (attribute, wanted) in &task.look.references {
            // The nil id stands for nobody: the reference is to be removed.
            self.references
                .push((task.key, attribute.clone(), wanted.unwrap_or_default()));
        }
    }

    fn write(&self, tx: &mut Tx, run: &Run, rule: i64) -> provost_store::Result<()> {
        let (connection, now) = (run.open.connection.key, run.open.now());
        for object in &self.unlinked {
            forget(tx, &run.open, rule, *object)?;
        }
        for object in &self.deleted {
            link_licence::drop_object(tx, rule, *object)?;
        }
        link::put_all(tx, now, &self.links)?;
        reference::renew(tx, connection, &self.moved)?;
        for (object, attribute, wanted) in &self.references {
            // References are written in a pass of their own, once their other end is linked.
            reference::wait_for(tx, rule, *object, attribute, *wanted)?;
        }
        for (object, attribute) in &self.repaired {
            drift::repaired(tx, now, rule, *object, Some(attribute))?;
        }
        provisioning_log::append_all(tx, run.open.connection.workspace, &self.entries)?;
        retry::settle_all(tx, rule, &self.done)?;
        staged::remove_all(tx, connection, rule, &self.done)?;
        staged::put_all(tx, connection, now, &self.staged)?;
        self.notes.write(tx, rule, now)?;
        self.write_doubts(tx, run, rule)?;
        stage::look_again(tx, connection, &self.again, now)?;
        // A first cycle that is cut short begins again, and looks at everything.
        if run.mode != Mode::Initial && !self.follows.is_empty() {
            revisit::ask_whole(tx, connection, &self.follows, run.began, "follows")?;
            run.follow(&self.follows);
        }
        let failures: Vec<Failure> = self
            .failed
            .iter()
            .map(|(object, failed)| Failure {
                rule,
                object: *object,
                member: 0,
                wait: failed.wait,
                code: &failed.code,
                reason: &failed.reason,
            })
            .collect();
        retry::note_all(tx, now, &failures).map(drop)
    }
}

/// An account is gone from the target, and with it every membership it had there. A target that is behind may say so
/// of an account that is there: should it be found again, its licences are known as those that may be there, so that
/// none stays behind that is not wanted any more.
pub(crate) fn forget(
    tx: &mut Tx,
    open: &crate::open::Open,
    rule: i64,
    object: i64,
) -> provost_store::Result<()> {
    let in_doubt = link_licence::of(tx, rule, object)?
        .into_iter()
        .map(|given| Given {
            origin: Origin::Begun,
            ..given
        });
    let in_doubt: Vec<Given> = in_doubt.collect();
    link::remove(tx, rule, object)?;
    link_licence::put_all(tx, open.now(), &in_doubt)?;
    reference::forget(tx, rule, object)?;
    for rule in open.rules.iter().filter(|r| r.kind == Kind::Group) {
        link::drop_member_everywhere(tx, rule.key, object)?;
    }
    Ok(())
}
