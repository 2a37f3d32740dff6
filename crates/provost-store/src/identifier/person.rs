//! How each person of a workspace stands to a tenant that was read. A person is in the list from the moment they are in
//! the directory, so that the numbers are of everybody.

use super::LinkState;
use crate::{Param, Result, Tx};

crate::statements! {
    GET = "SELECT object, state, account, score, why, reason, owner, exempted, actor FROM tenant_person \
           WHERE connection = $1 AND object = $2";
    ARRIVED = "INSERT INTO tenant_person (connection, object, name_key, state, account, score, why, reason, owner, exempted, actor) \
               SELECT t.connection, CAST($1 AS BIGINT), CAST($2 AS TEXT), 1, '', 0, '', '', '', 0, '' FROM tenant_read t \
               WHERE t.workspace = $3 ON CONFLICT DO NOTHING";
    BACK = "UPDATE tenant_person SET state = 4, account = $1 WHERE connection = $2 AND object = $3";
    RENAMED = "UPDATE tenant_person SET name_key = $1 WHERE object = $2";
    LEFT = "DELETE FROM tenant_person WHERE object = $1";
    UNSUGGESTED = "UPDATE tenant_account SET state = 1, person = 0, score = 0, why = '' WHERE person = $1 AND person > 0 AND state = 2";
    TIED = "SELECT t.connection, t.id FROM tenant_account t WHERE t.person = $1 AND t.person > 0 AND t.state = 4 \
            ORDER BY t.person, t.connection";
    SETTLED = "UPDATE tenant_person SET state = 4, account = $1, score = 0, why = '', reason = '', owner = '', exempted = 0, \
               actor = '' WHERE connection = $2 AND object = $3";
    FREE = "UPDATE tenant_person SET state = 1, account = '', score = 0, why = '' \
            WHERE connection = $1 AND object = $2 AND state <> 3";
}

/// How a person stands to a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The inside key.
    pub object: i64,
    /// How they stand.
    pub state: LinkState,
    /// The account that is linked or suggested; empty for none.
    pub account: String,
    /// How likely the suggestion is, 1 to 100; 0 for none.
    pub score: i64,
    /// Why it is suggested, in words.
    pub why: String,
    /// Why nobody needs an account for them, where they are exempt.
    pub reason: String,
    /// Who answers for the exemption.
    pub owner: String,
    /// Since when.
    pub exempted: i64,
    /// Who exempted them.
    pub actor: String,
}

/// How a person stands to a connection's tenant; none before it was read.
///
/// # Errors
/// Any error of the database.
pub fn person(tx: &mut Tx, connection: i64, object: i64) -> Result<Option<Person>> {
    tx.first(GET, &[connection.into(), object.into()], |r| {
        Ok(Person {
            object: r.int(0)?,
            state: LinkState::of(r.int(1)?),
            account: r.text(2)?,
            score: r.int(3)?,
            why: r.text(4)?,
            reason: r.text(5)?,
            owner: r.text(6)?,
            exempted: r.int(7)?,
            actor: r.text(8)?,
        })
    })
}

/// Puts people (key and folded name) into the list who are not in it yet, and ties those whose account is known.
///
/// # Errors
/// Any error of the database.
pub fn add_people(tx: &mut Tx, connection: i64, people: &[(i64, String)]) -> Result<()> {
    tx.batches(
        &[],
        people,
        |(key, name)| {
            [
                connection.into(),
                Param::Int(*key),
                Param::Text(name),
                Param::Int(LinkState::Unlinked.number()),
                Param::Text(""),
                Param::Int(0),
                Param::Text(""),
                Param::Text(""),
                Param::Text(""),
                Param::Int(0),
                Param::Text(""),
            ]
        },
        |list| {
            format!(
                "INSERT INTO tenant_person (connection, object, name_key, state, account, score, why, reason, owner, \
                 exempted, actor) VALUES {list} ON CONFLICT DO NOTHING"
            )
        },
        |_| Ok(()),
    )?;
    for (key, _) in people {
        tie_known(tx, connection, *key)?;
    }
    Ok(())
}

fn tie_known(tx: &mut Tx, connection: i64, object: i64) -> Result<()> {
    let tied = tx.query(TIED, &[object.into()], |r| Ok((r.int(0)?, r.text(1)?)))?;
    for (_, account) in tied.iter().filter(|(of, _)| *of == connection) {
        tx.execute(BACK, &[account.into(), connection.into(), object.into()])?;
    }
    Ok(())
}

/// A person came into the directory, or back from the recycle bin.
pub(crate) fn arrived(tx: &mut Tx, workspace: i64, object: i64, name: &str) -> Result<()> {
    if tx.execute(ARRIVED, &[object.into(), name.into(), workspace.into()])? == 0 {
        return Ok(());
    }
    let tied = tx.query(TIED, &[object.into()], |r| Ok((r.int(0)?, r.text(1)?)))?;
    for (connection, account) in &tied {
        tx.execute(BACK, &[account.into(), (*connection).into(), object.into()])?;
    }
    Ok(())
}

/// A person has another name.
pub(crate) fn renamed(tx: &mut Tx, object: i64, name: &str) -> Result<()> {
    tx.execute(RENAMED, &[name.into(), object.into()])?;
    Ok(())
}

/// A person left the directory. What they hold they keep: they may come back.
pub(crate) fn left(tx: &mut Tx, object: i64) -> Result<()> {
    if tx.execute(LEFT, &[object.into()])? > 0 {
        tx.execute(UNSUGGESTED, &[object.into()])?;
    }
    Ok(())
}

/// A person is linked to an account.
pub(super) fn settled(tx: &mut Tx, connection: i64, object: i64, account: &str) -> Result<()> {
    tx.execute(SETTLED, &[account.into(), connection.into(), object.into()])?;
    Ok(())
}

/// A person is linked to nobody, and nobody is suggested.
pub(super) fn free(tx: &mut Tx, connection: i64, object: i64) -> Result<()> {
    tx.execute(FREE, &[connection.into(), object.into()])?;
    Ok(())
}
