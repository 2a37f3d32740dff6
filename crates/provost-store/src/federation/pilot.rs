//! Trials of the sign-in before the domain is switched: what an assertion about a person said once it was verified, beside
//! what their account says now.

use crate::identifier::LinkState;
use crate::microsoft_365::Provider;
use crate::{Result, Row, Tx, audit};
use uuid::Uuid;

crate::statements! {
    PUT = "INSERT INTO federation_pilot (provider, person, at, name, immutable_id, issuer, certificate, two_factor, assertion) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (provider, person) DO UPDATE SET at = excluded.at, \
           name = excluded.name, immutable_id = excluded.immutable_id, issuer = excluded.issuer, \
           certificate = excluded.certificate, two_factor = excluded.two_factor, assertion = excluded.assertion";
    NEWEST = "SELECT p.at, p.name, p.immutable_id, p.issuer, p.certificate, p.two_factor, p.assertion, o.id, \
              COALESCE(o.active, FALSE), o.blocked, COALESCE(t.name, ''), COALESCE(t.immutable_id, ''), \
              COALESCE(t.enabled, FALSE), t.state \
              FROM federation_pilot p LEFT JOIN object o ON o.key = p.person \
              LEFT JOIN tenant_account t ON t.person = p.person AND t.person > 0 AND t.connection = $1 \
              WHERE p.provider = $2 ORDER BY p.at DESC LIMIT $3";
    OTHER_PERSON = "UPDATE federation_pilot SET person = $1 WHERE person = $2 \
                    AND provider NOT IN (SELECT m.provider FROM federation_pilot m WHERE m.person = $3)";
    FORGET_PERSON = "DELETE FROM federation_pilot WHERE person = $1";
    FORGET = "DELETE FROM federation_pilot WHERE provider = $1";
}

/// What was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The userPrincipalName that was said.
    pub name: String,
    /// The immutable id that was said.
    pub immutable_id: String,
    /// The issuer.
    pub issuer: String,
    /// The SHA-256 of the certificate whose key has signed, in hexadecimal.
    pub certificate: String,
    /// Whether a second factor was claimed.
    pub two_factor: bool,
    /// The id of the assertion.
    pub assertion: String,
}

/// A trial, and what the account of its person says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pilot {
    /// What was verified.
    pub trial: Trial,
    /// The person's public id; none while they are deleted.
    pub person: Option<Uuid>,
    /// Whether they may sign in here, and their account there.
    pub is_open: bool,
    /// The account's userPrincipalName, as it was read last; empty where they are linked to none.
    pub name: String,
    /// The account's immutable id, as it was read last.
    pub immutable_id: String,
}

fn read(row: &Row) -> Result<Pilot> {
    let is_linked = row.int_or_null(13)?.map(LinkState::of) == Some(LinkState::Linked);
    let is_active = row.bool(8)? && row.int_or_null(9)?.is_none();
    let of_account = |text: String| if is_linked { text } else { String::new() };
    Ok(Pilot {
        trial: Trial {
            at: row.int(0)?,
            name: row.text(1)?,
            immutable_id: row.text(2)?,
            issuer: row.text(3)?,
            certificate: row.text(4)?,
            two_factor: row.bool(5)?,
            assertion: row.text(6)?,
        },
        person: row.uuid_or_null(7)?,
        is_open: is_active && row.bool(12)?,
        name: of_account(row.text(10)?),
        immutable_id: of_account(row.text(11)?),
    })
}

/// Who a trial is about, for its row and the audit log: the inside key, the actor's name, the public id.
pub type Whose<'a> = (i64, &'a str, Uuid);

/// Keeps a person's trial in the place of the one before.
///
/// # Errors
/// Any error of the database.
pub fn put_trial(
    tx: &mut Tx,
    provider: &Provider,
    (person, actor, id): Whose<'_>,
    trial: &Trial,
) -> Result<()> {
    let params = [
        provider.key.into(),
        person.into(),
        trial.at.into(),
        (&trial.name).into(),
        (&trial.immutable_id).into(),
        (&trial.issuer).into(),
        (&trial.certificate).into(),
        trial.two_factor.into(),
        (&trial.assertion).into(),
    ];
    tx.execute(PUT, &params)?;
    let detail = format!(
        "provider {}, assertion {}, {}, verified and not sent",
        provider.name, trial.assertion, trial.name
    );
    audit::append_named(
        tx,
        provider.workspace,
        trial.at,
        actor,
        "federation.trial",
        &id.hyphenated().to_string(),
        &detail,
    )
}

/// A provider's newest trials, one for each person, newest first.
///
/// # Errors
/// Any error of the database.
pub fn pilots(tx: &mut Tx, provider: &Provider, limit: i64) -> Result<Vec<Pilot>> {
    let connection = provider.connection.unwrap_or(0);
    tx.query(
        NEWEST,
        &[connection.into(), provider.key.into(), limit.into()],
        read,
    )
}

/// The trials of `goes` become those of `stays`, who was found to be the same and keeps their own.
pub(crate) fn move_pilot(tx: &mut Tx, stays: i64, goes: i64) -> Result<()> {
    tx.execute(OTHER_PERSON, &[stays.into(), goes.into(), stays.into()])?;
    forget_pilot(tx, goes)
}

/// Forgets the trials of somebody who is gone for good.
pub(crate) fn forget_pilot(tx: &mut Tx, person: i64) -> Result<()> {
    tx.execute(FORGET_PERSON, &[person.into()])?;
    Ok(())
}

pub(super) fn forget(tx: &mut Tx, provider: i64) -> Result<()> {
    tx.execute(FORGET, &[provider.into()])?;
    Ok(())
}
