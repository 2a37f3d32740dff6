//! The SCIM service as its clients meet it: the real program over HTTP, on both databases.
//!
//! A file for each client that is known, with the requests that it really sends; `vectors` holds small cases
//! of the standard itself, `matrix` and `property` what must hold for all of them.

mod activation;
mod authentik;
mod block;
mod entra;
mod filters;
mod google;
pub(crate) mod harness;
pub(crate) mod http;
mod jumpcloud;
mod matrix;
mod okta;
mod onelogin;
mod paging;
mod ping;
mod property;
mod vectors;
