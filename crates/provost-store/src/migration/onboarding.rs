//! Who signed in during a migration, and what came of it: a row for each account of the tenant.

use crate::microsoft_365::Provider;
use crate::{Result, Row, Tx, audit, word};
use uuid::Uuid;

macro_rules! columns {
    () => {
        "n.key, n.provider, n.workspace, n.account, n.name, n.label, n.typed, n.person, n.state, n.conflict, n.first, n.last, \
         n.onboarded, n.decided, n.actor, n.reason, o.id, COALESCE(o.label, '')"
    };
}
macro_rules! joined {
    () => {
        " FROM onboarding n LEFT JOIN object o ON o.key = n.person "
    };
}
pub(super) use {columns, joined};

crate::statements! {
    GET = concat!("SELECT ", columns!(), joined!(), "WHERE n.provider = $1 AND n.account = $2");
    OF_PERSON = concat!("SELECT ", columns!(), joined!(), "WHERE n.provider = $1 AND n.person = $2 ORDER BY n.key LIMIT 20");
    PUT = "INSERT INTO onboarding (key, provider, workspace, account, name, label, typed, person, state, conflict, first, last, \
           onboarded, decided, actor, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, '', '') \
           ON CONFLICT (provider, account) DO UPDATE SET name = excluded.name, label = excluded.label, typed = excluded.typed, \
           person = excluded.person, state = excluded.state, conflict = excluded.conflict, last = excluded.last, \
           onboarded = excluded.onboarded";
    OTHER_PERSON = "UPDATE onboarding SET person = $1 WHERE person = $2 \
                    AND provider IN (SELECT m.key FROM microsoft_365_provider m WHERE m.workspace = $3)";
    DECIDE = "UPDATE onboarding SET state = $1, person = $2, decided = $3, actor = $4, reason = $5 WHERE key = $6";
    DROP = "DELETE FROM onboarding WHERE provider = $1";
}

word::words! {
    /// What came of somebody's sign-in, in the order in which a list shows them.
    Standing, "state of an onboarding":
    /// What they say does not fit together: somebody has to look at it. Nobody is linked.
    Mismatched = "mismatched",
    /// One person fits, and somebody has to approve it.
    Pending = "pending",
    /// It was approved: they sign in once more.
    Approved = "approved",
    /// It was denied.
    Denied = "denied",
    /// They are tied to their account and may make their passkey.
    Onboarded = "onboarded",
}

impl Standing {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Mismatched => 1,
            Self::Pending => 2,
            Self::Approved => 3,
            Self::Denied => 4,
            Self::Onboarded => 5,
        }
    }

    pub(super) fn of(number: i64) -> Self {
        match number {
            2 => Self::Pending,
            3 => Self::Approved,
            4 => Self::Denied,
            5 => Self::Onboarded,
            _ => Self::Mismatched,
        }
    }
}

word::words! {
    /// What does not fit.
    Conflict, "conflict of an onboarding":
    /// Everything fits.
    None = "none",
    /// The mail address that they typed is another's.
    Typed = "typed",
    /// The person of that name has another account, or waits with one.
    Twice = "twice",
    /// Only a mail address is the same, which ties nobody.
    Mail = "mail",
    /// Nobody of the directory fits.
    Stranger = "stranger",
    /// They signed in on a second device before the passkey of the first was made: the first one's way was closed.
    Device = "device",
    /// Their person cannot sign in at present.
    Closed = "closed",
}

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The inside key.
    pub key: i64,
    /// The key of the provider.
    pub provider: i64,
    /// The workspace.
    pub workspace: i64,
    /// The object id of the account.
    pub account: String,
    /// Its userPrincipalName, as the tenant said.
    pub name: String,
    /// Its display name.
    pub label: String,
    /// The mail address that they typed; empty for none.
    pub typed: String,
    /// The key of who fits; 0 for nobody.
    pub person: i64,
    /// What came of it.
    pub standing: Standing,
    /// What does not fit.
    pub conflict: Conflict,
    /// When they signed in first.
    pub first: i64,
    /// When they did last.
    pub last: i64,
    /// Since when they are onboarded; 0 for not.
    pub onboarded: i64,
    /// When somebody decided; 0 for nobody.
    pub decided: i64,
    /// Who did.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The public id of who fits; none for nobody, and for who is deleted.
    pub person_id: Option<Uuid>,
    /// What to call them.
    pub person_label: String,
}

