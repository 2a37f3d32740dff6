//! The migration of a Microsoft 365 provider's people: one window with a start and a deadline, in which each signs in at
//! both sides once. There is one for each provider, and once it is closed it stays closed.

mod archive;
mod audience;
mod letter;
mod list;
mod message;
mod onboarding;
mod test;
mod tick;

pub use archive::{Archive, archive, keep_archive};
pub use audience::{Audience, LeftOut, Recipient, Unreachable, audience, is_left};
pub use letter::{
    About, Letter, LetterCounts, LetterState, LettersPage, Mailing, claim_letter, failed_letters,
    is_reminded, letter_counts, letters, letters_due, mailing, mailing_by_key, mailings, open_mailing,
    put_letter, settle_letter, try_letter_again,
};
pub use list::{Counts, Left, LeftPage, RequestsPage, counts, days, left, requests};
pub use message::{Question, keep_question, keep_used, take_question};
pub(crate) use onboarding::move_to as move_onboarding;
pub use onboarding::{Conflict, Request, Seen, Standing, decide, note, of_person, request};
pub use test::{
    Outcome, Test, Tested, certificates_for_test, is_test, keep_checked, keep_test, note_test, take_answered,
    take_test, tested,
};
pub use tick::{EntraLine, Tick, tick, ticks, untick};

pub(crate) use archive::STATEMENTS as ARCHIVE_STATEMENTS;
pub(crate) use audience::STATEMENTS as AUDIENCE_STATEMENTS;
pub(crate) use letter::STATEMENTS as LETTER_STATEMENTS;
pub(crate) use list::STATEMENTS as LIST_STATEMENTS;
pub(crate) use message::STATEMENTS as MESSAGE_STATEMENTS;
pub(crate) use onboarding::STATEMENTS as ONBOARDING_STATEMENTS;
pub(crate) use test::STATEMENTS as TEST_STATEMENTS;
pub(crate) use tick::STATEMENTS as TICK_STATEMENTS;

use crate::microsoft_365::Provider;
use crate::{Error, Result, Row, Tx, audit, word};

macro_rules! columns {
    () => {
        "provider, workspace, application, certificates, starts, deadline, owner, contact, compared, created, actor, changed, \
         closed, closed_by"
    };
}

crate::statements! {
    PUT = concat!("INSERT INTO tenant_migration (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, '') \
           ON CONFLICT (provider) DO UPDATE SET application = excluded.application, certificates = excluded.certificates, \
           starts = excluded.starts, deadline = excluded.deadline, owner = excluded.owner, contact = excluded.contact, \
           compared = excluded.compared, actor = excluded.actor, changed = excluded.changed");
    GET = concat!("SELECT ", columns!(), " FROM tenant_migration WHERE provider = $1");
    CHECKED = "INSERT INTO migration_check (provider, digest, compared, at, actor) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (provider) DO UPDATE SET digest = excluded.digest, compared = excluded.compared, at = excluded.at, \
               actor = excluded.actor, certificates = ''";
    CHECK = "SELECT digest, compared, at FROM migration_check WHERE provider = $1";
    UNCHECK = "DELETE FROM migration_check WHERE provider = $1";
    MOVE = "UPDATE tenant_migration SET deadline = $1, changed = $2 WHERE provider = $3";
    CLOSE = "UPDATE tenant_migration SET application = '', certificates = '', changed = $1, closed = $2, closed_by = $3 \
             WHERE provider = $4 AND closed = 0";
    REMOVE = "DELETE FROM tenant_migration WHERE provider = $1";
}

/// Milliseconds for which a green check counts.
const CHECK_LIFE: i64 = 24 * 3_600_000;
/// Characters of a reason.
const REASON: usize = 500;

word::words! {
    /// How far a migration is.
    State, "state of a migration":
    /// Nothing is saved.
    Draft = "draft",
    /// Its window begins later.
    Scheduled = "scheduled",
    /// People can sign in.
    Open = "open",
    /// The deadline is over; nobody signs in until it is moved.
    Overdue = "overdue",
    /// It is over for good, and its configuration is gone.
    Closed = "closed",
}

/// A migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// The key of the provider.
    pub provider: i64,
    /// Its workspace.
    pub workspace: i64,
    /// The Application (client) ID in Entra, lower case; empty once it is closed.
    pub application: String,
    /// One certificate or two, as Base64 of DER; none once it is closed.
    pub certificates: Vec<String>,
    /// When the window begins, in milliseconds since 1970.
    pub starts: i64,
    /// When it ends.
    pub deadline: i64,
    /// Who answers for it.
    pub owner: String,
    /// Whom people ask.
    pub contact: String,
    /// What the last check compared.
    pub compared: String,
    /// When it was saved first.
    pub created: i64,
    /// Who saved it last.
    pub actor: String,
    /// When it was last changed.
    pub changed: i64,
    /// When it was closed.
    pub closed: Option<i64>,
    /// Who closed it.
    pub closed_by: String,
}

