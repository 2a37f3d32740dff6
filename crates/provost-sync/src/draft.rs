//! The draft of a cycle: every rule's plan after the policies, before anything is applied. A preview shows a
//! draft; a run carries the same draft out.

use crate::membership::{self, Outlook};
use crate::open::{ActiveRule, Open};
use crate::progress::{Counter, Phase, Watcher};
use crate::survey::{self, Failure};
use crate::work::{Scope, Work};
use crate::{Result, clock};
use provost_engine::object::Kind;
use provost_engine::plan::{Plan, Reason, Step, Why};
use provost_engine::policy::{self, Baseline, Verdict};
use provost_store::staged::{self, Decision, StagedStep};
use provost_store::{Db, directory, link, provisioning_log};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// Milliseconds over which the guard adds up removals.
const DAY: i64 = 86_400_000;

/// One rule's part.
pub(crate) struct RuleDraft {
    pub rule: Arc<ActiveRule>,
    /// The steps that will be carried out.
    pub plan: Plan,
    pub looked: u64,
    pub skipped: BTreeMap<Reason, u64>,
    pub failures: Vec<Failure>,
    /// Removals that the guard holds, when it does.
    pub held: Option<HeldPart>,
    /// Staged steps that are no longer wanted.
    pub outdated: Vec<StagedStep>,
    /// (object, member) of every removal that the survey found, whatever becomes of it.
    removals: HashSet<(i64, i64)>,
}

/// Removals that wait for a person.
pub(crate) struct HeldPart {
    pub sentence: String,
    /// What an approval is bound to.
    pub digest: String,
    pub steps: Vec<Step>,
}

/// Plans every rule: people first, then groups, then memberships.
pub(crate) async fn make(
    db: &Db,
    open: &Open,
    work: &Work,
    watcher: Option<&Watcher>,
) -> Result<Vec<RuleDraft>> {
    let now = clock::now();
    let counter = Counter::new(watcher, Phase::Plan, expected(db, open, work).await?);
    let connection = open.connection.key;
    let before = db.read(move |tx| staged::list(tx, connection, i64::MAX)).await?;
    let mut outlook = Outlook::new(open);
    let mut drafts = Vec::new();
    for kind in [Kind::Person, Kind::Group] {
        for rule in open.rules_for(kind) {
            let survey = survey::survey(db, open, rule, &work.scope, now, &counter).await?;
            let draft = weigh(db, open, rule, survey, &before, work).await?;
            outlook.add(&draft.plan);
            drafts.push(draft);
        }
    }
    let outlook = Arc::new(outlook);
    for draft in drafts.iter_mut().filter(|d| d.rule.kind == Kind::Group) {
        let plan = membership::plan(db, open, &draft.rule, &work.scope, &outlook).await?;
        add_memberships(db, open, draft, plan, &before, work).await?;
    }
    Ok(drafts)
}

/// How many objects the survey will look at, for the progress bar.
async fn expected(db: &Db, open: &Open, work: &Work) -> Result<u64> {
    let rules = |kind| open.rules_for(kind).count() as u64;
    let (people, groups) = match &work.scope {
        Scope::Some(touched) => (touched.people.len() as u64, touched.groups.len() as u64),
        Scope::Everything => {
            let workspace = open.connection.workspace;
            let count = move |kind| db.read(move |tx| directory::count(tx, workspace, kind));
            (
                count(Kind::Person).await? as u64,
                count(Kind::Group).await? as u64,
            )
        }
    };
    Ok(people * rules(Kind::Person) + groups * rules(Kind::Group))
}

/// Filters a rule's plan by its allowed actions and by the guard.
async fn weigh(
    db: &Db,
    open: &Open,
    rule: &Arc<ActiveRule>,
    survey: survey::Survey,
    before: &[StagedStep],
    work: &Work,
) -> Result<RuleDraft> {
    let mut draft = RuleDraft {
        rule: rule.clone(),
        plan: Plan::new(),
        looked: survey.looked,
        skipped: survey.skipped,
        failures: survey.failures,
        held: None,
        outdated: Vec::new(),
        removals: HashSet::new(),
    };
    let plan = policy::filter(survey.plan, &rule.compiled.rule().actions);
    guard(db, open, &mut draft, plan, before).await?;
    draft.outdated = outdated(&draft, before, work, |step| step.member == 0);
    Ok(draft)
}

