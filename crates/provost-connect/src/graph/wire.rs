//! Sending to Graph: token, pace, receipts. One attempt; who repeats writes is decided elsewhere.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use tokio::time::Instant;
use url::Url;

use super::exchange::Exchange;
use super::receipt::Receipts;
use super::step::{Purpose, Step, with_root};
use super::unit;
use crate::http::{Answer, Client, Request};
use crate::oauth::Tokens;
use crate::pace::{Cost, Pacer, Signal};
use crate::{Error, Receipt, Result};

/// Most requests in one batch (Microsoft Graph, "Combine multiple HTTP requests using JSON batching").
pub(crate) const BATCH: usize = 20;
/// Repeats of a page that the service failed at, and of one whose link is in doubt.
const READ_AGAIN: usize = 3;
/// Members that count as one write for a target that counts them.
const MEMBERS_PER_WRITE: u32 = 3;

/// The line to one tenant's Graph.
pub(crate) struct Wire {
    pub client: Client,
    pub tokens: Tokens,
    pub pacer: Arc<Pacer>,
    /// `https://graph.microsoft.com/v1.0`, without a slash at the end.
    pub root: String,
    pub receipts: Receipts,
    /// Pauses between attempts of a read that the service failed at.
    pub pauses: Vec<Duration>,
}

