//! Provost: a self-hosted identity provisioning hub. This is the command; what it does is in the crates below it.

mod address;
mod ask;
mod back_channel;
mod cli;
mod clock;
mod config;
mod demo;
mod draft;
mod excerpt;
mod failure;
mod hub;
mod logging;
mod nearest;
mod output;
mod progress;
mod retention;
mod stop;
mod template;

use std::process::ExitCode;

/// Smaller and quicker than the system's for many short requests on many threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
