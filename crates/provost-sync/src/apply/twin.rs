//! Deleted twins: before somebody is created, the target's bin is looked through for the same person or group, who
//! could be brought back with everything they had.

use super::doubtful;
use super::outcome::Outcome;
use super::run::Run;
use super::task::Task;
use crate::doubt::TWIN;
use crate::open::{ActiveRule, Open};
use provost_connect::Account;
use provost_engine::object::Kind;
use provost_engine::rule::Evaluation;
use serde_json::Value;
use std::collections::HashMap;
use tokio::sync::OnceCell;

/// Pages of the bin that are read at most; what lies deeper is not looked for.
const MOST_PAGES: usize = 200;
/// Attributes by which a deleted object is recognised beside those that the rule matches by.
const NAMES: [&str; 3] = ["userPrincipalName", "onPremisesImmutableId", "uniqueName"];

/// What lies in the bin, by attribute and folded value. It is read once in a cycle, before the first create.
#[derive(Default)]
pub(super) struct Bin(OnceCell<HashMap<(String, String), Account>>);

impl Bin {
    /// The deleted twin of somebody who is about to be created.
    pub async fn twin(
        &self,
        run: &Run,
        rule: &ActiveRule,
        task: &Task,
        evaluation: &Evaluation,
    ) -> Option<Outcome> {
        if !run.open.target.describe().keeps_deleted {
            return None;
        }
        let known = self.0.get_or_init(|| read(run, rule.kind)).await;
        if known.is_empty() {
            return None;
        }
        let key = run.open.target.link_key(rule.kind, &task.link_key());
        let key = key.map(|(attribute, value)| (attribute.into_owned(), value));
        let named = NAMES.iter().filter_map(|name| {
            let value = evaluation.create.get(*name)?;
            Some(((*name).to_owned(), value.clone()))
        });
        let wanted = key
            .into_iter()
            .chain(named)
            .chain(evaluation.matching.iter().cloned());
        let (attribute, account) = wanted
            .filter(|(attribute, _)| rule.kind == Kind::Person || attribute != "displayName")
            .find_map(|(attribute, value)| {
                let place = (attribute.clone(), fold(&value)?);
                known.get(&place).map(|account| (attribute, account.clone()))
            })?;
        Some(doubt(run, rule, account, &attribute).await)
    }
}

async fn doubt(run: &Run, rule: &ActiveRule, account: Account, attribute: &str) -> Outcome {
    let sentence = format!(
        "the same {kind} lies in the target's bin, found by {attribute}. Restore it with what it had, make a new one \
         under another name, or remove it for good and make a new one.",
        kind = rule.kind
    );
    let outcome = doubtful::doubtful(run, rule, TWIN, sentence, &[account], attribute).await;
    match outcome {
        Outcome::Failed(mut failed) => {
            failed
                .candidates
                .iter_mut()
                .for_each(|candidate| candidate.deleted = true);
            Outcome::Failed(failed)
        }
        other => other,
    }
}

/// Reads the bin. What cannot be read holds no twins: a create that collides says so by itself.
async fn read(run: &Run, kind: Kind) -> HashMap<(String, String), Account> {
    let attributes = attributes(&run.open, kind);
    let (mut known, mut next) = (HashMap::new(), None::<String>);
    for _ in 0..MOST_PAGES {
        let page = match run.open.target.deleted(kind, next.as_deref(), &attributes).await {
            Ok(page) => page,
            Err(error) => {
                tracing::debug!(%error, "the target's bin cannot be read");
                run.stop_at(&error);
                break;
            }
        };
        for account in page.accounts {
            enter(&mut known, &account);
        }
        match page.next {
            Some(following) => next = Some(following),
            None => break,
        }
    }
    known
}

/// By what the objects of any rule of this kind are recognised.
fn attributes(open: &Open, kind: Kind) -> Vec<String> {
    let own = open.target.link_key(kind, "");
    let mut attributes: Vec<String> = own.map(|(name, _)| name.into_owned()).into_iter().collect();
    for rule in open.rules_for(kind) {
        let is_name = |name: &&String| NAMES.contains(&name.as_str());
        attributes.extend(rule.compiled.matching().iter().cloned());
        attributes.extend(rule.attributes.iter().filter(is_name).cloned());
    }
    attributes.sort_unstable();
    attributes.dedup();
    attributes
}

fn enter(known: &mut HashMap<(String, String), Account>, account: &Account) {
    for (attribute, value) in &account.record {
        let Some(folded) = fold(value) else { continue };
        // In the bin a user principal name has the id before it, without hyphens (Microsoft Graph, "Restore
        // deleted directory object item").
        let prefix = account.id.replace('-', "").to_lowercase();
        let plain = folded.strip_prefix(&prefix).unwrap_or(&folded).to_owned();
        known
            .entry((attribute.clone(), plain))
            .or_insert_with(|| account.clone());
    }
}

fn fold(value: &Value) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_lowercase)
}
