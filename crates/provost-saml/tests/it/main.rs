//! Whole messages: what is issued and read again, attacks, mutants.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod attacks;
mod codes;
mod entra;
mod generator;
mod issue;
mod kit;
mod law;
mod laws;
mod metadata;
mod mutant;
mod names;
mod request;
mod wsfed;
