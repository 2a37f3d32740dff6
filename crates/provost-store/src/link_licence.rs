//! Licences that Provost gave to people's accounts: only what stands here is taken back.

use crate::{Param, Result, Row, Tx};
use std::collections::{BTreeMap, HashMap};

macro_rules! columns {
    () => {
        "rule, object, product, disabled_plans, modified, origin"
    };
}

crate::statements! {
    REMOVE = "DELETE FROM link_licence WHERE rule = $1 AND object = $2 AND product = $3";
    DROP_OBJECT = "DELETE FROM link_licence WHERE rule = $1 AND object = $2";
    OF = concat!("SELECT ", columns!(), " FROM link_licence WHERE rule = $1 AND object = $2 ORDER BY product");
    COUNT = "SELECT COUNT(*) FROM link_licence WHERE product = $1";
    COUNT_RULE = "SELECT COUNT(*) FROM link_licence WHERE rule = $1";
    PRODUCTS = "SELECT key FROM product WHERE connection = $1 ORDER BY sku";
    HOLDERS = "SELECT g.rule, g.object, g.disabled_plans, g.modified, COALESCE(o.label, l.label, ''), o.id, \
               COALESCE(l.target_id, ''), g.origin FROM link_licence g LEFT JOIN object o ON o.key = g.object \
               LEFT JOIN link l ON l.rule = g.rule AND l.object = g.object \
               WHERE g.product = $1 AND (g.rule, g.object) > ($2, $3) ORDER BY g.rule, g.object LIMIT $4";
}

crate::word::words! {
    /// How a licence came to stand in the list.
    Origin, "origin":
    /// A mapping of the rule gave it.
    Mapping = "mapping",
    /// A group of the person brought it.
    Group = "group",
    /// It was found on the account, and the connection takes back whatever is there. Provost did not give it.
    Found = "found",
    /// It was handed to the target, and the answer is not known: it may be there.
    Begun = "begun",
}

#[allow(clippy::derivable_impls, reason = "the macro derives no default")]
impl Default for Origin {
    fn default() -> Self {
        Self::Mapping
    }
}

/// A licence that Provost gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// The rule.
    pub rule: i64,
    /// The person, or the group that brings it to its members.
    pub object: i64,
    /// The product's key.
    pub product: i64,
    /// Ids of the services that are left out, sorted.
    pub disabled_plans: Vec<String>,
    /// When it was last written; [`put`] sets it.
    pub modified: i64,
    /// How it came here.
    pub origin: Origin,
}

/// A list of ids as a column holds it: sorted, each once.
pub(crate) fn join(plans: &[String]) -> String {
    let mut sorted: Vec<&str> = plans.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.join(",")
}

/// The other way round.
pub(crate) fn split(text: &str) -> Vec<String> {
    text.split(',')
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect()
}

fn read(row: &Row) -> Result<Given> {
    Ok(Given {
        rule: row.int(0)?,
        object: row.int(1)?,
        product: row.int(2)?,
        disabled_plans: split(row.str(3)?),
        modified: row.int(4)?,
        origin: row.str(5)?.parse()?,
    })
}

/// Notes that a licence was given, or that it leaves out other services than before.
///
/// # Errors
/// Any error of the database.
pub fn put(tx: &mut Tx, now: i64, given: &Given) -> Result<()> {
    put_all(tx, now, std::slice::from_ref(given))
}

/// Notes many by few statements; no two of the same rule, object and product.
///
/// # Errors
/// Any error of the database.
pub fn put_all(tx: &mut Tx, now: i64, given: &[Given]) -> Result<()> {
    let rows: Vec<(&Given, String)> = given.iter().map(|one| (one, join(&one.disabled_plans))).collect();
    tx.batches(
        &[],
        &rows,
        |(one, plans)| {
            [
                one.rule.into(),
                one.object.into(),
                one.product.into(),
                plans.into(),
                now.into(),
                one.origin.as_str().into(),
            ]
        },
        |list| {
            format!(
                "INSERT INTO link_licence ({}) VALUES {list} ON CONFLICT (rule, object, product) DO UPDATE SET \
                 disabled_plans = excluded.disabled_plans, modified = excluded.modified, origin = excluded.origin",
                columns!()
            )
        },
        |_| Ok(()),
    )
}

