//! Seats: how many a plan needs of each product, and how many are left while it is carried out.

use super::catalogue::Catalogue;
use crate::draft::RuleDraft;
use crate::open::Open;
use provost_engine::object::Kind;
use provost_engine::plan::{Action, Step};
use provost_store::link_licence;
use provost_store::{Db, Result};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;

/// The stable word of the warning that a plan needs more seats than are free.
pub(crate) const SHORT: &str = "PRV-SEATS-SHORT";
/// People whose list is read at once.
const CHUNK: usize = 500;

/// The seats of a product that a plan uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seats {
    /// The target's id of the product.
    pub product: String,
    /// Its short name.
    pub name: String,
    /// Seats that were free when the products were last read.
    pub free: u64,
    /// Seats that the plan needs beyond those that it gives back.
    pub needed: u64,
    /// How many of them are missing: so many people stay without the licence until seats are bought.
    pub short: u64,
}

/// What the drafts need of each product that they give.
pub(crate) async fn of_drafts(db: &Db, open: &Open, drafts: &[RuleDraft]) -> Result<Vec<Seats>> {
    let mut balance: BTreeMap<i64, (u64, u64)> = BTreeMap::new();
    for draft in drafts.iter().filter(|d| d.rule.kind == Kind::Person) {
        let steps = draft.plan.steps.iter().filter(|s| s.action.is_licence());
        let steps: Vec<Step> = steps.copied().collect();
        for chunk in steps.chunks(CHUNK) {
            let held = held(db, draft.rule.key, chunk).await?;
            for step in chunk {
                let (needed, freed) = balance.entry(step.member).or_default();
                match step.action {
                    // Another choice of services needs no other seat.
                    Action::AddLicence if held.contains(&(step.object, step.member)) => {}
                    Action::AddLicence => *needed += 1,
                    _ => *freed += 1,
                }
            }
        }
    }
    let seats = balance.into_iter().filter(|(_, (needed, _))| *needed > 0);
    Ok(seats
        .filter_map(|(product, (needed, freed))| {
            let row = open.licences.product(product)?;
            let (free, needed) = (row.product.free(), needed.saturating_sub(freed));
            Some(Seats {
                product: row.product.sku.clone(),
                name: row.product.name.clone(),
                free,
                needed,
                short: needed.saturating_sub(free),
            })
        })
        .collect())
}

async fn held(db: &Db, rule: i64, steps: &[Step]) -> Result<HashSet<(i64, i64)>> {
    let mut people: Vec<i64> = steps.iter().map(|s| s.object).collect();
    people.dedup();
    let given = db
        .read(move |tx| link_licence::of_many(tx, rule, &people))
        .await?;
    let all = given.into_values().flatten();
    Ok(all.map(|g| (g.object, g.product)).collect())
}

/// The warnings for products that are short, a sentence each.
pub(crate) fn short(seats: &[Seats]) -> Vec<String> {
    let short = seats.iter().filter(|s| s.short > 0);
    short
        .map(|s| {
            format!(
                "{SHORT}: the plan needs {} seats of {}, and {} are free. {} people get their account without this \
                 licence; it is given as soon as there are seats.",
                s.needed, s.name, s.free, s.short
            )
        })
        .collect()
}

/// Seats that are left while a cycle runs.
#[derive(Debug, Default)]
pub(crate) struct Counter(Mutex<BTreeMap<i64, Left>>);

/// The seats of one product.
#[derive(Debug, Default)]
struct Left {
    free: u64,
    /// Taken by changes that the target has not answered yet: what it says of its seats does not know them.
    under_way: u64,
}

impl Counter {
    pub fn of(catalogue: &Catalogue) -> Self {
        let counter = Self::default();
        counter.reset(catalogue);
        counter
    }

    /// Begins anew with what was read just now.
    pub fn reset(&self, catalogue: &Catalogue) {
        if let Ok(mut all) = self.0.lock() {
            for row in catalogue.products() {
                let left = all.entry(row.key).or_default();
                left.free = row.product.free().saturating_sub(left.under_way);
            }
        }
    }

    /// Takes a seat; `false`: none is left.
    pub fn take(&self, product: i64) -> bool {
        let Ok(mut all) = self.0.lock() else { return true };
        match all.get_mut(&product) {
            Some(left) if left.free > 0 => {
                left.free -= 1;
                left.under_way += 1;
                true
            }
            Some(_) => false,
            // Nothing is known of it: the target decides.
            None => true,
        }
    }

    /// The target has answered the change that took a seat; `false`: it did not give the licence.
    pub fn settle(&self, product: i64, is_given: bool) {
        self.with(product, |left| {
            left.under_way = left.under_way.saturating_sub(1);
            left.free += u64::from(!is_given);
        });
    }

    /// Somebody's seat is free again.
    pub fn give_back(&self, product: i64) {
        self.with(product, |left| left.free += 1);
    }

    fn with(&self, product: i64, change: impl FnOnce(&mut Left)) {
        if let Ok(mut all) = self.0.lock()
            && let Some(left) = all.get_mut(&product)
        {
            change(left);
        }
    }
}
