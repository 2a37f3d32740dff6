//! Refusals by name: every row of the documentation's error tables, with its status, code and body
//! (Graph documentation, "Microsoft Graph error responses and resource types" and the error codes of the identity and
//! access APIs; Microsoft identity platform documentation, "Microsoft Entra authentication and authorization error codes").

mod graph;
mod token;

use serde_json::{Value, json};

pub(crate) use graph::{GRAPH, Row};
pub(crate) use token::{TOKEN, TokenRow};

use super::Shape;
use crate::error::{Detail, Error, Trace};
use crate::idp::wrong;

/// A refusal of Graph by its name.
pub(crate) fn graph(name: &str) -> Option<&'static Row> {
    GRAPH.iter().find(|row| row.name == name)
}

/// A refusal of the token endpoint by its name, such as `AADSTS7000222`.
pub(crate) fn token(name: &str) -> Option<&'static TokenRow> {
    let code: u32 = name.strip_prefix("AADSTS")?.parse().ok()?;
    TOKEN.iter().find(|row| row.code == code)
}

pub(crate) fn knows(name: &str) -> bool {
    graph(name).is_some() || token(name).is_some()
}

impl Row {
    /// The refusal as any other; `Location` of a 410 is the caller's.
    pub(crate) fn error(&self) -> Error {
        let mut error = Error::new(self.status, self.code, self.message);
        if !self.target.is_empty() {
            error = error.at(self.target);
        }
        if self.conflict {
            // The second detail names the object that has the value.
            let detail = |code, message: &str, target: &str| Detail {
                code,
                message: message.to_owned(),
                target: target.to_owned(),
            };
            error.details = vec![
                detail("ObjectConflict", self.message, self.target),
                detail(
                    "ConflictingObjects",
                    "The object that has the value.",
                    "User_00000000-0000-4000-8000-000000000365",
                ),
            ];
        }
        self.headers
            .iter()
            .fold(error, |error, (name, value)| error.header(name, *value))
    }
}

/// The body of an error in one of the shapes that the documentation has.
pub(crate) fn shaped(error: &Error, shape: Shape, trace: &Trace) -> Value {
    let mut body = error.body(trace);
    let Some(outer) = body.get_mut("error").and_then(Value::as_object_mut) else {
        return body;
    };
    match shape {
        Shape::Usual => {}
        Shape::LowerCase => {
            if let Some(inner) = outer.remove("innerError") {
                outer.insert("innererror".to_owned(), inner);
            }
        }
        Shape::Nested => {
            outer.insert("code".to_owned(), json!("UnknownError"));
            if let Some(inner) = outer.get_mut("innerError").and_then(Value::as_object_mut) {
                inner.insert("code".to_owned(), json!(error.code));
                inner.insert("innerError".to_owned(), json!({"code": error.code}));
            }
        }
    }
    body
}

/// The catalogue as the control interface lists it.
pub(crate) fn listed() -> Value {
    let graph: Vec<Value> = GRAPH
        .iter()
        .map(|row| json!({"name": row.name, "status": row.status, "code": row.code, "message": row.message}))
        .collect();
    let token: Vec<Value> = TOKEN
        .iter()
        .map(|row| json!({"name": format!("AADSTS{}", row.code), "status": row.status, "code": row.error, "message": row.text}))
        .collect();
    let responses: Vec<Value> = wrong::all()
        .map(|one| json!({"name": one.name, "about": one.about}))
        .collect();
    json!({"graph": graph, "token": token, "responses": responses})
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_is_one_refusal() {
        let names: BTreeSet<&str> = GRAPH.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), GRAPH.len());
        let codes: BTreeSet<u32> = TOKEN.iter().map(|row| row.code).collect();
        assert_eq!(codes.len(), TOKEN.len());
        for row in GRAPH {
            assert!((400..600).contains(&row.status), "{}", row.name);
            assert!(!row.code.is_empty() && !row.message.is_empty(), "{}", row.name);
        }
        assert!(knows("AADSTS7000222") && knows("throttled") && !knows("AADSTS1") && !knows("other"));
    }

    #[test]
    fn shapes_keep_the_code_that_matters() {
        let trace = Trace {
            request_id: "r".to_owned(),
            client_request_id: "c".to_owned(),
            date: "d".to_owned(),
            in_batch: false,
            fault: true,
        };
        let error = graph("throttled").unwrap().error();
        let nested = shaped(&error, Shape::Nested, &trace);
        assert_eq!(nested["error"]["code"], "UnknownError");
        assert_eq!(
            nested["error"]["innerError"]["innerError"]["code"],
            "TooManyRequests"
        );
        let lower = shaped(&error, Shape::LowerCase, &trace);
        assert_eq!(lower["error"]["innererror"]["request-id"], "r");
        assert!(lower["error"]["innerError"].is_null());
    }
}
