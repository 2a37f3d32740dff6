//! From the target's answer to an outcome; what can be healed at once is healed.

use super::doubtful;
use super::intent::{Then, against_target, is_switch};
use super::matching::{self, Match};
use super::outcome::{Failed, Outcome};
use super::run::Run;
use super::shrink::{self, Loss};
use super::task::Task;
use crate::open::ActiveRule;
use provost_connect::{Account, Error as TargetError};
use provost_engine::object::Record;
use provost_engine::plan::Action;
use provost_engine::rule::{Evaluation, Vanished};
use provost_store::link::Link;

/// Turns the target's answer into an outcome.
pub(super) async fn settle(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    then: Then,
    answer: provost_connect::Result<Option<Account>>,
) -> Outcome {
    let evaluation = task.look.evaluation.as_ref();
    match (then, answer) {
        (Then::Created, Ok(Some(account))) => match evaluation {
            Some(evaluation) => Outcome::created(rule, account.id, evaluation),
            None => Outcome::Nothing,
        },
        (Then::Created, Ok(None)) => Outcome::failed(&TargetError::Unintelligible {
            host: run.open.connection.name.clone(),
            operation: "create".into(),
            found: "an answer without an id".into(),
        }),
        (Then::CreatedAs(name), Ok(Some(account))) => match evaluation {
            Some(evaluation) => Outcome::created_as(rule, account.id, evaluation, &name.0, name.1),
            None => Outcome::Nothing,
        },
        // Whether it was made is found out by the key that only it has, before another one is made.
        (Then::CreatedAs(_), Ok(None)) => Outcome::Untried,
        (Then::Created, Err(e)) => after_failed_create(run, rule, task, e).await,
        (
            Then::Adopted {
                account,
                changes,
                matched,
            },
            Ok(_),
        ) => match evaluation {
            Some(evaluation) => {
                Outcome::adopted(rule, account.id, evaluation, &account.record, &changes, matched)
            }
            None => Outcome::Nothing,
        },
        (
            Then::Updated {
                changes,
                there,
                enabled,
                action,
            },
            Ok(_),
        ) => Outcome::Updated {
            changes,
            there,
            enabled,
            action,
            left: None,
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
        (_, Err(TargetError::NotFound { .. })) => vanished(run, rule, task).await,
        (_, Err(e)) => Outcome::failed(&e),
    }
}

/// The linked account is gone: what the rule wants is done, unless many are gone.
pub(super) async fn vanished(run: &Run, rule: &ActiveRule, task: &Task) -> Outcome {
    match shrink::weigh(run, rule).await {
        Loss::Few => {}
        Loss::Many { .. } => return Outcome::Untried,
        Loss::Unknown(error) => return Outcome::failed(&error),
    }
    match (rule.compiled.rule().vanished, &task.look.evaluation) {
        (Vanished::Fail, _) => Outcome::vanished_for_good(),
        (Vanished::CreateAgain, Some(evaluation)) if evaluation.enabled => {
            create_again(run, rule, task, evaluation).await
        }
        _ => Outcome::Vanished,
    }
}

/// An earlier try may have made it already, and ended before it could be noted: then it is linked like any other
/// that is found.
async fn create_again(run: &Run, rule: &ActiveRule, task: &Task, evaluation: &Evaluation) -> Outcome {
    match matching::made_before(&run.open, rule, &task.link_key()).await {
        Ok(Match::None) => {}
        Ok(Match::One(..)) => return Outcome::Vanished,
        Ok(Match::Several(attribute, found)) => {
            return doubtful::several(run, rule, &attribute, &found).await;
        }
        Err(e) => return Outcome::failed(&e),
    }
    let target = &run.open.target;
    match target
        .create(rule.kind, &task.link_key(), &evaluation.create)
        .await
    {
        Ok(account) => Outcome::created(rule, account.id, evaluation),
        Err(e) => after_failed_create(run, rule, task, e).await,
    }
}

/// The answer of a create was lost, or the name is taken: perhaps by the object itself. It is looked for
/// before anything is repeated.
async fn after_failed_create(run: &Run, rule: &ActiveRule, task: &Task, error: TargetError) -> Outcome {
    let is_refused = matches!(error, TargetError::Conflict { .. });
    let may_exist = is_refused || matches!(error, TargetError::AnswerLost { .. });
    let (true, Some(evaluation)) = (may_exist, &task.look.evaluation) else {
        return Outcome::failed(&error);
    };
    let key = task.link_key();
    match matching::find(&run.open, rule, &key, evaluation).await {
        Ok(Match::One(account, matched)) => {
            match doubtful::by_match(&run.open, rule, &key, &matched).filter(|_| is_refused) {
                // A group of this name is somebody else's. Whoever has decided that there are to be two is told that
                // the target has none of it.
                Some(_) if task.doubt.as_ref().is_some_and(|doubt| doubt.decision.is_some()) => {
                    Outcome::failed(&error)
                }
                Some((code, sentence)) => {
                    doubtful::doubtful(run, rule, code, sentence, &[account], &matched).await
                }
                None => Outcome::created(rule, account.id, evaluation),
            }
        }
        Ok(Match::Several(attribute, found)) => doubtful::several(run, rule, &attribute, &found).await,
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
    let (mut changes, mut there) = (Record::new(), Record::new());
    if let Some(evaluation) = &task.look.evaluation {
        let switches = evaluation.update.iter().filter(|(a, _)| is_switch(a));
        changes.extend(switches.map(|(a, v)| (a.clone(), v.clone())));
    } else if let Some((attribute, value)) = rule.compiled.closed().filter(|_| !enabled) {
        // Of somebody who is gone nothing can be evaluated, but what was written is known.
        changes.insert(attribute.to_owned(), value.clone());
    }
    let mut left = None;
    if let (false, Some(link)) = (rest.is_empty(), &task.link) {
        match follow(run, rule, task, link, &rest).await {
            Ok((rest, already)) => {
                changes.extend(rest);
                there = already;
            }
            Err(failed) => left = Some(failed),
        }
    }
    Outcome::Updated {
        changes,
        there,
        enabled,
        action,
        left,
    }
}

/// Writes what follows a switch. Answers what was written, and what counts as written.
async fn follow(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    link: &Link,
    rest: &Record,
) -> Result<(Record, Record), Box<Failed>> {
    let (rest, there) = match against_target(run, rule, task, link, rest).await {
        Ok(parts) => parts,
        Err(Outcome::Failed(failed)) => return Err(failed),
        // The account is gone between two writes: the next look finds that out.
        Err(_) => return Ok((Record::new(), Record::new())),
    };
    if rest.is_empty() {
        return Ok((rest, there));
    }
    let written = run.open.target.update(rule.kind, &link.target_id, &rest).await;
    written.map_err(|error| Box::new(Failed::of(&error)))?;
    Ok((rest, there))
}
