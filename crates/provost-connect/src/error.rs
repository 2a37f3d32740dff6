//! What can go wrong with a target, and what may be done about it.

use std::time::Duration;

use crate::cause::Cause;
use crate::{Kind, Refusal};

/// Result of a connector call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a target, named for what the caller can do.
///
/// `Display` is one sentence for an administrator; [`Error::hint`] is the next step. Texts that
/// a target wrote are shortened, freed from control characters and never contain our secrets.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection's settings cannot be used.
    #[error("setting `{field}`: {reason}")]
    Settings {
        /// Name of the setting or secret.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The address is not one that Provost may call (loopback, private network, metadata …).
    #[error("the address {address} of host {host} is not allowed: {reason}")]
    AddressRefused {
        /// Host as configured.
        host: String,
        /// The address that was refused.
        address: String,
        /// The class of address it belongs to.
        reason: &'static str,
    },
    /// A link in an answer leads to another origin; following it would hand the credential over.
    #[error("the target answered with a link to {found}, but this connection belongs to {expected}")]
    ForeignLink {
        /// Origin of the link.
        found: String,
        /// Origin(s) of the connection.
        expected: String,
    },
    /// The host name is not known to the name server of this machine; nothing was sent.
    #[error("the name {host} has no address: {reason}")]
    NameUnknown {
        /// Host as configured.
        host: String,
        /// Cause as the resolver tells it.
        reason: String,
    },
    /// The line could not be protected: a certificate that is not trusted, or no TLS at all.
    /// Nothing was sent.
    #[error("no protected line to {host}: {reason}")]
    Tls {
        /// Host and port.
        host: String,
        /// Cause as the TLS layer tells it.
        reason: String,
    },
    /// No connection could be made; nothing was sent.
    #[error("cannot reach {host}: {reason}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// Cause as the network layer tells it.
        reason: String,
    },
    /// The request was sent but no complete answer came. Repeating it does no harm.
    #[error("{host} did not answer completely: {reason}")]
    Interrupted {
        /// Host and port.
        host: String,
        /// Cause: timeout, connection closed, body cut off.
        reason: String,
    },
    /// A create was sent and its answer was lost: the object may exist. Find it before repeating.
    #[error("the answer to creating a {kind} was lost ({reason}): it may exist now")]
    AnswerLost {
        /// What was being created.
        kind: Kind,
        /// How the answer was lost.
        reason: String,
    },
    /// The answer is larger than a target's answer may be.
    #[error("{host} sent more than {limit} bytes in one answer")]
    TooLarge {
        /// Host and port.
        host: String,
        /// The limit in bytes, after decompression.
        limit: usize,
    },
    /// The answer is not what the protocol asks for: HTML, cut JSON, wrong shape.
    #[error("{host} answered {operation} with {found}")]
    Unintelligible {
        /// Host and port.
        host: String,
        /// What was asked.
        operation: String,
        /// Status, content type and what is wrong.
        found: String,
    },
    /// The target redirects; redirects are never followed.
    #[error("{host} redirects {operation} to {location} (status {status})")]
    Redirected {
        /// Host and port.
        host: String,
        /// What was asked.
        operation: String,
        /// HTTP status.
        status: u16,
        /// Origin and path of the new location.
        location: String,
    },
    /// The credential is refused: wrong, expired, revoked, or for another tenant.
    #[error("{host} refuses the credential: {reason}")]
    Credential {
        /// Host and port.
        host: String,
        /// What the target or its sign-in service says.
        reason: String,
        /// Why, where that is known by name.
        cause: Option<&'static Cause>,
    },
    /// The target is not set up for what this connection is to do: a permission is missing, it is another tenant.
    #[error("{sentence}: {detail}", sentence = cause.sentence)]
    Setup {
        /// What is missing.
        cause: &'static Cause,
        /// What exactly, and what the target says.
        detail: String,
    },
    /// The credential is good but this operation is not allowed (for this object).
    #[error("{operation} is not permitted: {reason}")]
    Forbidden {
        /// What was asked.
        operation: String,
        /// What the target says.
        reason: String,
    },
    /// The target asks for a slower pace and patience ran out.
    #[error("{host} asks to slow down{}", for_how_long(*after))]
    Throttled {
        /// Host and port.
        host: String,
        /// How long it wants to be left alone, if it said so.
        after: Option<Duration>,
    },
    /// The target failed on its side (HTTP 5xx). The write may have happened; repeating is safe.
    #[error("{host} failed at {operation} with status {status}: {reason}")]
    Unavailable {
        /// Host and port.
        host: String,
        /// What was asked.
        operation: String,
        /// HTTP status.
        status: u16,
        /// What the target says.
        reason: String,
        /// `Retry-After`, if given.
        after: Option<Duration>,
    },
    /// The target refuses the values; the same request will be refused again.
    #[error("{operation} was refused: {reason}")]
    Rejected {
        /// What was asked.
        operation: String,
        /// What the target says.
        reason: String,
        /// Target attribute at fault, if the target named one.
        attribute: Option<String>,
    },
    /// Another object holds a value that must be unique.
    #[error("{operation} was refused because {what} is taken{by}",
        what = attribute.as_deref().unwrap_or("a unique value"),
        by = existing.as_deref().map(|id| format!(" by object {id}")).unwrap_or_default())]
    Conflict {
        /// What was asked.
        operation: String,
        /// Target attribute that clashes, if known.
        attribute: Option<String>,
        /// The target's id of the object that holds the value, if known.
        existing: Option<String>,
        /// What the target says.
        reason: String,
    },
    /// The object is not in the target.
    #[error("{operation}: the target has no {kind} {id}")]
    NotFound {
        /// What was asked.
        operation: String,
        /// Kind of object.
        kind: Kind,
        /// The target's id.
        id: String,
    },
    /// Another change got in between (HTTP 409 without conflict of values, 412).
    #[error("{operation} collided with another change")]
    Concurrent {
        /// What was asked.
        operation: String,
    },
    /// The target is full: directory quota, licence count, owner limit.
    #[error("{operation} was refused because a quota is used up: {reason}")]
    QuotaExceeded {
        /// What was asked.
        operation: String,
        /// What the target says.
        reason: String,
    },
    /// The target cannot do this at all.
    #[error("the target does not support {operation}")]
    Unsupported {
        /// What was asked.
        operation: String,
    },
    /// Paging does not come to an end or its place was lost; the read is not complete.
    #[error("the list of {what} could not be read to its end: {reason}", what = plural(*kind))]
    Paging {
        /// What was listed.
        kind: Kind,
        /// What happened.
        reason: String,
    },
    /// This machine cannot make the call: no root certificates, no random numbers.
    #[error("this machine cannot call the target: {reason}")]
    Local {
        /// What failed.
        reason: String,
    },
}

