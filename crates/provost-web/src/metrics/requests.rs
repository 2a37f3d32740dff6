//! Counting requests: by the part of the service that answers and by how it answers, with how long it takes.

use super::text::{Page, Sort};
use crate::state::State;
use axum::extract::{self, Request};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The parts of the service, by how their addresses begin.
const AREAS: [(&str, &str); 6] = [
    ("scim", "/scim"),
    ("api", "/api"),
    ("import", "/import"),
    ("oauth", "/oauth"),
    ("metrics", "/metrics"),
    ("console", "/"),
];
/// Classes of answers: by the first digit of the status.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];
/// Upper limits of the buckets, in seconds.
const LIMITS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

/// What was counted of one part.
#[derive(Default)]
struct Area {
    classes: [AtomicU64; CLASSES.len()],
    buckets: [AtomicU64; LIMITS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

/// What was counted since the process started.
#[derive(Default)]
pub(crate) struct Requests([Area; AREAS.len()]);

/// Counts a request beside its answer.
pub(crate) async fn count(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let area = area_of(request.uri().path());
    let response = next.run(request).await;
    state
        .requests()
        .note(area, response.status().as_u16(), started.elapsed().as_micros());
    response
}

fn area_of(path: &str) -> usize {
    let found = AREAS.iter().position(|(_, start)| path.starts_with(start));
    found.unwrap_or(AREAS.len() - 1)
}

impl Requests {
    fn note(&self, area: usize, status: u16, micros: u128) {
        let Some(area) = self.0.get(area) else { return };
        let class = usize::from(status / 100).saturating_sub(1);
        if let Some(class) = area.classes.get(class) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        let micros = u64::try_from(micros).unwrap_or(u64::MAX);
        let seconds = micros as f64 / 1_000_000.0;
        let bucket = LIMITS.iter().position(|limit| seconds <= *limit);
        if let Some(bucket) = bucket.and_then(|at| area.buckets.get(at)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        area.count.fetch_add(1, Ordering::Relaxed);
        area.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Writes what was counted.
    pub(super) fn render(&self, page: &mut Page) {
        let name = "provost_http_requests_total";
        page.family(
            name,
            Sort::Counter,
            "Requests answered by this process, by area and class of status.",
        );
        for ((area, _), counted) in AREAS.iter().zip(&self.0) {
            for (class, count) in CLASSES.iter().zip(&counted.classes) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    page.sample(name, &[("area", area), ("status", class)], count as f64);
                }
            }
        }
        let name = "provost_http_request_seconds";
        page.family(
            name,
            Sort::Histogram,
            "Time from a request's head to its answer's.",
        );
        for ((area, _), counted) in AREAS.iter().zip(&self.0) {
            counted.render(page, area);
        }
    }
}

impl Area {
    fn render(&self, page: &mut Page, area: &str) {
        let count = self.count.load(Ordering::Relaxed);
        if count == 0 {
            return;
        }
        let bucket = "provost_http_request_seconds_bucket";
        let mut below = 0;
        for (limit, counted) in LIMITS.iter().zip(&self.buckets) {
            below += counted.load(Ordering::Relaxed);
            page.sample(
                bucket,
                &[("area", area), ("le", &limit.to_string())],
                below as f64,
            );
        }
        page.sample(bucket, &[("area", area), ("le", "+Inf")], count.max(below) as f64);
        let seconds = self.micros.load(Ordering::Relaxed) as f64 / 1_000_000.0;
        page.sample("provost_http_request_seconds_sum", &[("area", area)], seconds);
        page.sample(
            "provost_http_request_seconds_count",
            &[("area", area)],
            count.max(below) as f64,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_every_address_has_an_area() {
        let requests = Requests::default();
        for (path, status, micros) in [
            ("/scim/v2/Users", 200, 900),
            ("/scim/v2/Users", 404, 4_000),
            ("/scim/v2/Users", 201, 60_000_000),
            ("/healthz", 200, 10),
        ] {
            requests.note(area_of(path), status, micros);
        }
        let mut page = Page::default();
        requests.render(&mut page);
        let text = page.finish();
        for line in [
            "provost_http_requests_total{area=\"scim\",status=\"2xx\"} 2",
            "provost_http_requests_total{area=\"scim\",status=\"4xx\"} 1",
            "provost_http_requests_total{area=\"console\",status=\"2xx\"} 1",
            "provost_http_request_seconds_bucket{area=\"scim\",le=\"0.001\"} 1",
            "provost_http_request_seconds_bucket{area=\"scim\",le=\"10\"} 2",
            "provost_http_request_seconds_bucket{area=\"scim\",le=\"+Inf\"} 3",
            "provost_http_request_seconds_count{area=\"scim\"} 3",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
    }
}
