//! Records that were received and wait to be looked at, and records whose time has come: a first working day, a
//! last one, a manager who was not there.

use super::batch::Batch;
use super::check_in_use;
use super::record::{Incoming, Record};
use super::report::ImportReport;
use super::write::Hand;
use crate::engine::{Engine, Options};
use crate::{Error, Result};
use provost_store::import_run::{self, Ending, Run, State};
use provost_store::provider::{self, Provider};
use provost_store::source_record::{self, SourceRecord};
use provost_store::{Error as Store, Tx};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Records that one look takes.
const AT_ONCE: i64 = 1_000;
/// How often records are looked for.
const TICK: Duration = Duration::from_millis(1_000);
/// Milliseconds for which records wait whose provider is being imported by somebody else.
const SOON: i64 = 15_000;
/// The same for records whose provider is switched off, or whose source has a rule that is wrong.
const LATER: i64 = 600_000;
/// Milliseconds after which a run that is over is forgotten.
const KEPT: i64 = 90 * 86_400_000;
/// Runs that are forgotten at once.
const FORGOTTEN: i64 = 500;
/// In whose name records are looked at again.
const ACTOR: &str = "provost";

impl Engine {
    /// Keeps records of a provider, to be carried out by [`Engine::import_tick`]; answers the import run's key.
    /// When it answers, they are on the disk. Each is the whole state of a person: what it leaves out is empty.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-IMPORT-ANCHOR`) when a record has no key or two have the same one: none is kept;
    /// [`Error::Rules`] when the source's rule is wrong; any error of the store.
    pub async fn receive(&self, provider: &Provider, records: Vec<Record>, actor: &str) -> Result<i64> {
        check_in_use(provider)?;
        let source = self.source(provider).await?;
        let prepared = self.prepare(provider, source).await?;
        let incoming = with_keys(&prepared, records)?;
        let (actor, now) = (actor.to_owned(), self.now());
        let keep = move |tx: &mut Tx| {
            let provider = &prepared.provider;
            let run = import_run::begin(tx, &actor, now, provider, import_run::RECEIVED, &Value::Null)?;
            for record in &incoming {
                let text = record.document.to_string();
                source_record::receive(tx, provider.key, &record.anchor, &text, run, now)?;
            }
            Ok::<_, Store>(run)
        };
        Ok(self.db.write(keep).await?)
    }

    /// Looks at up to 1,000 records that are due; answers how many. Those of a provider that somebody else is
    /// importing, that is switched off, or whose rule is wrong are put off.
    ///
    /// # Errors
    /// Any error of the store.
    pub async fn import_tick(&self) -> Result<u64> {
        let now = self.now();
        let due = self
            .db
            .read(move |tx| source_record::due(tx, now, AT_ONCE))
            .await?;
        let mut looked_at = 0;
        let mut parts: BTreeMap<i64, Vec<SourceRecord>> = BTreeMap::new();
        for record in due {
            parts.entry(record.provider).or_default().push(record);
        }
        for (provider, records) in parts {
            match self.look_again(provider, &records).await {
                Ok(()) => looked_at += records.len() as u64,
                Err(Error::Running) => self.put_off(records, SOON).await?,
                Err(error) => {
                    tracing::warn!(provider, %error, "records could not be looked at; trying again later");
                    self.put_off(records, LATER).await?;
                }
            }
        }
        self.end_received().await?;
        Ok(looked_at)
    }

