//! Targets: the SCIM and Microsoft Graph connectors behind one HTTP client.
//!
//! [`Target`] is what the synchronizing layer knows of an application. A connector owns the
//! protocol: how objects are found, written in batches, paced and repeated. It never decides
//! *what* is written, keeps no state that must survive a restart, and tells through
//! [`Error::retry`] what the caller may do next. What a connector finds out about an application
//! on the way (no PATCH, filters that find nobody, pages that count from 0) it keeps as long as it
//! lives.
//!
//! Beside the targets stand [`mail`] to administrators, and [`csv`], the rows of a table.

mod account;
mod cause;
pub mod csv;
mod error;
mod fresh;
pub mod graph;
pub mod http;
mod licence;
pub mod mail;
mod oauth;
mod open;
mod organisation;
pub mod pace;
pub mod scim;
mod secret;
mod standing;

use std::borrow::Cow;

use serde_json::Value;

pub use account::{
    Account, AccountPage, ChangePage, Check, Description, DisableBy, Member, MemberChange, MemberPage,
    MembersChanged, Removal, Then, Write,
};
pub use cause::Cause;
pub use error::{Error, Result, Retry};
pub use graph::permission::Permissions;
pub use licence::{HeldLicence, Licence, LicenceChange, Product, Refusal, ServicePlan};
pub use open::open;
pub use organisation::{Organisation, OrganisationDomain};
pub use provost_engine::object::{Kind, Record};
use provost_engine::rule::Rule;
pub use secret::{Secret, Secrets};
pub use standing::{Fault, ReadOnly, Receipt, Standing};

/// A future that a [`Target`] method returns; boxed so that `dyn Target` works.
pub type BoxFuture<'a, T> = futures::future::BoxFuture<'a, T>;

/// An application that accounts and groups are provisioned into.
///
/// Every method may wait: for the connection's pacing and for a throttling pause that the target
/// asked for, up to [`http::Deadlines::patience`]. Dropping the future abandons the call; a write
/// may then have happened or not.
pub trait Target: Send + Sync {
    /// What this target can do. Cheap, makes no request.
    fn describe(&self) -> Description;

    /// Tries the connection without changing anything: one named step after another, stopping at
    /// the first that fails. A failed step is a [`Check`], not an `Err`.
    fn test(&self) -> BoxFuture<'_, Vec<Check>>;

    /// Whether objects can be recognised by this attribute: the target is asked for a value that
    /// nobody has, and must answer with an empty list.
    ///
    /// # Errors
    /// When the target could not be asked at all. That it cannot filter by the attribute is a
    /// failed [`Check`], with [`Error::Unsupported`] or the target's own refusal.
    fn can_match<'a>(&'a self, kind: Kind, attribute: &'a str) -> BoxFuture<'a, Result<Check>>;

    /// Rewrites values to the form in which the target will show them, so that a comparison with
    /// what was read or written before finds no phantom difference. Pure and idempotent.
    fn normalize(&self, kind: Kind, record: &mut Record);

    /// Rewrites values so that two that the target does not tell apart become equal: letter case
    /// of names, order of lists. For comparing only, never for writing; applied after
    /// [`Target::normalize`] to both sides. Pure and idempotent.
    fn comparable(&self, kind: Kind, record: &mut Record) {
        self.normalize(kind, record);
    }

    /// Attribute and value under which an object made by [`Target::create`] with this `key` can
    /// be looked up again by [`Target::find`], or `None` when the target keeps no such value.
    fn link_key(&self, kind: Kind, key: &str) -> Option<(Cow<'static, str>, Value)>;

    /// Accounts whose `attribute` equals `value`. Strings compare without regard to letter case
    /// unless the target says the attribute is exact. Every answer is verified against the
    /// question, so a target that ignores filters yields no wrong match (but a slow answer).
    /// The records hold the attribute that was asked for and what came with it.
    fn find<'a>(
        &'a self,
        kind: Kind,
        attribute: &'a str,
        value: &'a Value,
    ) -> BoxFuture<'a, Result<Vec<Account>>>;

