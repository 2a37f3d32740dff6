//! Links: which target object belongs to which directory object, and what was last written there.

mod change;
mod list;

pub(crate) use change::STATEMENTS as CHANGE_STATEMENTS;
pub use change::{Relink, relink, unlink};
pub(crate) use list::STATEMENTS as LIST_STATEMENTS;
pub use list::{Asked, Listed, Page, for_each_by_target, hashes, list};

use crate::{Error, Param, Result, Tx, identifier};
use provost_engine::diff;
use provost_engine::object::Record;
use std::collections::HashMap;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "l.rule, l.object, l.object_id, l.target_id, l.label, l.written, l.enabled, l.hash, l.disabled"
    };
}

crate::statements! {
    GROUP_NAMES = "SELECT DISTINCT o.label FROM rule r JOIN link_member m ON m.rule = r.key AND m.member_key = $1 \
                   JOIN object o ON o.key = m.group_key WHERE r.connection = $2 ORDER BY 1 LIMIT $3";
    REMOVE = "DELETE FROM link WHERE rule = $1 AND object = $2";
    GET = concat!("SELECT ", columns!(), " FROM link l WHERE l.rule = $1 AND l.object = $2");
    OF_OBJECT = concat!("SELECT ", columns!(), " FROM link l WHERE l.object = $1 ORDER BY l.rule");
    BY_OBJECT_ID = concat!("SELECT ", columns!(), " FROM link l WHERE l.object_id = $1 ORDER BY l.rule");
    BY_LABEL = concat!("SELECT ", columns!(), " FROM link l WHERE l.label = $1 ORDER BY l.object LIMIT 20");
    TARGET_OF_KEY = "SELECT l.target_id FROM link l JOIN rule r ON r.key = l.rule \
                     WHERE l.object = $1 AND r.connection = $2 LIMIT 1";
    IN_RANGE = concat!("SELECT ", columns!(), " FROM link l WHERE l.rule = $1 AND l.object > $2 AND l.object <= $3 \
                ORDER BY l.object");
    ORPHAN_KEYS = "SELECT l.object FROM link l LEFT JOIN object o ON o.key = l.object WHERE l.rule = $1 AND o.key IS NULL \
                   ORDER BY l.object";
    IS_LINKED = "SELECT 1 FROM link l JOIN rule r ON r.key = l.rule WHERE l.object = $1 AND r.connection = $2 LIMIT 1";
    COUNT_MEMBERS = "SELECT COUNT(*) FROM link_member WHERE rule = $1";
    COUNT_GROUP = "SELECT COUNT(*) FROM link_member WHERE rule = $1 AND group_key = $2";
    BY_TARGET_ID = concat!("SELECT ", columns!(), " FROM link l JOIN rule r ON r.key = l.rule \
                    WHERE r.connection = $1 AND l.target_id = $2 ORDER BY l.rule");
    DROP_DRIFT = "DELETE FROM drift WHERE rule = $1 AND object = $2";
    DROP_LICENCES = "DELETE FROM link_licence WHERE rule = $1 AND object = $2";
    BY_TARGET = "SELECT object FROM link WHERE rule = $1 AND target_id = $2";
    COUNT = "SELECT COUNT(*) FROM link WHERE rule = $1";
    TARGET_OF = "SELECT l.target_id FROM link l JOIN rule r ON r.key = l.rule \
                 WHERE l.object_id = $1 AND r.connection = $2 LIMIT 1";
    ADD_MEMBER = "INSERT INTO link_member (rule, group_key, member_key) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    DROP_MEMBER = "DELETE FROM link_member WHERE rule = $1 AND group_key = $2 AND member_key = $3";
    DROP_GROUP = "DELETE FROM link_member WHERE rule = $1 AND group_key = $2";
    DROP_MEMBER_EVERYWHERE = "DELETE FROM link_member WHERE rule = $1 AND member_key = $2";
    MEMBERS = "SELECT member_key FROM link_member WHERE rule = $1 AND group_key = $2 ORDER BY member_key";
    GROUPS = "SELECT group_key FROM link_member WHERE rule = $1 AND member_key = $2";
    HAS_MEMBER = "SELECT 1 FROM link_member WHERE rule = $1 AND group_key = $2 AND member_key = $3";
}

