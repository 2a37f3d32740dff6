//! The command line: one file for each noun.

mod administrator;
mod api_token;
mod apply;
mod assign;
mod attribute;
mod audit;
mod backup;
mod change;
mod client;
mod completions;
mod config;
mod connection;
mod consent;
mod credential;
mod cycle;
mod demo;
mod discover;
mod doubt;
mod drift;
mod entra;
mod explain;
mod expr;
mod federation;
mod field;
mod group;
mod guide;
mod identifier;
mod import;
pub(crate) mod init;
mod leaver;
mod licence;
mod link;
mod log;
mod microsoft_365;
mod migration;
mod mode;
mod notify;
mod own;
mod person;
mod plan;
mod problem;
mod protect;
mod provider;
mod provision;
mod question;
mod reference;
mod report;
mod request;
mod retry;
mod rule;
mod schema;
mod scim;
pub(crate) mod serve;
mod setting;
mod setup_link;
mod signin_provider;
mod sim;
mod staged;
mod status;
mod takeover;
mod team;
mod template;
mod token;
mod undo;
mod who;
mod workspace;

use crate::config::{Format, Level, Log};
use crate::{failure, logging};
use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXIT_STATUS: &str = "\
Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 the audit log is broken (audit verify),
4 something is in the way that passes: try again, 130 interrupted a second time.
Standard output carries the answer alone; progress, log and errors go to standard error.";

/// Self-hosted identity provisioning: takes people and groups in by SCIM and makes every connected application agree.
#[derive(Debug, Parser)]
#[command(name = "provost", version, about, after_help = EXIT_STATUS, disable_help_subcommand = true, max_term_width = 110)]
pub(crate) struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Place {
    /// The data folder: configuration, key and embedded database [default: provost-data]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "PROVOST_DATA",
        hide_env = true
    )]
    data: Option<PathBuf>,
    /// The workspace to work in; needed when there are several
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "PROVOST_WORKSPACE",
        hide_env = true
    )]
    pub workspace: Option<String>,
    /// Answer with JSON
    #[arg(long, global = true)]
    pub json: bool,
}

