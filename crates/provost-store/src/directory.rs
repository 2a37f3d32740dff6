//! People and groups: the rows of `object`, with the change-log and audit rows that belong to each change.

use crate::{Error, Param, Result, Row, Tx, audit, change_log, member};
use provost_engine::object::Kind;
use provost_scim::resource::{self, Document};
use uuid::Uuid;

/// The columns of [`Object`], in its order.
macro_rules! columns {
    () => {
        "o.key, o.id, o.owner, o.kind, o.version, o.created, o.modified, o.active, o.label, o.document"
    };
}
pub(crate) use columns;

crate::statements! {
    INSERT = "INSERT INTO object (key, id, workspace, owner, kind, realm, name_key, display_key, external_id, \
              email_key, label, active, version, created, modified, document) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $15)";
    UPDATE = "UPDATE object SET name_key = $1, display_key = $2, external_id = $3, email_key = $4, label = $5, \
              active = $6, version = version + 1, modified = $7, document = $8 WHERE key = $9";
    TOUCH = "UPDATE object SET version = version + 1, modified = $1 WHERE key = $2";
    DELETE = "DELETE FROM object WHERE key = $1";
    BY_ID = concat!("SELECT ", columns!(), " FROM object o WHERE o.id = $1 AND o.owner = $2 AND o.kind = $3");
    BY_KEY = concat!("SELECT ", columns!(), " FROM object o WHERE o.key = $1");
    KEY_OF = "SELECT key, kind, label FROM object WHERE id = $1 AND owner = $2";
    FIND = concat!("SELECT ", columns!(), " FROM object o WHERE o.workspace = $1 AND \
            (o.name_key = $2 OR o.display_key = $3 OR o.external_id = $4 OR o.email_key = $5 OR o.id = $6) ORDER BY o.key LIMIT 20");
    IN_RANGE = concat!("SELECT ", columns!(), " FROM object o WHERE o.key > $1 AND o.key <= $2 AND o.workspace = $3 \
                AND o.kind = $4 ORDER BY o.key");
    HIGHEST = "SELECT COALESCE(MAX(key), 0) FROM object";
    KEY_BY_ID = "SELECT key, kind FROM object WHERE id = $1 AND workspace = $2";
    ADD_EMAIL = "INSERT INTO further_email (email_key, object) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    DROP_EMAILS = "DELETE FROM further_email WHERE object = $1";
    COUNT = "SELECT CAST(COALESCE(SUM(l.objects), 0) AS BIGINT) FROM live_count l WHERE l.kind = $1 AND (l.owner = $2 \
             OR l.owner IN (SELECT key FROM inbound_provider WHERE workspace = $3))";
}

/// Who owns the objects that a caller sees and touches: an inbound provider, or the workspace itself for
/// what administrators keep by hand. There is no lookup without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The workspace's key.
    pub workspace: i64,
    /// The provider's key, or the workspace's.
    pub key: i64,
}

/// Who changes something, when, and for which owner.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Whose objects.
    pub owner: Owner,
    /// For the audit log, e.g. `provider Entra`.
    pub actor: &'a str,
    /// Milliseconds since 1970.
    pub now: i64,
}

/// A person or a group as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// The inside key.
    pub key: i64,
    /// The public id.
    pub id: Uuid,
    /// The key of the owner.
    pub owner: i64,
    /// Person or group.
    pub kind: Kind,
    /// Rises by one with every change; the ETag.
    pub version: i64,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Whether a person may use what they have; groups are always active.
    pub active: bool,
    /// What to call it: display name, else user name.
    pub label: String,
    /// The SCIM document as JSON text, without `id`, `meta`, `groups` and `members`.
    pub document: String,
}

/// The number that stands for a kind in the database.
pub(crate) fn kind_number(kind: Kind) -> i64 {
    match kind {
        Kind::Person => 0,
        Kind::Group => 1,
    }
}

/// The kind behind a number.
pub(crate) fn kind_of(number: i64) -> Kind {
    if number == 1 { Kind::Group } else { Kind::Person }
}

/// Reads an [`Object`] from the columns that start at `at`.
pub(crate) fn read(row: &Row) -> Result<Object> {
    Ok(Object {
        key: row.int(0)?,
        id: row.uuid(1)?,
        owner: row.int(2)?,
        kind: kind_of(row.int(3)?),
        version: row.int(4)?,
        created: row.int(5)?,
        modified: row.int(6)?,
        active: row.bool(7)?,
        label: row.text(8)?,
        document: row.text(9)?,
    })
}

/// The values computed from a document by which it is found, all folded in Rust.
struct Keys {
    name: String,
    display: Option<String>,
    external: Option<String>,
    emails: Vec<String>,
    label: String,
    active: bool,
}

impl Keys {
    fn of(kind: Kind, document: &Document) -> Self {
        let display = resource::display_name(document);
        let user_name = resource::user_name(document);
        let name = if kind == Kind::Person { user_name } else { display }.unwrap_or_default();
        Self {
            name: resource::fold(name),
            display: if kind == Kind::Person {
                display.map(resource::fold)
            } else {
                None
            },
            external: resource::external_id(document).map(str::to_owned),
            emails: if kind == Kind::Person {
                resource::emails(document).map(resource::fold).collect()
            } else {
                Vec::new()
            },
            label: display.unwrap_or(name).to_owned(),
            active: kind == Kind::Group || resource::active(document),
        }
    }

    fn first_email(&self) -> Param<'_> {
        self.emails.first().map(String::as_str).into()
    }
}

