//! Carrying a draft out: small groups of objects, several at a time, each with its own commit of outcomes.
//! A failure is an outcome of its object and stops nobody else; only an error that concerns the whole
//! connection ends the cycle.

mod matching;
mod member;
mod object;
mod outcome;
mod reference;
mod run;

pub(crate) use member::members;
pub(crate) use object::objects;
pub(crate) use outcome::note_failures;
pub(crate) use reference::references;
pub(crate) use run::{Run, Totals};
