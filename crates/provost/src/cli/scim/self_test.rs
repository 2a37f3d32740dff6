//! `provost scim self-test`: the checks of `provost_connect::scim::self_test`, and how their report is shown.

use super::text;
use crate::cli::Place;
use crate::failure::Failure;
use crate::output;
use crate::progress;
use crate::stop::Stop;
use anyhow::{Context as _, Result};
use provost_connect::Secret;
use provost_connect::http::Factory;
use provost_connect::scim::self_test::{self, Credential, Options, Profile, Report, Server, Verdict, Watch};
use std::io::Read as _;
use std::path::PathBuf;

/// The most that a credential may hold, in bytes.
const LIMIT: u64 = 64 * 1024;

/// What is asked of which server.
#[derive(Debug, clap::Args)]
pub(crate) struct SelfTest {
    /// The server's base address, such as https://application.contoso.example/scim/v2
    url: String,
    #[command(flatten)]
    secret: From,
    /// Sign in with HTTP Basic under this name; the credential is then its password
    #[arg(long, value_name = "NAME")]
    basic: Option<String>,
    /// Whose validator is played
    #[arg(long, value_enum, default_value = "all")]
    profile: Validator,
    /// Allow plain http and addresses in private networks
    #[arg(long)]
    allow_private_network: bool,
    /// Leave the test people and groups on the server, to look at them
    #[arg(long)]
    keep: bool,
    /// The domain of the test people's names and addresses
    #[arg(long, value_name = "DOMAIN", default_value = "contoso.example")]
    domain: String,
}

/// Where the credential is read from.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct From {
    /// Read the credential from this environment variable
    #[arg(long, value_name = "VARIABLE")]
    token_env: Option<String>,
    /// Read the credential from this file
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// Whose validator is played.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Validator {
    /// Microsoft Entra's, and the protocol
    Entra,
    /// Okta's, and the protocol
    Okta,
    /// Both
    All,
}

impl SelfTest {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let secret = self.secret.read()?;
        let server = Server {
            url: self.url,
            credential: match self.basic {
                Some(user) => Credential::Basic {
                    user,
                    password: secret,
                },
                None => Credential::Bearer(secret),
            },
            allow_private_network: self.allow_private_network,
        };
        let options = Options {
            profile: match self.profile {
                Validator::Entra => Profile::Entra,
                Validator::Okta => Profile::Okta,
                Validator::All => Profile::All,
            },
            keep: self.keep,
            domain: self.domain,
        };
        let report = carry_out(&server, &options).await?;
        output::either(place.json, &report, || text::of(&report))?;
        judge(&report)
    }
}

/// Runs the checks behind a bar. Ctrl-C ends them in good order: what was made is deleted first.
async fn carry_out(server: &Server, options: &Options) -> Result<Report> {
    let stop = Stop::listen().receiver();
    let bar = progress::bar("self-test");
    let watch = Watch {
        progress: &|done, total, title| {
            bar.set_length(total as u64);
            bar.set_position(done as u64);
            bar.set_message(title.to_owned());
        },
        stopped: &|| *stop.borrow(),
    };
    let report = self_test::run(server, options, &Factory::new(), &watch).await;
    bar.finish_and_clear();
    report.context("the self-test cannot begin")
}

fn judge(report: &Report) -> Result<()> {
    if report.is_good() {
        return Ok(());
    }
    let failed = report.count(Verdict::Fail);
    let sentence = match failed {
        0 => "no check could be carried out".to_owned(),
        failed => format!(
            "{} failed",
            output::count(failed as i128, "required check", "required checks")
        ),
    };
    Err(Failure::new(
        sentence,
        "The report says for each of them what came and what to do about it.",
    )
    .into())
}

impl From {
    fn read(&self) -> Result<Secret> {
        let (text, place) = match (&self.token_env, &self.token_file) {
            (Some(variable), _) => (
                variable_of(variable)?,
                format!("the environment variable {variable}"),
            ),
            (None, Some(file)) => {
                let mut text = String::new();
                let opened = std::fs::File::open(file);
                opened
                    .and_then(|opened| opened.take(LIMIT).read_to_string(&mut text))
                    .with_context(|| format!("cannot read the credential from {}", file.display()))?;
                (text, format!("the file {}", file.display()))
            }
            // The command line asks for one of the two.
            (None, None) => (String::new(), "the command line".to_owned()),
        };
        let text = text.trim();
        if text.is_empty() {
            let hint = "Put the token that the server made for its client there.";
            return Err(Failure::new(format!("{place} holds no credential"), hint).into());
        }
        Ok(Secret::new(text))
    }
}

fn variable_of(variable: &str) -> Result<String> {
    std::env::var(variable).map_err(|_| {
        let hint = format!("Set it to the credential, then run the command again: export {variable}=…");
        Failure::new(format!("the environment variable {variable} is not set"), hint).into()
    })
}
