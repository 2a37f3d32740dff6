//! What a cycle has to look at: everything, or what the change log names since the watermark.

use crate::Result;
use crate::open::Open;
use provost_engine::object::Kind;
use provost_store::change_log::{self, Action};
use provost_store::{Db, retry, staged};
use std::collections::BTreeSet;

/// Entries of the change log that are read at once.
const PAGE: i64 = 10_000;
/// Failed steps that are tried again in one cycle.
const RETRIES: i64 = 10_000;

/// Objects to look at.
#[derive(Debug, Clone)]
pub(crate) enum Scope {
    /// All of them: an initial cycle.
    Everything,
    /// These: an incremental cycle.
    Some(Touched),
}

/// Objects and memberships that the change log, a due retry or an approval names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    pub people: BTreeSet<i64>,
    pub groups: BTreeSet<i64>,
    /// Groups that were made or restored: the change log has no row for each of their first members.
    pub founded: BTreeSet<i64>,
    /// (group, member)
    pub memberships: BTreeSet<(i64, i64)>,
}

impl Touched {
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.groups.is_empty() && self.memberships.is_empty()
    }

    pub fn objects(&self, kind: Kind) -> &BTreeSet<i64> {
        match kind {
            Kind::Person => &self.people,
            Kind::Group => &self.groups,
        }
    }

    fn enter(&mut self, kind: Kind, object: i64, member: i64) {
        match (kind, member) {
            (Kind::Person, _) => self.people.insert(object),
            (Kind::Group, 0) => self.groups.insert(object),
            (Kind::Group, member) => self.memberships.insert((object, member)),
        };
    }
}

/// The work of a cycle.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub scope: Scope,
    /// The position that the cycle will have finished.
    pub upto: i64,
    /// Failed steps whose next try is now, as (rule, object, member).
    pub due: Vec<(i64, i64, i64)>,
}

impl Work {
    pub fn mode(&self) -> &'static str {
        match self.scope {
            Scope::Everything => "initial",
            Scope::Some(_) => "incremental",
        }
    }

    pub fn is_empty(&self) -> bool {
        matches!(&self.scope, Scope::Some(touched) if touched.is_empty())
    }
}

/// Reads the work of a connection. The position is read before anything else, so that a change made
/// meanwhile is looked at again rather than missed.
pub(crate) async fn read(db: &Db, open: &Open, now: i64) -> Result<Work> {
    let upto = db.read(change_log::last_position).await?;
    if open.connection.watermark < 0 {
        return Ok(Work {
            scope: Scope::Everything,
            upto,
            due: Vec::new(),
        });
    }
    let mut touched = changed(db, open, upto).await?;
    let (connection, rules) = (open.connection.key, open.rules.clone());
    db.read(move |tx| {
        let (mut more, mut due) = (Touched::default(), Vec::new());
        for rule in rules.iter() {
            for (object, member) in retry::due(tx, rule.key, now, RETRIES)? {
                more.enter(rule.kind, object, member);
                due.push((rule.key, object, member));
            }
        }
        for step in staged::approved(tx, connection)? {
            if let Some(rule) = rules.iter().find(|r| r.key == step.rule) {
                more.enter(rule.kind, step.object, step.member);
            }
        }
        Ok::<_, provost_store::Error>((more, due))
    })
    .await
    .map(|(more, due)| {
        touched.people.extend(more.people);
        touched.groups.extend(more.groups);
        touched.memberships.extend(more.memberships);
        Work {
            scope: Scope::Some(touched),
            upto,
            due,
        }
    })
    .map_err(Into::into)
}

async fn changed(db: &Db, open: &Open, upto: i64) -> Result<Touched> {
    let workspace = open.connection.workspace;
    let mut touched = Touched::default();
    let mut position = open.connection.watermark;
    while position < upto {
        let entries = db
            .read(move |tx| change_log::since(tx, workspace, position, PAGE))
            .await?;
        for entry in &entries {
            let member = if matches!(entry.action, Action::AddMember | Action::RemoveMember) {
                entry.member
            } else {
                0
            };
            touched.enter(entry.kind, entry.object, member);
            if (entry.kind, entry.action) == (Kind::Group, Action::Create) {
                touched.founded.insert(entry.object);
            }
        }
        match entries.last() {
            Some(last) if entries.len() as i64 == PAGE => position = last.position,
            _ => break,
        }
    }
    Ok(touched)
}
