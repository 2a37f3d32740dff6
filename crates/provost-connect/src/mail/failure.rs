//! Why a mail was not sent, for the person who set the mail server up.

/// What went wrong, by what can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The settings cannot be used.
    Settings,
    /// The address is one that is not called, or not without protection.
    Address,
    /// The host name is not known.
    Name,
    /// No connection came about.
    Unreachable,
    /// The line could not be protected: no STARTTLS, or a certificate that is not trusted.
    Tls,
    /// The server refuses the user or the password.
    SignIn,
    /// The server refuses an address or the message, for good.
    Refused,
    /// The server refuses for now (a 4xx reply).
    Busy,
    /// The connection broke off or the deadline passed; the mail may have been sent.
    Interrupted,
    /// The message cannot be written: an address that is none.
    Message,
}

/// A mail that was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Failure {
    /// What went wrong.
    pub cause: Cause,
    /// Host and port of the mail server.
    pub place: String,
    /// The cause as the network or the server tells it; one line, no secret.
    pub reason: String,
}

impl Failure {
    pub(super) fn new(cause: Cause, place: impl Into<String>, reason: impl AsRef<str>) -> Self {
        Self {
            cause,
            place: place.into(),
            reason: crate::error::quote(reason.as_ref()),
        }
    }

    /// A code that stays the same across releases and languages.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.cause {
            Cause::Settings => "PRV-MAIL-SETTINGS",
            Cause::Address => "PRV-MAIL-ADDRESS",
            Cause::Name => "PRV-MAIL-NAME",
            Cause::Unreachable => "PRV-MAIL-UNREACHABLE",
            Cause::Tls => "PRV-MAIL-TLS",
            Cause::SignIn => "PRV-MAIL-SIGN-IN",
            Cause::Refused => "PRV-MAIL-REFUSED",
            Cause::Busy => "PRV-MAIL-BUSY",
            Cause::Interrupted => "PRV-MAIL-INTERRUPTED",
            Cause::Message => "PRV-MAIL-MESSAGE",
        }
    }

    /// The next step, in a sentence.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self.cause {
            Cause::Settings => "Correct the mail settings.",
            Cause::Address => {
                "Use STARTTLS or TLS; without protection only this machine and private networks are allowed."
            }
            Cause::Name => "Check the spelling of the host, and the name server of this machine.",
            Cause::Unreachable => {
                "Check host, port and the firewall; many networks block port 25, so try 587 with STARTTLS."
            }
            Cause::Tls => {
                "Check that the port fits the kind of protection (587 STARTTLS, 465 TLS) and that the certificate names this host; add the organisation's own authority under `trusted`."
            }
            Cause::SignIn => {
                "Enter user and password again; many providers ask for an application password or have to allow SMTP sign-in."
            }
            Cause::Refused => {
                "Check the sender's and the recipient's address with the mail server's administrator."
            }
            Cause::Busy => "It is tried again later; nothing has to be done unless it stays.",
            Cause::Interrupted => "It is tried again later; check the mail server if it stays.",
            Cause::Message => "Correct the address.",
        }
    }

    /// Whether the same mail may be accepted later without anybody changing anything.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(
            self.cause,
            Cause::Name | Cause::Unreachable | Cause::Busy | Cause::Interrupted
        )
    }

    fn sentence(&self) -> String {
        let (place, reason) = (&self.place, &self.reason);
        match self.cause {
            Cause::Settings => format!("the mail settings cannot be used: {reason}"),
            Cause::Address => format!("the mail server {place} is not called: {reason}"),
            Cause::Name => format!("the mail server {place} has no address: {reason}"),
            Cause::Unreachable => format!("the mail server {place} cannot be reached: {reason}"),
            Cause::Tls => format!("the line to the mail server {place} cannot be protected: {reason}"),
            Cause::SignIn => format!("the mail server {place} refuses the sign-in: {reason}"),
            Cause::Refused => format!("the mail server {place} refuses the mail: {reason}"),
            Cause::Busy => format!("the mail server {place} does not take the mail now: {reason}"),
            Cause::Interrupted => format!("the mail server {place} did not answer to the end: {reason}"),
            Cause::Message => format!("the mail cannot be written: {reason}"),
        }
    }
}
