//! Questions to the tenant that wait for their answer, and answers that were used.

use crate::{Result, Tx};

crate::statements! {
    KEEP = "INSERT INTO saml_request (hash, provider, request, browser, typed, asked, expires) \
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
    TAKE = "DELETE FROM saml_request WHERE hash = $1 AND provider = $2 RETURNING request, browser, typed, asked, expires";
    DROP = "DELETE FROM saml_request WHERE provider = $1";
    USED = "INSERT INTO saml_replay (issuer, assertion, expires) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    FORGET_REQUESTS = "DELETE FROM saml_request WHERE hash IN \
                       (SELECT q.hash FROM saml_request q WHERE q.expires <= $1 ORDER BY q.expires LIMIT $2)";
    FORGET_USED = "DELETE FROM saml_replay WHERE (issuer, assertion) IN \
                   (SELECT u.issuer, u.assertion FROM saml_replay u WHERE u.expires <= $1 ORDER BY u.expires LIMIT $2)";
}

/// A question that a browser asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The id of the request.
    pub request: String,
    /// The hash of the browser's cookie.
    pub browser: Vec<u8>,
    /// The mail address that was typed; empty for none.
    pub typed: String,
    /// When it was asked.
    pub asked: i64,
    /// When it is over.
    pub expires: i64,
}

/// Keeps a question under the hash of its handle.
///
/// # Errors
/// Any error of the database.
pub fn keep_question(tx: &mut Tx, hash: &[u8], provider: i64, question: &Question) -> Result<()> {
    let params = [
        hash.into(),
        provider.into(),
        (&question.request).into(),
        question.browser.as_slice().into(),
        (&question.typed).into(),
        question.asked.into(),
        question.expires.into(),
    ];
    tx.execute(KEEP, &params)?;
    Ok(())
}

/// Takes a question: it is gone with this call, whatever the answer is. None for one that is over.
///
/// # Errors
/// Any error of the database.
pub fn take_question(tx: &mut Tx, hash: &[u8], provider: i64, now: i64) -> Result<Option<Question>> {
    let found = tx.first(TAKE, &[hash.into(), provider.into()], |r| {
        Ok(Question {
            request: r.text(0)?,
            browser: r.bytes(1)?,
            typed: r.text(2)?,
            asked: r.int(3)?,
            expires: r.int(4)?,
        })
    })?;
    Ok(found.filter(|one| one.expires > now))
}

/// Keeps an assertion as used until a moment. `false`: it was used before.
///
/// # Errors
/// Any error of the database.
pub fn keep_used(tx: &mut Tx, issuer: &str, assertion: &str, until: i64) -> Result<bool> {
    Ok(tx.execute(USED, &[issuer.into(), assertion.into(), until.into()])? > 0)
}

pub(super) fn drop_questions(tx: &mut Tx, provider: i64) -> Result<()> {
    tx.execute(DROP, &[provider.into()])?;
    Ok(())
}

pub(super) fn forget_expired(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let mut rows = 0;
    for statement in [FORGET_REQUESTS, FORGET_USED] {
        let left = (limit - rows).max(0);
        let done = tx.execute(statement, &[now.into(), left.into()])?;
        rows += i64::try_from(done).unwrap_or(left);
    }
    Ok(rows)
}
