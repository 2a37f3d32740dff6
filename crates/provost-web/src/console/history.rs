//! What was done about somebody: lines of the provisioning log, newest first.

use super::place::Somebody;
use super::refusal::Result;
use super::runs::told_action;
use super::status::without_code;
use super::time::Moment;
use crate::state::State;
use crate::texts::Language;
use provost_store::connection::Connection;
use provost_store::provisioning_log::{self, Asked, Entry};
use provost_store::{Error as Store, Tx, provider};
use std::collections::BTreeMap;

/// Lines of one page.
const PAGE: usize = 25;
/// Steps and receipts that a line shows.
const PARTS: usize = 12;
/// Characters that a line shows of a text that a target wrote.
const TEXT: usize = 400;

/// A page of lines.
pub(super) struct History {
    pub lines: Vec<LogLine>,
    /// The line before which the next page goes on.
    pub next: Option<i64>,
}

/// A line of the log.
pub(super) struct LogLine {
    pub key: i64,
    pub at: Moment,
    /// The connection that it was done in, or the provider that it came from.
    pub connection: String,
    pub action: String,
    pub status: String,
    pub code: String,
    pub reason: String,
    pub detail: String,
    pub initiator: String,
    /// Name, outcome and description of each step.
    pub steps: Vec<(String, String, String)>,
    /// Operation, status and request id of each request to the target.
    pub receipts: Vec<(String, u16, String)>,
}

impl LogLine {
    /// Whether there is more to tell than the line itself.
    pub fn has_more(&self) -> bool {
        !(self.detail.is_empty() && self.steps.is_empty() && self.receipts.is_empty())
    }
}

/// The lines about somebody, before the one with this key.
pub(super) async fn read(
    state: &State,
    who: &Somebody,
    connections: &[Connection],
    before: Option<i64>,
    now: i64,
    language: Language,
) -> Result<History> {
    let workspace = who.workspace;
    let asked = Asked {
        object: Some(who.key),
        before_key: before,
        limit: PAGE,
        ..Asked::default()
    };
    let read = move |tx: &mut Tx| {
        let found = provisioning_log::search(tx, workspace, &asked)?;
        Ok::<_, Store>((found, provider::all(tx, workspace)?))
    };
    let (found, providers) = state.db().read(read).await?;
    let mut names: BTreeMap<i64, String> = BTreeMap::new();
    names.extend(providers.into_iter().map(|one| (one.key, one.name)));
    names.extend(connections.iter().map(|one| (one.key, one.name.clone())));
    let lines = found.entries.into_iter().map(|entry| {
        let name = names.get(&entry.connection).cloned().unwrap_or_default();
        line(entry, name, now, language)
    });
    Ok(History {
        lines: lines.collect(),
        next: found.next,
    })
}

fn line(entry: Entry, connection: String, now: i64, language: Language) -> LogLine {
    let steps = entry.trace.steps.into_iter().take(PARTS);
    let receipts = entry.trace.receipts.into_iter().take(PARTS);
    LogLine {
        key: entry.key,
        at: Moment::new(entry.at, now),
        connection,
        action: told_action(&entry.action, language),
        reason: cut(without_code(&entry.code, &entry.reason)),
        code: entry.code,
        status: entry.status,
        detail: cut(&entry.detail),
        initiator: entry.initiator,
        steps: steps
            .map(|step| (step.name, step.status, cut(&step.description)))
            .collect(),
        receipts: receipts
            .map(|one| (one.operation, one.status, one.request_id))
            .collect(),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= TEXT {
        return text.to_owned();
    }
    text.chars().take(TEXT).chain(['…']).collect()
}
