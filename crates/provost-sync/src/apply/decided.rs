//! What a person decided about a doubt, carried out. Each deed can be repeated: a cycle that ends between the deed
//! and its record does it again, and finds it done.

use super::intent::{self, Intent, Then};
use super::matching::{self, Match};
use super::outcome::{Failed, Outcome};
use super::run::Run;
use super::task::Task;
use crate::open::ActiveRule;
use provost_connect::{Account, Error as TargetError, MemberChange, Write};
use provost_engine::object::{Kind, Record};
use provost_engine::rule::Evaluation;
use provost_store::doubt::{Decision, Doubt};
use provost_store::provisioning_log::{self, Entry};
use provost_store::{lease, link};
use serde_json::Value;
use std::collections::HashSet;

/// What stands for the matching attribute where a person chose the account.
const BY: &str = "a person's decision";
/// The stable word for an object that a person wants left alone.
const SKIPPED: &str = "PRV-DOUBT-SKIPPED";
/// Names that are tried for somebody whose name lies in the bin.
const TRIES: u32 = 50;

/// What the decision asks for; none when there is no decision, or when it has come to nothing: then the object is
/// looked for as always.
pub(super) async fn of(run: &Run, rule: &ActiveRule, task: &Task, evaluation: &Evaluation) -> Option<Intent> {
    let doubt = task.doubt.as_ref()?;
    let decision = doubt.decision?;
    if !matches!(decision, Decision::Skip) && !run.may_write().await.unwrap_or(false) {
        return Some(Intent::Settled(Outcome::Untried));
    }
    let done = match decision {
        Decision::Skip => Ok(Some(Intent::Settled(skipped(doubt)))),
        Decision::Link | Decision::Merge => chosen(run, rule, doubt, evaluation).await,
        Decision::Overwrite => overwrite(run, rule, task, doubt, evaluation).await,
        Decision::Create => create(run, rule, task, evaluation, None).await,
        Decision::Restore => restore(run, rule, doubt, evaluation).await,
        Decision::Purge => purge(run, rule, task, doubt, evaluation).await,
        Decision::Rename => rename(run, rule, task, evaluation).await,
        // It is about the name of a group that is linked: this one is not, and is looked for as always.
        Decision::Beside => Ok(None),
    };
    match done {
        Ok(intent) => intent,
        Err(error) => Some(Intent::Settled(Outcome::failed(&error))),
    }
}

type Done = provost_connect::Result<Option<Intent>>;

/// It is left alone, because a person wants it so.
pub(super) fn skipped(doubt: &Doubt) -> Outcome {
    Outcome::Skipped {
        code: SKIPPED.to_owned(),
        reason: format!(
            "{SKIPPED}: {} decided that it is left alone, because of {}. Decide otherwise to have it written.",
            doubt.actor, doubt.code
        ),
    }
}

/// The account that was chosen.
async fn chosen(run: &Run, rule: &ActiveRule, doubt: &Doubt, evaluation: &Evaluation) -> Done {
    let account = run
        .open
        .target
        .get(rule.kind, &doubt.target_id, &rule.attributes)
        .await?;
    Ok(match account {
        Some(account) => Some(intent::adopt(run, rule, account, BY.to_owned(), evaluation).await),
        None => None,
    })
}

/// A new one, unless an earlier try has made it already.
async fn create(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    evaluation: &Evaluation,
    name: Option<(String, Value)>,
) -> Done {
    let key = task.link_key();
    if let Match::One(account, matched) = matching::made_before(&run.open, rule, &key).await? {
        return Ok(Some(match name {
            // It has another name than the mapping gives, and keeps it.
            Some((attribute, _)) => made(rule, account, &attribute, evaluation),
            None => intent::adopt(run, rule, account, matched, evaluation).await,
        }));
    }
    let mut record = evaluation.create.clone();
    if let Some((attribute, value)) = &name {
        record.insert(attribute.clone(), value.clone());
    }
    let then = match name {
        Some((attribute, value)) => Then::CreatedAs(Box::new((attribute, value))),
        None => Then::Created,
    };
    let write = Write::Create {
        kind: rule.kind,
        key,
        record,
    };
    Ok(Some(Intent::write(write, then)))
}

fn made(rule: &ActiveRule, account: Account, attribute: &str, evaluation: &Evaluation) -> Intent {
    let value = account.record.get(attribute).cloned().unwrap_or_default();
    Intent::Settled(Outcome::created_as(
        rule, account.id, evaluation, attribute, value,
    ))
}

