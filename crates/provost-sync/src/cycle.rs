//! One cycle, as the algorithm tells it.

use crate::apply::{self, Run};
use crate::draft::{self, RuleDraft};
use crate::engine::Options;
use crate::finish::finish;
use crate::licence::{self, Pass};
use crate::open::{self, Open};
use crate::progress::Phase;
use crate::proposal::Proposal;
use crate::report::Report;
use crate::work::{self, Mode, Work};
use crate::{Engine, Error, Result, fresh, orphan, reconcile, rule_removal, setup, stage, status};
use provost_engine::object::Kind;
use provost_engine::plan::Action;
use provost_store::connection::{self, Connection, Marks, State};
use provost_store::lease::Lease;
use std::time::Instant;

/// Runs a cycle under a lease that is held.
pub(crate) async fn run(engine: &Engine, lease: Lease, options: &Options) -> Result<Report> {
    let open = open::open_with(engine, lease.connection, &Proposal::default()).await?;
    runs(&open.connection)?;
    // What does the target hold, if it is to be compared?
    let mode = work::mode(&open, options.mode);
    let observed = match mode {
        Mode::Reconcile => Some(reconcile::observe(engine, lease, &open, options).await?),
        Mode::Initial | Mode::Incremental => None,
    };
    // What changed since the watermark; everything, when there has been no initial cycle.
    let mut work = work::read(&engine.db, &open, Some(mode)).await?;
    work.observed = observed;
    if work.is_empty() && open.connection.state == State::Quarantine {
        return probe(engine, lease, &open, &work, options).await;
    }
    if work.is_empty() {
        return idle(engine, &open, &work).await;
    }
    // What there is to give, and what the target has of it that nobody is to have.
    let open = licence::refreshed(engine, open).await?;
    licence::learn(engine, lease, &open, &mut work).await?;
    orphan::adopt(engine, lease, &open, &work).await?;
    // In scope? Matched? What should it look like? And what may be done about it?
    let drafts = draft::make(&engine.db, &open, &work, options.progress.as_ref()).await?;
    carry_out(engine, lease, &open, &work, &drafts, options).await
}

/// Refuses a connection whose cycles do not run.
pub(crate) fn runs(connection: &Connection) -> Result<()> {
    match connection.state {
        State::Paused => Err(Error::Paused(connection.name.clone())),
        State::Invalid => Err(Error::refused(
            setup::INVALID,
            format!(
                "the connection {} was saved although its test failed, or its credential is refused",
                connection.name
            ),
            "Correct its settings and test it; nothing was changed or removed in the target.",
        )),
        State::Active | State::Held | State::Quarantine => Ok(()),
    }
}

/// Carries drafts out: those of a cycle that was just planned, or those of a plan that was approved.
pub(crate) async fn carry_out(
    engine: &Engine,
    lease: Lease,
    open: &Open,
    work: &Work,
    drafts: &[RuleDraft],
    options: &Options,
) -> Result<Report> {
    let started = Instant::now();
    let cycle = stage::begin(engine, lease, open, work, drafts).await?;
    let run = Run::new(engine.db.clone(), open.clone(), lease, cycle, work, options).planning(drafts);
    if let Some(error) = work.observed.as_ref().and_then(|o| o.error.as_ref()) {
        run.consider(error);
    }
    if let Some(sentence) = work.observed.as_ref().and_then(|o| o.shrunk.clone()) {
        run.shrink(sentence);
    }
    fresh::remember(&run, drafts).await?;
    apply_all(&run, work, drafts).await?;
    status::settle(&run, work, drafts).await?;
    let report = finish(&run, work, drafts, started).await?;
    if matches!(report.state, "done" | "held") {
        rule_removal::settle(&run, work, drafts).await?;
    }
    Ok(report)
}

/// Nothing to do for a connection in quarantine: whether it works again is tried out.
async fn probe(engine: &Engine, lease: Lease, open: &Open, work: &Work, options: &Options) -> Result<Report> {
    let checks = open.target.test().await;
    let failed = checks.into_iter().find_map(|check| check.outcome.err());
    let cycle = stage::begin(engine, lease, open, work, &[]).await?;
    let run = Run::new(engine.db.clone(), open.clone(), lease, cycle, work, options);
    if let Some(error) = failed {
        run.fail(error);
    }
    finish(&run, work, &[], Instant::now()).await
}

