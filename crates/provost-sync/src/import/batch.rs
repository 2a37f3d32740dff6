//! Records in groups: what is to be done is worked out on a snapshot, then each record is written by a closure of
//! its own. The writer commits a group at once, and a record that cannot be written fails alone.

use super::decide::{self, Draft, Fault};
use super::matching::Index;
use super::record::Incoming;
use super::report::ImportReport;
use super::source::Prepared;
use super::write::{self, Hand, Outcome};
use crate::{Error, Result};
use futures::future::join_all;
use provost_store::{Db, Error as Store, Tx, source_record};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// Records of one group; the writer takes up to 256 closures into one commit.
pub(super) const GROUP: usize = 200;
/// How long a group may be looked at.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a record is decided again because somebody else was quicker.
const ATTEMPTS: u32 = 4;

/// Carries records of one provider into the directory.
pub(super) struct Batch {
    pub db: Db,
    pub prepared: Arc<Prepared>,
    /// Who has which value; made when the first record comes that is linked to nobody.
    pub index: OnceCell<Arc<Index>>,
    pub hand: Hand,
}

impl Batch {
    pub fn new(db: Db, prepared: Arc<Prepared>, hand: Hand) -> Self {
        Self {
            db,
            prepared,
            index: OnceCell::new(),
            hand,
        }
    }

    /// Carries out a group of records with different keys that a run saw last, and answers the keys of those that
    /// wait for somebody else.
    ///
    /// # Errors
    /// When the database does not answer; what became of single records is in the report.
    pub async fn group(
        &self,
        run: i64,
        records: Vec<Incoming>,
        report: &mut ImportReport,
    ) -> Result<Vec<String>> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let index = self.index_for(&records).await?;
        let drafts = self.decide(records, &index).await?;
        let waiting = drafts
            .iter()
            .filter(|draft| draft.waits)
            .map(|draft| draft.incoming.anchor.clone())
            .collect();
        let outcomes = join_all(drafts.into_iter().map(|draft| self.write(draft, run, &index))).await;
        for outcome in outcomes {
            let (anchor, outcome) = outcome?;
            count(report, &anchor, &outcome);
        }
        Ok(waiting)
    }

    async fn index_for(&self, records: &[Incoming]) -> Result<Arc<Index>> {
        if let Some(index) = self.index.get() {
            return Ok(index.clone());
        }
        let provider = self.prepared.provider.key;
        let anchors: Vec<String> = records.iter().map(|record| record.anchor.clone()).collect();
        let read = move |tx: &mut Tx| {
            for anchor in &anchors {
                if source_record::get(tx, provider, anchor)?.is_none_or(|known| known.object == 0) {
                    return Ok::<_, Error>(true);
                }
            }
            Ok(false)
        };
        if !self.db.read_within(PATIENCE, read).await? {
            return Ok(Arc::default());
        }
        let build = async || Index::build(&self.db, &self.prepared).await.map(Arc::new);
        self.index.get_or_try_init(build).await.cloned()
    }

    async fn decide(&self, records: Vec<Incoming>, index: &Arc<Index>) -> Result<Vec<Draft>> {
        let (prepared, index, now) = (self.prepared.clone(), index.clone(), self.hand.now);
        let read = move |tx: &mut Tx| {
            records
                .iter()
                .map(|one| decide::decide(tx, &prepared, &index, one.clone(), now))
                .collect::<std::result::Result<Vec<_>, Store>>()
        };
        Ok(self.db.read_within(PATIENCE, read).await?)
    }

    /// Writes one record, deciding again when its person changed or a name was taken in between.
    async fn write(&self, draft: Draft, run: i64, index: &Arc<Index>) -> Result<(String, Outcome)> {
        let anchor = draft.incoming.anchor.clone();
        let hand = Hand {
            run,
            ..self.hand.clone()
        };
        let mut draft = Arc::new(draft);
        for _ in 0..ATTEMPTS {
            match self.try_write(&draft, &hand, index).await {
                Ok(Outcome::Moved) | Err(Store::Conflict) => {}
                Ok(outcome) => return Ok((anchor, outcome)),
                Err(refused @ Store::Refused { .. }) => {
                    let outcome = self.give_up(&draft, &hand, refused.to_string()).await?;
                    return Ok((anchor, outcome));
                }
                Err(error) => return Err(error.into()),
            }
            let again = self.decide(vec![draft.incoming.clone()], index).await?;
            if let Some(again) = again.into_iter().next() {
                draft = Arc::new(again);
            }
        }
        let reason = "the record's userName belongs to somebody else, or the person is being changed by others all \
                      the time; correct the name, or match by userName";
        let outcome = self.give_up(&draft, &hand, reason.to_owned()).await?;
        Ok((anchor, outcome))
    }

    async fn try_write(
        &self,
        draft: &Arc<Draft>,
        hand: &Hand,
        index: &Arc<Index>,
    ) -> std::result::Result<Outcome, Store> {
        let (prepared, draft, hand) = (self.prepared.clone(), draft.clone(), hand.clone());
        let learned = index.clone();
        let outcome = self
            .db
            .write(move |tx| write::carry_out(tx, &prepared, &learned, &draft, &hand))
            .await?;
        let person = match &outcome {
            Outcome::Created(person) | Outcome::Restored(person) => Some(person),
            Outcome::Changed(both) => Some(&both.1),
            _ => None,
        };
        if let Some(person) = person {
            index.learn(&self.prepared, person.key, &person.value()?);
        }
        Ok(outcome)
    }

    async fn give_up(&self, draft: &Arc<Draft>, hand: &Hand, reason: String) -> Result<Outcome> {
        let (prepared, draft, hand) = (self.prepared.clone(), draft.clone(), hand.clone());
        let failed = move |tx: &mut Tx| {
            let fault = Fault {
                reason: reason.clone(),
                heals: true,
            };
            let outcome = write::fail(tx, &prepared, &draft, &fault, &hand)?;
            let (anchor, known) = (&draft.incoming.anchor, draft.known.as_ref());
            super::log::write(tx, &prepared, anchor, known, &outcome, &hand)?;
            Ok::<_, Store>(outcome)
        };
        Ok(self.db.write(failed).await?)
    }
}

fn count(report: &mut ImportReport, anchor: &str, outcome: &Outcome) {
    match outcome {
        Outcome::Skipped => report.skipped += 1,
        Outcome::Unchanged | Outcome::Moved => report.unchanged += 1,
        Outcome::Created(_) => report.created += 1,
        Outcome::Restored(_) => report.enabled += 1,
        Outcome::Deleted(_) => report.deleted += 1,
        Outcome::Failed(reason) => report.fail(anchor, reason),
        Outcome::Changed(both) => match super::log::verb(&both.0, &both.1) {
            "disable" => report.disabled += 1,
            "restore" => report.enabled += 1,
            _ => report.updated += 1,
        },
    }
}
