//! An administrator's block: it stands beside what the provider says, and no provider lifts it.

use super::{Change, Object, by_key};
use crate::{Error, Result, Tx, audit, change_log, person_signin};
use provost_engine::object::Kind;

crate::statements! {
    BLOCK = "UPDATE object SET blocked = $1 WHERE key = $2";
    // The recycle bin remembers blocks by name: lifting one must not leave another behind.
    FORGET = "UPDATE deleted_object SET blocked = NULL WHERE workspace = $1 AND kind = 0 AND blocked IS NOT NULL AND name_key = \
              (SELECT o.name_key FROM object o WHERE o.key = $2)";
}

/// Blocks a person: every target disables the account, whatever the provider says, until somebody unblocks
/// the person. What SCIM shows stays as it is, `active` and version included. Blocking again changes nothing.
///
/// `reason` goes to the audit log.
///
/// # Errors
/// [`Error::Refused`] for a group, and for a person who was deleted meanwhile.
pub fn block(tx: &mut Tx, actor: &str, now: i64, object: &Object, reason: &str) -> Result<Object> {
    set(tx, actor, now, object, Some(now), reason)
}

/// Lifts an administrator's block: from now on the provider's `active` decides again. Without a block nothing
/// changes.
///
/// # Errors
/// As [`block`].
pub fn unblock(tx: &mut Tx, actor: &str, now: i64, object: &Object) -> Result<Object> {
    set(tx, actor, now, object, None, "")
}

fn set(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    object: &Object,
    blocked: Option<i64>,
    reason: &str,
) -> Result<Object> {
    if object.kind == Kind::Group {
        let sentence = format!("{} is a group, and only people can be blocked", object.label);
        return Err(Error::refused(
            "PRV-BLOCK-GROUP",
            sentence,
            "Block its members one by one.",
        ));
    }
    let Some(current) = by_key(tx, object.key)? else {
        let sentence = format!("{} is no longer in the directory", object.label);
        return Err(Error::refused(
            "PRV-PERSON-GONE",
            sentence,
            "Look among the deleted people.",
        ));
    };
    if current.blocked.is_some() == blocked.is_some() {
        return Ok(current);
    }
    tx.execute(BLOCK, &[blocked.into(), current.key.into()])?;
    if blocked.is_none() {
        tx.execute(FORGET, &[current.workspace.into(), current.key.into()])?;
    } else {
        person_signin::shut(tx, now, current.key)?;
    }
    let change = Change {
        owner: current.owned_by(),
        actor,
        now,
    };
    let action = change_log::Action::Update;
    change_log::append(tx, &change, action, Kind::Person, current.key, 0)?;
    let action = if blocked.is_some() {
        "person.block"
    } else {
        "person.unblock"
    };
    audit::append(tx, current.workspace, now, actor, action, current.id, reason)?;
    Ok(Object { blocked, ..current })
}
