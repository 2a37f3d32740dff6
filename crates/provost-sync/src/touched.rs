//! What a stretch of the change log touches: the objects it names, and those that follow from them, such as the
//! members of a group that came or went when people are assigned through their groups.

use crate::Result;
use crate::open::Open;
use crate::{licence, nesting};
use provost_engine::object::Kind;
use provost_store::change_log::{self, Action, Entry};
use provost_store::connection::Assignment;
use provost_store::{Db, Tx, assignment, link, member};
use std::collections::BTreeSet;

/// Entries of the change log that are read at once.
const PAGE: i64 = 10_000;

/// Objects and memberships that are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Touched {
    pub people: BTreeSet<i64>,
    pub groups: BTreeSet<i64>,
    /// Groups whose members are compared as a whole: those that were made or restored, because the change log
    /// has no row for each of their first members, and those that a group joined or left.
    pub whole: BTreeSet<i64>,
    /// (group, member)
    pub memberships: BTreeSet<(i64, i64)>,
}

impl Touched {
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
            && self.groups.is_empty()
            && self.memberships.is_empty()
            && self.whole.is_empty()
    }

    pub fn objects(&self, kind: Kind) -> &BTreeSet<i64> {
        match kind {
            Kind::Person => &self.people,
            Kind::Group => &self.groups,
        }
    }

    /// Enters an object, or one membership of a group.
    pub fn enter(&mut self, kind: Kind, object: i64, member: i64) {
        match (kind, member) {
            (Kind::Person, _) => self.people.insert(object),
            (Kind::Group, 0) => self.groups.insert(object),
            (Kind::Group, member) => self.memberships.insert((object, member)),
        };
    }
}

/// What the change log touched.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    pub touched: Touched,
    /// A group is gone through which people were assigned; who they were, nobody knows any more.
    pub lost_assigned_group: bool,
}

/// Reads the changes after `position`, up to `upto`.
pub(crate) async fn since(db: &Db, open: &Open, mut position: i64, upto: i64) -> Result<Changed> {
    let workspace = open.connection.workspace;
    let mut changed = Changed::default();
    while position < upto {
        let open = open.clone();
        let (entries, part) = db
            .read(move |tx| {
                let entries = change_log::since(tx, workspace, position, PAGE)?;
                let mut part = Changed::default();
                for entry in &entries {
                    note(tx, &open, entry, &mut part)?;
                }
                Ok::<_, provost_store::Error>((entries, part))
            })
            .await?;
        changed.lost_assigned_group |= part.lost_assigned_group;
        changed.touched.people.extend(part.touched.people);
        changed.touched.groups.extend(part.touched.groups);
        changed.touched.whole.extend(part.touched.whole);
        changed.touched.memberships.extend(part.touched.memberships);
        match entries.last() {
            Some(last) if entries.len() as i64 == PAGE => position = last.position,
            _ => break,
        }
    }
    Ok(changed)
}

fn note(tx: &mut Tx, open: &Open, entry: &Entry, changed: &mut Changed) -> provost_store::Result<()> {
    let touched = &mut changed.touched;
    match (entry.kind, entry.action) {
        (Kind::Group, Action::AddMember | Action::RemoveMember) => membership(tx, open, entry, touched),
        (Kind::Group, Action::Create) => {
            touched.groups.insert(entry.object);
            touched.whole.insert(entry.object);
            if open.preferences.assignment == Assignment::Assigned {
                touched
                    .people
                    .extend(assignment::people_of(tx, entry.object, open.preferences.nested)?);
            }
            licence::touch_group(tx, open, entry.object, false, touched)
        }
        (Kind::Group, Action::Delete) => {
            touched.groups.insert(entry.object);
            licence::touch_group(tx, open, entry.object, true, touched)?;
            let preferences = &open.preferences;
            changed.lost_assigned_group |= preferences.assignment == Assignment::Assigned
                && (preferences.nested || assignment::contains(tx, open.connection.key, entry.object)?);
            Ok(())
        }
        (Kind::Person, Action::Create) => {
            touched.people.insert(entry.object);
            // Somebody who is back may still be in groups of the target that nobody took them out of.
            for rule in open.rules_for(Kind::Group) {
                let groups = link::groups_of(tx, rule.key, entry.object)?;
                touched
                    .memberships
                    .extend(groups.into_iter().map(|group| (group, entry.object)));
            }
            Ok(())
        }
        _ => {
            touched.enter(entry.kind, entry.object, 0);
            Ok(())
        }
    }
}

/// A membership: the pair itself, and what follows from it for nested groups and for the assignment.
fn membership(tx: &mut Tx, open: &Open, entry: &Entry, touched: &mut Touched) -> provost_store::Result<()> {
    let (group, member) = (entry.object, entry.member);
    touched.memberships.insert((group, member));
    licence::touch_membership(tx, open, group, member, touched)?;
    let kind = nesting::kind_of(tx, member)?;
    if open.preferences.nested {
        let mut groups = nesting::groups_of(tx, group, true)?;
        groups.insert(group);
        if kind == Some(Kind::Person) {
            touched
                .memberships
                .extend(groups.into_iter().map(|g| (g, member)));
        } else {
            touched.whole.extend(groups);
        }
    }
    if open.preferences.assignment == Assignment::Assigned {
        match kind {
            Some(Kind::Group) if open.preferences.nested => {
                touched.people.extend(assignment::people_of(tx, member, true)?);
            }
            Some(Kind::Group) => {}
            Some(Kind::Person) | None => {
                touched.people.insert(member);
            }
        }
    }
    Ok(())
}

/// The members that a group is to have, by the connection's preferences: its people, and with nested groups
/// those of the groups in it.
pub(crate) fn members_of(tx: &mut Tx, group: i64, nested: bool) -> provost_store::Result<Vec<i64>> {
    if nested {
        return assignment::people_of(tx, group, true);
    }
    member::keys(tx, group)
}
