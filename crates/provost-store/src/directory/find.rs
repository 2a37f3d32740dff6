//! Looking objects up.

use super::{Object, ObjectRow, Owner, Placed, columns, kind_number, kind_of, read};
use crate::{Error, Param, Result, Tx};
use provost_engine::object::Kind;
use provost_scim::resource;
use std::collections::HashMap;
use uuid::Uuid;

crate::statements! {
    BY_ID = concat!("SELECT ", columns!(), " FROM object o WHERE o.id = $1 AND o.owner = $2 AND o.kind = $3");
    BY_KEY = concat!("SELECT ", columns!(), " FROM object o WHERE o.key = $1");
    FIND = concat!("SELECT ", columns!(), " FROM object o WHERE +o.workspace = $1 AND \
            (o.name_key = $2 OR o.display_key = $3 OR o.external_id = $4 OR o.email_key = $5 OR o.id = $6) ORDER BY o.key LIMIT 20");
    HOLDER = concat!("SELECT ", columns!(), " FROM object o WHERE o.name_key = $1 AND +o.workspace = $2 AND o.kind = $3 \
              ORDER BY o.key LIMIT 1");
    NAMESAKE = concat!("SELECT ", columns!(), " FROM object o WHERE o.name_key = $1 AND o.realm = $2 AND o.kind = $3");
    IN_RANGE = concat!("SELECT ", columns!(), " FROM object o WHERE o.key > $1 AND o.key <= $2 AND +o.workspace = $3 \
                AND +o.kind = $4 ORDER BY o.key");
    PAGE = concat!("SELECT ", columns!(), " FROM object o WHERE o.key > $1 AND +o.workspace = $2 AND +o.kind = $3 \
            ORDER BY o.key LIMIT $4");
    HIGHEST = "SELECT COALESCE(MAX(key), 0) FROM object";
    KEY_BY_ID = "SELECT key, kind FROM object WHERE id = $1 AND workspace = $2";
    PLACEMENT = "SELECT role, team, permission FROM object WHERE key = $1";
    COUNT_OWNED = "SELECT CAST(COALESCE(SUM(l.objects), 0) AS BIGINT) FROM live_count l WHERE l.kind = $1 AND l.owner = $2";
    COUNT = "SELECT CAST(COALESCE(SUM(l.objects), 0) AS BIGINT) FROM live_count l WHERE l.kind = $1 AND (l.owner = $2 \
             OR l.owner IN (SELECT key FROM inbound_provider WHERE workspace = $3))";
}

/// The owner's object with this public id. Another owner's object is absent.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, owner: Owner, kind: Kind, id: Uuid) -> Result<Option<Object>> {
    tx.first(
        BY_ID,
        &[id.into(), owner.key.into(), kind_number(kind).into()],
        read,
    )
}

/// The object with this inside key, for the engine's side.
///
/// # Errors
/// Any error of the database.
pub fn by_key(tx: &mut Tx, key: i64) -> Result<Option<Object>> {
    tx.first(BY_KEY, &[key.into()], read)
}

/// Who has a name in the workspace, whatever the owner: a person's userName, or a group's displayName (the
/// oldest group's, where several owners have one of that name). The name may be given as it was written.
///
/// # Errors
/// Any error of the database.
pub fn holder(tx: &mut Tx, workspace: i64, kind: Kind, name: &str) -> Result<Option<Object>> {
    let name = resource::folded(name);
    let params = [name.as_ref().into(), workspace.into(), kind_number(kind).into()];
    tx.first(HOLDER, &params, read)
}

/// Who has a folded name where it must be unique.
pub(crate) fn namesake(tx: &mut Tx, owner: Owner, kind: Kind, name: &str) -> Result<Option<Object>> {
    let params = [name.into(), owner.realm(kind).into(), kind_number(kind).into()];
    tx.first(NAMESAKE, &params, read)
}

/// The role, the team and the permission of a person.
///
/// # Errors
/// Any error of the database.
pub fn placement(tx: &mut Tx, key: i64) -> Result<Option<Placed>> {
    tx.first(PLACEMENT, &[key.into()], |row| {
        Ok(Placed {
            role: row.text_or_null(0)?,
            team: row.text_or_null(1)?,
            permission: row.text_or_null(2)?,
        })
    })
}

