//! Finding logged requests: newest first, a page at a time, by the narrowest index.

use super::{Entry, columns, read};
use crate::{Param, Result, Tx};
use std::ops::ControlFlow;
use uuid::Uuid;

crate::statements! {
    OF_WORKSPACE = concat!("SELECT ", columns!(), " FROM request_log WHERE workspace = $1 AND key < $2 \
                    ORDER BY key DESC LIMIT $3");
    OF_PROVIDER = concat!("SELECT ", columns!(), " FROM request_log WHERE provider = $1 AND key < $2 \
                   ORDER BY key DESC LIMIT $3");
}

/// Rows that are read at once in a search.
const CHUNK: usize = 500;
/// Rows that one search looks at; the answer says where to go on.
const LOOKED_AT: usize = 20_000;
/// Milliseconds by which a row may stand behind one that came later: rows are written in groups.
const SLACK: i64 = 60_000;

/// Which requests are asked for. Every condition must hold.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// The workspace's key.
    pub workspace: i64,
    /// Of this provider.
    pub provider: Option<i64>,
    /// Only those that failed.
    pub failed: bool,
    /// Only those that were meant to change something.
    pub changes: bool,
    /// About the person or group with this id, or whose name begins so in any letter case, or with this in
    /// the path.
    pub text: Option<String>,
    /// Only before the entry with this key: the `next` of the page before.
    pub before: Option<i64>,
    /// Only those that came at this time or later.
    pub since: Option<i64>,
    /// Rows that the search looks at, where it is less than 20,000: a glance at the newest.
    pub glance: Option<usize>,
}

/// A page of the request log, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Where the search goes on; none when there is nothing older. A page may have fewer entries than were
    /// asked for, even none, and still go on: one search looks at 20,000 rows at most.
    pub next: Option<i64>,
}

/// Finds requests, at most `limit`, newest first.
///
/// # Errors
/// [`Error::Timeout`]; any error of the database.
pub fn search(tx: &mut Tx, search: &Search, limit: usize) -> Result<Page> {
    let text = search
        .text
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let wanted = Wanted {
        search,
        id: text.and_then(|text| Uuid::try_parse(text).ok()),
        text: text.map(str::to_lowercase),
    };
    let mut page = Page {
        entries: Vec::new(),
        next: None,
    };
    let mut before = search.before.unwrap_or(i64::MAX);
    let mut looked_at = 0;
    let most = search.glance.unwrap_or(LOOKED_AT).min(LOOKED_AT);
    while page.entries.len() < limit {
        if looked_at >= most {
            page.next = Some(before);
            break;
        }
        tx.keep_time()?;
        // Most searches find what they look for at once: the first look is no larger than the page.
        let size = if looked_at == 0 {
            CHUNK.min(limit + 1)
        } else {
            CHUNK
        };
        let rows = wanted.chunk(tx, before, size)?;
        looked_at += rows.len();
        let is_last = rows.len() < size;
        match wanted.take(rows, limit, &mut page, &mut before) {
            ControlFlow::Break(()) => break,
            ControlFlow::Continue(()) if is_last => break,
            ControlFlow::Continue(()) => {}
        }
    }
    Ok(page)
}

/// A search that is under way.
struct Wanted<'a> {
    search: &'a Search,
    id: Option<Uuid>,
    text: Option<String>,
}

impl Wanted<'_> {
    /// The next rows by the narrowest index. There is none on the object: its entries would lie scattered over
    /// the whole index, and each row of the log would dirty another page of it.
    fn chunk(&self, tx: &mut Tx, before: i64, size: usize) -> Result<Vec<Entry>> {
        let (sql, of): (&str, Param) = match self.search.provider {
            Some(provider) => (OF_PROVIDER, provider.into()),
            None => (OF_WORKSPACE, self.search.workspace.into()),
        };
        tx.query(sql, &[of, before.into(), (size as i64).into()], read)
    }

    /// Keeps what fits. Breaks once the page is full, or when only older rows follow.
    fn take(&self, rows: Vec<Entry>, limit: usize, page: &mut Page, before: &mut i64) -> ControlFlow<()> {
        for entry in rows {
            if page.entries.len() >= limit {
                page.next = Some(*before);
                return ControlFlow::Break(());
            }
            if self
                .search
                .since
                .is_some_and(|since| entry.at < since.saturating_sub(SLACK))
            {
                return ControlFlow::Break(());
            }
            *before = entry.key;
            if self.fits(&entry) {
                page.entries.push(entry);
            }
        }
        // The page became full with the last row of the chunk: what follows is looked at next time.
        if page.entries.len() >= limit {
            page.next = Some(*before);
        }
        ControlFlow::Continue(())
    }

    fn fits(&self, entry: &Entry) -> bool {
        let s = self.search;
        entry.workspace == s.workspace
            && s.provider.is_none_or(|provider| provider == entry.provider)
            && s.since.is_none_or(|since| entry.at >= since)
            && (!s.failed || entry.is_failed())
            && (!s.changes || entry.is_change())
            && self.text.as_deref().is_none_or(|text| self.is_about(entry, text))
    }

    fn is_about(&self, entry: &Entry, text: &str) -> bool {
        match self.id {
            Some(id) if entry.object == Some(id) => true,
            _ => entry.subject.to_lowercase().starts_with(text) || entry.path.to_lowercase().contains(text),
        }
    }
}
