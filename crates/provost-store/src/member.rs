//! Memberships: a row each, so that one person joins a group of 200,000 by one small statement, and 10,000
//! join by a few dozen.

use crate::change_log::{self, Action};
use crate::directory::{self, Change, NamedLine, Object, Owner, kind_of};
use crate::{Param, Result, Tx, audit};
use provost_engine::object::Kind;
use std::collections::HashSet;
use uuid::Uuid;

crate::statements! {
    KEYS = "SELECT member_key FROM member WHERE group_key = $1 ORDER BY member_key";
    OF_GROUP = "SELECT o.id, COALESCE(m.display, o.label), o.kind, o.key FROM member m JOIN object o ON o.key = m.member_key \
                WHERE m.group_key = $1 AND m.member_key > $2 ORDER BY m.member_key LIMIT $3";
    GROUPS_OF = "SELECT o.id, o.label, o.kind, o.key FROM member m JOIN object o ON o.key = m.group_key \
                 WHERE m.member_key = $1 ORDER BY m.group_key LIMIT 2000";
    NAMED_MEMBERS = concat!("SELECT ", directory::columns!(), " FROM member m JOIN object o ON o.key = m.member_key \
                     WHERE m.group_key = $1 AND m.member_key > $2 ORDER BY m.member_key LIMIT $3");
    NAMED_GROUPS = concat!("SELECT ", directory::columns!(), " FROM member m JOIN object o ON o.key = m.group_key \
                    WHERE m.member_key = $1 AND m.group_key > $2 ORDER BY m.group_key LIMIT $3");
    GROUP_KEYS = "SELECT group_key FROM member WHERE member_key = $1 ORDER BY group_key";
    GROUPS_OF_OWNER = "SELECT m.group_key FROM member m JOIN object g ON g.key = m.group_key \
                       WHERE m.member_key = $1 AND g.owner = $2 ORDER BY m.group_key";
    HAS = "SELECT 1 FROM member WHERE group_key = $1 AND member_key = $2";
    REMOVE = "DELETE FROM member WHERE group_key = $1 AND member_key = $2";
    DROP_GROUP = "DELETE FROM member WHERE group_key = $1";
    DROP_MEMBER = "DELETE FROM member WHERE member_key = $1";
    BRING_BACK = "INSERT INTO member (group_key, member_key, display) SELECT w.group_key, w.member_key, w.display \
                  FROM deleted_member w JOIN object g ON g.key = w.group_key JOIN object m ON m.key = w.member_key \
                  WHERE w.deleted = $1 AND g.owner = m.owner ON CONFLICT DO NOTHING RETURNING group_key";
}

/// The other end of a membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its public id.
    pub id: Uuid,
    /// What to call it.
    pub label: String,
    /// Person or group.
    pub kind: Kind,
    /// Its inside key.
    pub key: i64,
}

fn peer(row: &crate::Row) -> Result<Peer> {
    Ok(Peer {
        id: row.uuid(0)?,
        label: row.text(1)?,
        kind: kind_of(row.int(2)?),
        key: row.int(3)?,
    })
}

/// Somebody who is to join a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joining {
    /// The member's inside key.
    pub key: i64,
    /// The member's public id.
    pub id: Uuid,
    /// What the identity provider calls the member; none when it is the member's own name.
    pub display: Option<String>,
}

impl From<&Object> for Joining {
    fn from(object: &Object) -> Self {
        Self {
            key: object.key,
            id: object.id,
            display: None,
        }
    }
}

/// Resolves public ids, each with the name that goes with it, to the owner's objects. Ids of others, and of
/// nobody, come back as they were given.
///
/// # Errors
/// Any error of the database.
pub fn resolve<'a>(
    tx: &mut Tx,
    owner: Owner,
    ids: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> Result<(Vec<Joining>, Vec<String>)> {
    let named: Vec<_> = ids.into_iter().collect();
    let wanted: Vec<Uuid> = named
        .iter()
        .filter_map(|(text, _)| Uuid::parse_str(text).ok())
        .collect();
    let objects = directory::keys_of(tx, owner, &wanted)?;
    let (mut known, mut unknown) = (Vec::with_capacity(named.len()), Vec::new());
    for (text, display) in named {
        let found = Uuid::parse_str(text)
            .ok()
            .and_then(|id| objects.get_key_value(&id));
        match found {
            Some((id, (key, label))) => {
                let display = display.filter(|name| name != label).map(str::to_owned);
                known.push(Joining {
                    key: *key,
                    id: *id,
                    display,
                });
            }
            None => unknown.push(text.to_owned()),
        }
    }
    Ok((known, unknown))
}

