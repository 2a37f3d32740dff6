//! The target's products as they were last read, and what a mapping's text means among them.

use crate::open::Open;
use crate::{Engine, Result};
use provost_connect::Product;
use provost_store::Tx;
use provost_store::group_licence::{self, GroupLicence, Way};
use provost_store::product::{self, Row};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Milliseconds for which what was read of the products holds before a cycle.
const FRESH: i64 = 10_000;

/// Licences of groups that are read at once.
const PAGE: i64 = 500;

/// A product with the services that are left out.
pub(crate) type Wish = (i64, Vec<String>);

/// What a connection knows of licences.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalogue {
    /// Whether the connection deals with licences: the target has them, and a mapping or a group gives one, or the
    /// connection takes back what it finds.
    pub is_used: bool,
    products: BTreeMap<i64, Row>,
    /// Groups that bring a licence to each of their members.
    by_member: BTreeMap<i64, Vec<Wish>>,
    /// Licences that groups of the target have themselves, or are to have, or to lose.
    by_group: Vec<GroupLicence>,
}

/// A text that names no product or no service of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unknown(pub String);

impl Catalogue {
    /// Reads what is stored.
    pub fn read(tx: &mut Tx, connection: i64) -> provost_store::Result<Self> {
        let mut catalogue = Self::default();
        for row in product::list(tx, connection)? {
            catalogue.products.insert(row.key, row);
        }
        let mut after = 0;
        loop {
            let page = group_licence::list(tx, connection, after, PAGE)?;
            let is_last = (page.len() as i64) < PAGE;
            for row in page {
                after = row.key;
                catalogue.enter(row);
            }
            if is_last {
                return Ok(catalogue);
            }
        }
    }

    fn enter(&mut self, row: GroupLicence) {
        if row.way == Way::Member {
            let wish = (row.product, row.disabled_plans);
            self.by_member.entry(row.group).or_default().push(wish);
        } else {
            self.by_group.push(row);
        }
    }

    /// Whether groups bring licences, to their members or in the target.
    pub fn has_groups(&self) -> bool {
        !self.by_member.is_empty() || !self.by_group.is_empty()
    }

    /// What each group brings to its members.
    pub fn by_member(&self) -> &BTreeMap<i64, Vec<Wish>> {
        &self.by_member
    }

    /// What groups of the target are to have themselves, or to lose.
    pub fn by_group(&self) -> &[GroupLicence] {
        &self.by_group
    }

    /// A product by its key.
    pub fn product(&self, key: i64) -> Option<&Row> {
        self.products.get(&key)
    }

    /// Every product.
    pub fn products(&self) -> impl Iterator<Item = &Row> {
        self.products.values()
    }

    /// The key of the product with this id of the target.
    pub fn key_of(&self, sku: &str) -> Option<i64> {
        let is_it = |row: &&Row| row.product.sku.eq_ignore_ascii_case(sku);
        self.products.values().find(is_it).map(|row| row.key)
    }

    /// What a mapping's text means: `SKU` or `SKU -PLAN -PLAN`, each by id or short name in any letter case.
    ///
    /// # Errors
    /// [`Unknown`] when the organisation owns no such product, or it contains no such service.
    pub fn resolve(&self, text: &str) -> std::result::Result<Wish, Unknown> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let fits = |row: &&Row| {
            row.product.sku.eq_ignore_ascii_case(name) || row.product.name.eq_ignore_ascii_case(name)
        };
        let owned = self.products.values().filter(|row| row.seen > 0);
        let row = owned
            .into_iter()
            .find(fits)
            .ok_or_else(|| Unknown(name.to_owned()))?;
        let mut plans = Vec::new();
        for word in words {
            let plan = word.strip_prefix('-').and_then(|name| {
                let mut all = row.product.plans.iter();
                all.find(|p| p.id.eq_ignore_ascii_case(name) || p.name.eq_ignore_ascii_case(name))
            });
            let plan = plan.ok_or_else(|| Unknown(format!("{} of {}", word, row.product.name)))?;
            plans.push(plan.id.clone());
        }
        plans.sort_unstable();
        plans.dedup();
        Ok((row.key, plans))
    }

    /// A product with what is left out of it, for people.
    pub fn name(&self, key: i64, plans: &[String]) -> String {
        let Some(row) = self.product(key) else {
            return String::new();
        };
        let mut name = row.product.name.clone();
        for id in plans {
            let known = row.product.plans.iter().find(|p| p.id == *id);
            name.push_str(" -");
            name.push_str(known.map_or(id.as_str(), |p| &p.name));
        }
        name
    }

    /// Whether seats were last read long ago.
    fn is_stale(&self, now: i64) -> bool {
        let newest = self.products.values().map(|row| row.seen).max().unwrap_or(0);
        newest > now || newest + FRESH <= now
    }
}