async fn add_memberships(
    db: &Db,
    open: &Open,
    draft: &mut RuleDraft,
    plan: Plan,
    before: &[StagedStep],
    work: &Work,
) -> Result<()> {
    let plan = policy::filter(plan, &draft.rule.compiled.rule().actions);
    guard(db, open, draft, plan, before).await?;
    let more = outdated(draft, before, work, |step| step.member != 0);
    draft.outdated.extend(more);
    Ok(())
}

/// Lets the guard judge a plan and adds what passes to the draft. Steps that a person has approved pass;
/// steps that wait, or were rejected, stay where they are.
async fn guard(db: &Db, open: &Open, draft: &mut RuleDraft, plan: Plan, before: &[StagedStep]) -> Result<()> {
    let known: HashMap<(i64, i64), Decision> = before
        .iter()
        .filter(|s| s.rule == draft.rule.key)
        .map(|s| ((s.object, s.member), s.decision))
        .collect();
    let removals = plan
        .steps
        .iter()
        .filter(|s| s.action.is_removal())
        .map(|s| (s.object, s.member));
    draft.removals.extend(removals);
    let (mut fresh, mut cleared) = (Plan::new(), Vec::new());
    fresh.counts.emptied_groups = plan.counts.emptied_groups;
    for step in plan.steps {
        let decision = known
            .get(&(step.object, step.member))
            .filter(|_| step.action.is_removal());
        match decision {
            None => fresh.push(step),
            Some(Decision::Approved) => cleared.push(step),
            Some(Decision::Pending | Decision::Rejected) => {}
        }
    }
    let waiting = known.values().filter(|d| **d == Decision::Pending).count() as u64;
    let baseline = baseline(db, open, &draft.rule, waiting).await?;
    if let Verdict::Held { sentence, .. } = policy::judge(&open.guard, &fresh.counts, &baseline) {
        fresh = policy::hold(fresh);
        let steps: Vec<Step> = fresh
            .dropped
            .iter()
            .filter(|d| d.why == Why::Held)
            .map(|d| d.step)
            .collect();
        merge_held(draft, sentence, steps);
    }
    fresh
        .steps
        .into_iter()
        .chain(cleared)
        .for_each(|step| draft.plan.push(step));
    Ok(())
}

/// The objects' and the memberships' held steps of one rule are one question to a person.
fn merge_held(draft: &mut RuleDraft, sentence: String, steps: Vec<Step>) {
    if steps.is_empty() {
        return;
    }
    let (mut sentences, mut all) = match draft.held.take() {
        Some(part) => (vec![part.sentence], part.steps),
        None => (Vec::new(), Vec::new()),
    };
    sentences.push(sentence);
    all.extend(steps);
    let digest = Plan {
        steps: all.clone(),
        ..Plan::default()
    }
    .digest();
    draft.held = Some(HeldPart {
        sentence: sentences.join(" "),
        digest,
        steps: all,
    });
}

async fn baseline(db: &Db, open: &Open, rule: &Arc<ActiveRule>, waiting: u64) -> Result<Baseline> {
    let (connection, rule, since) = (open.connection.key, rule.key, clock::now() - DAY);
    let (linked, members, removed) = db
        .read(move |tx| {
            let removed = provisioning_log::removals_since(tx, connection, since)?;
            Ok::<_, provost_store::Error>((link::count(tx, rule)?, link::count_members(tx, rule)?, removed))
        })
        .await?;
    Ok(Baseline {
        in_scope: linked as u64,
        removed_last_24h: removed.objects as u64 + waiting,
        memberships: members as u64,
        members_removed_last_24h: removed.members as u64,
    })
}

/// Staged steps of objects that were looked at and need no removal any more.
fn outdated(
    draft: &RuleDraft,
    before: &[StagedStep],
    work: &Work,
    concerns: impl Fn(&StagedStep) -> bool,
) -> Vec<StagedStep> {
    let looked_at = |step: &StagedStep| match &work.scope {
        Scope::Everything => true,
        Scope::Some(touched) if step.member != 0 => touched.memberships.contains(&(step.object, step.member)),
        Scope::Some(touched) => touched.objects(draft.rule.kind).contains(&step.object),
    };
    before
        .iter()
        .filter(|s| s.rule == draft.rule.key && concerns(s) && looked_at(s))
        .filter(|s| !draft.removals.contains(&(s.object, s.member)))
        .cloned()
        .collect()
}