/// Creates a person or a group with the public id `id`.
///
/// # Errors
/// [`Error::Conflict`] when a person's userName is taken in the workspace, or a group's displayName by the
/// same owner.
pub fn create(tx: &mut Tx, change: &Change, kind: Kind, id: Uuid, document: &Document) -> Result<Object> {
    let keys = Keys::of(kind, document);
    let owner = change.owner;
    let realm = if kind == Kind::Person {
        owner.workspace
    } else {
        owner.key
    };
    let key = tx.key();
    let number = kind_number(kind);
    let text = resource::to_text(document);
    tx.execute(
        INSERT,
        &[
            key.into(),
            id.into(),
            owner.workspace.into(),
            owner.key.into(),
            number.into(),
            realm.into(),
            (&keys.name).into(),
            keys.display.as_deref().into(),
            keys.external.as_deref().into(),
            keys.first_email(),
            (&keys.label).into(),
            keys.active.into(),
            change.now.into(),
            change.now.into(),
            (&text).into(),
        ],
    )?;
    add_further_emails(tx, key, &keys)?;
    tx.live(owner.key, number, key, 1);
    change_log::append(tx, change, change_log::Action::Create, kind, key, 0)?;
    audit::append(
        tx,
        change.owner.workspace,
        change.now,
        change.actor,
        verb(kind, "create"),
        id,
        "",
    )?;
    Ok(Object {
        key,
        id,
        owner: owner.key,
        kind,
        version: 1,
        created: change.now,
        modified: change.now,
        active: keys.active,
        label: keys.label,
        document: text,
    })
}

fn add_further_emails(tx: &mut Tx, key: i64, keys: &Keys) -> Result<()> {
    for email in keys.emails.iter().skip(1) {
        tx.execute(ADD_EMAIL, &[email.into(), key.into()])?;
    }
    Ok(())
}

/// The audit action's name.
fn verb(kind: Kind, action: &'static str) -> &'static str {
    match (kind, action) {
        (Kind::Person, "create") => "person.create",
        (Kind::Person, "update") => "person.update",
        (Kind::Person, _) => "person.delete",
        (Kind::Group, "create") => "group.create",
        (Kind::Group, "update") => "group.update",
        (Kind::Group, _) => "group.delete",
    }
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
    let keys = Keys::of(current.kind, document);
    tx.execute(
        UPDATE,
        &[
            (&keys.name).into(),
            keys.display.as_deref().into(),
            keys.external.as_deref().into(),
            keys.first_email(),
            (&keys.label).into(),
            keys.active.into(),
            change.now.into(),
            (&text).into(),
            current.key.into(),
        ],
    )?;
    tx.execute(DROP_EMAILS, &[current.key.into()])?;
    add_further_emails(tx, current.key, &keys)?;
    change_log::append(
        tx,
        change,
        change_log::Action::Update,
        current.kind,
        current.key,
        0,
    )?;
    let detail = changed_attributes(&current.document, document);
    let action = verb(current.kind, "update");
    audit::append(
        tx,
        change.owner.workspace,
        change.now,
        change.actor,
        action,
        current.id,
        &detail,
    )?;
    Ok(Some(Object {
        version: current.version + 1,
        modified: change.now,
        active: keys.active,
        label: keys.label,
        document: text,
        ..current.clone()
    }))
}

/// The names of the attributes that differ: the audit log says what changed, not the values.
fn changed_attributes(before: &str, after: &Document) -> String {
    let before: Document = serde_json::from_str(before).unwrap_or_default();
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

/// Removes the object and its memberships. Links stay: they are how a cycle learns what to remove elsewhere.
///
/// # Errors
/// Any error of the database.
pub fn delete(tx: &mut Tx, change: &Change, current: &Object) -> Result<()> {
    member::forget(tx, change, current)?;
    tx.execute(DROP_EMAILS, &[current.key.into()])?;
    tx.execute(DELETE, &[current.key.into()])?;
    tx.live(current.owner, kind_number(current.kind), current.key, -1);
    change_log::append(
        tx,
        change,
        change_log::Action::Delete,
        current.kind,
        current.key,
        0,
    )?;
    let action = verb(current.kind, "delete");
    audit::append(
        tx,
        change.owner.workspace,
        change.now,
        change.actor,
        action,
        current.id,
        "",
    )
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

/// Key, kind and label of the owner's object with this public id: for members.
pub(crate) fn key_of(tx: &mut Tx, owner: Owner, id: Uuid) -> Result<Option<(i64, Kind, String)>> {
    tx.first(KEY_OF, &[id.into(), owner.key.into()], |r| {
        Ok((r.int(0)?, kind_of(r.int(1)?), r.text(2)?))
    })
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
        each(&ObjectRow(row))?;
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

/// An object that is looked at in place, without copying its text.
pub struct ObjectRow<'a>(&'a Row<'a>);

impl ObjectRow<'_> {
    /// The inside key.
    pub fn key(&self) -> Result<i64> {
        self.0.int(0)
    }

    /// The public id.
    pub fn id(&self) -> Result<Uuid> {
        self.0.uuid(1)
    }

    /// The label.
    pub fn label(&self) -> Result<&str> {
        self.0.str(8)
    }

    /// The document's JSON text.
    pub fn document(&self) -> Result<&str> {
        self.0.str(9)
    }

    /// A copy of the whole object.
    pub fn to_object(&self) -> Result<Object> {
        read(self.0)
    }
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
