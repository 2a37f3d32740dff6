//! `POST /Bulk` (RFC 7644 section 3.7): many operations in one request, each exactly as if it had come alone.
//! It is no transaction: what was done stays done.

use super::done::{Done, View};
use super::endpoint::Endpoint;
use super::etag::Condition;
use super::exchange::Exchange;
use super::operation::{Operation, Verb};
use super::trace::Outcome;
use crate::error::{Error, Result};
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::Response;
use provost_scim::bulk::{self, Answer, Call, Method, Run};
use provost_scim::resource;
use std::time::Instant;

/// Carries out the operations, one after the other, and answers what became of each.
pub(crate) async fn bulk(x: &mut Exchange, body: Body) -> Result<Response> {
    let limits = x.state.settings().limits;
    let sent = x.body(body, limits.bulk_bytes).await?;
    let request = bulk::parse(sent, limits.bulk_operations)?;
    x.trace.bulk(&request);
    request.check(&x.caller.leniency(), &mut x.habits)?;
    let operations = request.operations.len();
    x.caller.charge(&x.state, operations.saturating_sub(1));
    let mut run = Run::new(request).below(&x.base);
    while let Some(call) = run.next() {
        let index = call.index;
        let answer = carry_out(x, call).await;
        run.record(index, answer);
    }
    x.trace.failed(run.errors());
    Ok(x.json(StatusCode::OK, run.finish().to_string()))
}

/// One operation, with a row of its own in the request log.
async fn carry_out(x: &mut Exchange, call: Call) -> Answer {
    let started = Instant::now();
    let (method, path) = (call.method, format!("/scim/v2{}", call.path));
    let location = format!("{}{}", x.base, call.path);
    let outer = x.begin_part();
    let done = operate(x, call).await;
    let answer = match done {
        Ok(done) => Answer {
            status: done.status.as_u16(),
            version: done.version.map(resource::etag),
            id: Some(done.id),
            location: Some(done.location),
            error: None,
        },
        Err(error) => {
            let error = error.to_scim();
            Answer {
                status: error.status,
                location: (method != Method::Post).then_some(location),
                error: Some(error.to_json()),
                ..Answer::default()
            }
        }
    };
    let detail = answer.error.as_ref().and_then(|error| error["detail"].as_str());
    x.record_part(Outcome {
        method: method.as_str(),
        path: &path,
        started,
        status: answer.status,
        error: detail.unwrap_or_default(),
    });
    x.end_part(outer);
    answer
}

async fn operate(x: &mut Exchange, call: Call) -> Result<Done> {
    let condition = Condition::of_version(call.version.as_deref())?;
    let (kind, verb) = match (call.method, Endpoint::relative(&call.path)) {
        (Method::Post, Endpoint::Collection(kind)) => (kind, Verb::Create),
        (Method::Put, Endpoint::Resource(kind, id)) => (kind, Verb::Replace(id.into_owned())),
        (Method::Patch, Endpoint::Resource(kind, id)) => (kind, Verb::Patch(id.into_owned())),
        (Method::Delete, Endpoint::Resource(kind, id)) => (kind, Verb::Delete(id.into_owned())),
        (method, Endpoint::Unknown | Endpoint::Version(_)) => {
            let detail = format!("{method}: there is no such endpoint; paths begin with /Users or /Groups");
            return Err(provost_scim::Error::not_found(detail).into());
        }
        (method, endpoint) => {
            return Err(Error::Method {
                method: method.to_string(),
                allow: endpoint.allow(),
            });
        }
    };
    let operation = Operation {
        kind,
        verb,
        condition,
        view: View::Address,
    };
    operation.carry_out(x, call.data).await
}
