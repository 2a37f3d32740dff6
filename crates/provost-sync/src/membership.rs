//! Which memberships have to come and go. Only people are members in a target; a person counts as soon as
//! the account exists or is about to be created in the same cycle.

use crate::Result;
use crate::draft::RuleDraft;
use crate::nesting;
use crate::open::{ActiveRule, Open};
use crate::touched::{self, Touched};
use crate::work::Scope;
use provost_engine::object::Kind;
use provost_engine::plan::{Action, Plan, Step};
use provost_store::directory::{self, Range};
use provost_store::{Db, Tx, link, member};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// How long one read may take: a group can have hundreds of thousands of members.
const LIMIT: Duration = Duration::from_secs(60);
/// Pairs that are looked at in one read.
const PAIRS: usize = 2_000;
/// Keys in one stretch of the directory when looking for groups.
const STRETCH: i64 = 1_000_000;

/// Who will have an account, and which groups will exist, once the objects' steps are carried out.
#[derive(Debug, Default)]
pub(crate) struct Outlook {
    created: HashSet<i64>,
    /// Those of them that are groups.
    founded: Vec<i64>,
    deleted: HashSet<i64>,
    /// People who are disabled or deleted.
    removed: HashSet<i64>,
    /// People who are enabled again.
    restored: HashSet<i64>,
    /// People whose removal waits for a person, or was refused by one.
    kept: HashSet<i64>,
    /// Whether a deleted account leaves its groups by itself.
    drops_members: bool,
}

impl Outlook {
    pub fn new(open: &Open) -> Self {
        Self {
            drops_members: open.target.describe().drops_members,
            ..Self::default()
        }
    }

    /// Whether the removal of an account says all about its memberships.
    fn is_settled(&self, member: i64) -> bool {
        self.drops_members && self.deleted.contains(&member)
    }

    /// Takes note of a draft for people or groups, before its memberships are planned.
    pub fn add(&mut self, draft: &RuleDraft) {
        if draft.rule.kind == Kind::Person {
            let waiting = draft.held_steps().map(|s| (s.object, s.action));
            let staged = draft
                .still_wanted
                .iter()
                .map(|(object, _, action)| (*object, *action));
            let removals = waiting.chain(staged).filter(|(_, action)| closes(*action));
            self.kept.extend(removals.map(|(object, _)| object));
        }
        for step in &draft.plan.steps {
            if step.kind == Kind::Person && closes(step.action) {
                self.removed.insert(step.object);
                self.kept.remove(&step.object);
            }
            if step.action == Action::Restore {
                self.restored.insert(step.object);
            }
            match step.action {
                Action::Create => {
                    if step.kind == Kind::Group {
                        self.founded.push(step.object);
                    }
                    self.created.insert(step.object)
                }
                Action::Delete => self.deleted.insert(step.object),
                _ => false,
            };
        }
    }

    /// Whether a membership ended only because its person was deleted in the directory, and that waits.
    fn is_kept(&self, tx: &mut Tx, member: i64) -> provost_store::Result<bool> {
        Ok(self.kept.contains(&member) && nesting::kind_of(tx, member)?.is_none())
    }

    /// Whether a person keeps no memberships: somebody said that they leave, or the connection takes them from
    /// everybody who is disabled.
    fn is_stripped(&self, tx: &mut Tx, open: &Open, person: i64) -> provost_store::Result<bool> {
        if open.leavers.contains(&person) {
            return Ok(true);
        }
        if !open.preferences.leaver.groups
            || self.created.contains(&person)
            || self.restored.contains(&person)
        {
            return Ok(false);
        }
        if self.removed.contains(&person) {
            return Ok(true);
        }
        is_closed(tx, open, person)
    }

    fn has(&self, tx: &mut Tx, connection: i64, object: i64) -> provost_store::Result<bool> {
        if self.deleted.contains(&object) {
            return Ok(false);
        }
        Ok(self.created.contains(&object) || link::is_linked(tx, connection, object)?)
    }
}

/// Whether an action closes a person's account.
fn closes(action: Action) -> bool {
    matches!(action, Action::Disable | Action::Delete)
}

/// Whether every account of a person is disabled.
fn is_closed(tx: &mut Tx, open: &Open, person: i64) -> provost_store::Result<bool> {
    let links = link::of_object(tx, person)?;
    let mut ours = links
        .iter()
        .filter(|link| open.rule(link.rule).is_some())
        .peekable();
    Ok(ours.peek().is_some() && ours.all(|link| !link.enabled))
}

