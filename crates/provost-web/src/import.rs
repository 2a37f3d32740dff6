//! `POST /import/{provider id}/bulkUpload`: records of people, each the whole state of one. They are kept before the
//! answer and looked at afterwards; the answer says where to read what became of them.

use crate::auth::{Admission, ScimCaller};
use crate::error::{Error, Result};
use crate::scim::body::{self, Frame};
use crate::state::State;
use axum::body::Body;
use axum::extract::{self, Path};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use provost_scim::Error as Scim;
use provost_scim::bulk::{self, Operation};
use provost_scim::leniency::Habits;
use provost_sync::Error as Sync;
use provost_sync::import::Record;
use serde_json::Value;

/// Answers 202 with the address of the log, once the records are on the disk.
pub(crate) async fn bulk_upload(
    extract::State(state): extract::State<State>,
    Path(id): Path<String>,
    admission: Admission,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    if method != Method::POST {
        return Err(Error::Method {
            method: method.to_string(),
            allow: "POST",
        });
    }
    let caller = &admission.caller;
    // Said of every other id, whether it is somebody's or not.
    if caller.provider().id.to_string() != id {
        let detail =
            "the token does not belong to the provider in this address; use the provider's own token";
        return Err(Scim::forbidden(detail).into());
    }
    let engine = state.engine().ok_or_else(|| {
        Scim::unavailable("this process takes in no records; send them to one that runs connections")
    })?;
    let records = records(&state, caller, &headers, body).await?;
    let actor = format!("provider {}", caller.provider().name);
    let run = engine
        .receive(caller.provider(), records, &actor)
        .await
        .map_err(refused)?;
    let base = state.public_url();
    let location = format!("{base}/api/v1/logs?provider={id}&run={run}");
    let location = HeaderValue::try_from(location).map_err(|e| Scim::internal(e.to_string()))?;
    Ok((StatusCode::ACCEPTED, [(LOCATION, location)]).into_response())
}

/// The records of a request.
///
/// # Errors
/// 400, 408, 413 and 415, with the number of the operation that is wrong.
async fn records(state: &State, caller: &ScimCaller, headers: &HeaderMap, body: Body) -> Result<Vec<Record>> {
    let limits = state.settings().limits;
    let frame = Frame {
        headers,
        limit: limits.bulk_bytes,
        patience: limits.body_seconds,
    };
    let mut habits = Habits::default();
    let sent = body::read(frame, body, &caller.leniency(), &mut habits).await?;
    let request = bulk::parse(sent, state.settings().import_operations.0)?;
    request.check(&caller.leniency(), &mut habits)?;
    caller.charge(state, request.operations.len().saturating_sub(1));
    request
        .operations
        .into_iter()
        .zip(1..)
        .map(|(operation, number)| record(operation, number))
        .collect()
}

/// The record of an operation. What comes in is a state, so nothing but the POST of a person makes sense.
fn record(operation: Operation, number: usize) -> Result<Record> {
    let refuse = |detail: String| Err(Scim::invalid_value(format!("operation {number}: {detail}")).into());
    if let Some(fault) = operation.fault {
        return refuse(fault.detail);
    }
    let path = operation.path.trim_end_matches('/');
    if operation.method != Some(bulk::Method::Post) || !path.eq_ignore_ascii_case("/Users") {
        let word = operation
            .method
            .map_or_else(|| "it".to_owned(), |method| method.to_string());
        return refuse(format!(
            "{word} on {path} is a command, and records are states: send POST on /Users with all of a person; \
             whether somebody is made, changed or disabled follows from it"
        ));
    }
    match operation.data {
        Value::Object(record) => Ok(record),
        _ => refuse("data must be an object".to_owned()),
    }
}

fn refused(error: Sync) -> Error {
    match error {
        Sync::Store(store) => store.into(),
        Sync::Refused {
            code: "PRV-IMPORT-ANCHOR",
            sentence,
            hint,
        } => Scim::invalid_value(format!("{sentence}. {hint}")).into(),
        error => Scim {
            status: 409,
            scim_type: None,
            detail: format!("{error}. {}", error.hint()),
        }
        .into(),
    }
}
