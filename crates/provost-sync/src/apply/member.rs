//! Memberships: additions and removals, group by group.

use super::run::Run;
use super::{entra, story};
use crate::Result;
use crate::membership;
use crate::open::ActiveRule;
use crate::progress::{Counter, Phase};
use crate::reconcile::MEMBERS;
use crate::undo::MEMBER_TARGET;
use futures::{StreamExt as _, TryStreamExt as _};
use provost_connect::{Error as TargetError, MemberChange};
use provost_engine::object::Kind;
use provost_engine::plan::{Action, Plan};
use provost_store::provisioning_log::{self, Entry, Modified, Receipt, Trace};
use provost_store::retry::{self, Failure};
use provost_store::{Tx, directory, drift, lease, link, staged};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;

/// Changes of one group that are handed to the target between two commits.
const CHUNK: usize = 200;

/// Carries out the membership steps of a plan that have this action.
pub(crate) async fn members(run: &Run, rule: &Arc<ActiveRule>, plan: &Plan, action: Action) -> Result<()> {
    let mut by_group = BTreeMap::<i64, Vec<i64>>::new();
    for step in plan.steps.iter().filter(|s| s.action == action) {
        by_group.entry(step.object).or_default().push(step.member);
    }
    let total = by_group.values().map(Vec::len).sum::<usize>() as u64;
    if total == 0 {
        return Ok(());
    }
    let counter = &Counter::new(&run.open, run.watcher.as_ref(), Phase::Members, total);
    let description = run.open.target.describe();
    // Each removal is a request of its own where there are batches: one batch goes out at a time.
    let size = match description.batch_size {
        batch if batch > 1 && action == Action::RemoveMember => batch,
        _ => CHUNK,
    };
    let groups = by_group.into_iter().map(|(group, members)| async move {
        for chunk in members.chunks(size) {
            let _turn = run.turn().await?;
            if !run.may_write().await? {
                break;
            }
            change(run, rule, group, chunk, action).await?;
            counter.add(chunk.len() as u64);
        }
        Ok::<(), crate::Error>(())
    });
    let parallel = description.concurrency.max(1);
    futures::stream::iter(groups)
        .buffer_unordered(parallel)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

/// A group and its members as the target knows them.
struct Ends {
    group: String,
    label: String,
    id: Uuid,
    members: Vec<Member>,
}

/// A member at the other end.
#[derive(Clone)]
struct Member {
    key: i64,
    target_id: String,
    label: String,
}

async fn change(
    run: &Run,
    rule: &Arc<ActiveRule>,
    group: i64,
    members: &[i64],
    action: Action,
) -> Result<()> {
    let started = Instant::now();
    let Some(ends) = ends(run, rule, group, members, action).await? else {
        return Ok(());
    };
    let changes: Vec<MemberChange> = ends
        .members
        .iter()
        .map(|member| MemberChange {
            member_id: member.target_id.clone(),
            kind: Kind::Person,
            add: action == Action::AddMember,
        })
        .collect();
    let answers = run.open.target.change_members(&ends.group, &changes).await;
    let mut done = Vec::with_capacity(answers.len());
    for (member, answer) in ends.members.iter().zip(answers) {
        match &answer {
            Ok(()) => {
                run.reached();
                run.count(|t| *t.applied.entry(action).or_default() += 1);
            }
            Err(e) => {
                run.consider(e);
                run.count(|t| t.failed_references += 1);
            }
        }
        done.push((member.clone(), answer.err()));
    }
    let outcome = Changed {
        group,
        action,
        micros: started.elapsed().as_micros() as i64,
        done,
        receipts: story::receipts(&run.open, &[&ends.group]),
    };
    record(run, rule, ends, outcome).await
}

/// Reads both ends again: who has no account now is left out, and so is a change that is no longer wanted.
async fn ends(
    run: &Run,
    rule: &Arc<ActiveRule>,
    group: i64,
    members: &[i64],
    action: Action,
) -> Result<Option<Ends>> {
    let (open, rule, members) = (run.open.clone(), rule.key, members.to_vec());
    let ends = run
        .db
        .read(move |tx| {
            let Some(link) = link::get(tx, rule, group)? else {
                return Ok(None);
            };
            let mut known = Vec::new();
            for key in &members {
                let is_member = membership::is_meant(tx, &open, group, *key)?;
                if is_member == (action == Action::AddMember)
                    && let Some(target_id) = link::target_of_key(tx, open.connection.key, *key)?
                {
                    known.push(Member {
                        key: *key,
                        target_id,
                        label: directory::by_key(tx, *key)?.map(|o| o.label).unwrap_or_default(),
                    });
                }
            }
            let ends = Ends {
                group: link.target_id,
                label: link.label,
                id: link.object_id,
                members: known,
            };
            Ok::<_, provost_store::Error>((!ends.members.is_empty()).then_some(ends))
        })
        .await?;
    Ok(ends)
}

/// What became of changes of one group.
struct Changed {
    group: i64,
    action: Action,
    micros: i64,
    done: Vec<(Member, Option<TargetError>)>,
    /// What the target's provider wrote beside its answers about the group.
    receipts: Vec<Receipt>,
}

async fn record(run: &Run, rule: &Arc<ActiveRule>, ends: Ends, outcome: Changed) -> Result<()> {
    let mut entries: Vec<Entry> = outcome
        .done
        .iter()
        .map(|(member, error)| entry(run, &ends, &outcome, member, error.as_ref()))
        .collect();
    // Many members travel in one request: its receipt stands with the first of them, and with each that failed.
    for (index, entry) in entries.iter_mut().enumerate() {
        if index == 0 || entry.status == "failure" {
            entry.trace.receipts.clone_from(&outcome.receipts);
        }
    }
    let (run, rule) = (run.clone(), rule.key);
    run.db
        .clone()
        .write(move |tx| {
            lease::prove(tx, run.lease)?;
            settle(tx, run.open.connection.key, rule, run.open.now(), &outcome)?;
            let failures: Vec<Failure> = outcome
                .done
                .iter()
                .zip(&entries)
                .filter_map(|((member, error), entry)| {
                    error.as_ref().map(|_| Failure {
                        rule,
                        object: outcome.group,
                        member: member.key,
                        wait: None,
                        code: &entry.code,
                        reason: &entry.reason,
                    })
                })
                .collect();
            retry::note_all(tx, run.open.now(), &failures)?;
            provisioning_log::append_all(tx, run.open.connection.workspace, &entries)
        })
        .await?;
    Ok(())
}

/// Notes what is in the target now.
fn settle(tx: &mut Tx, connection: i64, rule: i64, now: i64, outcome: &Changed) -> provost_store::Result<()> {
    let written = outcome.done.iter().filter(|(_, error)| error.is_none());
    let keys: Vec<i64> = written.map(|(member, _)| member.key).collect();
    if outcome.action == Action::AddMember {
        link::add_members(tx, rule, outcome.group, &keys)?;
    } else {
        link::drop_members(tx, rule, outcome.group, &keys)?;
    }
    let steps: Vec<(i64, i64)> = keys.iter().map(|key| (outcome.group, *key)).collect();
    if keys.len() == outcome.done.len() {
        drift::repaired(tx, now, rule, outcome.group, Some(MEMBERS))?;
    }
    retry::settle_all(tx, rule, &steps)?;
    staged::remove_all(tx, connection, rule, &steps)
}

fn entry(run: &Run, ends: &Ends, outcome: &Changed, member: &Member, error: Option<&TargetError>) -> Entry {
    let (status, code, reason) = match error {
        None => ("success", "", String::new()),
        Some(e) => ("failure", e.code(), format!("{}: {e}. {}", e.code(), e.hint())),
    };
    let description = match error {
        None => "Done in the target.".to_owned(),
        Some(_) => reason.clone(),
    };
    let mut step = story::step("reference", status, description);
    // An undo finds the member by it, also when somebody of the same name came.
    step.details
        .insert(MEMBER_TARGET.to_owned(), member.target_id.clone());
    if let Some(e) = error {
        step.details
            .insert("errorCode".to_owned(), entra::word(e).to_owned());
    }
    let name = Value::from(member.label.clone());
    let (old, new) = match outcome.action {
        Action::AddMember => (Value::Null, name),
        _ => (name, Value::Null),
    };
    Entry {
        at: run.open.now(),
        connection: run.open.connection.key,
        cycle: run.cycle,
        kind: Kind::Group,
        object: outcome.group,
        object_id: ends.id,
        label: ends.label.clone(),
        action: outcome.action.to_string(),
        status: status.to_owned(),
        reason,
        code: code.to_owned(),
        detail: member.label.clone(),
        target_id: ends.group.clone(),
        change_id: Some(Uuid::now_v7()),
        micros: outcome.micros,
        initiator: run.initiator.to_string(),
        trace: Trace {
            steps: vec![step],
            modified: vec![Modified {
                name: MEMBERS.to_owned(),
                old,
                new,
            }],
            ..Trace::default()
        },
        ..Entry::default()
    }
}
