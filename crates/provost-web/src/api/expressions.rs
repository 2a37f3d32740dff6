//! `/api/v1/expressions`: trying the expression language, and its reference.

use super::caller::Reader;
use super::problem::{Problem, Result};
use super::route::{Interface, Operation};
use super::shape;
use super::{body, object};
use crate::policy::Act;
use crate::state::State;
use axum::body::Body;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::Json;
use provost_engine::expr;
use provost_sync::{Evaluated, Subject};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn routes(api: Interface) -> Interface {
    let about = |summary| Operation::new("Expressions", summary);
    api.post(
        "/api/v1/expressions/evaluate",
        Act::Look,
        evaluate,
        about("tries an expression; mistakes are part of the answer")
            .body::<Asked>()
            .answers::<shape::setup::Evaluated>(),
    )
    .get(
        "/api/v1/expressions/functions",
        Act::Look,
        functions,
        about("every function of the language").answers::<shape::answer::Functions>(),
    )
}

/// An expression, and whom it is tried for: a person or group, a sample document, or nobody.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Expression")]
pub(crate) struct Asked {
    expression: String,
    #[serde(default)]
    person: Option<String>,
    #[serde(default)]
    sample: Option<Value>,
}

/// `POST /expressions/evaluate`: mistakes in the expression are part of the answer.
pub(crate) async fn evaluate(
    extract::State(state): extract::State<State>,
    caller: Reader,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Evaluated>> {
    let asked: Asked = body::read(&state, &headers, body).await?;
    let subject = match (asked.person, asked.sample) {
        (Some(_), Some(_)) => {
            let hint = "Leave one of the two out.";
            return Err(Problem::request(
                "the body names a person and has a sample too",
                hint,
            ));
        }
        (Some(text), None) => Subject::Object(object::find(&state, caller.workspace(), &text).await?),
        (None, Some(sample @ Value::Object(_))) => Subject::Sample(sample),
        (None, Some(_)) => {
            let hint = "Send the attributes of a person as in SCIM.";
            return Err(Problem::request("the sample is no JSON object", hint));
        }
        (None, None) => Subject::Nobody,
    };
    let engine = state.engine().ok_or_else(Problem::without_engine)?;
    let evaluated = engine
        .evaluate(caller.workspace(), &asked.expression, &subject)
        .await?;
    Ok(Json(evaluated))
}

/// `GET /expressions/functions`: every function of the language.
pub(crate) async fn functions(_caller: Reader) -> Json<Value> {
    let all: Vec<Value> = expr::reference()
        .iter()
        .map(|doc| {
            json!({
                "name": doc.name,
                "signature": doc.signature,
                "summary": doc.summary,
                "example": doc.example,
                "result": doc.result,
            })
        })
        .collect();
    Json(json!({ "functions": all }))
}
