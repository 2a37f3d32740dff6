//! Both sides of membership: `members` of a group and `groups` of a person. They are kept as rows of their
//! own, beside the documents.

use super::done::View;
use crate::error::Result;
use provost_engine::object::Kind;
use provost_scim::Error;
use provost_scim::patch::{Member, MemberChange};
use provost_scim::project::Projection;
use provost_store::Tx;
use provost_store::directory::{Change, Object, Owner};
use provost_store::member::{self, Joining, Peer};
use provost_store::provider::{Provider, UnknownMembers};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use uuid::Uuid;

/// Unknown members that an error names; the rest it counts.
const NAMED: usize = 10;

/// The attribute that shows the other ends of an object's memberships.
pub(crate) fn attribute(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "groups",
        Kind::Group => "members",
    }
}

/// Whether the answer shows memberships. When it does not, they are not read: a group may have 200,000.
pub(crate) fn is_wanted(kind: Kind, projection: &Projection) -> bool {
    projection.wants(attribute(kind))
}

/// Whether an operation's answer shows memberships.
pub(crate) fn is_shown(kind: Kind, view: &View) -> bool {
    view.projection()
        .is_some_and(|projection| is_wanted(kind, projection))
}

/// The other ends of the memberships of the object with this inside key.
pub(crate) fn peers(tx: &mut Tx, kind: Kind, key: i64) -> Result<Vec<Peer>> {
    Ok(match kind {
        Kind::Person => member::groups_of(tx, key)?,
        Kind::Group => member::of_group(tx, key, 0, i64::MAX)?,
    })
}

/// A change of members whose ids are known to exist.
pub(crate) enum Resolved {
    Add(Vec<Joining>),
    Remove(Vec<(i64, Uuid)>),
    Set(Vec<Joining>),
}

impl Resolved {
    /// Whether the change leaves the group's members as they are.
    pub fn is_idle(&self, tx: &mut Tx, group: &Object) -> Result<bool> {
        match self {
            Self::Add(members) => {
                for member in members {
                    if !member::contains(tx, group.key, member.key)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Remove(members) => {
                for (key, _) in members {
                    if member::contains(tx, group.key, *key)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Set(members) => {
                let wanted: BTreeSet<i64> = members.iter().map(|member| member.key).collect();
                let is_same =
                    |keys: Vec<i64>| keys.len() == wanted.len() && keys.iter().all(|k| wanted.contains(k));
                Ok(is_same(member::keys(tx, group.key)?))
            }
        }
    }
}

/// Finds everybody that the changes name, before anything is changed. Who is to leave and is nobody is
/// passed over: that they are not in the group is what was asked for. Who is to join and is nobody is refused
/// or, by the provider's setting, left out and answered as well.
///
/// # Errors
/// 400 `invalidValue` that names the ids which are nobody's.
pub(crate) fn resolve(
    tx: &mut Tx,
    provider: &Provider,
    changes: &[MemberChange],
) -> Result<(Vec<Resolved>, Vec<String>)> {
    let owner = provider.owner();
    let mut skipped = Vec::new();
    let mut resolved = Vec::with_capacity(changes.len());
    for change in changes {
        resolved.push(match change {
            MemberChange::Add(members) => Resolved::Add(existing(tx, owner, members, &mut skipped)?),
            MemberChange::Replace(members) => Resolved::Set(existing(tx, owner, members, &mut skipped)?),
            MemberChange::Remove(ids) => {
                let (known, _) = member::resolve(tx, owner, ids.iter().map(|id| (id.as_str(), None)))?;
                Resolved::Remove(known.into_iter().map(|one| (one.key, one.id)).collect())
            }
            MemberChange::RemoveAll => Resolved::Set(Vec::new()),
        });
    }
    if skipped.is_empty() || provider.settings.unknown_members == UnknownMembers::Skip {
        Ok((resolved, skipped))
    } else {
        Err(strangers(&skipped).into())
    }
}

fn existing(
    tx: &mut Tx,
    owner: Owner,
    members: &[Member],
    skipped: &mut Vec<String>,
) -> Result<Vec<Joining>> {
    let named = members
        .iter()
        .map(|member| (member.value.as_str(), member.display.as_deref()));
    let (known, unknown) = member::resolve(tx, owner, named)?;
    skipped.extend(unknown);
    Ok(known)
}

fn strangers(ids: &[String]) -> Error {
    let shown = ids
        .iter()
        .take(NAMED)
        .map(|id| id.chars().take(64).collect::<String>());
    let mut detail = format!(
        "members: there is no User or Group with the id {}",
        shown.collect::<Vec<_>>().join(", ")
    );
    if ids.len() > NAMED {
        // Writing into a String has no way to fail.
        let _ = write!(detail, " and {} more", ids.len() - NAMED);
    }
    detail.push_str("; nothing was changed, create them first");
    Error::invalid_value(detail)
}

/// Changes the group's members, in order. Answers how many memberships came or went.
///
/// # Errors
/// 400 `invalidValue` when the group would become a member of itself.
pub(crate) fn apply(tx: &mut Tx, change: &Change, group: &Object, changes: &[Resolved]) -> Result<usize> {
    let mut changed = 0;
    for step in changes {
        if let Resolved::Add(members) | Resolved::Set(members) = step
            && members.iter().any(|member| member.key == group.key)
        {
            return Err(Error::invalid_value("members: a group cannot be a member of itself").into());
        }
        changed += match step {
            Resolved::Add(members) => member::add(tx, change, group, members)?,
            Resolved::Remove(members) => member::remove(tx, change, group, members)?,
            Resolved::Set(members) => member::set(tx, change, group, members)?,
        };
    }
    Ok(changed)
}
