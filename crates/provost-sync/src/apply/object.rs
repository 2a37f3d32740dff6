//! Creating, updating, restoring, disabling and deleting objects.

use super::matching::{self, Match};
use super::outcome::{self, Outcome};
use super::run::Run;
use crate::open::ActiveRule;
use crate::progress::{Counter, Phase};
use crate::report::may_create;
use crate::survey::{Look, look};
use crate::{Result, clock};
use futures::{StreamExt as _, TryStreamExt as _};
use provost_connect::{Account, Error as TargetError, Write};
use provost_engine::diff;
use provost_engine::object::Record;
use provost_engine::plan::{Action, Decision, Plan, Step};
use provost_engine::rule::{ENABLED_ATTRIBUTES, Evaluation, Need};
use provost_store::directory::{self, Object};
use provost_store::link::{self, Link};
use std::sync::Arc;
use uuid::Uuid;

/// Objects in one group when the target has no batches.
const GROUP: usize = 16;
/// Searches for matches of one group at a time.
const SEARCHES: usize = 8;

/// An object with everything its step needs, looked at again at the last moment.
pub(super) struct Task {
    pub key: i64,
    pub id: Uuid,
    pub label: String,
    pub link: Option<Link>,
    pub look: Look,
}

impl Task {
    /// The stable key by which the target can recognise a repeated create.
    fn link_key(&self) -> String {
        self.id.to_string()
    }
}

