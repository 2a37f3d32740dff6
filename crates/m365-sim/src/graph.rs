//! Graph v1.0: one request after another, under the tenant's lock.

mod batch;
mod deleted;
mod delta;
mod group;
mod group_rules;
mod group_write;
mod license;
mod manager;
mod member;
mod membership;
mod organization;
mod permission;
mod principal;
mod property;
mod route;
mod user;
mod user_rules;
mod user_write;

use crate::Inner;
use crate::call::{Call, insufficient};
use crate::directory::Kind;
use crate::error::{Error, Result, Trace};
use crate::message::{Content, Method, Reply, Request};
use crate::throttle::Cost;
use crate::token::{self, Caller};

/// Answers one HTTP request: a single call or a batch.
pub(crate) fn answer(inner: &Inner, request: &Request, host: &str, trace: &Trace) -> Reply {
    let caller = match token::verify(
        &inner.settings,
        request.headers.get("authorization"),
        host,
        inner.now(),
    ) {
        Ok(caller) => caller,
        Err(error) => return Reply::error(&error, trace),
    };
    if request.path.as_slice() == ["$batch"] {
        return batch::answer(inner, request, &caller, trace)
            .unwrap_or_else(|error| Reply::error(&error, trace));
    }
    single(inner, request, &caller, trace)
}

/// Answers one call: finds the operation, charges the budget, checks the permission, carries it out.
fn single(inner: &Inner, request: &Request, caller: &Caller, trace: &Trace) -> Reply {
    let now = inner.now();
    let mut tenant = inner.tenant();
    tenant.counters.requests += 1;
    let found = route::find(request.method, &request.path);
    let cost = match &found {
        Ok((route, _)) => cost(request, route),
        Err(_) => Cost {
            units: 1,
            write: request.method != Method::Get,
        },
    };
    let users = tenant.directory.serials(Kind::User).len();
    let paid = tenant
        .budget
        .charge(&inner.settings, &caller.client_id, cost, users, now);
    let outcome = match (paid, found) {
        (Err(error), _) => Err(error),
        (Ok(headers), Err(error)) => Err(with_headers(error, headers)),
        (Ok(headers), Ok((route, keys))) => {
            let mut call = Call {
                tenant: &mut tenant,
                settings: &inner.settings,
                caller,
                request,
                keys,
                now,
            };
            match carry_out(&mut call, route) {
                Ok(mut reply) => {
                    reply.headers.extend(headers);
                    Ok(reply)
                }
                Err(error) => Err(with_headers(error, headers)),
            }
        }
    };
    match &outcome {
        Ok(_) => tenant.counters.writes += u64::from(cost.write),
        Err(error) if error.status == 429 => tenant.counters.throttled += 1,
        Err(_) => tenant.counters.refused += 1,
    }
    drop(tenant);
    outcome.unwrap_or_else(|error| Reply::error(&error, trace))
}

fn carry_out(call: &mut Call<'_>, route: &route::Route) -> Result<Reply> {
    if !(route.any_of.is_empty() || call.caller.has_any(route.any_of)) {
        return Err(insufficient());
    }
    (route.handler)(call)
}

fn with_headers(mut error: Error, headers: Vec<(&'static str, String)>) -> Error {
    error.headers.extend(headers);
    error
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
