//! The values that cross the [`Target`] boundary.

use crate::{Error, Kind, Record, Result, Target};
use std::time::Duration;

/// An object in a target: a person's account or a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The target's own identifier, opaque and stable.
    pub id: String,
    /// Attributes with a value, by the names that mappings use.
    pub record: Record,
    /// Whether a person may sign in; `None` when the target did not tell.
    pub enabled: Option<bool>,
}

/// A page of accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountPage {
    /// The accounts of this page; may be empty although more pages follow.
    pub accounts: Vec<Account>,
    /// What to pass for the following page, or `None` after the last. Opaque.
    pub next: Option<String>,
}

/// What changed in a target since it was last read.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangePage {
    /// Objects that are new or changed, with those of the asked attributes that are known; an attribute that
    /// was cleared is `Null`. The same object may come more than once.
    pub changed: Vec<Account>,
    /// Objects that are gone, by id.
    pub removed: Vec<Removal>,
    /// Members that came and went, for groups.
    pub members: Vec<MembersChanged>,
    /// What follows.
    pub then: Then,
}

/// An object that a target reports as gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The target's id.
    pub id: String,
    /// Whether it is in the target's bin and can be restored; otherwise it is gone for good.
    pub restorable: bool,
}

/// Members that came to a group and went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembersChanged {
    /// The target's id of the group.
    pub group: String,
    /// Members that came.
    pub added: Vec<Member>,
    /// Members that went.
    pub removed: Vec<Member>,
}

/// What follows a page of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// More pages: ask again with this place.
    Page(String),
    /// That was all: what changes from now on is asked for with this place. Keep it only after everything
    /// before it was dealt with.
    End(String),
    /// The place is no longer known (it is too old, or the target lost it): begin anew, without a place.
    Restart,
}

/// A direct member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The target's id of the member.
    pub id: String,
    /// What the member is; `None` for kinds that are not provisioned (devices, contacts) and for
    /// targets that do not tell.
    pub kind: Option<Kind>,
}

/// A page of members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPage {
    /// The members of this page; may be empty although more pages follow.
    pub members: Vec<Member>,
    /// What to pass for the following page, or `None` after the last. Opaque.
    pub next: Option<String>,
}

/// One membership to add or to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberChange {
    /// The target's id of the member.
    pub member_id: String,
    /// What the member is.
    pub kind: Kind,
    /// `true` adds, `false` removes.
    pub add: bool,
}

/// A write that does not depend on another, for [`Target::apply`]. Each variant means the same as
/// the method of its name.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// [`Target::create`].
    Create {
        /// What is made.
        kind: Kind,
        /// Stable key of the directory object.
        key: String,
        /// Its attributes.
        record: Record,
    },
    /// [`Target::update`].
    Update {
        /// What is changed.
        kind: Kind,
        /// The target's id.
        id: String,
        /// Attributes to set; `Null` clears.
        changes: Record,
    },
    /// [`Target::disable`].
    Disable {
        /// What is disabled.
        kind: Kind,
        /// The target's id.
        id: String,
    },
    /// [`Target::enable`].
    Enable {
        /// What is enabled.
        kind: Kind,
        /// The target's id.
        id: String,
    },
    /// [`Target::delete`].
    Delete {
        /// What is deleted.
        kind: Kind,
        /// The target's id.
        id: String,
    },
    /// [`Target::set_reference`].
    SetReference {
        /// The target's id of the person who refers.
        id: String,
        /// The referring attribute.
        attribute: String,
        /// The target's id of the person referred to; `None` removes the reference.
        target_id: Option<String>,
    },
}

/// How an account is disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisableBy {
    /// By writing `false` to this attribute (`true` enables).
    Attribute(&'static str),
    /// Not at all: only deletion removes access.
    Nothing,
}

/// What a target can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The connector's name: `graph` or `scim`.
    pub connector: &'static str,
    /// Kinds of object the target holds.
    pub kinds: Vec<Kind>,
    /// Attributes of people that [`Target::find`] answers fast; others may be searched slowly or
    /// refused.
    pub person_matching: Vec<&'static str>,
    /// The same for groups.
    pub group_matching: Vec<&'static str>,
    /// How people are disabled.
    pub disable: DisableBy,
    /// Attributes that are references to other people, written in a second pass.
    pub references: Vec<&'static str>,
    /// Kinds for which repeating a create with the same key cannot make a twin.
    pub safe_create: Vec<Kind>,
    /// Objects in one page of [`Target::list`].
    pub page_size: usize,
    /// Writes that [`Target::apply`] sends in one request; 1 = no batches.
    pub batch_size: usize,
    /// Calls that may usefully run at the same time.
    pub concurrency: usize,
    /// Whether a deleted account leaves its groups by itself. Where it does not, its memberships are removed
    /// one by one before it is deleted.
    pub drops_members: bool,
    /// Whether a group tells its members. Where it does not, [`Target::members`] answers
    /// [`Error::Unsupported`], and what was written is all that is known.
    pub tells_members: bool,
    /// Whether disabled accounts are missing from lists, so that their absence means nothing.
    pub hides_disabled: bool,
    /// Whether accounts can have licences ([`Target::change_licences`]).
    pub licences: bool,
    /// Whether it tells what changed since it was last read ([`Target::changes`]).
    pub tells_changes: bool,
    /// Whether deleted objects can be restored for a while ([`Target::deleted`]).
    pub keeps_deleted: bool,
    /// How long a fresh object may be missing in a part of the target, so that its absence means nothing; none where
    /// it is everywhere at once. Such a target is told which objects are fresh ([`Target::remember`]).
    pub settles_within: Option<Duration>,
}

/// One step of a connection test.
#[derive(Debug)]
pub struct Check {
    /// What was tried, as a short noun phrase: "sign-in", "read people".
    pub name: &'static str,
    /// What was found, in a sentence; or why it failed.
    pub outcome: Result<String>,
}

/// Carries out one write by the method of its name.
pub(crate) async fn apply_one<T: Target + ?Sized>(target: &T, write: &Write) -> Result<Option<Account>> {
    match write {
        Write::Create { kind, key, record } => target.create(*kind, key, record).await.map(Some),
        Write::Update { kind, id, changes } => done(target.update(*kind, id, changes).await),
        Write::Disable { kind, id } => done(target.disable(*kind, id).await),
        Write::Enable { kind, id } => done(target.enable(*kind, id).await),
        Write::Delete { kind, id } => done(target.delete(*kind, id).await),
        Write::SetReference {
            id,
            attribute,
            target_id,
        } => done(target.set_reference(id, attribute, target_id.as_deref()).await),
    }
}

fn done(outcome: Result<(), Error>) -> Result<Option<Account>> {
    outcome.map(|()| None)
}

/// What [`Target::can_match`] says of a target that was asked for a value that nobody has.
pub(crate) fn matching_check(kind: Kind, attribute: &str, found: Result<Vec<Account>>) -> Result<Check> {
    let what = crate::error::plural(kind);
    let outcome = match found {
        Ok(found) if found.is_empty() => Ok(format!("{what} are found by `{attribute}`")),
        Ok(_) => Err(Error::Unsupported {
            operation: format!(
                "filtering {what} by `{attribute}`: it answers with others than those asked for"
            ),
        }),
        Err(error @ (Error::Rejected { .. } | Error::Unsupported { .. } | Error::Forbidden { .. })) => {
            Err(error)
        }
        Err(error) => return Err(error),
    };
    Ok(Check {
        name: "matching",
        outcome,
    })
}