/// A link.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The rule it belongs to.
    pub rule: i64,
    /// The directory object's key.
    pub object: i64,
    /// The directory object's public id.
    pub object_id: Uuid,
    /// The target object's id.
    pub target_id: String,
    /// What to call it, also after the object is gone.
    pub label: String,
    /// What was last written to the target.
    pub written: Record,
    /// Whether the account is enabled there, as far as we wrote.
    pub enabled: bool,
    /// The hash of the state in the target that agrees with `written`; 0 where it is not known. [`put`] turns 0
    /// into [`diff::hash`] of `written`.
    pub hash: i64,
    /// When we disabled the account; 0 when it is enabled. [`put`] keeps the first time of a disable.
    pub disabled: i64,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            rule: 0,
            object: 0,
            object_id: Uuid::nil(),
            target_id: String::new(),
            label: String::new(),
            written: Record::new(),
            enabled: true,
            hash: 0,
            disabled: 0,
        }
    }
}

fn read(row: &crate::Row) -> Result<Link> {
    Ok(Link {
        rule: row.int(0)?,
        object: row.int(1)?,
        object_id: row.uuid(2)?,
        target_id: row.text(3)?,
        label: row.text(4)?,
        written: serde_json::from_str(row.str(5)?).map_err(|e| Error::Damaged(e.to_string()))?,
        enabled: row.bool(6)?,
        hash: row.int(7)?,
        disabled: row.int(8)?,
    })
}

/// Keeps a link in the place of the object's older one.
///
/// # Errors
/// [`Error::Conflict`] when another object is linked to that target object.
pub fn put(tx: &mut Tx, now: i64, link: &Link) -> Result<()> {
    put_all(tx, now, std::slice::from_ref(link))
}

/// Keeps many links by few statements. Two of them must not be of the same rule and object.
///
/// # Errors
/// [`Error::Conflict`] when another object is linked to one of the target objects; ask
/// [`objects_of_targets`] first, because then none of them is kept. [`Error::Refused`] (`PRV-IDENTIFIER-TAKEN`) when
/// another person of the workspace holds the object id of one of them; ask [`identifier::holders`].
pub fn put_all(tx: &mut Tx, now: i64, links: &[Link]) -> Result<()> {
    let mut rows = Vec::with_capacity(links.len());
    for link in links {
        let written = serde_json::to_string(&link.written).map_err(|e| Error::Damaged(e.to_string()))?;
        let hash = match link.hash {
            0 => diff::hash(&link.written),
            hash => hash,
        };
        rows.push((link, written, hash));
    }
    tx.batches(
        &[],
        &rows,
        |(link, written, hash)| params(now, link, written, *hash),
        |list| {
            format!(
                "INSERT INTO link (rule, object, object_id, target_id, label, written, enabled, modified, hash, disabled) \
                 VALUES {list} ON CONFLICT (rule, object) DO UPDATE SET object_id = excluded.object_id, \
                 target_id = excluded.target_id, label = excluded.label, written = excluded.written, \
                 enabled = excluded.enabled, modified = excluded.modified, hash = excluded.hash, \
                 disabled = CASE WHEN excluded.disabled > 0 AND link.disabled > 0 THEN link.disabled \
                 ELSE excluded.disabled END"
            )
        },
        |_| Ok(()),
    )?;
    identifier::linked(tx, now, links)
}

fn params<'a>(now: i64, link: &'a Link, written: &'a str, hash: i64) -> [Param<'a>; 10] {
    let disabled = match (link.enabled, link.disabled) {
        (true, _) => 0,
        (false, 0) => now,
        (false, at) => at,
    };
    [
        link.rule.into(),
        link.object.into(),
        link.object_id.into(),
        (&link.target_id).into(),
        (&link.label).into(),
        written.into(),
        link.enabled.into(),
        now.into(),
        hash.into(),
        disabled.into(),
    ]
}

/// Forgets a link, the memberships and licences that were written through it, and what drifted.
///
/// # Errors
/// Any error of the database.
pub fn remove(tx: &mut Tx, rule: i64, object: i64) -> Result<()> {
    let held = identifier::target_of(tx, rule, object)?;
    tx.execute(REMOVE, &[rule.into(), object.into()])?;
    tx.execute(DROP_GROUP, &[rule.into(), object.into()])?;
    tx.execute(DROP_DRIFT, &[rule.into(), object.into()])?;
    tx.execute(DROP_LICENCES, &[rule.into(), object.into()])?;
    match held {
        Some((workspace, target)) => identifier::unlinked(tx, workspace, object, &target),
        None => Ok(()),
    }
}

/// Target ids of those of several objects whose link was written since a time.
///
/// # Errors
/// Any error of the database.
pub fn written_since(tx: &mut Tx, rule: i64, objects: &[i64], since: i64) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    tx.batches(
        &[rule.into(), since.into()],
        objects,
        |object| [Param::Int(*object)],
        |list| {
            format!("SELECT target_id FROM link WHERE rule = $1 AND modified >= $2 AND object IN ({list})")
        },
        |row| {
            ids.push(row.text(0)?);
            Ok(())
        },
    )?;
    Ok(ids)
}

