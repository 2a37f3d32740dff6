//! Licences that nobody of ours gave, where the connection takes back whatever it finds: they are put into the list of
//! what was given, and what follows is planned, weighed and carried out like everything else.

use super::wanted;
use crate::apply::look_again;
use crate::open::{ActiveRule, Open};
use crate::work::{Mode, Scope, Work};
use crate::{Engine, Error, Result};
use provost_connect::{Error as TargetError, HeldLicence, Licence};
use provost_engine::object::{Kind, Record};
use provost_engine::rule::LICENCES;
use provost_store::directory::{self, Range};
use provost_store::lease::{self, Lease};
use provost_store::link;
use provost_store::link_licence::{self, Given, Origin};
use provost_store::{Db, Tx};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// Keys in one stretch of the links.
const STRETCH: i64 = 16_384;
/// People looked at in one read.
const CHUNK: usize = 500;
/// How long one read may take.
const LIMIT: Duration = Duration::from_secs(60);

/// A licence that is directly on an account, that nobody is to have there and that does not stand in the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub rule: i64,
    pub person: i64,
    pub product: i64,
    pub plans: Vec<String>,
}

/// Whose account may hold what is to go.
struct Candidate {
    person: i64,
    target_id: String,
    /// Products that stand in the list, or are to be there.
    known: HashSet<i64>,
}

/// Finds what is to go, and puts it into the list. The people concerned are looked at in this cycle.
pub(crate) async fn learn(engine: &Engine, lease: Lease, open: &Open, work: &mut Work) -> Result<()> {
    let found = find(&engine.db, open, work).await?;
    if found.is_empty() {
        return Ok(());
    }
    if let Scope::Some(touched) = &mut work.scope {
        touched.people.extend(found.iter().map(|one| one.person));
    }
    let now = open.now();
    let given: Vec<Given> = found
        .into_iter()
        .map(|one| Given {
            rule: one.rule,
            object: one.person,
            product: one.product,
            disabled_plans: one.plans,
            modified: now,
            origin: Origin::Found,
        })
        .collect();
    engine
        .db
        .write(move |tx| {
            lease::prove(tx, lease)?;
            link_licence::put_all(tx, now, &given)
        })
        .await?;
    Ok(())
}

/// Everything that is to go and does not stand in the list, by what the target says now. Changes nothing. A target
/// that cannot be asked ends the search: what was not read says nothing.
pub(crate) async fn find(db: &Db, open: &Open, work: &Work) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    if !open.licences.is_used || !open.preferences.remove_licences_when_empty {
        return Ok(found);
    }
    for rule in open.rules_for(Kind::Person) {
        let is_whole = work.mode == Mode::Reconcile || matches!(work.scope_of(rule.key), Scope::Everything);
        let candidates = match work.scope_of(rule.key) {
            Scope::Some(touched) if !is_whole => {
                let people: Vec<i64> = touched.people.iter().copied().collect();
                candidates(db, open, rule, people).await?
            }
            _ => everybody(db, open, rule).await?,
        };
        if candidates.is_empty() {
            continue;
        }
        let listed = match is_whole {
            true => with_licences(open).await,
            false => Ok(None),
        };
        let ended = match listed {
            Ok(listed) => ask(open, rule.key, &candidates, listed.as_ref(), &mut found)
                .await
                .err(),
            Err(error) => Some(error),
        };
        if let Some(error) = ended {
            tracing::warn!(connection = %open.connection.name, %error, "licences could not be read");
            break;
        }
    }
    Ok(found)
}

async fn everybody(db: &Db, open: &Open, rule: &Arc<ActiveRule>) -> Result<Vec<Candidate>> {
    let highest = db.read(directory::highest_key).await?;
    let mut all = Vec::new();
    for part in 0..=highest / STRETCH {
        let (key, range) = (
            rule.key,
            Range {
                after: part * STRETCH,
                upto: (part + 1) * STRETCH,
            },
        );
        let links = db
            .read_within(LIMIT, move |tx| link::in_range(tx, key, range))
            .await?;
        let people = links.into_iter().map(|link| link.object).collect();
        all.extend(candidates(db, open, rule, people).await?);
    }
    Ok(all)
}

