//! The recycle bin: deleted people and groups as they were, until their time is over. A row that is here is
//! in no other table, so no statement can show somebody who is gone.

use crate::directory::{self, Change, Object, Owner, Placed, kind_number, kind_of, verb};
use crate::{
    Error, Result, Row, Tx, assignment, audit, doubt, group_licence, identifier, leaver, member,
    microsoft_365, person_signin, protection, provider, sync_status,
};
use provost_engine::object::Kind;
use provost_scim::resource;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "d.key, d.id, d.workspace, d.owner, d.kind, d.name_key, d.label, d.document, d.version, d.role, d.team, d.permission, \
         d.blocked, d.created, d.deleted, d.deleted_by, d.purge_after"
    };
}

crate::statements! {
    KEEP = "INSERT INTO deleted_object (key, id, workspace, owner, kind, name_key, label, document, version, role, team, \
            permission, blocked, created, deleted, deleted_by, purge_after) \
            SELECT o.key, o.id, o.workspace, o.owner, o.kind, o.name_key, o.label, o.document, o.version, o.role, o.team, \
            o.permission, o.blocked, o.created, CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS BIGINT) \
            FROM object o WHERE o.key = $4";
    KEEP_GROUPS = "INSERT INTO deleted_member (deleted, group_key, member_key, display) \
                   SELECT m.member_key, m.group_key, m.member_key, m.display FROM member m WHERE m.member_key = $1";
    // A group may be its own member.
    KEEP_MEMBERS = "INSERT INTO deleted_member (deleted, group_key, member_key, display) \
                    SELECT m.group_key, m.group_key, m.member_key, m.display FROM member m WHERE m.group_key = $1 \
                    ON CONFLICT DO NOTHING";
    GET = concat!("SELECT ", columns!(), " FROM deleted_object d WHERE d.key = $1");
    ALL = concat!("SELECT ", columns!(), " FROM deleted_object d WHERE d.workspace = $1 AND d.kind = $2 AND d.key > $3 \
           ORDER BY d.key LIMIT $4");
    FIND = concat!("SELECT ", columns!(), " FROM deleted_object d WHERE +d.workspace = $1 AND \
            (d.name_key = $2 OR d.id = $3) ORDER BY d.deleted DESC, d.key DESC LIMIT 20");
    DUE = "SELECT d.key FROM deleted_object d WHERE d.purge_after <= $1 AND d.blocked IS NULL ORDER BY d.purge_after LIMIT $2";
    DROP = "DELETE FROM deleted_object WHERE key = $1";
    DROP_MEMBERS = "DELETE FROM deleted_member WHERE deleted = $1";
    // A membership whose other end is in the bin as well waits there.
    PASS_ON = "INSERT INTO deleted_member (deleted, group_key, member_key, display) \
               SELECT d.key, w.group_key, w.member_key, w.display FROM deleted_member w JOIN deleted_object d \
               ON (d.key = w.group_key OR d.key = w.member_key) WHERE w.deleted = $1 ON CONFLICT DO NOTHING";
}

/// How long the bin keeps what the workspace itself owned, in days.
const DAYS: u32 = 30;
const DAY: i64 = 86_400_000;

/// A deleted person or group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// The inside key, here and after a restore.
    pub key: i64,
    /// The public id, here and after a restore.
    pub id: Uuid,
    /// The key of the workspace.
    pub workspace: i64,
    /// The key of the owner.
    pub owner: i64,
    /// Person or group.
    pub kind: Kind,
    /// Its name as it is compared: the userName or the displayName, folded.
    pub name: String,
    /// What it was called.
    pub label: String,
    /// The SCIM document as JSON text.
    pub document: String,
    /// The version at the end.
    pub version: i64,
    /// What the person might do.
    pub placed: Placed,
    /// When an administrator had blocked the person, if one had.
    pub blocked: Option<i64>,
    /// When it was made.
    pub created: i64,
    /// When it was deleted.
    pub deleted: i64,
    /// Who deleted it.
    pub deleted_by: String,
    /// From when on it may be removed for good.
    pub purge_after: i64,
}

impl Deleted {
    fn owned_by(&self) -> Owner {
        Owner {
            workspace: self.workspace,
            key: self.owner,
        }
    }
}

fn read(row: &Row) -> Result<Deleted> {
    Ok(Deleted {
        key: row.int(0)?,
        id: row.uuid(1)?,
        workspace: row.int(2)?,
        owner: row.int(3)?,
        kind: kind_of(row.int(4)?),
        name: row.text(5)?,
        label: row.text(6)?,
        document: row.text(7)?,
        version: row.int(8)?,
        placed: Placed {
            role: row.text_or_null(9)?,
            team: row.text_or_null(10)?,
            permission: row.text_or_null(11)?,
        },
        blocked: row.int_or_null(12)?,
        created: row.int(13)?,
        deleted: row.int(14)?,
        deleted_by: row.text(15)?,
        purge_after: row.int(16)?,
    })
}

