//! Products of a target's organisation whose licences people can have: as they were last read, with their seats.
//! A connection has tens of them, so a name is looked for among all.

use crate::{Error, Param, Result, Tx};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

macro_rules! columns {
    () => {
        "key, sku, name, state, enabled, warning, suspended, consumed, assignable, plans, seen"
    };
}

crate::statements! {
    LIST = concat!("SELECT ", columns!(), " FROM product WHERE connection = $1 ORDER BY sku");
    GET = concat!("SELECT ", columns!(), " FROM product WHERE key = $1");
    OF_CONNECTION = concat!("SELECT ", columns!(), " FROM product WHERE connection = $1 AND key = $2");
    NAMES = "SELECT key, sku, name, seen FROM product WHERE connection = $1 ORDER BY seen DESC, sku";
    UNOWN = "UPDATE product SET seen = 0, state = '', enabled = 0, warning = 0, suspended = 0, consumed = 0, plans = '[]' \
             WHERE key = $1";
    UNUSED = "SELECT p.key FROM product p WHERE p.connection = $1 AND p.seen = 0 \
              AND NOT EXISTS (SELECT 1 FROM link_licence l WHERE l.product = p.key) \
              AND NOT EXISTS (SELECT 1 FROM group_licence g WHERE g.connection = p.connection AND g.product = p.key)";
    WAITING = "SELECT y.member FROM retry y WHERE y.rule IN (SELECT key FROM rule WHERE connection = $1) AND y.member <> 0 \
               UNION ALL SELECT s.member FROM staged_step s WHERE s.connection = $2 AND s.member <> 0";
    DELETE = "DELETE FROM product WHERE key = $1";
    INTERN = "INSERT INTO product (key, connection, sku, name, state, enabled, warning, suspended, consumed, assignable, \
              plans, seen) VALUES ($1, $2, $3, $4, '', 0, 0, 0, 0, TRUE, '[]', 0)";
}

/// Products that one connection keeps although the organisation does not own them.
const UNOWNED: usize = 1_000;
/// Characters of a product's id or name.
const NAME: usize = 100;

/// A product, with its seats (Microsoft Graph: `subscribedSku`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The target's id of the product.
    pub sku: String,
    /// Its short name, such as `ENTERPRISEPACK`.
    pub name: String,
    /// `Enabled`, `Warning` (grace period), `Suspended`, `Deleted` or `LockedOut`; empty when it is not owned.
    pub state: String,
    /// Seats that are paid for.
    pub enabled: u64,
    /// Seats in their grace period; they can be assigned still.
    pub warning: u64,
    /// Seats that cannot be used.
    pub suspended: u64,
    /// Seats in use.
    pub consumed: u64,
    /// Whether it is for people.
    pub assignable: bool,
    /// What the product is made of.
    pub plans: Vec<ServicePlan>,
}

impl Product {
    /// Seats that can be assigned now.
    pub fn free(&self) -> u64 {
        self.enabled
            .saturating_add(self.warning)
            .saturating_sub(self.consumed)
    }
}

/// A service that a product contains and that can be left out of a licence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePlan {
    /// The target's id of the service plan.
    pub id: String,
    /// Its short name, such as `EXCHANGE_S_ENTERPRISE`.
    pub name: String,
    /// Whether it is for people; only such plans can be left out.
    pub assignable: bool,
}

/// A stored product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The inside key: what a step about a licence has as its member.
    pub key: i64,
    /// The product.
    pub product: Product,
    /// When the target named it last; 0 when the organisation does not own it (any more).
    pub seen: i64,
}

fn read(row: &crate::Row) -> Result<Row> {
    let count = |i| row.int(i).map(|n| u64::try_from(n).unwrap_or(0));
    let plans = serde_json::from_str(row.str(9)?);
    Ok(Row {
        key: row.int(0)?,
        product: Product {
            sku: row.text(1)?,
            name: row.text(2)?,
            state: row.text(3)?,
            enabled: count(4)?,
            warning: count(5)?,
            suspended: count(6)?,
            consumed: count(7)?,
            assignable: row.bool(8)?,
            plans: plans.map_err(|e| Error::Damaged(format!("the services of a product: {e}")))?,
        },
        seen: row.int(10)?,
    })
}

/// Makes the products that the organisation owns exactly these. One that is not among them has no seats any more
/// and is forgotten once no licence, group or waiting step names it.
///
/// # Errors
/// Any error of the database.
pub fn put_all(tx: &mut Tx, connection: i64, now: i64, products: &[Product]) -> Result<()> {
    let now = now.max(1);
    let mut known = HashSet::new();
    let mut rows = Vec::with_capacity(products.len());
    for product in products
        .iter()
        .filter(|product| known.insert(product.sku.as_str()))
    {
        let plans = serde_json::to_string(&product.plans).map_err(|e| Error::Damaged(e.to_string()))?;
        rows.push((tx.key(), product, plans));
    }
    tx.batches(
        &[],
        &rows,
        |(key, product, plans)| params(connection, now, *key, product, plans),
        |list| {
            format!(
                "INSERT INTO product ({}, connection) VALUES {list} ON CONFLICT (connection, sku) DO UPDATE SET \
                 name = excluded.name, state = excluded.state, enabled = excluded.enabled, warning = excluded.warning, \
                 suspended = excluded.suspended, consumed = excluded.consumed, assignable = excluded.assignable, \
                 plans = excluded.plans, seen = excluded.seen",
                columns!()
            )
        },
        |_| Ok(()),
    )?;
    for (key, sku) in tx.query(NAMES, &[connection.into()], |r| Ok((r.int(0)?, r.text(1)?)))? {
        if !known.contains(sku.as_str()) {
            tx.execute(UNOWN, &[key.into()])?;
        }
    }
    forget_unused(tx, connection)
}

