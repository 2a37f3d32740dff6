//! Making, changing and deleting objects.

use super::{Change, Keys, Object, Owner, Placement, kind_number, verb};
use crate::{Error, Result, Tx, audit, change_log, identifier, member, person_signin, recycle};
use provost_engine::object::Kind;
use provost_scim::resource::{self, Document};
use uuid::Uuid;

crate::statements! {
    // An administrator's block outlives the deletion: who comes back under the same name is still blocked.
    INSERT = "INSERT INTO object (key, id, workspace, owner, kind, realm, name_key, display_key, external_id, \
              email_key, label, active, version, created, modified, document, role, team, permission, blocked) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $15, $16, $17, $18, \
              (SELECT MIN(d.blocked) FROM deleted_object d WHERE d.name_key = $19 AND d.workspace = $20 AND d.kind = $21)) \
              RETURNING blocked";
    BRING_BACK = "INSERT INTO object (key, id, workspace, owner, kind, realm, name_key, display_key, external_id, \
                  email_key, label, active, version, created, modified, document, role, team, permission, blocked) \
                  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)";
    // Names no column that an index holds: neither database touches an index.
    UPDATE_NARROW = "UPDATE object SET label = $1, active = $2, version = version + 1, modified = $3, document = $4 \
                     WHERE key = $5";
    UPDATE = "UPDATE object SET name_key = $1, display_key = $2, external_id = $3, email_key = $4, label = $5, \
              active = $6, version = version + 1, modified = $7, document = $8 WHERE key = $9";
    HAND_OVER = "UPDATE object SET owner = $1, external_id = NULL, version = version + 1, modified = $2, document = $3 \
                 WHERE key = $4";
    TOUCH = "UPDATE object SET version = version + 1, modified = $1 WHERE key = $2";
    DELETE = "DELETE FROM object WHERE key = $1";
    ADD_EMAIL = "INSERT INTO further_email (email_key, object) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    DROP_EMAILS = "DELETE FROM further_email WHERE object = $1";
}

/// Creates a person or a group with the public id `id`. `placement` is for people; a group's is not kept.
///
/// A person whose name an administrator blocked before the person was deleted is blocked from the beginning.
///
/// # Errors
/// [`Error::Conflict`] when a person's userName is taken in the workspace, or a group's displayName by the
/// same owner.
pub fn create(
    tx: &mut Tx,
    change: &Change,
    kind: Kind,
    id: Uuid,
    document: &Document,
    placement: &Placement,
) -> Result<Object> {
    let keys = Keys::of(kind, document);
    let owner = change.owner;
    let (key, number) = (tx.key(), kind_number(kind));
    let text = resource::to_text(document);
    let placed = (kind == Kind::Person).then_some(placement);
    let params = [
        key.into(),
        id.into(),
        owner.workspace.into(),
        owner.key.into(),
        number.into(),
        owner.realm(kind).into(),
        (&keys.name).into(),
        keys.display.as_deref().into(),
        keys.external_param(),
        keys.first_email().into(),
        (&keys.label).into(),
        keys.active.into(),
        change.now.into(),
        change.now.into(),
        (&text).into(),
        placed.map(|p| p.role).into(),
        placed.and_then(|p| p.team).into(),
        placed.and_then(|p| p.permission).into(),
        (&keys.name).into(),
        owner.workspace.into(),
        number.into(),
    ];
    let blocked = tx.first(INSERT, &params, |row| row.int_or_null(0))?.flatten();
    add_further_emails(tx, key, &keys)?;
    let object = Object {
        key,
        id,
        workspace: owner.workspace,
        owner: owner.key,
        kind,
        version: 1,
        created: change.now,
        modified: change.now,
        active: keys.active,
        blocked,
        label: keys.label.clone(),
        document: text,
    };
    arrived(tx, change, &object, &keys.name)?;
    let action = verb(kind, "person.create", "group.create");
    let detail = if blocked.is_some() { "blocked" } else { "" };
    note(tx, change, &object, action, detail)?;
    Ok(object)
}

