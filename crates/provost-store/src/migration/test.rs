//! Test sign-ins: an administrator goes to the tenant and back, and what its answer says is shown to them. Nobody is
//! onboarded or linked by one, and what was asked here is no question of the people's own door.

use super::{CHECK_LIFE, Migration, noted};
use crate::microsoft_365::Provider;
use crate::{Error, Result, Tx};
use serde::{Deserialize, Serialize};

crate::statements! {
    CHECKED = "UPDATE migration_check SET certificates = $1 WHERE provider = $2 AND digest = $3";
    GOOD = "SELECT certificates, at FROM migration_check WHERE provider = $1";
    KEEP = "INSERT INTO migration_test (hash, provider, session, actor, certificates, request, asked, expires, outcome) \
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    IS = "SELECT 1 FROM migration_test WHERE hash = $1 AND provider = $2 AND outcome = ''";
    TAKE = "DELETE FROM migration_test WHERE hash = $1 AND provider = $2 AND outcome = '' \
            RETURNING session, actor, certificates, request, asked, expires";
    FETCH = "DELETE FROM migration_test WHERE hash = $1 AND provider = $2 AND session = $3 AND expires > $4 \
             AND outcome <> '' RETURNING outcome";
    NOTE = "INSERT INTO migration_tested (provider, at, actor, outcome) VALUES ($1, $2, $3, $4) \
            ON CONFLICT (provider) DO UPDATE SET at = excluded.at, actor = excluded.actor, outcome = excluded.outcome";
    LAST = "SELECT at, actor, outcome FROM migration_tested WHERE provider = $1";
    DROP = "DELETE FROM migration_test WHERE provider = $1";
    REMOVE = "DELETE FROM migration_tested WHERE provider = $1";
    FORGET = "DELETE FROM migration_test WHERE hash IN \
              (SELECT t.hash FROM migration_test t WHERE t.expires <= $1 ORDER BY t.expires LIMIT $2)";
}

/// A test sign-in on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// The key of the administrator's session.
    pub session: i64,
    /// Who has begun it.
    pub actor: String,
    /// What the answer is checked with: Base64 of DER.
    pub certificates: Vec<String>,
    /// The id of the request.
    pub request: String,
    /// When it was asked, in milliseconds since 1970.
    pub asked: i64,
    /// When it is over.
    pub expires: i64,
}

/// What the answer to a test said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// Why it was refused: the code of a refusal; empty for an answer that holds.
    pub code: String,
    /// The same as a sentence, without its full stop.
    pub sentence: String,
    /// What to do next.
    pub hint: String,
    /// Whose answer it is; empty, as the rest, where it was refused before that was known.
    pub issuer: String,
    /// For whom.
    pub audience: String,
    /// The account's object id.
    pub account: String,
    /// Its user principal name.
    pub name: String,
    /// Its display name.
    pub label: String,
    /// The claims that are looked for and were there.
    pub found: Vec<String>,
    /// Those that were not.
    pub missing: Vec<String>,
    /// By how many milliseconds our clock is ahead of the tenant's, with the way of the answer in between.
    pub ahead: Option<i64>,
}

impl Outcome {
    /// Whether the answer holds.
    pub fn is_good(&self) -> bool {
        self.code.is_empty()
    }
}

/// The last test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// When.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// What came of it.
    pub outcome: Outcome,
}

fn split(certificates: &str) -> Vec<String> {
    certificates.split_whitespace().map(str::to_owned).collect()
}

/// Keeps the certificates of a green check beside its digest, for a test before they are saved.
///
/// # Errors
/// Any error of the database.
pub fn keep_checked(tx: &mut Tx, provider: i64, digest: &str, certificates: &[String]) -> Result<()> {
    let certificates = certificates.join(" ");
    tx.execute(CHECKED, &[(&certificates).into(), provider.into(), digest.into()])?;
    Ok(())
}

/// What a test is checked with: the certificates that Validate found good within a day, if that is newer than what is
/// saved; else those that are saved. None where there are none, and once the migration is closed.
///
/// # Errors
/// Any error of the database.
pub fn certificates_for_test(
    tx: &mut Tx,
    now: i64,
    provider: i64,
    migration: Option<&Migration>,
) -> Result<Option<Vec<String>>> {
    if migration.is_some_and(|one| one.closed.is_some()) {
        return Ok(None);
    }
    let since = migration.map_or(i64::MIN, |one| one.changed);
    let good = tx.first(GOOD, &[provider.into()], |r| Ok((r.text(0)?, r.int(1)?)))?;
    let fresh = good.filter(|(_, at)| *at > since && now.saturating_sub(*at) < CHECK_LIFE);
    let found = match fresh.map(|(certificates, _)| split(&certificates)) {
        Some(good) if !good.is_empty() => good,
        _ => migration.map_or_else(Vec::new, |one| one.certificates.clone()),
    };
    Ok(Some(found).filter(|all| !all.is_empty()))
}