fn params<'a>(connection: i64, now: i64, key: i64, product: &'a Product, plans: &'a str) -> [Param<'a>; 12] {
    let count = |n: u64| Param::Int(i64::try_from(n).unwrap_or(i64::MAX));
    [
        key.into(),
        (&product.sku).into(),
        (&product.name).into(),
        (&product.state).into(),
        count(product.enabled),
        count(product.warning),
        count(product.suspended),
        count(product.consumed),
        product.assignable.into(),
        plans.into(),
        now.into(),
        connection.into(),
    ]
}

/// What a mapping named once and nothing names any more goes, so that mistakes do not pile up.
fn forget_unused(tx: &mut Tx, connection: i64) -> Result<()> {
    let unused = tx.query(UNUSED, &[connection.into()], |r| r.int(0))?;
    if unused.is_empty() {
        return Ok(());
    }
    let waiting: HashSet<i64> = tx
        .query(WAITING, &[connection.into(), connection.into()], |r| r.int(0))?
        .into_iter()
        .collect();
    for key in unused.iter().filter(|key| !waiting.contains(key)) {
        tx.execute(DELETE, &[(*key).into()])?;
    }
    Ok(())
}

/// A connection's products by their ids, those that are not owned among them.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64) -> Result<Vec<Row>> {
    tx.query(LIST, &[connection.into()], read)
}

/// The product with this key.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, key: i64) -> Result<Option<Row>> {
    tx.first(GET, &[key.into()], read)
}

/// A product of this connection.
pub(crate) fn get_of(tx: &mut Tx, connection: i64, key: i64) -> Result<Option<Product>> {
    Ok(tx
        .first(OF_CONNECTION, &[connection.into(), key.into()], read)?
        .map(|row| row.product))
}

/// Short names of products by their keys: what a label says of a step about a licence. A key that is no product's
/// is missing.
///
/// # Errors
/// Any error of the database.
pub fn names(tx: &mut Tx, keys: &[i64]) -> Result<BTreeMap<i64, String>> {
    let mut found = BTreeMap::new();
    tx.batches(
        &[],
        keys,
        |key| [Param::Int(*key)],
        |list| format!("SELECT key, name FROM product WHERE key IN ({list})"),
        |row| {
            found.insert(row.int(0)?, row.text(1)?);
            Ok(())
        },
    )?;
    Ok(found)
}

/// The product with this id, in any letter case.
///
/// # Errors
/// Any error of the database.
pub fn by_sku(tx: &mut Tx, connection: i64, sku: &str) -> Result<Option<Row>> {
    let wanted = sku.trim();
    find(tx, connection, |id, _| id.eq_ignore_ascii_case(wanted))
}

/// The product with this short name, in any letter case; one that is owned before one that is not.
///
/// # Errors
/// Any error of the database.
pub fn by_name(tx: &mut Tx, connection: i64, name: &str) -> Result<Option<Row>> {
    let wanted = name.trim();
    find(tx, connection, |_, name| name.eq_ignore_ascii_case(wanted))
}

fn find(tx: &mut Tx, connection: i64, fits: impl Fn(&str, &str) -> bool) -> Result<Option<Row>> {
    let mut key = None;
    tx.for_each(NAMES, &[connection.into()], |r| {
        if fits(r.str(1)?, r.str(2)?) {
            key = Some(r.int(0)?);
        }
        Ok(key.is_none())
    })?;
    key.map_or(Ok(None), |key| get(tx, key))
}

/// The key of the product with this id or short name, which is kept as one that nobody owns when there is none:
/// a step that fails because of it has a name. None for a text that can name no product, and when the connection
/// keeps 1,000 unowned ones already.
///
/// # Errors
/// Any error of the database.
pub fn intern(tx: &mut Tx, connection: i64, sku_or_name: &str) -> Result<Option<i64>> {
    let wanted = sku_or_name.trim();
    let is_name =
        !wanted.is_empty() && wanted.chars().count() <= NAME && !wanted.chars().any(char::is_control);
    if !is_name {
        return Ok(None);
    }
    let is_it = |id: &str, name: &str| id.eq_ignore_ascii_case(wanted) || name.eq_ignore_ascii_case(wanted);
    let (mut found, mut unowned) = (None, 0);
    tx.for_each(NAMES, &[connection.into()], |r| {
        unowned += usize::from(r.int(3)? == 0);
        if is_it(r.str(1)?, r.str(2)?) {
            found = Some(r.int(0)?);
        }
        Ok(found.is_none())
    })?;
    if found.is_some() || unowned >= UNOWNED {
        return Ok(found);
    }
    let key = tx.key();
    let params = [key.into(), connection.into(), wanted.into(), wanted.into()];
    tx.execute(INTERN, &params)?;
    Ok(Some(key))
}
