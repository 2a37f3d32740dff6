//! Carrying a draft out: small groups of objects, several at a time, each with its own commit of outcomes.
//! A failure is an outcome of its object and stops nobody else; only an error that concerns the whole
//! connection ends the cycle.

mod census;
mod decided;
mod doubtful;
mod entra;
mod failure;
mod group_name;
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
mod standing;
mod story;
mod task;
mod twin;
mod unique;

pub(crate) use failure::note_failures;
pub(crate) use lane::Lane;
pub(crate) use member::members;
pub(crate) use object::objects;
pub(crate) use outcome::Failed;
pub(crate) use record::forget;
pub(crate) use reference::references;
pub(crate) use run::{Run, Totals};
pub(crate) use standing::{UNTOUCHABLE, untouchable};
pub(crate) use story::{receipts, shown, step};
pub(crate) use task::{look_again, version};
