//! Holds requests and answers against Microsoft's published description of Graph (feature `contract`).
//!
//! The description is an OpenAPI 3.1 file whose schemas are plain JSON Schema 2020-12. Programs that talk to Graph can
//! use this in their own tests, against this simulator or against recordings of the real service.

mod address;
mod document;
mod watch;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::{collections::HashMap, sync::Arc};

use jsonschema::{Registry, Validator};
use serde_json::Value;

pub use watch::Watch;

use document::{Document, Part};

/// Why something does not agree with the contract.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// The contract file cannot be used.
    #[error("the contract cannot be used: {0}")]
    Unusable(String),
    /// The contract has no such operation.
    #[error("{method} {path} is not in the contract")]
    UnknownOperation {
        /// The method.
        method: String,
        /// The path as it was given.
        path: String,
    },
    /// The operation has no such status.
    #[error("{operation} does not answer {status}")]
    UnknownStatus {
        /// Method and path template.
        operation: String,
        /// The status.
        status: u16,
    },
    /// The body is not as described.
    #[error("{operation}: {}", problems.join("; "))]
    Violation {
        /// Method and path template, and which body.
        operation: String,
        /// One sentence for each place.
        problems: Vec<String>,
    },
}

/// The contract, ready for use. Schemas are compiled when they are first needed.
pub struct Contract {
    document: Document,
    registry: Registry<'static>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

const ROOT: &str = "urn:graph:contract";

impl Contract {
    /// Loads a contract from an OpenAPI file.
    ///
    /// # Errors
    /// When the file cannot be read or is no contract.
    pub fn load(path: impl AsRef<Path>) -> Result<Contract, ContractError> {
        let path = path.as_ref();
        let unusable = |why: String| ContractError::Unusable(format!("{}: {why}", path.display()));
        let text = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
        let root: Value = serde_json::from_slice(&text).map_err(|error| unusable(error.to_string()))?;
        let document = Document::new(root.clone()).map_err(unusable)?;
        let registry = Registry::new()
            .add(ROOT, root)
            .and_then(|builder| builder.prepare())
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Contract {
            document,
            registry,
            validators: Mutex::default(),
        })
    }

    /// Checks a request: that its operation exists and that its body is as described. `path` may be a whole address;
    /// query, host, version and the several spellings of keys and functions do not matter. Batches are checked entry by
    /// entry.
    ///
    /// # Errors
    /// What does not agree.
    pub fn check_request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(), ContractError> {
        if address::is_batch(path) {
            return entries(body, "requests").try_for_each(|entry| {
                let (method, url) = (text(entry, "method"), text(entry, "url"));
                self.check_request(method, url, self.body_of(entry, method, url)?)
            });
        }
        let operation = self.operation(method, path)?;
        match self.document.request_schema(&operation) {
            Part::Schema(pointer) => match body {
                Some(body) => self.check(&format!("{operation} request"), &pointer, body),
                None if self.document.needs_body(&operation) => Err(ContractError::Violation {
                    operation,
                    problems: vec!["the body is missing".to_owned()],
                }),
                None => Ok(()),
            },
            Part::Absent | Part::Empty if body.is_none() => Ok(()),
            Part::Absent | Part::Empty => Err(ContractError::Violation {
                operation,
                problems: vec!["no body is described".to_owned()],
            }),
        }
    }

