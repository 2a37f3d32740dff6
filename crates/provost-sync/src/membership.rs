//! Which memberships have to come and go. Only people are members in a target; a person counts as soon as
//! the account exists or is about to be created in the same cycle.

use crate::Result;
use crate::open::{ActiveRule, Open};
use crate::work::{Scope, Touched};
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
    deleted: HashSet<i64>,
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

    /// Takes note of a plan for people or groups.
    pub fn add(&mut self, plan: &Plan) {
        for step in &plan.steps {
            match step.action {
                Action::Create => self.created.insert(step.object),
                Action::Delete => self.deleted.insert(step.object),
                _ => false,
            };
        }
    }

    fn has(&self, tx: &mut Tx, connection: i64, object: i64) -> provost_store::Result<bool> {
        if self.deleted.contains(&object) {
            return Ok(false);
        }
        Ok(self.created.contains(&object) || link::is_linked(tx, connection, object)?)
    }
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
            let pairs = pairs(db, touched, outlook).await?;
            for chunk in pairs.chunks(PAIRS) {
                let (open, rule, outlook, chunk) =
                    (open.clone(), rule.clone(), outlook.clone(), chunk.to_vec());
                let steps = db
                    .read_within(LIMIT, move |tx| of_pairs(tx, &open, &rule, &outlook, &chunk))
                    .await?;
                steps.into_iter().for_each(|step| plan.push(step));
            }
            note_emptied(db, rule, &mut plan).await?;
            for group in touched.founded.iter().copied() {
                whole_group(db, open, rule, group, outlook, &mut plan).await?;
            }
        }
    }
    note_deleted(db, rule, outlook, &mut plan).await?;
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
    let (wanted, written) = db
        .read_within(LIMIT, move |tx| {
            if !outlook.has(tx, connection, group)? {
                return Ok::<_, provost_store::Error>((Vec::new(), Vec::new()));
            }
            let mut wanted = Vec::new();
            for key in member::keys(tx, group)? {
                if outlook.has(tx, connection, key)? && is_person(tx, key)? {
                    wanted.push(key);
                }
            }
            let mut written = link::members(tx, rule_key, group)?;
            written.retain(|key| !outlook.is_settled(*key));
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
    Ok(directory::by_key(tx, key)?.is_some_and(|o| o.kind == Kind::Person))
}

/// The pairs to look at: those that changed, those of people who get an account now, those of groups that come
/// to the target now. Groups that are compared as a whole are left out.
async fn pairs(db: &Db, touched: &Touched, outlook: &Arc<Outlook>) -> Result<Vec<(i64, i64)>> {
    let mut pairs = touched.memberships.clone();
    let created: Vec<i64> = outlook.created.iter().copied().collect();
    for chunk in created.chunks(PAIRS) {
        let chunk = chunk.to_vec();
        let found = db
            .read_within(LIMIT, move |tx| {
                let mut found = Vec::new();
                for key in &chunk {
                    for group in member::groups_of(tx, *key)? {
                        found.push((group.key, *key));
                    }
                    for member in member::keys(tx, *key)? {
                        found.push((*key, member));
                    }
                }
                Ok::<_, provost_store::Error>(found)
            })
            .await?;
        pairs.extend(found);
    }
    pairs.retain(|(group, _)| !touched.founded.contains(group));
    Ok(pairs.into_iter().collect())
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
        let wanted = member::contains(tx, *group, *person)?
            && outlook.has(tx, connection, *person)?
            && is_person(tx, *person)?;
        match (wanted, written) {
            (true, false) => steps.push(Step::membership(*group, *person, Action::AddMember)),
            (false, true) => steps.push(Step::membership(*group, *person, Action::RemoveMember)),
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

/// Deleting a group empties it as well.
async fn note_deleted(
    db: &Db,
    rule: &Arc<ActiveRule>,
    outlook: &Arc<Outlook>,
    plan: &mut Plan,
) -> Result<()> {
    for group in outlook.deleted.iter().copied() {
        let rule = rule.key;
        let written = db.read(move |tx| link::count_group(tx, rule, group)).await?;
        plan.note_emptied_group(written as u64);
    }
    Ok(())
}
