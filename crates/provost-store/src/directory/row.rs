//! A person or a group as it is kept, as a copy or in place.

use super::{Owner, kind_of};
use crate::{Error, Result, Row};
use provost_engine::object::Kind;
use serde_json::Value;
use uuid::Uuid;

/// The columns of [`Object`], in the order in which [`read`] takes them.
macro_rules! columns {
    () => {
        "o.key, o.id, o.workspace, o.owner, o.kind, o.version, o.created, o.modified, o.active, o.blocked, o.label, o.document"
    };
}
pub(crate) use columns;

/// A person or a group as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// The inside key.
    pub key: i64,
    /// The public id.
    pub id: Uuid,
    /// The key of the workspace.
    pub workspace: i64,
    /// The key of the owner.
    pub owner: i64,
    /// Person or group.
    pub kind: Kind,
    /// Rises by one with every change that SCIM shows; the ETag.
    pub version: i64,
    /// When it was made.
    pub created: i64,
    /// When it last changed.
    pub modified: i64,
    /// Whether the provider says that the person is active; groups always are. Who may really act is decided
    /// by [`is_enabled`].
    pub active: bool,
    /// When an administrator blocked the person, if one did.
    pub blocked: Option<i64>,
    /// What to call it: display name, else user name.
    pub label: String,
    /// The SCIM document as JSON text, without `id`, `meta`, `groups` and `members`. Its `active` is the
    /// provider's own.
    pub document: String,
}

impl Object {
    /// Whose it is.
    pub fn owned_by(&self) -> Owner {
        Owner {
            workspace: self.workspace,
            key: self.owner,
        }
    }

    /// The document as everybody but SCIM must see it: `active` is false of a blocked person, and of one whose
    /// `active` was removed.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the stored text is no JSON object.
    pub fn value(&self) -> Result<Value> {
        effective(&self.document, self.blocked)
    }
}

/// Whether a person may use what they have: the provider says so and no administrator has blocked them. The
/// one function that decides it.
pub fn is_enabled(object: &Object) -> bool {
    object.active && object.blocked.is_none()
}

fn effective(document: &str, blocked: Option<i64>) -> Result<Value> {
    let mut value = serde_json::from_str(document).map_err(|e| Error::Damaged(e.to_string()))?;
    // An `active` that a client removed is kept as null, and is not active (scim::resource::active).
    if let Value::Object(attributes) = &mut value
        && (blocked.is_some() || attributes.get("active") == Some(&Value::Null))
    {
        attributes.insert("active".to_owned(), Value::Bool(false));
    }
    Ok(value)
}

/// Reads an [`Object`] from the columns of `columns!`.
pub(crate) fn read(row: &Row) -> Result<Object> {
    Ok(Object {
        key: row.int(0)?,
        id: row.uuid(1)?,
        workspace: row.int(2)?,
        owner: row.int(3)?,
        kind: kind_of(row.int(4)?),
        version: row.int(5)?,
        created: row.int(6)?,
        modified: row.int(7)?,
        active: row.bool(8)?,
        blocked: row.int_or_null(9)?,
        label: row.text(10)?,
        document: row.text(11)?,
    })
}

/// An object that is looked at in place, without copying its text.
pub struct ObjectRow<'a>(pub(super) &'a Row<'a>);

impl<'a> ObjectRow<'a> {
    /// Looks at a row of `columns!`.
    pub(crate) fn of(row: &'a Row<'a>) -> Self {
        Self(row)
    }

    /// The inside key.
    pub fn key(&self) -> Result<i64> {
        self.0.int(0)
    }

    /// The public id.
    pub fn id(&self) -> Result<Uuid> {
        self.0.uuid(1)
    }

    /// The version.
    pub(crate) fn version(&self) -> Result<i64> {
        self.0.int(5)
    }

    /// When it was made.
    pub(crate) fn created(&self) -> Result<i64> {
        self.0.int(6)
    }

    /// When it last changed.
    pub(crate) fn modified(&self) -> Result<i64> {
        self.0.int(7)
    }

    /// The label.
    pub fn label(&self) -> Result<&str> {
        self.0.str(10)
    }

    /// The document's JSON text, with the provider's own `active`.
    pub fn document(&self) -> Result<&str> {
        self.0.str(11)
    }

    /// As [`Object::value`].
    ///
    /// # Errors
    /// As [`Object::value`].
    pub fn value(&self) -> Result<Value> {
        effective(self.document()?, self.0.int_or_null(9)?)
    }

    /// A copy of the whole object.
    pub fn to_object(&self) -> Result<Object> {
        read(self.0)
    }
}
