//! Reading an input from its beginning to its end.

use super::batch::{Batch, GROUP};
use super::record::{Broken, Incoming, Record};
use super::report::ImportReport;
use crate::Result;
use provost_store::{Error as Store, Tx, source_record};
use std::collections::{BTreeSet, HashSet};

/// Carries every record out, those that refer to somebody who came later a second time. Answers whether every
/// record could be read, so that it is known who is missing.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn read(
    batch: &Batch,
    records: impl Iterator<Item = std::result::Result<Record, Broken>>,
    report: &mut ImportReport,
) -> Result<bool> {
    let (rt, run) = (batch.prepared.catalogue.user(), batch.hand.run);
    let (mut is_whole, mut waiting) = (true, BTreeSet::new());
    let (mut group, mut keys): (Vec<Incoming>, HashSet<String>) = (Vec::new(), HashSet::new());
    for record in records {
        report.read += 1;
        let number = report.read;
        let read = record
            .map_err(|broken| (broken.place, broken.reason))
            .and_then(|record| {
                Incoming::of(rt, &batch.prepared.source.anchor, record)
                    .map_err(|reason| (format!("record {number}"), reason))
            });
        let incoming = match read {
            Ok(incoming) => incoming,
            Err((place, reason)) => {
                report.fail(&place, &reason);
                is_whole = false;
                continue;
            }
        };
        // The later of two records with the same key must see what the earlier one did.
        if group.len() >= GROUP || keys.contains(&incoming.anchor) {
            keys.clear();
            waiting.extend(batch.group(run, std::mem::take(&mut group), report).await?);
        }
        keys.insert(incoming.anchor.clone());
        group.push(incoming);
    }
    waiting.extend(batch.group(run, group, report).await?);
    report.waiting = again(batch, waiting, report).await?;
    Ok(is_whole)
}

/// The second look at records that referred to somebody who was not there then. They were counted the first time.
async fn again(batch: &Batch, waiting: BTreeSet<String>, report: &mut ImportReport) -> Result<u64> {
    let mut still = 0;
    let waiting: Vec<String> = waiting.into_iter().collect();
    for anchors in waiting.chunks(GROUP) {
        let records = kept(batch, anchors.to_vec()).await?;
        let mut second = ImportReport::default();
        still += batch.group(batch.hand.run, records, &mut second).await?.len() as u64;
        for failure in &second.failures {
            report.fail(&failure.anchor, &failure.reason);
        }
    }
    Ok(still)
}

/// The records with these keys as they were kept, which is as they came in last.
async fn kept(batch: &Batch, anchors: Vec<String>) -> Result<Vec<Incoming>> {
    let provider = batch.prepared.provider.key;
    let read = move |tx: &mut Tx| {
        let mut records = Vec::with_capacity(anchors.len());
        for anchor in &anchors {
            if let Some(record) = source_record::get(tx, provider, anchor)? {
                records.push(Incoming::kept(&record)?);
            }
        }
        Ok::<_, Store>(records)
    };
    Ok(batch.db.read(read).await?)
}
