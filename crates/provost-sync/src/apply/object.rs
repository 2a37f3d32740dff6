//! Creating, updating, restoring, disabling and deleting objects, group by group.

use super::census::Census;
use super::intent::{self, Intent};
use super::outcome::Outcome;
use super::record;
use super::run::Run;
use super::settle::settle;
use super::shrink;
use super::standing;
use super::task::{self, Task};
use super::unique;
use crate::Result;
use crate::open::ActiveRule;
use crate::progress::{Counter, Phase};
use futures::{StreamExt as _, TryStreamExt as _};
use provost_connect::{Account, Error as TargetError, Write};
use provost_engine::plan::{Action, Plan, Step};
use std::sync::Arc;
use std::time::Instant;

/// Objects in one group when the target has no batches: as many as are recorded in one commit.
const GROUP: usize = 64;
/// Groups under way when the target has no batches: one is recorded while another is written.
const GROUPS: usize = 2;
/// Searches of one group side by side when the target has batches.
const SEARCHES: usize = 8;

/// How many requests go side by side.
#[derive(Clone, Copy)]
struct Shape {
    /// Objects in one group.
    size: usize,
    /// Groups under way.
    groups: usize,
    /// Requests of one group side by side.
    abreast: usize,
    /// Whether the target takes a group's writes in one request.
    batches: bool,
}