/// Whether a person is meant to be a member of a group in the target, for a step that is about to be carried out.
pub(crate) fn is_meant(tx: &mut Tx, open: &Open, group: i64, person: i64) -> provost_store::Result<bool> {
    let is_stripped =
        open.leavers.contains(&person) || open.preferences.leaver.groups && is_closed(tx, open, person)?;
    Ok(!is_stripped && is_member(tx, open, group, person)?)
}

/// Plans the memberships of a group rule.
pub(crate) async fn plan(
    db: &Db,
    open: &Open,
    rule: &Arc<ActiveRule>,
    scope: &Scope,
    outlook: &Arc<Outlook>,
) -> Result<Plan> {
    let mut plan = Plan::new();
    match scope {
        Scope::Everything => {
            for group in all_groups(db, open).await? {
                whole_group(db, open, rule, group, outlook, &mut plan).await?;
            }
        }
        Scope::Some(touched) => {
            let whole: BTreeSet<i64> = touched.whole.iter().chain(&outlook.founded).copied().collect();
            let pairs = pairs(db, open, rule, touched, outlook, &whole).await?;
            for chunk in pairs.chunks(PAIRS) {
                let (open, rule, outlook, chunk) =
                    (open.clone(), rule.clone(), outlook.clone(), chunk.to_vec());
                let steps = db
                    .read_within(LIMIT, move |tx| of_pairs(tx, &open, &rule, &outlook, &chunk))
                    .await?;
                steps.into_iter().for_each(|step| plan.push(step));
            }
            note_emptied(db, rule, &mut plan).await?;
            for group in whole {
                whole_group(db, open, rule, group, outlook, &mut plan).await?;
            }
        }
    }
    Ok(plan)
}

async fn all_groups(db: &Db, open: &Open) -> Result<Vec<i64>> {
    let workspace = open.connection.workspace;
    let highest = db.read(directory::highest_key).await?;
    let mut groups = Vec::new();
    for i in 0..=highest / STRETCH {
        let range = Range {
            after: i * STRETCH,
            upto: (i + 1) * STRETCH,
        };
        let found = db
            .read_within(LIMIT, move |tx| {
                let mut keys = Vec::new();
                directory::for_each(tx, workspace, Kind::Group, range, |row| {
                    keys.push(row.key()?);
                    Ok(())
                })?;
                Ok::<_, provost_store::Error>(keys)
            })
            .await?;
        groups.extend(found);
    }
    Ok(groups)
}

/// Compares a whole group: two sorted lists of keys, walked together.
async fn whole_group(
    db: &Db,
    open: &Open,
    rule: &Arc<ActiveRule>,
    group: i64,
    outlook: &Arc<Outlook>,
    plan: &mut Plan,
) -> Result<()> {
    let (connection, rule_key, outlook) = (open.connection.key, rule.key, outlook.clone());
    let (nested, open) = (open.preferences.nested, open.clone());
    let (wanted, written) = db
        .read_within(LIMIT, move |tx| {
            if !outlook.has(tx, connection, group)? {
                return Ok::<_, provost_store::Error>((Vec::new(), Vec::new()));
            }
            let mut wanted = Vec::new();
            for key in touched::members_of(tx, group, nested)? {
                let is_wanted = outlook.has(tx, connection, key)? && is_person(tx, key)?;
                if is_wanted && !outlook.is_stripped(tx, &open, key)? {
                    wanted.push(key);
                }
            }
            let mut written = link::members(tx, rule_key, group)?;
            let mut kept = Vec::new();
            for key in written {
                if !outlook.is_settled(key) && !outlook.is_kept(tx, key)? {
                    kept.push(key);
                }
            }
            written = kept;
            Ok((wanted, written))
        })
        .await?;
    if wanted.is_empty() {
        plan.note_emptied_group(written.len() as u64);
    }
    let (wanted, written): (BTreeSet<i64>, BTreeSet<i64>) =
        (wanted.into_iter().collect(), written.into_iter().collect());
    for key in wanted.difference(&written) {
        plan.push(Step::membership(group, *key, Action::AddMember));
    }
    for key in written.difference(&wanted) {
        plan.push(Step::membership(group, *key, Action::RemoveMember));
    }
    Ok(())
}

