//! What became of each step, and its record: link, provisioning log and retry in one commit that carries the
//! lease's epoch.

use super::object::Task;
use super::run::Run;
use crate::draft::RuleDraft;
use crate::open::ActiveRule;
use crate::{Result, clock};
use provost_connect::{Error as TargetError, Retry};
use provost_engine::diff;
use provost_engine::object::{Kind, Record};
use provost_engine::plan::Action;
use provost_engine::rule::Evaluation;
use provost_store::link::{self, Link};
use provost_store::provisioning_log::{self, Entry};
use provost_store::{Tx, lease, reference, retry, staged};
use std::sync::Arc;

/// Milliseconds before a step is tried again that the target has refused for good: it helps only when
/// somebody has changed something there.
const REFUSED_WAIT: i64 = 3_600_000;

/// What became of one object's step.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// Nothing had to be done.
    Nothing,
    /// It was created or adopted, and is linked now.
    Linked {
        target_id: String,
        written: Record,
        enabled: bool,
        adopted: bool,
    },
    /// These attributes were changed.
    Updated {
        changes: Record,
        enabled: bool,
        action: Action,
    },
    /// It was deleted.
    Deleted,
    /// The target does not have it any more: the link is forgotten and it is looked for again.
    Vanished,
    /// It is left alone.
    Skipped(String),
    /// It failed and is tried again after so many milliseconds; `None`: later each time.
    Failed {
        reason: String,
        wait: Option<i64>,
        error: Option<TargetError>,
    },
}

impl Outcome {
    pub fn created(rule: &ActiveRule, target_id: String, evaluation: &Evaluation) -> Self {
        Self::linked(rule, target_id, evaluation, false)
    }

    pub fn adopted(rule: &ActiveRule, target_id: String, evaluation: &Evaluation) -> Self {
        Self::linked(rule, target_id, evaluation, true)
    }

    fn linked(rule: &ActiveRule, target_id: String, evaluation: &Evaluation, adopted: bool) -> Self {
        let mut written = if adopted {
            Record::new()
        } else {
            without_passwords(&evaluation.create)
        };
        diff::apply(&mut written, &without_passwords(&evaluation.update));
        let enabled = rule.compiled.wants_enabled(evaluation);
        Self::Linked {
            target_id,
            written,
            enabled,
            adopted,
        }
    }

    pub fn failed(error: &TargetError) -> Self {
        let wait = match error.retry() {
            Retry::Now | Retry::NextCycle | Retry::StopConnection => None,
            Retry::After(wait) => Some(wait.as_millis() as i64),
            Retry::Never => Some(REFUSED_WAIT),
        };
        let reason = format!("{}: {error}. {}", error.code(), error.hint());
        Self::Failed {
            reason,
            wait,
            error: Some(error.clone()),
        }
    }

    pub fn several(attribute: &str) -> Self {
        Self::Failed {
            reason: format!(
                "PRV-MATCH-SEVERAL: several objects in the target have the same {attribute}. \
                 Correct it there, or match by another attribute; Provost does not guess."
            ),
            wait: Some(REFUSED_WAIT),
            error: None,
        }
    }
}