impl Shape {
    fn of(run: &Run, steps: usize) -> Self {
        let description = run.open.target.describe();
        let concurrency = description.concurrency.max(1);
        if description.batch_size > 1 {
            return Self {
                size: description.batch_size,
                groups: concurrency,
                abreast: SEARCHES,
                batches: true,
            };
        }
        let groups = GROUPS.min(concurrency);
        let abreast = concurrency.div_ceil(groups);
        Self {
            size: GROUP.min(steps.div_ceil(groups)).max(abreast),
            groups,
            abreast,
            batches: false,
        }
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
    let wanted = |s: &&Step| s.member == 0 && actions.contains(&s.action);
    let steps: Vec<Step> = plan.steps.iter().filter(wanted).copied().collect();
    if steps.is_empty() || run.is_over() {
        return Ok(());
    }
    shrink::before_deletes(run, rule, &steps).await?;
    let shape = Shape::of(run, steps.len());
    let creates = steps.iter().filter(|s| s.action == Action::Create).count();
    let census = &Census::take(run, rule, creates).await;
    if run.is_over() {
        return Ok(());
    }
    let counter = &Counter::new(&run.open, run.watcher.as_ref(), phase, steps.len() as u64);
    let one = async |chunk: Vec<Step>| {
        let _turn = run.turn().await?;
        if !run.is_over() {
            group(run, rule, &chunk, actions, census, shape).await?;
            counter.add(chunk.len() as u64);
        }
        Ok::<(), crate::Error>(())
    };
    let groups: Vec<_> = steps
        .chunks(shape.size)
        .map(|chunk| one(chunk.to_vec()))
        .collect();
    futures::stream::iter(groups)
        .buffer_unordered(shape.groups)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

/// One group: looked at again, written, and recorded in one commit.
async fn group(
    run: &Run,
    rule: &Arc<ActiveRule>,
    steps: &[Step],
    actions: &[Action],
    census: &Census,
    shape: Shape,
) -> Result<()> {
    let started = Instant::now();
    let mut tasks = task::load(run, rule, steps, actions).await?;
    let refused = seek_unique(run, rule, &mut tasks).await;
    let mut intents = intents(run, rule, &tasks, refused, census, shape.abreast).await;
    refuse_taken(run, rule, &tasks, &mut intents).await?;
    standing::weigh(run, rule, &tasks, &mut intents, census).await?;
    let writes: Vec<Write> = intents.iter_mut().filter_map(Intent::take_write).collect();
    let mut answers = apply(run, &writes, shape).await?.into_iter();
    let mut outcomes = Vec::with_capacity(tasks.len());
    for (task, intent) in tasks.iter().zip(intents) {
        outcomes.push(match intent {
            Intent::Settled(outcome) => outcome,
            Intent::Written(then) => match answers.next() {
                Some(None) => Outcome::Untried,
                Some(Some(answer)) => settle(run, rule, task, then, answer).await,
                None => Outcome::failed(&TargetError::Unsupported {
                    operation: "a batch of this size".into(),
                }),
            },
            Intent::Waiting(..) => Outcome::Untried,
        });
    }
    let micros = started.elapsed().as_micros() as i64;
    record::record(run, rule, tasks, outcomes, micros).await
}

/// An account that belongs to somebody else already is left as it is: nothing is written before that is known.
async fn refuse_taken(run: &Run, rule: &ActiveRule, tasks: &[Task], intents: &mut [Intent]) -> Result<()> {
    let claimed: Vec<String> = intents
        .iter()
        .filter_map(|i| i.claims().map(str::to_owned))
        .collect();
    if claimed.is_empty() {
        return Ok(());
    }
    let mut owners = record::owners(run, rule, claimed).await?;
    for (task, intent) in tasks.iter().zip(intents) {
        let Some(id) = intent.claims().map(str::to_owned) else {
            continue;
        };
        let owner = *owners.entry(id).or_insert(task.key);
        if owner != task.key {
            *intent = Intent::Settled(Outcome::taken(owner));
        }
    }
    Ok(())
}

/// The writes of a group: one call for a target that has batches, several side by side for one that has none.
async fn apply(
    run: &Run,
    writes: &[Write],
    shape: Shape,
) -> Result<Vec<Option<provost_connect::Result<Option<Account>>>>> {
    let target = &run.open.target;
    if writes.is_empty() {
        return Ok(Vec::new());
    }
    if shape.batches || writes.len() < 2 {
        if !run.may_write().await? {
            return Ok(writes.iter().map(|_| None).collect());
        }
        return Ok(target.apply(writes).await.into_iter().map(Some).collect());
    }
    let one = async |write| {
        if !run.may_write().await.unwrap_or(false) {
            return None;
        }
        let answer = target.apply(std::slice::from_ref(write)).await.pop();
        if let Some(Err(e)) = &answer {
            run.stop_at(e);
        }
        answer
    };
    let each: Vec<_> = writes.iter().map(one).collect();
    Ok(futures::stream::iter(each)
        .buffered(shape.abreast)
        .collect()
        .await)
}

/// Finds values that nobody has yet, for new accounts; one after the other, so that two of them do not find the
/// same. Answers the outcome of those for whom the target could not be asked.
async fn seek_unique(run: &Run, rule: &ActiveRule, tasks: &mut [Task]) -> Vec<Option<Outcome>> {
    let mut refused = Vec::with_capacity(tasks.len());
    for task in tasks {
        let result = unique::settle(run, rule, task).await;
        refused.push(result.err().map(|e| Outcome::failed(&e)));
    }
    refused
}

async fn intents(
    run: &Run,
    rule: &ActiveRule,
    tasks: &[Task],
    refused: Vec<Option<Outcome>>,
    census: &Census,
    abreast: usize,
) -> Vec<Intent> {
    let one = async |task, refused: Option<Outcome>| {
        let intent = match refused {
            Some(outcome) => Intent::Settled(outcome),
            None if run.is_over() => Intent::Settled(Outcome::Untried),
            None => intent::of(run, rule, task, census).await,
        };
        if let Intent::Settled(Outcome::Failed(failed)) = &intent
            && let Some(error) = &failed.error
        {
            run.stop_at(error);
        }
        intent
    };
    let searches: Vec<_> = tasks
        .iter()
        .zip(refused)
        .map(|(task, refused)| one(task, refused))
        .collect();
    futures::stream::iter(searches).buffered(abreast).collect().await
}
