//! SCIM 2.0 as pure functions: schema, filter, PATCH, validation, projection, errors.
//!
//! Nothing here reads a clock, draws a random number or touches a file or a network: times, identifiers
//! and limits are arguments. The modules follow the life of a request:
//!
//! - [`json`] reads a body, [`error`] is what goes wrong with it.
//! - [`schema`] says what a User and a Group are; [`path`] names one attribute of them.
//! - [`validate`] and [`patch`] turn a body into a stored document; [`leniency`] names every vendor habit
//!   that they tolerate.
//! - [`page`] reads the parameters of a list request, [`filter`] decides who is meant by it.
//! - [`sheet`] is what a provider asks of people beyond the schema.
//! - [`resource`] renders a stored document, [`project`] keeps the attributes that were asked for.
//! - [`bulk`] turns one body into many requests and their answers into one.
//! - [`meaning`] says in a line what a request asks for, [`mask`] what of it may be kept in a log.

pub mod bulk;
pub mod error;
pub mod filter;
pub mod json;
pub mod leniency;
pub mod mask;
pub mod meaning;
pub mod page;
pub mod patch;
pub mod path;
pub mod project;
pub mod resource;
pub mod schema;
pub mod sheet;
pub mod validate;

pub use error::{Error, Result, ScimType};
