//! Licences: products of the target that people have a seat of.
//!
//! A licence is like a membership, of a person in a product. What a person is to have follows from the rule's
//! mapping to `assignedLicenses` and from the groups that bring one (`wanted.rs`), compared with what Provost gave
//! (`provost_store::link_licence`). The survey plans the steps with the person's own, the guard weighs them by
//! themselves, and `apply.rs` carries them out: what comes and goes for one person goes in one request, and the
//! list of what was given is written in the commit of the outcome.

mod apply;
mod brought;
mod catalogue;
mod group;
mod learn;
mod page;
mod record;
mod seats;
mod wanted;

pub(crate) use apply::{Pass, licences};
pub(crate) use brought::Brought;
pub(crate) use catalogue::{Catalogue, refreshed};
pub(crate) use group::{of_groups, touch_group, touch_membership};
pub(crate) use learn::{find, found_in, learn};
pub use page::LicenceLine;
pub(crate) use record::{LEFT_OUT, PRODUCT};
pub use seats::Seats;
pub(crate) use seats::{Counter, of_drafts, short};
pub(crate) use wanted::{aim_of, steps_of};
