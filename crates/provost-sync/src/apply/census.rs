//! A look at who is in the target before many are made or taken over: when everybody there is known, nobody has to
//! be searched for one by one. An empty target needs one request, not one for every person, and a full one a request
//! for every page.
//!
//! What it is not certain of is searched for as always, and a create that collides with an account made meanwhile is
//! found again as always.

mod listing;

use super::run::Run;
use crate::open::{ActiveRule, Open};
use listing::Listing;
use provost_connect::{Account, Standing};
use provost_engine::rule::Evaluation;
use provost_store::link;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Mutex;

/// So few creates are searched for one by one.
const WORTH: usize = 100;
/// Searches that one page of the list may replace at least.
const SEARCHES_A_PAGE: usize = 4;

/// What is known of a value of an attribute.
#[derive(Debug, Clone, Copy)]
enum Held {
    /// This account has it, and no other.
    By(u32),
    /// Somebody may have it: several, somebody linked, or an account that is being made.
    Maybe,
}

/// Who has which value, by attribute; values folded.
type Values = BTreeMap<String, HashMap<String, Held>>;

/// Everybody who was listed.
struct Known {
    values: Mutex<Values>,
    listing: Listing,
}

/// The accounts in the target; none where they are not known for certain.
pub(super) struct Census {
    known: Option<Known>,
}

/// What the census says of somebody who is looked for.
pub(super) enum Sought {
    /// Certainly nobody matches.
    Nobody,
    /// This account, with everything that the rule writes, by this attribute.
    One(Account, String),
    /// The target has to be asked.
    Unsure,
}

impl Census {
    /// Lists the target if that is worth it for so many creates.
    pub async fn take(run: &Run, rule: &ActiveRule, creates: usize) -> Self {
        let mut known = None;
        if creates >= WORTH && !rule.compiled.matching().is_empty() {
            known = list(run, rule, creates / SEARCHES_A_PAGE).await;
        }
        Self { known }
    }

    /// Looks for somebody who is about to be made: by the link key, then by the matching attributes in their order.
    /// Who asks for the same values later is told that somebody may match.
    pub fn seek(&self, open: &Open, rule: &ActiveRule, key: &str, evaluation: &Evaluation) -> Sought {
        let Some(known) = &self.known else {
            return Sought::Unsure;
        };
        let Ok(mut values) = known.values.lock() else {
            return Sought::Unsure;
        };
        let own = open.target.link_key(rule.kind, key);
        let own = own.map(|(attribute, value)| (attribute.into_owned(), value));
        let wanted: Vec<_> = own
            .into_iter()
            .chain(evaluation.matching.iter().cloned())
            .collect();
        let mut places = Vec::with_capacity(wanted.len());
        for (attribute, value) in &wanted {
            let Some((holders, folded)) = values.get(attribute).zip(fold(value)) else {
                return Sought::Unsure;
            };
            match holders.get(&folded) {
                None => places.push((attribute, folded)),
                Some(Held::Maybe) => return Sought::Unsure,
                Some(Held::By(place)) => {
                    let account = known.listing.at(*place, open.now());
                    // Letters of the other case may be another value: that is the target's to say.
                    let found = account.filter(|account| account.record.get(attribute) == Some(value));
                    if let Some(holder) = values.get_mut(attribute).and_then(|h| h.get_mut(&folded)) {
                        *holder = Held::Maybe;
                    }
                    return found.map_or(Sought::Unsure, |account| Sought::One(account, attribute.clone()));
                }
            }
        }
        for (attribute, folded) in places {
            if let Some(holders) = values.get_mut(attribute) {
                holders.insert(folded, Held::Maybe);
            }
        }
        Sought::Nobody
    }

    /// Whether it is known that nothing forbids taking this account over.
    pub fn is_ordinary(&self, id: &str, now: i64) -> bool {
        self.known
            .as_ref()
            .is_some_and(|known| known.listing.is_ordinary(id, now))
    }
}

/// Everybody in the target, or none when the list does not come to its end in so many pages, or shows an account
/// without one of the attributes which it may have and not show.
async fn list(run: &Run, rule: &ActiveRule, pages: usize) -> Option<Known> {
    let (open, kind) = (&run.open, rule.kind);
    let shows_all = open.target.lists_everything(kind);
    let sought = sought(open, rule);
    let asked = asked(open, rule, &sought, shows_all);
    let mut values: Values = sought.iter().map(|a| (a.clone(), HashMap::new())).collect();
    let mut listing = Listing::new(open.now());
    let mut next: Option<String> = None;
    for _ in 0..pages {
        let answer = open.target.list(kind, next.as_deref(), &asked).await;
        let page = answer.inspect_err(|e| run.stop_at(e)).ok()?;
        let linked = linked(run, rule, &page.accounts).await?;
        for account in page.accounts {
            let is_linked = linked.contains(&account.id);
            let place = (shows_all && !is_linked)
                .then(|| keep(open, rule, &mut listing, &account))
                .flatten();
            let holder = place.map_or(Held::Maybe, Held::By);
            for (attribute, holders) in &mut values {
                match account
                    .record
                    .get(attribute)
                    .filter(|value| !is_empty(value))
                    .map(fold)
                {
                    Some(Some(value)) => {
                        let again = |held: &mut Held| *held = Held::Maybe;
                        holders.entry(value).and_modify(again).or_insert(holder);
                    }
                    // Nobody else can adopt an account that is linked.
                    Some(None) | None if is_linked => {}
                    None if shows_all => {}
                    Some(None) | None => return None,
                }
            }
        }
        match page.next {
            Some(following) => next = Some(following),
            None => {
                let values = Mutex::new(values);
                return Some(Known { values, listing });
            }
        }
    }
    None
}

/// By what somebody is looked for.
fn sought(open: &Open, rule: &ActiveRule) -> BTreeSet<String> {
    let own = open
        .target
        .link_key(rule.kind, "")
        .map(|(attribute, _)| attribute.into_owned());
    rule.compiled.matching().iter().cloned().chain(own).collect()
}

/// What is listed: also what an account is compared by, where a list shows that.
fn asked(open: &Open, rule: &ActiveRule, sought: &BTreeSet<String>, shows_all: bool) -> Vec<String> {
    let mut asked = sought.clone();
    if shows_all {
        asked.extend(rule.attributes.iter().cloned());
        asked.extend(
            open.target
                .standing_attributes(rule.kind)
                .iter()
                .map(|name| (*name).to_owned()),
        );
    }
    asked.into_iter().collect()
}

/// Keeps an account that anybody may take over.
fn keep(open: &Open, rule: &ActiveRule, listing: &mut Listing, account: &Account) -> Option<u32> {
    let standing = open.target.listed_standing(rule.kind, account)?;
    if standing != Standing::default() {
        return None;
    }
    let mut record = account.record.clone();
    let mapped = |name: &String| rule.attributes.contains(name) || rule.compiled.matching().contains(name);
    record.retain(|name, _| mapped(name));
    listing.keep(&account.id, account.enabled, &record)
}

/// The ids of those accounts that are linked.
async fn linked(run: &Run, rule: &ActiveRule, accounts: &[Account]) -> Option<HashSet<String>> {
    let rules: Vec<i64> = run.open.rules_for(rule.kind).map(|r| r.key).collect();
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

/// Whether there is no value.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
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
