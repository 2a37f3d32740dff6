//! The end of a cycle: what was planned and is not allowed, what waits for a person, and what waits for its next
//! try. What was looked at and has none of these is as it should be.

use super::note::entry;
use crate::Result;
use crate::apply::Run;
use crate::draft::RuleDraft;
use crate::work::{Scope, Work};
use provost_engine::object::Kind;
use provost_engine::plan::{Action, Step};
use provost_store::sync_status::{self, Entry, State};
use provost_store::{doubt, lease, retry};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Objects that are noted in one commit, and read at once.
const CHUNK: usize = 500;
/// The stable word for a step whose action is switched off.
const OFF: &str = "PRV-ACTION-OFF";
/// The stable word for creating, switched off.
const CREATE_OFF: &str = "PRV-CREATE-OFF";
/// The stable word for a step that waits for a person.
const STAGED: &str = "PRV-STAGED";

/// What is the matter with an object: state, code, reason.
type Problem = (State, String, String);

/// Notes how the objects of a cycle stand once its steps were carried out. Of a cycle that ended early nothing is
/// concluded about what it did not come to.
pub(crate) async fn settle(run: &Run, work: &Work, drafts: &[RuleDraft]) -> Result<()> {
    for draft in drafts {
        let rule = draft.rule.key;
        let mut problems = planned(draft);
        for (object, code, reason) in parts(run, rule).await? {
            problems.entry(object).or_insert((State::Partial, code, reason));
        }
        put(run, rule, &problems).await?;
        if !run.is_over() {
            clear(run, work, draft, &problems).await?;
        }
    }
    Ok(())
}

/// What the plan left out.
fn planned(draft: &RuleDraft) -> BTreeMap<i64, Problem> {
    let mut problems = BTreeMap::new();
    for step in &draft.refused {
        let (code, reason) = match step.action {
            Action::Create => (
                CREATE_OFF,
                "nothing in the target is linked, and creating is switched off".into(),
            ),
            action => (OFF, format!("the action \"{action}\" is wanted and switched off")),
        };
        problems
            .entry(step.object)
            .or_insert_with(|| problem(step, code, reason));
    }
    let carried: HashSet<Step> = draft.plan.steps.iter().copied().collect();
    let waiting = draft.still_wanted.iter().filter_map(|(object, member, action)| {
        let step = Step {
            object: *object,
            member: *member,
            kind: draft.rule.kind,
            action: *action,
        };
        (!carried.contains(&step)).then_some(step)
    });
    for step in draft.held_steps().chain(waiting) {
        let reason = format!("the step \"{}\" waits for a person's decision", step.action);
        problems
            .entry(step.object)
            .or_insert_with(|| problem(&step, STAGED, reason));
    }
    problems
}

fn problem(step: &Step, code: &str, reason: String) -> Problem {
    let state = match step.action {
        Action::Create => State::Unsynced,
        _ => State::Partial,
    };
    (state, code.to_owned(), format!("{code}: {reason}."))
}

/// Objects of which a membership or a licence waits for its next try.
async fn parts(run: &Run, rule: i64) -> Result<Vec<(i64, String, String)>> {
    let (mut all, mut after) = (Vec::new(), i64::MIN);
    loop {
        let rows = run
            .db
            .read(move |tx| retry::parts(tx, rule, after, CHUNK as i64))
            .await?;
        let Some(last) = rows.last() else { return Ok(all) };
        after = last.0;
        all.extend(rows);
    }
}

/// Writes problems down. What failed itself is worse, and stands already.
async fn put(run: &Run, rule: i64, problems: &BTreeMap<i64, Problem>) -> Result<()> {
    let all: Vec<Entry> = problems
        .iter()
        .map(|(object, (state, code, reason))| entry(rule, *object, *state, code, reason))
        .collect();
    for chunk in all.chunks(CHUNK) {
        let (chunk, lease, now) = (chunk.to_vec(), run.lease, run.open.now());
        run.db
            .write(move |tx| {
                lease::prove(tx, lease)?;
                let objects: Vec<i64> = chunk.iter().map(|entry| entry.object).collect();
                let failed = retry::among(tx, rule, &objects)?;
                let wanted: Vec<Entry> = chunk
                    .iter()
                    .filter(|entry| !failed.contains(&entry.object))
                    .cloned()
                    .collect();
                sync_status::put(tx, now, &wanted)
            })
            .await?;
    }
    Ok(())
}

/// Forgets what stood about objects that were looked at and are as they should be. Those with a step of their own
/// are not among them: its outcome said how they stand.
async fn clear(run: &Run, work: &Work, draft: &RuleDraft, problems: &BTreeMap<i64, Problem>) -> Result<()> {
    let rule = draft.rule.key;
    let own = draft.plan.steps.iter().filter(|step| step.member == 0);
    let told: HashSet<i64> = own.map(|step| step.object).collect();
    let is_left = |object: &i64| !told.contains(object) && !problems.contains_key(object);
    match work.scope_of(rule) {
        Scope::Everything => {
            let mut after = i64::MIN;
            loop {
                let rows = run
                    .db
                    .read(move |tx| sync_status::objects(tx, rule, after, CHUNK as i64))
                    .await?;
                let Some(last) = rows.last() else { return Ok(()) };
                after = *last;
                forget(run, rule, rows.into_iter().filter(is_left).collect()).await?;
            }
        }
        Scope::Some(touched) => {
            let mut looked: BTreeSet<i64> = touched.objects(draft.rule.kind).clone();
            if draft.rule.kind == Kind::Group {
                looked.extend(touched.whole.iter().copied());
                looked.extend(touched.memberships.iter().map(|(group, _)| *group));
            }
            let looked: Vec<i64> = looked.into_iter().filter(is_left).collect();
            for chunk in looked.chunks(CHUNK) {
                forget(run, rule, chunk.to_vec()).await?;
            }
            Ok(())
        }
    }
}

/// Forgets rows, unless the object waits for its next try.
async fn forget(run: &Run, rule: i64, objects: Vec<i64>) -> Result<()> {
    let lease = run.lease;
    let right = run
        .db
        .read(move |tx| {
            let failed = retry::among(tx, rule, &objects)?;
            let rows = sync_status::among(tx, rule, &objects)?;
            let right = rows.into_iter().filter(|object| !failed.contains(object));
            Ok::<_, provost_store::Error>(right.collect::<BTreeSet<i64>>().into_iter().collect::<Vec<i64>>())
        })
        .await?;
    if right.is_empty() {
        return Ok(());
    }
    run.db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            for object in &right {
                // Nobody has to decide about somebody who is not to be written.
                doubt::clear(tx, rule, *object)?;
            }
            sync_status::clear(tx, rule, &right)
        })
        .await?;
    Ok(())
}
