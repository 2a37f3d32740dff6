//! The kinds of cycle as an option.

/// Which cycle is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mode {
    /// Over the whole directory
    Initial,
    /// Over what changed since the last one
    Incremental,
    /// Over what changed, and the target is read and compared with what was written
    Reconcile,
}

impl From<Mode> for provost_sync::Mode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Initial => Self::Initial,
            Mode::Incremental => Self::Incremental,
            Mode::Reconcile => Self::Reconcile,
        }
    }
}