/// What the caller may do after an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Again at once, after the preparation that the variant asks for ([`Error::AnswerLost`]:
    /// find first; [`Error::NotFound`]: forget the link).
    Now,
    /// Again in this cycle, not before this time has passed.
    After(Duration),
    /// Not in this cycle; the object is tried in the next.
    NextCycle,
    /// Not before somebody changes the object, the rule or the target.
    Never,
    /// Nothing on this connection can succeed: stop it and tell the administrator.
    StopConnection,
}

/// Reasons of [`Error::Forbidden`] that no permission helps against: the object is kept somewhere else.
pub(crate) const ELSEWHERE: [&str; 2] = [
    "it is synchronised from a directory on premises, and is changed there",
    "the group is mail-enabled, and only Exchange can change it",
];
/// Pause before a repeat when the target named none. The caller doubles and jitters it.
const PAUSE: Duration = Duration::from_secs(2);
/// Pause after throttling when the target named none (Microsoft Graph throttling guidance asks
/// for exponential backoff; a caller only sees this after the connector's own attempts).
const THROTTLE_PAUSE: Duration = Duration::from_secs(30);

impl Error {
    /// Decides whether and when to try again. The only place where this is decided.
    #[must_use]
    pub fn retry(&self) -> Retry {
        match self {
            Self::AnswerLost { .. } | Self::NotFound { .. } => Retry::Now,
            Self::NameUnknown { .. }
            | Self::Tls { .. }
            | Self::Unreachable { .. }
            | Self::Interrupted { .. }
            | Self::Concurrent { .. } => Retry::After(PAUSE),
            Self::Throttled { after, .. } => Retry::After(after.unwrap_or(THROTTLE_PAUSE)),
            Self::Unavailable { after, .. } => Retry::After(after.unwrap_or(PAUSE)),
            Self::TooLarge { .. } | Self::Unintelligible { .. } | Self::Paging { .. } => Retry::NextCycle,
            Self::Forbidden { .. }
            | Self::Rejected { .. }
            | Self::Conflict { .. }
            | Self::QuotaExceeded { .. }
            | Self::Unsupported { .. } => Retry::Never,
            Self::Settings { .. }
            | Self::AddressRefused { .. }
            | Self::ForeignLink { .. }
            | Self::Redirected { .. }
            | Self::Credential { .. }
            | Self::Setup { .. }
            | Self::Local { .. } => Retry::StopConnection,
        }
    }

