//! What may be done of a plan: the rule's allowed actions, the guard, protected people and groups, and the
//! approval that a rule asks for.

use crate::Result;
use crate::draft::{HeldPart, RuleDraft};
use crate::open::{ActiveRule, Open};
use crate::survey::Survey;
use crate::work::{Scope, Work};
use provost_engine::object::Kind;
use provost_engine::plan::{Action, Plan, Step, Why};
use provost_engine::policy::{self, Baseline, Verdict};
use provost_engine::rule::Approval;
use provost_store::staged::{Decision, StagedStep};
use provost_store::{Db, directory, link, link_licence, provisioning_log};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Milliseconds over which the guard adds up removals.
const DAY: i64 = 86_400_000;

/// Removals that were let through and do not stand in the log yet: the guard counts them as if they did.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct UnderWay {
    pub objects: u64,
    pub members: u64,
    pub licences: u64,
}

impl UnderWay {
    /// Those of drafts that are to be carried out.
    pub fn of(drafts: &[RuleDraft]) -> Self {
        let mut sum = Self::default();
        drafts.iter().for_each(|draft| sum.add(&draft.plan));
        sum
    }

    pub fn add(&mut self, plan: &Plan) {
        self.objects += plan.counts.object_removals();
        self.members += plan.counts.member_removals();
        self.licences += plan.counts.licence_removals();
    }
}

/// Filters a rule's plan for objects.
pub(crate) async fn objects(
    db: &Db,
    open: &Open,
    rule: &Arc<ActiveRule>,
    survey: Survey,
    before: &[StagedStep],
    work: &Work,
    under_way: UnderWay,
) -> Result<RuleDraft> {
    let mut draft = RuleDraft {
        rule: rule.clone(),
        plan: Plan::new(),
        looked: survey.looked,
        skipped: survey.skipped,
        failures: survey.failures,
        held: Vec::new(),
        outdated: Vec::new(),
        again: survey.again,
        stale: survey.stale,
        still_wanted: HashSet::new(),
        refused: Vec::new(),
    };
    let plan = policy::filter(survey.plan, &rule.compiled.rule().actions);
    weigh(db, open, &mut draft, plan, before, under_way).await?;
    draft.outdated = outdated(&draft, before, work, |step| step.member == 0);
    Ok(draft)
}

/// Filters the memberships of a group rule and adds them to its draft.
pub(crate) async fn memberships(
    db: &Db,
    open: &Open,
    draft: &mut RuleDraft,
    plan: Plan,
    before: &[StagedStep],
    work: &Work,
    under_way: UnderWay,
) -> Result<()> {
    let plan = policy::filter(plan, &draft.rule.compiled.rule().actions);
    weigh(db, open, draft, plan, before, under_way).await?;
    let more = outdated(draft, before, work, |step| step.member != 0);
    draft.outdated.extend(more);
    Ok(())
}

/// Filters the licences of a rule for people and adds them to its draft. Who is not created now gets none either:
/// whenever the account is made, the person is looked at again.
pub(crate) async fn licences(
    db: &Db,
    open: &Open,
    draft: &mut RuleDraft,
    plan: Plan,
    before: &[StagedStep],
    work: &Work,
    under_way: UnderWay,
) -> Result<()> {
    // Steps of a group that have a member are memberships, which are not planned yet: none of them is outdated.
    if draft.rule.kind != Kind::Person {
        return Ok(());
    }
    let waiting: HashSet<i64> = draft
        .held_steps()
        .filter(|s| s.action == Action::Create)
        .map(|s| s.object)
        .collect();
    let mut wanted = Plan::new();
    let steps = plan.steps.into_iter().filter(|s| !waiting.contains(&s.object));
    steps.for_each(|step| wanted.push(step));
    let plan = policy::filter(wanted, &draft.rule.compiled.rule().actions);
    weigh(db, open, draft, plan, before, under_way).await?;
    let more = outdated(draft, before, work, |step| step.member != 0);
    draft.outdated.extend(more);
    Ok(())
}

