//! Cycles: from the change log to every target.
//!
//! [`Engine`] is the whole surface. A cycle (`cycle.rs` reads like the algorithm) takes the connection's
//! lease, reads what changed since the watermark, surveys those objects with the pure engine, weighs the
//! draft with the guard, applies it to the target, and moves the watermark. A preview stops before it applies,
//! so it shows the same value that a run would carry out.

mod apply;
mod assigned;
mod clock;
mod cycle;
mod detail;
mod discover;
pub mod doubt;
mod draft;
mod engine;
mod error;
mod evaluate;
mod explain;
pub mod federation;
mod finish;
mod fresh;
pub mod identifier;
pub mod import;
mod known;
mod leaver;
mod licence;
mod links;
mod matching_check;
mod meant;
mod membership;
pub mod microsoft_365;
pub mod migration;
mod nesting;
mod node;
pub mod notify;
mod on_demand;
mod open;
mod orphan;
mod preview;
mod preview_change;
mod progress;
mod proposal;
mod random;
mod read_back;
mod reconcile;
mod repair;
mod report;
mod rule_removal;
mod schedule;
pub mod setup;
mod stage;
pub mod status;
mod stop_cycle;
mod stored_plan;
mod survey;
mod touched;
mod undo;
mod urgent;
mod weigh;
mod work;

pub use clock::Clock;
pub use discover::Discovered;
pub use engine::{Engine, Opener, Options};
pub use error::{Error, Result};
pub use evaluate::{Answer, Evaluated, Remark, Subject};
pub use explain::{RuleTrace, Trace};
pub use leaver::{LeaverRun, LeaverStep, StepStatus};
pub use licence::{LicenceLine, Seats};
pub use matching_check::MatchingCheck;
pub use meant::is_meant;
pub use node::Node;
pub use on_demand::{MOST_MEMBERS, Outcome, Provisioned, ShownStep};
pub use preview_change::ChangePreview;
pub use progress::{Phase, Progress, Watcher};
pub use proposal::Proposal;
pub use read_back::ReadBack;
pub use report::{Held, PlannedStep, Preview, Report, RulePreview};
pub use rule_removal::RuleRemoval;
pub use setup::{
    Added, CheckLine, Checked, Confirm, ConnectionChange, ConnectionDraft, HeadCount, PreferencesSaved,
    RuleFault, Tried,
};
pub use stop_cycle::REST as REST_AFTER_STOP;
pub use stored_plan::{Format, Moved, PlanSummary, Side};
pub use undo::{UndoLine, Undone};
pub use work::Mode;
