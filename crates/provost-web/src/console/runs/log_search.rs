//! What the log is searched for.

use super::log::Sources;
use crate::console::faults::Faults;
use crate::texts::text;
use crate::visitor::Visitor;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use provost_store::provisioning_log::Asked as Wanted;
use serde::Deserialize;

/// The fields of the search, as they were typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub connection: String,
    /// A person or group: an id, or a name that is exact.
    pub object: String,
    pub action: String,
    pub status: String,
    pub code: String,
    pub find: String,
    /// Day and time in the reader's zone.
    pub since: String,
    pub until: String,
    /// A cycle's key, from its page.
    pub cycle: String,
    pub before: Option<i64>,
}

impl Asked {
    /// What is typed in, by the names of the fields.
    fn fields(&self) -> [(&'static str, &String); 9] {
        [
            ("connection", &self.connection),
            ("object", &self.object),
            ("action", &self.action),
            ("status", &self.status),
            ("code", &self.code),
            ("find", &self.find),
            ("since", &self.since),
            ("until", &self.until),
            ("cycle", &self.cycle),
        ]
    }

    pub fn is_narrowed(&self) -> bool {
        self.fields().iter().any(|(_, text)| !text.is_empty())
    }

    /// The same search as parameters of an address.
    pub fn parameters(&self, before: Option<i64>) -> Vec<(&'static str, String)> {
        let filled = self.fields().into_iter().filter(|(_, text)| !text.is_empty());
        let mut all: Vec<_> = filled.map(|(name, text)| (name, text.clone())).collect();
        all.extend(before.map(|key| ("before", key.to_string())));
        all
    }

    /// The search for the store; none where nothing can fit: no such connection, person or cycle.
    pub(super) fn wanted(
        &self,
        sources: &Sources,
        object: Option<i64>,
        since: Option<i64>,
        until: Option<i64>,
        limit: usize,
    ) -> Option<Wanted> {
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let connection = match filled(&self.connection) {
            Some(name) => Some(sources.key(&name)?),
            None => None,
        };
        let cycle = match filled(&self.cycle) {
            Some(key) => Some(key.parse().ok()?),
            None => None,
        };
        if object.is_some_and(|key| key < 0) {
            return None;
        }
        Some(Wanted {
            connection,
            cycle,
            object,
            action: filled(&self.action),
            status: filled(&self.status),
            code: filled(&self.code).map(|code| code.to_uppercase()),
            text: filled(&self.find),
            since,
            until,
            before_key: self.before,
            limit,
        })
    }
}

/// A moment as it was typed, in the reader's zone: `2026-11-21T14:30`, or a day alone.
pub(super) fn moment(visitor: &Visitor, field: &str, typed: &str, faults: &mut Faults) -> Option<i64> {
    let typed = typed.trim();
    if typed.is_empty() {
        return None;
    }
    let zone = visitor
        .zone
        .as_deref()
        .and_then(|name| TimeZone::get(name).ok())
        .unwrap_or(TimeZone::UTC);
    let parsed = typed
        .parse::<DateTime>()
        .ok()
        .and_then(|time| time.to_zoned(zone).ok());
    if parsed.is_none() {
        let sentence = text("This is no day with a time. Write it as 2026-11-21T14:30.");
        faults.add(field, visitor.language.t(sentence));
    }
    parsed.map(|time| time.timestamp().as_millisecond())
}
