//! Causes of failures that are known by name.

/// A cause that an administrator can remedy, with what is the same whenever it shows.
#[derive(Debug, PartialEq, Eq)]
pub struct Cause {
    /// Stable code, `PRV-…`.
    pub code: &'static str,
    /// What is wrong, without a full stop.
    pub sentence: &'static str,
    /// The next step, in a sentence.
    pub hint: &'static str,
    /// The page of our documentation that explains it, from the root of the documentation.
    pub help: &'static str,
}
