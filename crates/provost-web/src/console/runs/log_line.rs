//! A line of the provisioning log, as its page shows it.

use super::super::advice::{self, Next};
use super::super::status::{shown, without_code};
use super::super::time::{Clock, Moment};
use super::action;
use super::log::Sources;
use super::plan_steps::Row;
use super::value::{self, cut};
use crate::console::address::Space;
use crate::texts::text;
use provost_engine::object::Kind;
use provost_engine::plan::Action;
use provost_store::provisioning_log::Entry;

/// Parts of one sort that a line shows.
const PARTS: usize = 12;

/// A line.
pub(super) struct Line {
    pub key: i64,
    pub at: Moment,
    pub label: String,
    /// The trace page of whom it is about.
    pub address: Option<String>,
    /// Where they can be provisioned at once.
    pub provision: Option<String>,
    pub source: String,
    pub source_address: Option<String>,
    pub action: String,
    pub status: &'static str,
    pub class: &'static str,
    pub code: String,
    pub reason: String,
    pub next: Option<Next>,
    /// The connection's name and the object's key, where another try makes sense.
    pub retry: Option<(String, i64)>,
    /// What finds their lines again.
    pub who: String,
    pub cycle: Option<String>,
    pub initiator: String,
    pub target_id: String,
    pub detail: String,
    pub took: String,
    pub modified: Vec<Row>,
    pub steps: Vec<StepView>,
    pub receipts: Vec<ReceiptView>,
}

/// A step of the line's story.
pub(super) struct StepView {
    pub name: String,
    pub status: String,
    pub description: String,
    pub details: Vec<(String, String)>,
}

/// What the target's provider wrote beside an answer.
pub(super) struct ReceiptView {
    pub operation: String,
    pub status: u16,
    pub request_id: String,
    pub reason: String,
}

impl Line {
    pub fn is_failure(&self) -> bool {
        self.class == "failed"
    }
}

/// A line from what the store has.
pub(super) fn of(entry: Entry, sources: &Sources, space: &Space, clock: &Clock) -> Line {
    let place = sources.place(entry.connection, space);
    let is_known = !entry.object_id.is_nil();
    let address = match entry.kind {
        Kind::Person => space.person(entry.object_id),
        Kind::Group => space.group(entry.object_id),
    };
    let is_failure = entry.status == "failure";
    let (status, class) = status(&entry.status);
    let (source, source_address) = match (&place, sources.provider(entry.connection)) {
        (Some(place), _) => (
            place.connection.name.clone(),
            Some(space.connection(&place.connection.name)),
        ),
        (None, Some(name)) => (name.to_owned(), Some(space.to(&["providers", name]))),
        (None, None) => (clock.language.t(text("removed")).to_owned(), None),
    };
    Line {
        key: entry.key,
        at: clock.moment(entry.at),
        label: shown(&entry.label).to_owned(),
        who: if is_known {
            entry.object_id.to_string()
        } else {
            entry.label.clone()
        },
        provision: (is_known && place.is_some()).then(|| format!("{address}/provision")),
        address: is_known.then_some(address),
        next: place
            .as_ref()
            .filter(|_| is_failure)
            .and_then(|place| advice::next(place, code(&entry))),
        retry: place
            .filter(|_| is_failure && entry.object != 0)
            .map(|place| (place.connection.name, entry.object)),
        source,
        source_address,
        action: action::told(&entry.action, clock.language),
        status,
        class,
        reason: cut(without_code(&entry.code, why(&entry))),
        code: entry.code,
        cycle: (entry.cycle > 0).then(|| space.to(&["cycles", &entry.cycle.to_string()])),
        initiator: entry.initiator,
        target_id: entry.target_id,
        detail: cut(&entry.detail),
        took: clock.span(entry.micros / 1_000),
        modified: entry.trace.modified.iter().take(PARTS).map(modified).collect(),
        steps: entry.trace.steps.into_iter().take(PARTS).map(step).collect(),
        receipts: entry
            .trace
            .receipts
            .into_iter()
            .take(PARTS)
            .map(receipt)
            .collect(),
    }
}

/// Why it was done: what is written about it, or of what takes something away, why nobody is meant any more.
fn why(entry: &Entry) -> &str {
    let takes = Action::ALL
        .iter()
        .any(|one| one.is_removal() && one.to_string() == entry.action);
    if !entry.reason.is_empty() || !takes {
        return &entry.reason;
    }
    let scope = entry.trace.steps.iter().find(|step| step.name == "scope");
    scope.map_or("", |step| step.description.as_str())
}

/// The code of a failure: one that has none is tried again by itself, as every other.
fn code(entry: &Entry) -> &str {
    if entry.code.is_empty() {
        "PRV-CONNECT-UNAVAILABLE"
    } else {
        &entry.code
    }
}

fn status(word: &str) -> (&'static str, &'static str) {
    match word {
        "success" => (text("success"), "success"),
        "failure" => (text("failure"), "failed"),
        "warning" => (text("warning"), "partial"),
        _ => (text("skipped"), "unsynced"),
    }
}

fn modified(one: &provost_store::provisioning_log::Modified) -> Row {
    Row {
        attribute: one.name.clone(),
        before: value::shown(&one.old),
        after: value::shown(&one.new),
    }
}

fn step(one: provost_store::provisioning_log::Step) -> StepView {
    StepView {
        name: one.name,
        status: one.status,
        description: cut(&one.description),
        details: one
            .details
            .into_iter()
            .take(PARTS)
            .map(|(name, value)| (name, cut(&value)))
            .collect(),
    }
}

fn receipt(one: provost_store::provisioning_log::Receipt) -> ReceiptView {
    ReceiptView {
        operation: one.operation,
        status: one.status,
        request_id: one.request_id,
        reason: cut(&one.reason),
    }
}
