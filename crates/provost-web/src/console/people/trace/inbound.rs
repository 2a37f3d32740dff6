//! What came in about somebody: the requests of identity providers with their meaning, and the records of personnel
//! systems.

use crate::console::place::Somebody;
use crate::console::time::{Clock, Moment};
use crate::texts::text;
use provost_store::request::{self, Entry, Search};
use provost_store::source_record;
use provost_store::{Error as Store, Tx};
use std::collections::BTreeMap;

/// Requests that the page shows; the request log has the others.
const REQUESTS: usize = 6;
/// Newest requests that are looked through for them.
const GLANCE: usize = 3_000;
/// Characters that are shown of a text that a client wrote.
const TEXT: usize = 400;

/// What came in.
pub(super) struct Inbound {
    pub requests: Vec<RequestLine>,
    pub records: Vec<RecordLine>,
}

/// A request of an identity provider.
pub(super) struct RequestLine {
    pub at: Moment,
    pub provider: String,
    pub method: String,
    pub path: String,
    pub status: u16,
    pub is_failed: bool,
    pub meaning: String,
    pub error: String,
    pub request: String,
}

/// What a personnel system said last.
pub(super) struct RecordLine {
    pub provider: String,
    pub anchor: String,
    pub state: &'static str,
    pub at: Moment,
    pub error: String,
}

/// Reads it: of who sends them, or of everybody once they are gone.
pub(super) fn read(
    tx: &mut Tx,
    who: &Somebody,
) -> Result<(request::Page, Vec<source_record::SourceRecord>), Store> {
    let search = Search {
        workspace: who.workspace,
        provider: who.owner().filter(|owner| *owner != who.workspace),
        text: Some(who.id.to_string()),
        glance: Some(GLANCE),
        ..Search::default()
    };
    let found = request::search(tx, &search, REQUESTS)?;
    Ok((found, source_record::by_object(tx, who.key)?))
}

/// Puts it into words.
pub(super) fn view(
    (found, records): (request::Page, Vec<source_record::SourceRecord>),
    providers: &BTreeMap<i64, String>,
    clock: &Clock,
) -> Inbound {
    let name = |key: i64| providers.get(&key).cloned().unwrap_or_default();
    let records = records.into_iter().map(|one| RecordLine {
        provider: name(one.provider),
        state: state(one.state),
        at: clock.moment(one.modified),
        anchor: cut(&one.anchor),
        error: cut(&one.error),
    });
    let requests = found.entries.into_iter().map(|entry| {
        let provider = name(entry.provider);
        line(entry, provider, clock)
    });
    Inbound {
        requests: requests.collect(),
        records: records.collect(),
    }
}

fn state(state: source_record::State) -> &'static str {
    match state {
        source_record::State::Present => text("in the last input"),
        source_record::State::Absent => text("missing in the last input"),
        source_record::State::Failed => text("could not be taken in"),
    }
}

fn line(entry: Entry, provider: String, clock: &Clock) -> RequestLine {
    RequestLine {
        at: clock.moment(entry.at),
        provider,
        is_failed: entry.is_failed(),
        path: cut(&entry.path),
        status: entry.status,
        meaning: cut(&entry.meaning),
        error: cut(&entry.error),
        request: entry.request,
        method: entry.method,
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= TEXT {
        return text.to_owned();
    }
    text.chars().take(TEXT).chain(['…']).collect()
}
