//! The page at `/_sim`: what the tenant holds and what was asked of it, made on the server, without script.

mod row;

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, Response, header};
use serde::Deserialize;

use crate::calls::{Peak, Seen};
use crate::directory::{Directory, Kind, Object};
use crate::query::render::View;
use crate::server::plain;
use crate::{Inner, moment};
use row::{Group, Person, Product};

/// Rows of one table.
const ROWS: usize = 100;
/// Rows of the bin; the rest is in the state.
const BINNED: usize = 25;
/// Nothing from another host, no script, styles from our own file.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Where the two long tables begin.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct From {
    people: usize,
    groups: usize,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    tenant: TenantLine,
    people: Part<Person>,
    groups: Part<Group>,
    products: Vec<Product>,
    bin: Vec<(String, &'static str, String, String)>,
    bin_total: usize,
    domains: Vec<(String, &'static str, String)>,
    counters: Vec<(String, u16, u64)>,
    calls_total: u64,
    peak: Peak,
    budget: String,
    faults: Vec<(u64, String, String, String, u64)>,
    calls: Vec<Seen>,
}

struct TenantLine {
    name: String,
    id: String,
    now: String,
}

/// A part of a long table, and where its neighbours begin.
struct Part<T> {
    rows: Vec<T>,
    total: usize,
    before: Option<usize>,
    after: Option<usize>,
}

mod filters {
    use crate::moment;

    /// A status with the sign that goes with it.
    #[askama::filter_fn]
    pub fn status(status: &u16, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(match *status {
            0 => "✕ no answer".to_owned(),
            code @ 200..=299 => format!("✓ {code}"),
            429 => "… 429".to_owned(),
            code => format!("✕ {code}"),
        })
    }

    /// A time.
    #[askama::filter_fn]
    pub fn clock(at: &i64, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(moment::text(*at))
    }
}

/// `GET /_sim`.
pub(crate) async fn show(State(inner): State<Arc<Inner>>, Query(from): Query<From>) -> Response<Body> {
    let text = match page(&inner, &from).render() {
        Ok(text) => text,
        Err(error) => return plain(500, "text/plain; charset=utf-8", Body::from(error.to_string())),
    };
    let mut response = plain(200, "text/html; charset=utf-8", Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `GET /_sim/page.css`.
pub(crate) async fn style() -> Response<Body> {
    let style = include_str!("../assets/page.css");
    plain(200, "text/css; charset=utf-8", Body::from(style))
}

fn page(inner: &Inner, from: &From) -> Page {
    let (settings, now) = (inner.settings(), inner.now());
    let faults = inner.faults().in_force();
    let mut tenant = inner.tenant();
    let users = tenant.directory.serials(Kind::User).len();
    let budget = tenant.budget.used(&settings, users, now);
    let directory = &tenant.directory;
    let view = View {
        directory,
        settings: &settings,
        now,
    };
    let people = part(directory, Kind::User, from.people, |object| {
        row::person(&view, object)
    });
    let groups = part(directory, Kind::Group, from.groups, |object| {
        row::group(&view, object)
    });
    let products: Vec<Product> = settings
        .skus
        .iter()
        .map(|sku| row::product(directory, sku))
        .collect();
    let bin = directory
        .bin()
        .iter()
        .filter_map(|serial| directory.object(*serial));
    let bin: Vec<_> = bin.take(BINNED).map(row::binned).collect();
    let domains: Vec<_> = directory.records().domains.iter().map(row::domain).collect();
    let counters: Vec<_> = tenant
        .calls
        .by_operation()
        .map(|(operation, status, count)| (operation.to_owned(), status, count))
        .collect();
    let calls: Vec<Seen> = tenant.calls.recent().take(ROWS).cloned().collect();
    let bin_total = directory.bin().len();
    Page {
        tenant: TenantLine {
            name: settings.display_name.clone(),
            id: settings.tenant_id.clone(),
            now: moment::text(now),
        },
        people,
        groups,
        products,
        bin,
        bin_total,
        domains,
        calls_total: counters.iter().map(|(_, _, count)| count).sum(),
        peak: tenant.calls.peak(),
        counters,
        budget: row::budget(&budget, &settings),
        faults: faults.iter().map(row::fault).collect(),
        calls,
    }
}

impl Page {
    /// Anchor, name and size of each section.
    fn sections(&self) -> [(&'static str, &'static str, usize); 8] {
        [
            ("people", "People", self.people.total),
            ("groups", "Groups", self.groups.total),
            ("licences", "Licences", self.products.len()),
            ("bin", "Bin", self.bin_total),
            ("domains", "Domains", self.domains.len()),
            ("counters", "Counters", self.counters.len()),
            ("faults", "Faults", self.faults.len()),
            ("calls", "Calls", self.calls.len()),
        ]
    }
}

/// A part of the live objects of a kind.
fn part<T>(directory: &Directory, kind: Kind, offset: usize, row: impl Fn(&Object) -> T) -> Part<T> {
    let serials = directory.serials(kind);
    let shown = serials.iter().skip(offset).take(ROWS);
    let rows: Vec<T> = shown
        .filter_map(|serial| directory.live(*serial))
        .map(row)
        .collect();
    Part {
        rows,
        total: serials.len(),
        before: (offset > 0).then(|| offset.saturating_sub(ROWS)),
        after: (offset + ROWS < serials.len()).then_some(offset + ROWS),
    }
}