/// What follows when a row has come into the table: the counters, the change log and the lists of identifiers know of it.
fn arrived(tx: &mut Tx, change: &Change, object: &Object, name: &str) -> Result<()> {
    if object.kind == Kind::Person {
        identifier::arrived(tx, object.workspace, object.key, name)?;
    }
    tx.live(object.owner, kind_number(object.kind), object.key, 1);
    tx.note_arrival(object.key);
    let action = change_log::Action::Create;
    change_log::append(tx, change, action, object.kind, object.key, 0)
}

fn note(tx: &mut Tx, change: &Change, object: &Object, action: &str, detail: &str) -> Result<()> {
    let workspace = object.workspace;
    audit::append(tx, workspace, change.now, change.actor, action, object.id, detail)
}

fn add_further_emails(tx: &mut Tx, key: i64, keys: &Keys) -> Result<()> {
    for email in keys.further_emails() {
        tx.execute(ADD_EMAIL, &[email.into(), key.into()])?;
    }
    Ok(())
}

/// Puts a new document in the place of `current`'s. `None`: nothing differs, so nothing was written.
///
/// # Errors
/// As [`create`].
pub fn replace(
    tx: &mut Tx,
    change: &Change,
    current: &Object,
    document: &Document,
) -> Result<Option<Object>> {
    let text = resource::to_text(document);
    if text == current.document {
        return Ok(None);
    }
    let before: Document = serde_json::from_str(&current.document).unwrap_or_default();
    let (old, new) = (Keys::of(current.kind, &before), Keys::of(current.kind, document));
    update(tx, change, current, &text, &old, &new)?;
    if current.kind == Kind::Person && old.active && !new.active {
        person_signin::shut(tx, change.now, current.key)?;
    }
    let action = change_log::Action::Update;
    change_log::append(tx, change, action, current.kind, current.key, 0)?;
    let action = verb(current.kind, "person.update", "group.update");
    note(
        tx,
        change,
        current,
        action,
        &changed_attributes(&before, document),
    )?;
    Ok(Some(Object {
        version: current.version + 1,
        modified: change.now,
        active: new.active,
        label: new.label,
        document: text,
        ..current.clone()
    }))
}

/// Writes the row, and the index columns and e-mail rows only where they differ: most changes (`active`
/// above all) are of values that no index holds.
fn update(tx: &mut Tx, change: &Change, current: &Object, text: &str, old: &Keys, new: &Keys) -> Result<()> {
    if new.same_columns(old) {
        let params = [
            (&new.label).into(),
            new.active.into(),
            change.now.into(),
            text.into(),
            current.key.into(),
        ];
        tx.execute(UPDATE_NARROW, &params)?;
    } else {
        let params = [
            (&new.name).into(),
            new.display.as_deref().into(),
            new.external_param(),
            new.first_email().into(),
            (&new.label).into(),
            new.active.into(),
            change.now.into(),
            text.into(),
            current.key.into(),
        ];
        tx.execute(UPDATE, &params)?;
        if new.name != old.name && current.kind == Kind::Person {
            identifier::renamed(tx, current.key, &new.name)?;
        }
    }
    if new.further_emails() != old.further_emails() {
        tx.execute(DROP_EMAILS, &[current.key.into()])?;
        add_further_emails(tx, current.key, new)?;
    }
    Ok(())
}

/// The names of the attributes that differ: the audit log says what changed, not the values.
fn changed_attributes(before: &Document, after: &Document) -> String {
    let names = after
        .keys()
        .chain(before.keys())
        .collect::<std::collections::BTreeSet<_>>();
    let changed: Vec<&str> = names
        .into_iter()
        .filter(|n| before.get(*n) != after.get(*n))
        .map(String::as_str)
        .collect();
    changed.join(" ")
}

