//! Records that come in and drive the directory: from an HR system through the bulk interface, or from a file.
//!
//! The client sends states, not commands: the engine decides whether somebody is made, changed, enabled or
//! disabled. The way of a record: [`record`] finds its key, [`source`] holds the rule, [`decide`] works out on a
//! snapshot what is to be done, [`write`] does it through the directory, in groups ([`batch`]). Once a complete
//! input has ended well, [`absence`] looks at who is missing; an input that broke off removes nobody.
//!
//! Records are kept under their own keys. So a manager who comes later is found then, a rule that depends on the
//! time is evaluated again when its time comes, and what was received is not lost when the process ends
//! ([`tick`]).

mod absence;
mod batch;
mod decide;
mod input;
mod log;
mod matching;
mod person;
mod record;
mod report;
mod source;
mod tick;
mod write;

pub use record::{Broken, Record};
pub use report::{Failure, HeldAbsences, ImportReport, Mode};
pub use source::{Absent, Guard, Source};

use crate::engine::{Engine, Options};
use crate::{Error, Result};
use batch::Batch;
use provost_store::import_run::{self, Ending, Run, State};
use provost_store::provider::{self, Provider};
use provost_store::{Error as Store, Tx, extension, source as kept_source, source_record};
use serde_json::Value;
use source::Prepared;
use std::sync::Arc;
use std::time::{Duration, Instant};
use write::Hand;

/// How long somebody who takes in records of the same provider is waited for.
const WAIT: Duration = Duration::from_secs(10);
/// How often it is looked whether they are through.
const LOOK: Duration = Duration::from_millis(100);

impl Engine {
    /// The definition of a provider's source: its own, or the standard one for SCIM users.
    ///
    /// # Errors
    /// Any error of the store; a stored definition that cannot be read.
    pub async fn source(&self, provider: &Provider) -> Result<Source> {
        let key = provider.key;
        let stored = self.db.read(move |tx| kept_source::get(tx, key)).await?;
        definition(stored)
    }

    /// Sets the definition of a provider's source. Every record that is there is looked at again by it.
    ///
    /// # Errors
    /// [`Error::Rules`] with every mistake at once; any error of the store.
    pub async fn set_source(&self, provider: &Provider, source: &Source, actor: &str) -> Result<()> {
        self.prepare(provider, source.clone()).await?;
        let value = serde_json::to_value(source).map_err(|e| Store::Damaged(e.to_string()))?;
        let (provider, actor, now) = (provider.clone(), actor.to_owned(), self.now());
        let put = move |tx: &mut Tx| {
            kept_source::put(tx, &actor, now, &provider, &value)?;
            source_record::wake(tx, provider.key, now)
        };
        self.db.write(put).await?;
        Ok(())
    }

    /// Takes records into the directory. In [`Mode::Full`] everybody who is missing is absent afterwards: as the
    /// source says, unless its guard holds that for a person's decision. Nobody is absent because of an input
    /// that has a broken record, or that did not end.
    ///
    /// # Errors
    /// [`Error::Running`] when records of the same provider are being taken in by somebody else;
    /// [`Error::Rules`] when the source's rule is wrong; [`Error::Refused`] when the provider is not in use; any
    /// error of the store. What was done by then stays done. A record that fails is in the report.
    pub async fn import<I>(
        &self,
        provider: &Provider,
        records: I,
        mode: Mode,
        actor: &str,
    ) -> Result<ImportReport>
    where
        I: IntoIterator<Item = std::result::Result<Record, Broken>>,
    {
        let source = self.source(provider).await?;
        let prepared = Arc::new(self.prepare(provider, source).await?);
        let records = records.into_iter();
        self.alone(provider.key, async || {
            let run = self.begin(&prepared, mode, actor).await?;
            self.take_in(&prepared, records, mode, run, actor).await
        })
        .await
    }

