//! Reading: query options, filters, pages, and what an object looks like in an answer.

pub(crate) mod encoding;
pub(crate) mod filter;
mod list;
mod option;
pub(crate) mod render;
pub(crate) mod token;

pub(crate) use list::{List, count, list, next_link};
pub(crate) use option::Options;
pub(crate) use render::Selection;