impl Migration {
    /// How far it is at `now`.
    pub fn state(&self, now: i64) -> State {
        if self.closed.is_some() {
            State::Closed
        } else if now < self.starts {
            State::Scheduled
        } else if now < self.deadline {
            State::Open
        } else {
            State::Overdue
        }
    }
}

fn read(row: &Row) -> Result<Migration> {
    Ok(Migration {
        provider: row.int(0)?,
        workspace: row.int(1)?,
        application: row.text(2)?,
        certificates: row.str(3)?.split_whitespace().map(str::to_owned).collect(),
        starts: row.int(4)?,
        deadline: row.int(5)?,
        owner: row.text(6)?,
        contact: row.text(7)?,
        compared: row.text(8)?,
        created: row.int(9)?,
        actor: row.text(10)?,
        changed: row.int(11)?,
        closed: Some(row.int(12)?).filter(|at| *at > 0),
        closed_by: row.text(13)?,
    })
}

/// What is saved.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The Application (client) ID, lower case.
    pub application: &'a str,
    /// Certificates as Base64 of DER.
    pub certificates: &'a [String],
    /// When the window begins.
    pub starts: i64,
    /// When it ends.
    pub deadline: i64,
    /// Who answers for it.
    pub owner: &'a str,
    /// Whom people ask.
    pub contact: &'a str,
    /// The digest of these values, as it was when they were checked.
    pub digest: &'a str,
}

/// The migration of a provider; none before it was saved.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, provider: i64) -> Result<Option<Migration>> {
    tx.first(GET, &[provider.into()], read)
}

/// Whether a provider's migration was closed: what comes after it opens only then.
///
/// # Errors
/// Any error of the database.
pub fn is_closed(tx: &mut Tx, provider: i64) -> Result<bool> {
    Ok(get(tx, provider)?.is_some_and(|one| one.closed.is_some()))
}

/// Notes that a check was green for the values with this digest, and what it compared.
///
/// # Errors
/// [`Error::Refused`] (`PRV-MIGRATION-CLOSED`).
pub fn note_check(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    provider: &Provider,
    digest: &str,
    compared: &str,
) -> Result<()> {
    refuse_closed(get(tx, provider.key)?.as_ref(), provider)?;
    let params = [
        provider.key.into(),
        digest.into(),
        compared.into(),
        now.into(),
        actor.into(),
    ];
    tx.execute(CHECKED, &params)?;
    noted(tx, now, actor, "migration.validate", provider, compared)
}

/// The digest of the last green check, what it compared and when.
///
/// # Errors
/// Any error of the database.
pub fn checked(tx: &mut Tx, provider: i64) -> Result<Option<(String, String, i64)>> {
    tx.first(CHECK, &[provider.into()], |r| {
        Ok((r.text(0)?, r.text(1)?, r.int(2)?))
    })
}

/// Saves the migration of a provider, when exactly these values were checked within the last day. While its window is
/// open, the application and the start stay as they are.
///
/// # Errors
/// [`Error::Refused`]: `PRV-MIGRATION-CLOSED`, `PRV-MIGRATION-UNCHECKED`, `PRV-MIGRATION-OPEN`.
pub fn save(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, new: &New) -> Result<Migration> {
    let before = get(tx, provider.key)?;
    refuse_closed(before.as_ref(), provider)?;
    let check = checked(tx, provider.key)?;
    let green = check.filter(|(digest, _, at)| digest == new.digest && now.saturating_sub(*at) < CHECK_LIFE);
    let Some((_, compared, _)) = green else {
        return Err(Error::refused(
            "PRV-MIGRATION-UNCHECKED",
            "exactly these values were not found good by Validate within the last 24 hours",
            "Validate them, then save them as they are.",
        ));
    };
    if let Some(open) = before.as_ref().filter(|one| now >= one.starts) {
        let moves = open.application != new.application || open.starts != new.starts;
        if moves || open.deadline != new.deadline {
            return Err(Error::refused(
                "PRV-MIGRATION-OPEN",
                format!(
                    "the migration of \"{}\" is open, and there is one for each provider: its application and its start stay \
                     as they are, and its deadline is moved with a reason",
                    provider.name
                ),
                "Change the certificates, the owner or the contact; move the deadline by itself; or close this migration.",
            ));
        }
    }
    let certificates = new.certificates.join(" ");
    let params = [
        provider.key.into(),
        provider.workspace.into(),
        new.application.into(),
        (&certificates).into(),
        new.starts.into(),
        new.deadline.into(),
        new.owner.into(),
        new.contact.into(),
        (&compared).into(),
        now.into(),
        actor.into(),
        now.into(),
    ];
    tx.execute(PUT, &params)?;
    let detail = format!(
        "application {}, {} certificates, from {} to {}, owner {}",
        new.application,
        new.certificates.len(),
        new.starts,
        new.deadline,
        new.owner
    );
    noted(tx, now, actor, "migration.save", provider, &detail)?;
    get(tx, provider.key)?.ok_or_else(|| gone(provider))
}