/// Adds members to a group; who is in it already is left alone. Answers how many joined.
///
/// The first members of a group that is made in the same transaction have no rows of their own in the change
/// log: the group's creation covers them.
///
/// # Errors
/// Any error of the database.
pub fn add(tx: &mut Tx, change: &Change, group: &Object, members: &[Joining]) -> Result<usize> {
    let mut joined = Vec::with_capacity(members.len());
    tx.batches(
        &[],
        members,
        |member| {
            [
                group.key.into(),
                member.key.into(),
                member.display.as_deref().into(),
            ]
        },
        |list| {
            format!(
                "INSERT INTO member (group_key, member_key, display) VALUES {list} ON CONFLICT DO NOTHING RETURNING member_key"
            )
        },
        |row| {
            joined.push(row.int(0)?);
            Ok(())
        },
    )?;
    if !tx.has_arrived(group.key) {
        change_log::append_members(tx, change, Action::AddMember, group.key, &joined)?;
    }
    let joined: HashSet<i64> = joined.into_iter().collect();
    let ids = members
        .iter()
        .filter(|m| joined.contains(&m.key))
        .map(|m| (m.key, m.id));
    note(tx, change, group, "group.add_member", ids)
}

/// Removes members from a group; who is not in it is passed over. Answers how many left.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, change: &Change, group: &Object, members: &[(i64, Uuid)]) -> Result<usize> {
    let mut left = Vec::new();
    tx.batches(
        &[group.key.into()],
        members,
        |(key, _)| [Param::Int(*key)],
        |list| {
            format!("DELETE FROM member WHERE group_key = $1 AND member_key IN ({list}) RETURNING member_key")
        },
        |row| {
            left.push(row.int(0)?);
            Ok(())
        },
    )?;
    change_log::append_members(tx, change, Action::RemoveMember, group.key, &left)?;
    let left: HashSet<i64> = left.into_iter().collect();
    let ids = members.iter().filter(|(key, _)| left.contains(key)).copied();
    note(tx, change, group, "group.remove_member", ids)
}

/// One audit row for the whole change, and the group's new version. Who was named twice counts once.
fn note(
    tx: &mut Tx,
    change: &Change,
    group: &Object,
    action: &str,
    members: impl Iterator<Item = (i64, Uuid)>,
) -> Result<usize> {
    let (mut seen, mut detail) = (HashSet::new(), String::new());
    let mut buffer = Uuid::encode_buffer();
    for (key, id) in members {
        if seen.insert(key) {
            if !detail.is_empty() {
                detail.push(' ');
            }
            detail.push_str(id.hyphenated().encode_lower(&mut buffer));
        }
    }
    if !seen.is_empty() {
        directory::touch(tx, change.now, group.key)?;
        let (workspace, now, actor) = (change.owner.workspace, change.now, change.actor);
        audit::append(tx, workspace, now, actor, action, group.id, &detail)?;
    }
    Ok(seen.len())
}

/// Makes the members exactly `members`. Answers how many joined or left.
///
/// # Errors
/// Any error of the database.
pub fn set(tx: &mut Tx, change: &Change, group: &Object, members: &[Joining]) -> Result<usize> {
    let wanted: HashSet<i64> = members.iter().map(|m| m.key).collect();
    let present = keys(tx, group.key)?;
    let gone: Vec<i64> = present
        .iter()
        .copied()
        .filter(|key| !wanted.contains(key))
        .collect();
    let gone = directory::ids_of(tx, &gone)?;
    let present: HashSet<i64> = present.into_iter().collect();
    let new: Vec<Joining> = members
        .iter()
        .filter(|m| !present.contains(&m.key))
        .cloned()
        .collect();
    Ok(remove(tx, change, group, &gone)? + add(tx, change, group, &new)?)
}

