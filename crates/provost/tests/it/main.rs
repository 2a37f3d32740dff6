//! The command as its users meet it: arguments in, standard output, standard error and exit status out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod audit;
mod config;
mod connection;
mod demo;
mod help;
mod install;
mod provider;
mod rule;
mod run;
mod serve;