fn is_person(tx: &mut Tx, key: i64) -> provost_store::Result<bool> {
    Ok(nesting::kind_of(tx, key)? == Some(Kind::Person))
}

/// The pairs to look at: those that changed, those of people who get an account now, and what people have who lose
/// theirs. Groups that are compared as a whole are left out.
async fn pairs(
    db: &Db,
    open: &Open,
    rule: &ActiveRule,
    touched: &Touched,
    outlook: &Arc<Outlook>,
    whole: &BTreeSet<i64>,
) -> Result<Vec<(i64, i64)>> {
    let mut pairs = touched.memberships.clone();
    let mut created: Vec<i64> = outlook.created.iter().copied().collect();
    if open.preferences.leaver.groups {
        // What was taken from them when they were disabled comes back.
        created.extend(&outlook.restored);
    }
    created.sort_unstable();
    let nested = open.preferences.nested;
    for chunk in created.chunks(PAIRS) {
        let chunk = chunk.to_vec();
        let found = db
            .read_within(LIMIT, move |tx| {
                let mut found = Vec::new();
                for key in &chunk {
                    let groups = nesting::groups_of(tx, *key, nested)?;
                    found.extend(groups.into_iter().map(|group| (group, *key)));
                }
                Ok::<_, provost_store::Error>(found)
            })
            .await?;
        pairs.extend(found);
    }
    let (mut removed, rule): (Vec<i64>, i64) = (outlook.removed.iter().copied().collect(), rule.key);
    // Whoever leaves and is looked at: an earlier cycle may not have come to their memberships.
    removed.extend(touched.people.iter().filter(|key| open.leavers.contains(key)));
    removed.sort_unstable();
    for chunk in removed.chunks(PAIRS) {
        let chunk = chunk.to_vec();
        let found = db
            .read_within(LIMIT, move |tx| {
                let mut found = Vec::new();
                for key in &chunk {
                    let groups = link::groups_of(tx, rule, *key)?;
                    found.extend(groups.into_iter().map(|group| (group, *key)));
                }
                Ok::<_, provost_store::Error>(found)
            })
            .await?;
        pairs.extend(found);
    }
    pairs.retain(|(group, _)| !whole.contains(group));
    Ok(pairs.into_iter().collect())
}

/// Whether a person is to be a member of a group.
pub(crate) fn is_member(tx: &mut Tx, open: &Open, group: i64, person: i64) -> provost_store::Result<bool> {
    if open.preferences.nested {
        return Ok(nesting::groups_of(tx, person, true)?.contains(&group));
    }
    member::contains(tx, group, person)
}

fn of_pairs(
    tx: &mut Tx,
    open: &Open,
    rule: &ActiveRule,
    outlook: &Outlook,
    pairs: &[(i64, i64)],
) -> provost_store::Result<Vec<Step>> {
    let connection = open.connection.key;
    let mut steps = Vec::new();
    for (group, person) in pairs {
        if !outlook.has(tx, connection, *group)? || outlook.is_settled(*person) {
            continue;
        }
        let written = link::has_member(tx, rule.key, *group, *person)?;
        let wanted = is_member(tx, open, *group, *person)?
            && outlook.has(tx, connection, *person)?
            && is_person(tx, *person)?
            && !outlook.is_stripped(tx, open, *person)?;
        match (wanted, written) {
            (true, false) => steps.push(Step::membership(*group, *person, Action::AddMember)),
            (false, true) if !outlook.is_kept(tx, *person)? => {
                steps.push(Step::membership(*group, *person, Action::RemoveMember));
            }
            _ => {}
        }
    }
    Ok(steps)
}

/// Tells the plan which groups its removals leave empty.
async fn note_emptied(db: &Db, rule: &Arc<ActiveRule>, plan: &mut Plan) -> Result<()> {
    let mut balance = std::collections::BTreeMap::<i64, (i64, bool)>::new();
    for step in &plan.steps {
        let entry = balance.entry(step.object).or_default();
        match step.action {
            Action::RemoveMember => entry.0 += 1,
            _ => entry.1 = true,
        }
    }
    for (group, (removed, adds)) in balance {
        if removed > 0 && !adds {
            let rule = rule.key;
            let written = db.read(move |tx| link::count_group(tx, rule, group)).await?;
            if written == removed {
                plan.note_emptied_group(written as u64);
            }
        }
    }
    Ok(())
}