/// A password that was set on create belongs into no database of ours.
fn without_passwords(record: &Record) -> Record {
    let is_password = |name: &str| name.to_ascii_lowercase().contains("password");
    record
        .iter()
        .filter(|(name, _)| !is_password(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Writes the outcomes of a group in one commit, and counts them.
pub(crate) async fn record(
    run: &Run,
    rule: &Arc<ActiveRule>,
    tasks: Vec<Task>,
    outcomes: Vec<Outcome>,
) -> Result<()> {
    for outcome in &outcomes {
        count(run, rule.kind, outcome);
    }
    let (open, rule, lease, cycle) = (run.open.clone(), rule.clone(), run.lease, run.cycle);
    let pairs: Arc<Vec<(Task, Outcome)>> = Arc::new(tasks.into_iter().zip(outcomes).collect());
    run.db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            let record = Recorder {
                open: &open,
                rule: &rule,
                cycle,
                now: clock::now(),
            };
            for (task, outcome) in pairs.iter() {
                record.one(tx, task, outcome)?;
            }
            Ok::<_, provost_store::Error>(())
        })
        .await?;
    Ok(())
}

fn count(run: &Run, kind: Kind, outcome: &Outcome) {
    let action = match outcome {
        Outcome::Linked { adopted: true, .. } => {
            run.reached();
            return run.count(|t| t.adopted += 1);
        }
        Outcome::Linked { .. } => Action::Create,
        Outcome::Updated { changes, .. } if changes.is_empty() => return,
        Outcome::Updated { action, .. } => *action,
        Outcome::Deleted => Action::Delete,
        Outcome::Failed { error, .. } => {
            if let Some(error) = error {
                tracing::debug!(%kind, %error, "a step failed");
                run.consider(error);
            }
            return run.count(|t| t.failed += 1);
        }
        Outcome::Nothing | Outcome::Vanished | Outcome::Skipped(_) => return,
    };
    run.reached();
    run.count(|t| *t.applied.entry(action).or_default() += 1);
}

/// Records outcomes inside a transaction.
struct Recorder<'a> {
    open: &'a crate::open::Open,
    rule: &'a ActiveRule,
    cycle: i64,
    now: i64,
}