/// The links of several objects under a rule, by object.
///
/// # Errors
/// Any error of the database.
pub fn get_all(tx: &mut Tx, rule: i64, objects: &[i64]) -> Result<HashMap<i64, Link>> {
    let mut found = HashMap::with_capacity(objects.len());
    tx.batches(
        &[rule.into()],
        objects,
        |object| [Param::Int(*object)],
        |list| {
            format!(
                "SELECT {} FROM link l WHERE l.rule = $1 AND l.object IN ({list})",
                columns!()
            )
        },
        |row| {
            let link = read(row)?;
            found.insert(link.object, link);
            Ok(())
        },
    )?;
    Ok(found)
}

/// The links to a target object, by its id there, under any rule of the connection.
///
/// # Errors
/// Any error of the database.
pub fn by_target_id(tx: &mut Tx, connection: i64, target_id: &str) -> Result<Vec<Link>> {
    tx.query(BY_TARGET_ID, &[connection.into(), target_id.into()], read)
}

/// The link of an object under a rule.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, rule: i64, object: i64) -> Result<Option<Link>> {
    tx.first(GET, &[rule.into(), object.into()], read)
}

/// All links of a directory object: in which targets it is.
///
/// # Errors
/// Any error of the database.
pub fn of_object(tx: &mut Tx, object: i64) -> Result<Vec<Link>> {
    tx.query(OF_OBJECT, &[object.into()], read)
}

/// All links by the object's public id, also of an object that is gone.
///
/// # Errors
/// Any error of the database.
pub fn by_object_id(tx: &mut Tx, id: Uuid) -> Result<Vec<Link>> {
    tx.query(BY_OBJECT_ID, &[id.into()], read)
}

/// Links by the name of their object, also of objects that are gone; at most 20.
///
/// # Errors
/// Any error of the database.
pub fn by_label(tx: &mut Tx, label: &str) -> Result<Vec<Link>> {
    tx.query(BY_LABEL, &[label.into()], read)
}

/// The target's id of a directory object by its key, under any rule of the connection: for members.
///
/// # Errors
/// Any error of the database.
pub fn target_of_key(tx: &mut Tx, connection: i64, object: i64) -> Result<Option<String>> {
    tx.first(TARGET_OF_KEY, &[object.into(), connection.into()], |r| r.text(0))
}

/// A rule's links of a stretch of the directory, in key order.
///
/// # Errors
/// Any error of the database.
pub fn in_range(tx: &mut Tx, rule: i64, range: crate::directory::Range) -> Result<Vec<Link>> {
    tx.query(
        IN_RANGE,
        &[rule.into(), range.after.into(), range.upto.into()],
        read,
    )
}

/// Keys of linked objects that are gone from the directory.
///
/// # Errors
/// Any error of the database.
pub fn orphans(tx: &mut Tx, rule: i64) -> Result<Vec<i64>> {
    tx.query(ORPHAN_KEYS, &[rule.into()], |r| r.int(0))
}

/// The names of the groups in which a connection's target was told that a person is, at most `limit`.
///
/// # Errors
/// Any error of the database.
pub fn group_names(tx: &mut Tx, connection: i64, member: i64, limit: i64) -> Result<Vec<String>> {
    let params = [member.into(), connection.into(), limit.into()];
    tx.query(GROUP_NAMES, &params, |r| r.text(0))
}

/// Whether the object is linked under any rule of the connection.
///
/// # Errors
/// Any error of the database.
pub fn is_linked(tx: &mut Tx, connection: i64, object: i64) -> Result<bool> {
    Ok(tx
        .first(IS_LINKED, &[object.into(), connection.into()], |_| Ok(()))?
        .is_some())
}

/// How many memberships a rule has written.
///
/// # Errors
/// Any error of the database.
pub fn count_members(tx: &mut Tx, rule: i64) -> Result<i64> {
    Ok(tx
        .first(COUNT_MEMBERS, &[rule.into()], |r| r.int(0))?
        .unwrap_or(0))
}

/// How many members of a group a rule has written.
///
/// # Errors
/// Any error of the database.
pub fn count_group(tx: &mut Tx, rule: i64, group: i64) -> Result<i64> {
    Ok(tx
        .first(COUNT_GROUP, &[rule.into(), group.into()], |r| r.int(0))?
        .unwrap_or(0))
}

