//! One change of one resource, wherever it was asked for: in a request of its own or in a bulk request.

use super::done::{Done, View};
use super::etag::Condition;
use super::exchange::Exchange;
use super::{create, delete, patch, replace};
use crate::error::Result;
use axum::body::Body;
use axum::response::Response;
use provost_engine::object::Kind;
use serde_json::Value;

/// What is to be done, to the resource with this id.
pub(crate) enum Verb {
    /// POST.
    Create,
    /// PUT.
    Replace(String),
    /// PATCH.
    Patch(String),
    /// DELETE.
    Delete(String),
}

/// One change of one resource.
pub(crate) struct Operation {
    /// Of a person or of a group.
    pub kind: Kind,
    /// What is to be done.
    pub verb: Verb,
    /// The version that must be current.
    pub condition: Condition,
    /// What the answer shows.
    pub view: View,
}

impl Operation {
    /// Carries it out with the JSON that came with it.
    pub async fn carry_out(self, x: &mut Exchange, sent: Value) -> Result<Done> {
        let Self {
            kind,
            verb,
            condition,
            view,
        } = self;
        x.trace.operation(&x.caller, kind, &verb, &sent);
        match verb {
            Verb::Create => create::create(x, kind, sent, view).await,
            Verb::Replace(id) => replace::replace(x, kind, &id, condition, sent, view).await,
            Verb::Patch(id) => patch::patch(x, kind, &id, condition, sent, view).await,
            Verb::Delete(id) => delete::delete(x, kind, &id, condition).await,
        }
    }
}

/// Answers a request that is one operation.
pub(crate) async fn request(x: &mut Exchange, kind: Kind, verb: Verb, body: Body) -> Result<Response> {
    let view = View::Attributes(x.projection(kind)?);
    let condition = match verb {
        Verb::Create => Condition::None,
        _ => Condition::if_match(&x.headers)?,
    };
    let sent = match verb {
        Verb::Delete(_) => Value::Null,
        _ => {
            let limit = x.state.settings().limits.body_bytes;
            x.body(body, limit).await?
        }
    };
    let operation = Operation {
        kind,
        verb,
        condition,
        view,
    };
    Ok(operation.carry_out(x, sent).await?.into_response(x))
}