impl Recorder<'_> {
    fn one(&self, tx: &mut Tx, task: &Task, outcome: &Outcome) -> provost_store::Result<()> {
        match outcome {
            Outcome::Nothing => self.done(tx, task),
            Outcome::Skipped(reason) => {
                self.log(tx, task, "skip", "skipped", reason, &Record::new())?;
                self.done(tx, task)
            }
            Outcome::Linked {
                target_id,
                written,
                enabled,
                adopted,
            } => self.link(tx, task, target_id, written, *enabled, *adopted),
            Outcome::Updated {
                changes,
                enabled,
                action,
            } => self.update(tx, task, changes, *enabled, *action),
            Outcome::Deleted => {
                link::remove(tx, self.rule.key, task.key)?;
                for rule in self.open.rules_for(Kind::Group) {
                    link::drop_member_everywhere(tx, rule.key, task.key)?;
                }
                self.log(tx, task, "delete", "success", "", &Record::new())?;
                self.done(tx, task)
            }
            Outcome::Vanished => {
                link::remove(tx, self.rule.key, task.key)?;
                let reason =
                    "PRV-LINK-VANISHED: the target does not have it any more; it is looked for again.";
                self.log(tx, task, "unlink", "failure", reason, &Record::new())?;
                retry::note(tx, self.rule.key, task.key, 0, self.now, Some(0), reason).map(drop)
            }
            Outcome::Failed { reason, wait, .. } => self.fail(tx, task, reason, *wait),
        }
    }

    fn link(
        &self,
        tx: &mut Tx,
        task: &Task,
        target_id: &str,
        written: &Record,
        enabled: bool,
        adopted: bool,
    ) -> provost_store::Result<()> {
        if let Some(other) = link::object_of_target(tx, self.rule.key, target_id)?.filter(|o| *o != task.key)
        {
            let reason = format!(
                "PRV-LINK-TAKEN: the matching object in the target belongs to another object of the directory \
                 (key {other}). Give one of the two another value of the matching attribute."
            );
            return self.fail(tx, task, &reason, Some(REFUSED_WAIT));
        }
        let link = Link {
            rule: self.rule.key,
            object: task.key,
            object_id: task.id,
            target_id: target_id.to_owned(),
            label: task.label.clone(),
            written: written.clone(),
            enabled,
        };
        link::put(tx, self.now, &link)?;
        self.await_references(tx, task)?;
        let action = if adopted { "match" } else { "create" };
        self.log(tx, task, action, "success", "", written)?;
        self.done(tx, task)
    }

    fn update(
        &self,
        tx: &mut Tx,
        task: &Task,
        changes: &Record,
        enabled: bool,
        action: Action,
    ) -> provost_store::Result<()> {
        if let Some(mut link) = link::get(tx, self.rule.key, task.key)? {
            diff::apply(&mut link.written, &without_passwords(changes));
            link.label = task.label.clone();
            link.enabled = enabled;
            link::put(tx, self.now, &link)?;
        }
        self.await_references(tx, task)?;
        if !changes.is_empty() || action != Action::Update {
            self.log(tx, task, &action.to_string(), "success", "", changes)?;
        }
        self.done(tx, task)
    }

    /// References are written in a pass of their own, once their other end is linked.
    fn await_references(&self, tx: &mut Tx, task: &Task) -> provost_store::Result<()> {
        for (attribute, wanted) in &task.look.references {
            // The nil id stands for nobody: the reference is to be removed.
            reference::wait_for(tx, self.rule.key, task.key, attribute, wanted.unwrap_or_default())?;
        }
        Ok(())
    }

    fn fail(&self, tx: &mut Tx, task: &Task, reason: &str, wait: Option<i64>) -> provost_store::Result<()> {
        let action = task
            .look
            .decision
            .action()
            .map_or_else(|| "evaluate".to_owned(), |a| a.to_string());
        self.log(tx, task, &action, "failure", reason, &Record::new())?;
        retry::note(tx, self.rule.key, task.key, 0, self.now, wait, reason).map(drop)
    }

    /// The step is settled: no retry and no staged step is left of it.
    fn done(&self, tx: &mut Tx, task: &Task) -> provost_store::Result<()> {
        retry::settle(tx, self.rule.key, task.key, 0)?;
        for action in [Action::Disable, Action::Delete] {
            staged::remove(
                tx,
                self.open.connection.key,
                self.rule.key,
                task.key,
                0,
                &action.to_string(),
            )?;
        }
        Ok(())
    }

    /// One line of the provisioning log; it names attributes, never values.
    fn log(
        &self,
        tx: &mut Tx,
        task: &Task,
        action: &str,
        status: &str,
        reason: &str,
        attributes: &Record,
    ) -> provost_store::Result<()> {
        let detail = attributes
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        let entry = Entry {
            at: self.now,
            connection: self.open.connection.key,
            cycle: self.cycle,
            kind: self.rule.kind,
            object: task.key,
            object_id: task.id,
            label: task.label.clone(),
            action: action.to_owned(),
            status: status.to_owned(),
            reason: reason.to_owned(),
            detail,
        };
        provisioning_log::append(tx, self.open.connection.workspace, &entry)
    }
}

/// Objects whose mapping failed in the survey: a line in the log and a later try each.
pub(crate) async fn note_failures(run: &Run, draft: &RuleDraft) -> Result<()> {
    run.count(|t| t.failed += draft.failures.len() as u64);
    for chunk in draft.failures.chunks(500) {
        let (chunk, rule, lease) = (chunk.to_vec(), draft.rule.clone(), run.lease);
        let (connection, cycle) = (run.open.connection.clone(), run.cycle);
        run.db
            .write(move |tx| {
                lease::prove(tx, lease)?;
                let now = clock::now();
                for failure in &chunk {
                    let reason = format!("PRV-MAPPING: {} {}", failure.error, failure.error.hint);
                    retry::note(tx, rule.key, failure.object, 0, now, Some(REFUSED_WAIT), &reason)?;
                    let entry = Entry {
                        at: now,
                        connection: connection.key,
                        cycle,
                        kind: rule.kind,
                        object: failure.object,
                        object_id: failure.id,
                        label: failure.label.clone(),
                        action: "evaluate".into(),
                        status: "failure".into(),
                        reason,
                        detail: String::new(),
                    };
                    provisioning_log::append(tx, connection.workspace, &entry)?;
                }
                Ok::<_, provost_store::Error>(())
            })
            .await?;
    }
    Ok(())
}
