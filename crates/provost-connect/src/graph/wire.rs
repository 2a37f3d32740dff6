//! Sending to Graph: token, pace, batches of 20. One attempt; who repeats is decided elsewhere.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use url::Url;

use super::exchange::Exchange;
use super::step::{Step, with_root};
use crate::http::{Answer, Client, Request};
use crate::oauth::Tokens;
use crate::pace::{Pacer, Signal};
use crate::{Error, Result};

/// Most requests in one batch (Microsoft Graph, "Combine multiple HTTP requests using JSON batching").
pub(crate) const BATCH: usize = 20;

/// The line to one tenant's Graph.
pub(crate) struct Wire {
    pub client: Client,
    pub tokens: Tokens,
    pub pacer: Arc<Pacer>,
    /// `https://graph.microsoft.com/v1.0`, without a slash at the end.
    pub root: String,
}

impl Wire {
    /// The address of a path below the root.
    pub(crate) fn url(&self, path: &str) -> Result<Url> {
        Url::parse(&format!("{}{path}", self.root)).map_err(|error| Error::Settings {
            field: "graph_url".to_owned(),
            reason: format!("it makes no address: {error}"),
        })
    }

    /// Reads an address; throttling is waited out until patience ends.
    pub(crate) async fn read(&self, url: &Url, operation: &str, low: bool) -> Result<Exchange> {
        let patience = self.client.deadlines().patience;
        let start = tokio::time::Instant::now();
        loop {
            let permit = self.pacer.permit(0).await;
            let mut request = Request::new(Method::GET, url.clone());
            if low {
                // Bulk reading is the first that may be shed when the tenant is busy.
                request = request.header("x-ms-throttle-priority", "low");
            }
            let exchange = self.exchange(request, operation).await?;
            permit.finish(signal(&[&exchange], &[0], &exchange));
            if !exchange.is_throttled() {
                return Ok(exchange);
            }
            if start.elapsed() + self.pacer.pause_left() > patience {
                return Err(exchange.failure(operation, None));
            }
        }
    }

    /// Sends steps in one request (at most [`BATCH`]); one answer each, in order.
    pub(crate) async fn send(&self, steps: &[&Step]) -> Vec<Result<Exchange>> {
        let writes: Vec<u32> = steps.iter().map(|step| step.writes).collect();
        let permit = self.pacer.permit(writes.iter().sum()).await;
        let sent = match steps {
            [step] => self.send_alone(step).await.map(|whole| (whole, None)),
            steps => self.send_batch(steps).await,
        };
        match sent {
            Err(error) => steps.iter().map(|_| Err(error.clone())).collect(),
            Ok((whole, None)) => {
                let answers = vec![&whole; steps.len()];
                permit.finish(signal(&answers, &writes, &whole));
                steps.iter().map(|_| Ok(whole.clone())).collect()
            }
            Ok((whole, Some(entries))) => {
                let answers: Vec<&Exchange> = entries.iter().flatten().collect();
                permit.finish(signal(&answers, &writes, &whole));
                entries
                    .into_iter()
                    .map(|entry| entry.ok_or_else(|| missing(&whole)))
                    .collect()
            }
        }
    }

    async fn send_alone(&self, step: &Step) -> Result<Exchange> {
        let mut request = Request::new(step.method.clone(), self.url(&step.path)?);
        if let Some(prefer) = step.prefer {
            request = request.header("prefer", prefer);
        }
        if let Some(body) = &step.body {
            let body = with_root(body, &self.root).to_string();
            request = request.body("application/json", body.into_bytes());
        }
        self.exchange(request, step.operation).await
    }

    /// The whole answer, and the entries unless the batch as such was refused.
    async fn send_batch(&self, steps: &[&Step]) -> Result<(Exchange, Option<Vec<Option<Exchange>>>)> {
        const OPERATION: &str = "a batch of changes";
        let requests: Vec<Value> = steps
            .iter()
            .enumerate()
            .map(|(index, step)| self.entry(index, step))
            .collect();
        let body = json!({ "requests": requests }).to_string();
        let request =
            Request::new(Method::POST, self.url("/$batch")?).body("application/json", body.into_bytes());
        let whole = self.exchange(request, OPERATION).await?;
        if !whole.is_success() {
            return Ok((whole, None));
        }
        let Some(Value::Array(responses)) = whole.body.as_ref().and_then(|b| b.get("responses")) else {
            return Err(whole.unreadable.clone().unwrap_or_else(|| missing(&whole)));
        };
        let mut by_id: HashMap<&str, &Value> = responses
            .iter()
            .filter_map(|response| Some((response["id"].as_str()?, response)))
            .collect();
        let entries = (0..steps.len())
            .map(|index| {
                let response = by_id.remove(index.to_string().as_str())?;
                inner(response, &whole)
            })
            .collect();
        Ok((whole, Some(entries)))
    }