/// How a read is sent.
#[derive(Clone, Copy, Default)]
pub(crate) struct Manner {
    /// The first that may be shed when the tenant is busy: for reading in bulk.
    pub low: bool,
    pub prefer: Option<&'static str>,
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
        let start = Instant::now();
        let manner = Manner { low, prefer: None };
        loop {
            let exchange = self.attempt(url, operation, manner).await?;
            if !exchange.is_throttled() {
                return Ok(exchange);
            }
            self.patient(start, &exchange, operation)?;
        }
    }

    /// Reads one page of a list, whose link to the next one can be relied on.
    ///
    /// A link that came with the answer to a repeated request may be refused later ("Paging
    /// Microsoft Graph data in your app": go on from the last response that was not retried). The
    /// link that is being read comes from such a response, so a page that came only at a repeat is
    /// read once more, until it comes at the first try: its objects and its link then belong
    /// together, nothing is told twice, and no older place has to be kept.
    pub(crate) async fn read_page(&self, url: &Url, operation: &str, manner: Manner) -> Result<Exchange> {
        let start = Instant::now();
        let mut pauses = self.pauses.iter().take(READ_AGAIN);
        let (mut failed, mut doubted) = (false, 0);
        loop {
            let attempt = self.attempt(url, operation, manner).await;
            let passing = match &attempt {
                Ok(exchange) => exchange.is_passing(),
                Err(error) => matches!(error, Error::Interrupted { .. }),
            };
            if passing && let Some(pause) = pauses.next() {
                tokio::time::sleep(*pause).await;
                failed = true;
                continue;
            }
            let exchange = attempt?;
            if exchange.is_throttled() {
                self.patient(start, &exchange, operation)?;
                failed = true;
                continue;
            }
            if !failed || !exchange.is_success() || doubted == READ_AGAIN {
                return Ok(exchange);
            }
            failed = false;
            doubted += 1;
        }
    }

    /// Whether there is patience left for another attempt.
    fn patient(&self, start: Instant, exchange: &Exchange, operation: &str) -> Result<()> {
        if start.elapsed() + self.pacer.pause_left() > self.client.deadlines().patience {
            return Err(exchange.failure(operation, None));
        }
        Ok(())
    }

    /// Refuses to wait for a tenant that wants to be left alone for longer than anybody waits.
    fn not_too_long(&self) -> Result<()> {
        let left = self.pacer.pause_left();
        if left <= self.client.deadlines().patience {
            return Ok(());
        }
        let host = Url::parse(&self.root)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        Err(Error::Throttled {
            host: host.unwrap_or_default(),
            after: Some(left),
        })
    }

    async fn attempt(&self, url: &Url, operation: &str, manner: Manner) -> Result<Exchange> {
        self.not_too_long()?;
        let cost = unit::cost(&Method::GET, url.as_str(), 0);
        let permit = self.pacer.permit(cost).await;
        let mut request = Request::new(Method::GET, url.clone());
        if manner.low {
            request = request.header("x-ms-throttle-priority", "low");
        }
        if let Some(prefer) = manner.prefer {
            request = request.header("prefer", prefer);
        }
        let exchange = self.exchange(request, operation, &our_id()).await?;
        permit.finish(signal(&[&exchange], &[0], &exchange));
        Ok(exchange)
    }

    /// Sends steps in one request (at most [`BATCH`]); one answer each, in order. Entries of a batch
    /// whose token was refused are sent once more with a new one, as a request by itself is.
    pub(crate) async fn send(&self, steps: &[&Step]) -> Vec<Result<Exchange>> {
        let mut outcomes = self.send_once(steps).await;
        let refused: Vec<usize> = (0..outcomes.len())
            .filter(|index| matches!(&outcomes[*index], Ok(exchange) if exchange.status == 401))
            .collect();
        if steps.len() < 2 || refused.is_empty() {
            return outcomes;
        }
        if let Ok(token) = self.tokens.get().await {
            self.tokens.forget(&token).await;
        }
        let again: Vec<&Step> = refused.iter().map(|index| steps[*index]).collect();
        for (index, outcome) in refused.into_iter().zip(self.send_once(&again).await) {
            outcomes[index] = outcome;
        }
        outcomes
    }

    async fn send_once(&self, steps: &[&Step]) -> Vec<Result<Exchange>> {
        if let Err(error) = self.not_too_long() {
            return steps.iter().map(|_| Err(error.clone())).collect();
        }
        let writes: Vec<u32> = steps.iter().map(|step| self.writes(step)).collect();
        let units = steps
            .iter()
            .map(|step| unit::units(&step.method, &step.path))
            .sum();
        let cost = Cost {
            writes: writes.iter().sum(),
            units,
        };
        let id = our_id();
        let permit = self.pacer.permit(cost).await;
        let sent = match steps {
            [step] => self.send_alone(step, &id).await.map(|whole| (whole, None)),
            _ => self.send_batch(steps, &id).await,
        };
        let outcomes: Vec<Result<Exchange>> = match sent {
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
        };
        for (step, outcome) in steps.iter().zip(&outcomes) {
            self.file(step, &id, outcome);
        }
        outcomes
    }

    /// What a step counts of the write budget. Several members bound at once are one request; a
    /// target may count them by threes, which shows in refusals that nothing else explains.
    fn writes(&self, step: &Step) -> u32 {
        if step.bound > 1 && self.pacer.underrates_writes() {
            step.bound.div_ceil(MEMBERS_PER_WRITE)
        } else {
            step.writes
        }
    }

    /// Keeps the receipt of a write, and of a look that was refused.
    fn file(&self, step: &Step, id: &str, outcome: &Result<Exchange>) {
        let receipt = match outcome {
            Ok(exchange) if step.purpose == Purpose::Look && exchange.is_success() => return,
            Ok(exchange) => Receipt {
                client_request_id: id.to_owned(),
                ..exchange.receipt(step.operation)
            },
            Err(error) => Receipt {
                operation: step.operation.to_owned(),
                status: 0,
                request_id: String::new(),
                client_request_id: id.to_owned(),
                reason: error.to_string(),
            },
        };
        self.receipts.keep(&step.about, receipt);
    }

    async fn send_alone(&self, step: &Step, id: &str) -> Result<Exchange> {
        let mut request = Request::new(step.method.clone(), self.url(&step.path)?);
        if let Some(prefer) = step.prefer {
            request = request.header("prefer", prefer);
        }
        if let Some(body) = &step.body {
            let body = with_root(body, &self.root).to_string();
            request = request.body("application/json", body.into_bytes());
        } else if step.method == Method::POST {
            // Some servers want to be told that nothing follows (411 otherwise).
            request = request.header("content-length", "0");
        }
        self.exchange(request, step.operation, id).await
    }

    /// One request with a token. A refused token is replaced once, since permissions and life
    /// times change behind our back.
    pub(super) async fn exchange(&self, request: Request, operation: &str, id: &str) -> Result<Exchange> {
        let request = request
            .header("accept", "application/json")
            .header("client-request-id", id);
        let token = self.tokens.get().await.map_err(Error::not_sent)?;
        let mut answer = self.client.send(request.clone().bearer(&token)?).await?;
        if answer.status == 401 {
            self.tokens.forget(&token).await;
            let token = self.tokens.get().await.map_err(Error::not_sent)?;
            answer = self.client.send(request.bearer(&token)?).await?;
        }
        trace(&answer, operation, id);
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

/// Our own id of a request: Microsoft's support finds it by this one too.
fn our_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// The ids under which Microsoft finds a request, for the log.
fn trace(answer: &Answer, operation: &str, id: &str) {
    tracing::debug!(
        operation,
        status = answer.status,
        request_id = answer.header("request-id").unwrap_or_default(),
        client_request_id = id,
        diagnostic = answer.header("x-ms-ags-diagnostic").unwrap_or_default(),
        "graph answered"
    );
}

fn missing(whole: &Exchange) -> Error {
    Error::Interrupted {
        host: whole.place.clone(),
        reason: "an answer inside the batch is missing".to_owned(),
    }
}

/// What answers say about the pace.
fn signal(answers: &[&Exchange], writes: &[u32], whole: &Exchange) -> Signal {
    let refused = || answers.iter().zip(writes).filter(|(a, _)| a.is_throttled());
    let busy = |a: &&&Exchange| a.is_throttled() || (a.status == 503 && a.after.is_some());
    let all = || answers.iter().chain(std::iter::once(&whole));
    Signal {
        refused: refused().map(|(_, writes)| *writes).sum(),
        slow_down: all().any(|a| busy(&a)),
        after: all().filter(busy).filter_map(|a| a.after).max_by(Duration::cmp),
        used: all().filter_map(|a| a.used).max_by(f64::total_cmp),
        units_refused: refused().any(|(a, writes)| a.is_about_units(*writes)),
        // A batch costs what its entries cost; only when all of them tell is that known.
        units: answers.iter().map(|a| a.units).sum(),
    }
}
