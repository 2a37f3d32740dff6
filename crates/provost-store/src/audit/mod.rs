//! The audit log: who did what, written in the transaction of the change itself and chained by hash, one
//! chain per workspace. Whoever removes or edits a row breaks the chain; whoever cuts off its end must also
//! change the head.

mod page;

pub(crate) use page::STATEMENTS as PAGE_STATEMENTS;
pub use page::{AuditAsked, AuditPage, page};

use crate::{Result, Tx};
use aws_lc_rs::digest::{Context, SHA256};
use uuid::Uuid;

crate::statements! {
    APPEND = "INSERT INTO audit_log (key, workspace, position, at, actor, action, subject, detail, hash) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    PAGE = "SELECT position, at, actor, action, subject, detail, hash FROM audit_log \
            WHERE workspace = $1 AND position > $2 ORDER BY position LIMIT $3";
    LATEST = "SELECT position, at, actor, action, subject, detail, hash FROM audit_log \
              WHERE workspace = $1 ORDER BY position DESC LIMIT $2";
    HEAD = "SELECT position, hash FROM audit_head WHERE workspace = $1";
}

/// Rows that are checked per read.
const PAGE_ROWS: i64 = 10_000;

/// One row of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the workspace, from 1 without gaps.
    pub position: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// What, as `noun.verb`.
    pub action: String,
    /// The public id, or the name, of what it was done to.
    pub subject: String,
    /// More, for people: names of changed attributes, settings without secrets.
    pub detail: String,
    hash: Vec<u8>,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every row is as it was written.
    Intact {
        /// How many rows were checked.
        rows: i64,
        /// The last row's hash in hex: write it down elsewhere, and a later run proves that the past has not changed.
        head: String,
    },
    /// The chain breaks at a row.
    Broken {
        /// The number of the first row that does not fit.
        position: i64,
        /// What is wrong with it.
        reason: String,
    },
}

pub(crate) fn append(
    tx: &mut Tx,
    workspace: i64,
    at: i64,
    actor: &str,
    action: &str,
    subject: Uuid,
    detail: &str,
) -> Result<()> {
    let mut buffer = Uuid::encode_buffer();
    append_named(
        tx,
        workspace,
        at,
        actor,
        action,
        subject.hyphenated().encode_lower(&mut buffer),
        detail,
    )
}

/// Writes one row. Every change of the store that a person would ask about calls this in its own transaction.
///
/// # Errors
/// Any error of the database.
pub fn append_named(
    tx: &mut Tx,
    workspace: i64,
    at: i64,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &str,
) -> Result<()> {
    let head = tx.audit_head(workspace)?;
    head.position += 1;
    let position = head.position;
    let hash = chain(
        &head.hash,
        workspace,
        position,
        at,
        [actor, action, subject, detail],
    );
    head.hash = hash.clone();
    let key = tx.key();
    tx.execute(
        APPEND,
        &[
            key.into(),
            workspace.into(),
            position.into(),
            at.into(),
            actor.into(),
            action.into(),
            subject.into(),
            detail.into(),
            hash.as_slice().into(),
        ],
    )?;
    Ok(())
}

/// The chain of what belongs to no workspace: administrators, their credentials and sessions.
pub const INSTALLATION: i64 = 0;

/// Writes one row about the installation as a whole, in a chain of its own.
///
/// # Errors
/// Any error of the database.
pub fn append_installation(
    tx: &mut Tx,
    at: i64,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &str,
) -> Result<()> {
    append_named(tx, INSTALLATION, at, actor, action, subject, detail)
}

/// SHA-256 over the previous hash and the row, every text with its length in front so that no two rows read
/// the same.
fn chain(previous: &[u8], workspace: i64, position: i64, at: i64, texts: [&str; 4]) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    context.update(previous);
    for number in [workspace, position, at] {
        context.update(&number.to_be_bytes());
    }
    for text in texts {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    }
    context.finish().as_ref().to_vec()
}

fn read(row: &crate::Row) -> Result<Entry> {
    Ok(Entry {
        position: row.int(0)?,
        at: row.int(1)?,
        actor: row.text(2)?,
        action: row.text(3)?,
        subject: row.text(4)?,
        detail: row.text(5)?,
        hash: row.bytes(6)?,
    })
}

/// The newest rows, newest first.
///
/// # Errors
/// Any error of the database.
pub fn latest(tx: &mut Tx, workspace: i64, limit: i64) -> Result<Vec<Entry>> {
    tx.query(LATEST, &[workspace.into(), limit.into()], read)
}

/// Checks one stretch of the chain after `from` (the number and hash of the last row that was found good),
/// so that a long log is checked by short reads. Answers where to go on, or the verdict.
///
/// # Errors
/// Any error of the database.
pub fn verify_next(tx: &mut Tx, workspace: i64, from: &Progress) -> Result<Step> {
    let rows = tx.query(
        PAGE,
        &[workspace.into(), from.position.into(), PAGE_ROWS.into()],
        read,
    )?;
    let mut good = from.clone();
    for row in &rows {
        if let Some(reason) = fault(&good, workspace, row) {
            return Ok(Step::Done(Verdict::Broken {
                position: good.position + 1,
                reason,
            }));
        }
        good = Progress {
            position: row.position,
            hash: row.hash.clone(),
        };
    }
    if rows.len() as i64 == PAGE_ROWS {
        return Ok(Step::Further(good));
    }
    let head = tx
        .first(HEAD, &[workspace.into()], |r| Ok((r.int(0)?, r.bytes(1)?)))?
        .unwrap_or_default();
    Ok(Step::Done(if head == (good.position, good.hash.clone()) {
        Verdict::Intact {
            rows: good.position,
            head: crate::hex(&good.hash),
        }
    } else {
        let reason = format!(
            "the log should end at row {}; rows after {} are missing or added",
            head.0, good.position
        );
        Verdict::Broken {
            position: good.position + 1,
            reason,
        }
    }))
}

fn fault(good: &Progress, workspace: i64, row: &Entry) -> Option<String> {
    if row.position != good.position + 1 {
        return Some(format!("row {} follows row {}", row.position, good.position));
    }
    let texts = [row.actor.as_str(), &row.action, &row.subject, &row.detail];
    let expected = chain(&good.hash, workspace, row.position, row.at, texts);
    (expected != row.hash)
        .then(|| "its content does not fit its hash: the row, or the one before it, was changed".into())
}

/// How far a verification has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows found good.
    pub position: i64,
    hash: Vec<u8>,
}

/// What [`verify_next`] answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Call again from here.
    Further(Progress),
    /// Finished.
    Done(Verdict),
}