/// Keeps a test under the hash of its handle: asked, or with what its answer said.
///
/// # Errors
/// When the outcome cannot be written; any error of the database.
pub fn keep_test(
    tx: &mut Tx,
    hash: &[u8],
    provider: i64,
    test: &Test,
    outcome: Option<&Outcome>,
) -> Result<()> {
    let certificates = test.certificates.join(" ");
    let outcome = outcome.map(written).transpose()?.unwrap_or_default();
    let params = [
        hash.into(),
        provider.into(),
        test.session.into(),
        (&test.actor).into(),
        (&certificates).into(),
        (&test.request).into(),
        test.asked.into(),
        test.expires.into(),
        (&outcome).into(),
    ];
    tx.execute(KEEP, &params)?;
    Ok(())
}

/// Whether a handle is that of a test which waits for its answer.
///
/// # Errors
/// Any error of the database.
pub fn is_test(tx: &mut Tx, hash: &[u8], provider: i64) -> Result<bool> {
    Ok(tx
        .first(IS, &[hash.into(), provider.into()], |_| Ok(()))?
        .is_some())
}

/// Takes a test that waits for its answer: it is gone with this call, whatever the answer is. The caller asks whether it
/// is over.
///
/// # Errors
/// Any error of the database.
pub fn take_test(tx: &mut Tx, hash: &[u8], provider: i64) -> Result<Option<Test>> {
    tx.first(TAKE, &[hash.into(), provider.into()], |r| {
        Ok(Test {
            session: r.int(0)?,
            actor: r.text(1)?,
            certificates: split(r.str(2)?),
            request: r.text(3)?,
            asked: r.int(4)?,
            expires: r.int(5)?,
        })
    })
}

/// Takes what the answer to a test said, for the session that has begun it. None for any other session, and once it is
/// over or was taken.
///
/// # Errors
/// Any error of the database.
pub fn take_answered(
    tx: &mut Tx,
    hash: &[u8],
    provider: i64,
    session: i64,
    now: i64,
) -> Result<Option<Outcome>> {
    let params = [hash.into(), provider.into(), session.into(), now.into()];
    let found = tx.first(FETCH, &params, |r| r.text(0))?;
    found.map(|text| read(&text)).transpose()
}

/// Notes what came of a test: it is the last one from now on.
///
/// # Errors
/// When it cannot be written; any error of the database.
pub fn note_test(tx: &mut Tx, actor: &str, now: i64, provider: &Provider, outcome: &Outcome) -> Result<()> {
    let text = written(outcome)?;
    tx.execute(
        NOTE,
        &[provider.key.into(), now.into(), actor.into(), (&text).into()],
    )?;
    let (action, detail) = match outcome.is_good() {
        true => (
            "migration.test",
            format!("issuer {}, object id {}", outcome.issuer, outcome.account),
        ),
        false => (
            "migration.test.refused",
            format!("{}: {}", outcome.code, outcome.sentence),
        ),
    };
    noted(tx, now, actor, action, provider, &detail)
}

/// The last test; none before the first one.
///
/// # Errors
/// Any error of the database.
pub fn tested(tx: &mut Tx, provider: i64) -> Result<Option<Tested>> {
    let found = tx.first(LAST, &[provider.into()], |r| {
        Ok((r.int(0)?, r.text(1)?, r.text(2)?))
    })?;
    let Some((at, actor, outcome)) = found else {
        return Ok(None);
    };
    Ok(Some(Tested {
        at,
        actor,
        outcome: read(&outcome)?,
    }))
}

fn written(outcome: &Outcome) -> Result<String> {
    serde_json::to_string(outcome).map_err(|error| Error::Damaged(error.to_string()))
}

fn read(text: &str) -> Result<Outcome> {
    serde_json::from_str(text).map_err(|error| Error::Damaged(error.to_string()))
}

/// Forgets what is on its way, and the last result: of a closed migration nothing is kept but its archive.
pub(super) fn drop_provider(tx: &mut Tx, provider: i64) -> Result<()> {
    tx.execute(DROP, &[provider.into()])?;
    tx.execute(REMOVE, &[provider.into()])?;
    Ok(())
}

pub(super) fn forget_expired(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let rows = tx.execute(FORGET, &[now.into(), limit.max(0).into()])?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