/// Moves the deadline, with a reason.
///
/// # Errors
/// [`Error::Refused`]: `PRV-MIGRATION-NONE`, `PRV-MIGRATION-CLOSED`, `PRV-MIGRATION-REASON`.
pub fn move_deadline(
    tx: &mut Tx,
    actor: &str,
    now: i64,
    provider: &Provider,
    deadline: i64,
    reason: &str,
) -> Result<Migration> {
    let before = get(tx, provider.key)?.ok_or_else(|| gone(provider))?;
    refuse_closed(Some(&before), provider)?;
    let reason = require_reason(reason)?;
    tx.execute(MOVE, &[deadline.into(), now.into(), provider.key.into()])?;
    let detail = format!("from {} to {deadline}: {reason}", before.deadline);
    noted(tx, now, actor, "migration.deadline", provider, &detail)?;
    get(tx, provider.key)?.ok_or_else(|| gone(provider))
}

/// Closes the migration for good: its configuration is gone with this call. The caller has asked every guard.
///
/// # Errors
/// [`Error::Refused`]: `PRV-MIGRATION-NONE`, `PRV-MIGRATION-CLOSED`.
pub fn close(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, detail: &str) -> Result<Migration> {
    let before = get(tx, provider.key)?.ok_or_else(|| gone(provider))?;
    refuse_closed(Some(&before), provider)?;
    tx.execute(
        CLOSE,
        &[now.into(), now.into(), actor.into(), provider.key.into()],
    )?;
    tx.execute(UNCHECK, &[provider.key.into()])?;
    message::drop_questions(tx, provider.key)?;
    test::drop_provider(tx, provider.key)?;
    letter::drop_waiting(tx, now, provider.key, "the migration is closed")?;
    noted(tx, now, actor, "migration.close", provider, detail)?;
    get(tx, provider.key)?.ok_or_else(|| gone(provider))
}

/// The reason without the space around it.
///
/// # Errors
/// [`Error::Refused`] (`PRV-MIGRATION-REASON`) for none, and for one of more than 500 characters.
pub fn require_reason(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON {
        return Err(Error::refused(
            "PRV-MIGRATION-REASON",
            "the decision has no reason, or one of more than 500 characters",
            "Say why, for who reads the audit log next year.",
        ));
    }
    Ok(reason)
}

fn refuse_closed(found: Option<&Migration>, provider: &Provider) -> Result<()> {
    if found.is_none_or(|one| one.closed.is_none()) {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-MIGRATION-CLOSED",
        format!(
            "the migration of \"{}\" is closed, which cannot be undone",
            provider.name
        ),
        "Go on with the federation of the domain; an administrator gives who comes late a link to their first passkey.",
    ))
}

pub(crate) fn gone(provider: &Provider) -> Error {
    Error::refused(
        "PRV-MIGRATION-NONE",
        format!("the migration of \"{}\" is not configured", provider.name),
        "Validate and save it first.",
    )
}

fn noted(tx: &mut Tx, now: i64, actor: &str, action: &str, provider: &Provider, detail: &str) -> Result<()> {
    audit::append_named(tx, provider.workspace, now, actor, action, &provider.name, detail)
}

/// Forgets everything of a provider that is removed.
pub(crate) fn drop_provider(tx: &mut Tx, provider: i64) -> Result<()> {
    tx.execute(REMOVE, &[provider.into()])?;
    tx.execute(UNCHECK, &[provider.into()])?;
    message::drop_questions(tx, provider)?;
    test::drop_provider(tx, provider)?;
    tick::drop_provider(tx, provider)?;
    archive::drop_provider(tx, provider)?;
    letter::drop_provider(tx, provider)?;
    onboarding::drop_provider(tx, provider)
}

/// Forgets questions, used assertions and archives that are over, at most `limit` of all, and answers how many.
pub(crate) fn forget_expired(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let mut done = message::forget_expired(tx, now, limit)?;
    done += archive::forget_expired(tx, now, limit - done)?;
    done += test::forget_expired(tx, now, limit - done)?;
    Ok(done)
}