    /// Carries out what a run holds: exactly the absences that the digest stands for.
    ///
    /// # Errors
    /// [`Error::Refused`]: `PRV-IMPORT-RUN` when nothing of the run is held, `PRV-IMPORT-MOVED` when others are
    /// missing by now; as [`Engine::import`] otherwise.
    pub async fn approve_import(&self, run: i64, digest: &str, actor: &str) -> Result<ImportReport> {
        let (run, provider) = self.held_run(run).await?;
        let source = self.source(&provider).await?;
        let prepared = Arc::new(self.prepare(&provider, source).await?);
        self.alone(provider.key, async || {
            let absences = absence::read(&self.db, &prepared, run.key).await?;
            if absences.digest != digest || run.digest != digest {
                return Err(Error::refused(
                    "PRV-IMPORT-MOVED",
                    "who is missing is not what was shown any more, so nothing was done",
                    "Look at the run again, or import the whole input once more.",
                ));
            }
            let mut report: ImportReport = serde_json::from_value(run.counts.clone()).unwrap_or_default();
            let hand = self.hand(run.key, actor);
            absence::carry_out(&self.db, &prepared, absences, &hand, &mut report).await?;
            report.held = None;
            self.settle(&mut report, State::Done, "import.approve", &prepared, actor)
                .await?;
            Ok(report)
        })
        .await
    }

    /// Leaves whom a run holds as they are. They are missing still, and the next complete input says so again.
    ///
    /// # Errors
    /// [`Error::Refused`] (`PRV-IMPORT-RUN`) when nothing of the run is held; any error of the store.
    pub async fn reject_import(&self, run: i64, actor: &str) -> Result<()> {
        let (run, provider) = self.held_run(run).await?;
        let source = self.source(&provider).await?;
        let prepared = Arc::new(self.prepare(&provider, source).await?);
        let mut report: ImportReport = serde_json::from_value(run.counts.clone()).unwrap_or_default();
        self.settle(&mut report, State::Rejected, "import.reject", &prepared, actor)
            .await
    }

    /// Does something as the only one that takes in records of the provider. Somebody who is at it is waited for as
    /// long as a look at due records takes, not as long as an import may.
    async fn alone<T>(&self, provider: i64, body: impl AsyncFnOnce() -> Result<T>) -> Result<T> {
        let since = Instant::now();
        let mut body = Some(body);
        loop {
            let done = self
                .with_lease(provider, &Options::default(), async |_| match body.take() {
                    Some(body) => body().await,
                    None => Err(Error::Running),
                })
                .await;
            match done {
                Err(Error::Running) if body.is_some() && since.elapsed() < WAIT => {
                    tokio::time::sleep(LOOK).await
                }
                done => return done,
            }
        }
    }

    async fn held_run(&self, key: i64) -> Result<(Run, Provider)> {
        let read = move |tx: &mut Tx| {
            let run = import_run::get(tx, key)?;
            let provider = match &run {
                Some(run) => provider::by_key(tx, run.provider)?,
                None => None,
            };
            Ok::<_, Store>(run.zip(provider))
        };
        match self.db.read(read).await? {
            Some((run, provider)) if run.state == State::Held => Ok((run, provider)),
            _ => Err(Error::refused(
                "PRV-IMPORT-RUN",
                format!("there is nothing held of the import run {key}"),
                "List the import runs of the provider and choose one that is held.",
            )),
        }
    }

    async fn prepare(&self, provider: &Provider, source: Source) -> Result<Prepared> {
        let workspace = provider.workspace;
        let catalogue = self
            .db
            .read(move |tx| extension::catalogue(tx, workspace))
            .await?;
        Prepared::new(provider.clone(), source, catalogue)
    }

    async fn begin(&self, prepared: &Arc<Prepared>, mode: Mode, actor: &str) -> Result<i64> {
        check_in_use(&prepared.provider)?;
        let (prepared, actor, now) = (prepared.clone(), actor.to_owned(), self.now());
        let begin = move |tx: &mut Tx| {
            let provider = &prepared.provider;
            let run = import_run::begin(tx, &actor, now, provider, mode.as_str(), &Value::Null)?;
            import_run::abandon(tx, now, provider.key, run)?;
            Ok::<_, Store>(run)
        };
        Ok(self.db.write(begin).await?)
    }

