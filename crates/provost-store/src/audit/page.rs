//! The audit log as people read it: newest first, by action, by who, by what.

use super::{Entry, read};
use crate::{Param, Result, Tx};

crate::statements! {
    BEFORE = "SELECT position, at, actor, action, subject, detail, hash FROM audit_log \
              WHERE workspace = $1 AND position < $2 ORDER BY position DESC LIMIT $3";
    BEFORE_OF = "SELECT position, at, actor, action, subject, detail, hash FROM audit_log \
                 WHERE workspace = $1 AND action = $2 AND position < $3 ORDER BY position DESC LIMIT $4";
    NEXT_ACTION = "SELECT action FROM audit_log WHERE workspace = $1 AND action > $2 ORDER BY action LIMIT 1";
}

/// Rows of one statement where some are passed over.
const CHUNK: usize = 1_000;
/// Rows that one search looks at; the answer says where to go on.
const LOOKED_AT: usize = 20_000;

/// Which rows are asked for. Every condition must hold.
#[derive(Debug, Clone, Default)]
pub struct AuditAsked {
    /// The workspace, or [`super::INSTALLATION`].
    pub workspace: i64,
    /// Only with a smaller number: the `next` of the page before.
    pub before: Option<i64>,
    /// Only actions that begin so: `person.`, or a whole one.
    pub action: Option<String>,
    /// Only of who has this in their name, in any letter case.
    pub actor: Option<String>,
    /// Only about what has this in its id or name, in any letter case.
    pub subject: Option<String>,
}

/// A page, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditPage {
    /// The rows.
    pub entries: Vec<Entry>,
    /// Where to go on (`before`); none at the end. A page by actor or subject may have fewer rows than were asked for,
    /// even none, and still go on: one search looks at 20,000 rows at most.
    pub next: Option<i64>,
}

/// A page of a workspace's audit log.
///
/// # Errors
/// [`crate::Error::Timeout`]; any error of the database.
pub fn page(tx: &mut Tx, asked: &AuditAsked, limit: usize) -> Result<AuditPage> {
    let limit = limit.max(1);
    let actions = match asked.action.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(prefix) => Some(actions(tx, asked.workspace, prefix)?),
    };
    let wanted = Wanted::of(asked);
    let (mut page, mut looked_at) = (AuditPage::default(), 0);
    let mut before = asked.before.unwrap_or(i64::MAX);
    let size = if wanted.is_everything() { limit + 1 } else { CHUNK };
    loop {
        tx.keep_time()?;
        let rows = match &actions {
            None => rows(tx, asked.workspace, before, size)?,
            Some(list) => rows_of(tx, asked.workspace, list, before, size)?,
        };
        let is_last = rows.len() < size;
        for entry in rows {
            if page.entries.len() >= limit {
                page.next = Some(before);
                return Ok(page);
            }
            looked_at += 1;
            before = entry.position;
            if wanted.fits(&entry) {
                page.entries.push(entry);
            }
        }
        if is_last {
            return Ok(page);
        }
        if looked_at >= LOOKED_AT {
            page.next = Some(before);
            return Ok(page);
        }
    }
}

fn rows(tx: &mut Tx, workspace: i64, before: i64, size: usize) -> Result<Vec<Entry>> {
    tx.query(
        BEFORE,
        &[workspace.into(), before.into(), (size as i64).into()],
        read,
    )
}

/// The newest rows of several actions, put together here: each has them in order in the index.
fn rows_of(tx: &mut Tx, workspace: i64, actions: &[String], before: i64, size: usize) -> Result<Vec<Entry>> {
    let mut found = Vec::new();
    for action in actions {
        let params = [
            workspace.into(),
            Param::Text(action),
            before.into(),
            (size as i64).into(),
        ];
        found.extend(tx.query(BEFORE_OF, &params, read)?);
    }
    found.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.position));
    found.truncate(size);
    Ok(found)
}

/// The actions that begin so. All that occur are gone through, a look into the index each: there are as many as the
/// product has words for, and a database's own order of words need not keep a beginning together.
fn actions(tx: &mut Tx, workspace: i64, prefix: &str) -> Result<Vec<String>> {
    let (mut found, mut last) = (Vec::new(), String::new());
    while let Some(next) = tx.first(NEXT_ACTION, &[workspace.into(), (&last).into()], |r| r.text(0))? {
        if next.starts_with(prefix) {
            found.push(next.clone());
        }
        last = next;
    }
    Ok(found)
}

/// The conditions that no index answers.
struct Wanted {
    actor: Option<String>,
    subject: Option<String>,
}

impl Wanted {
    fn of(asked: &AuditAsked) -> Self {
        let folded = |text: &Option<String>| {
            let text = text.as_deref().map(|text| text.trim().to_lowercase());
            text.filter(|text| !text.is_empty())
        };
        Self {
            actor: folded(&asked.actor),
            subject: folded(&asked.subject),
        }
    }

    fn is_everything(&self) -> bool {
        self.actor.is_none() && self.subject.is_none()
    }

    fn fits(&self, entry: &Entry) -> bool {
        let has = |part: &Option<String>, text: &str| {
            part.as_deref()
                .is_none_or(|part| text.to_lowercase().contains(part))
        };
        has(&self.actor, &entry.actor) && has(&self.subject, &entry.subject)
    }
}
