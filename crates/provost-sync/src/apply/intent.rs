//! What is to be done for a task, and what the write that does it will mean.

use super::census::{Census, Sought};
use super::decided;
use super::doubtful;
use super::group_name;
use super::matching::{self, Match};
use super::outcome::Outcome;
use super::run::Run;
use super::task::Task;
use crate::open::ActiveRule;
use crate::report::may_create;
use provost_connect::{Account, Error as TargetError, Write};
use provost_engine::object::{Kind, Record};
use provost_engine::plan::{Action, Decision};
use provost_engine::rule::{ENABLED_ATTRIBUTES, Evaluation};
use provost_store::identifier;
use provost_store::link::Link;
use serde_json::Value;

/// What is to be done for a task.
pub(super) enum Intent {
    /// A write that has not been sent.
    Waiting(Box<Write>, Then),
    /// The write was handed to the target.
    Written(Then),
    /// Nothing to write: the outcome is known.
    Settled(Outcome),
}

impl Intent {
    pub fn write(write: Write, then: Then) -> Self {
        Intent::Waiting(Box::new(write), then)
    }

    /// The account of somebody who is not linked yet, when something is about to be written to it.
    pub fn claims(&self) -> Option<&str> {
        match self {
            Intent::Waiting(_, Then::Adopted { account, .. }) => Some(&account.id),
            _ => None,
        }
    }

