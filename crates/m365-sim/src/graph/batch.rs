//! `POST /$batch` (Graph documentation, "Combine multiple HTTP requests using JSON batching").

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{note_outer, single};
use crate::Inner;
use crate::error::{Error, Result, Trace};
use crate::fault::{Asked, Effect, Place};
use crate::message::{Headers, Method, Reply, Request};
use crate::server;
use crate::token::Caller;

const MAX_REQUESTS: usize = 20;

/// One request of a batch.
struct Entry<'a> {
    id: &'a str,
    depends_on: Vec<String>,
    content: &'a Value,
}

/// Carries out a batch, each entry at its own price.
///
/// # Errors
/// 400 when the batch as a whole cannot be understood. What goes wrong with one entry is told in its own answer.
pub(super) fn answer(inner: &Inner, request: &Request, caller: &Caller, trace: &Trace) -> Result<Reply> {
    if request.method != Method::Post {
        return Err(Error::new(
            405,
            "Request_BadRequest",
            "A batch is sent with POST.",
        ));
    }
    let entries = entries(request)?;
    let order = order(&entries)?;
    inner.tenant().counters.batches += 1;
    let mut status: HashMap<String, u16> = HashMap::new();
    let mut responses = Vec::new();
    for index in order {
        let Some(entry) = entries.get(index) else { continue };
        let failed = entry
            .depends_on
            .iter()
            .any(|id| status.get(id).is_none_or(|status| *status >= 400));
        let trace = Trace {
            request_id: Uuid::new_v4().to_string(),
            in_batch: true,
            ..trace.clone()
        };
        let reply = if failed {
            let error = Error::new(
                424,
                "FailedDependency",
                "A request that this one depends on has failed.",
            );
            Reply::error(&error, &trace)
        } else {
            carry_out(inner, request, caller, entry, &trace)
        };
        status.insert(entry.id.to_lowercase(), reply.status);
        responses.push(reply.into_batch_entry(entry.id));
    }
    // The order of the answers is no one's to rely on.
    responses.reverse();
    Ok(Reply::json(200, json!({ "responses": responses })))
}

fn entries(request: &Request) -> Result<Vec<Entry<'_>>> {
    let list = request.object()?.get("requests").and_then(Value::as_array);
    let list =
        list.ok_or_else(|| Error::malformed("Invalid batch payload format: 'requests' must be a list."))?;
    if list.is_empty() || list.len() > MAX_REQUESTS {
        return Err(Error::malformed(format!(
            "A batch holds 1 to {MAX_REQUESTS} requests; this one has {}.",
            list.len()
        )));
    }
    list.iter().map(entry).collect()
}

fn entry(content: &Value) -> Result<Entry<'_>> {
    let missing = |name: &str| {
        Error::malformed(format!(
            "Invalid batch payload format: every request needs '{name}'."
        ))
    };
    let text = |name: &str| {
        content
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| missing(name))
    };
    text("method")?;
    text("url")?;
    let depends_on = content
        .get("dependsOn")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let depends_on = depends_on
        .filter_map(Value::as_str)
        .map(str::to_lowercase)
        .collect();
    Ok(Entry {
        id: text("id")?,
        depends_on,
        content,
    })
}

/// An order in which every entry comes after those it depends on.
fn order(entries: &[Entry<'_>]) -> Result<Vec<usize>> {
    let mut done: Vec<String> = Vec::new();
    for entry in entries {
        let id = entry.id.to_lowercase();
        if done.contains(&id) {
            return Err(Error::malformed(format!(
                "Request Id '{}' has to be unique in a batch.",
                entry.id
            )));
        }
        done.push(id);
    }
    let all = std::mem::take(&mut done);
    if let Some(entry) = entries
        .iter()
        .find(|entry| entry.depends_on.iter().any(|id| !all.contains(id)))
    {
        return Err(Error::malformed(format!(
            "Request '{}' depends on a request that is not in the batch.",
            entry.id
        )));
    }
    let mut order = Vec::new();
    while order.len() < entries.len() {
        let next = entries.iter().enumerate().find(|(index, entry)| {
            !order.contains(index) && entry.depends_on.iter().all(|id| done.contains(id))
        });
        let Some((index, entry)) = next else {
            return Err(Error::malformed(
                "The requests of the batch depend on each other in a circle.",
            ));
        };
        order.push(index);
        done.push(entry.id.to_lowercase());
    }
    Ok(order)
}

fn carry_out(inner: &Inner, batch: &Request, caller: &Caller, entry: &Entry<'_>, trace: &Trace) -> Reply {
    let request = match read(batch, entry.content) {
        Ok(request) => request,
        Err(error) => return Reply::error(&error, trace),
    };
    let asked = Asked {
        method: request.method.name(),
        written: &request.written_path,
        segments: &request.path,
        place: Place::Entry,
    };
    let Some(effect) = inner.faults().strike(&asked) else {
        return single(inner, &request, caller, trace);
    };
    let trace = Trace {
        fault: true,
        ..trace.clone()
    };
    let address = format!("{}{}", request.base, request.written_path);
    let done =
        matches!(effect, Effect::Answer { after: true, .. }).then(|| single(inner, &request, caller, &trace));
    let reply = server::fault_answer(&effect, &address, &trace, inner.now());
    if let (Some(reply), None) = (&reply, &done) {
        note_outer(
            inner,
            request.method.name(),
            &request.written_path,
            reply.status,
            &trace,
        );
    }
    reply
        .or(done)
        .unwrap_or_else(|| single(inner, &request, caller, &trace))
}

fn read(batch: &Request, content: &Value) -> Result<Request> {
    let text = |name: &str| content.get(name).and_then(Value::as_str).unwrap_or_default();
    let method = text("method");
    let method = Method::parse(&method.to_uppercase()).ok_or_else(|| {
        Error::malformed(format!(
            "Invalid batch payload format: unknown method '{method}'."
        ))
    })?;
    let url = text("url");
    if url.contains("://") {
        return Err(Error::malformed(
            "The address of a request in a batch must be relative.",
        ));
    }
    let mut request = Request::parse(method, url, &batch.base)?;
    // Batches do not nest, and the version stands in the batch's own address.
    if request.path.first().is_some_and(|first| first == "$batch") {
        return Err(Error::malformed("A batch cannot hold another batch."));
    }
    let own = content
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let own = own.filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned())));
    request.headers = Headers(own.collect());
    request.body = content.get("body").filter(|body| !body.is_null()).cloned();
    if request.body.is_some() && request.headers.get("content-type").is_none() {
        return Err(Error::malformed(
            "Write request does not contain Content-Type header or body.",
        ));
    }
    request.validated.clone_from(&batch.validated);
    request.written_path = format!("/{}", request.written_path.trim_start_matches('/'));
    Ok(request)
}
