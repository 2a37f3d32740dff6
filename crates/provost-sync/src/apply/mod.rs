//! Carrying a draft out: small groups of objects, several at a time, each with its own commit of outcomes.
//! A failure is an outcome of its object and stops nobody else; only an error that concerns the whole
//! connection ends the cycle.

mod census;
mod entra;
mod failure;
mod intent;
mod lane;
mod matching;
mod member;
mod object;
mod outcome;
mod record;
mod reference;
mod run;
mod settle;
pub(crate) mod shrink;
mod story;
mod task;
mod unique;

pub(crate) use failure::note_failures;
pub(crate) use lane::Lane;
pub(crate) use member::members;
pub(crate) use object::objects;
pub(crate) use record::forget;
pub(crate) use reference::references;
pub(crate) use run::{Run, Totals};
pub(crate) use story::shown;
pub(crate) use task::version;
