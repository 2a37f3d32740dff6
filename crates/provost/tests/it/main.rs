//! The command as its users meet it: arguments in, standard output, standard error and exit status out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod attributes;
mod audit;
mod client;
mod config;
mod connection;
mod demo;
mod expression;
mod files;
mod functions;
mod guides;
mod help;
mod import;
mod install;
mod microsoft;
mod pages;
mod person;
mod provider;
mod provider_settings;
mod provisioning;
mod request;
mod rule;
mod run;
mod schema;
mod script_s2;
mod self_test;
mod serve;
mod service;
mod settings;
mod takeover;
mod team;
mod tenant;