    /// The body of a batch's entry. A POST that has none is sent with `{}` there (Microsoft Graph, "Combine multiple
    /// HTTP requests using JSON batching").
    fn body_of<'a>(
        &self,
        entry: &'a Value,
        method: &str,
        url: &str,
    ) -> Result<Option<&'a Value>, ContractError> {
        let body = entry.get("body");
        let is_empty = body.is_some_and(|body| body.as_object().is_some_and(serde_json::Map::is_empty));
        if !is_empty || method != "POST" {
            return Ok(body);
        }
        let operation = self.operation(method, url)?;
        let is_described = matches!(self.document.request_schema(&operation), Part::Schema(_));
        Ok(body.filter(|_| is_described))
    }

    /// Checks an answer. Plain text answers are given as the JSON value they spell. Answers to batches go to
    /// [`Contract::check_batch`].
    ///
    /// # Errors
    /// What does not agree.
    pub fn check_response(
        &self,
        method: &str,
        path: &str,
        status: u16,
        body: Option<&Value>,
    ) -> Result<(), ContractError> {
        let created = status == 201
            && method == "PATCH"
            && address::template_of_key(path).as_deref() == Some("/groups/*");
        // A group made by PATCH is answered like one made by POST; the contract does not describe that.
        let operation = if created {
            self.operation("POST", "/groups")?
        } else {
            self.operation(method, path)?
        };
        let label = format!("{operation} {status}");
        match self.document.response_schema(&operation, status) {
            Part::Schema(pointer) => match body {
                Some(body) => self.check(&label, &pointer, body),
                None => Err(ContractError::Violation {
                    operation: label,
                    problems: vec!["the body is missing".to_owned()],
                }),
            },
            Part::Empty if body.is_none() => Ok(()),
            Part::Empty => Err(ContractError::Violation {
                operation: label,
                problems: vec!["no body is described".to_owned()],
            }),
            Part::Absent => Err(ContractError::UnknownStatus { operation, status }),
        }
    }

    /// Checks the answer to a batch: every entry against the request with the same id.
    ///
    /// # Errors
    /// What does not agree; an answer without its request, or the other way round, is a violation as well.
    pub fn check_batch(&self, request: &Value, response: &Value) -> Result<(), ContractError> {
        let unpaired = |id: &str| ContractError::Violation {
            operation: "POST /$batch".to_owned(),
            problems: vec![format!("request and answer '{id}' do not pair")],
        };
        let answers: Vec<&Value> = entries(Some(response), "responses").collect();
        let requests: Vec<&Value> = entries(Some(request), "requests").collect();
        if answers.len() != requests.len() {
            return Err(unpaired("*"));
        }
        for asked in requests {
            let id = text(asked, "id");
            let answer = answers
                .iter()
                .find(|answer| text(answer, "id") == id)
                .ok_or_else(|| unpaired(id))?;
            let status = answer
                .get("status")
                .and_then(Value::as_u64)
                .and_then(|status| u16::try_from(status).ok());
            let status = status.ok_or_else(|| unpaired(id))?;
            self.check_response(
                text(asked, "method"),
                text(asked, "url"),
                status,
                answer.get("body"),
            )?;
        }
        Ok(())
    }

    /// Every operation of the contract, as method and path template.
    #[must_use]
    pub fn operations(&self) -> Vec<(String, String)> {
        self.document.operations()
    }

    fn operation(&self, method: &str, path: &str) -> Result<String, ContractError> {
        let unknown = || ContractError::UnknownOperation {
            method: method.to_owned(),
            path: path.to_owned(),
        };
        self.document
            .find(method, &address::segments(path))
            .ok_or_else(unknown)
    }

    fn check(&self, operation: &str, pointer: &str, body: &Value) -> Result<(), ContractError> {
        let validator = self.validator(pointer)?;
        let problems: Vec<String> = validator
            .iter_errors(body)
            .map(|error| format!("{} at '{}'", error, error.instance_path()))
            .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(ContractError::Violation {
                operation: operation.to_owned(),
                problems,
            })
        }
    }

    fn validator(&self, pointer: &str) -> Result<Arc<Validator>, ContractError> {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = validators.get(pointer) {
            return Ok(Arc::clone(known));
        }
        // Braces are not allowed in the fragment of a URI.
        let fragment = pointer.replace('{', "%7B").replace('}', "%7D");
        let schema = serde_json::json!({ "$ref": format!("{ROOT}#{fragment}") });
        let built = jsonschema::options().with_registry(&self.registry).build(&schema);
        let built = Arc::new(built.map_err(|error| ContractError::Unusable(error.to_string()))?);
        validators.insert(pointer.to_owned(), Arc::clone(&built));
        Ok(built)
    }
}

fn entries<'a>(body: Option<&'a Value>, name: &str) -> impl Iterator<Item = &'a Value> {
    body.and_then(|body| body.get(name))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn text<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry.get(name).and_then(Value::as_str).unwrap_or_default()
}
