//! PATCH (RFC 7644 section 3.5.2): [`parse()`] reads the body into operations on named targets, [`apply()`]
//! carries them out on a copy of the document, all or none.
//!
//! - `parse` and `expand` know the frame and the shapes of a body; after them every operation has a path.
//! - `apply` finds the attribute and hands it to `single`, `list` or `members`; `element` is one element.

mod apply;
mod element;
mod expand;
mod index;
pub(crate) mod key;
mod list;
pub(crate) mod member;
mod members;
mod parse;
mod single;

use std::fmt;

use serde_json::Value;

use crate::filter::ValuePath;
use crate::leniency::Habits;
use crate::path::AttrPath;
use crate::resource::Document;

pub use apply::apply;
pub(crate) use apply::{MAX_EFFORT, add_to};
pub use member::Member;
pub(crate) use parse::not_an_attribute;
pub use parse::{MAX_OPERATIONS, parse};

/// A PATCH body that was understood: every path is of a known, writable attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// In the order in which they are carried out. An operation without a path stands here as one for each
    /// attribute of its value.
    pub operations: Vec<Operation>,
    /// The habits met while reading; [`apply()`] adds them to its own.
    pub used: Habits,
}

/// One change to one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What to do.
    pub op: PatchOp,
    /// To what: an attribute, a sub-attribute, selected elements, or a whole extension.
    pub path: ValuePath,
    /// With what. `Null` means no value, `None` that the body has no `value`.
    pub value: Option<Value>,
    /// Which of the body's operations this comes from, counted from 1, for messages.
    pub number: usize,
}

/// The three operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PatchOp {
    /// Section 3.5.2.1.
    Add,
    /// Section 3.5.2.2.
    Remove,
    /// Section 3.5.2.3.
    Replace,
}

impl PatchOp {
    /// Every operation.
    pub const ALL: [Self; 3] = [Self::Add, Self::Remove, Self::Replace];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

impl fmt::Display for PatchOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a request makes of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The document afterwards; it satisfies the schema.
    pub document: Document,
    /// What happens to the members of a group, in order. Whether that changes anything is for the store to
    /// find out: the members are not read here.
    pub members: Vec<MemberChange>,
    /// Whether the document differs from before. Nothing may be written, and no version may move, when it
    /// does not and no member changes.
    pub changed: bool,
    /// Attributes that are returned on request only and that this request names: its answer shows them
    /// ([`Projection::with_requested`](crate::project::Projection::with_requested)).
    pub requested: Vec<AttrPath>,
}

/// One change to the members of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberChange {
    /// These belong to it; those that already do are left alone. Never empty.
    Add(Vec<Member>),
    /// These ids no longer belong to it; those that do not anyway are no error. Never empty.
    Remove(Vec<String>),
    /// Nobody belongs to it.
    RemoveAll,
    /// Exactly these belong to it.
    Replace(Vec<Member>),
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
