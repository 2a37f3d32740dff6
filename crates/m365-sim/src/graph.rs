//! Graph v1.0: one request after another, under the tenant's lock.

mod audit_log;
mod batch;
mod deleted;
mod delta;
mod domain;
mod domain_write;
mod federation;
mod group;
mod group_rules;
mod group_write;
mod license;
mod license_write;
mod manager;
mod member;
mod membership;
mod organization;
mod permission;
mod permit;
mod principal;
mod property;
mod published;
mod references;
mod roles;
mod rollout;
mod route;
mod subscription;
mod token_validation;
mod user;
mod user_rules;
mod user_write;

use crate::Inner;
use crate::call::Call;
use crate::calls::Seen;
use crate::consequence;
use crate::directory::Kind;
use crate::error::{Error, Result, Trace};
use crate::message::{Content, Method, Reply, Request};
use crate::server::LOST;
use crate::tenant::Tenant;
use crate::throttle::Cost;
use crate::token::{self, Caller};

/// Answers one HTTP request: a single call or a batch.
pub(crate) fn answer(inner: &Inner, request: &Request, host: &str, trace: &Trace) -> Reply {
    let settings = inner.settings();
    let authorization = request.headers.get("authorization");
    let reply = match token::verify(&settings, authorization, host, inner.now()) {
        Ok(caller) if request.path.as_slice() != ["$batch"] => {
            return single(inner, request, &caller, trace);
        }
        Ok(caller) => {
            batch::answer(inner, request, &caller, trace).unwrap_or_else(|error| Reply::error(&error, trace))
        }
        Err(error) => Reply::error(&error, trace),
    };
    note_outer(
        inner,
        request.method.name(),
        &request.written_path,
        reply.status,
        trace,
    );
    reply
}

/// Answers one call: finds the operation, charges the budget, checks the permission, carries it out.
fn single(inner: &Inner, request: &Request, caller: &Caller, trace: &Trace) -> Reply {
    let now = inner.now();
    let settings = inner.settings();
    let mut tenant = inner.tenant();
    tenant.counters.requests += 1;
    if let Err(error) = consequence::settle(&mut tenant, &settings, now) {
        return Reply::error(&error, trace);
    }
    let found = route::find(request.method, &request.path);
    let (cost, operation) = match &found {
        Ok((route, _)) => (cost(request, route), route.name()),
        Err(_) => (cost_of_unknown(request), unknown(request.method.name())),
    };
    let users = tenant.directory.serials(Kind::User).len();
    let paid = tenant
        .budget
        .charge(&settings, &caller.client_id, cost, users, now);
    let outcome = match (paid, found) {
        (Err(error), _) => Err(error),
        (Ok(headers), Err(error)) => Err(with_headers(error, headers)),
        (Ok(headers), Ok((route, keys))) => {
            let mut call = Call {
                tenant: &mut tenant,
                settings: &settings,
                caller,
                request,
                keys,
                now,
            };
            carry_out(&mut call, route, headers)
        }
    };
    let reply = count(&mut tenant, outcome, cost, trace);
    let address = format!("{} {}", request.method.name(), request.written_path);
    let write = cost.write && reply.status < 400;
    let seen = seen(operation, address, reply.status, cost.units, now, trace);
    tenant.calls.note(seen, write);
    reply
}

/// Counts an outcome and makes an answer of it.
fn count(tenant: &mut Tenant, outcome: Result<Reply>, cost: Cost, trace: &Trace) -> Reply {
    match &outcome {
        Ok(_) => tenant.counters.writes += u64::from(cost.write),
        Err(error) if error.status == 429 => tenant.counters.throttled += 1,
        Err(_) => tenant.counters.refused += 1,
    }
    outcome.unwrap_or_else(|error| Reply::error(&error, trace))
}

/// Checks the permission and carries the call out. The headers go with the answer, whatever it is.
fn carry_out(
    call: &mut Call<'_>,
    route: &route::Route,
    headers: Vec<(&'static str, String)>,
) -> Result<Reply> {
    let done = permit::check(call, route)
        .and_then(|()| found_page(call.request))
        .and_then(|()| (route.handler)(call));
    match done {
        Ok(mut reply) => {
            reply.headers.extend(headers);
            Ok(reply)
        }
        Err(error) => Err(with_headers(error, headers)),
    }
}

/// # Errors
/// 400 for a page token that a fault has spoilt.
fn found_page(request: &Request) -> Result<()> {
    match request.option("skiptoken") {
        Some(token) if token.starts_with(LOST) => Err(Error::new(
            400,
            "DirectoryPageTokenNotFoundException",
            "The page token of the request was not found.",
        )),
        _ => Ok(()),
    }
}

/// Notes a call that no operation has noted: a batch, or one that was refused before.
pub(crate) fn note_outer(inner: &Inner, method: &str, path: &str, status: u16, trace: &Trace) {
    let segments = segments(path);
    let operation = match Method::parse(method).map(|method| route::find(method, &segments)) {
        _ if segments == ["$batch"] => "POST /$batch".to_owned(),
        Some(Ok((route, _))) => route.name(),
        _ => unknown(method),
    };
    let now = inner.now();
    let seen = seen(operation, format!("{method} {path}"), status, 0, now, trace);
    inner.tenant().calls.note(seen, false);
}

/// The segments of a path, with the version or without.
pub(crate) fn segments(path: &str) -> Vec<String> {
    let below = path.strip_prefix("/v1.0").unwrap_or(path);
    match Request::parse(Method::Get, below, "") {
        Ok(request) => request.path,
        Err(_) => below.split('/').skip(1).map(str::to_owned).collect(),
    }
}

fn unknown(method: &str) -> String {
    format!("{method} (unknown)")
}

fn seen(operation: String, address: String, status: u16, units: u32, now: i64, trace: &Trace) -> Seen {
    Seen {
        at: now,
        operation,
        address,
        status,
        units,
        request_id: trace.request_id.clone(),
        client_request_id: trace.client_request_id.clone(),
        in_batch: trace.in_batch,
        fault: trace.fault,
    }
}

fn with_headers(mut error: Error, headers: Vec<(&'static str, String)>) -> Error {
    error.headers.extend(headers);
    error
}

/// Looking for an operation costs as well.
fn cost_of_unknown(request: &Request) -> Cost {
    Cost {
        units: 1,
        write: request.method != Method::Get,
        low_priority: false,
    }
}

/// Resource units by the published table: `$select` and a small page make a read cheaper, `$expand` dearer.
fn cost(request: &Request, route: &route::Route) -> Cost {
    let mut units = i64::from(route.units);
    units -= i64::from(request.option("select").is_some());
    units -= i64::from(
        request
            .option("top")
            .and_then(|top| top.parse::<u32>().ok())
            .is_some_and(|top| top < 20),
    );
    units += i64::from(request.option("expand").is_some());
    Cost {
        units: u32::try_from(units.max(1)).unwrap_or(1),
        write: route.writes,
        low_priority: request.headers.get("x-ms-throttle-priority") == Some("low"),
    }
}

/// One object as an answer.
fn entity(status: u16, context: String, object: serde_json::Map<String, serde_json::Value>) -> Reply {
    let mut body = serde_json::Map::new();
    body.insert("@odata.context".to_owned(), context.into());
    body.extend(object);
    Reply {
        status,
        headers: Vec::new(),
        content: Content::Json(body.into()),
    }
}
