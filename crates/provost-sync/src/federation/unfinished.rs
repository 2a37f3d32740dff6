//! Acts whose outcome nobody knows, because an answer was lost or a process ended in the middle: once a minute has passed,
//! the hub looks by itself what stands at Microsoft, as when somebody presses the button. Nothing is sent a second time.
//!
//! One node looks at a time. While Microsoft cannot be asked it looks later and later, an hour apart at most: each look that
//! finds nothing out is a row of the audit log.

use super::SETTLES;
use crate::engine::Options;
use crate::{Engine, Error, Result};
use provost_store::microsoft_365::Provider;
use provost_store::{Tx, federation, microsoft_365};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The lease of the one who looks: no connection has this key.
const LEASE: i64 = -2;
/// How often open acts are looked for.
const TICK: Duration = Duration::from_secs(20);
/// Providers that are looked at in one round; the others follow in the next.
const ROUND: usize = 20;
/// Providers that are read: beyond what any hub has open at once.
const READ: i64 = 1_000;
/// Milliseconds to the next look after the first that found nothing out, and the most.
const AGAIN: i64 = 60_000;
const MOST: i64 = 3_600_000;
/// Who looks, for the audit log.
const ACTOR: &str = "provost";

/// When a provider is looked at again: after how many looks, and the time.
#[derive(Debug, Default)]
struct Memory(BTreeMap<i64, (u32, i64)>);

impl Memory {
    fn is_due(&self, provider: i64, now: i64) -> bool {
        self.0.get(&provider).is_none_or(|(_, next)| *next <= now)
    }

    fn failed(&mut self, provider: i64, now: i64) {
        let (count, next) = self.0.entry(provider).or_default();
        *next = now + AGAIN.saturating_mul(1 << (*count).min(6)).min(MOST);
        *count += 1;
    }

    /// Forgets whom nothing is open about any more.
    fn keep(&mut self, open: &[Provider]) {
        self.0.retain(|key, _| open.iter().any(|one| one.key == *key));
    }
}

/// Looks in a task of its own: a Microsoft that is slow delays no cycle.
pub(crate) fn start(engine: &Engine, stop: &watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(serve(engine.clone(), stop.clone()))
}

async fn serve(engine: Engine, mut stop: watch::Receiver<bool>) {
    let mut memory = Memory::default();
    while !*stop.borrow() {
        if let Err(e) = tick(&engine, &mut memory).await {
            tracing::warn!(error = %e, "open acts on federations could not be looked at; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

async fn tick(engine: &Engine, memory: &mut Memory) -> Result<usize> {
    // Without anything open, no lease is written.
    let before = engine.now() - SETTLES;
    let read = move |tx: &mut Tx| {
        let keys = federation::unfinished(tx, before, READ)?;
        let found = keys.into_iter().map(|key| microsoft_365::by_key(tx, key));
        found.collect::<provost_store::Result<Vec<_>>>()
    };
    let open: Vec<Provider> = engine.db.read(read).await?.into_iter().flatten().collect();
    memory.keep(&open);
    let now = engine.now();
    let due: Vec<&Provider> = open
        .iter()
        .filter(|one| memory.is_due(one.key, now))
        .take(ROUND)
        .collect();
    if due.is_empty() {
        return Ok(0);
    }
    let looked = engine
        .with_lease(LEASE, &Options::default(), async |_| {
            let mut failed = Vec::new();
            for provider in &due {
                let name = &provider.name;
                match engine.probe_federation(provider.workspace, name, ACTOR).await {
                    Ok(_) => tracing::info!(provider = %name, "an open act on the federation has ended"),
                    Err(error) => {
                        tracing::warn!(provider = %name, %error, "what came of the act is not known yet");
                        failed.push(provider.key);
                    }
                }
            }
            Ok(failed)
        })
        .await;
    match looked {
        // Another node is at it.
        Err(Error::Running) => Ok(0),
        Err(error) => Err(error),
        Ok(failed) => {
            let count = due.len();
            for key in failed {
                memory.failed(key, now);
            }
            Ok(count)
        }
    }
}

impl Engine {
    /// Looks at Microsoft for each act on a federation that has been open for a minute. Answers how many providers were
    /// looked at. [`Engine::serve`] does this all the time.
    ///
    /// # Errors
    /// Any error of the store. A Microsoft that cannot be asked is asked again later.
    pub async fn look_at_unfinished_federations(&self) -> Result<usize> {
        tick(self, &mut Memory::default()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_that_finds_nothing_out_is_made_later_and_later() {
        let mut memory = Memory::default();
        assert!(memory.is_due(7, 0));
        let mut now = 0;
        for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
            memory.failed(7, now);
            assert!(!memory.is_due(7, now + minutes * 60_000 - 1), "{minutes}");
            now += minutes * 60_000;
            assert!(memory.is_due(7, now), "{minutes}");
            assert!(memory.is_due(8, now), "another provider does not wait");
        }
        memory.failed(7, now);
        memory.keep(&[]);
        assert!(memory.is_due(7, now), "an act that ended is forgotten");
    }
}
