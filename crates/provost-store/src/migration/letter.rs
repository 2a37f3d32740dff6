//! Letters of a migration: one mailing for the announcement and one for each reminder, and one letter to each person of
//! it, which waits until it is sent, given up or not needed any more.

use super::audience::Recipient;
use crate::{Result, Row, Tx, word};

macro_rules! columns {
    () => {
        "l.key, l.mailing, l.provider, l.workspace, l.person, l.label, l.address, l.language, l.state, l.created, l.attempts, \
         l.next_try, l.settled, l.reason"
    };
}

crate::statements! {
    OPEN = "INSERT INTO migration_mailing (key, provider, workspace, days, deadline, created, changed, actor) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (provider, days, deadline) DO NOTHING";
    MAILING = "SELECT key, provider, days, deadline, created, changed, actor FROM migration_mailing \
               WHERE provider = $1 AND days = $2 AND deadline = $3";
    TOUCH = "UPDATE migration_mailing SET changed = $1, actor = $2 WHERE key = $3";
    LATER = "SELECT key FROM migration_mailing WHERE provider = $1 AND days = $2 AND deadline >= $3 \
             ORDER BY deadline LIMIT 1";
    BY_KEY = "SELECT key, provider, days, deadline, created, changed, actor FROM migration_mailing WHERE key = $1";
    MAILINGS = "SELECT key, provider, days, deadline, created, changed, actor FROM migration_mailing WHERE provider = $1 \
                ORDER BY provider, days, deadline";
    COUNTS = "SELECT state, COUNT(*) FROM migration_letter WHERE mailing = $1 GROUP BY state";
    PUT = "INSERT INTO migration_letter (key, mailing, provider, workspace, person, label, address, language, state, created, \
           attempts, next_try, settled, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting', $9, 0, $10, 0, '') \
           ON CONFLICT (mailing, person) DO UPDATE SET label = excluded.label, address = excluded.address, \
           language = excluded.language, state = 'waiting', created = excluded.created, attempts = 0, \
           next_try = excluded.next_try, settled = 0, reason = '' WHERE migration_letter.state IN ('failed', 'dropped')";
    DUE = concat!("SELECT ", columns!(), " FROM migration_letter l WHERE l.state = 'waiting' AND l.next_try <= $1 \
           ORDER BY l.next_try, l.key LIMIT $2");
    CLAIM = "UPDATE migration_letter SET attempts = attempts + 1, next_try = $1 \
             WHERE key = $2 AND attempts = $3 AND state = 'waiting'";
    AGAIN = "UPDATE migration_letter SET next_try = $1, reason = $2 WHERE key = $3 AND state = 'waiting'";
    SETTLE = "UPDATE migration_letter SET state = $1, settled = $2, reason = $3 WHERE key = $4 AND state = 'waiting'";
    LETTERS = concat!("SELECT ", columns!(), " FROM migration_letter l WHERE l.mailing = $1 AND (l.state, l.key) > ($2, $3) \
               ORDER BY l.state, l.key LIMIT $4");
    LETTERS_OF = concat!("SELECT ", columns!(), " FROM migration_letter l WHERE l.mailing = $1 AND l.state = $2 AND l.key > $3 \
                  ORDER BY l.state, l.key LIMIT $4");
    FAILED = "SELECT l.provider, COUNT(*), MAX(l.settled) FROM migration_letter l WHERE l.workspace = $1 AND l.state = 'failed' \
              GROUP BY l.provider";
    DROP_MAILINGS = "DELETE FROM migration_mailing WHERE provider = $1";
    DROP_LETTERS = "DELETE FROM migration_letter WHERE provider = $1";
    DROP_WAITING = "UPDATE migration_letter SET state = 'dropped', settled = $1, reason = $2 \
                    WHERE provider = $3 AND state = 'waiting'";
}

word::words! {
    /// What became of a letter.
    LetterState, "state of a letter":
    /// It is not needed any more.
    Dropped = "dropped",
    /// It was given up.
    Failed = "failed",
    /// The mail server took it.
    Sent = "sent",
    /// It is to be sent.
    Waiting = "waiting",
}

/// What was written about, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailing {
    /// The inside key.
    pub key: i64,
    /// The key of the provider.
    pub provider: i64,
    /// Days before the deadline; 0 for the announcement.
    pub days: i64,
    /// The deadline that it is about, in milliseconds since 1970; 0 for the announcement.
    pub deadline: i64,
    /// When the first letter of it was written.
    pub created: i64,
    /// When somebody was written to last.
    pub changed: i64,
    /// Who sent it last.
    pub actor: String,
}

/// What became of the letters of a mailing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct LetterCounts {
    /// Taken by the mail server.
    pub sent: i64,
    /// To be sent.
    pub waiting: i64,
    /// Given up.
    pub failed: i64,
    /// Not needed any more.
    pub dropped: i64,
}