/// Adds what may be done to the draft. Steps that a person has approved pass; steps that wait, or were
/// rejected, stay where they are; of the rest, what needs a person is held.
async fn weigh(
    db: &Db,
    open: &Open,
    draft: &mut RuleDraft,
    plan: Plan,
    before: &[StagedStep],
    under_way: UnderWay,
) -> Result<()> {
    let refused = plan
        .dropped
        .iter()
        .filter(|dropped| dropped.why == Why::NotAllowed);
    draft.refused.extend(refused.map(|dropped| dropped.step));
    let approval = draft.rule.compiled.rule().approval;
    let known: HashMap<(i64, i64, &str), Decision> = before
        .iter()
        .filter(|s| s.rule == draft.rule.key)
        .map(|s| ((s.object, s.member, s.action.as_str()), s.decision))
        .collect();
    let needs_person = |step: &Step| step.action.is_removal() || approval == Approval::Always;
    let (mut fresh, mut cleared) = (Plan::new(), Vec::new());
    let (mut protected, mut unapproved) = (Vec::new(), Vec::new());
    fresh.counts.emptied_groups = plan.counts.emptied_groups;
    for step in plan.steps {
        let word = step.action.to_string();
        let decision = known
            .get(&(step.object, step.member, word.as_str()))
            .filter(|_| needs_person(&step));
        if decision.is_some() {
            draft.still_wanted.insert((step.object, step.member, step.action));
        }
        match decision {
            Some(Decision::Approved) => cleared.push(step),
            Some(Decision::Pending | Decision::Rejected) => {}
            None if step.action.is_removal() && is_protected(open, &step) => protected.push(step),
            None if needs_person(&step) && approval != Approval::Never => unapproved.push(step),
            None => fresh.push(step),
        }
    }
    note_deleted_groups(db, &draft.rule, &mut fresh).await?;
    let mut earlier = under_way;
    // Memberships that wait are no people: they do not use up what people and groups may be removed.
    let waits = |((_, member, _), decision): &(&(i64, i64, &str), &Decision)| {
        *member == 0 && **decision == Decision::Pending
    };
    earlier.objects += known.iter().filter(waits).count() as u64;
    if let Verdict::Held { sentence, .. } = verdict(db, open, &draft.rule, &fresh, earlier).await? {
        fresh = policy::hold(fresh);
        let dropped = fresh.dropped.iter().filter(|d| d.why == Why::Held);
        let steps = dropped.map(|d| d.step).collect();
        hold(draft, Why::Held, sentence, steps);
    }
    for step in protected {
        // One by one: whoever approves one of them has looked at that one.
        draft
            .held
            .push(part(Why::Protected, PROTECTED.to_owned(), vec![step]));
    }
    let sentence = format!(
        "The rule {} asks that a second person approves its steps before they are carried out.",
        draft.rule.name
    );
    hold(draft, Why::Approval, sentence, unapproved);
    for step in fresh.steps.into_iter().chain(cleared) {
        draft.plan.push(step);
    }
    Ok(())
}

const PROTECTED: &str = "This cycle would take something away from a person or group that is protected; that waits \
                         for a person's decision.";

/// Deleting a group empties it.
async fn note_deleted_groups(db: &Db, rule: &ActiveRule, plan: &mut Plan) -> Result<()> {
    let is_deleted = |s: &&Step| s.kind == Kind::Group && s.action == Action::Delete;
    let groups: Vec<i64> = plan.steps.iter().filter(is_deleted).map(|s| s.object).collect();
    let key = rule.key;
    for group in groups {
        let members = db.read(move |tx| link::count_group(tx, key, group)).await?;
        plan.note_emptied_group(members as u64);
    }
    Ok(())
}

fn is_protected(open: &Open, step: &Step) -> bool {
    let member = step.member_object();
    open.protected.contains(&step.object) || member.is_some_and(|member| open.protected.contains(&member))
}

