//! A look at who is in the target before many are made: when everybody there is known, nobody has to be searched
//! for one by one. An empty target needs one request, not one for every person.
//!
//! It only ever says that nobody matches. Whoever might match is searched for as always, and a create that
//! collides with an account made meanwhile is found again as always.

use super::run::Run;
use crate::open::{ActiveRule, Open};
use provost_connect::Account;
use provost_engine::object::Kind;
use provost_engine::rule::Evaluation;
use provost_store::link;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

/// So few creates are searched for one by one.
const WORTH: usize = 100;
/// Searches that one page of the list may replace at least.
const SEARCHES_A_PAGE: usize = 4;

/// The values that accounts have, by attribute, folded.
type Values = BTreeMap<String, HashSet<String>>;

/// The values that accounts in the target have; none where that is not known for certain.
pub(super) struct Census(Option<Mutex<Values>>);

impl Census {
    /// Lists the target if that is worth it for so many creates.
    pub async fn take(run: &Run, rule: &ActiveRule, creates: usize) -> Self {
        if creates < WORTH || rule.compiled.matching().is_empty() {
            return Self(None);
        }
        let mut attributes: Vec<String> = rule.compiled.matching().to_vec();
        if let Some((attribute, _)) = run.open.target.link_key(rule.kind, "") {
            attributes.push(attribute.into_owned());
        }
        attributes.sort_unstable();
        attributes.dedup();
        let values = list(run, rule.kind, &attributes, creates / SEARCHES_A_PAGE).await;
        Self(values.map(Mutex::new))
    }

    /// Whether certainly nobody in the target matches. Whoever asks is about to make such an account: who asks
    /// for the same values later is told that somebody may match.
    pub fn has_nobody(&self, open: &Open, rule: &ActiveRule, key: &str, evaluation: &Evaluation) -> bool {
        let Some(mut values) = self.0.as_ref().and_then(|values| values.lock().ok()) else {
            return false;
        };
        let by_key = open
            .target
            .link_key(rule.kind, key)
            .map(|(attribute, value)| (attribute.into_owned(), value));
        let wanted: Vec<_> = evaluation.matching.iter().cloned().chain(by_key).collect();
        let is_free = |(attribute, value): &(String, Value)| {
            let known = values.get(attribute).zip(fold(value));
            known.is_some_and(|(known, folded)| !known.contains(&folded))
        };
        if !wanted.iter().all(is_free) {
            return false;
        }
        for (attribute, value) in &wanted {
            if let (Some(known), Some(folded)) = (values.get_mut(attribute), fold(value)) {
                known.insert(folded);
            }
        }
        true
    }
}

/// The values of all accounts, or none when the list does not come to its end in so many pages, or shows an
/// account without one of the attributes: it may have it and not show it.
async fn list(run: &Run, kind: Kind, attributes: &[String], pages: usize) -> Option<Values> {
    let mut values: Values = attributes.iter().map(|a| (a.clone(), HashSet::new())).collect();
    let mut next: Option<String> = None;
    for _ in 0..pages {
        let answer = run.open.target.list(kind, next.as_deref(), attributes).await;
        let page = answer.inspect_err(|e| run.stop_at(e)).ok()?;
        let linked = linked(run, kind, &page.accounts).await?;
        for account in &page.accounts {
            for (attribute, known) in &mut values {
                match account.record.get(attribute).and_then(fold) {
                    Some(value) => {
                        known.insert(value);
                    }
                    // Nobody else can adopt an account that is linked.
                    None if linked.contains(&account.id) => {}
                    None => return None,
                }
            }
        }
        match page.next {
            Some(following) => next = Some(following),
            None => return Some(values),
        }
    }
    None
}

/// The ids of those accounts that are linked.
async fn linked(run: &Run, kind: Kind, accounts: &[Account]) -> Option<HashSet<String>> {
    let rules: Vec<i64> = run.open.rules_for(kind).map(|r| r.key).collect();
    let ids: Vec<String> = accounts.iter().map(|a| a.id.clone()).collect();
    run.db
        .read(move |tx| {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let mut linked = HashSet::new();
            for rule in &rules {
                linked.extend(link::objects_of_targets(tx, *rule, &ids)?.into_keys());
            }
            Ok::<_, provost_store::Error>(linked)
        })
        .await
        .ok()
}

/// A value as it is compared: without regard to letter case, which never misses a match.
fn fold(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.to_lowercase()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
