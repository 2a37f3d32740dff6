//! Links that a person breaks or makes: with an audit row, and the object is looked at again.

use super::{Link, object_of_target, put, remove};
use crate::connection::Connection;
use crate::directory::Object;
use crate::{Error, Result, Tx, audit, doubt, reference, revisit, sync_status};

crate::statements! {
    GET = "SELECT l.target_id, l.object_id FROM link l JOIN rule r ON r.key = l.rule \
           WHERE l.rule = $1 AND l.object = $2 AND r.connection = $3";
    OF_CONNECTION = "SELECT 1 FROM rule WHERE key = $1 AND connection = $2";
    REFERENCES = "SELECT attribute FROM pending_reference WHERE rule = $1 AND object = $2";
    DROP_MEMBER = "DELETE FROM link_member WHERE member_key = $1 AND rule IN (SELECT key FROM rule WHERE connection = $2)";
}

/// Breaks the link of an object: the account stays, and the next cycle looks for a match again. `false`: there
/// is no such link in the connection.
///
/// # Errors
/// Any error of the database.
pub fn unlink(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    rule: i64,
    object: i64,
) -> Result<bool> {
    let params = [rule.into(), object.into(), connection.key.into()];
    let found = tx.first(GET, &params, |r| Ok((r.text(0)?, r.uuid(1)?)))?;
    let Some((target_id, id)) = found else {
        return Ok(false);
    };
    forget(tx, connection, rule, object)?;
    revisit::ask(tx, connection.key, object, 0, now, "unlinked")?;
    let detail = format!("connection {}, target {target_id}", connection.name);
    audit::append(tx, connection.workspace, now, actor, "link.unlink", id, &detail)?;
    Ok(true)
}

/// Forgets everything that was written through a link, its memberships among it, and what was the matter with it.
fn forget(tx: &mut Tx, connection: &Connection, rule: i64, object: i64) -> Result<()> {
    for attribute in tx.query(REFERENCES, &[rule.into(), object.into()], |r| r.text(0))? {
        reference::settle(tx, rule, object, &attribute)?;
    }
    tx.execute(DROP_MEMBER, &[object.into(), connection.key.into()])?;
    sync_status::clear(tx, rule, &[object])?;
    doubt::clear(tx, rule, object)?;
    remove(tx, rule, object)
}

/// The link to make.
#[derive(Debug, Clone, Copy)]
pub struct Relink<'a> {
    /// The rule's key.
    pub rule: i64,
    /// The directory object.
    pub object: &'a Object,
    /// The target object's id.
    pub target_id: &'a str,
}

/// Links an object to a target object that a person chose, in the place of an older link. Nothing is known of
/// what stands there, so the next cycle writes every mapped attribute. Whether the target has such an object
/// is the caller's to ask.
///
/// # Errors
/// [`Error::Refused`]: `PRV-LINK-RULE` when the rule is not one of the connection, `PRV-LINK-TAKEN` when
/// another object is linked to that target object.
pub fn relink(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, to: &Relink) -> Result<()> {
    let object = to.object;
    let params = [to.rule.into(), connection.key.into()];
    if tx.first(OF_CONNECTION, &params, |_| Ok(()))?.is_none() || object.workspace != connection.workspace {
        let sentence = format!(
            "{} cannot be linked by a rule of another connection",
            object.label
        );
        let hint = "Name a rule of this connection.";
        return Err(Error::refused("PRV-LINK-RULE", sentence, hint));
    }
    if let Some(other) = object_of_target(tx, to.rule, to.target_id)?.filter(|key| *key != object.key) {
        let sentence = format!(
            "the target object {} is linked to another object of the directory (key {other})",
            to.target_id
        );
        let hint = "Unlink that one first, or choose another target object.";
        return Err(Error::refused("PRV-LINK-TAKEN", sentence, hint));
    }
    let before = super::get(tx, to.rule, object.key)?.map(|link| link.target_id);
    forget(tx, connection, to.rule, object.key)?;
    let link = Link {
        rule: to.rule,
        object: object.key,
        object_id: object.id,
        target_id: to.target_id.to_owned(),
        label: object.label.clone(),
        ..Link::default()
    };
    put(tx, now, &link)?;
    reference::renew(tx, connection.key, &[object.id])?;
    revisit::ask(tx, connection.key, object.key, 0, now, "relinked")?;
    let was = before.map_or_else(String::new, |id| format!(", was {id}"));
    let detail = format!("connection {}, target {}{was}", connection.name, to.target_id);
    audit::append(
        tx,
        connection.workspace,
        now,
        actor,
        "link.relink",
        object.id,
        &detail,
    )
}
