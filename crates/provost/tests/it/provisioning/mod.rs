//! Provisioning as an administrator does it: the real command, and the real program as the application.

mod assign;
mod change;
mod demand;
mod log;
mod plan;
mod queue;
mod settings;
mod stop;
pub mod world;
