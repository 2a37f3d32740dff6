//! What an organisation owns in the model target: products with seats, and who has one.

use provost_connect::{
    Account, Error, HeldLicence, Kind, Licence, LicenceChange, Product, Result, ServicePlan,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The products, and who has which.
#[derive(Default)]
pub struct Estate {
    /// Short name and seats, by the target's id.
    pub products: BTreeMap<String, (String, u64)>,
    /// By account: product and left-out services.
    pub held: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// By account: products that come from a group of the target.
    pub brought: BTreeMap<String, BTreeSet<String>>,
    /// Products of groups of the target.
    pub of_groups: BTreeMap<String, BTreeSet<String>>,
    /// Statuses that the target's provider wrote beside answers, by what they are about.
    pub receipts: BTreeMap<String, u16>,
}

/// The services of every product.
const PLANS: [&str; 2] = ["EXCHANGE", "SWAY"];

impl Estate {
    /// The organisation buys seats.
    pub fn own(&mut self, name: &str, seats: u64) {
        self.products
            .insert(format!("sku-{name}"), (name.to_owned(), seats));
    }

    fn used(&self, sku: &str) -> u64 {
        self.held.values().filter(|held| held.contains_key(sku)).count() as u64
    }

    pub fn products(&self) -> Vec<Product> {
        let plan = |name: &&str| ServicePlan {
            id: format!("plan-{name}"),
            name: (*name).to_owned(),
            assignable: true,
        };
        self.products
            .iter()
            .map(|(sku, (name, seats))| Product {
                sku: sku.clone(),
                name: name.clone(),
                state: "Enabled".into(),
                enabled: *seats,
                warning: 0,
                suspended: 0,
                consumed: self.used(sku),
                assignable: true,
                plans: PLANS.iter().map(plan).collect(),
            })
            .collect()
    }

    pub fn licences(&self, id: &str) -> Vec<HeldLicence> {
        let held = |sku: &String, plans: &[String], group: Option<&str>| HeldLicence {
            licence: Licence {
                sku: sku.clone(),
                disabled_plans: plans.to_vec(),
            },
            from_group: group.map(str::to_owned),
            error: None,
        };
        let direct = self
            .held
            .get(id)
            .into_iter()
            .flatten()
            .map(|(sku, plans)| held(sku, plans, None));
        let brought = self
            .brought
            .get(id)
            .into_iter()
            .flatten()
            .map(|sku| held(sku, &[], Some("g")));
        direct.chain(brought).collect()
    }

    /// All or nothing, as a real one.
    pub fn change(&mut self, change: &LicenceChange) -> Result<()> {
        let reject = |reason: &str| {
            Err(Error::Rejected {
                operation: "changing licences".into(),
                reason: reason.into(),
                attribute: Some("assignedLicenses".into()),
            })
        };
        let mut held = self.held.get(&change.id).cloned().unwrap_or_default();
        for sku in &change.remove {
            held.remove(sku);
        }
        for licence in &change.add {
            let Some((_, seats)) = self.products.get(&licence.sku) else {
                return reject("the product is not known");
            };
            let has = self
                .held
                .get(&change.id)
                .is_some_and(|held| held.contains_key(&licence.sku));
            if !has && self.used(&licence.sku) >= *seats {
                return reject("there are no seats");
            }
            held.insert(licence.sku.clone(), licence.disabled_plans.clone());
        }
        self.held.insert(change.id.clone(), held);
        Ok(())
    }

    pub fn change_group(&mut self, group: &str, add: &[Licence], remove: &[String]) {
        let held = self.of_groups.entry(group.to_owned()).or_default();
        held.extend(add.iter().map(|licence| licence.sku.clone()));
        held.retain(|sku| !remove.contains(sku));
    }

    /// Accounts as a list shows them, with their licences where that is asked for.
    pub fn show(&self, mut accounts: Vec<Account>, kind: Kind, asked: &[String]) -> Vec<Account> {
        let is_asked = kind == Kind::Person && asked.iter().any(|name| name == "assignedLicenses");
        for account in accounts
            .iter_mut()
            .filter(|_| is_asked && !self.products.is_empty())
        {
            let all = self
                .licences(&account.id)
                .into_iter()
                .map(|held| json!({"skuId": held.licence.sku, "disabledPlans": held.licence.disabled_plans}));
            account.record.insert("assignedLicenses".into(), all.collect());
        }
        accounts
    }

    /// Short names of the products that are directly on an account.
    pub fn names(&self, id: &str) -> Vec<String> {
        let skus = self.held.get(id).into_iter().flat_map(BTreeMap::keys);
        skus.map(|sku| self.products[sku].0.clone()).collect()
    }
}

/// A change in a line: `licences t1 +E5 -E3`.
pub fn tell(change: &LicenceChange) -> String {
    let mut text = format!("licences {}", change.id);
    for licence in &change.add {
        text.push_str(&format!(" +{}", licence.sku));
    }
    for sku in &change.remove {
        text.push_str(&format!(" -{sku}"));
    }
    text
}
