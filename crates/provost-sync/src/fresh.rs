//! Objects that were written a short while ago.
//!
//! A target that is replicated may answer from a copy that has not heard of them. It knows by itself only what was
//! written over the same connection; a cycle before, or a process that was killed, wrote over another one.

use crate::Result;
use crate::apply::Run;
use crate::draft::RuleDraft;
use provost_store::link;
use std::collections::BTreeSet;

/// Links that are read at once.
const CHUNK: usize = 500;

/// Tells the target which of the objects that a cycle is about to write are fresh.
pub(crate) async fn remember(run: &Run, drafts: &[RuleDraft]) -> Result<()> {
    let Some(while_fresh) = run.open.target.describe().settles_within else {
        return Ok(());
    };
    let steps = drafts
        .iter()
        .flat_map(|draft| draft.plan.steps.iter().copied().chain(draft.held_steps()));
    let keys: BTreeSet<i64> = steps
        .flat_map(|step| [Some(step.object), step.member_object()])
        .flatten()
        .collect();
    let keys: Vec<i64> = keys.into_iter().collect();
    let since = run.open.now() - i64::try_from(while_fresh.as_millis()).unwrap_or(i64::MAX);
    for chunk in keys.chunks(CHUNK) {
        let (chunk, open) = (chunk.to_vec(), run.open.clone());
        let fresh = run.db.read(move |tx| {
            let mut fresh = Vec::new();
            for rule in open.rules.iter() {
                fresh.extend(link::written_since(tx, rule.key, &chunk, since)?);
            }
            Ok::<_, provost_store::Error>(fresh)
        });
        for id in fresh.await? {
            run.open.target.remember(&id);
        }
    }
    Ok(())
}
