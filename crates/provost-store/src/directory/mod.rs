//! People and groups: the rows of `object`, with the change-log and audit rows that belong to each change.

mod block;
mod find;
mod keys;
mod named;
mod row;
mod write;

pub use block::{block, unblock};
pub use find::{
    Range, by_key, count, count_owned, find, for_each, get, highest_key, holder, key_by_id, page, placement,
};
pub use named::{Listing, NamedLine, NamedPage, list_named};
pub use row::{Object, ObjectRow, is_enabled};
pub use write::{create, delete, replace};

pub(crate) use block::STATEMENTS as BLOCK_STATEMENTS;
pub(crate) use find::STATEMENTS as FIND_STATEMENTS;
pub(crate) use find::{ids_of, keys_of, namesake};
pub(crate) use keys::Keys;
pub(crate) use named::STATEMENTS as NAMED_STATEMENTS;
pub(crate) use row::{columns, read};
pub(crate) use write::STATEMENTS as WRITE_STATEMENTS;
pub(crate) use write::{bring_back, hand_over, touch};

use provost_engine::object::Kind;

/// Who owns the objects that a caller sees and touches: an inbound provider, or the workspace itself for
/// what administrators keep by hand. There is no lookup without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The workspace's key.
    pub workspace: i64,
    /// The provider's key, or the workspace's.
    pub key: i64,
}

impl Owner {
    /// What a name must be unique in: the workspace for people, the owner for groups.
    pub(crate) fn realm(self, kind: Kind) -> i64 {
        match kind {
            Kind::Person => self.workspace,
            Kind::Group => self.key,
        }
    }
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

/// What a new person may do: given by the provider when the person is made, never by a SCIM attribute.
/// Groups have none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement<'a> {
    /// The role.
    pub role: &'a str,
    /// The team, by its name.
    pub team: Option<&'a str>,
    /// What the person may do in the team.
    pub permission: Option<&'a str>,
}

/// What a person may do, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Placed {
    /// The role; none for groups.
    pub role: Option<String>,
    /// The team, by its name.
    pub team: Option<String>,
    /// What the person may do in the team.
    pub permission: Option<String>,
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

/// What an action is called in the audit log, by whom it is done to.
pub(crate) fn verb(kind: Kind, person: &'static str, group: &'static str) -> &'static str {
    match kind {
        Kind::Person => person,
        Kind::Group => group,
    }
}