/// Raises a group's version because its members changed.
pub(crate) fn touch(tx: &mut Tx, now: i64, key: i64) -> Result<()> {
    tx.execute(TOUCH, &[now.into(), key.into()])?;
    Ok(())
}

/// Moves the object and its memberships to the recycle bin; its name is free at once. Links stay: they are
/// how a cycle learns what to remove elsewhere, and how it finds the account again after a restore.
///
/// # Errors
/// Any error of the database.
pub fn delete(tx: &mut Tx, change: &Change, current: &Object) -> Result<()> {
    recycle::keep(tx, change, current)?;
    member::forget(tx, change, current)?;
    tx.execute(DROP_EMAILS, &[current.key.into()])?;
    tx.execute(DELETE, &[current.key.into()])?;
    if current.kind == Kind::Person {
        person_signin::shut(tx, change.now, current.key)?;
        identifier::left(tx, current.key)?;
    }
    tx.live(current.owner, kind_number(current.kind), current.key, -1);
    let action = change_log::Action::Delete;
    change_log::append(tx, change, action, current.kind, current.key, 0)?;
    note(
        tx,
        change,
        current,
        verb(current.kind, "person.delete", "group.delete"),
        "",
    )
}

/// Puts a deleted object back under its key and id. Its name must be free.
pub(crate) fn bring_back(tx: &mut Tx, change: &Change, deleted: &recycle::Deleted) -> Result<Object> {
    let document: Document =
        serde_json::from_str(&deleted.document).map_err(|e| Error::Damaged(e.to_string()))?;
    let keys = Keys::of(deleted.kind, &document);
    let object = Object {
        key: deleted.key,
        id: deleted.id,
        workspace: deleted.workspace,
        owner: deleted.owner,
        kind: deleted.kind,
        version: deleted.version + 1,
        created: deleted.created,
        modified: change.now,
        active: keys.active,
        blocked: deleted.blocked,
        label: deleted.label.clone(),
        document: deleted.document.clone(),
    };
    let params = [
        object.key.into(),
        object.id.into(),
        object.workspace.into(),
        object.owner.into(),
        kind_number(object.kind).into(),
        object.owned_by().realm(object.kind).into(),
        (&keys.name).into(),
        keys.display.as_deref().into(),
        keys.external_param(),
        keys.first_email().into(),
        (&object.label).into(),
        object.active.into(),
        object.version.into(),
        object.created.into(),
        object.modified.into(),
        (&object.document).into(),
        deleted.placed.role.as_deref().into(),
        deleted.placed.team.as_deref().into(),
        deleted.placed.permission.as_deref().into(),
        object.blocked.into(),
    ];
    tx.execute(BRING_BACK, &params)?;
    add_further_emails(tx, object.key, &keys)?;
    arrived(tx, change, &object, &keys.name)?;
    Ok(object)
}

/// Gives a person to another owner of the workspace. The `externalId` goes: it meant something only to the
/// identity provider that set it (RFC 7643 section 3.1).
pub(crate) fn hand_over(tx: &mut Tx, change: &Change, object: &Object, to: Owner) -> Result<Object> {
    let mut document: Document =
        serde_json::from_str(&object.document).map_err(|e| Error::Damaged(e.to_string()))?;
    document.remove("externalId");
    let text = resource::to_text(&document);
    let params = [
        to.key.into(),
        change.now.into(),
        (&text).into(),
        object.key.into(),
    ];
    tx.execute(HAND_OVER, &params)?;
    let number = kind_number(object.kind);
    tx.live(object.owner, number, object.key, -1);
    tx.live(to.key, number, object.key, 1);
    let action = change_log::Action::Update;
    change_log::append(tx, change, action, object.kind, object.key, 0)?;
    Ok(Object {
        owner: to.key,
        version: object.version + 1,
        modified: change.now,
        document: text,
        ..object.clone()
    })
}
