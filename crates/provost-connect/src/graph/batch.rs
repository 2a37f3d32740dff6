//! Several steps in one request (Microsoft Graph, "Combine multiple HTTP requests using JSON batching").

use std::collections::HashMap;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::exchange::Exchange;
use super::step::{Step, with_root};
use super::wire::Wire;
use crate::http::Request;
use crate::{Error, Result};

const OPERATION: &str = "a batch of requests";

/// The whole answer, and the answers inside it unless the batch as such was refused.
pub(super) type Sent = (Exchange, Option<Vec<Option<Exchange>>>);

impl Wire {
    /// Sends steps together; `id` is our id of the whole.
    pub(super) async fn send_batch(&self, steps: &[&Step], id: &str) -> Result<Sent> {
        let requests: Vec<Value> = steps
            .iter()
            .enumerate()
            .map(|(index, step)| self.entry(index, step))
            .collect();
        let body = json!({ "requests": requests }).to_string();
        let request =
            Request::new(Method::POST, self.url("/$batch")?).body("application/json", body.into_bytes());
        let whole = self.exchange(request, OPERATION, id).await?;
        if !whole.is_success() {
            return Ok((whole, None));
        }
        let Some(Value::Array(responses)) = whole.body.as_ref().and_then(|body| body.get("responses")) else {
            return Err(whole.unreadable.clone().unwrap_or_else(|| incomplete(&whole)));
        };
        let mut by_id: HashMap<&str, &Value> = responses
            .iter()
            .filter_map(|response| Some((response["id"].as_str()?, response)))
            .collect();
        let entries = (0..steps.len())
            .map(|index| Exchange::of_entry(by_id.remove(index.to_string().as_str())?, &whole))
            .collect();
        Ok((whole, Some(entries)))
    }

    fn entry(&self, index: usize, step: &Step) -> Value {
        let mut headers = Map::new();
        if let Some(prefer) = step.prefer {
            headers.insert("Prefer".to_owned(), json!(prefer));
        }
        let mut entry = json!({
            "id": index.to_string(),
            "method": step.method.as_str(),
            "url": step.path,
        });
        // Alone, an action without arguments has no body; inside a batch it must have an empty one.
        let empty = (step.method == Method::POST).then(|| json!({}));
        if let Some(body) = step.body.as_ref().or(empty.as_ref()) {
            headers.insert("Content-Type".to_owned(), json!("application/json"));
            entry["body"] = with_root(body, &self.root);
        }
        if !headers.is_empty() {
            entry["headers"] = Value::Object(headers);
        }
        entry
    }
}

/// The writes may have happened: what is missing is asked for again, or looked for.
fn incomplete(whole: &Exchange) -> Error {
    Error::Interrupted {
        host: whole.place.clone(),
        reason: "the answer to a batch holds no answers".to_owned(),
    }
}
