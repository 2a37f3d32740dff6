//! Finding lines of the provisioning log: newest first, a page at a time, by the narrowest index.

use super::{Entry, columns, read};
use crate::{Param, Result, Tx};
use std::ops::ControlFlow;
use uuid::Uuid;

crate::statements! {
    OF_WORKSPACE = concat!("SELECT ", columns!(), " FROM provisioning_log WHERE workspace = $1 AND key < $2 \
                    ORDER BY key DESC LIMIT $3");
    OF_CONNECTION = concat!("SELECT ", columns!(), " FROM provisioning_log WHERE connection = $1 AND key < $2 \
                     ORDER BY key DESC LIMIT $3");
    OF_CYCLE = concat!("SELECT ", columns!(), " FROM provisioning_log WHERE cycle = $1 AND key < $2 \
                ORDER BY key DESC LIMIT $3");
    OF_OBJECT = concat!("SELECT ", columns!(), " FROM provisioning_log WHERE object = $1 AND key < $2 \
                 ORDER BY key DESC LIMIT $3");
    AROUND = "SELECT at FROM provisioning_log WHERE workspace = $1 AND key >= $2 ORDER BY key LIMIT 1";
    NEWEST = "SELECT key FROM provisioning_log WHERE workspace = $1 ORDER BY key DESC LIMIT 1";
    IN_WORKSPACE = "SELECT 1 FROM provisioning_log WHERE workspace = $1 AND key = $2";
}

/// Rows that are read at once in a search.
const CHUNK: usize = 500;
/// Rows that one search looks at; the answer says where to go on.
const LOOKED_AT: usize = 20_000;
/// Milliseconds by which a row may stand behind one that came later: rows are written in groups.
const SLACK: i64 = 60_000;

/// Which lines are asked for. Every condition must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Of this connection.
    pub connection: Option<i64>,
    /// Of this cycle.
    pub cycle: Option<i64>,
    /// About the object with this inside key.
    pub object: Option<i64>,
    /// With this action.
    pub action: Option<String>,
    /// With this status.
    pub status: Option<String>,
    /// With this code.
    pub code: Option<String>,
    /// About the object with this public id or this id in the target, or with this in the label, the reason or
    /// the detail, in any letter case.
    pub text: Option<String>,
    /// Only what was written at this time or later.
    pub since: Option<i64>,
    /// Only what was written before this time.
    pub until: Option<i64>,
    /// Only before the line with this key: the `next` of the page before.
    pub before_key: Option<i64>,
    /// How many lines at most.
    pub limit: usize,
}

/// A page of the log, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The lines.
    pub entries: Vec<Entry>,
    /// Where the search goes on; none when there is nothing older. A page may have fewer lines than were asked
    /// for, even none, and still go on: one search looks at 20,000 rows at most.
    pub next: Option<i64>,
}

/// Finds lines of a workspace's log, newest first.
///
/// # Errors
/// [`crate::Error::Timeout`]; any error of the database.
pub fn search(tx: &mut Tx, workspace: i64, asked: &Asked) -> Result<Page> {
    let text = asked
        .text
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let wanted = Wanted {
        workspace,
        asked,
        id: text.and_then(|text| Uuid::try_parse(text).ok()),
        text: text.map(str::to_lowercase),
    };
    let mut page = Page::default();
    let mut before = match (asked.before_key, asked.until) {
        (Some(key), _) => key,
        (None, Some(until)) => first_after(tx, workspace, until.saturating_add(SLACK))?,
        (None, None) => i64::MAX,
    };
    let mut looked_at = 0;
    while page.entries.len() < asked.limit {
        if looked_at >= LOOKED_AT {
            page.next = Some(before);
            break;
        }
        tx.keep_time()?;
        // Most searches find what they look for at once: the first look is no larger than the page.
        let size = if looked_at == 0 {
            CHUNK.min(asked.limit + 1)
        } else {
            CHUNK
        };
        let rows = wanted.chunk(tx, before, size)?;
        looked_at += rows.len();
        let is_last = rows.len() < size;
        match wanted.take(tx, rows, &mut page, &mut before)? {
            ControlFlow::Break(()) => break,
            ControlFlow::Continue(()) if is_last => break,
            ControlFlow::Continue(()) => {}
        }
    }
    Ok(page)
}