    /// A code that stays the same across releases and languages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Settings { .. } => "PRV-CONNECT-SETTINGS",
            Self::AddressRefused { .. } => "PRV-CONNECT-ADDRESS",
            Self::ForeignLink { .. } => "PRV-CONNECT-FOREIGN-LINK",
            Self::NameUnknown { .. } => "PRV-CONNECT-NAME",
            Self::Tls { .. } => "PRV-CONNECT-TLS",
            Self::Unreachable { .. } => "PRV-CONNECT-UNREACHABLE",
            Self::Interrupted { .. } => "PRV-CONNECT-INTERRUPTED",
            Self::AnswerLost { .. } => "PRV-CONNECT-ANSWER-LOST",
            Self::TooLarge { .. } => "PRV-CONNECT-TOO-LARGE",
            Self::Unintelligible { .. } => "PRV-CONNECT-UNINTELLIGIBLE",
            Self::Redirected { .. } => "PRV-CONNECT-REDIRECTED",
            Self::Credential { cause, .. } => cause.map_or("PRV-CONNECT-CREDENTIAL", |cause| cause.code),
            Self::Setup { cause, .. } => cause.code,
            Self::Forbidden { .. } => "PRV-CONNECT-FORBIDDEN",
            Self::Throttled { .. } => "PRV-CONNECT-THROTTLED",
            Self::Unavailable { .. } => "PRV-CONNECT-UNAVAILABLE",
            Self::Rejected { .. } => Refusal::of(self).map_or("PRV-CONNECT-REJECTED", Refusal::code),
            Self::Conflict { .. } => "PRV-CONNECT-CONFLICT",
            Self::NotFound { .. } => "PRV-CONNECT-NOT-FOUND",
            Self::Concurrent { .. } => "PRV-CONNECT-CONCURRENT",
            Self::QuotaExceeded { .. } => "PRV-CONNECT-QUOTA",
            Self::Unsupported { .. } => "PRV-CONNECT-UNSUPPORTED",
            Self::Paging { .. } => "PRV-CONNECT-PAGING",
            Self::Local { .. } => "PRV-CONNECT-LOCAL",
        }
    }

    /// The next step, in a sentence.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Settings { .. } => "Correct the setting in the connection's configuration.",
            Self::AddressRefused { .. } => {
                "If the target really is in your own network, allow private addresses in this connection's settings."
            }
            Self::ForeignLink { .. } => {
                "Check that the connection's URL is the one the target uses for itself; report the link to its vendor."
            }
            Self::NameUnknown { .. } => {
                "Check the spelling of the host in the address, and the name server of this machine."
            }
            Self::Tls { .. } => {
                "Check that the address names the host that the certificate is for, that the certificate has not expired, and that this machine trusts its authority."
            }
            Self::Unreachable { .. } => {
                "Provost tries again by itself; if it stays, check host name, port, firewall, and the target's status page."
            }
            Self::Interrupted { .. } => {
                "Provost tries again by itself; if it stays, check the target and proxies in between."
            }
            Self::AnswerLost { .. } => "Provost looks for the object before it tries again.",
            Self::TooLarge { .. } => "Ask the target's vendor for smaller pages.",
            Self::Unintelligible { .. } => {
                "Check that the URL is the API's base address and not a web page, and that no proxy answers in its place."
            }
            Self::Redirected { .. } => {
                "Enter the final address in the connection's settings; redirects are not followed, because the credential belongs to one host."
            }
            Self::Credential { cause, .. } => cause.map_or(
                "Enter a valid credential in the connection's settings.",
                |cause| cause.hint,
            ),
            Self::Setup { cause, .. } => cause.hint,
            Self::Forbidden { reason, .. } if ELSEWHERE.contains(&reason.as_str()) => {
                "Take the object out of the rule's scope, or change it where it is kept."
            }
            Self::Forbidden { .. } => {
                "Grant the missing permission in the target, or take the object out of scope."
            }
            Self::Throttled { .. } => {
                "Provost waits and goes on; lower the connection's pace if others need the quota."
            }
            Self::Unavailable { .. } => {
                "Provost tries again by itself; check the target's status page if it stays."
            }
            Self::Rejected { .. } => Refusal::of(self).map_or(
                "Correct the value in the directory or the mapping that makes it.",
                Refusal::hint,
            ),
            Self::Conflict { .. } => {
                "Adopt the existing object by a matching attribute, or give one of the two another value."
            }
            Self::NotFound { .. } => "Provost forgets the link and looks for the object anew.",
            Self::Concurrent { .. } => "Provost reads the object again and repeats the change.",
            Self::QuotaExceeded { .. } => "Free or buy capacity in the target.",
            Self::Unsupported { .. } => {
                "Switch the action off, leave the attribute at fault out of the rule, or choose another way to remove access."
            }
            Self::Paging { .. } => {
                "Nothing is removed on the strength of this read; Provost starts it anew in the next cycle."
            }
            Self::Local { .. } => {
                "Install the system's root certificates (package ca-certificates) and check the machine's set-up."
            }
        }
    }

    /// The page of our documentation that explains the failure, from the root of the documentation.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Credential {
                cause: Some(cause), ..
            }
            | Self::Setup { cause, .. } => cause.help,
            _ => "reference/codes.md#what-the-target-answered",
        }
    }

    /// An error of a step before the request itself (getting a token): nothing was sent, so
    /// nothing can have happened.
    #[must_use]
    pub(crate) fn not_sent(self) -> Self {
        match self {
            Self::Interrupted { host, reason } => Self::Unreachable { host, reason },
            Self::Unavailable {
                host,
                operation,
                status,
                reason,
                ..
            } => Self::Unreachable {
                host,
                reason: format!("{operation} failed with status {status}: {reason}"),
            },
            Self::TooLarge { ref host, .. } | Self::Unintelligible { ref host, .. } => Self::Unreachable {
                host: host.clone(),
                reason: self.to_string(),
            },
            other => other,
        }
    }

    /// The same event seen by a create: anything after which the object may exist becomes
    /// [`Error::AnswerLost`].
    #[must_use]
    pub(crate) fn of_create(self, kind: Kind) -> Self {
        match self {
            Self::Interrupted { .. }
            | Self::TooLarge { .. }
            | Self::Unintelligible { .. }
            | Self::Unavailable { .. } => Self::AnswerLost {
                kind,
                reason: self.to_string(),
            },
            other => other,
        }
    }
}

/// How long a target wants to be left alone, where that is long enough to be told.
fn for_how_long(after: Option<Duration>) -> String {
    let seconds = after.map_or(0, |after| after.as_secs());
    match seconds {
        0..60 => String::new(),
        60..7_200 => format!(" and to be left alone for {} minutes", seconds.div_ceil(60)),
        _ => format!(" and to be left alone for {} hours", seconds.div_ceil(3_600)),
    }
}

/// The kind in running text, many of them.
pub(crate) fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "people",
        Kind::Group => "groups",
    }
}

/// A target's own words, made fit for a log line and a page: no control characters, one line, at
/// most 300 characters.
pub(crate) fn quote(text: &str) -> String {
    const LIMIT: usize = 300;
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == LIMIT {
            out.push('…');
            break;
        }
        out.push(if c.is_control() { ' ' } else { c });
    }
    out.trim().to_owned()
}
