//! The administrator's way through a Microsoft 365 connection, from "before you begin" to the secret that expires:
//! each step and each guard, against the real program and the simulated tenant. Everything that passes between the two
//! is held against Microsoft's own description of Graph.

mod guards;
mod story;
pub mod world;
