//! What became of each request to sign in at a provider's relying party: issued with which assertion, or refused, and
//! why. The audit log has a row for each besides; this is the list that somebody who looks for a fault reads.

use crate::{Result, Row, Tx, word};
use uuid::Uuid;

macro_rules! columns {
    () => {
        "f.key, f.at, f.protocol, f.outcome, f.reason, f.name, f.assertion, f.method, f.address, o.id, \
         COALESCE(o.label, d.label, '') FROM federated_signin f LEFT JOIN object o ON o.key = f.person \
         LEFT JOIN deleted_object d ON d.key = f.person"
    };
}

crate::statements! {
    PUT = "INSERT INTO federated_signin (key, workspace, provider, person, at, protocol, outcome, reason, name, assertion, \
           method, address) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    BEFORE = concat!("SELECT ", columns!(), " WHERE f.provider = $1 AND f.key < $2 ORDER BY f.key DESC LIMIT $3");
    BEFORE_OF = concat!("SELECT ", columns!(), " WHERE f.provider = $1 AND f.outcome = $2 AND f.key < $3 \
                ORDER BY f.key DESC LIMIT $4");
    OTHER_PERSON = "UPDATE federated_signin SET person = $1 WHERE person = $2";
    FORGET_PERSON = "DELETE FROM federated_signin WHERE person = $1";
    FORGET = "DELETE FROM federated_signin WHERE key IN \
              (SELECT f.key FROM federated_signin f WHERE f.at <= $1 ORDER BY f.at LIMIT $2)";
}

word::words! {
    /// How the relying party asked.
    Protocol, "protocol of a sign-in":
    /// SAML 2.0.
    Saml = "saml",
    /// WS-Federation, the passive profile.
    WsFederation = "ws_federation",
}

word::words! {
    /// What became of it.
    Outcome, "outcome of a sign-in":
    /// An assertion was issued.
    Issued = "issued",
    /// None was.
    Refused = "refused",
}

/// A sign-in to be noted.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The workspace.
    pub workspace: i64,
    /// The key of the Microsoft 365 provider.
    pub provider: i64,
    /// Who was signed in; none where nobody was.
    pub person: Option<i64>,
    /// How it was asked.
    pub protocol: Protocol,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused: a word that never changes its meaning; empty where it was not.
    pub reason: &'a str,
    /// The userPrincipalName that was sent; empty where none was.
    pub name: &'a str,
    /// The id of the assertion; empty where none was issued.
    pub assertion: &'a str,
    /// How the person had proved who they are; empty where nobody was known.
    pub method: &'a str,
    /// The network address of the browser.
    pub address: &'a str,
}

/// A sign-in as it was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The inside key, which orders them.
    pub key: i64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// How it was asked.
    pub protocol: Protocol,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused; empty where it was not.
    pub reason: String,
    /// The userPrincipalName that was sent; empty where none was.
    pub name: String,
    /// The id of the assertion; empty where none was issued.
    pub assertion: String,
    /// How the person had proved who they are; empty where nobody was known.
    pub method: String,
    /// The network address of the browser.
    pub address: String,
    /// The person's public id; none where nobody was known, and while they are deleted.
    pub person: Option<Uuid>,
    /// What to call them; empty where nobody was known.
    pub label: String,
}

fn read(row: &Row) -> Result<Line> {
    Ok(Line {
        key: row.int(0)?,
        at: row.int(1)?,
        protocol: row.str(2)?.parse()?,
        outcome: row.str(3)?.parse()?,
        reason: row.text(4)?,
        name: row.text(5)?,
        assertion: row.text(6)?,
        method: row.text(7)?,
        address: row.text(8)?,
        person: row.uuid_or_null(9)?,
        label: row.text(10)?,
    })
}

/// Notes a sign-in, in the transaction that issues or refuses it.
///
/// # Errors
/// Any error of the database.
pub fn note(tx: &mut Tx, now: i64, new: &New) -> Result<()> {
    let key = tx.key();
    let params = [
        key.into(),
        new.workspace.into(),
        new.provider.into(),
        new.person.unwrap_or(0).into(),
        now.into(),
        new.protocol.as_str().into(),
        new.outcome.as_str().into(),
        new.reason.into(),
        new.name.into(),
        new.assertion.into(),
        new.method.into(),
        new.address.into(),
    ];
    tx.execute(PUT, &params)?;
    Ok(())
}

/// A provider's sign-ins before the one with the key `before` (none: from the newest on), newest first, of one outcome
/// or of both.
///
/// # Errors
/// Any error of the database.
pub fn page(
    tx: &mut Tx,
    provider: i64,
    outcome: Option<Outcome>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Line>> {
    let before = before.unwrap_or(i64::MAX);
    match outcome {
        None => tx.query(BEFORE, &[provider.into(), before.into(), limit.into()], read),
        Some(outcome) => {
            let params = [
                provider.into(),
                outcome.as_str().into(),
                before.into(),
                limit.into(),
            ];
            tx.query(BEFORE_OF, &params, read)
        }
    }
}

/// The sign-ins of `goes` become those of `stays`, who was found to be the same.
pub(crate) fn move_to(tx: &mut Tx, stays: i64, goes: i64) -> Result<()> {
    tx.execute(OTHER_PERSON, &[stays.into(), goes.into()])?;
    Ok(())
}

/// Forgets the sign-ins of somebody who is gone for good.
pub(crate) fn forget_person(tx: &mut Tx, person: i64) -> Result<()> {
    tx.execute(FORGET_PERSON, &[person.into()])?;
    Ok(())
}

/// Forgets sign-ins of `before` and earlier, at most `limit`, and answers how many.
///
/// # Errors
/// Any error of the database.
pub fn forget_old(tx: &mut Tx, before: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[before.into(), limit.into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