/// One letter to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The inside key.
    pub key: i64,
    /// The key of the mailing.
    pub mailing: i64,
    /// The key of the provider.
    pub provider: i64,
    /// The workspace.
    pub workspace: i64,
    /// The key of the person; 0 for who answers for the window.
    pub person: i64,
    /// What to call them.
    pub label: String,
    /// The mail address.
    pub address: String,
    /// The tag of its language.
    pub language: String,
    /// What became of it.
    pub state: LetterState,
    /// When it was written.
    pub created: i64,
    /// Tries so far.
    pub attempts: i64,
    /// When it is tried next, while it waits.
    pub next_try: i64,
    /// When it was sent, given up or dropped; 0 while it waits.
    pub settled: i64,
    /// Why the last try failed, or why it was dropped; empty where there is nothing to say.
    pub reason: String,
}

fn mailing_row(row: &Row) -> Result<Mailing> {
    Ok(Mailing {
        key: row.int(0)?,
        provider: row.int(1)?,
        days: row.int(2)?,
        deadline: row.int(3)?,
        created: row.int(4)?,
        changed: row.int(5)?,
        actor: row.text(6)?,
    })
}

fn read(row: &Row) -> Result<Letter> {
    Ok(Letter {
        key: row.int(0)?,
        mailing: row.int(1)?,
        provider: row.int(2)?,
        workspace: row.int(3)?,
        person: row.int(4)?,
        label: row.text(5)?,
        address: row.text(6)?,
        language: row.text(7)?,
        state: row.str(8)?.parse()?,
        created: row.int(9)?,
        attempts: row.int(10)?,
        next_try: row.int(11)?,
        settled: row.int(12)?,
        reason: row.text(13)?,
    })
}

/// The mailing of a provider with so many days (0: the announcement) before a deadline (0 likewise).
///
/// # Errors
/// Any error of the database.
pub fn mailing(tx: &mut Tx, provider: i64, days: i64, deadline: i64) -> Result<Option<Mailing>> {
    tx.first(
        MAILING,
        &[provider.into(), days.into(), deadline.into()],
        mailing_row,
    )
}

/// The mailing with this key.
///
/// # Errors
/// Any error of the database.
pub fn mailing_by_key(tx: &mut Tx, key: i64) -> Result<Option<Mailing>> {
    tx.first(BY_KEY, &[key.into()], mailing_row)
}

/// Whether people were reminded so many days before this deadline or a later one: who was, is not reminded again because
/// the deadline comes sooner.
///
/// # Errors
/// Any error of the database.
pub fn is_reminded(tx: &mut Tx, provider: i64, days: i64, deadline: i64) -> Result<bool> {
    let found = tx.first(LATER, &[provider.into(), days.into(), deadline.into()], |r| {
        r.int(0)
    })?;
    Ok(found.is_some())
}

/// The mailings of a provider, the announcement first; there are few.
///
/// # Errors
/// Any error of the database.
pub fn mailings(tx: &mut Tx, provider: i64) -> Result<Vec<(Mailing, LetterCounts)>> {
    let found = tx.query(MAILINGS, &[provider.into()], mailing_row)?;
    let mut all = Vec::with_capacity(found.len());
    for one in found {
        let counts = letter_counts(tx, one.key)?;
        all.push((one, counts));
    }
    Ok(all)
}

/// What became of the letters of a mailing.
///
/// # Errors
/// Any error of the database.
pub fn letter_counts(tx: &mut Tx, mailing: i64) -> Result<LetterCounts> {
    let mut counts = LetterCounts::default();
    tx.for_each(COUNTS, &[mailing.into()], |r| {
        let number = r.int(1)?;
        match r.str(0)?.parse()? {
            LetterState::Sent => counts.sent = number,
            LetterState::Waiting => counts.waiting = number,
            LetterState::Failed => counts.failed = number,
            LetterState::Dropped => counts.dropped = number,
        }
        Ok(true)
    })?;
    Ok(counts)
}

/// Whose mailing it is, and what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// The key of the provider.
    pub provider: i64,
    /// Its workspace.
    pub workspace: i64,
    /// Days before the deadline; 0 for the announcement.
    pub days: i64,
    /// The deadline; 0 for the announcement.
    pub deadline: i64,
}

/// Opens a mailing, or notes that it is written to more people. Answers its key, and whether it is new: the row is the
/// guard by which two nodes do not both remind.
///
/// # Errors
/// Any error of the database.
pub fn open_mailing(tx: &mut Tx, actor: &str, now: i64, about: &About) -> Result<(i64, bool)> {
    let key = tx.key();
    let params = [
        key.into(),
        about.provider.into(),
        about.workspace.into(),
        about.days.into(),
        about.deadline.into(),
        now.into(),
        now.into(),
        actor.into(),
    ];
    if tx.execute(OPEN, &params)? > 0 {
        return Ok((key, true));
    }
    let found = mailing(tx, about.provider, about.days, about.deadline)?;
    let key = found.map_or(0, |one| one.key);
    tx.execute(TOUCH, &[now.into(), actor.into(), key.into()])?;
    Ok((key, false))
}

