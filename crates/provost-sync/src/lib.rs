//! Cycles: from the change log to every target.
//!
//! [`Engine`] is the whole surface. A cycle (`cycle.rs` reads like the algorithm) takes the connection's
//! lease, reads what changed since the watermark, surveys those objects with the pure engine, weighs the
//! draft with the guard, applies it to the target, and moves the watermark. A preview stops before it applies,
//! so it shows the same value that a run would carry out.

mod apply;
mod clock;
mod cycle;
mod draft;
mod engine;
mod error;
mod explain;
mod membership;
mod node;
mod open;
mod progress;
mod report;
mod schedule;
mod survey;
mod work;

pub use engine::{Engine, Options};
pub use error::{Error, Result};
pub use explain::{RuleTrace, Trace};
pub use node::Node;
pub use progress::{Phase, Progress, Watcher};
pub use report::{Held, PlannedStep, Preview, Report, RulePreview};