/// Copies an object that is being deleted, with its memberships on either side.
pub(crate) fn keep(tx: &mut Tx, change: &Change, object: &Object) -> Result<()> {
    let days = match provider::by_key(tx, object.owner)? {
        Some(provider) => provider.settings.recycle_days,
        None => DAYS,
    };
    let params = [
        change.now.into(),
        change.actor.into(),
        (change.now + i64::from(days) * DAY).into(),
        object.key.into(),
    ];
    tx.execute(KEEP, &params)?;
    tx.execute(KEEP_GROUPS, &[object.key.into()])?;
    if object.kind == Kind::Group {
        tx.execute(KEEP_MEMBERS, &[object.key.into()])?;
    }
    Ok(())
}

/// The workspace's deleted people or groups with keys above `after`, at most `limit`, in key order.
///
/// # Errors
/// Any error of the database.
pub fn all(tx: &mut Tx, workspace: i64, kind: Kind, after: i64, limit: i64) -> Result<Vec<Deleted>> {
    let params = [
        workspace.into(),
        kind_number(kind).into(),
        after.into(),
        limit.into(),
    ];
    tx.query(ALL, &params, read)
}

/// The deleted object with this inside key.
///
/// # Errors
/// Any error of the database.
pub fn get(tx: &mut Tx, key: i64) -> Result<Option<Deleted>> {
    tx.first(GET, &[key.into()], read)
}

/// What a person might mean by `text`: a public id, a userName or a group's displayName. At most 20, those
/// deleted last first.
///
/// # Errors
/// Any error of the database.
pub fn find(tx: &mut Tx, workspace: i64, text: &str) -> Result<Vec<Deleted>> {
    let name = resource::fold(text);
    let id = Uuid::parse_str(text).unwrap_or_default();
    tx.query(FIND, &[workspace.into(), (&name).into(), id.into()], read)
}

/// Puts a deleted object back: the same key, the same id, the memberships whose other end still exists. The
/// change log tells the engine, which enables the account again that it had disabled.
///
/// # Errors
/// [`Error::Refused`] when it is not in the bin, and when its name has been taken since; the sentence says by
/// whom.
pub fn restore(tx: &mut Tx, actor: &str, now: i64, key: i64) -> Result<Object> {
    let deleted = get(tx, key)?.ok_or_else(gone)?;
    let change = Change {
        owner: deleted.owned_by(),
        actor,
        now,
    };
    refuse_taken(tx, &deleted)?;
    tx.execute(DROP, &[key.into()])?;
    let object = directory::bring_back(tx, &change, &deleted)?;
    let members = member::bring_back(tx, &change, &object)?;
    tx.execute(PASS_ON, &[key.into()])?;
    tx.execute(DROP_MEMBERS, &[key.into()])?;
    let action = verb(deleted.kind, "person.restore", "group.restore");
    let detail = format!("{members} memberships");
    audit::append(tx, deleted.workspace, now, actor, action, deleted.id, &detail)?;
    Ok(object)
}

/// The check comes before the insert: a failed insert would end PostgreSQL's transaction.
fn refuse_taken(tx: &mut Tx, deleted: &Deleted) -> Result<()> {
    let Some(holder) = directory::namesake(tx, deleted.owned_by(), deleted.kind, &deleted.name)? else {
        return Ok(());
    };
    let whose = match provider::by_key(tx, holder.owner)? {
        Some(provider) => format!("provider {}", provider.name),
        None => "the administrators".into(),
    };
    let sentence = format!(
        "{} cannot be restored, because the name now belongs to {} ({}) of {whose}",
        deleted.label, holder.label, holder.id
    );
    let hint = "Rename or delete that one first, then restore.";
    Err(Error::refused("PRV-RECYCLE-NAME-TAKEN", sentence, hint))
}

fn gone() -> Error {
    Error::refused(
        "PRV-RECYCLE-GONE",
        "this object is not in the recycle bin",
        "It was restored or purged meanwhile; list the deleted people and groups again.",
    )
}

/// Removes a deleted object for good, with the block that an administrator may have put on it.
///
/// # Errors
/// [`Error::Refused`] when it is not in the bin.
pub fn purge(tx: &mut Tx, actor: &str, now: i64, key: i64) -> Result<()> {
    let deleted = get(tx, key)?.ok_or_else(gone)?;
    drop_row(tx, key)?;
    let action = verb(deleted.kind, "person.purge", "group.purge");
    audit::append(tx, deleted.workspace, now, actor, action, deleted.id, "")
}

/// Removes what is past its time, at most `limit` objects; answers how many. A blocked person stays until
/// somebody purges them: otherwise a provider could lift the block by deleting and waiting.
///
/// # Errors
/// Any error of the database.
pub fn sweep(tx: &mut Tx, now: i64, limit: i64) -> Result<i64> {
    let due = tx.query(DUE, &[now.into(), limit.into()], |row| row.int(0))?;
    for key in &due {
        drop_row(tx, *key)?;
    }
    Ok(due.len() as i64)
}

fn drop_row(tx: &mut Tx, key: i64) -> Result<()> {
    assignment::forget(tx, key)?;
    microsoft_365::forget(tx, key)?;
    protection::forget(tx, key)?;
    group_licence::forget(tx, key)?;
    leaver::forget(tx, key)?;
    doubt::forget(tx, key)?;
    sync_status::forget(tx, key)?;
    person_signin::forget(tx, key)?;
    identifier::forget(tx, key)?;
    tx.execute(DROP_MEMBERS, &[key.into()])?;
    tx.execute(DROP, &[key.into()])?;
    Ok(())
}
