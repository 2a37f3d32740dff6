//! `provost sim`: systems to try Provost with.

use super::Place;
use crate::output;
use crate::stop::Stop;
use anyhow::{Context as _, Result};
use m365_sim::{Model, Settings, Simulator};
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Systems to try Provost with, on this machine.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Sim {
    /// A Microsoft 365: Entra's token endpoint and Graph, with its throttling, delays and errors
    #[command(name = "microsoft-365")]
    Microsoft365(Microsoft365),
}

/// How the simulated tenant behaves.
#[derive(Debug, clap::Args)]
pub(crate) struct Microsoft365 {
    /// The address and port to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:4010", value_name = "ADDR")]
    listen: SocketAddr,
    /// A file that keeps the tenant's state over a restart; without it, everything is in memory
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// How the request budget is counted
    #[arg(long, value_enum, default_value = "none")]
    throttle: Throttle,
    /// Serves a page at /_sim and a control interface below it, to callers on this machine: change settings, order faults, save and load
    #[arg(long)]
    control: bool,
}

/// How the request budget is counted.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Throttle {
    /// No limits
    None,
    /// A bucket that refills evenly
    TokenBucket,
    /// At most that many in any stretch of time
    SlidingWindow,
}

impl Sim {
    /// Runs the command.
    pub async fn run(self, place: &Place) -> Result<()> {
        let Sim::Microsoft365(tenant) = self;
        tenant.run(place.json).await
    }
}

impl Microsoft365 {
    async fn run(self, as_json: bool) -> Result<()> {
        let mut settings = Settings {
            journal: self.journal,
            control: self.control,
            ..Settings::contoso()
        };
        settings.throttle.model = match self.throttle {
            Throttle::None => Model::None,
            Throttle::TokenBucket => Model::TokenBucket,
            Throttle::SlidingWindow => Model::SlidingWindow,
        };
        let simulator = Simulator::new(settings).context("cannot open the simulated tenant")?;
        let listener = tokio::net::TcpListener::bind(self.listen)
            .await
            .with_context(|| format!("cannot listen on {}", self.listen))?;
        let stop = Stop::listen();
        announce(
            &format!("http://{}", listener.local_addr()?),
            self.control,
            as_json,
        )?;
        tokio::select! {
            ended = simulator.serve(listener) => ended.context("the simulated tenant cannot go on"),
            () = stop.asked() => Ok(()),
        }
    }
}

/// Says how to reach the tenant: one line of JSON, or a text.
fn announce(url: &str, control: bool, as_json: bool) -> Result<()> {
    let (tenant, id, secret) = (
        Settings::CONTOSO_TENANT,
        Settings::CONTOSO_CLIENT_ID,
        Settings::CONTOSO_CLIENT_SECRET,
    );
    if as_json {
        let answer = json!({
            "url": url, "tenant": tenant, "client_id": id, "client_secret": secret, "login_url": url, "graph_url": url,
        });
        return output::line(answer.to_string());
    }
    let look = if control {
        format!("{url}/_sim (a page) and {url}/_sim/control")
    } else {
        format!("{url}/_sim/state")
    };
    output::line(format!(
        "A simulated Microsoft 365 at {url}\n\n\
         SECRET='{secret}' provost connection add \"Microsoft 365\" --connector graph --template microsoft-365 --yes \\\n  \
         --setting tenant={tenant} --setting client_id={id} \\\n  \
         --setting graph_url={url} --setting login_url={url} --setting allow_private_network=true \\\n  \
         --secret-env client_secret=SECRET\n\n\
         What it holds: {look}. Ctrl-C ends it."
    ))
}
