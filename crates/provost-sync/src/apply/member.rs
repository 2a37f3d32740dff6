//! Memberships: additions, then removals, group by group.

use super::run::Run;
use crate::open::ActiveRule;
use crate::progress::{Counter, Phase};
use crate::{Result, clock};
use futures::{StreamExt as _, TryStreamExt as _};
use provost_connect::{Error as TargetError, MemberChange};
use provost_engine::object::Kind;
use provost_engine::plan::{Action, Plan, Step};
use provost_store::provisioning_log::{self, Entry};
use provost_store::{Tx, directory, lease, link, member, retry, staged};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Changes of one group that are handed to the target between two commits.
const CHUNK: usize = 200;

/// Carries out the membership steps of a plan.
pub(crate) async fn members(run: &Run, rule: &Arc<ActiveRule>, plan: &Plan) -> Result<()> {
    for action in [Action::AddMember, Action::RemoveMember] {
        let mut by_group = BTreeMap::<i64, Vec<i64>>::new();
        for step in plan.steps.iter().filter(|s| s.action == action) {
            by_group.entry(step.object).or_default().push(step.member);
        }
        let total = by_group.values().map(Vec::len).sum::<usize>() as u64;
        if total == 0 {
            continue;
        }
        let counter = &Counter::new(run.watcher.as_ref(), Phase::Members, total);
        let groups = by_group.into_iter().map(|(group, members)| async move {
            for chunk in members.chunks(CHUNK) {
                if run.is_over() {
                    break;
                }
                change(run, rule, group, chunk, action).await?;
                counter.add(chunk.len() as u64);
            }
            Ok::<(), crate::Error>(())
        });
        let parallel = run.open.target.describe().concurrency.max(1);
        futures::stream::iter(groups)
            .buffer_unordered(parallel)
            .try_collect::<Vec<()>>()
            .await?;
    }
    Ok(())
}

/// A group and its members as the target knows them.
struct Ends {
    group: String,
    label: String,
    id: Uuid,
    /// (member's key, member's id in the target)
    members: Vec<(i64, String)>,
}

async fn change(
    run: &Run,
    rule: &Arc<ActiveRule>,
    group: i64,
    members: &[i64],
    action: Action,
) -> Result<()> {
    let Some(ends) = ends(run, rule, group, members, action).await? else {
        return Ok(());
    };
    let changes: Vec<MemberChange> = ends
        .members
        .iter()
        .map(|(_, id)| MemberChange {
            member_id: id.clone(),
            kind: Kind::Person,
            add: action == Action::AddMember,
        })
        .collect();
    let answers = run.open.target.change_members(&ends.group, &changes).await;
    let mut done = Vec::with_capacity(answers.len());
    for ((key, _), answer) in ends.members.iter().zip(answers) {
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
        done.push((*key, answer.err()));
    }
    record(run, rule, group, &ends, action, done).await
}

/// Reads both ends again: who has no account now is left out, and so is a change that is no longer wanted.
async fn ends(
    run: &Run,
    rule: &Arc<ActiveRule>,
    group: i64,
    members: &[i64],
    action: Action,
) -> Result<Option<Ends>> {
    let (connection, rule, members) = (run.open.connection.key, rule.key, members.to_vec());
    let ends = run
        .db
        .read(move |tx| {
            let Some(link) = link::get(tx, rule, group)? else {
                return Ok(None);
            };
            let mut known = Vec::new();
            for key in &members {
                if still_wanted(tx, group, *key, action)?
                    && let Some(id) = link::target_of_key(tx, connection, *key)?
                {
                    known.push((*key, id));
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

fn still_wanted(tx: &mut Tx, group: i64, key: i64, action: Action) -> provost_store::Result<bool> {
    let is_member = member::contains(tx, group, key)?;
    Ok(is_member == (action == Action::AddMember))
}

async fn record(
    run: &Run,
    rule: &Arc<ActiveRule>,
    group: i64,
    ends: &Ends,
    action: Action,
    done: Vec<(i64, Option<TargetError>)>,
) -> Result<()> {
    let (rule, lease, cycle) = (rule.key, run.lease, run.cycle);
    let (connection, workspace) = (run.open.connection.key, run.open.connection.workspace);
    let (label, id) = (ends.label.clone(), ends.id);
    run.db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            let now = clock::now();
            for (key, failure) in &done {
                let step = Step::membership(group, *key, action);
                let (status, reason) = match failure {
                    None => {
                        settle(tx, connection, rule, step)?;
                        ("success", String::new())
                    }
                    Some(e) => {
                        let reason = format!("{}: {e}. {}", e.code(), e.hint());
                        retry::note(tx, rule, group, *key, now, None, &reason)?;
                        ("failure", reason)
                    }
                };
                let member = directory::by_key(tx, *key)?.map(|o| o.label).unwrap_or_default();
                let entry = Entry {
                    at: now,
                    connection,
                    cycle,
                    kind: Kind::Group,
                    object: group,
                    object_id: id,
                    label: label.clone(),
                    action: action.to_string(),
                    status: status.to_owned(),
                    reason,
                    detail: member,
                };
                provisioning_log::append(tx, workspace, &entry)?;
            }
            Ok::<_, provost_store::Error>(())
        })
        .await?;
    Ok(())
}

/// Notes what is in the target now.
fn settle(tx: &mut Tx, connection: i64, rule: i64, step: Step) -> provost_store::Result<()> {
    if step.action == Action::AddMember {
        link::add_member(tx, rule, step.object, step.member)?;
    } else {
        link::drop_member(tx, rule, step.object, step.member)?;
    }
    retry::settle(tx, rule, step.object, step.member)?;
    staged::remove(
        tx,
        connection,
        rule,
        step.object,
        step.member,
        &step.action.to_string(),
    )
}
