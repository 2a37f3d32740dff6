//! What a cycle would do: the draft that a run would carry out, with the names of its first steps.

use crate::draft::{self, RuleDraft};
use crate::open::Open;
use crate::progress::Watcher;
use crate::report::{self, PlannedStep, Preview};
use crate::work::{self, Mode};
use crate::{Engine, Result, licence};
use provost_engine::plan::Step;
use provost_store::{Tx, directory, link};
use std::time::Instant;

/// Plans without applying; `limit` is how many steps of each rule are named.
pub(crate) async fn make(
    engine: &Engine,
    open: &Open,
    mode: Option<Mode>,
    limit: usize,
    progress: Option<&Watcher>,
) -> Result<Preview> {
    let started = Instant::now();
    let work = work::read(&engine.db, open, mode).await?;
    let drafts = if work.is_empty() {
        Vec::new()
    } else {
        draft::make(&engine.db, open, &work, progress).await?
    };
    let mut rules = Vec::new();
    for draft in &drafts {
        let steps = name_steps(engine, open, draft, limit).await?;
        rules.push(report::rule_preview(draft, steps, limit));
    }
    let seats = licence::of_drafts(&engine.db, open, &drafts).await?;
    Ok(Preview {
        warnings: licence::short(&seats),
        seats,
        connection: open.connection.name.clone(),
        mode: work.mode.word(),
        rules,
        millis: started.elapsed().as_millis() as u64,
    })
}

/// Finds the names of a draft's first steps: those to be carried out, then those that are held.
async fn name_steps(
    engine: &Engine,
    open: &Open,
    draft: &RuleDraft,
    limit: usize,
) -> Result<Vec<PlannedStep>> {
    let held = draft.held_steps();
    let steps: Vec<Step> = draft.plan.steps.iter().copied().chain(held).take(limit).collect();
    let (rule, licences) = (draft.rule.key, open.licences.clone());
    let named = engine
        .db
        .read(move |tx| {
            let mut named = Vec::new();
            for step in &steps {
                let member = match step.member {
                    0 => None,
                    product if step.action.is_licence() => Some(licences.name(product, &[])),
                    member => Some(name(tx, rule, member)?),
                };
                named.push(PlannedStep {
                    action: step.action,
                    label: name(tx, rule, step.object)?,
                    member,
                });
            }
            Ok::<_, provost_store::Error>(named)
        })
        .await?;
    Ok(named)
}

/// What to call an object, which may be known only from its link.
pub(crate) fn name(tx: &mut Tx, rule: i64, object: i64) -> provost_store::Result<String> {
    if let Some(object) = directory::by_key(tx, object)? {
        return Ok(object.label);
    }
    Ok(link::get(tx, rule, object)?.map(|l| l.label).unwrap_or_default())
}