    fn hand(&self, run: i64, actor: &str) -> Hand {
        Hand {
            run,
            actor: actor.to_owned(),
            now: self.now(),
            is_kept: false,
        }
    }

    async fn take_in(
        &self,
        prepared: &Arc<Prepared>,
        records: impl Iterator<Item = std::result::Result<Record, Broken>>,
        mode: Mode,
        run: i64,
        actor: &str,
    ) -> Result<ImportReport> {
        let started = Instant::now();
        let key = prepared.provider.key;
        let before = self.db.read(move |tx| source_record::count(tx, key)).await?;
        let mut report = ImportReport {
            run,
            ..ImportReport::default()
        };
        let batch = Batch::new(self.db.clone(), prepared.clone(), self.hand(run, actor));
        let is_whole = input::read(&batch, records, &mut report).await?;
        let mut state = State::Done;
        if mode == Mode::Full {
            state = if is_whole {
                self.absences(&batch, before.unsigned_abs(), &mut report).await?
            } else {
                report.incomplete = "some records could not be read, so nobody counts as missing".to_owned();
                State::Incomplete
            };
        }
        report.millis = started.elapsed().as_millis() as u64;
        self.settle(&mut report, state, "import.end", prepared, actor)
            .await?;
        Ok(report)
    }

    /// What follows from absences in an input that was read to its end.
    async fn absences(&self, batch: &Batch, before: u64, report: &mut ImportReport) -> Result<State> {
        let run = batch.hand.run;
        let provider = batch.prepared.provider.key;
        self.db
            .write(move |tx| import_run::supersede(tx, provider, run))
            .await?;
        if report.read == 0 {
            report.incomplete = "the input had no records at all, so nobody counts as missing".to_owned();
            return Ok(State::Incomplete);
        }
        let absences = absence::read(&self.db, &batch.prepared, run).await?;
        if let Some(held) = absence::judge(&batch.prepared.source.guard, &absences, before) {
            report.absent = absences.records.len() as u64;
            report.held = Some(held);
            return Ok(State::Held);
        }
        absence::carry_out(&self.db, &batch.prepared, absences, &batch.hand, report).await?;
        Ok(State::Done)
    }

    /// Ends a run, with a row in the audit log.
    async fn settle(
        &self,
        report: &mut ImportReport,
        state: State,
        action: &'static str,
        prepared: &Arc<Prepared>,
        actor: &str,
    ) -> Result<()> {
        report.state = state.as_str().to_owned();
        let counts = serde_json::to_value(&*report).map_err(|e| Store::Damaged(e.to_string()))?;
        let digest = report
            .held
            .as_ref()
            .map(|held| held.digest.clone())
            .unwrap_or_default();
        let digest = if state == State::Held {
            digest
        } else {
            String::new()
        };
        let (run, provider, actor, now) = (
            report.run,
            prepared.provider.clone(),
            actor.to_owned(),
            self.now(),
        );
        let settle = move |tx: &mut Tx| {
            let ending = Ending {
                state,
                counts: &counts,
                digest: &digest,
                action,
            };
            import_run::settle(tx, &actor, now, &provider, run, &ending)
        };
        Ok(self.db.write(settle).await?)
    }
}

fn definition(stored: Option<Value>) -> Result<Source> {
    let Some(value) = stored else {
        return Ok(Source::standard());
    };
    let read = serde_json::from_value(value);
    Ok(read.map_err(|e| Store::Damaged(format!("the definition of a source cannot be read: {e}")))?)
}

fn check_in_use(provider: &Provider) -> Result<()> {
    if provider.state == provider::State::Saved {
        return Ok(());
    }
    Err(Error::refused(
        "PRV-IMPORT-OFF",
        format!("the inbound provider \"{}\" is not in use", provider.name),
        "Save the provider, or switch it on.",
    ))
}