/// A key above those of all lines from before `at`, found by halving: keys rise with time.
fn first_after(tx: &mut Tx, workspace: i64, at: i64) -> Result<i64> {
    let Some(newest) = tx.first(NEWEST, &[workspace.into()], |r| r.int(0))? else {
        return Ok(i64::MAX);
    };
    let (mut low, mut high) = (0, newest + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        match tx.first(AROUND, &[workspace.into(), middle.into()], |r| r.int(0))? {
            Some(found) if found < at => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(high)
}

/// A search that is under way.
struct Wanted<'a> {
    workspace: i64,
    asked: &'a Asked,
    id: Option<Uuid>,
    text: Option<String>,
}

impl Wanted<'_> {
    /// The next rows by the narrowest index.
    fn chunk(&self, tx: &mut Tx, before: i64, size: usize) -> Result<Vec<Entry>> {
        let asked = self.asked;
        let (sql, of): (&str, Param) = match (asked.object, asked.cycle, asked.connection) {
            (Some(object), _, _) => (OF_OBJECT, object.into()),
            (None, Some(cycle), _) => (OF_CYCLE, cycle.into()),
            (None, None, Some(connection)) => (OF_CONNECTION, connection.into()),
            (None, None, None) => (OF_WORKSPACE, self.workspace.into()),
        };
        tx.query(sql, &[of, before.into(), (size as i64).into()], read)
    }

    /// Keeps what fits. Breaks once the page is full, or when only older rows follow.
    fn take(
        &self,
        tx: &mut Tx,
        rows: Vec<Entry>,
        page: &mut Page,
        before: &mut i64,
    ) -> Result<ControlFlow<()>> {
        for entry in rows {
            if page.entries.len() >= self.asked.limit {
                page.next = Some(*before);
                return Ok(ControlFlow::Break(()));
            }
            if self
                .asked
                .since
                .is_some_and(|since| entry.at < since.saturating_sub(SLACK))
            {
                return Ok(ControlFlow::Break(()));
            }
            *before = entry.key;
            if self.fits(&entry) && self.is_ours(tx, entry.key)? {
                page.entries.push(entry);
            }
        }
        // The page became full with the last row of the chunk: what follows is looked at next time.
        if page.entries.len() >= self.asked.limit {
            page.next = Some(*before);
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Keys of connections, cycles and objects come from outside: a line of another workspace is nobody's.
    fn is_ours(&self, tx: &mut Tx, key: i64) -> Result<bool> {
        let asked = self.asked;
        if asked.object.or(asked.cycle).or(asked.connection).is_none() {
            return Ok(true);
        }
        let params = [self.workspace.into(), key.into()];
        Ok(tx.first(IN_WORKSPACE, &params, |_| Ok(()))?.is_some())
    }

    fn fits(&self, entry: &Entry) -> bool {
        let a = self.asked;
        let same = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|one| one == found);
        a.connection.is_none_or(|one| one == entry.connection)
            && a.cycle.is_none_or(|one| one == entry.cycle)
            && a.object.is_none_or(|one| one == entry.object)
            && same(&a.action, &entry.action)
            && same(&a.status, &entry.status)
            && same(&a.code, &entry.code)
            && a.since.is_none_or(|since| entry.at >= since)
            && a.until.is_none_or(|until| entry.at < until)
            && self.text.as_deref().is_none_or(|text| self.is_about(entry, text))
    }

    fn is_about(&self, entry: &Entry, text: &str) -> bool {
        self.id.is_some_and(|id| id == entry.object_id)
            || entry.target_id.to_lowercase() == text
            || [&entry.label, &entry.reason, &entry.detail]
                .iter()
                .any(|field| field.to_lowercase().contains(text))
    }
}
