//! What must hold for any input, tried on a corpus and on what it becomes when it is changed at random.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod law;
mod mutation;
mod short;