fn part(why: Why, sentence: String, steps: Vec<Step>) -> HeldPart {
    let mut plan = Plan::new();
    steps.iter().for_each(|step| plan.push(*step));
    HeldPart {
        why,
        sentence,
        digest: plan.digest(),
        steps,
    }
}

/// The objects' and the memberships' held steps of one rule are one question to a person.
fn hold(draft: &mut RuleDraft, why: Why, sentence: String, mut steps: Vec<Step>) {
    if steps.is_empty() {
        return;
    }
    let Some(found) = draft.held.iter_mut().find(|part| part.why == why) else {
        draft.held.push(part(why, sentence, steps));
        return;
    };
    let mut all = std::mem::take(&mut found.steps);
    all.append(&mut steps);
    let sentence = if found.sentence == sentence {
        sentence
    } else {
        format!("{} {sentence}", found.sentence)
    };
    *found = part(why, sentence, all);
}

/// The guard's judgement. It is asked first as if nothing were linked, which is the strictest: what passes then
/// passes always, and nothing has to be counted.
async fn verdict(
    db: &Db,
    open: &Open,
    rule: &Arc<ActiveRule>,
    plan: &Plan,
    earlier: UnderWay,
) -> Result<Verdict> {
    if plan.counts.removals() == 0 {
        return Ok(Verdict::Proceed);
    }
    let (connection, workspace, rule, since) = (
        open.connection.key,
        open.connection.workspace,
        rule.key,
        open.now() - DAY,
    );
    let (removed, people) = db
        .read(move |tx| {
            let removed = provisioning_log::removals_since(tx, connection, since)?;
            Ok::<_, provost_store::Error>((removed, directory::count(tx, workspace, Kind::Person)?))
        })
        .await?;
    let mut baseline = Baseline {
        removed_last_24h: removed.objects as u64 + earlier.objects,
        members_removed_last_24h: removed.members as u64 + earlier.members,
        licences_removed_last_24h: removed.licences as u64 + earlier.licences,
        people_before: open.connection.people.max(0) as u64,
        people_now: people as u64,
        ..Baseline::default()
    };
    let strictest = policy::judge(&open.guard, &plan.counts, &baseline);
    if strictest == Verdict::Proceed {
        return Ok(strictest);
    }
    let (linked, members, licences) = db
        .read(move |tx| {
            let (linked, members) = (link::count(tx, rule)?, link::count_members(tx, rule)?);
            Ok::<_, provost_store::Error>((linked, members, link_licence::count_rule(tx, rule)?))
        })
        .await?;
    baseline.licences = licences as u64;
    baseline.in_scope = linked as u64;
    baseline.memberships = members as u64;
    Ok(policy::judge(&open.guard, &plan.counts, &baseline))
}

/// Staged steps of objects that were looked at and that nobody wants any more.
fn outdated(
    draft: &RuleDraft,
    before: &[StagedStep],
    work: &Work,
    concerns: impl Fn(&StagedStep) -> bool,
) -> Vec<StagedStep> {
    let looked_at = |step: &StagedStep| match work.scope_of(draft.rule.key) {
        Scope::Everything => true,
        Scope::Some(touched) if step.member != 0 && draft.rule.kind == Kind::Group => {
            touched.memberships.contains(&(step.object, step.member)) || touched.whole.contains(&step.object)
        }
        Scope::Some(touched) => touched.objects(draft.rule.kind).contains(&step.object),
    };
    let wanted: HashSet<(i64, i64, String)> = draft
        .still_wanted
        .iter()
        .map(|(object, member, action)| (*object, *member, action.to_string()))
        .collect();
    before
        .iter()
        .filter(|s| s.rule == draft.rule.key && concerns(s) && looked_at(s))
        .filter(|s| !wanted.contains(&(s.object, s.member, s.action.clone())))
        .cloned()
        .collect()
}