/// A group's members with keys above `after`, at most `limit`.
///
/// # Errors
/// Any error of the database.
pub fn of_group(tx: &mut Tx, group: i64, after: i64, limit: i64) -> Result<Vec<Peer>> {
    tx.query(OF_GROUP, &[group.into(), after.into(), limit.into()], peer)
}

/// The keys of a group's members, in order.
///
/// # Errors
/// Any error of the database.
pub fn keys(tx: &mut Tx, group: i64) -> Result<Vec<i64>> {
    tx.query(KEYS, &[group.into()], |row| row.int(0))
}

/// The groups that a person or group is a direct member of; at most 2,000.
///
/// # Errors
/// Any error of the database.
pub fn groups_of(tx: &mut Tx, member: i64) -> Result<Vec<Peer>> {
    tx.query(GROUPS_OF, &[member.into()], peer)
}

/// Which side of memberships is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The members of this group.
    Group(i64),
    /// The groups that this person or group is a direct member of.
    Member(i64),
}

/// The other ends with keys above `after`, in the order of their keys, as lists show them: the key of a page's last
/// line leads to the next page.
///
/// # Errors
/// Any error of the database.
pub fn named_page(tx: &mut Tx, of: Of, after: i64, limit: i64) -> Result<Vec<NamedLine>> {
    let (sql, key) = match of {
        Of::Group(key) => (NAMED_MEMBERS, key),
        Of::Member(key) => (NAMED_GROUPS, key),
    };
    tx.query(sql, &[key.into(), after.into(), limit.into()], |row| {
        NamedLine::of(directory::read(row)?)
    })
}

/// Whether the membership exists.
///
/// # Errors
/// Any error of the database.
pub fn contains(tx: &mut Tx, group: i64, member: i64) -> Result<bool> {
    Ok(tx
        .first(HAS, &[group.into(), member.into()], |_| Ok(()))?
        .is_some())
}

/// Drops every membership of an object that is being deleted, and notes each group that lost it.
pub(crate) fn forget(tx: &mut Tx, change: &Change, object: &Object) -> Result<()> {
    for group in tx.query(GROUP_KEYS, &[object.key.into()], |row| row.int(0))? {
        tell(tx, change, Action::RemoveMember, group, object.key)?;
    }
    tx.execute(DROP_MEMBER, &[object.key.into()])?;
    if object.kind == Kind::Group {
        tx.execute(DROP_GROUP, &[object.key.into()])?;
    }
    Ok(())
}

/// Ends a person's memberships in the groups of the owner that loses the person.
pub(crate) fn leave_owner(tx: &mut Tx, change: &Change, person: &Object) -> Result<()> {
    let params = [person.key.into(), person.owner.into()];
    for group in tx.query(GROUPS_OF_OWNER, &params, |row| row.int(0))? {
        tx.execute(REMOVE, &[group.into(), person.key.into()])?;
        tell(tx, change, Action::RemoveMember, group, person.key)?;
    }
    Ok(())
}

/// Puts back the memberships of a restored object whose other end still exists, and answers how many. The
/// members of a restored group are covered by its creation in the change log.
pub(crate) fn bring_back(tx: &mut Tx, change: &Change, object: &Object) -> Result<usize> {
    let groups = tx.query(BRING_BACK, &[object.key.into()], |row| row.int(0))?;
    for group in groups.iter().filter(|group| **group != object.key) {
        tell(tx, change, Action::AddMember, *group, object.key)?;
    }
    Ok(groups.len())
}

/// What one membership's end or beginning means for its group: a change, and a new version.
fn tell(tx: &mut Tx, change: &Change, action: Action, group: i64, member: i64) -> Result<()> {
    change_log::append(tx, change, action, Kind::Group, group, member)?;
    directory::touch(tx, change.now, group)
}