/// Notes that a licence was taken back.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, rule: i64, object: i64, product: i64) -> Result<()> {
    tx.execute(REMOVE, &[rule.into(), object.into(), product.into()])?;
    Ok(())
}

/// Notes that many licences of a rule, as (object, product), were taken back.
///
/// # Errors
/// Any error of the database.
pub fn remove_all(tx: &mut Tx, rule: i64, taken: &[(i64, i64)]) -> Result<()> {
    for (object, product) in taken {
        remove(tx, rule, *object, *product)?;
    }
    Ok(())
}

/// Notes that an account is gone, and with it all its licences.
///
/// # Errors
/// Any error of the database.
pub fn drop_object(tx: &mut Tx, rule: i64, object: i64) -> Result<()> {
    tx.execute(DROP_OBJECT, &[rule.into(), object.into()])?;
    Ok(())
}

/// What a rule gave to one object.
///
/// # Errors
/// Any error of the database.
pub fn of(tx: &mut Tx, rule: i64, object: i64) -> Result<Vec<Given>> {
    tx.query(OF, &[rule.into(), object.into()], read)
}

/// What a rule gave to many objects, by object; who has nothing is missing.
///
/// # Errors
/// Any error of the database.
pub fn of_many(tx: &mut Tx, rule: i64, objects: &[i64]) -> Result<HashMap<i64, Vec<Given>>> {
    let mut found: HashMap<i64, Vec<Given>> = HashMap::new();
    tx.batches(
        &[rule.into()],
        objects,
        |object| [Param::Int(*object)],
        |list| {
            format!(
                "SELECT {} FROM link_licence WHERE rule = $1 AND object IN ({list}) ORDER BY object, product",
                columns!()
            )
        },
        |row| {
            let given = read(row)?;
            found.entry(given.object).or_default().push(given);
            Ok(())
        },
    )?;
    Ok(found)
}

/// How many licences of each of a connection's products Provost gave, by the product's key. Counted in an index:
/// a million licences take about 45 ms on SQLite. [`Origin::Found`] and [`Origin::Begun`] count too.
///
/// # Errors
/// Any error of the database.
pub fn count(tx: &mut Tx, connection: i64) -> Result<BTreeMap<i64, i64>> {
    let mut counts = BTreeMap::new();
    for product in tx.query(PRODUCTS, &[connection.into()], |r| r.int(0))? {
        let rows = tx.first(COUNT, &[product.into()], |r| r.int(0))?;
        counts.insert(product, rows.unwrap_or(0));
    }
    Ok(counts)
}

/// How many licences a rule gave: what the guard weighs removals against.
///
/// # Errors
/// Any error of the database.
pub fn count_rule(tx: &mut Tx, rule: i64) -> Result<i64> {
    Ok(tx.first(COUNT_RULE, &[rule.into()], |r| r.int(0))?.unwrap_or(0))
}

/// Somebody whom Provost gave a licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// What was given.
    pub given: Given,
    /// What the person is called.
    pub label: String,
    /// The public id; none once the person is gone from the directory.
    pub id: Option<uuid::Uuid>,
    /// The account's id in the target; empty when the link is gone.
    pub target_id: String,
}

/// Who has a product from Provost, at most `limit`, in the order of rule and object, after (rule, object).
///
/// # Errors
/// Any error of the database.
pub fn holders(tx: &mut Tx, product: i64, after: Option<(i64, i64)>, limit: i64) -> Result<Vec<Holder>> {
    let (rule, object) = after.unwrap_or((i64::MIN, i64::MIN));
    let params = [product.into(), rule.into(), object.into(), limit.into()];
    tx.query(HOLDERS, &params, |r| {
        let given = Given {
            rule: r.int(0)?,
            object: r.int(1)?,
            product,
            disabled_plans: split(r.str(2)?),
            modified: r.int(3)?,
            origin: r.str(7)?.parse()?,
        };
        Ok(Holder {
            given,
            label: r.text(4)?,
            id: r.uuid_or_null(5)?,
            target_id: r.text(6)?,
        })
    })
}
