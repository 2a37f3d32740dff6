//! Bulk requests (RFC 7644 section 3.7), as a plan that somebody else carries out.
//!
//! [`parse()`] reads the body into operations; a fault of one operation stays with it and becomes its
//! result. A [`Run`] then says which [`Call`] comes next, takes the [`Answer`], and in the end gives the
//! `BulkResponse`:
//!
//! ```
//! # use provost_scim::bulk::{self, Answer, Run};
//! # fn carry_out(_: &bulk::Call) -> Answer {
//! #     Answer { status: 201, id: Some("7c2".to_owned()), ..Answer::default() }
//! # }
//! # fn main() -> Result<(), provost_scim::Error> {
//! # let body = serde_json::json!({
//! #     "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
//! #     "Operations": [{"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "ada"}}],
//! # });
//! let mut run = Run::new(bulk::parse(body, 1000)?);
//! while let Some(call) = run.next() {
//!     let answer = carry_out(&call);
//!     run.record(call.index, answer);
//! }
//! let response = run.finish();
//! # assert_eq!(response["Operations"][0]["status"], "201");
//! # Ok(())
//! # }
//! ```
//!
//! - `parse` and `path` read the frame and the addresses.
//! - `reference` finds `bulkId:…` wherever a reference may stand, and replaces it.
//! - `order` says which operation may come next: the order of the request, in which an operation that
//!   needs a later one waits for it.
//! - `circle` takes references that lead back to their own resource out of a body, so that the resource
//!   can be created, and makes the PATCH that sets them afterwards.
//! - `run` brings them together, `answer` renders the results.
//!
//! Work and memory grow with the size of the body, whatever its references look like.

mod answer;
mod circle;
mod order;
mod parse;
mod path;
mod reference;
mod run;

use std::fmt;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::leniency::{Habit, Habits, Leniency, Tolerance};
use crate::schema::BULK_REQUEST;

pub use answer::Answer;
pub use parse::parse;
pub use run::Run;

/// A bulk request that was read. What is wrong with a single operation is not decided here but answered as
/// that operation's result.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// In the order of the request. Never empty.
    pub operations: Vec<Operation>,
    /// After how many failed operations the run ends; to the end of the list when absent. Never 0.
    pub fail_on_errors: Option<u64>,
    /// Whether `schemas` names the message.
    declared: bool,
}

impl Request {
    /// Refuses what the frame has beyond the RFC and is not tolerated; counts what is.
    ///
    /// # Errors
    /// 400 `invalidSyntax` when `schemas` does not name the message.
    pub fn check(&self, leniency: &Leniency, used: &mut Habits) -> Result<()> {
        if self.declared || Tolerance::new(leniency, used).of(Habit::MissingSchemas) {
            return Ok(());
        }
        Err(Error::invalid_syntax(format!(
            "schemas must contain {BULK_REQUEST}"
        )))
    }
}

/// One operation as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What to do; `None` when the word is missing or none of the four.
    pub method: Option<Method>,
    /// To what, below the base address: `/Users`, `/Groups/7c2`, `/Users/bulkId:a`. Empty when missing.
    pub path: String,
    /// The client's name for what is created.
    pub bulk_id: Option<String>,
    /// The version that must be current (`If-Match`).
    pub version: Option<String>,
    /// The body; `Null` for DELETE.
    pub data: Value,
    /// Why it cannot be carried out.
    pub fault: Option<Error>,
    /// The method as it was written, to be repeated in the result of one that is not understood.
    written_method: Option<String>,
}

/// The methods that an operation may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Create.
    Post,
    /// Replace.
    Put,
    /// Change.
    Patch,
    /// Delete.
    Delete,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 4] = [Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request to carry out next, exactly as if it had come by itself. Every `bulkId:…` that stood in it is
/// replaced by the id that its resource got.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The position of its operation in the request: the argument of [`Run::record`].
    pub index: usize,
    /// What to do.
    pub method: Method,
    /// To what, below the base address: `/Users` or `/Groups/7c2`. Endpoints come in canonical letter case.
    pub path: String,
    /// The client's name for what is created.
    pub bulk_id: Option<String>,
    /// The version that must be current (`If-Match`); never with POST.
    pub version: Option<String>,
    /// The body; `Null` for DELETE.
    pub data: Value,
    /// Whether this PATCH sets references that were left out when the operation's resource was created,
    /// because they led in a circle. The client did not send it as such.
    pub follows_up: bool,
}

#[cfg(test)]
mod tests;