async fn candidates(
    db: &Db,
    open: &Open,
    rule: &Arc<ActiveRule>,
    people: Vec<i64>,
) -> Result<Vec<Candidate>> {
    let mut found = Vec::new();
    for chunk in people.chunks(CHUNK) {
        let (open, rule, chunk) = (open.clone(), rule.clone(), chunk.to_vec());
        let part = db
            .read_within(LIMIT, move |tx| {
                let mut part = Vec::new();
                for person in &chunk {
                    part.extend(candidate(tx, &open, &rule, *person)?);
                }
                Ok::<_, Error>(part)
            })
            .await?;
        found.extend(part);
    }
    Ok(found)
}

/// The person's account, if everything that is on it and not wanted is to go.
fn candidate(tx: &mut Tx, open: &Open, rule: &ActiveRule, person: i64) -> Result<Option<Candidate>> {
    let Some(link) = link::get(tx, rule.key, person)? else {
        return Ok(None);
    };
    let object = directory::by_key(tx, person)?;
    let Some(look) = look_again(tx, open, rule, person, object.as_ref(), &link)? else {
        return Ok(None);
    };
    let given = link_licence::of(tx, rule.key, person)?;
    let aim = wanted::aim_of(tx, open, rule, person, &look, Some(&link))?;
    let is_open = !open.is_untouchable(&link.target_id, &link.written);
    Ok(aim
        .filter(|aim| is_open && aim.takes_everything())
        .map(|aim| Candidate {
            person,
            target_id: link.target_id,
            known: given
                .iter()
                .map(|g| g.product)
                .chain(aim.wanted.into_keys())
                .collect(),
        }))
}

/// Which accounts have licences at all, so that not each is asked about; `None` where lists do not tell.
async fn with_licences(open: &Open) -> provost_connect::Result<Option<HashMap<String, Vec<Licence>>>> {
    let attributes = [LICENCES.to_owned()];
    let (mut listed, mut next, mut tells) = (HashMap::new(), None::<String>, false);
    loop {
        let page = open
            .target
            .list(Kind::Person, next.as_deref(), &attributes)
            .await?;
        for account in page.accounts {
            let found = found_in(&account.record);
            tells |= found.is_some();
            listed.insert(account.id, found.unwrap_or_default());
        }
        match page.next {
            Some(following) => next = Some(following),
            None => return Ok(tells.then_some(listed)),
        }
    }
}

/// Asks about each account that may hold something. What a group of the target brings stays.
async fn ask(
    open: &Open,
    rule: i64,
    candidates: &[Candidate],
    listed: Option<&HashMap<String, Vec<Licence>>>,
    found: &mut Vec<Found>,
) -> provost_connect::Result<()> {
    for one in candidates {
        let is_bare = |licences: &Vec<Licence>| {
            let mut unknown = licences.iter().filter_map(|l| open.licences.key_of(&l.sku));
            unknown.all(|product| one.known.contains(&product))
        };
        if listed.is_some_and(|listed| listed.get(&one.target_id).is_none_or(is_bare)) {
            continue;
        }
        let held = match open.target.licences(&one.target_id).await {
            Ok(held) => held,
            Err(TargetError::NotFound { .. }) => continue,
            Err(error) => return Err(error),
        };
        let is_direct = |h: &HeldLicence| h.from_group.is_none();
        for licence in held.into_iter().filter(is_direct).map(|h| h.licence) {
            if let Some(product) = open.licences.key_of(&licence.sku)
                && !one.known.contains(&product)
            {
                found.push(Found {
                    rule,
                    person: one.person,
                    product,
                    plans: licence.disabled_plans,
                });
            }
        }
    }
    Ok(())
}

/// The licences that an account was shown with (Microsoft Graph `assignedLicense`); `None` where nothing is said.
pub(crate) fn found_in(record: &Record) -> Option<Vec<Licence>> {
    let items = record.get(LICENCES)?.as_array()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let one = |item: &Value| {
        let left_out: BTreeSet<String> = item
            .get("disabledPlans")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(text)
            .collect();
        Some(Licence {
            sku: text(item.get("skuId")?)?,
            disabled_plans: left_out.into_iter().collect(),
        })
    };
    Some(items.iter().filter_map(one).collect())
}