/// Which directory object is linked to a target object.
///
/// # Errors
/// Any error of the database.
pub fn object_of_target(tx: &mut Tx, rule: i64, target_id: &str) -> Result<Option<i64>> {
    tx.first(BY_TARGET, &[rule.into(), target_id.into()], |r| r.int(0))
}

/// Which directory objects are linked to several target objects, by the target's ids.
///
/// # Errors
/// Any error of the database.
pub fn objects_of_targets(tx: &mut Tx, rule: i64, target_ids: &[&str]) -> Result<HashMap<String, i64>> {
    let mut found = HashMap::with_capacity(target_ids.len());
    tx.batches(
        &[rule.into()],
        target_ids,
        |id| [Param::Text(id)],
        |list| format!("SELECT target_id, object FROM link WHERE rule = $1 AND target_id IN ({list})"),
        |row| {
            found.insert(row.text(0)?, row.int(1)?);
            Ok(())
        },
    )?;
    Ok(found)
}

/// How many objects a rule has linked.
///
/// # Errors
/// Any error of the database.
pub fn count(tx: &mut Tx, rule: i64) -> Result<i64> {
    Ok(tx.first(COUNT, &[rule.into()], |r| r.int(0))?.unwrap_or(0))
}

/// The target's id of a directory object, under any rule of the connection: for references and members.
///
/// # Errors
/// Any error of the database.
pub fn target_of(tx: &mut Tx, connection: i64, object_id: Uuid) -> Result<Option<String>> {
    tx.first(TARGET_OF, &[object_id.into(), connection.into()], |r| r.text(0))
}

/// Notes that a membership is in the target.
///
/// # Errors
/// Any error of the database.
pub fn add_member(tx: &mut Tx, rule: i64, group: i64, member: i64) -> Result<()> {
    tx.execute(ADD_MEMBER, &[rule.into(), group.into(), member.into()])?;
    Ok(())
}

/// Notes memberships of a group that are in the target.
///
/// # Errors
/// Any error of the database.
pub fn add_members(tx: &mut Tx, rule: i64, group: i64, members: &[i64]) -> Result<()> {
    tx.batches(
        &[],
        members,
        |member| [rule.into(), group.into(), Param::Int(*member)],
        |list| {
            format!(
                "INSERT INTO link_member (rule, group_key, member_key) VALUES {list} ON CONFLICT DO NOTHING"
            )
        },
        |_| Ok(()),
    )
}

/// Notes memberships of a group that are no longer in the target.
///
/// # Errors
/// Any error of the database.
pub fn drop_members(tx: &mut Tx, rule: i64, group: i64, members: &[i64]) -> Result<()> {
    tx.batches(
        &[rule.into(), group.into()],
        members,
        |member| [Param::Int(*member)],
        |list| {
            format!("DELETE FROM link_member WHERE rule = $1 AND group_key = $2 AND member_key IN ({list})")
        },
        |_| Ok(()),
    )
}

/// Notes that a membership is no longer in the target.
///
/// # Errors
/// Any error of the database.
pub fn drop_member(tx: &mut Tx, rule: i64, group: i64, member: i64) -> Result<()> {
    tx.execute(DROP_MEMBER, &[rule.into(), group.into(), member.into()])?;
    Ok(())
}

/// Notes that an account is gone from the target, and with it all its memberships.
///
/// # Errors
/// Any error of the database.
pub fn drop_member_everywhere(tx: &mut Tx, rule: i64, member: i64) -> Result<()> {
    tx.execute(DROP_MEMBER_EVERYWHERE, &[rule.into(), member.into()])?;
    Ok(())
}

/// The members of a group that are in the target.
///
/// # Errors
/// Any error of the database.
pub fn members(tx: &mut Tx, rule: i64, group: i64) -> Result<Vec<i64>> {
    tx.query(MEMBERS, &[rule.into(), group.into()], |r| r.int(0))
}

/// The groups in the target that a member is in.
///
/// # Errors
/// Any error of the database.
pub fn groups_of(tx: &mut Tx, rule: i64, member: i64) -> Result<Vec<i64>> {
    tx.query(GROUPS, &[rule.into(), member.into()], |r| r.int(0))
}

/// Whether a membership is in the target.
///
/// # Errors
/// Any error of the database.
pub fn has_member(tx: &mut Tx, rule: i64, group: i64, member: i64) -> Result<bool> {
    Ok(tx
        .first(
            HAS_MEMBER,
            &[rule.into(), group.into(), member.into()],
            |_| Ok(()),
        )?
        .is_some())
}
