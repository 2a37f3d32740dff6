//! The draft of a cycle: every rule's plan after the policies, before anything is applied. A preview shows a
//! draft; a run carries the same draft out.

use crate::Result;
use crate::membership::{self, Outlook};
use crate::open::{ActiveRule, Open};
use crate::progress::{Counter, Phase, Watcher};
use crate::survey::{self, Failure};
use crate::weigh;
use crate::work::{Scope, Work};
use provost_engine::object::Kind;
use provost_engine::plan::{Action, Plan, Reason, Step, Why};
use provost_store::staged::{self, StagedStep};
use provost_store::{Db, directory};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// One rule's part.
pub(crate) struct RuleDraft {
    pub rule: Arc<ActiveRule>,
    /// The steps that will be carried out.
    pub plan: Plan,
    pub looked: u64,
    pub skipped: BTreeMap<Reason, u64>,
    pub failures: Vec<Failure>,
    /// Steps that wait for a person, each part with its reason.
    pub held: Vec<HeldPart>,
    /// Staged steps that are no longer wanted.
    pub outdated: Vec<StagedStep>,
    /// Objects to look at again although nothing changes, and when.
    pub again: Vec<(i64, i64)>,
    /// References that wait although the directory has changed its mind.
    pub stale: Vec<Stale>,
    /// Staged steps that the survey wants still, whatever a person has said of them.
    pub still_wanted: HashSet<(i64, i64, Action)>,
    /// Steps whose action the rule or the connection does not allow.
    pub refused: Vec<Step>,
}

/// A reference that waits although nobody wants it any more.
#[derive(Clone)]
pub(crate) struct Stale {
    pub object: i64,
    pub attribute: String,
    /// Whether the object is in scope, so that its account is ours to change.
    pub is_in_scope: bool,
}

/// Steps that wait for a person.
pub(crate) struct HeldPart {
    pub why: Why,
    pub sentence: String,
    /// What an approval is bound to.
    pub digest: String,
    pub steps: Vec<Step>,
}

impl RuleDraft {
    /// Every step that waits for a person.
    pub fn held_steps(&self) -> impl Iterator<Item = Step> {
        self.held.iter().flat_map(|part| part.steps.iter().copied())
    }
}

/// Plans every rule: people first, then groups, then memberships.
pub(crate) async fn make(
    db: &Db,
    open: &Open,
    work: &Work,
    watcher: Option<&Watcher>,
) -> Result<Vec<RuleDraft>> {
    let open = &if work.is_whole() {
        open.with_everybody_listed(db).await?
    } else {
        open.clone()
    };
    let now = open.now();
    let counter = Counter::new(open, watcher, Phase::Plan, expected(db, open, work).await?);
    let connection = open.connection.key;
    let before = db.read(move |tx| staged::list(tx, connection, i64::MAX)).await?;
    let mut outlook = Outlook::new(open);
    let (mut drafts, mut under_way) = (Vec::new(), work.under_way);
    for kind in [Kind::Person, Kind::Group] {
        for rule in open.rules_for(kind) {
            let mut survey = survey::survey(db, open, rule, work, now, &counter).await?;
            let licences = std::mem::take(&mut survey.licences);
            let mut draft = weigh::objects(db, open, rule, survey, &before, work, under_way).await?;
            weigh::licences(db, open, &mut draft, licences, &before, work, under_way).await?;
            under_way.add(&draft.plan);
            outlook.add(&draft);
            drafts.push(draft);
        }
    }
    let outlook = Arc::new(outlook);
    for draft in drafts.iter_mut().filter(|d| d.rule.kind == Kind::Group) {
        let scope = work.scope_of(draft.rule.key);
        let plan = membership::plan(db, open, &draft.rule, scope, &outlook).await?;
        let members = draft.plan.counts.member_removals();
        weigh::memberships(db, open, draft, plan, &before, work, under_way).await?;
        under_way.members += draft.plan.counts.member_removals() - members;
    }
    Ok(drafts)
}

/// How many objects the survey will look at, for the progress bar.
async fn expected(db: &Db, open: &Open, work: &Work) -> Result<u64> {
    let workspace = open.connection.workspace;
    let mut expected = 0;
    for rule in open.rules.iter().filter(|r| r.compiled.rule().enabled) {
        let kind = rule.kind;
        expected += match work.scope_of(rule.key) {
            Scope::Some(touched) => touched.objects(kind).len() as u64,
            Scope::Everything => db.read(move |tx| directory::count(tx, workspace, kind)).await? as u64,
        };
    }
    Ok(expected)
}
