//! Properties of the engine over random input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod convergence;
mod entra;
mod events;
mod guard;
mod licence;
mod model;
mod narrowed;
mod password;
mod random_text;
