//! One person, or a group with some of its members, now: the same draft and the same writes as in a cycle, with
//! every step shown. It works while the connection is paused, held or in quarantine, and for people who are gone.

mod mapping;
mod show;

use crate::draft::{self, RuleDraft};
use crate::evaluate::unknown_object;
use crate::open::Open;
use crate::report::Report;
use crate::touched::Touched;
use crate::work::{Mode, Work};
use crate::{Engine, Error, Options, Result, cycle, licence};
use provost_engine::object::Kind;
use provost_engine::plan::{Plan, Step, Why};
use provost_store::connection::State;
use provost_store::directory::{self, Object};
use provost_store::lease::Lease;
use provost_store::link::{self, Link};
use provost_store::provisioning_log::{self, Entry};
use provost_store::revisit;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// Members of a group that can be provisioned at once.
pub const MOST_MEMBERS: usize = 50;
/// How long a cycle that is running is waited for.
const WAIT: Duration = Duration::from_secs(5);
/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(100);
/// Lines of the log that one call may make.
const LINES: i64 = 1_000;

/// What became of a person or group.
#[derive(Debug, Clone, Serialize)]
pub struct Provisioned {
    /// The connection's name.
    pub connection: String,
    /// The person or group.
    pub label: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What was done, in order: `import`, `scope`, `match`, `mapping`, `action`, and before them `connection` when the
    /// target could not be used. All but the first once for each rule, so that somebody who is gone has all five too.
    pub steps: Vec<ShownStep>,
    /// The cycle under which it stands in the log; none when nothing had to be done.
    pub cycle: Option<i64>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing had to be done, for a reason that a step tells.
    Skipped,
    /// The target is as it should be.
    Success,
    /// A removal waits for a person, because the object is protected or the rule asks for approval.
    Held,
    /// Something failed; it is tried again by itself.
    Failure,
}

/// One of the five steps.
#[derive(Debug, Clone, Serialize)]
pub struct ShownStep {
    /// `connection`, `import`, `scope`, `match`, `mapping` or `action`.
    pub name: &'static str,
    /// The rule it belongs to; empty for `connection` and `import`.
    pub rule: String,
    /// How it ended.
    pub status: Outcome,
    /// What happened, for people.
    pub description: String,
    /// What was read, decided or written.
    pub details: Value,
}

/// Whom it is about: in the directory, or only in links.
#[derive(Clone)]
struct Subject {
    key: i64,
    kind: Kind,
    label: String,
    object: Option<Object>,
    links: Vec<Link>,
}

impl Engine {
    /// Provisions one person or group now. `members`: of a group, who of its members is to come or go with it; at
    /// most [`MOST_MEMBERS`]. Limits on removals do not hold a single person back that somebody asks for by name;
    /// protection and approval do.
    ///
    /// # Errors
    /// [`Error::Running`] when a cycle runs for longer than five seconds; [`Error::Refused`]:
    /// `PRV-OBJECT-UNKNOWN`, `PRV-DEMAND-MEMBERS`; [`Error::Rules`]. What fails for the object stands in the answer.
    pub async fn provision(
        &self,
        connection: i64,
        object: i64,
        members: &[i64],
        actor: &str,
    ) -> Result<Provisioned> {
        if members.len() > MOST_MEMBERS {
            return Err(Error::refused(
                "PRV-DEMAND-MEMBERS",
                format!(
                    "{} members are more than the {MOST_MEMBERS} that can be provisioned at once",
                    members.len()
                ),
                "Choose fewer of them, or run a cycle.",
            ));
        }
        let options = Options {
            initiator: Some(actor.to_owned()),
            ..Options::default()
        };
        let until = tokio::time::Instant::now() + WAIT;
        loop {
            let done = self
                .with_lease(connection, &options, |lease| {
                    run(self, lease, object, members, &options)
                })
                .await;
            match done {
                Err(Error::Running) if tokio::time::Instant::now() < until => tokio::time::sleep(LOOK).await,
                done => return done,
            }
        }
    }
}

async fn run(
    engine: &Engine,
    lease: Lease,
    object: i64,
    members: &[i64],
    options: &Options,
) -> Result<Provisioned> {
    let open = engine.open(lease.connection).await?;
    if open.connection.state == State::Invalid {
        cycle::runs(&open.connection)?;
    }
    let open = licence::refreshed(engine, open).await?;
    let subject = subject(engine, &open, object).await?;
    if subject.kind == Kind::Person && !members.is_empty() {
        return Err(Error::refused(
            "PRV-DEMAND-MEMBERS",
            format!("{} is a person and has no members", subject.label),
            "Choose the group, and the person as one of its members.",
        ));
    }
    let mut told = Provisioned {
        connection: open.connection.name.clone(),
        label: subject.label.clone(),
        outcome: Outcome::Skipped,
        steps: vec![show::import(&subject)?],
        cycle: None,
    };
    told.steps
        .extend(show::scopes(&engine.db, &open, &subject).await?);
    let (matches, trouble) = show::matches(&open, &subject).await?;
    told.steps.extend(matches);
    told.steps
        .extend(mapping::mappings(&engine.db, &open, &subject).await?);
    if trouble {
        told.outcome = Outcome::Failure;
        told.steps.push(show::unsent(&open));
        if let Some(step) = show::connection(&open).await {
            told.steps.insert(0, step);
        }
        return Ok(told);
    }
    act(engine, lease, &open, &subject, members, options, &mut told).await?;
    Ok(told)
}