    fn entry(&self, index: usize, step: &Step) -> Value {
        let mut entry = json!({
            "id": index.to_string(),
            "method": step.method.as_str(),
            "url": step.path,
        });
        let mut headers = serde_json::Map::new();
        if let Some(prefer) = step.prefer {
            headers.insert("Prefer".to_owned(), json!(prefer));
        }
        if let Some(body) = &step.body {
            headers.insert("Content-Type".to_owned(), json!("application/json"));
            entry["body"] = with_root(body, &self.root);
        }
        if !headers.is_empty() {
            entry["headers"] = Value::Object(headers);
        }
        entry
    }

    /// One request with a token. A refused token is replaced once, since permissions and life
    /// times change behind our back.
    async fn exchange(&self, request: Request, operation: &str) -> Result<Exchange> {
        let request = request
            .header("accept", "application/json")
            .header("client-request-id", &uuid::Uuid::now_v7().to_string());
        let token = self.tokens.get().await.map_err(Error::not_sent)?;
        let mut answer = self.client.send(request.clone().bearer(&token)?).await?;
        if answer.status == 401 {
            self.tokens.forget(&token).await;
            let token = self.tokens.get().await.map_err(Error::not_sent)?;
            answer = self.client.send(request.bearer(&token)?).await?;
        }
        trace(&answer, operation);
        if let Some(error) = answer.redirected(operation) {
            return Err(error);
        }
        let exchange = Exchange::of(&answer, operation);
        match exchange.unreadable {
            Some(error) if (200..300).contains(&exchange.status) => Err(error),
            _ => Ok(exchange),
        }
    }
}

/// The ids under which Microsoft finds a request, for the log.
fn trace(answer: &Answer, operation: &str) {
    tracing::debug!(
        operation,
        status = answer.status,
        request_id = answer.header("request-id").unwrap_or_default(),
        client_request_id = answer.header("client-request-id").unwrap_or_default(),
        "graph answered"
    );
}

fn inner(response: &Value, whole: &Exchange) -> Option<Exchange> {
    let status = response["status"].as_u64().and_then(|s| u16::try_from(s).ok())?;
    let header = |wanted: &str| {
        let headers = response["headers"].as_object()?;
        let (_, value) = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        value
            .as_str()
            .map(str::to_owned)
            .or_else(|| Some(value.to_string()))
    };
    Some(Exchange {
        status,
        after: header("retry-after")
            .and_then(|value| crate::http::parse_retry_after(&value, jiff::Timestamp::now())),
        used: header("x-ms-throttle-limit-percentage").and_then(|value| value.trim().parse().ok()),
        body: response.get("body").filter(|body| !body.is_null()).cloned(),
        unreadable: None,
        place: whole.place.clone(),
    })
}

fn missing(whole: &Exchange) -> Error {
    Error::Interrupted {
        host: whole.place.clone(),
        reason: "an answer inside the batch is missing".to_owned(),
    }
}

/// What answers say about the pace.
fn signal(answers: &[&Exchange], writes: &[u32], whole: &Exchange) -> Signal {
    let refused = answers.iter().zip(writes).filter(|(a, _)| a.is_throttled());
    let busy = |a: &&&Exchange| a.is_throttled() || (a.status == 503 && a.after.is_some());
    let all = || answers.iter().chain(std::iter::once(&whole));
    Signal {
        refused: refused.map(|(_, writes)| *writes).sum(),
        slow_down: all().any(|a| busy(&a)),
        after: all().filter(busy).filter_map(|a| a.after).max_by(Duration::cmp),
        used: all().filter_map(|a| a.used).max_by(f64::total_cmp),
    }
}
