//! What was asked, and how it was answered: counts and the latest calls.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;
use serde_json::{Value, json};

use crate::moment;

/// So many of the latest calls are kept.
const KEPT: usize = 300;

/// One call, entries of batches included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// When, in milliseconds since the epoch by the simulator's clock.
    pub at: i64,
    /// Method and shape of the path, such as `PATCH /users/*`.
    pub operation: String,
    /// Method and path as they were written, without the query.
    pub address: String,
    /// The status of the answer; 0 when there was none.
    pub status: u16,
    /// Resource units charged.
    pub units: u32,
    /// The id that the answer carried.
    pub request_id: String,
    /// The id that the client gave, or the same as `request_id`.
    pub client_request_id: String,
    /// An entry of a batch.
    pub in_batch: bool,
    /// A fault struck it.
    pub fault: bool,
}

/// How many in the busiest second, by the simulator's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Peak {
    /// Calls.
    pub calls_per_second: u64,
    /// Accepted writes.
    pub writes_per_second: u64,
    #[serde(skip)]
    second: i64,
    #[serde(skip)]
    calls: u64,
    #[serde(skip)]
    writes: u64,
}

/// The counts of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    recent: VecDeque<Seen>,
    by: BTreeMap<(String, u16), u64>,
    peak: Peak,
    units: u64,
    /// Requests as they came over the wire: a batch is one.
    http: u64,
    since: Option<i64>,
}

impl Calls {
    /// Notes one call.
    pub(crate) fn note(&mut self, seen: Seen, write: bool) {
        self.since.get_or_insert(seen.at);
        *self.by.entry((seen.operation.clone(), seen.status)).or_default() += 1;
        self.units += u64::from(seen.units);
        self.http += u64::from(!seen.in_batch);
        self.peak.note(seen.at, write);
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(seen);
    }

    /// The latest calls, the last one first.
    pub(crate) fn recent(&self) -> impl Iterator<Item = &Seen> {
        self.recent.iter().rev()
    }

    /// How often each operation was answered with each status, in the order of their names.
    pub(crate) fn by_operation(&self) -> impl Iterator<Item = (&str, u16, u64)> {
        self.by
            .iter()
            .map(|((operation, status), count)| (operation.as_str(), *status, *count))
    }

    pub(crate) fn peak(&self) -> Peak {
        self.peak
    }

    /// As the control interface shows it.
    pub(crate) fn view(&self) -> Value {
        let mut operations: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
        for (operation, status, count) in self.by_operation() {
            operations
                .entry(operation)
                .or_default()
                .insert(status.to_string(), count);
        }
        json!({
            "since": self.since.map(moment::text),
            "operations": operations,
            "httpCalls": self.http,
            "resourceUnits": self.units,
            "peak": self.peak,
        })
    }
}

impl Peak {
    fn note(&mut self, at: i64, write: bool) {
        let second = at.div_euclid(1_000);
        if second != self.second {
            (self.second, self.calls, self.writes) = (second, 0, 0);
        }
        self.calls += 1;
        self.writes += u64::from(write);
        self.calls_per_second = self.calls_per_second.max(self.calls);
        self.writes_per_second = self.writes_per_second.max(self.writes);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn seen(at: i64, status: u16) -> Seen {
        Seen {
            at,
            operation: "GET /users".to_owned(),
            address: "GET /users".to_owned(),
            status,
            units: 2,
            request_id: at.to_string(),
            client_request_id: String::new(),
            in_batch: false,
            fault: false,
        }
    }

    #[test]
    fn counts_by_status_and_keeps_the_latest() {
        let mut calls = Calls::default();
        for at in 0..400 {
            calls.note(seen(at * 10, if at % 4 == 0 { 429 } else { 200 }), at % 4 != 0);
        }
        assert_eq!(
            calls.by_operation().collect::<Vec<_>>(),
            [("GET /users", 200, 300), ("GET /users", 429, 100)]
        );
        assert_eq!(calls.recent().count(), KEPT);
        assert_eq!(calls.recent().next().unwrap().request_id, "3990");
        assert_eq!(
            (calls.peak().calls_per_second, calls.peak().writes_per_second),
            (100, 75)
        );
        assert_eq!(calls.view()["resourceUnits"], 800);
        let entry = Seen {
            in_batch: true,
            ..seen(4_000, 200)
        };
        calls.note(entry, false);
        assert_eq!(
            calls.view()["httpCalls"],
            400,
            "entries of a batch are one request together"
        );
    }
}