pub(super) fn read(row: &Row) -> Result<Request> {
    Ok(Request {
        key: row.int(0)?,
        provider: row.int(1)?,
        workspace: row.int(2)?,
        account: row.text(3)?,
        name: row.text(4)?,
        label: row.text(5)?,
        typed: row.text(6)?,
        person: row.int(7)?,
        standing: Standing::of(row.int(8)?),
        conflict: row.str(9)?.parse()?,
        first: row.int(10)?,
        last: row.int(11)?,
        onboarded: row.int(12)?,
        decided: row.int(13)?,
        actor: row.text(14)?,
        reason: row.text(15)?,
        person_id: row.uuid_or_null(16)?,
        person_label: row.text(17)?,
    })
}

/// What somebody's sign-in showed.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    /// The object id of the account.
    pub account: &'a str,
    /// Its userPrincipalName.
    pub name: &'a str,
    /// Its display name.
    pub label: &'a str,
    /// The mail address that they typed; empty for none.
    pub typed: &'a str,
    /// The key of who fits; 0 for nobody.
    pub person: i64,
    /// What came of it.
    pub standing: Standing,
    /// What does not fit.
    pub conflict: Conflict,
}

/// What is known of an account's sign-in.
///
/// # Errors
/// Any error of the database.
pub fn request(tx: &mut Tx, provider: i64, account: &str) -> Result<Option<Request>> {
    tx.first(GET, &[provider.into(), account.into()], read)
}

/// The sign-ins that fit a person, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn of_person(tx: &mut Tx, provider: i64, person: i64) -> Result<Vec<Request>> {
    tx.query(OF_PERSON, &[provider.into(), person.into()], read)
}

/// What the window noted about `goes` is about `stays`, who was found to be the same. There is a row for each account, so
/// both keep theirs, and whoever is onboarded in one of them is.
pub(crate) fn move_to(tx: &mut Tx, workspace: i64, stays: i64, goes: i64) -> Result<()> {
    tx.execute(OTHER_PERSON, &[stays.into(), goes.into(), workspace.into()])?;
    Ok(())
}

/// Notes somebody's sign-in. What was decided before stays known; the caller says what it means now.
///
/// # Errors
/// Any error of the database.
pub fn note(tx: &mut Tx, now: i64, provider: &Provider, seen: &Seen) -> Result<Request> {
    let before = request(tx, provider.key, seen.account)?;
    let since = before.as_ref().map_or(0, |one| one.onboarded);
    let onboarded = match seen.standing {
        Standing::Onboarded if since > 0 => since,
        Standing::Onboarded => now,
        _ => 0,
    };
    let key = tx.key();
    let params = [
        key.into(),
        provider.key.into(),
        provider.workspace.into(),
        seen.account.into(),
        seen.name.into(),
        seen.label.into(),
        seen.typed.into(),
        seen.person.into(),
        seen.standing.number().into(),
        seen.conflict.as_str().into(),
        now.into(),
        now.into(),
        onboarded.into(),
    ];
    tx.execute(PUT, &params)?;
    let action = match seen.standing {
        Standing::Onboarded => "onboarding.done",
        Standing::Denied => "onboarding.refused",
        _ => "onboarding.wait",
    };
    let detail = format!(
        "provider {}, {}, conflict {}",
        provider.name, seen.standing, seen.conflict
    );
    audit::append_named(
        tx,
        provider.workspace,
        now,
        &format!("account {}", seen.account),
        action,
        seen.account,
        &detail,
    )?;
    request(tx, provider.key, seen.account)?.ok_or_else(|| super::gone(provider))
}

/// Keeps what somebody decided about a sign-in.
///
/// # Errors
/// Any error of the database.
pub fn decide(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    request: &Request,
    (standing, person): (Standing, i64),
    (action, reason): (&str, &str),
) -> Result<()> {
    let params = [
        standing.number().into(),
        person.into(),
        now.into(),
        actor.into(),
        reason.into(),
        request.key.into(),
    ];
    tx.execute(DECIDE, &params)?;
    let detail = format!("{}, it was {}: {reason}", request.name, request.standing);
    audit::append_named(
        tx,
        request.workspace,
        now,
        actor,
        action,
        &request.account,
        &detail,
    )
}

pub(super) fn drop_provider(tx: &mut Tx, provider: i64) -> Result<()> {
    tx.execute(DROP, &[provider.into()])?;
    Ok(())
}