impl Place {
    /// The data folder.
    pub fn data(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new("provost-data"))
    }

    /// The same place, in this folder unless another was named.
    pub fn or_in(&self, folder: &str) -> Self {
        Self {
            data: Some(self.data.clone().unwrap_or_else(|| folder.into())),
            ..self.clone()
        }
    }

    /// The same place, in this workspace.
    pub fn in_workspace(&self, name: &str) -> Self {
        Self {
            workspace: Some(name.to_owned()),
            ..self.clone()
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// See it work: a sample company goes into a simulated Microsoft 365 and into a SCIM application
    ///
    /// Starts the hub, a simulated Microsoft 365 and a SCIM application in one process, loads the sample
    /// company Contoso through the SCIM endpoint, provisions it into both, lets one person join, one move and
    /// one leave, and compares. Interrupted at any point, it goes on where it stopped when it is started again.
    /// Its folder is provost-demo unless another is named.
    Demo(demo::Demo),
    /// Make the data folder with configuration, key, database and a workspace
    ///
    /// Run again, it adds what is missing and changes nothing that is there.
    Init(init::Init),
    /// Serve SCIM and the console, and keep every connection going
    ///
    /// Prints `ready URL` on standard output once requests are answered and, as long as the installation never had
    /// an owner, `owner URL`: a link that makes the first one. Ctrl-C or SIGTERM ends it when the requests and
    /// cycles under way are done.
    Serve(serve::Serve),
    /// The containers of the installation: one organisation each
    #[command(subcommand)]
    Workspace(workspace::Workspace),
    /// Who pushes people and groups in
    #[command(subcommand)]
    Provider(provider::Provider),
    /// Tokens of inbound providers
    #[command(subcommand)]
    Token(token::Token),
    /// OAuth clients of inbound providers
    #[command(subcommand)]
    Client(client::Client),
    /// Pages that lead a customer's administrator through the set-up of an inbound provider
    #[command(subcommand)]
    SetupLink(setup_link::Link),
    /// The tenant of Microsoft Entra that an inbound provider belongs to
    #[command(subcommand)]
    Consent(consent::Consent),
    /// What a workspace is divided into
    #[command(subcommand)]
    Team(team::Team),
    /// What the workspace keeps of people and groups beyond the standard
    #[command(subcommand)]
    Schema(schema::Schema),
    /// The people of the directory
    #[command(subcommand)]
    Person(Box<person::Person>),
    /// The groups of the directory, and who is in them
    #[command(subcommand)]
    Group(group::Group),
    /// Providers that want a person whom another one has
    #[command(subcommand)]
    Takeover(takeover::Takeover),
    /// What inbound providers sent and what it meant
    #[command(subcommand)]
    Request(request::Request),
    /// Files that drive the directory: records of a personnel system
    #[command(subcommand)]
    Import(import::Import),
    /// The applications that people and groups are provisioned into
    #[command(subcommand)]
    Connection(connection::Connection),
    /// Microsoft 365 tenants that are moved to Provost: from the application to the federated domain
    #[command(subcommand, name = "microsoft-365")]
    Microsoft365(Box<microsoft_365::Microsoft365>),
    /// Whose the accounts of a Microsoft 365 tenant are
    #[command(subcommand)]
    Identifier(Box<identifier::Identifier>),
    /// The window in which people of a Microsoft 365 tenant sign in at both sides
    #[command(subcommand)]
    Migration(Box<migration::Migration>),
    /// The switch of a Microsoft 365 domain, the checks before it, and the roll-back
    #[command(subcommand)]
    Federation(Box<federation::Federation>),
    /// What a connection can begin from: attributes, mappings and settings of applications
    #[command(subcommand, name = "template")]
    Templates(template::Templates),
    /// Who is provisioned, and with which attributes
    #[command(subcommand)]
    Rule(rule::Rule),
    /// What a target keeps of people and groups: types, limits, who may write it
    #[command(subcommand)]
    Attribute(attribute::Attribute),
    /// Expressions of mappings: tried for a person, and looked up
    #[command(subcommand)]
    Expr(expr::Expr),
    /// Synchronization schemas of Microsoft Entra: taken over, and given back
    #[command(subcommand)]
    Entra(entra::Entra),
    /// Mean people, and groups for their members, by a connection
    Assign(assign::Assign),
    /// Mean them no longer
    Unassign(assign::Unassign),
    /// Who is assigned to a connection
    Assignments(assign::Assignments),
    /// Show what the next cycle would do, or keep it to be approved and applied
    Plan(plan::Plan),
    /// Carry out a kept plan: exactly that, or nothing
    Apply(apply::Apply),
    /// Runs of a connection
    #[command(subcommand)]
    Cycle(cycle::Cycle),
    /// Take back what a cycle switched off
    Undo(undo::Undo),
    /// Provision one person, or a group with chosen members, now, and show each step
    Provision(provision::Provision),
    /// Everything that is wrong, oldest first
    #[command(subcommand)]
    Problem(problem::Problem),
    /// How far people and groups are synchronised: impacted, success, unsynced, partially synced, failed
    Status(status::Status),
    /// Products of a target: seats used, planned and short, and who has them
    #[command(subcommand)]
    Licence(licence::Licence),
    /// Take back what a person who leaves has in a target
    #[command(subcommand)]
    Leaver(leaver::Leaver),
    /// Who may be meant in a target, where somebody has to decide
    #[command(subcommand)]
    Doubt(doubt::Doubt),
    /// Steps that wait until somebody decides
    #[command(subcommand)]
    Staged(staged::Staged),
    /// People and groups that nothing removes without a decision
    #[command(subcommand)]
    Protect(protect::Protect),
    /// Which account belongs to whom
    #[command(subcommand)]
    Link(link::Link),
    /// List the target to its end, and keep what nobody owns
    Discover(discover::Discover),
    /// What the target has and nobody owns
    Unowned(discover::Unlinked),
    /// What a reconcile found changed in the target
    #[command(subcommand)]
    Drift(drift::Drift),
    /// Steps that failed and are tried again
    #[command(subcommand)]
    Retry(retry::Retry),
    /// Everything known of a person or group: what came in, what each rule makes of it, what was done
    Explain(explain::Explain),
    /// What happened to each object in each target, newest first
    Log(Box<log::Log>),
    /// Who did what in Provost
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The configuration: checked, and connections as files with versions
    #[command(subcommand)]
    Config(config::Config),
    /// What ends when: secrets, tokens and clients of both directions
    #[command(subcommand)]
    Credential(credential::Credential),
    /// Copies of the database
    #[command(subcommand)]
    Backup(backup::Backup),
    /// What was signed off in the guides of the console
    #[command(subcommand)]
    Guide(guide::Guide),
    /// Mail when something needs a person
    #[command(subcommand)]
    Notify(notify::Notify),
    /// Who signs in to the console, and what they may do there
    #[command(subcommand)]
    Administrator(administrator::Administrators),
    /// Systems that administrators may sign in with
    #[command(subcommand)]
    SigninProvider(signin_provider::Provider),
    /// Tokens of the admin API and of the metrics
    #[command(subcommand)]
    ApiToken(api_token::Token),
    /// Systems to try Provost with
    #[command(subcommand)]
    Sim(sim::Sim),
    /// SCIM servers, our own and others
    #[command(subcommand)]
    Scim(scim::Scim),
    /// Print every command with its arguments as one page: Markdown, or JSON with --json
    Reference(reference::Reference),
    /// Print a completion script for a shell
    Completions(completions::Completions),
}

/// Reads the command line, runs the command, and says how the process ends.
pub(crate) fn run() -> ExitCode {
    let cli = Cli::parse();
    let as_json = cli.place.json;
    match start(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error, as_json),
    }
}