/// Drafts and carries out what the object needs.
async fn act(
    engine: &Engine,
    lease: Lease,
    open: &Open,
    subject: &Subject,
    members: &[i64],
    options: &Options,
    told: &mut Provisioned,
) -> Result<()> {
    let mut touched = Touched::default();
    touched.enter(subject.kind, subject.key, 0);
    for member in members {
        touched.enter(Kind::Person, *member, 0);
        touched.enter(Kind::Group, subject.key, *member);
    }
    let mut work = Work::over(Mode::Incremental, touched, open.connection.watermark, open.now());
    work.is_on_demand = true;
    let mut drafts = draft::make(&engine.db, open, &work, None).await?;
    let left: Vec<(i64, i64)> = drafts
        .iter_mut()
        .flat_map(|draft| let_pass(draft, members))
        .collect();
    look_later(engine, open, left).await?;
    let (report, entries) = if drafts.iter().all(is_idle) {
        (None, Vec::new())
    } else {
        let report = cycle::carry_out(engine, lease, open, &work, &drafts, options).await?;
        let (cycle, entries) = entries(engine, open).await?;
        told.cycle = cycle;
        (Some(report), entries)
    };
    let steps = show::actions(open, &drafts, report.as_ref(), &entries);
    told.outcome = steps.iter().map(|s| s.status).max().unwrap_or(Outcome::Skipped);
    told.steps.extend(steps);
    if report.as_ref().is_some_and(is_refused)
        && let Some(step) = show::connection(open).await
    {
        told.outcome = Outcome::Failure;
        told.steps.insert(0, step);
    }
    Ok(())
}

fn is_refused(report: &Report) -> bool {
    report.state == "failed"
}

fn is_idle(draft: &RuleDraft) -> bool {
    draft.plan.is_empty() && draft.held.is_empty() && draft.failures.is_empty()
}

/// Limits on numbers are no reason to hold somebody who was named. Of a group, only the chosen members move; answers
/// the memberships that are left, as group and member.
fn let_pass(draft: &mut RuleDraft, members: &[i64]) -> Vec<(i64, i64)> {
    let is_chosen = |step: &Step| {
        step.member_object()
            .is_none_or(|member| members.contains(&member))
    };
    let held = std::mem::take(&mut draft.held);
    let (limits, persons): (Vec<_>, Vec<_>) = held.into_iter().partition(|part| part.why == Why::Held);
    let passing = limits.into_iter().flat_map(|part| part.steps);
    let steps: Vec<Step> = draft.plan.steps.iter().copied().chain(passing).collect();
    let waiting = persons.iter().flat_map(|part| part.steps.iter());
    let left = steps.iter().chain(waiting).filter(|step| !is_chosen(step));
    let left = left.map(|step| (step.object, step.member)).collect();
    let mut plan = Plan::new();
    steps
        .into_iter()
        .filter(is_chosen)
        .for_each(|step| plan.push(step));
    draft.plan = plan;
    draft.held = persons;
    draft
        .held
        .iter_mut()
        .for_each(|part| part.steps.retain(is_chosen));
    draft.held.retain(|part| !part.steps.is_empty());
    left
}

/// The memberships that nobody chose are the next cycle's: the change that they come from may be long past the
/// watermark, because their group, or their person, had no account until now.
async fn look_later(engine: &Engine, open: &Open, left: Vec<(i64, i64)>) -> Result<()> {
    if left.is_empty() {
        return Ok(());
    }
    let (connection, now) = (open.connection.key, open.now());
    engine
        .db
        .write(move |tx| {
            for (group, member) in &left {
                revisit::ask(tx, connection, *group, *member, now, "demand")?;
            }
            Ok::<_, Error>(())
        })
        .await
}

/// The object in the directory, or what links tell of one that is gone.
async fn subject(engine: &Engine, open: &Open, key: i64) -> Result<Subject> {
    let open = open.clone();
    engine
        .db
        .read(move |tx| {
            let object = directory::by_key(tx, key)?.filter(|o| o.workspace == open.connection.workspace);
            let mut links = link::of_object(tx, key)?;
            links.retain(|link| open.rule(link.rule).is_some());
            let (kind, label) = match (&object, links.first()) {
                (Some(object), _) => (object.kind, object.label.clone()),
                (None, Some(link)) => {
                    let kind = open.rule(link.rule).map_or(Kind::Person, |r| r.kind);
                    (kind, link.label.clone())
                }
                (None, None) => return Err(unknown_object(key)),
            };
            Ok(Subject {
                key,
                kind,
                label,
                object,
                links,
            })
        })
        .await
}

/// What the cycle that has just ended wrote into the log: the connection's newest, since the lease is still held.
async fn entries(engine: &Engine, open: &Open) -> Result<(Option<i64>, Vec<Entry>)> {
    let connection = open.connection.key;
    let found = engine
        .db
        .read(move |tx| {
            let newest = provost_store::cycle::latest(tx, connection, 1)?.pop();
            let Some(cycle) = newest.map(|c| c.key) else {
                return Ok((None, Vec::new()));
            };
            Ok::<_, provost_store::Error>((Some(cycle), provisioning_log::of_cycle(tx, cycle, 0, LINES)?))
        })
        .await?;
    Ok(found)
}
