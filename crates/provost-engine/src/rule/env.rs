//! What an evaluation may know besides the object.

use std::fmt;

/// Fills bytes with randomness fit for passwords.
pub type Random<'a> = dyn Fn(&mut [u8]) + Sync + 'a;

/// Whether another account already has a value (the second) in a target attribute (the first).
pub type Taken<'a> = dyn Fn(&str, &str) -> bool + Sync + 'a;

/// The secret that the connection keeps under a name, if there is one.
pub type Secrets<'a> = dyn Fn(&str) -> Option<String> + Sync + 'a;

/// What an evaluation may know besides the object: everything that changes by itself is an argument.
#[derive(Clone, Copy, Default)]
pub struct Env<'a> {
    /// The time of the evaluation in milliseconds since the Unix epoch.
    pub now: i64,
    /// The target's default domain, for `DefaultDomain()`.
    pub default_domain: Option<&'a str>,
    /// Fills the bytes with randomness fit for passwords, for `RandomString` and `Guid`. Without it they
    /// give fixed placeholders, so that a plan comes out the same each time.
    pub random: Option<&'a Random<'a>>,
    /// Whether another account already has the value in the target attribute, for `SelectUniqueValue`.
    /// Without it nothing counts as taken.
    pub taken: Option<&'a Taken<'a>>,
    /// The connection's sealed values by name, for mappings with a secret. Without it they give the fixed
    /// placeholder `[Sealed]`.
    pub secrets: Option<&'a Secrets<'a>>,
}

impl fmt::Debug for Env<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env")
            .field("now", &self.now)
            .field("default_domain", &self.default_domain)
            .field("random", &self.random.is_some())
            .field("taken", &self.taken.is_some())
            .field("secrets", &self.secrets.is_some())
            .finish()
    }
}
