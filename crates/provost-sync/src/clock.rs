//! The one place of this crate that reads the machine's clock. Everything else asks the engine's clock, so that
//! days can be simulated in a moment.

use std::sync::Arc;

/// Answers the time in milliseconds since 1970 (UTC).
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The machine's clock.
pub(crate) fn system() -> Clock {
    Arc::new(|| jiff::Timestamp::now().as_millisecond())
}
