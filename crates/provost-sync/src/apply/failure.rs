//! Objects that failed in the survey: a line in the log and a later try each.

use super::outcome::REFUSED_WAIT;
use super::run::Run;
use super::story;
use crate::draft::RuleDraft;
use crate::survey::Failure;
use crate::{Result, status};
use provost_store::provisioning_log::{self, Entry, Trace};
use provost_store::{lease, retry};
use uuid::Uuid;

/// Failures that are written in one commit.
const CHUNK: usize = 500;

/// Notes what failed of a draft before the target was asked.
pub(crate) async fn note_failures(run: &Run, draft: &RuleDraft) -> Result<()> {
    run.count(|t| t.failed += draft.failures.len() as u64);
    for chunk in draft.failures.chunks(CHUNK) {
        let (chunk, rule, run) = (chunk.to_vec(), draft.rule.clone(), run.clone());
        run.db
            .clone()
            .write(move |tx| {
                lease::prove(tx, run.lease)?;
                let now = run.open.now();
                let reasons: Vec<String> = chunk.iter().map(reason).collect();
                let entries: Vec<Entry> = chunk
                    .iter()
                    .zip(&reasons)
                    .map(|(failure, reason)| entry(&run, rule.kind, failure, reason))
                    .collect();
                let failures: Vec<_> = chunk
                    .iter()
                    .zip(&reasons)
                    .map(|(failure, reason)| retry::Failure {
                        rule: rule.key,
                        object: failure.object,
                        member: 0,
                        wait: Some(REFUSED_WAIT),
                        code: &failure.code,
                        reason,
                    })
                    .collect();
                retry::note_all(tx, now, &failures)?;
                let told = failures.iter().map(|f| (f.object, f.code, f.reason));
                status::failed(tx, now, rule.key, told)?;
                provisioning_log::append_all(tx, run.open.connection.workspace, &entries)
            })
            .await?;
    }
    Ok(())
}

fn reason(failure: &Failure) -> String {
    let text = format!("{}: {} {}", failure.code, failure.sentence, failure.hint);
    text.trim_end().to_owned()
}

fn entry(run: &Run, kind: provost_engine::object::Kind, failure: &Failure, reason: &str) -> Entry {
    let steps = vec![
        story::step("import", "success", "Read from the directory."),
        story::step("map", "failure", reason),
    ];
    Entry {
        at: run.open.now(),
        connection: run.open.connection.key,
        cycle: run.cycle,
        kind,
        object: failure.object,
        object_id: failure.id,
        label: failure.label.clone(),
        action: "evaluate".into(),
        status: "failure".into(),
        code: failure.code.clone(),
        reason: reason.to_owned(),
        change_id: Some(Uuid::now_v7()),
        initiator: run.initiator.to_string(),
        trace: Trace {
            steps,
            ..Trace::default()
        },
        ..Entry::default()
    }
}
