//! The checks hold for the workspace as it is, and fail when an edge is planted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod layers;
mod planted;
mod policy;