    /// Hands the write over for the batch.
    pub fn take_write(&mut self) -> Option<Write> {
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
pub(super) enum Then {
    /// The object was created.
    Created,
    /// The object was created under another name than the mapping gives, because that lies in the bin: attribute
    /// and value.
    CreatedAs(Box<(String, Value)>),
    /// The account that was found was brought up to date and is linked now.
    Adopted {
        account: Account,
        changes: Record,
        matched: String,
    },
    /// These attributes were changed.
    Updated {
        changes: Record,
        there: Record,
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

/// Decides how a task is carried out; asks the target where that depends on it.
pub(super) async fn of(run: &Run, rule: &ActiveRule, task: &Task, census: &Census) -> Intent {
    let (kind, link) = (rule.kind, task.link.as_ref());
    match (&task.look.decision, link) {
        (Decision::Create, _) => match &task.look.evaluation {
            Some(evaluation) => match_or_create(run, rule, task, evaluation, census).await,
            None => Intent::Settled(Outcome::Nothing),
        },
        (Decision::Update(changes), Some(link)) => {
            update(run, rule, task, link, changes, Action::Update, link.enabled).await
        }
        (Decision::Disable(changes), Some(link)) => {
            let write = Write::Disable {
                kind,
                id: link.target_id.clone(),
            };
            Intent::write(
                write,
                Then::Switched {
                    rest: without_switch(changes),
                    enabled: false,
                    action: Action::Disable,
                },
            )
        }
        (Decision::Restore(changes), Some(link)) if changes.keys().any(|a| is_switch(a)) => {
            update(run, rule, task, link, changes, Action::Restore, true).await
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
        (Decision::Delete, Some(link)) => {
            let id = link.target_id.clone();
            Intent::write(Write::Delete { kind, id }, Then::Deleted)
        }
        _ => Intent::Settled(Outcome::Nothing),
    }
}

async fn update(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    link: &Link,
    changes: &Record,
    action: Action,
    enabled: bool,
) -> Intent {
    let (changes, there) = match against_target(run, rule, task, link, changes).await {
        Ok(parts) => parts,
        Err(outcome) => return Intent::Settled(outcome),
    };
    if changes.is_empty() {
        // Only references changed, which are written in their own pass; or the target has it all already.
        return Intent::Settled(Outcome::Updated {
            changes,
            there,
            enabled,
            action,
            left: None,
        });
    }
    if let Some(outcome) = group_name::renamed(run, rule, task, link, &changes).await {
        return Intent::Settled(outcome);
    }
    let write = Write::Update {
        kind: rule.kind,
        id: link.target_id.clone(),
        changes: changes.clone(),
    };
    Intent::write(
        write,
        Then::Updated {
            changes,
            there,
            enabled,
            action,
        },
    )
}

/// What of the changes is left once the target was asked what it holds, where that matters, and what counts as
/// written because the target has a value of its own.
pub(super) async fn against_target(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    link: &Link,
    changes: &Record,
) -> Result<(Record, Record), Outcome> {
    let Some(evaluation) = task
        .look
        .evaluation
        .as_ref()
        .filter(|e| rule.compiled.needs_target() && rule.compiled.depends_on_target(e, changes))
    else {
        return Ok((changes.clone(), Record::new()));
    };
    let answer = run
        .open
        .target
        .get(rule.kind, &link.target_id, &rule.attributes)
        .await;
    match answer {
        Ok(Some(account)) => {
            let mut found = account.record;
            run.open.target.normalize(rule.kind, &mut found);
            let left = rule.compiled.against_target(evaluation, changes, &found);
            let there = rule.compiled.already_there(evaluation, changes, &found);
            Ok((left, there))
        }
        Ok(None) => Err(super::settle::vanished(run, rule, task).await),
        Err(e) => Err(Outcome::failed(&e)),
    }
}

pub(super) fn is_switch(attribute: &str) -> bool {
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
async fn match_or_create(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    evaluation: &Evaluation,
    census: &Census,
) -> Intent {
    if let Some(intent) = decided::of(run, rule, task, evaluation).await {
        return intent;
    }
    if let Some(intent) = tied(run, rule, task, evaluation).await {
        return intent;
    }
    let key = task.link_key();
    let (found, is_whole) = match census.seek(&run.open, rule, &key, evaluation) {
        Sought::Nobody => (Ok(Match::None), false),
        Sought::One(account, matched) => (Ok(Match::One(account, matched)), true),
        Sought::Unsure => (matching::find(&run.open, rule, &key, evaluation).await, false),
    };
    match found {
        Ok(Match::One(account, matched)) => match doubtful::by_match(&run.open, rule, &key, &matched) {
            Some(_) if group_name::is_left_behind(run, rule, task).await => {
                adopt(run, rule, account, matched, evaluation).await
            }
            Some((code, sentence)) => {
                let doubt = doubtful::doubtful(run, rule, code, sentence, &[account], &matched).await;
                Intent::Settled(doubt)
            }
            None if is_whole => adopt_unless_foreign(run, rule, account, matched, evaluation).await,
            None => match whole(run, rule, account).await {
                Ok(account) => adopt_unless_foreign(run, rule, account, matched, evaluation).await,
                Err(outcome) => Intent::Settled(outcome),
            },
        },
        Ok(Match::Several(attribute, found)) => {
            Intent::Settled(doubtful::several(run, rule, &attribute, &found).await)
        }
        Ok(Match::None) if !may_create(rule) => Intent::Settled(Outcome::Skipped {
            code: "PRV-CREATE-OFF".to_owned(),
            reason: "the rule does not create, and nothing in the target matches".into(),
        }),
        Ok(Match::None) => {
            if let Some(twin) = run.bin(rule.kind).twin(run, rule, task, evaluation).await {
                return Intent::Settled(twin);
            }
            let record = evaluation.create.clone();
            Intent::write(
                Write::Create {
                    kind: rule.kind,
                    key,
                    record,
                },
                Then::Created,
            )
        }
        Err(e) => Intent::Settled(Outcome::failed(&e)),
    }
}

/// Who holds an account of the tenant by its object id gets that one, and no other is looked for.
async fn tied(run: &Run, rule: &ActiveRule, task: &Task, evaluation: &Evaluation) -> Option<Intent> {
    if rule.kind != Kind::Person || run.open.connection.connector != "graph" {
        return None;
    }
    let (connection, object) = (run.open.connection.key, task.key);
    let held = run
        .db
        .read(move |tx| identifier::account_of(tx, connection, object))
        .await;
    let id = match held {
        Ok(id) => id?,
        Err(error) => {
            let reason = error.to_string();
            return Some(Intent::Settled(Outcome::failed(&TargetError::Local { reason })));
        }
    };
    match run.open.target.get(rule.kind, &id, &rule.attributes).await {
        Ok(Some(account)) => Some(adopted(run, rule, account, "id".to_owned(), evaluation)),
        // It is gone; a reading of the accounts finds that out.
        Ok(None) => None,
        Err(e) => Some(Intent::Settled(Outcome::failed(&e))),
    }
}

/// Adopts the account, unless what it holds says that it is somebody else's.
async fn adopt_unless_foreign(
    run: &Run,
    rule: &ActiveRule,
    found: Account,
    matched: String,
    evaluation: &Evaluation,
) -> Intent {
    match doubtful::by_content(rule, &found.record, evaluation) {
        Some((code, sentence)) => {
            let doubt = doubtful::doubtful(run, rule, code, sentence, &[found], &matched).await;
            Intent::Settled(doubt)
        }
        None => adopted(run, rule, found, matched, evaluation),
    }
}

/// Reads what the account has and writes only what differs.
pub(super) async fn adopt(
    run: &Run,
    rule: &ActiveRule,
    account: Account,
    matched: String,
    evaluation: &Evaluation,
) -> Intent {
    match whole(run, rule, account).await {
        Ok(found) => adopted(run, rule, found, matched, evaluation),
        Err(outcome) => Intent::Settled(outcome),
    }
}

/// The account with everything that the rule writes, but for references: these are written in a pass of their own,
/// and some targets ask for each in a request of its own.
async fn whole(run: &Run, rule: &ActiveRule, account: Account) -> Result<Account, Outcome> {
    let references = run.open.target.describe().references;
    let is_value = |name: &&String| !references.contains(&name.as_str());
    let attributes: Vec<String> = rule.attributes.iter().filter(is_value).cloned().collect();
    Ok(
        match run.open.target.get(rule.kind, &account.id, &attributes).await {
            Ok(Some(found)) => found,
            Ok(None) => account,
            Err(e @ TargetError::Unsupported { .. }) => {
                tracing::debug!(error = %e, "the account is taken as the search showed it");
                account
            }
            Err(e) => return Err(Outcome::failed(&e)),
        },
    )
}

fn adopted(run: &Run, rule: &ActiveRule, found: Account, matched: String, evaluation: &Evaluation) -> Intent {
    let mut shown = found.record.clone();
    run.open.target.normalize(rule.kind, &mut shown);
    let changes = rule.compiled.changes(evaluation, &shown);
    let changes = rule.compiled.against_target(evaluation, &changes, &shown);
    if changes.is_empty() || !rule.compiled.rule().actions.update {
        let nothing = Record::new();
        return Intent::Settled(Outcome::adopted(
            rule, found.id, evaluation, &shown, &nothing, matched,
        ));
    }
    let write = Write::Update {
        kind: rule.kind,
        id: found.id.clone(),
        changes: changes.clone(),
    };
    let account = Account {
        record: shown,
        ..found
    };
    Intent::write(
        write,
        Then::Adopted {
            account,
            changes,
            matched,
        },
    )
}