async fn restore(run: &Run, rule: &ActiveRule, doubt: &Doubt, evaluation: &Evaluation) -> Done {
    let (target, id) = (&run.open.target, doubt.target_id.as_str());
    if let Some(live) = target.get(rule.kind, id, &rule.attributes).await? {
        return Ok(Some(
            intent::adopt(run, rule, live, BY.to_owned(), evaluation).await,
        ));
    }
    match target.undelete(rule.kind, id).await {
        Ok(()) => {}
        // It is gone for good by now: it is looked for as always.
        Err(TargetError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
    }
    let account = Account {
        id: id.to_owned(),
        record: Record::new(),
        enabled: None,
    };
    Ok(Some(
        intent::adopt(run, rule, account, BY.to_owned(), evaluation).await,
    ))
}

async fn purge(run: &Run, rule: &ActiveRule, task: &Task, doubt: &Doubt, evaluation: &Evaluation) -> Done {
    run.open.target.purge(rule.kind, &doubt.target_id).await?;
    create(run, rule, task, evaluation, None).await
}

/// A new one whose name has a number before the `@` that nobody has.
async fn rename(run: &Run, rule: &ActiveRule, task: &Task, evaluation: &Evaluation) -> Done {
    let named = ["userPrincipalName", "userName", "displayName"]
        .iter()
        .find_map(|name| Some((*name, evaluation.create.get(*name)?.as_str()?)));
    let Some((attribute, name)) = named else {
        return create(run, rule, task, evaluation, None).await;
    };
    for number in 2..TRIES {
        let value = Value::from(numbered(name, number));
        let found = run.open.target.find(rule.kind, attribute, &value).await?;
        if found.is_empty() {
            return create(run, rule, task, evaluation, Some((attribute.to_owned(), value))).await;
        }
    }
    Err(TargetError::Conflict {
        operation: "making it under another name".into(),
        attribute: Some(attribute.to_owned()),
        existing: None,
        reason: format!("the names up to number {TRIES} are taken"),
    })
}

/// `ann@contoso.example` becomes `ann.2@contoso.example`.
fn numbered(name: &str, number: u32) -> String {
    match name.split_once('@') {
        Some((local, domain)) => format!("{local}.{number}@{domain}"),
        None => format!("{name}.{number}"),
    }
}

/// The group of the same name gets exactly our members: who is in it and is not meant leaves it first.
async fn overwrite(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    doubt: &Doubt,
    evaluation: &Evaluation,
) -> Done {
    let group = doubt.target_id.as_str();
    let wanted = match wanted(run, task.key).await {
        Ok(wanted) => wanted,
        Err(error) => return Ok(Some(Intent::Settled(Outcome::Failed(Box::new(unread(&error)))))),
    };
    let mut leave = Vec::new();
    let mut next = None::<String>;
    loop {
        let page = run.open.target.members(group, next.as_deref()).await?;
        leave.extend(page.members.into_iter().filter_map(|member| {
            let kind = member.kind.filter(|_| !wanted.contains(&member.id))?;
            Some(MemberChange {
                member_id: member.id,
                kind,
                add: false,
            })
        }));
        match page.next {
            Some(following) => next = Some(following),
            None => break,
        }
    }
    for outcome in run.open.target.change_members(group, &leave).await {
        outcome?;
    }
    if !leave.is_empty()
        && let Err(error) = told(run, rule, task, group, leave.len()).await
    {
        tracing::warn!(%error, "the members that left a group could not be written to the log");
    }
    chosen(run, rule, doubt, evaluation).await
}

fn unread(error: &provost_store::Error) -> Failed {
    Failed::plain("PRV-DOUBT-UNREAD", &format!("{error}. It is tried again."))
}

/// The target's ids of everybody who is to be in a group.
async fn wanted(run: &Run, group: i64) -> provost_store::Result<HashSet<String>> {
    let open = run.open.clone();
    run.db
        .read(move |tx| {
            let mut ids = HashSet::new();
            for person in crate::touched::members_of(tx, group, open.preferences.nested)? {
                for link in link::of_object(tx, person)? {
                    if open.rule(link.rule).is_some_and(|rule| rule.kind == Kind::Person) {
                        ids.insert(link.target_id);
                    }
                }
            }
            Ok(ids)
        })
        .await
}

/// A line in the log about who left.
async fn told(
    run: &Run,
    rule: &ActiveRule,
    task: &Task,
    group: &str,
    count: usize,
) -> provost_store::Result<()> {
    let line = Entry {
        at: run.open.now(),
        connection: run.open.connection.key,
        cycle: run.cycle,
        kind: rule.kind,
        object: task.key,
        object_id: task.id,
        label: task.label.clone(),
        action: "overwrite".into(),
        status: "success".into(),
        detail: format!("{count} members"),
        reason: format!("{count} members that are not in the group of the directory were taken out of it."),
        target_id: group.to_owned(),
        initiator: run.initiator.to_string(),
        ..Entry::default()
    };
    let (lease, workspace) = (run.lease, run.open.connection.workspace);
    run.db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            provisioning_log::append(tx, workspace, &line)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn the_number_stands_before_the_domain() {
        assert_eq!(numbered("ann@contoso.example", 2), "ann.2@contoso.example");
        assert_eq!(numbered("ann", 3), "ann.3");
    }
}
