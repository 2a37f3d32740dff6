//! The second pass: references whose other end is linked are written; the others go on waiting.

use super::run::Run;
use super::story;
use crate::open::ActiveRule;
use crate::progress::{Counter, Phase};
use crate::{Result, status};
use provost_connect::{Error as TargetError, Write};
use provost_engine::plan::Action;
use provost_store::link::{self, Link};
use provost_store::provisioning_log::{self, Entry, Trace};
use provost_store::reference::{self, Ready};
use provost_store::{lease, retry};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// References that are written between two commits.
const PAGE: i64 = 100;

/// Writes every reference of the rule that can be written.
pub(crate) async fn references(run: &Run, rule: &Arc<ActiveRule>) -> Result<()> {
    let key = rule.key;
    let waiting = run.db.read(move |tx| reference::waiting(tx, key)).await?;
    if waiting == 0 {
        return Ok(());
    }
    let counter = Counter::new(&run.open, run.watcher.as_ref(), Phase::References, waiting as u64);
    while !run.is_over() {
        let _turn = run.turn().await?;
        let ready = run.db.read(move |tx| reference::ready(tx, key, PAGE)).await?;
        if ready.is_empty() {
            break;
        }
        counter.add(ready.len() as u64);
        page(run, rule, ready).await?;
    }
    Ok(())
}

/// One page: each reference waits no more, whether it was written or its object goes to the retries.
async fn page(run: &Run, rule: &Arc<ActiveRule>, ready: Vec<Ready>) -> Result<()> {
    let ready = with_sources(run, rule, ready).await?;
    let mut done = Vec::with_capacity(ready.len());
    let batch = run.open.target.describe().batch_size.max(1);
    for chunk in ready.chunks(batch) {
        let writes: Vec<Write> = chunk
            .iter()
            .filter_map(|(one, source)| write(one, source.as_deref()))
            .collect();
        if !run.may_write().await? {
            break;
        }
        let mut answers = run.open.target.apply(&writes).await.into_iter();
        for (one, source) in chunk {
            let answer = if source.is_some() { answers.next() } else { None };
            let failure = match answer {
                Some(Err(e)) => {
                    run.consider(&e);
                    run.count(|t| t.failed_references += 1);
                    Some(e)
                }
                _ => None,
            };
            done.push((one.clone(), failure));
        }
    }
    record(run, rule, done).await
}

/// The target's id of each referring object; none when it was unlinked meanwhile.
async fn with_sources(
    run: &Run,
    rule: &Arc<ActiveRule>,
    ready: Vec<Ready>,
) -> Result<Vec<(Ready, Option<String>)>> {
    let rule = rule.key;
    let pairs = run
        .db
        .read(move |tx| {
            ready
                .iter()
                .map(|one| Ok((one.clone(), link::get(tx, rule, one.object)?.map(|l| l.target_id))))
                .collect::<provost_store::Result<Vec<_>>>()
        })
        .await?;
    Ok(pairs)
}

fn write(one: &Ready, source: Option<&str>) -> Option<Write> {
    let id = source?.to_owned();
    Some(Write::SetReference {
        id,
        attribute: one.attribute.clone(),
        target_id: one.target_id.clone(),
    })
}

async fn record(run: &Run, rule: &Arc<ActiveRule>, done: Vec<(Ready, Option<TargetError>)>) -> Result<()> {
    let (kind, rule, lease, now) = (rule.kind, rule.key, run.lease, run.open.now());
    let logged = run.clone();
    run.db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            let mut lines = Vec::new();
            for (one, failure) in &done {
                match failure {
                    Some(e) => {
                        let link = note_failed(tx, rule, one, now)?;
                        let reason = format!("{}: {}: {e}. {}", e.code(), one.attribute, e.hint());
                        let failure = retry::Failure {
                            rule,
                            object: one.object,
                            member: 0,
                            wait: None,
                            code: e.code(),
                            reason: &reason,
                        };
                        retry::note(tx, now, &failure)?;
                        status::partial(tx, now, rule, one.object, e.code(), &reason)?;
                        lines.extend(link.map(|link| line(&logged, one, link, e.code(), &reason)));
                    }
                    None => note_written(tx, rule, one, now)?,
                }
            }
            lines.iter_mut().for_each(|line: &mut Entry| line.kind = kind);
            provisioning_log::append_all(tx, logged.open.connection.workspace, &lines)
        })
        .await?;
    Ok(())
}

/// What the log says of a reference that could not be written; one that could stands with its object's line.
fn line(run: &Run, one: &Ready, link: Link, code: &str, reason: &str) -> Entry {
    let receipts = story::receipts(&run.open, &[&link.target_id]);
    Entry {
        at: run.open.now(),
        connection: run.open.connection.key,
        cycle: run.cycle,
        object: one.object,
        object_id: link.object_id,
        label: link.label,
        action: Action::Update.to_string(),
        status: "failure".to_owned(),
        code: code.to_owned(),
        reason: reason.to_owned(),
        detail: one.attribute.clone(),
        target_id: link.target_id,
        change_id: Some(Uuid::now_v7()),
        initiator: run.initiator.to_string(),
        trace: Trace {
            steps: vec![story::step("reference", "failure", reason)],
            receipts,
            ..Trace::default()
        },
        ..Entry::default()
    }
}

/// The link keeps the directory id of the referenced person, so that a later survey needs no lookup.
fn note_written(tx: &mut provost_store::Tx, rule: i64, one: &Ready, now: i64) -> provost_store::Result<()> {
    let Some(mut link) = link::get(tx, rule, one.object)? else {
        return reference::settle(tx, rule, one.object, &one.attribute);
    };
    if one.target_id.is_some() {
        reference::keep(tx, rule, one.object, &one.attribute)?;
        link.written
            .insert(one.attribute.clone(), Value::String(one.wanted.to_string()));
    } else {
        reference::settle(tx, rule, one.object, &one.attribute)?;
        link.written.remove(&one.attribute);
    }
    link::put(tx, now, &link)
}

/// The object comes back through the retries. What was written before counts no more: else nothing would differ.
fn note_failed(
    tx: &mut provost_store::Tx,
    rule: i64,
    one: &Ready,
    now: i64,
) -> provost_store::Result<Option<Link>> {
    reference::settle(tx, rule, one.object, &one.attribute)?;
    let Some(mut link) = link::get(tx, rule, one.object)? else {
        return Ok(None);
    };
    if let Some(written) = link.written.get_mut(&one.attribute) {
        *written = Value::String(String::new());
        link::put(tx, now, &link)?;
    }
    Ok(Some(link))
}
