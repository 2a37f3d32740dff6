//! Trying an expression: what it gives for a real person or a sample, and everything that is wrong with it.

use crate::detail::REDACTED;
use crate::{Engine, Error, Result, random};
use provost_engine::expr::{self, Context, ExprError};
use provost_engine::object::{Kind, Source};
use provost_engine::rule::Env;
use provost_store::directory;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Whom an expression is evaluated for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Nobody: every attribute is empty.
    #[default]
    Nobody,
    /// The person or group with this key in the directory.
    Object(i64),
    /// A document that was made up: a person's SCIM attributes.
    Sample(Value),
}

/// What became of an expression.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluated {
    /// What it gives; `None` when there is a mistake. A value that `Redact` wraps is shown as `[Redact]`.
    pub result: Option<Answer>,
    /// Everything that is wrong, in the order of the text.
    pub errors: Vec<Remark>,
    /// What works but should be known.
    pub warnings: Vec<Remark>,
    /// The expression as it was understood, when it could be parsed.
    pub tree: Option<Value>,
}

/// What an expression gives.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// A value; `null` when there is none.
    Value(Value),
    /// The attribute is left alone.
    IgnoreAttribute,
    /// The whole object is left alone.
    IgnoreObject,
}

/// Something to say about a part of the expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Where it begins, in characters from 0.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// What it is.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Remark {
    /// The engine counts bytes; people and browsers count characters.
    fn new(text: &str, error: &ExprError) -> Self {
        let characters = |byte: usize| text.char_indices().take_while(|(at, _)| *at < byte).count();
        Self {
            start: characters(error.span.start),
            end: characters(error.span.end),
            message: error.message.clone(),
            hint: error.hint.clone(),
        }
    }
}

impl Engine {
    /// Parses an expression and evaluates it for somebody. Mistakes are part of the answer, not errors.
    ///
    /// # Errors
    /// [`Error::Refused`] with `PRV-OBJECT-UNKNOWN` when the workspace has no such person or group; any error of
    /// the store.
    pub async fn evaluate(&self, workspace: i64, text: &str, who: &Subject) -> Result<Evaluated> {
        let (kind, id, document) = self.subject(workspace, who).await?;
        let parsed = match expr::parse_with_warnings(text) {
            Ok(parsed) => parsed,
            Err(errors) => {
                return Ok(Evaluated {
                    result: None,
                    errors: errors.iter().map(|e| Remark::new(text, e)).collect(),
                    warnings: Vec::new(),
                    tree: None,
                });
            }
        };
        let is_active = document.get("active").and_then(Value::as_bool).unwrap_or(true);
        let context = Context {
            source: Source {
                kind,
                id: &id,
                document: &document,
                assigned: true,
            },
            soft_deleted: !is_active,
            env: Env {
                now: self.now(),
                random: Some(&random::fill),
                ..Env::default()
            },
        };
        let (result, errors) = match expr::eval(&parsed.expr, &context) {
            Ok(value) => (Some(answer(value, parsed.expr.calls("Redact"))), Vec::new()),
            Err(error) => (None, vec![Remark::new(text, &error)]),
        };
        Ok(Evaluated {
            result,
            errors,
            warnings: parsed.warnings.iter().map(|w| Remark::new(text, w)).collect(),
            tree: Some(expr::tree(&parsed.expr)),
        })
    }

    async fn subject(&self, workspace: i64, who: &Subject) -> Result<(Kind, String, Value)> {
        match who {
            Subject::Nobody => Ok((Kind::Person, String::new(), json!({}))),
            Subject::Sample(document) => Ok((Kind::Person, sample_id(document), document.clone())),
            Subject::Object(key) => {
                let key = *key;
                let found = self.db.read(move |tx| directory::by_key(tx, key)).await?;
                let object = found
                    .filter(|o| o.workspace == workspace)
                    .ok_or_else(|| unknown_object(key))?;
                let document = object.value()?;
                Ok((object.kind, object.id.to_string(), document))
            }
        }
    }
}

/// Nobody has this key, or somebody in another workspace, which looks the same.
pub(crate) fn unknown_object(key: i64) -> Error {
    Error::refused(
        "PRV-OBJECT-UNKNOWN",
        format!("there is no person or group with the key {key}"),
        "Search for the person or group and choose one that is found.",
    )
}

fn sample_id(document: &Value) -> String {
    document
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn answer(value: expr::Value, redacted: bool) -> Answer {
    let value = match value {
        expr::Value::Ignore => return Answer::IgnoreAttribute,
        expr::Value::IgnoreObject => return Answer::IgnoreObject,
        expr::Value::Null => Value::Null,
        expr::Value::Text(text) => Value::String(text.into_owned()),
        expr::Value::List(texts) => texts.into_iter().map(|t| Value::String(t.into_owned())).collect(),
        expr::Value::Bool(value) => Value::Bool(value),
        expr::Value::Integer(number) => Value::from(number),
        expr::Value::Json(json) => json.clone(),
        expr::Value::Complex(items) => Value::Array(items),
    };
    if redacted && !value.is_null() {
        return Answer::Value(Value::String(REDACTED.to_owned()));
    }
    Answer::Value(value)
}