/// Key and label of those of the owner's objects that have one of these public ids: for members.
pub(crate) fn keys_of(tx: &mut Tx, owner: Owner, ids: &[Uuid]) -> Result<HashMap<Uuid, (i64, String)>> {
    let mut found = HashMap::with_capacity(ids.len());
    let first = [owner.key.into()];
    tx.batches(
        &first,
        ids,
        |id| [Param::Uuid(*id)],
        |list| format!("SELECT o.id, o.key, o.label FROM object o WHERE +o.owner = $1 AND o.id IN ({list})"),
        |row| {
            found.insert(row.uuid(0)?, (row.int(1)?, row.text(2)?));
            Ok(())
        },
    )?;
    Ok(found)
}

/// The public ids of the objects with these inside keys; who is gone is left out.
pub(crate) fn ids_of(tx: &mut Tx, keys: &[i64]) -> Result<Vec<(i64, Uuid)>> {
    let mut found = Vec::with_capacity(keys.len());
    tx.batches(
        &[],
        keys,
        |key| [Param::Int(*key)],
        |list| format!("SELECT o.key, o.id FROM object o WHERE o.key IN ({list})"),
        |row| {
            found.push((row.int(0)?, row.uuid(1)?));
            Ok(())
        },
    )?;
    Ok(found)
}

/// Key and kind of the workspace's object with this public id: for references.
///
/// # Errors
/// Any error of the database.
pub fn key_by_id(tx: &mut Tx, workspace: i64, id: Uuid) -> Result<Option<(i64, Kind)>> {
    tx.first(KEY_BY_ID, &[id.into(), workspace.into()], |r| {
        Ok((r.int(0)?, kind_of(r.int(1)?)))
    })
}

/// What a person might mean by `text`: a public id, user name, display name, external id or e-mail address,
/// anywhere in the workspace. At most 20.
///
/// # Errors
/// Any error of the database.
pub fn find(tx: &mut Tx, workspace: i64, text: &str) -> Result<Vec<Object>> {
    let folded = resource::fold(text);
    let id = Uuid::parse_str(text).unwrap_or_default();
    let params = [
        workspace.into(),
        (&folded).into(),
        (&folded).into(),
        text.into(),
        (&folded).into(),
        id.into(),
    ];
    tx.query(FIND, &params, read)
}

/// The workspace's people or groups with keys above `after`, in order of creation, at most `limit`.
///
/// # Errors
/// Any error of the database.
pub fn page(tx: &mut Tx, workspace: i64, kind: Kind, after: i64, limit: i64) -> Result<Vec<Object>> {
    let params = [
        after.into(),
        workspace.into(),
        kind_number(kind).into(),
        limit.into(),
    ];
    tx.query(PAGE, &params, read)
}

/// Keys above `after`, up to and including `upto`: a stretch of the directory that one read looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The key before the first.
    pub after: i64,
    /// The last key.
    pub upto: i64,
}

/// Hands the workspace's objects of a stretch, in key order, to `each`.
///
/// # Errors
/// Any error of the database or of `each`.
pub fn for_each(
    tx: &mut Tx,
    workspace: i64,
    kind: Kind,
    range: Range,
    mut each: impl FnMut(&ObjectRow) -> Result<()>,
) -> Result<()> {
    let params = [
        range.after.into(),
        range.upto.into(),
        workspace.into(),
        kind_number(kind).into(),
    ];
    tx.for_each(IN_RANGE, &params, |row| {
        each(&ObjectRow::of(row))?;
        Ok(true)
    })
}

/// The highest key of any object: where the stretches end.
///
/// # Errors
/// Any error of the database.
pub fn highest_key(tx: &mut Tx) -> Result<i64> {
    Ok(tx.first(HIGHEST, &[], |row| row.int(0))?.unwrap_or(0))
}

/// How many people or groups a workspace has, by the counters.
///
/// # Errors
/// Any error of the database.
pub fn count(tx: &mut Tx, workspace: i64, kind: Kind) -> Result<i64> {
    let params = [kind_number(kind).into(), workspace.into(), workspace.into()];
    tx.first(COUNT, &params, |r| r.int(0))?
        .ok_or_else(|| Error::Damaged("the live counts are missing".into()))
}

/// How many people or groups one owner has, by the counters.
///
/// # Errors
/// Any error of the database.
pub fn count_owned(tx: &mut Tx, owner: Owner, kind: Kind) -> Result<i64> {
    tx.first(COUNT_OWNED, &[kind_number(kind).into(), owner.key.into()], |r| {
        r.int(0)
    })?
    .ok_or_else(|| Error::Damaged("the live counts are missing".into()))
}
