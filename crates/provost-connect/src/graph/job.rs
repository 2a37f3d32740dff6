//! Carrying out writes: each is a row of steps; steps of different writes travel together.

use std::collections::VecDeque;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use serde_json::Value;
use tokio::time::Instant;

use super::exchange::Exchange;
use super::step::{self, Purpose, Step};
use super::wire::BATCH;
use super::{Graph, denial, odata, refusal};
use crate::{Account, Error, Record, Result};

/// Pauses between attempts after a collision with another change, or after a removal whose answer was lost: a removal
/// may be repeated safely, and its repeat is what tells that it was carried out.
const AGAIN: [Duration; 4] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];
/// Batches on their way at the same time; the pacer's window may allow fewer.
const PARALLEL: usize = 8;

/// One write on its way.
pub(crate) struct Job {
    steps: VecDeque<Step>,
    started: Instant,
    not_before: Instant,
    not_yet: usize,
    again: usize,
    made: Option<Account>,
    outcome: Option<Result<Option<Account>>>,
}

/// What an answer means for its job.
enum Verdict {
    Done(Option<Account>),
    Then(Step),
    Throttled(Error),
    NotYet(Result<(), Error>),
    /// Once more after a short pause: another change was in the way, or the answer to a removal was lost.
    Again(Error),
    Failed(Error),
}

impl Job {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let now = Instant::now();
        Self {
            steps: steps.into_iter().collect(),
            started: now,
            not_before: now,
            not_yet: 0,
            again: 0,
            made: None,
            outcome: None,
        }
    }

    /// A write that cannot even be sent.
    pub(crate) fn failed(error: Error) -> Self {
        let mut job = Self::new([]);
        job.outcome = Some(Err(error));
        job
    }

    fn finish(&mut self, outcome: Result<Option<Account>>) {
        self.outcome = Some(outcome);
    }

    fn step_done(&mut self, made: Option<Account>) {
        self.steps.pop_front();
        self.made = self.made.take().or(made);
        self.not_yet = 0;
        self.again = 0;
    }

    /// Tries the step again after the pause, or ends with `last` when there is none left.
    fn try_again(&mut self, pause: Option<&Duration>, last: Result<(), Error>) {
        match (pause, last) {
            (Some(pause), _) => self.not_before = Instant::now() + *pause,
            (None, Ok(())) => self.step_done(None),
            (None, Err(error)) => self.finish(Err(error)),
        }
    }
}

impl Graph {
    /// Carries out one write.
    pub(crate) async fn run_one(&self, steps: Vec<Step>) -> Result<Option<Account>> {
        let mut outcomes = self.run(vec![Job::new(steps)]).await;
        outcomes.pop().unwrap_or(Ok(None))
    }

    /// Carries out writes that do not depend on each other; one outcome each, in order.
    pub(crate) async fn run(&self, mut jobs: Vec<Job>) -> Vec<Result<Option<Account>>> {
        loop {
            for job in &mut jobs {
                if job.outcome.is_none() && job.steps.is_empty() {
                    let made = job.made.take();
                    job.finish(Ok(made));
                }
            }
            let now = Instant::now();
            let open = || jobs.iter().enumerate().filter(|(_, job)| job.outcome.is_none());
            let due: Vec<usize> = open()
                .filter(|(_, job)| job.not_before <= now)
                .map(|(index, _)| index)
                .collect();
            if due.is_empty() {
                match open().map(|(_, job)| job.not_before).min() {
                    Some(when) => tokio::time::sleep_until(when).await,
                    None => break,
                }
                continue;
            }
            for (index, verdict) in self.round(&jobs, &due).await {
                let verdict = self.settled(&jobs[index], verdict).await;
                self.follow(&mut jobs[index], verdict);
            }
        }
        jobs.into_iter()
            .map(|job| job.outcome.unwrap_or(Ok(None)))
            .collect()
    }

    /// Sends the next step of every job that is due.
    async fn round(&self, jobs: &[Job], due: &[usize]) -> Vec<(usize, Verdict)> {
        let batches = due.chunks(BATCH).map(|indexes| async move {
            let steps: Vec<&Step> = indexes.iter().filter_map(|i| jobs[*i].steps.front()).collect();
            let answers = self.wire.send(&steps).await;
            let verdicts = steps
                .iter()
                .zip(answers)
                .map(|(step, answer)| self.verdict(step, answer));
            indexes.iter().copied().zip(verdicts).collect::<Vec<_>>()
        });
        let batches: Vec<_> = batches.collect();
        stream::iter(batches).buffer_unordered(PARALLEL).concat().await
    }

    /// A removal that met a 404 about a fresh object may be done already.
    async fn settled(&self, job: &Job, verdict: Verdict) -> Verdict {
        match (&verdict, job.steps.front()) {
            (Verdict::NotYet(Ok(())), Some(step)) if self.is_gone(step, job.not_yet).await => {
                Verdict::Done(None)
            }
            _ => verdict,
        }
    }

    /// The pause after so many 404s; the object that is worth most of them decides.
    fn pause(&self, step: &Step, tried: usize) -> Option<&Duration> {
        let each = step
            .needs
            .iter()
            .map(|(_, id)| self.fresh.pauses(id, &self.fresh_retry));
        each.max_by_key(|pauses| pauses.len())?.get(tried)
    }

