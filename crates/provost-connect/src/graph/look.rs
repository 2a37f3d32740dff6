//! Reading many things at once.

use futures::stream::{self, StreamExt};
use serde_json::Value;
use tokio::time::Instant;

use super::Graph;
use super::exchange::Exchange;
use super::read::success;
use super::step::Step;
use super::wire::BATCH;
use crate::{Error, Result};

/// Batches on their way at the same time; the pacer's window may allow fewer.
const PARALLEL: usize = 4;
/// Pages of one list that are followed, 999 objects each.
const PAGES: usize = 1000;

impl Graph {
    /// Sends reading steps in batches; one answer each, in order. Throttling is waited out, for
    /// each entry by itself, until patience ends.
    pub(crate) async fn look(&self, steps: &[Step]) -> Vec<Result<Exchange>> {
        let chunks: Vec<_> = steps
            .chunks(BATCH)
            .map(|chunk| self.look_together(chunk))
            .collect();
        stream::iter(chunks).buffered(PARALLEL).concat().await
    }

    async fn look_together(&self, steps: &[Step]) -> Vec<Result<Exchange>> {
        let start = Instant::now();
        let mut answers = self.wire.send(&steps.iter().collect::<Vec<_>>()).await;
        loop {
            let throttled: Vec<usize> = (0..answers.len())
                .filter(|index| matches!(&answers[*index], Ok(answer) if answer.is_throttled()))
                .collect();
            let patience = self.wire.client.deadlines().patience;
            if throttled.is_empty() || start.elapsed() + self.wire.pacer.pause_left() > patience {
                return answers;
            }
            let again: Vec<&Step> = throttled.iter().filter_map(|index| steps.get(*index)).collect();
            for (index, answer) in throttled.into_iter().zip(self.wire.send(&again).await) {
                answers[index] = answer;
            }
        }
    }

    /// Everything in a list that may have several pages, beginning with the answer to its first.
    pub(crate) async fn to_its_end(&self, first: &Exchange, operation: &'static str) -> Result<Vec<Value>> {
        let mut body = success(first, operation)?.clone();
        let mut all = Vec::new();
        for _ in 0..PAGES {
            match body.get_mut("value").map(Value::take) {
                Some(Value::Array(values)) => all.extend(values),
                _ => return Err(without_list(first, operation)),
            }
            let Some(next) = body["@odata.nextLink"].as_str() else {
                return Ok(all);
            };
            let url = self.link(crate::Kind::Group, next)?;
            let exchange = self
                .wire
                .read_page(&url, operation, super::wire::Manner::default())
                .await?;
            body = success(&exchange, operation)?.clone();
        }
        Err(Error::Paging {
            kind: crate::Kind::Group,
            reason: format!("it has more than {PAGES} pages"),
        })
    }
}

fn without_list(exchange: &Exchange, operation: &str) -> Error {
    Error::Unintelligible {
        host: exchange.place.clone(),
        operation: operation.to_owned(),
        found: format!("a list without `value` (status {})", exchange.status),
    }
}
