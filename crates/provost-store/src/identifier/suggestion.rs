//! Who may belong together. A suggestion ties nobody: a person has to say so.

use super::{account, person};
use crate::{Result, Tx};

crate::statements! {
    LIST = "SELECT id, person, score, why FROM tenant_account WHERE connection = $1 AND state = 2 AND (name_key, id) > ($2, $3) \
            ORDER BY name_key, id LIMIT $4";
    ACCOUNT = "UPDATE tenant_account SET state = 2, person = $1, score = $2, why = $3 WHERE connection = $4 AND id = $5 AND state = 1";
    PERSON = "UPDATE tenant_person SET state = 2, account = $1, score = $2, why = $3 \
              WHERE connection = $4 AND object = $5 AND state = 1";
}

/// An account and a person who may be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The object id of the account.
    pub account: String,
    /// The key of the person.
    pub object: i64,
    /// How likely it is, 1 to 100.
    pub score: i64,
    /// Why, in words.
    pub why: String,
}

/// A connection's suggestions, all of them.
///
/// # Errors
/// Any error of the database.
pub fn suggestions(tx: &mut Tx, connection: i64) -> Result<Vec<Suggestion>> {
    let params = [connection.into(), "".into(), "".into(), i64::MAX.into()];
    tx.query(LIST, &params, |r| {
        Ok(Suggestion {
            account: r.text(0)?,
            object: r.int(1)?,
            score: r.int(2)?,
            why: r.text(3)?,
        })
    })
}

/// Suggests two for each other who are both unlinked still. `false`: one of them is not.
///
/// # Errors
/// Any error of the database.
pub fn suggest(tx: &mut Tx, connection: i64, one: &Suggestion) -> Result<bool> {
    let why = one.why.as_str();
    let params = [
        one.object.into(),
        one.score.into(),
        why.into(),
        connection.into(),
        one.account.as_str().into(),
    ];
    if tx.execute(ACCOUNT, &params)? == 0 {
        return Ok(false);
    }
    let params = [
        one.account.as_str().into(),
        one.score.into(),
        why.into(),
        connection.into(),
        one.object.into(),
    ];
    if tx.execute(PERSON, &params)? == 0 {
        account::free(tx, connection, &one.account)?;
        return Ok(false);
    }
    Ok(true)
}

/// Takes a suggestion back, if it still stands.
///
/// # Errors
/// Any error of the database.
pub fn drop_suggestion(tx: &mut Tx, connection: i64, one: &Suggestion) -> Result<()> {
    let found = account(tx, connection, &one.account)?;
    let stands = found.is_some_and(|a| a.state == super::LinkState::Suggested && a.person == one.object);
    if stands {
        account::free(tx, connection, &one.account)?;
        person::free(tx, connection, one.object)?;
    }
    Ok(())
}
