//! Properties of the engine over random input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod convergence;
mod random_text;