/// The connection with what its target says of its products now, where it deals with licences. A target that cannot
/// be asked changes nothing: whoever needs a product that is not known fails by themselves and is tried again.
pub(crate) async fn refreshed(engine: &Engine, open: Open) -> Result<Open> {
    if let Err(error) = open.target.prepare().await {
        tracing::warn!(connection = %open.connection.name, %error, "the target's organisation could not be read");
    }
    if !open.licences.is_used || !open.licences.is_stale(open.now()) {
        return Ok(open);
    }
    read_seats(engine.db.clone(), open).await
}

/// Reads the products and keeps them.
pub(super) async fn read_seats(db: provost_store::Db, mut open: Open) -> Result<Open> {
    let products = match open.target.products().await {
        Ok(products) => products,
        Err(error) => {
            tracing::warn!(connection = %open.connection.name, %error, "the products could not be read");
            return Ok(open);
        }
    };
    let (connection, now) = (open.connection.key, open.now());
    let products: Vec<product::Product> = products.into_iter().map(stored).collect();
    let read = db
        .write(move |tx| {
            product::put_all(tx, connection, now, &products)?;
            Catalogue::read(tx, connection)
        })
        .await?;
    let is_used = open.licences.is_used;
    open.licences = Arc::new(Catalogue { is_used, ..read });
    Ok(open)
}

/// A product as it is stored.
pub(super) fn stored(product: Product) -> product::Product {
    let plan = |plan: provost_connect::ServicePlan| product::ServicePlan {
        id: plan.id,
        name: plan.name,
        assignable: plan.assignable,
    };
    product::Product {
        sku: product.sku,
        name: product.name,
        state: product.state,
        enabled: product.enabled,
        warning: product.warning,
        suspended: product.suspended,
        consumed: product.consumed,
        assignable: product.assignable,
        plans: product.plans.into_iter().map(plan).collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        let plan = |name: &str| product::ServicePlan {
            id: format!("id-{name}"),
            name: name.to_owned(),
            assignable: true,
        };
        let row = |key, name: &str, seen| Row {
            key,
            seen,
            product: product::Product {
                sku: format!("sku-{key}"),
                name: name.to_owned(),
                plans: vec![plan("EXCHANGE"), plan("SWAY")],
                ..product::Product::default()
            },
        };
        let rows = [row(1, "E3", 5), row(2, "E5", 0)];
        Catalogue {
            products: rows.into_iter().map(|row| (row.key, row)).collect(),
            ..Catalogue::default()
        }
    }

    #[test]
    fn a_text_names_a_product_and_what_is_left_out_in_any_letter_case() {
        let catalogue = catalogue();
        assert_eq!(catalogue.resolve("e3").unwrap(), (1, Vec::new()));
        let both = catalogue.resolve("SKU-1  -sway -ID-EXCHANGE").unwrap();
        assert_eq!(both, (1, vec!["id-EXCHANGE".to_owned(), "id-SWAY".to_owned()]));
        assert_eq!(catalogue.name(both.0, &both.1), "E3 -EXCHANGE -SWAY");
    }

    #[test]
    fn what_is_not_owned_or_not_contained_is_unknown() {
        let catalogue = catalogue();
        assert_eq!(
            catalogue.resolve("E5"),
            Err(Unknown("E5".into())),
            "known, but not owned"
        );
        assert_eq!(catalogue.resolve(""), Err(Unknown(String::new())));
        assert_eq!(
            catalogue.resolve("E3 -TEAMS"),
            Err(Unknown("-TEAMS of E3".into()))
        );
        assert_eq!(catalogue.resolve("E3 SWAY"), Err(Unknown("SWAY of E3".into())));
    }
}
