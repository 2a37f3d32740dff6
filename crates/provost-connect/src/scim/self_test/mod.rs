//! The self-test: what the test tools of Microsoft Entra and Okta ask of a SCIM server, asked of any.
//!
//! Sources: Microsoft Learn "Validate a SCIM endpoint" and "Develop and plan provisioning for a SCIM
//! endpoint", Okta "Test your SCIM API" with its published test collections, and RFC 7643, 7644, 9865.
//!
//! Every check makes its own people and groups, named `provost-self-test-…`, and deletes them when it
//! is over, whatever its outcome. Only ids that a create of this run returned under such a name are
//! ever written to; what else the server holds is read at most in lists and never shown.

mod call;
mod case;
mod check;
mod knowledge;
mod ledger;
mod line;
mod reply;
mod report;
mod sample;
mod session;
mod shown;

use std::time::Duration;

use crate::http::{Deadlines, Factory};
use crate::{Result, Secret};

use self::check::Check;
pub use self::check::{Group, Level};
pub use self::report::{Cleanup, Exchange, Finding, Left, Report, Verdict};
use self::session::Session;

/// The longest that one request of the self-test may take.
const CALL: Duration = Duration::from_secs(30);

/// How the server is reached.
#[derive(Debug, Clone)]
pub struct Server {
    /// The base address, such as `https://application.contoso.example/scim/v2`. A query in it is
    /// left out: the checks add `aadOptscim062020` themselves where it belongs.
    pub url: String,
    /// How requests are let in.
    pub credential: Credential,
    /// Whether private, loopback and link-local addresses and plain http are allowed.
    pub allow_private_network: bool,
}

/// How requests are let in.
#[derive(Debug, Clone)]
pub enum Credential {
    /// A bearer token (RFC 6750).
    Bearer(Secret),
    /// HTTP Basic (RFC 7617).
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
}

/// Whose validator is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Microsoft Entra's, and the protocol.
    Entra,
    /// Okta's, and the protocol.
    Okta,
    /// Both.
    All,
}

/// What is run, and what is left behind.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whose validator is played.
    pub profile: Profile,
    /// Leave what was made on the server, to look at it.
    pub keep: bool,
    /// The domain of the test people's names and addresses.
    pub domain: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profile: Profile::All,
            keep: false,
            domain: "contoso.example".to_owned(),
        }
    }
}

/// Who looks on, and may end the run early.
pub struct Watch<'a> {
    /// Called before each check: how many are done, how many there are, and the check's title.
    pub progress: &'a (dyn Fn(usize, usize, &str) + Sync),
    /// Asked before each check; when it says so, the rest is skipped and what was made is deleted.
    pub stopped: &'a (dyn Fn() -> bool + Sync),
}

/// Runs the checks against a server.
///
/// # Errors
/// When the very first request cannot be made or gets no answer: [`crate::Error::Settings`],
/// [`crate::Error::AddressRefused`], [`crate::Error::Unreachable`] and the like. Everything that the
/// server does wrong is a [`Finding`], not an error.
pub async fn run(server: &Server, options: &Options, http: &Factory, watch: &Watch<'_>) -> Result<Report> {
    let deadlines = Deadlines {
        call: CALL,
        ..http.deadlines()
    };
    let http = http.clone().with_deadlines(deadlines);
    let started = tokio::time::Instant::now();
    let mut session = Session::open(server, options, &http)?;
    let checks: Vec<&Check> = case::all()
        .filter(|check| check.group.belongs_to(options.profile))
        .collect();
    let mut findings = Vec::with_capacity(checks.len());
    let mut closed = None;
    for (done, check) in checks.iter().enumerate() {
        (watch.progress)(done, checks.len(), check.title);
        if closed.is_none() && (watch.stopped)() {
            closed = Some("the self-test was stopped");
        }
        if let Some(reason) = closed {
            findings.push(check.skipped(reason));
            continue;
        }
        let (finding, lost) = session.carry_out(check).await;
        if let (0, Some(error)) = (done, lost) {
            return Err(error);
        }
        closed = session.why_closed(check, &finding);
        findings.push(finding);
    }
    let cleanup = session.finish(options.keep).await;
    // The last checks look back at the whole run, but belong to the protocol.
    findings.sort_by_key(|finding: &Finding| finding.group);
    Ok(Report {
        url: session.line.base(),
        profile: options.profile,
        requests: session.line.requests,
        took: started.elapsed(),
        findings,
        cleanup,
    })
}
