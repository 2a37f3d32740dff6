//! Groups of the directory that bring a licence: each member's account gets it, or the target's group does.

mod change;

pub(crate) use change::STATEMENTS as CHANGE_STATEMENTS;
pub use change::{New, add, remove, set_written};
pub(crate) use change::{all, configure};

use crate::link_licence::split;
use crate::{Result, Row, Tx};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

macro_rules! columns {
    () => {
        "g.key, g.connection, g.group_key, g.product, g.disabled_plans, g.way, g.written, g.created, g.actor, \
         COALESCE(o.id, d.id), COALESCE(o.label, d.label, ''), COALESCE(p.sku, ''), COALESCE(p.name, '') \
         FROM group_licence g LEFT JOIN object o ON o.key = g.group_key LEFT JOIN deleted_object d ON d.key = g.group_key \
         LEFT JOIN product p ON p.key = g.product"
    };
}

crate::statements! {
    LIST = concat!("SELECT ", columns!(), " WHERE g.connection = $1 AND g.key > $2 ORDER BY g.key LIMIT $3");
    GET = concat!("SELECT ", columns!(), " WHERE g.connection = $1 AND g.key = $2");
    OF_GROUP = concat!("SELECT ", columns!(), " WHERE g.connection = $1 AND g.group_key = $2 ORDER BY g.key");
    ANY = "SELECT 1 FROM group_licence WHERE connection = $1 AND way = 'member' LIMIT 1";
    FORGET = "DELETE FROM group_licence WHERE group_key = $1";
    MEMBER_WAY = "SELECT group_key, product, disabled_plans FROM group_licence WHERE connection = $1 AND way = 'member' \
                  ORDER BY key";
    FOR_PERSON = "SELECT g.product, g.disabled_plans FROM member m JOIN group_licence g ON g.group_key = m.group_key \
                  WHERE m.member_key = $1 AND g.connection = $2 AND g.way = 'member'";
    FOR_PERSON_NESTED = "WITH RECURSIVE above (key) AS (SELECT group_key FROM member WHERE member_key = $1 \
                         UNION SELECT m.group_key FROM above u JOIN member m ON m.member_key = u.key) \
                         SELECT g.product, g.disabled_plans FROM above u JOIN group_licence g ON g.group_key = u.key \
                         WHERE g.connection = $2 AND g.way = 'member'";
}

crate::word::words! {
    /// How a group brings a licence.
    Way, "way":
    /// Each member's account gets it.
    Member = "member",
    /// The target's group gets it, and the target gives it to the members.
    Group = "group",
    /// The target's group still has it and is to lose it: what [`remove`] leaves behind of [`Way::Group`].
    Ending = "ending",
}

/// A licence that a group brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupLicence {
    /// The inside key.
    pub key: i64,
    /// The connection.
    pub connection: i64,
    /// The group's key.
    pub group: i64,
    /// The product's key.
    pub product: i64,
    /// Ids of the services that are left out, sorted.
    pub disabled_plans: Vec<String>,
    /// How it gets to the members.
    pub way: Way,
    /// Whether the target's group has it.
    pub written: bool,
    /// When it was added.
    pub created: i64,
    /// Who added it.
    pub actor: String,
    /// The group's public id; none when it is gone for good.
    pub group_id: Option<Uuid>,
    /// What the group is called.
    pub label: String,
    /// The target's id of the product.
    pub sku: String,
    /// The product's short name.
    pub product_name: String,
}

fn read(row: &Row) -> Result<GroupLicence> {
    Ok(GroupLicence {
        key: row.int(0)?,
        connection: row.int(1)?,
        group: row.int(2)?,
        product: row.int(3)?,
        disabled_plans: split(row.str(4)?),
        way: row.str(5)?.parse()?,
        written: row.bool(6)?,
        created: row.int(7)?,
        actor: row.text(8)?,
        group_id: row.uuid_or_null(9)?,
        label: row.text(10)?,
        sku: row.text(11)?,
        product_name: row.text(12)?,
    })
}

/// A connection's licences of groups with keys above `after`, oldest first.
///
/// # Errors
/// Any error of the database.
pub fn list(tx: &mut Tx, connection: i64, after: i64, limit: i64) -> Result<Vec<GroupLicence>> {
    tx.query(LIST, &[connection.into(), after.into(), limit.into()], read)
}

/// One of a connection's licences of groups.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, connection: i64, key: i64) -> Result<Option<GroupLicence>> {
    tx.first(GET, &[connection.into(), key.into()], read)
}

/// The licences that a group brings in a connection.
///
/// # Errors
/// Any error of the database.
pub fn of_group(tx: &mut Tx, connection: i64, group: i64) -> Result<Vec<GroupLicence>> {
    tx.query(OF_GROUP, &[connection.into(), group.into()], read)
}

/// Whether any group of a connection brings a licence to each member: otherwise nobody has to be asked about.
///
/// # Errors
/// Any error of the database.
pub fn any(tx: &mut Tx, connection: i64) -> Result<bool> {
    Ok(tx.first(ANY, &[connection.into()], |_| Ok(()))?.is_some())
}

/// A product and the services that are left out of it.
pub type Licence = (i64, Vec<String>);

/// The licences that groups bring to each member of theirs, by the group's key.
///
/// # Errors
/// Any error of the database.
pub fn by_group(tx: &mut Tx, connection: i64) -> Result<HashMap<i64, Vec<Licence>>> {
    let mut found: HashMap<i64, Vec<Licence>> = HashMap::new();
    tx.for_each(MEMBER_WAY, &[connection.into()], |r| {
        let licence = (r.int(1)?, split(r.str(2)?));
        found.entry(r.int(0)?).or_default().push(licence);
        Ok(true)
    })?;
    Ok(found)
}

/// The licences that a person gets from groups, by product; with `nested` also from groups around these. A
/// service is left out only when every group that brings the product leaves it out.
///
/// # Errors
/// Any error of the database.
pub fn for_person(tx: &mut Tx, connection: i64, person: i64, nested: bool) -> Result<Vec<Licence>> {
    let sql = if nested { FOR_PERSON_NESTED } else { FOR_PERSON };
    let mut found: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    tx.for_each(sql, &[person.into(), connection.into()], |r| {
        merge(&mut found, r.int(0)?, split(r.str(1)?));
        Ok(true)
    })?;
    Ok(found.into_iter().collect())
}

/// Puts one licence to others: a service is left out only when everybody leaves it out.
fn merge(found: &mut BTreeMap<i64, Vec<String>>, product: i64, plans: Vec<String>) {
    match found.entry(product) {
        std::collections::btree_map::Entry::Vacant(free) => {
            free.insert(plans);
        }
        std::collections::btree_map::Entry::Occupied(mut known) => {
            known.get_mut().retain(|plan| plans.contains(plan));
        }
    }
}

/// Forgets a group that is gone for good.
pub(crate) fn forget(tx: &mut Tx, group: i64) -> Result<()> {
    tx.execute(FORGET, &[group.into()])?;
    Ok(())
}