    /// One object with the named attributes, or `None` when the target does not have it.
    /// Attributes without a value are absent from the record.
    fn get<'a>(
        &'a self,
        kind: Kind,
        id: &'a str,
        attributes: &'a [String],
    ) -> BoxFuture<'a, Result<Option<Account>>>;

    /// Makes an object. `key` is the stable key of the directory object: where the target allows
    /// it the key makes a repeat harmless (see [`Description::safe_create`]).
    ///
    /// # Errors
    /// [`Error::AnswerLost`] when the object may exist now: find it before repeating.
    /// [`Error::Conflict`] when another object holds a unique value.
    fn create<'a>(&'a self, kind: Kind, key: &'a str, record: &'a Record) -> BoxFuture<'a, Result<Account>>;

    /// Changes the named attributes and nothing else; `Null` clears. May contain the attribute
    /// that disables the account.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the object is gone: the link is stale.
    fn update<'a>(&'a self, kind: Kind, id: &'a str, changes: &'a Record) -> BoxFuture<'a, Result<()>>;

    /// Disables a person's account and ends its sessions where the target can. A target that
    /// cannot disable this kind answers [`Error::Unsupported`].
    fn disable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>>;

    /// The opposite of [`Target::disable`].
    fn enable<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Deletes an object; one that is gone already is a success.
    fn delete<'a>(&'a self, kind: Kind, id: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Points a person's `attribute` (such as `manager`) at another account, or at nobody.
    fn set_reference<'a>(
        &'a self,
        id: &'a str,
        attribute: &'a str,
        target_id: Option<&'a str>,
    ) -> BoxFuture<'a, Result<()>>;

    /// Adds and removes members of one group; one outcome for each change, in order. A member
    /// that is there already, or gone already, is a success. Chunked and batched inside.
    fn change_members<'a>(
        &'a self,
        group: &'a str,
        changes: &'a [MemberChange],
    ) -> BoxFuture<'a, Vec<Result<()>>>;

    /// Carries out writes that do not depend on each other in as few requests as the target
    /// allows; one outcome for each, in order, `Some` for creates. Two writes to the same object
    /// must not be in one call. Up to [`Description::batch_size`] writes make one good call.
    fn apply<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Vec<Result<Option<Account>>>> {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(writes.len());
            for write in writes {
                outcomes.push(account::apply_one(self, write).await);
            }
            outcomes
        })
    }

    /// One page of all objects of a kind. `page` is the `next` of the page before, `None` for the
    /// first. The read is complete when a page without `next` was returned without an error;
    /// only then does an absence mean anything.
    fn list<'a>(
        &'a self,
        kind: Kind,
        page: Option<&'a str>,
        attributes: &'a [String],
    ) -> BoxFuture<'a, Result<AccountPage>>;

    /// One page of a group's direct members; paging as in [`Target::list`].
    fn members<'a>(&'a self, group: &'a str, page: Option<&'a str>) -> BoxFuture<'a, Result<MemberPage>>;

    /// Reads what [`Target::faults`] and [`Target::review`] need to know of the organisation: its domains, its
    /// products. Called at the start of a cycle and before a configuration is judged; what was read a short
    /// while ago is kept.
    fn prepare(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// What the target would refuse of these values, without asking it. `creating`: the record makes a new
    /// object; otherwise it changes one. Pure; knows more after [`Target::prepare`].
    fn faults(&self, _kind: Kind, _record: &Record, _creating: bool) -> Vec<Fault> {
        Vec::new()
    }

    /// What is wrong with a connection's rules for this target: unknown attributes, attributes that cannot be
    /// written, required ones that are not mapped, changes that the target does not allow any more. `before`
    /// are the rules that are in force.
    fn review(&self, _before: &[Rule], _after: &[Rule]) -> Vec<Fault> {
        Vec::new()
    }

    /// The attribute's name in the target's own words, for one of its names in another product's; `None` for an
    /// attribute that is not known.
    fn own_name(&self, _kind: Kind, _name: &str) -> Option<&'static str> {
        None
    }

    /// What the connection may do in the target, what it lacks for the functions that are switched on, and what it
    /// has too much; `None` where that cannot be asked.
    fn permissions(&self) -> BoxFuture<'_, Result<Option<Permissions>>> {
        Box::pin(async { Ok(None) })
    }

    /// Who the organisation is that the connection leads to; `None` where a target has none.
    fn organisation(&self) -> BoxFuture<'_, Result<Option<Organisation>>> {
        Box::pin(async { Ok(None) })
    }

    /// The tenant of Microsoft 365 that this target is, for what only such a one has: domains and their federation.
    fn microsoft(&self) -> Option<&graph::Graph> {
        None
    }

    /// Standing of objects, one for each id in order; an object that is not there has the standing of any other.
    fn standing<'a>(&'a self, _kind: Kind, ids: &'a [String]) -> BoxFuture<'a, Result<Vec<Standing>>> {
        Box::pin(async { Ok(vec![Standing::default(); ids.len()]) })
    }

    /// Whether a list shows all that an account has of the attributes that were asked for: one that is not
    /// shown has no value. Then nobody has to be read one by one who was just listed.
    fn lists_everything(&self, _kind: Kind) -> bool {
        false
    }

    /// Attributes to be listed beside others so that [`Target::listed_standing`] can tell.
    fn standing_attributes(&self, _kind: Kind) -> &'static [&'static str] {
        &[]
    }

    /// The standing of an account that was listed with [`Target::standing_attributes`], but for its roles; `None`:
    /// it has to be asked for.
    fn listed_standing(&self, _kind: Kind, _account: &Account) -> Option<Standing> {
        None
    }

    /// What the target's provider wrote beside the answers about an object, by the target's id or (for an object
    /// that was being made) the key given to [`Target::create`]. Each is handed out once.
    fn receipts(&self, _about: &str) -> Vec<Receipt> {
        Vec::new()
    }

    /// Tells that an object was written a short while ago, by an earlier cycle or another process: where it is not
    /// found, it is not everywhere yet.
    fn remember(&self, _id: &str) {}

    /// The products of the organisation, with their seats.
    fn products(&self) -> BoxFuture<'_, Result<Vec<Product>>> {
        unsupported("licences")
    }

    /// The licences that an account has.
    fn licences<'a>(&'a self, _id: &'a str) -> BoxFuture<'a, Result<Vec<HeldLicence>>> {
        unsupported("licences")
    }

    /// Changes licences of accounts; one outcome for each, in order. Batched inside. No account may
    /// be named twice.
    ///
    /// # Errors
    /// [`Error::Rejected`] with the target's reason: no seats, a clash of plans, no usage location;
    /// which one it is tells [`Refusal::of`]. A licence that comes from a group cannot be taken
    /// back: that is told after everything else of the change was done.
    fn change_licences<'a>(&'a self, changes: &'a [LicenceChange]) -> BoxFuture<'a, Vec<Result<()>>> {
        Box::pin(async {
            let refuse = |_| {
                Err(Error::Unsupported {
                    operation: "licences".to_owned(),
                })
            };
            changes.iter().map(refuse).collect()
        })
    }

    /// Changes the licences that a group brings its members; the target works it off in its own time.
    fn change_group_licences<'a>(
        &'a self,
        _group: &'a str,
        _add: &'a [Licence],
        _remove: &'a [String],
    ) -> BoxFuture<'a, Result<()>> {
        unsupported("licences of groups")
    }

    /// Ends the sessions of an account.
    fn end_sessions<'a>(&'a self, _id: &'a str) -> BoxFuture<'a, Result<()>> {
        unsupported("ending sessions")
    }

    /// Ids of the groups that an account owns, as far as it is a member of them too where the
    /// target has no better way to tell.
    fn owned_groups<'a>(&'a self, _id: &'a str) -> BoxFuture<'a, Result<Vec<String>>> {
        unsupported("owners of groups")
    }

    /// Makes an account an owner of a group, or ends that. One that is (or is not) already is a success.
    fn set_owner<'a>(&'a self, _group: &'a str, _id: &'a str, _owns: bool) -> BoxFuture<'a, Result<()>> {
        unsupported("owners of groups")
    }

    /// Ids of the groups that an account is a direct member of.
    fn groups_of<'a>(&'a self, _id: &'a str) -> BoxFuture<'a, Result<Vec<String>>> {
        unsupported("the groups of an account")
    }

    /// One page of what changed since `place`; `None` begins anew with everything there is.
    fn changes<'a>(
        &'a self,
        _kind: Kind,
        _place: Option<&'a str>,
        _attributes: &'a [String],
    ) -> BoxFuture<'a, Result<ChangePage>> {
        unsupported("reading changes")
    }

    /// One page of the objects in the target's bin; paging as in [`Target::list`].
    fn deleted<'a>(
        &'a self,
        _kind: Kind,
        _page: Option<&'a str>,
        _attributes: &'a [String],
    ) -> BoxFuture<'a, Result<AccountPage>> {
        unsupported("reading deleted objects")
    }

    /// Brings an object back from the target's bin, with its id, memberships and data.
    fn undelete<'a>(&'a self, _kind: Kind, _id: &'a str) -> BoxFuture<'a, Result<()>> {
        unsupported("restoring deleted objects")
    }

    /// Removes an object from the target's bin for good. One that is not there is a success.
    fn purge<'a>(&'a self, _kind: Kind, _id: &'a str) -> BoxFuture<'a, Result<()>> {
        unsupported("purging deleted objects")
    }
}

fn unsupported<'a, T: Send + 'a>(operation: &str) -> BoxFuture<'a, Result<T>> {
    let operation = operation.to_owned();
    Box::pin(async { Err(Error::Unsupported { operation }) })
}