/// Nothing to do: the watermark follows, without a row for the cycle.
async fn idle(engine: &Engine, open: &Open, work: &Work) -> Result<Report> {
    let (key, from, upto, now) = (
        open.connection.key,
        open.connection.watermark,
        work.upto,
        open.now(),
    );
    let timed = work.timed.then_some(work.at);
    if from < upto || timed.is_some() || !work.revisits.is_empty() {
        let work = work.clone();
        engine
            .db
            .write(move |tx| {
                connection::advance(tx, key, from, upto)?;
                stage::settle_revisits(tx, key, &work)?;
                let marks = Marks {
                    timed,
                    last_run: Some(now),
                    ..Marks::default()
                };
                connection::set_marks(tx, key, marks)
            })
            .await?;
    }
    Ok(Report::idle(&open.connection.name, work.mode.word()))
}

/// What takes something away.
const TAKING: [Action; 4] = [
    Action::Disable,
    Action::Delete,
    Action::RemoveMember,
    Action::RemoveLicence,
];

/// Carries the drafts out in the order that keeps every reference resolvable.
///
/// Whoever loses access by an explicit change loses it first, before anything is made. An initial cycle takes
/// away last: what it finds was not asked for just now, and can wait until everybody who is wanted is there.
async fn apply_all(run: &Run, work: &Work, drafts: &[RuleDraft]) -> Result<()> {
    for draft in drafts {
        apply::note_failures(run, draft).await?;
    }
    let takes_first = work.mode != Mode::Initial;
    if takes_first {
        take_access(run, drafts).await?;
    }
    shape(run, drafts).await?;
    if !takes_first {
        take_access(run, drafts).await?;
    }
    for draft in of(drafts, Kind::Group) {
        let plan = &draft.plan;
        apply::objects(run, &draft.rule, plan, &[Action::Delete], Phase::Removals).await?;
    }
    Ok(())
}

fn of(drafts: &[RuleDraft], kind: Kind) -> impl Iterator<Item = &RuleDraft> {
    drafts.iter().filter(move |d| d.rule.kind == kind)
}

/// Disables people, then ends memberships, then takes back licences, then deletes people: a deleted account may not leave its groups by
/// itself.
pub(crate) async fn take_access(run: &Run, drafts: &[RuleDraft]) -> Result<()> {
    let has_any = |d: &RuleDraft| d.plan.steps.iter().any(|s| TAKING.contains(&s.action));
    if !drafts.iter().any(has_any) {
        return Ok(());
    }
    for draft in of(drafts, Kind::Person) {
        let plan = &draft.plan;
        apply::objects(run, &draft.rule, plan, &[Action::Disable], Phase::Removals).await?;
    }
    for draft in of(drafts, Kind::Group) {
        apply::members(run, &draft.rule, &draft.plan, Action::RemoveMember).await?;
    }
    for draft in of(drafts, Kind::Person) {
        licence::licences(run, &draft.rule, &draft.plan, Pass::Taking).await?;
    }
    for draft in of(drafts, Kind::Person) {
        let plan = &draft.plan;
        apply::objects(run, &draft.rule, plan, &[Action::Delete], Phase::Removals).await?;
    }
    Ok(())
}

/// People with their licences before groups before references before memberships.
async fn shape(run: &Run, drafts: &[RuleDraft]) -> Result<()> {
    let shaping = [Action::Create, Action::Update, Action::Restore];
    for draft in of(drafts, Kind::Person) {
        apply::objects(run, &draft.rule, &draft.plan, &shaping, Phase::People).await?;
        licence::licences(run, &draft.rule, &draft.plan, Pass::Giving).await?;
    }
    for draft in of(drafts, Kind::Group) {
        apply::objects(run, &draft.rule, &draft.plan, &shaping, Phase::Groups).await?;
    }
    licence::of_groups(run).await?;
    for draft in drafts {
        apply::references(run, &draft.rule).await?;
    }
    for draft in of(drafts, Kind::Group) {
        apply::members(run, &draft.rule, &draft.plan, Action::AddMember).await?;
    }
    Ok(())
}