/// Carries out the steps of a plan that have one of these actions.
pub(crate) async fn objects(
    run: &Run,
    rule: &Arc<ActiveRule>,
    plan: &Plan,
    actions: &[Action],
    phase: Phase,
) -> Result<()> {
    let steps: Vec<Step> = plan
        .steps
        .iter()
        .filter(|s| s.member == 0 && actions.contains(&s.action))
        .copied()
        .collect();
    if steps.is_empty() {
        return Ok(());
    }
    let description = run.open.target.describe();
    let size = if description.batch_size > 1 {
        description.batch_size
    } else {
        GROUP
    };
    let counter = Counter::new(run.watcher.as_ref(), phase, steps.len() as u64);
    let one = async |chunk: Vec<Step>| {
        if !run.is_over() {
            group(run, rule, &chunk, actions).await?;
            counter.add(chunk.len() as u64);
        }
        Ok::<(), crate::Error>(())
    };
    let groups: Vec<_> = steps.chunks(size).map(|chunk| one(chunk.to_vec())).collect();
    futures::stream::iter(groups)
        .buffer_unordered(description.concurrency.max(1))
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

/// One group: looked at again, written, and recorded in one commit.
async fn group(run: &Run, rule: &Arc<ActiveRule>, steps: &[Step], actions: &[Action]) -> Result<()> {
    let tasks = load(run, rule, steps, actions).await?;
    let mut intents = intents(run, rule, &tasks).await;
    let writes: Vec<Write> = intents.iter_mut().filter_map(Intent::take_write).collect();
    let mut answers = run.open.target.apply(&writes).await.into_iter();
    let mut outcomes = Vec::with_capacity(tasks.len());
    for (task, intent) in tasks.iter().zip(intents) {
        let outcome = match intent {
            Intent::Settled(outcome) => outcome,
            Intent::Written(then) => match answers.next() {
                Some(answer) => settle(run, rule, task, then, answer).await,
                None => Outcome::failed(&TargetError::Unsupported {
                    operation: "a batch of this size".into(),
                }),
            },
            Intent::Waiting(..) => continue,
        };
        outcomes.push(outcome);
    }
    outcome::record(run, rule, tasks, outcomes).await
}

/// Reads the group's objects and links and decides again: what no longer wants a step is dropped.
async fn load(run: &Run, rule: &Arc<ActiveRule>, steps: &[Step], actions: &[Action]) -> Result<Vec<Task>> {
    let (open, rule, keys) = (
        run.open.clone(),
        rule.clone(),
        steps.iter().map(|s| s.object).collect::<Vec<_>>(),
    );
    let actions = actions.to_vec();
    let tasks = run
        .db
        .read(move |tx| {
            let mut tasks = Vec::new();
            for key in &keys {
                let (object, link) = (directory::by_key(tx, *key)?, link::get(tx, rule.key, *key)?);
                tasks.extend(task(&open, &rule, *key, object, link, &actions)?);
            }
            Ok::<_, provost_store::Error>(tasks)
        })
        .await?;
    Ok(tasks)
}

fn task(
    open: &crate::open::Open,
    rule: &ActiveRule,
    key: i64,
    object: Option<Object>,
    link: Option<Link>,
    actions: &[Action],
) -> provost_store::Result<Option<Task>> {
    let document = object.as_ref().map(Object::value).transpose()?;
    let id = object
        .as_ref()
        .map(|o| o.id)
        .or(link.as_ref().map(|l| l.object_id));
    let label = object
        .map(|o| o.label)
        .or_else(|| link.as_ref().map(|l| l.label.clone()));
    let (Some(id), Some(label)) = (id, label) else {
        return Ok(None);
    };
    let text = id.to_string();
    let seen = document.as_ref().map(|d| (text.as_str(), d));
    let Ok(mut look) = look(open, rule, seen, link.as_ref(), Need::Both, clock::now()) else {
        // The survey has reported the failing mapping.
        return Ok(None);
    };
    if look.decision == Decision::Nothing && !look.references.is_empty() {
        look.decision = Decision::Update(Record::new());
    }
    let wanted = look
        .decision
        .action()
        .is_some_and(|action| actions.contains(&action));
    Ok(wanted.then_some(Task {
        key,
        id,
        label,
        link,
        look,
    }))
}

/// What is to be done for a task.
enum Intent {
    /// A write that has not been sent.
    Waiting(Box<Write>, Then),
    /// The write was handed to the target.
    Written(Then),
    /// Nothing to write: the outcome is known.
    Settled(Outcome),
}

impl Intent {
    fn write(write: Write, then: Then) -> Self {
        Intent::Waiting(Box::new(write), then)
    }

    /// Hands the write over for the batch.
    fn take_write(&mut self) -> Option<Write> {
        match std::mem::replace(self, Intent::Settled(Outcome::Nothing)) {
            Intent::Waiting(write, then) => {
                *self = Intent::Written(then);
                Some(*write)
            }
            other => {
                *self = other;
                None
            }
        }
    }
}

/// What a successful write means.
enum Then {
    /// The object was created.
    Created,
    /// The account that was found was brought up to date and is linked now.
    Adopted(Account),
    /// These attributes were changed.
    Updated {
        changes: Record,
        enabled: bool,
        action: Action,
    },
    /// The account was disabled or enabled; these attributes have to follow in a write of their own.
    Switched {
        rest: Record,
        enabled: bool,
        action: Action,
    },
    /// The object was deleted.
    Deleted,
}

async fn intents(run: &Run, rule: &ActiveRule, tasks: &[Task]) -> Vec<Intent> {
    let searches: Vec<_> = tasks.iter().map(|task| intent(run, rule, task)).collect();
    futures::stream::iter(searches).buffered(SEARCHES).collect().await
}

async fn intent(run: &Run, rule: &ActiveRule, task: &Task) -> Intent {
    let (kind, link) = (rule.kind, task.link.as_ref());
    match (&task.look.decision, link) {
        (Decision::Create, _) => match &task.look.evaluation {
            Some(evaluation) => match_or_create(run, rule, task, evaluation).await,
            None => Intent::Settled(Outcome::Nothing),
        },
        (Decision::Update(changes), Some(link)) => update(rule, link, changes, Action::Update, link.enabled),
        (Decision::Disable(changes), Some(link)) => {
            let rest = without_switch(changes);
            let write = Write::Disable {
                kind,
                id: link.target_id.clone(),
            };
            Intent::write(
                write,
                Then::Switched {
                    rest,
                    enabled: false,
                    action: Action::Disable,
                },
            )
        }
        (Decision::Restore(changes), Some(link)) if changes.keys().any(|a| is_switch(a)) => {
            update(rule, link, changes, Action::Restore, true)
        }
        (Decision::Restore(changes), Some(link)) => {
            let write = Write::Enable {
                kind,
                id: link.target_id.clone(),
            };
            Intent::write(
                write,
                Then::Switched {
                    rest: changes.clone(),
                    enabled: true,
                    action: Action::Restore,
                },
            )
        }
        (Decision::Delete, Some(link)) => Intent::write(
            Write::Delete {
                kind,
                id: link.target_id.clone(),
            },
            Then::Deleted,
        ),
        _ => Intent::Settled(Outcome::Nothing),
    }
}

fn update(rule: &ActiveRule, link: &Link, changes: &Record, action: Action, enabled: bool) -> Intent {
    let then = Then::Updated {
        changes: changes.clone(),
        enabled,
        action,
    };
    if changes.is_empty() {
        // Only references changed: they are written in their own pass.
        return Intent::Settled(Outcome::Updated {
            changes: Record::new(),
            enabled,
            action,
        });
    }
    Intent::write(
        Write::Update {
            kind: rule.kind,
            id: link.target_id.clone(),
            changes: changes.clone(),
        },
        then,
    )
}

fn is_switch(attribute: &str) -> bool {
    ENABLED_ATTRIBUTES.contains(&attribute)
}

fn without_switch(changes: &Record) -> Record {
    changes
        .iter()
        .filter(|(a, _)| !is_switch(a))
        .map(|(a, v)| (a.clone(), v.clone()))
        .collect()
}

/// Not linked yet: what matches is adopted, what does not exist is created.
async fn match_or_create(run: &Run, rule: &ActiveRule, task: &Task, evaluation: &Evaluation) -> Intent {
    match matching::find(&run.open, rule, &task.link_key(), evaluation).await {
        Ok(Match::One(account)) => adopt(run, rule, account, evaluation).await,
        Ok(Match::Several(attribute)) => Intent::Settled(Outcome::several(&attribute)),
        Ok(Match::None) if !may_create(rule) => Intent::Settled(Outcome::Skipped(
            "the rule does not create, and nothing in the target matches".into(),
        )),
        Ok(Match::None) => {
            let record = evaluation.create.clone();
            Intent::write(
                Write::Create {
                    kind: rule.kind,
                    key: task.link_key(),
                    record,
                },
                Then::Created,
            )
        }
        Err(e) => Intent::Settled(Outcome::failed(&e)),
    }
}

/// Reads what the account has and writes only what differs.
async fn adopt(run: &Run, rule: &ActiveRule, account: Account, evaluation: &Evaluation) -> Intent {
    let found = match run
        .open
        .target
        .get(rule.kind, &account.id, &rule.attributes)
        .await
    {
        Ok(Some(found)) => found,
        Ok(None) => account,
        Err(e) => return Intent::Settled(Outcome::failed(&e)),
    };
    let mut shown = found.record.clone();
    run.open.target.normalize(rule.kind, &mut shown);
    let changes = diff::changes(&shown, &evaluation.update);
    if changes.is_empty() || !rule.compiled.rule().actions.update {
        return Intent::Settled(Outcome::adopted(rule, found.id, evaluation));
    }
    let write = Write::Update {
        kind: rule.kind,
        id: found.id.clone(),
        changes,
    };
    Intent::write(write, Then::Adopted(found))
}

/// Turns the target's answer into an outcome; what can be healed at once is healed.
async fn settle(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    then: Then,
    answer: provost_connect::Result<Option<Account>>,
) -> Outcome {
    match (then, answer) {
        (Then::Created, Ok(Some(account))) => match &task.look.evaluation {
            Some(evaluation) => Outcome::created(rule, account.id, evaluation),
            None => Outcome::Nothing,
        },
        (Then::Created, Ok(None)) => Outcome::failed(&TargetError::Unintelligible {
            host: run.open.connection.name.clone(),
            operation: "create".into(),
            found: "an answer without an id".into(),
        }),
        (Then::Created, Err(e)) => after_failed_create(run, rule, task, e).await,
        (Then::Adopted(account), Ok(_)) => match &task.look.evaluation {
            Some(evaluation) => Outcome::adopted(rule, account.id, evaluation),
            None => Outcome::Nothing,
        },
        (
            Then::Updated {
                changes,
                enabled,
                action,
            },
            Ok(_),
        ) => Outcome::Updated {
            changes,
            enabled,
            action,
        },
        (
            Then::Switched {
                rest,
                enabled,
                action,
            },
            Ok(_),
        ) => switched(run, rule, task, rest, enabled, action).await,
        (Then::Deleted, Ok(_)) => Outcome::Deleted,
        (_, Err(TargetError::NotFound { .. })) => Outcome::Vanished,
        (_, Err(e)) => Outcome::failed(&e),
    }
}

/// The answer of a create was lost, or the name is taken: perhaps by the object itself. It is looked for
/// before anything is repeated.
async fn after_failed_create(run: &Run, rule: &ActiveRule, task: &Task, error: TargetError) -> Outcome {
    let may_exist = matches!(
        error,
        TargetError::AnswerLost { .. } | TargetError::Conflict { .. }
    );
    let (true, Some(evaluation)) = (may_exist, &task.look.evaluation) else {
        return Outcome::failed(&error);
    };
    match matching::find(&run.open, rule, &task.link_key(), evaluation).await {
        Ok(Match::One(account)) => Outcome::created(rule, account.id, evaluation),
        Ok(Match::Several(attribute)) => Outcome::several(&attribute),
        // Not to be seen yet: the next try begins with the search again, never with a second create.
        Ok(Match::None) | Err(_) => Outcome::failed(&error),
    }
}

/// The account is switched; attributes that changed with it follow.
async fn switched(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    rest: Record,
    enabled: bool,
    action: Action,
) -> Outcome {
    let mut changes = task
        .look
        .evaluation
        .as_ref()
        .map(|e| switches(&e.update))
        .unwrap_or_default();
    if let (false, Some(link)) = (rest.is_empty(), &task.link)
        && run
            .open
            .target
            .update(rule.kind, &link.target_id, &rest)
            .await
            .is_ok()
    {
        changes.extend(rest);
    }
    Outcome::Updated {
        changes,
        enabled,
        action,
    }
}

fn switches(update: &Record) -> Record {
    update
        .iter()
        .filter(|(a, _)| is_switch(a))
        .map(|(a, v)| (a.clone(), v.clone()))
        .collect()
}
