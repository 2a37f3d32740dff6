//! Reading the audit log (Graph documentation, "List directoryAudits").

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::entity;
use super::organization::selected;
use crate::audit;
use crate::call::Call;
use crate::directory::record::Audit;
use crate::error::{Error, Result};
use crate::message::Reply;
use crate::query::filter::{self, Filter};
use crate::query::{next_link, token};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const MAX_PAGE: usize = 1_000;
/// What the log can be filtered by.
const FILTERED: [&str; 12] = [
    "activityDateTime",
    "activityDisplayName",
    "category",
    "correlationId",
    "id",
    "initiatedBy/app/appId",
    "initiatedBy/app/displayName",
    "initiatedBy/user/id",
    "initiatedBy/user/userPrincipalName",
    "loggedByService",
    "result",
    "targetResources",
];

/// After so many of the entries that match.
#[derive(Serialize, Deserialize)]
struct After(usize);

/// The newest entries come first, unless `$orderby` turns them round.
pub(super) fn list(call: &mut Call<'_>) -> Result<Reply> {
    let filter = call.request.option("filter").map(parse).transpose()?;
    let size = page(call.request.option("top"))?;
    let skip = call
        .request
        .option("skiptoken")
        .map(after)
        .transpose()?
        .unwrap_or(0);
    let oldest_first = oldest_first(call.request.option("orderby"))?;
    let fits = |shown: &Map<String, Value>| {
        filter
            .as_ref()
            .is_none_or(|filter| filter.matches(&|path: &str| look(shown, path)))
    };
    let mut all: Vec<&Audit> = visible(call).collect();
    if !oldest_first {
        all.reverse();
    }
    let found = all.into_iter().map(audit::show).filter(fits);
    let mut found: Vec<Map<String, Value>> = found.skip(skip).take(size + 1).collect();
    let more = found.len() > size;
    found.truncate(size);
    let value: Vec<Value> = found
        .into_iter()
        .map(|entry| selected(call, entry).into())
        .collect();
    let context = format!("{}/$metadata#auditLogs/directoryAudits", call.request.base);
    let mut body = json!({"@odata.context": context, "value": value});
    if more {
        let next = next_link(call.request, &token::seal(&After(skip + size)));
        body["@odata.nextLink"] = json!(next);
    }
    Ok(Reply::json(200, body))
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Reply> {
    let id = call.key(0);
    let found = visible(call).find(|audit| audit.id == id);
    let body = selected(call, audit::show(found.ok_or_else(|| Error::not_found(id))?));
    let context = format!(
        "{}/$metadata#auditLogs/directoryAudits/$entity",
        call.request.base
    );
    Ok(entity(200, context, body))
}

/// Entries that have arrived and are still kept, in the order they were written.
fn visible<'a>(call: &'a Call<'_>) -> impl DoubleEndedIterator<Item = &'a Audit> + use<'a> {
    let days = if call.settings.unproved_directory.audits_for_a_week {
        7
    } else {
        30
    };
    let delay = i64::try_from(call.settings.audit_delay_ms).unwrap_or(i64::MAX);
    let (oldest, newest) = (call.now - days * DAY_MS, call.now.saturating_sub(delay));
    let all = call.directory().records().audits.iter();
    all.filter(move |audit| audit.at > oldest && audit.at <= newest)
}

fn parse(text: &str) -> Result<Filter> {
    let filter = filter::parse(text)?;
    check(&filter)?;
    Ok(filter)
}

fn check(filter: &Filter) -> Result<()> {
    match filter {
        Filter::And(left, right) | Filter::Or(left, right) => check(left).and_then(|()| check(right)),
        Filter::Not(inner) => check(inner),
        Filter::Compare { path, .. } | Filter::Text { path, .. } | Filter::In { path, .. } => known(path),
        Filter::Any { path, .. } => known(path),
        Filter::Count { path, .. } | Filter::Flag(path) => Err(unsupported(path)),
    }
}

fn known(path: &str) -> Result<()> {
    if FILTERED.contains(&path) {
        Ok(())
    } else {
        Err(unsupported(path))
    }
}

fn unsupported(path: &str) -> Error {
    Error::unsupported_query(format!("The audit log cannot be filtered by '{path}'."))
}

fn look<'a>(shown: &'a Map<String, Value>, path: &str) -> Cow<'a, Value> {
    let mut parts = path.split('/');
    let mut found = parts.next().and_then(|first| shown.get(first));
    for part in parts {
        found = found.and_then(|value| value.get(part));
    }
    found.map_or(Cow::Owned(Value::Null), Cow::Borrowed)
}

fn page(top: Option<&str>) -> Result<usize> {
    match top.map(str::parse::<usize>) {
        None => Ok(MAX_PAGE),
        Some(Ok(size)) if (1..=MAX_PAGE).contains(&size) => Ok(size),
        Some(_) => Err(Error::malformed(format!(
            "$top must be between 1 and {MAX_PAGE}."
        ))),
    }
}

fn after(text: &str) -> Result<usize> {
    let opened = token::open::<After>(text);
    let stale = || Error::new(400, "Directory_ExpiredPageToken", "The page token is not valid.");
    opened.map(|After(count)| count).ok_or_else(stale)
}

fn oldest_first(order: Option<&str>) -> Result<bool> {
    match order.map(str::trim) {
        None | Some("activityDateTime desc") => Ok(false),
        Some("activityDateTime" | "activityDateTime asc") => Ok(true),
        Some(other) => Err(Error::unsupported_query(format!(
            "The audit log cannot be sorted by '{other}'."
        ))),
    }
}
