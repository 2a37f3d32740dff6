//! Accounts and people that need nobody on the other side: somebody says so, with a reason and an owner.

use super::{LinkState, account, person};
use crate::connection::Connection;
use crate::directory::Object;
use crate::{Error, Result, Tx, audit};

crate::statements! {
    ACCOUNT = "UPDATE tenant_account SET state = 3, person = 0, immutable_state = 0, score = 0, why = '', reason = $1, \
               owner = $2, exempted = $3, actor = $4 WHERE connection = $5 AND id = $6";
    PERSON = "UPDATE tenant_person SET state = 3, account = '', score = 0, why = '', reason = $1, owner = $2, exempted = $3, \
              actor = $4 WHERE connection = $5 AND object = $6";
    ACCOUNT_BACK = "UPDATE tenant_account SET state = 1, reason = '', owner = '', exempted = 0, actor = '' \
                    WHERE connection = $1 AND id = $2 AND state = 3";
    PERSON_BACK = "UPDATE tenant_person SET state = 1, reason = '', owner = '', exempted = 0, actor = '' \
                   WHERE connection = $1 AND object = $2 AND state = 3";
}

/// Characters of a reason and of an owner.
const MOST: usize = 500;

/// Refuses an exemption that nobody could answer for.
fn refuse_bare(reason: &str, owner: &str) -> Result<()> {
    let fault = if reason.trim().is_empty() {
        "has no reason"
    } else if owner.trim().is_empty() {
        "has no owner"
    } else if reason.chars().count() > MOST || owner.chars().count() > MOST {
        "is too long"
    } else {
        return Ok(());
    };
    Err(Error::refused(
        "PRV-EXEMPTION-INCOMPLETE",
        format!("the exemption {fault}"),
        "Say why nobody is needed, and who answers for that, in up to 500 characters each.",
    ))
}

fn refuse_linked(label: &str, state: LinkState) -> Result<()> {
    if state != LinkState::Linked {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-EXEMPTION-LINKED",
        format!("{label} is linked, and needs no exemption"),
        "Unlink it first, if it must not be.",
    ))
}

/// Exempts an account. `false`: the tenant has no such account, as far as it was read.
///
/// # Errors
/// [`Error::Refused`]: `PRV-EXEMPTION-INCOMPLETE`, `PRV-EXEMPTION-LINKED`.
pub fn exempt_account(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    id: &str,
    (reason, owner): (&str, &str),
) -> Result<bool> {
    refuse_bare(reason, owner)?;
    let Some(found) = account(tx, connection.key, id)? else {
        return Ok(false);
    };
    refuse_linked(&found.facts.name, found.state)?;
    if found.state == LinkState::Suggested {
        person::free(tx, connection.key, found.person)?;
    }
    let params = [
        reason.trim().into(),
        owner.trim().into(),
        now.into(),
        actor.into(),
        connection.key.into(),
        id.into(),
    ];
    tx.execute(ACCOUNT, &params)?;
    told(
        tx,
        actor,
        now,
        connection,
        "identifier.exempt",
        &found.facts.name,
        reason,
        owner,
    )?;
    Ok(true)
}

/// Exempts a person. `false`: the tenant was not read yet.
///
/// # Errors
/// [`Error::Refused`]: `PRV-EXEMPTION-INCOMPLETE`, `PRV-EXEMPTION-LINKED`.
pub fn exempt_person(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    object: &Object,
    (reason, owner): (&str, &str),
) -> Result<bool> {
    refuse_bare(reason, owner)?;
    let Some(found) = person(tx, connection.key, object.key)? else {
        return Ok(false);
    };
    refuse_linked(&object.label, found.state)?;
    if found.state == LinkState::Suggested {
        account::free(tx, connection.key, &found.account)?;
    }
    let params = [
        reason.trim().into(),
        owner.trim().into(),
        now.into(),
        actor.into(),
        connection.key.into(),
        object.key.into(),
    ];
    tx.execute(PERSON, &params)?;
    let id = object.id.to_string();
    told(
        tx,
        actor,
        now,
        connection,
        "identifier.exempt",
        &id,
        reason,
        owner,
    )?;
    Ok(true)
}

/// Takes the exemption of an account back. `false`: it has none.
///
/// # Errors
/// Any error of the database.
pub fn withdraw_account(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    id: &str,
) -> Result<bool> {
    if tx.execute(ACCOUNT_BACK, &[connection.key.into(), id.into()])? == 0 {
        return Ok(false);
    }
    let name = account(tx, connection.key, id)?.map_or_else(|| id.to_owned(), |one| one.facts.name);
    withdrawn(tx, actor, now, connection, &name)?;
    Ok(true)
}

/// Takes the exemption of a person back. `false`: they have none.
///
/// # Errors
/// Any error of the database.
pub fn withdraw_person(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    object: &Object,
) -> Result<bool> {
    if tx.execute(PERSON_BACK, &[connection.key.into(), object.key.into()])? == 0 {
        return Ok(false);
    }
    withdrawn(tx, actor, now, connection, &object.id.to_string())?;
    Ok(true)
}

fn withdrawn(tx: &mut Tx, actor: &str, now: i64, connection: &Connection, subject: &str) -> Result<()> {
    let detail = format!("connection {}", connection.name);
    let action = "identifier.withdraw";
    audit::append_named(tx, connection.workspace, now, actor, action, subject, &detail)
}

#[allow(clippy::too_many_arguments)]
fn told(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    connection: &Connection,
    action: &str,
    subject: &str,
    reason: &str,
    owner: &str,
) -> Result<()> {
    let detail = format!(
        "connection {}, owner {}: {}",
        connection.name,
        owner.trim(),
        reason.trim()
    );
    audit::append_named(tx, connection.workspace, now, actor, action, subject, &detail)
}
