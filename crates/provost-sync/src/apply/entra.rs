//! The words that Microsoft's provisioning log uses for failures (its troubleshooting pages, "Error codes"), for
//! administrators who know them and for alerts that were written against them.

use provost_connect::Error;

/// Several accounts in the target match.
pub(super) const SEVERAL: &str = "DuplicateTargetEntries";
/// Several objects of the directory match the same account.
pub(super) const TAKEN: &str = "DuplicateSourceEntries";
/// The linked account is not there any more.
pub(super) const VANISHED: &str = "InvalidAnchor";

/// The word for a target's error.
pub(super) fn word(error: &Error) -> &'static str {
    match error {
        Error::Credential { .. } => "Unauthorized",
        Error::Forbidden { .. } => "InsufficientRights",
        Error::Throttled { .. } => "TooManyRequests",
        Error::Unavailable { .. } => "InternalServerError",
        Error::Rejected { .. } => "UnprocessableEntity",
        Error::Conflict { .. } => "EntryConflict",
        Error::Concurrent { .. } => "Conflict",
        Error::NotFound { .. } => VANISHED,
        Error::QuotaExceeded { .. } => "LicenseLimitExceeded",
        Error::Unsupported { .. } => "NotImplemented",
        Error::Interrupted { .. } | Error::AnswerLost { .. } | Error::Unreachable { .. } => "Timeout",
        Error::Unintelligible { .. } | Error::TooLarge { .. } | Error::Paging { .. } => {
            "SystemForCrossDomainIdentityManagementServiceIncompatible"
        }
        Error::Redirected { .. } | Error::ForeignLink { .. } | Error::AddressRefused { .. } => {
            "WebExceptionProtocolError"
        }
        _ => "InternalError",
    }
}