    /// Looks at records whenever some are due, until `stop` turns true.
    pub async fn serve_imports(&self, mut stop: watch::Receiver<bool>) {
        let mut swept = 0;
        while !*stop.borrow() {
            let more = match self.import_tick().await {
                Ok(looked_at) => looked_at > 0,
                Err(error) => {
                    tracing::warn!(%error, "the records of sources could not be looked at; trying again");
                    false
                }
            };
            if self.now() - swept > 3_600_000 {
                swept = self.now();
                let before = swept - KEPT;
                let forget = move |tx: &mut Tx| import_run::forget(tx, before, FORGOTTEN);
                if let Err(error) = self.db.write(forget).await {
                    tracing::warn!(%error, "old import runs could not be forgotten");
                }
            }
            if more {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(TICK) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Looks at records of one provider, each in the name of the run that saw it last.
    async fn look_again(&self, provider: i64, records: &[SourceRecord]) -> Result<()> {
        let found = self.db.read(move |tx| provider::by_key(tx, provider)).await?;
        let owner = found.ok_or_else(gone)?;
        check_in_use(&owner)?;
        let source = self.source(&owner).await?;
        let prepared = Arc::new(self.prepare(&owner, source).await?);
        let mut runs: BTreeMap<i64, Vec<Incoming>> = BTreeMap::new();
        for record in records {
            runs.entry(record.run).or_default().push(Incoming::kept(record)?);
        }
        self.with_lease(provider, &Options::default(), async |_| {
            let hand = Hand {
                run: 0,
                actor: ACTOR.to_owned(),
                now: self.now(),
                is_kept: true,
            };
            let batch = Batch::new(self.db.clone(), prepared.clone(), hand);
            for (run, incoming) in runs {
                let mut report = ImportReport::default();
                for group in incoming.chunks(super::batch::GROUP) {
                    report.read += group.len() as u64;
                    let waiting = batch.group(run, group.to_vec(), &mut report).await?;
                    report.waiting += waiting.len() as u64;
                }
                self.add_to_run(run, report).await?;
            }
            Ok(())
        })
        .await
    }

    /// Adds what was done to the run's counts, as long as the run goes on.
    async fn add_to_run(&self, run: i64, done: ImportReport) -> Result<()> {
        let add = move |tx: &mut Tx| match import_run::get(tx, run)? {
            Some(found) if found.state == State::Running && found.mode == import_run::RECEIVED => {
                let mut report = counts(&found);
                report.run = run;
                report.add(&done);
                import_run::note(tx, run, &serde_json::to_value(&report).unwrap_or_default())
            }
            _ => Ok(()),
        };
        Ok(self.db.write(add).await?)
    }

    /// Ends the received runs of which nothing is to be looked at any more.
    async fn end_received(&self) -> Result<()> {
        let now = self.now();
        let read = move |tx: &mut Tx| {
            let mut over = Vec::new();
            for run in import_run::unfinished(tx)? {
                if source_record::waiting_in(tx, run.provider, run.key, now)? == 0
                    && let Some(owner) = provider::by_key(tx, run.provider)?
                {
                    over.push((run, owner));
                }
            }
            Ok::<_, Store>(over)
        };
        for (run, owner) in self.db.read(read).await? {
            let end = move |tx: &mut Tx| {
                let mut report = counts(&run);
                report.run = run.key;
                report.state = State::Done.as_str().to_owned();
                let ending = Ending {
                    state: State::Done,
                    counts: &serde_json::to_value(&report).unwrap_or_default(),
                    digest: "",
                    action: "import.end",
                };
                import_run::settle(tx, &run.actor, now, &owner, run.key, &ending)
            };
            self.db.write(end).await?;
        }
        Ok(())
    }

    /// Has records looked at later, so that they do not stand in the way of others.
    async fn put_off(&self, records: Vec<SourceRecord>, milliseconds: i64) -> Result<()> {
        let later = self.now() + milliseconds;
        let put = move |tx: &mut Tx| {
            for record in &records {
                let put_off = SourceRecord {
                    due: later,
                    ..record.clone()
                };
                if source_record::get(tx, record.provider, &record.anchor)?.as_ref() == Some(record) {
                    source_record::put(tx, &put_off)?;
                }
            }
            Ok::<_, Store>(())
        };
        Ok(self.db.write(put).await?)
    }
}

fn gone() -> Error {
    Error::refused(
        "PRV-IMPORT-OFF",
        "the inbound provider of these records does not exist any more",
        "Nothing has to be done.",
    )
}

fn counts(run: &Run) -> ImportReport {
    serde_json::from_value(run.counts.clone()).unwrap_or_default()
}

/// Finds the key of every record, or refuses all of them.
fn with_keys(prepared: &super::source::Prepared, records: Vec<Record>) -> Result<Vec<Incoming>> {
    let refused = |number: usize, reason: &str| {
        Error::refused(
            "PRV-IMPORT-ANCHOR",
            format!("record {number}: {reason}; none of the records was kept"),
            "Correct the record and send all of them again.",
        )
    };
    let rt = prepared.catalogue.user();
    let mut keys = HashSet::new();
    let mut incoming = Vec::with_capacity(records.len());
    for (record, number) in records.into_iter().zip(1..) {
        let one =
            Incoming::of(rt, &prepared.source.anchor, record).map_err(|reason| refused(number, &reason))?;
        if !keys.insert(one.anchor.clone()) {
            return Err(refused(number, "another record of the request has the same key"));
        }
        incoming.push(one);
    }
    Ok(incoming)
}
