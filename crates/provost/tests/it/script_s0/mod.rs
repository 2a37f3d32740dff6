//! The administrator's way to a configured connector, up to the checklist: each step, and each guard, tried by the
//! interface and by the command, against the real program and the simulated tenant. What the console shows of it is
//! lived through in a browser.

mod doors;
mod guards;
mod secret;
mod serving;
mod story;
mod world;