    fn follow(&self, job: &mut Job, verdict: Verdict) {
        match verdict {
            Verdict::Done(made) => job.step_done(made),
            Verdict::Then(step) => {
                job.step_done(None);
                job.steps.push_front(step);
            }
            Verdict::Throttled(error) => {
                // The pacer holds the next attempt back; here only patience is checked.
                let patience = self.wire.client.deadlines().patience;
                if job.started.elapsed() + self.wire.pacer.pause_left() > patience {
                    job.finish(Err(error));
                }
            }
            Verdict::NotYet(last) => {
                let pause = job.steps.front().and_then(|step| self.pause(step, job.not_yet));
                job.not_yet += 1;
                job.try_again(pause, last);
            }
            Verdict::Again(error) => {
                let pause = AGAIN.get(job.again);
                job.again += 1;
                job.try_again(pause, Err(error));
            }
            Verdict::Failed(error) => job.finish(Err(error)),
        }
    }

    /// Reads one answer.
    fn verdict(&self, step: &Step, answer: Result<Exchange>) -> Verdict {
        let exchange = match answer {
            Ok(exchange) => exchange,
            Err(error) => return of_lost(step, error),
        };
        if exchange.is_success() {
            return self.success(step, &exchange);
        }
        if exchange.is_throttled() {
            return Verdict::Throttled(exchange.failure(step.operation, None));
        }
        if exchange.status == 404 {
            return self.absent(step, &exchange);
        }
        let there = step.purpose == Purpose::AddMember && exchange.says_exists_already();
        let gone = step.purpose == Purpose::Remove && exchange.says_not_there();
        if there || gone {
            return Verdict::Done(None);
        }
        let failure = match step.purpose {
            Purpose::Licence => refusal::failure(&exchange, step.operation),
            _ => exchange.failure(step.operation, None),
        };
        match denial::in_words(step, failure) {
            error @ Error::Concurrent { .. } => Verdict::Again(error),
            // A 4xx says that nothing was done; after a 5xx the object may exist.
            error if exchange.status >= 500 => of_lost(step, error),
            error => Verdict::Failed(error),
        }
    }

    fn success(&self, step: &Step, exchange: &Exchange) -> Verdict {
        let id = || exchange.body.as_ref()?.get("id")?.as_str();
        match &step.purpose {
            Purpose::CreatePerson | Purpose::GroupId => match id() {
                Some(id) => Verdict::Done(Some(self.made(id, step))),
                None => Verdict::Failed(of_step(step, without_id(step, exchange))),
            },
            Purpose::UpsertGroup { unique_name } => match id() {
                Some(id) => Verdict::Done(Some(self.made(id, step))),
                // 204: it was there already and now has these values.
                None => {
                    self.fresh.note(unique_name);
                    Verdict::Then(step::group_id(unique_name, &step.about))
                }
            },
            Purpose::Change
            | Purpose::Remove
            | Purpose::AddMember
            | Purpose::AddMembers
            | Purpose::Licence
            | Purpose::Look => Verdict::Done(None),
        }
    }

    fn made(&self, id: &str, step: &Step) -> Account {
        self.fresh.note(id);
        let enabled = step
            .body
            .as_ref()
            .and_then(|body| body.get("accountEnabled"))
            .and_then(Value::as_bool);
        Account {
            id: id.to_owned(),
            record: Record::new(),
            enabled,
        }
    }

    /// A 404: about a fresh object "not yet", otherwise the truth.
    fn absent(&self, step: &Step, exchange: &Exchange) -> Verdict {
        let text = exchange.reason();
        let named = step.needs.iter().find(|(_, id)| text.contains(id.as_str()));
        let failure = exchange.failure(step.operation, named.or(step.needs.first()));
        let last = match step.purpose {
            Purpose::Remove => Ok(()),
            _ => Err(failure),
        };
        // A text that names a referenced object means that one; one that names the addressed
        // object may mean any ("or one of its queried reference-property objects").
        let not_yet = match named {
            Some((_, id)) if !step.path.contains(&odata::encode(id)) => self.fresh.is(id),
            _ => step.needs.iter().any(|(_, id)| self.fresh.is(id)),
        };
        if not_yet {
            return Verdict::NotYet(last);
        }
        match last {
            Ok(()) => Verdict::Done(None),
            Err(error) => Verdict::Failed(error),
        }
    }
}

/// What no answer, or a server's failure, means for a step.
fn of_lost(step: &Step, error: Error) -> Verdict {
    let is_passing = matches!(
        error,
        Error::Interrupted { .. } | Error::Unavailable { after: None, .. }
    );
    if step.purpose == Purpose::Remove && is_passing {
        return Verdict::Again(error);
    }
    Verdict::Failed(of_step(step, error))
}

/// A lost answer to a create that a repeat would double is [`Error::AnswerLost`].
fn of_step(step: &Step, error: Error) -> Error {
    match step.creates() {
        Some(kind) => error.of_create(kind),
        None => error,
    }
}

fn without_id(step: &Step, exchange: &Exchange) -> Error {
    Error::Unintelligible {
        host: exchange.place.clone(),
        operation: step.operation.to_owned(),
        found: format!("an answer without an id (status {})", exchange.status),
    }
}
