//! Linking a person to an account, and taking that back.

use super::held::{self, Sort};
use super::{LinkState, account, person, reading};
use crate::connection::Connection;
use crate::directory::{self, Object};
use crate::{Error, Result, Tx, audit, link, recycle, revisit};
use uuid::Uuid;

crate::statements! {
    RULES_OF = "SELECT l.rule FROM link l JOIN rule r ON r.key = l.rule WHERE l.object = $1 AND l.target_id = $2 \
                AND r.connection = $3";
}

/// Ties a person to an account of a connection's tenant that was read, by its object id. Nothing is written to the
/// account; a cycle that means the person takes this account, and looks for no other.
///
/// # Errors
/// [`Error::Refused`]: `PRV-IDENTIFIER-UNKNOWN` when the tenant has no such account as far as it was read,
/// `PRV-IDENTIFIER-TAKEN` when somebody else holds its object id or its immutable id, `PRV-IDENTIFIER-LINKED` when the
/// person has another account in this tenant.
pub fn tie(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    object: &Object,
    id: &str,
) -> Result<()> {
    let Some(found) = account(tx, connection.key, id)? else {
        return Err(unknown(connection, id));
    };
    let workspace = connection.workspace;
    if found.state == LinkState::Linked && found.person == object.key {
        return Ok(());
    }
    held::refuse_taken(tx, workspace, Sort::Account, id, object.key)?;
    refuse_linked(tx, connection, object)?;
    let shown = found.facts.immutable_id.as_str();
    refuse_foreign(tx, workspace, shown, object)?;
    held::hold(tx, now, workspace, Sort::Account, id, object.key)?;
    settle(tx, workspace, object.key, object.id, id)?;
    let after = account(tx, connection.key, id)?.ok_or_else(|| unknown(connection, id))?;
    let stays = matches!(
        after.immutable,
        account::ImmutableState::Same | account::ImmutableState::Kept
    );
    if stays && !shown.is_empty() {
        held::hold(tx, now, workspace, Sort::Immutable, shown, object.key)?;
    }
    revisit::ask(tx, connection.key, object.key, 0, now, "linked")?;
    let detail = format!(
        "connection {}, account {id} ({})",
        connection.name, found.facts.name
    );
    audit::append(tx, workspace, now, actor, "identifier.link", object.id, &detail)
}

fn unknown(connection: &Connection, id: &str) -> Error {
    Error::refused(
        "PRV-IDENTIFIER-UNKNOWN",
        format!(
            "the tenant of \"{}\" has no account {id}, as far as it was read",
            connection.name
        ),
        "Read the accounts again, then choose one of the list.",
    )
}

fn refuse_linked(tx: &mut Tx, connection: &Connection, object: &Object) -> Result<()> {
    let Some(other) = held::account_of(tx, connection.key, object.key)? else {
        return Ok(());
    };
    let name = account(tx, connection.key, &other)?.map_or(other, |found| found.facts.name);
    Err(Error::refused(
        "PRV-IDENTIFIER-LINKED",
        format!("{} is linked to the account {name} of this tenant", object.label),
        "Unlink that one first; a person has one account in a tenant.",
    ))
}

/// An account that carries the immutable id of somebody else is theirs: with it they sign in.
fn refuse_foreign(tx: &mut Tx, workspace: i64, shown: &str, object: &Object) -> Result<()> {
    if shown.is_empty() {
        return Ok(());
    }
    held::refuse_taken(tx, workspace, Sort::Immutable, shown, object.key)?;
    let Some(id) = Uuid::try_parse(shown).ok().filter(|id| *id != object.id) else {
        return Ok(());
    };
    let label = match directory::key_by_id(tx, workspace, id)? {
        Some((key, _)) => directory::by_key(tx, key)?.map(|other| other.label),
        None => {
            let binned = recycle::find(tx, workspace, shown)?;
            binned.into_iter().find(|one| one.id == id).map(|one| one.label)
        }
    };
    let Some(label) = label else {
        return Ok(());
    };
    Err(Error::refused(
        "PRV-IDENTIFIER-TAKEN",
        format!("the account carries the immutable id {shown}, which is that of {label}"),
        "Link it to them, merge the two people if they are one, or choose another account.",
    ))
}

/// Notes in every tenant of the workspace that was read, and that has the account, who is linked to it.
pub(super) fn settle(tx: &mut Tx, workspace: i64, object: i64, own: Uuid, id: &str) -> Result<()> {
    for connection in reading::connections(tx, workspace)? {
        let (Some(read), Some(found)) = (reading(tx, connection)?, account(tx, connection, id)?) else {
            continue;
        };
        if found.state == LinkState::Suggested && found.person != object {
            person::free(tx, connection, found.person)?;
        }
        let before = person(tx, connection, object)?;
        if let Some(before) = before.filter(|one| one.state == LinkState::Suggested && one.account != id) {
            account::free(tx, connection, &before.account)?;
        }
        let immutable = account::immutable_of(&read, &found.facts, own);
        account::settled(tx, connection, id, object, immutable)?;
        person::settled(tx, connection, object, id)?;
    }
    Ok(())
}

/// A person does not hold an account any more, wherever that is noted.
pub(super) fn release(tx: &mut Tx, workspace: i64, object: i64, id: &str) -> Result<()> {
    held::let_go(tx, workspace, id, object)?;
    for connection in reading::connections(tx, workspace)? {
        let found = account(tx, connection, id)?;
        if found.is_some_and(|one| one.state == LinkState::Linked && one.person == object) {
            account::free(tx, connection, id)?;
        }
        let before = person(tx, connection, object)?;
        if before.is_some_and(|one| one.state == LinkState::Linked && one.account == id) {
            person::free(tx, connection, object)?;
        }
    }
    Ok(())
}

/// Unlinks a person from their account in a connection's tenant: the account stays as it is. A cycle that means the
/// person looks for a match again. `false`: they are not linked there.
///
/// # Errors
/// Any error of the database.
pub fn untie(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, id: &str) -> Result<bool> {
    let found = account(tx, connection.key, id)?;
    let Some(found) = found.filter(|one| one.state == LinkState::Linked) else {
        return Ok(false);
    };
    let params = [found.person.into(), id.into(), connection.key.into()];
    for rule in tx.query(RULES_OF, &params, |r| r.int(0))? {
        link::unlink(tx, actor, now, connection, rule, found.person)?;
    }
    release(tx, connection.workspace, found.person, id)?;
    revisit::ask(tx, connection.key, found.person, 0, now, "unlinked")?;
    let who = found.person_id.map_or(found.person_label, |id| id.to_string());
    let detail = format!(
        "connection {}, account {id} ({})",
        connection.name, found.facts.name
    );
    audit::append_named(
        tx,
        connection.workspace,
        now,
        actor,
        "identifier.unlink",
        &who,
        &detail,
    )?;
    Ok(true)
}
