//! A credential that the target refuses: the connection is invalid, no cycle runs, and nothing follows for anybody's
//! account.

use provost_connect::{Error as TargetError, Secret};
use provost_store::connection::{Condition, Connection, State};

/// Milliseconds after which an invalid connection that was good once is tested again by itself.
pub(crate) const CHECK_AGAIN: i64 = 3_600_000;

/// Whether the target refuses the connection as it is set up, which only a person can mend. A target that cannot be
/// reached is another matter.
pub(crate) fn is_refused(error: &TargetError) -> bool {
    matches!(error, TargetError::Credential { .. } | TargetError::Setup { .. })
}

/// The state of a connection whose test, or whose credential, failed with this error.
pub(crate) fn invalid(error: &TargetError, before: &Connection, next_try: i64) -> Condition {
    Condition {
        state: State::Invalid,
        reason: format!("{error}. {}", error.hint()),
        code: error.code().to_owned(),
        failures: before.failures + 1,
        next_try,
    }
}

/// When a credential ends by its own words: a certificate says so.
pub(super) fn ends(secrets: &[(String, Secret)]) -> Option<i64> {
    let (_, pem) = secrets.iter().find(|(name, _)| name == "certificate")?;
    let end = provost_connect::graph::credential::expires(pem.expose()).ok()?;
    Some(end.as_millisecond())
}