fn start(cli: Cli) -> Result<()> {
    if !matches!(cli.command, Command::Serve(_)) {
        // A command's answer is its output; the log only speaks when somebody has to act.
        logging::start(&Log {
            level: Level::Error,
            format: Format::Text,
        })?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("cannot start the threads of the program")?;
    runtime.block_on(dispatch(cli.command, &cli.place))
}

async fn dispatch(command: Command, place: &Place) -> Result<()> {
    match command {
        Command::Demo(command) => command.run(place).await,
        Command::Init(command) => command.run(place).await,
        Command::Serve(command) => command.run(place).await,
        Command::Workspace(command) => command.run(place).await,
        Command::SetupLink(command) => command.run(place).await,
        Command::Consent(command) => command.run(place).await,
        Command::Group(command) => command.run(place).await,
        Command::Problem(command) => command.run(place).await,
        Command::Credential(command) => command.run(place).await,
        Command::Backup(command) => command.run(place).await,
        Command::Guide(command) => command.run(place).await,
        Command::SigninProvider(command) => command.run(place).await,
        Command::Reference(command) => command.run(place),
        Command::Provider(command) => command.run(place).await,
        Command::Token(command) => command.run(place).await,
        Command::Client(command) => command.run(place).await,
        Command::Team(command) => command.run(place).await,
        Command::Schema(command) => command.run(place).await,
        Command::Person(command) => command.run(place).await,
        Command::Takeover(command) => command.run(place).await,
        Command::Request(command) => command.run(place).await,
        Command::Import(command) => command.run(place).await,
        Command::Connection(command) => command.run(place).await,
        Command::Microsoft365(command) => command.run(place).await,
        Command::Identifier(command) => command.run(place).await,
        Command::Migration(command) => command.run(place).await,
        Command::Federation(command) => command.run(place).await,
        Command::Expr(command) => command.run(place).await,
        Command::Entra(command) => command.run(place).await,
        Command::Templates(command) => command.run(place),
        Command::Rule(command) => command.run(place).await,
        Command::Attribute(command) => command.run(place),
        Command::Status(command) => command.run(place).await,
        Command::Licence(command) => command.run(place).await,
        Command::Leaver(command) => command.run(place).await,
        Command::Doubt(command) => command.run(place).await,
        Command::Assign(command) => command.run(place).await,
        Command::Unassign(command) => command.run(place).await,
        Command::Assignments(command) => command.run(place).await,
        Command::Plan(command) => command.run(place).await,
        Command::Apply(command) => command.run(place).await,
        Command::Cycle(command) => command.run(place).await,
        Command::Undo(command) => command.run(place).await,
        Command::Provision(command) => command.run(place).await,
        Command::Staged(command) => command.run(place).await,
        Command::Protect(command) => command.run(place).await,
        Command::Link(command) => command.run(place).await,
        Command::Discover(command) => command.run(place).await,
        Command::Unowned(command) => command.run(place).await,
        Command::Drift(command) => command.run(place).await,
        Command::Retry(command) => command.run(place).await,
        Command::Explain(command) => command.run(place).await,
        Command::Log(command) => command.run(place).await,
        Command::Audit(command) => command.run(place).await,
        Command::Config(command) => command.run(place).await,
        Command::Notify(command) => command.run(place).await,
        Command::Administrator(command) => command.run(place).await,
        Command::ApiToken(command) => command.run(place).await,
        Command::Sim(command) => command.run(place).await,
        Command::Scim(command) => command.run(place).await,
        Command::Completions(command) => command.run(),
    }
}

#[cfg(test)]
mod tests;
