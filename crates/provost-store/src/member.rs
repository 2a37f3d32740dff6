//! Memberships: a row each, so that one person joins a group of 200,000 by one small statement.

use crate::directory::{self, Change, Object, Owner, kind_of};
use crate::{Result, Tx, audit, change_log};
use provost_engine::object::Kind;
use uuid::Uuid;

crate::statements! {
    ADD = "INSERT INTO member (group_key, member_key, display) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    REMOVE = "DELETE FROM member WHERE group_key = $1 AND member_key = $2";
    KEYS = "SELECT member_key FROM member WHERE group_key = $1 ORDER BY member_key";
    OF_GROUP = "SELECT o.id, COALESCE(m.display, o.label), o.kind, o.key FROM member m JOIN object o ON o.key = m.member_key \
                WHERE m.group_key = $1 AND m.member_key > $2 ORDER BY m.member_key LIMIT $3";
    GROUPS_OF = "SELECT o.id, o.label, o.kind, o.key FROM member m JOIN object o ON o.key = m.group_key \
                 WHERE m.member_key = $1 ORDER BY m.group_key LIMIT 2000";
    GROUP_KEYS = "SELECT group_key FROM member WHERE member_key = $1";
    HAS = "SELECT 1 FROM member WHERE group_key = $1 AND member_key = $2";
    DROP_GROUP = "DELETE FROM member WHERE group_key = $1";
    DROP_MEMBER = "DELETE FROM member WHERE member_key = $1";
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
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for (text, display) in ids {
        let found = match Uuid::parse_str(text) {
            Ok(id) => directory::key_of(tx, owner, id)?.map(|(key, _, label)| (key, id, label)),
            Err(_) => None,
        };
        match found {
            Some((key, id, label)) => {
                let display = display.filter(|name| *name != label).map(str::to_owned);
                known.push(Joining { key, id, display });
            }
            None => unknown.push(text.to_owned()),
        }
    }
    Ok((known, unknown))
}

/// Adds members to a group; who is in it already is left alone.
///
/// # Errors
/// Any error of the database.
pub fn add(tx: &mut Tx, change: &Change, group: &Object, members: &[Joining]) -> Result<usize> {
    let mut added = Vec::new();
    for member in members {
        if tx.execute(
            ADD,
            &[
                group.key.into(),
                member.key.into(),
                member.display.as_deref().into(),
            ],
        )? > 0
        {
            change_log::append(
                tx,
                change,
                change_log::Action::AddMember,
                Kind::Group,
                group.key,
                member.key,
            )?;
            added.push(member.id.to_string());
        }
    }
    note(tx, change, group, "group.add_member", &added)
}

/// Removes members from a group; who is not in it is passed over.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, change: &Change, group: &Object, members: &[(i64, Uuid)]) -> Result<usize> {
    let mut removed = Vec::new();
    for (key, id) in members {
        if tx.execute(REMOVE, &[group.key.into(), (*key).into()])? > 0 {
            change_log::append(
                tx,
                change,
                change_log::Action::RemoveMember,
                Kind::Group,
                group.key,
                *key,
            )?;
            removed.push(id.to_string());
        }
    }
    note(tx, change, group, "group.remove_member", &removed)
}

/// One audit row for the whole change, and the group's new version.
fn note(tx: &mut Tx, change: &Change, group: &Object, action: &str, ids: &[String]) -> Result<usize> {
    if !ids.is_empty() {
        directory::touch(tx, change.now, group.key)?;
        audit::append(
            tx,
            change.owner.workspace,
            change.now,
            change.actor,
            action,
            group.id,
            &ids.join(" "),
        )?;
    }
    Ok(ids.len())
}

/// Makes the members exactly `members`.
///
/// # Errors
/// Any error of the database.
pub fn set(tx: &mut Tx, change: &Change, group: &Object, members: &[Joining]) -> Result<usize> {
    let wanted: std::collections::HashSet<i64> = members.iter().map(|m| m.key).collect();
    let mut gone = Vec::new();
    for key in tx.query(KEYS, &[group.key.into()], |row| row.int(0))? {
        if !wanted.contains(&key)
            && let Some(object) = directory::by_key(tx, key)?
        {
            gone.push((key, object.id));
        }
    }
    Ok(remove(tx, change, group, &gone)? + add(tx, change, group, members)?)
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
        change_log::append(
            tx,
            change,
            change_log::Action::RemoveMember,
            Kind::Group,
            group,
            object.key,
        )?;
        directory::touch(tx, change.now, group)?;
    }
    tx.execute(DROP_MEMBER, &[object.key.into()])?;
    if object.kind == Kind::Group {
        tx.execute(DROP_GROUP, &[object.key.into()])?;
    }
    Ok(())
}
