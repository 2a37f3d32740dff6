//! `provost log`: the provisioning log.

pub(super) mod csv;
mod export;
mod keep;
pub(super) mod show;

pub(super) use export::until_closed;

use super::{Place, who};
use crate::clock::{self, Validity};
use crate::failure::{self, Failure};
use crate::hub::Hub;
use anyhow::{Result, bail};
use jiff::Timestamp;
use provost_store::provisioning_log::Asked;

/// What happened to each object in each target, newest first
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Log {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    show: show::Show,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    /// Write what fits as JSON lines, or as three CSV files that are joined by the change's id
    Export(Box<export::Export>),
    /// Show or change for how many days the log is kept
    Keep(keep::Keep),
}

/// Which lines are meant.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Search {
    /// Only of this connection
    name: Option<String>,
    /// Only about this person or group, also one that is gone
    #[arg(long, value_name = "WHO")]
    person: Option<String>,
    /// Only this action: create, update, disable, restore, delete, "add member", "remove member", …
    #[arg(long)]
    action: Option<String>,
    /// Only with this status
    #[arg(long, value_parser = ["success", "failure", "skipped", "warning"])]
    status: Option<String>,
    /// Only with this code, such as PRV-CONNECT-CONFLICT
    #[arg(long)]
    code: Option<String>,
    /// Only lines about an object whose id this is, or with this in the name, the reason or the detail
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
    /// Only since: 30m, 12h, 7d ago, or a time such as 2026-01-05T09:00:00Z
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only until, in the same form
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// Only of this cycle, by its key from `provost cycle list`
    #[arg(long, value_name = "KEY")]
    cycle: Option<i64>,
}

/// A time: so long ago, or by the calendar.
#[derive(Debug, Clone, Copy)]
enum Moment {
    Ago(Validity),
    At(i64),
}

impl Moment {
    fn millis(self) -> Option<i64> {
        match self {
            Moment::Ago(long) => long.began(clock::now()),
            Moment::At(at) => Some(at),
        }
    }
}

impl std::str::FromStr for Moment {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(long) = text.parse::<Validity>() {
            return Ok(Moment::Ago(long));
        }
        match text.parse::<Timestamp>() {
            Ok(at) => Ok(Moment::At(at.as_millisecond())),
            Err(_) => {
                bail!("write how long ago, such as 30m, 12h or 7d, or a time such as 2026-01-05T09:00:00Z")
            }
        }
    }
}

impl Log {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let hub = Hub::open(place).await?;
        let done = match self.task {
            None => self.show.run(place, &hub).await,
            Some(Task::Export(export)) => export.run(place, &hub).await,
            Some(Task::Keep(keep)) => keep.run(place, &hub).await,
        };
        hub.close();
        done
    }
}

impl Search {
    /// The question to the store.
    ///
    /// # Errors
    /// When a connection or a person is not known, or the end lies before the beginning.
    async fn asked(&self, hub: &Hub, before: Option<i64>, limit: usize) -> Result<Asked> {
        let connection = match &self.name {
            Some(name) => Some(hub.connection(name).await?.key),
            None => None,
        };
        let object = match &self.person {
            Some(text) => Some(who::present_or_gone(hub, text).await?.key),
            None => None,
        };
        let millis = |moment: Option<Moment>| moment.and_then(Moment::millis);
        let (since, until) = (millis(self.since), millis(self.until));
        if since.zip(until).is_some_and(|(since, until)| since >= until) {
            let hint = "--since is the earlier time, --until the later one.";
            let wrong = Failure::new("the end of the search lies before its beginning", hint);
            return Err(wrong.with_status(failure::USAGE).into());
        }
        Ok(Asked {
            connection,
            cycle: self.cycle,
            object,
            action: self.action.as_ref().map(|text| text.replace('_', " ")),
            status: self.status.clone(),
            code: self.code.clone(),
            text: self.find.clone(),
            since,
            until,
            before_key: before,
            limit,
        })
    }
}