/// Writes a letter, to be sent from `due` on. Who has one that was sent or waits gets no other: `false`.
///
/// # Errors
/// Any error of the database.
pub fn put_letter(tx: &mut Tx, now: i64, due: i64, about: (&About, i64), to: &Recipient) -> Result<bool> {
    let (about, mailing) = about;
    let key = tx.key();
    let params = [
        key.into(),
        mailing.into(),
        about.provider.into(),
        about.workspace.into(),
        to.person.into(),
        (&to.label).into(),
        (&to.address).into(),
        (&to.language).into(),
        now.into(),
        due.into(),
    ];
    Ok(tx.execute(PUT, &params)? > 0)
}

/// Letters that are to be sent by `now`, the longest waiting first.
///
/// # Errors
/// Any error of the database.
pub fn letters_due(tx: &mut Tx, now: i64, limit: i64) -> Result<Vec<Letter>> {
    tx.query(DUE, &[now.into(), limit.into()], read)
}

/// Takes a letter in hand before it is sent: nobody else sends it before `until`. `false` when somebody else has it.
///
/// # Errors
/// Any error of the database.
pub fn claim_letter(tx: &mut Tx, letter: &Letter, until: i64) -> Result<bool> {
    let params = [until.into(), letter.key.into(), letter.attempts.into()];
    Ok(tx.execute(CLAIM, &params)? > 0)
}

/// A try failed; it is tried again at `next`.
///
/// # Errors
/// Any error of the database.
pub fn try_letter_again(tx: &mut Tx, key: i64, reason: &str, next: i64) -> Result<()> {
    tx.execute(AGAIN, &[next.into(), reason.into(), key.into()])?;
    Ok(())
}

/// It was sent, given up or dropped.
///
/// # Errors
/// Any error of the database.
pub fn settle_letter(tx: &mut Tx, now: i64, key: i64, state: LetterState, reason: &str) -> Result<()> {
    tx.execute(
        SETTLE,
        &[state.as_str().into(), now.into(), reason.into(), key.into()],
    )?;
    Ok(())
}

/// A page of the letters of a mailing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LettersPage {
    /// The letters, by state and then in the order in which they were written.
    pub letters: Vec<Letter>,
    /// Where to go on: state and key; none at the end.
    pub next: Option<(LetterState, i64)>,
}

/// A page of the letters of a mailing, of one state or of all.
///
/// # Errors
/// Any error of the database.
pub fn letters(
    tx: &mut Tx,
    mailing: i64,
    state: Option<LetterState>,
    after: Option<(LetterState, i64)>,
    limit: i64,
) -> Result<LettersPage> {
    let key = after.map_or(0, |(_, key)| key);
    let more = limit.saturating_add(1);
    let mut found = match state {
        Some(state) => {
            let params = [mailing.into(), state.as_str().into(), key.into(), more.into()];
            tx.query(LETTERS_OF, &params, read)?
        }
        None => {
            let from = after.map_or("", |(state, _)| state.as_str());
            let params = [mailing.into(), from.into(), key.into(), more.into()];
            tx.query(LETTERS, &params, read)?
        }
    };
    let limit = usize::try_from(limit).unwrap_or(0);
    let goes_on = found.len() > limit;
    found.truncate(limit);
    let next = found.last().map(|one| (one.state, one.key));
    Ok(LettersPage {
        letters: found,
        next: next.filter(|_| goes_on),
    })
}

/// Letters of a workspace that were given up: the key of the provider, how many, and when the last one was.
///
/// # Errors
/// Any error of the database.
pub fn failed_letters(tx: &mut Tx, workspace: i64) -> Result<Vec<(i64, i64, i64)>> {
    tx.query(FAILED, &[workspace.into()], |r| {
        Ok((r.int(0)?, r.int(1)?, r.int(2)?))
    })
}

/// Nobody is written to any more.
pub(super) fn drop_waiting(tx: &mut Tx, now: i64, provider: i64, reason: &str) -> Result<()> {
    tx.execute(DROP_WAITING, &[now.into(), reason.into(), provider.into()])?;
    Ok(())
}

pub(super) fn drop_provider(tx: &mut Tx, provider: i64) -> Result<()> {
    tx.execute(DROP_LETTERS, &[provider.into()])?;
    tx.execute(DROP_MAILINGS, &[provider.into()])?;
    Ok(())
}
