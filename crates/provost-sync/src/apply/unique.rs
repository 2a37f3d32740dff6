//! Values that nobody in the target may have yet. The engine is pure and cannot ask the target: it says what it
//! would have asked, the target is asked, and the engine is told, until it knows all it wants to know.

use super::run::Run;
use super::task::Task;
use crate::open::ActiveRule;
use provost_connect::Error;
use provost_engine::plan::Decision;
use serde_json::Value;
use std::collections::BTreeSet;

/// Candidates of one object that are asked about: a rule has few.
const ROUNDS: usize = 32;

/// Asks the target about the values that a new account's rule wants to be unique, and looks at the object again
/// with the answers.
///
/// # Errors
/// Whatever the target answers instead; nothing may be created then.
pub(super) async fn settle(run: &Run, rule: &ActiveRule, task: &mut Task) -> Result<(), Error> {
    if task.asked.is_empty() || task.look.decision != Decision::Create {
        return Ok(());
    }
    let (mut known, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..ROUNDS {
        let open: Vec<_> = task.asked.difference(&known).cloned().collect();
        if open.is_empty() {
            return Ok(());
        }
        for (attribute, value) in open {
            let wanted = Value::String(value.clone());
            if !run
                .open
                .target
                .find(rule.kind, &attribute, &wanted)
                .await?
                .is_empty()
            {
                taken.insert((attribute.clone(), value.clone()));
            }
            known.insert((attribute, value));
        }
        task.look_again(&run.open, rule, &taken);
    }
    Ok(())
}
