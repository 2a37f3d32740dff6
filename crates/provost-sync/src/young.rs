//! Objects that were written a short while ago.
//!
//! A target that is replicated may answer from a copy that has not heard of them. It knows by itself only what was
//! written over the same connection; a cycle before, or a process that was killed, wrote over another one.

use crate::Result;
use crate::apply::Run;
use crate::draft::RuleDraft;
use provost_store::link;
use std::collections::BTreeSet;

/// Milliseconds for which the absence of an object means nothing.
const YOUNG: i64 = 600_000;
/// Links that are read at once.
const CHUNK: usize = 500;

/// Tells the target which of the objects that a cycle is about to write are young.
pub(crate) async fn remember(run: &Run, drafts: &[RuleDraft]) -> Result<()> {
    if !run.open.target.describe().replicates {
        return Ok(());
    }
    let steps = drafts
        .iter()
        .flat_map(|draft| draft.plan.steps.iter().copied().chain(draft.held_steps()));
    let keys: BTreeSet<i64> = steps
        .flat_map(|step| [Some(step.object), step.member_object()])
        .flatten()
        .collect();
    let keys: Vec<i64> = keys.into_iter().collect();
    let since = run.open.now() - YOUNG;
    for chunk in keys.chunks(CHUNK) {
        let (chunk, open) = (chunk.to_vec(), run.open.clone());
        let young = run.db.read(move |tx| {
            let mut young = Vec::new();
            for rule in open.rules.iter() {
                young.extend(link::written_since(tx, rule.key, &chunk, since)?);
            }
            Ok::<_, provost_store::Error>(young)
        });
        for id in young.await? {
            run.open.target.remember(&id);
        }
    }
    Ok(())
}
