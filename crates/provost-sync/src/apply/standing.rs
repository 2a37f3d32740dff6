//! Whose an account is, asked before it is taken over and before it is closed. What is synchronised from elsewhere,
//! or belongs to a guest, is left alone; an administrator's account is closed only on a person's word.

use super::census::Census;
use super::intent::{Intent, Then};
use super::outcome::Outcome;
use super::run::Run;
use super::task::Task;
use crate::Result;
use crate::open::ActiveRule;
use provost_connect::{Error as TargetError, Standing, Write};
use provost_engine::object::Record;
use provost_engine::plan::Action;
use provost_store::staged::{self, Decision, StagedStep};
use std::collections::HashMap;

/// The stable word for an account that holds administrative roles.
pub(super) const PRIVILEGED: &str = "PRV-TARGET-PRIVILEGED";
/// The stable word for an account that the connection never writes.
pub(crate) const UNTOUCHABLE: &str = "PRV-TARGET-PROTECTED";
/// The stable word for the account of a guest.
const GUEST: &str = "PRV-TARGET-GUEST";

/// Why an account that the connection names is not written.
pub(crate) fn untouchable() -> String {
    format!(
        "{UNTOUCHABLE}: the account is one of those that this connection never writes. Take it from the list of \
         protected accounts in the connection's preferences if it is to be managed."
    )
}

/// What is about to happen to an account.
struct Deed<'a> {
    id: &'a str,
    record: Option<&'a Record>,
    /// Whether the account is taken over now.
    adopts: bool,
    /// The action by which somebody loses it.
    takes: Option<Action>,
}

/// Replaces what may not be done: it is left alone, or waits for a person.
pub(super) async fn weigh(
    run: &Run,
    rule: &ActiveRule,
    tasks: &[Task],
    intents: &mut [Intent],
    census: &Census,
) -> Result<()> {
    for (task, intent) in tasks.iter().zip(intents.iter_mut()) {
        let is_untouchable = deed(task, intent).is_some_and(|deed| is_untouchable(run, task, &deed));
        if is_untouchable {
            *intent = Intent::Settled(Outcome::Skipped {
                code: UNTOUCHABLE.to_owned(),
                reason: untouchable(),
            });
        }
    }
    let mut asked: Vec<String> = tasks
        .iter()
        .zip(intents.iter())
        .filter_map(|(task, intent)| deed(task, intent))
        .filter(|deed| deed.takes.is_some() || (deed.adopts && !census.is_ordinary(deed.id, run.open.now())))
        .map(|deed| deed.id.to_owned())
        .collect();
    asked.sort_unstable();
    asked.dedup();
    if asked.is_empty() {
        return Ok(());
    }
    let known = match run.open.target.standing(rule.kind, &asked).await {
        Ok(standings) => asked.into_iter().zip(standings).collect(),
        Err(error) => return refuse(run, tasks, intents, &asked, &error),
    };
    judge(run, rule, tasks, intents, &known).await
}

/// Nothing is known of whose the accounts are. Where the connection may not ask, that is how it is set up; else what
/// would have been done is tried again.
fn refuse(
    run: &Run,
    tasks: &[Task],
    intents: &mut [Intent],
    asked: &[String],
    error: &TargetError,
) -> Result<()> {
    if matches!(
        error,
        TargetError::Unsupported { .. } | TargetError::Forbidden { .. }
    ) {
        tracing::debug!(%error, "the standing of accounts cannot be asked");
        return Ok(());
    }
    run.stop_at(error);
    for (task, intent) in tasks.iter().zip(intents) {
        if deed(task, intent).is_some_and(|deed| asked.iter().any(|id| id == deed.id)) {
            *intent = Intent::Settled(Outcome::failed(error));
        }
    }
    Ok(())
}

async fn judge(
    run: &Run,
    rule: &ActiveRule,
    tasks: &[Task],
    intents: &mut [Intent],
    known: &HashMap<String, Standing>,
) -> Result<()> {
    for (task, intent) in tasks.iter().zip(intents) {
        let Some(found) = deed(task, intent) else { continue };
        let Some(standing) = known.get(found.id) else {
            continue;
        };
        let takes = found.takes;
        if let Some(outcome) = left_alone(standing) {
            *intent = Intent::Settled(outcome);
        } else if let Some(action) = takes
            && !standing.roles.is_empty()
            && !is_approved(run, rule.key, task.key, action).await?
        {
            *intent = Intent::Settled(Outcome::Staged {
                action,
                sentence: privileged(&standing.roles),
            });
        }
    }
    Ok(())
}

fn left_alone(standing: &Standing) -> Option<Outcome> {
    if let Some(why) = &standing.read_only {
        return Some(Outcome::Skipped {
            code: why.code.clone(),
            reason: format!(
                "{}: {}. Provost leaves it alone; take it out of the rule's scope, or change it where it is kept.",
                why.code, why.reason
            ),
        });
    }
    standing.guest.then(|| Outcome::Skipped {
        code: GUEST.to_owned(),
        reason: format!(
            "{GUEST}: the account belongs to a guest of another organisation, which manages it. Give the person \
             another value of the matching attribute if they are to have an account of their own."
        ),
    })
}

fn privileged(roles: &[String]) -> String {
    format!(
        "{PRIVILEGED}: the account holds the role {}; closing it waits for a person's decision. Approve it among the \
         staged steps, or take the role away first.",
        roles.join(", ")
    )
}

/// Whether a person has said yes to exactly this.
async fn is_approved(run: &Run, rule: i64, object: i64, action: Action) -> Result<bool> {
    let connection = run.open.connection.key;
    let step = StagedStep {
        key: 0,
        rule,
        object,
        member: 0,
        action: action.to_string(),
        label: String::new(),
        digest: String::new(),
        decision: Decision::Pending,
        created: 0,
    };
    let decision = run
        .db
        .read(move |tx| staged::decision(tx, connection, &step))
        .await?;
    Ok(decision.is_some_and(|(decision, _)| decision == Decision::Approved))
}

fn is_untouchable(run: &Run, task: &Task, deed: &Deed<'_>) -> bool {
    let nothing = Record::new();
    let written = task.link.as_ref().map_or(&nothing, |link| &link.written);
    run.open.is_untouchable(deed.id, written)
        || deed
            .record
            .is_some_and(|record| run.open.is_untouchable(deed.id, record))
}

/// What an intent does to an account that is there.
fn deed<'a>(task: &'a Task, intent: &'a Intent) -> Option<Deed<'a>> {
    match intent {
        Intent::Waiting(_, Then::Adopted { account, .. }) => Some(Deed {
            id: &account.id,
            record: Some(&account.record),
            adopts: true,
            takes: None,
        }),
        Intent::Settled(Outcome::Linked {
            target_id,
            found,
            matched: Some(_),
            ..
        }) => Some(Deed {
            id: target_id,
            record: Some(found),
            adopts: true,
            takes: None,
        }),
        Intent::Waiting(write, _) => {
            let id = &task.link.as_ref()?.target_id;
            let takes = match **write {
                Write::Disable { .. } => Some(Action::Disable),
                Write::Delete { .. } => Some(Action::Delete),
                _ => None,
            };
            Some(Deed {
                id,
                record: None,
                adopts: false,
                takes,
            })
        }
        _ => None,
    }
}
