//! What came of the requests.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::mix::Kind;

/// Latencies by kind, statuses, and the first of each failure.
#[derive(Debug, Default)]
pub struct Tally {
    latencies: BTreeMap<Kind, Vec<Duration>>,
    /// How long after their due time requests were sent, because the connection was still busy or this
    /// machine was.
    late: Vec<Duration>,
    statuses: BTreeMap<u16, u64>,
    /// By the first words: how many, and the first one whole.
    failures: BTreeMap<String, (u64, String)>,
}

impl Tally {
    /// One request.
    pub fn note(&mut self, kind: Kind, latency: Duration, late: Duration, outcome: Result<u16, String>) {
        self.latencies.entry(kind).or_default().push(latency);
        self.late.push(late);
        match outcome {
            Ok(status) => *self.statuses.entry(status).or_default() += 1,
            Err(failure) => {
                let sort = failure.split(':').next().unwrap_or_default().to_owned();
                self.failures
                    .entry(sort)
                    .or_insert((0, format!("{} {failure}", kind.name())))
                    .0 += 1;
            }
        }
    }

    /// What another connection saw.
    pub fn merge(&mut self, other: Self) {
        for (kind, mut more) in other.latencies {
            self.latencies.entry(kind).or_default().append(&mut more);
        }
        self.late.extend(other.late);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        for (sort, (count, first)) in other.failures {
            self.failures.entry(sort).or_insert((0, first)).0 += count;
        }
    }

    /// A table for people.
    pub fn text(&self, seconds: u64) -> String {
        let mut out = format!(
            "{:8} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
            "", "requests", "per s", "p50 ms", "p90 ms", "p99 ms", "max ms"
        );
        for (name, list) in self.rows() {
            let _ = writeln!(
                out,
                "{name:8} {:>9} {:>9.0} {:>9.2} {:>9.2} {:>9.2} {:>9.2}",
                list.len(),
                list.len() as f64 / seconds.max(1) as f64,
                millis(&list, 0.5),
                millis(&list, 0.9),
                millis(&list, 0.99),
                millis(&list, 1.0)
            );
        }
        let statuses: Vec<String> = self
            .statuses
            .iter()
            .map(|(status, count)| format!("{count} × {status}"))
            .collect();
        let _ = writeln!(out, "answers as expected: {}", statuses.join(", "));
        for (count, first) in self.failures.values() {
            let _ = writeln!(out, "FAILED {count} times, first: {first}");
        }
        out.truncate(out.trim_end().len());
        out
    }

    /// The same for programs, on one line.
    pub fn json(&self, seconds: u64) -> String {
        let rows: serde_json::Map<String, Value> = self
            .rows()
            .map(|(name, list)| {
                let row = json!({
                    "requests": list.len(), "per_second": list.len() as f64 / seconds.max(1) as f64, "p50_ms": millis(&list, 0.5),
                    "p90_ms": millis(&list, 0.9), "p99_ms": millis(&list, 0.99), "max_ms": millis(&list, 1.0),
                });
                (name.to_owned(), row)
            })
            .collect();
        let statuses: BTreeMap<String, u64> = self
            .statuses
            .iter()
            .map(|(status, count)| (status.to_string(), *count))
            .collect();
        let failures: Vec<Value> = self
            .failures
            .values()
            .map(|(count, first)| json!({"count": count, "first": first}))
            .collect();
        json!({"kinds": rows, "statuses": statuses, "failures": failures}).to_string()
    }

    /// Each kind, all together, and how late requests were sent; sorted.
    fn rows(&self) -> impl Iterator<Item = (&'static str, Vec<Duration>)> {
        let all = self.latencies.values().flatten().copied().collect();
        let kinds = self
            .latencies
            .iter()
            .map(|(kind, list)| (kind.name(), list.clone()));
        let rows: Vec<(&'static str, Vec<Duration>)> = kinds
            .chain([("all", all), ("sent late", self.late.clone())])
            .collect();
        rows.into_iter().map(|(name, mut list)| {
            list.sort_unstable();
            (name, list)
        })
    }
}

/// The latency that this share of the requests did not exceed, in milliseconds.
fn millis(sorted: &[Duration], share: f64) -> f64 {
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted
        .get(at)
        .map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_list_and_failures_are_counted_once_each() {
        let mut tally = Tally::default();
        for i in 1..=100 {
            tally.note(Kind::Get, Duration::from_millis(i), Duration::ZERO, Ok(200));
        }
        let mut other = Tally::default();
        for _ in 0..2 {
            other.note(
                Kind::Create,
                Duration::from_millis(3),
                Duration::ZERO,
                Err("409: taken".to_owned()),
            );
        }
        tally.merge(other);
        let said: Value = serde_json::from_str(&tally.json(10)).unwrap();
        assert_eq!(said["kinds"]["get"]["p50_ms"], 51.0);
        assert_eq!(
            (&said["kinds"]["get"]["p99_ms"], &said["kinds"]["get"]["max_ms"]),
            (&json!(100.0), &json!(100.0))
        );
        assert_eq!(
            (
                &said["kinds"]["all"]["requests"],
                &said["kinds"]["get"]["per_second"]
            ),
            (&json!(102), &json!(10.0))
        );
        assert_eq!(said["statuses"], json!({"200": 100}));
        assert_eq!(
            said["failures"],
            json!([{"count": 2, "first": "create 409: taken"}])
        );
    }
}
