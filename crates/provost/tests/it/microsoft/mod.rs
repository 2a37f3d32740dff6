//! What the commands do with a Microsoft 365: a hub, and a simulated tenant beside it.

mod attribute;
mod connection;
mod doubt;
mod leaver;
mod licence;
mod rule;
mod status;
mod world;
